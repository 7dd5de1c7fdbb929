"""Which factors prove something: of a kind that can be asked for, not removed, not new."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.evidence import Method
from bot.methods import usable
from bot.rules import ProofRules
from okta.models import Factor

NOW = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)
OLD = NOW - timedelta(days=400)
EVERY = ProofRules(methods=frozenset(Method))


def factor(
    kind: str, provider: str = "OKTA", *, created: datetime | None = OLD, updated: datetime | None = OLD
) -> Factor:
    """A factor in use, whose id is its kind."""
    return Factor(id=kind, factor_type=kind, provider=provider, status="ACTIVE", created=created, last_updated=updated)


PUSH, CODE, FASTPASS = factor("push"), factor("token:software:totp"), factor("signed_nonce")
SMS, EMAIL, KEY = factor("sms"), factor("email"), factor("webauthn", "FIDO")


def test_the_best_comes_first() -> None:
    """And what cannot be asked for does not come at all."""
    assert usable((EMAIL, KEY, SMS, CODE, FASTPASS, PUSH), frozenset(), EVERY, NOW) == (PUSH, CODE, SMS, EMAIL)
    assert usable((EMAIL, SMS, CODE, PUSH), frozenset(), ProofRules(), NOW) == (PUSH, CODE)


@pytest.mark.parametrize("removed", [PUSH, CODE, FASTPASS])
def test_okta_verify_is_one(removed: Factor) -> None:
    """Whichever part of it is removed; another app's code is another app's."""
    google = factor("token:software:totp", "GOOGLE")

    assert usable((PUSH, CODE, FASTPASS, SMS), frozenset({removed.id}), EVERY, NOW) == (SMS,)
    assert usable((PUSH, google), frozenset({"push"}), EVERY, NOW) == (google,)


def test_what_cannot_be_seen_proves_nothing() -> None:
    """Nor what has no age."""
    assert usable(None, frozenset(), EVERY, NOW) == ()
    assert usable((factor("push", created=None),), frozenset(), EVERY, NOW) == ()
    assert usable((factor("sms", updated=None),), frozenset(), EVERY, NOW) == ()


@given(st.timedeltas(min_value=timedelta(hours=-1), max_value=timedelta(hours=80)), st.integers(1, 72))
def test_a_day_old_by_default(age: timedelta, hours: int) -> None:
    """An app by when it was set up; a message also by when its number or address last changed."""
    rules = ProofRules(methods=frozenset(Method), fresh=timedelta(hours=hours))
    counts = age >= timedelta(hours=hours)
    for one in (
        factor("push", created=NOW - age),
        factor("sms", updated=NOW - age),
        factor("email", created=NOW - age),
    ):
        assert bool(usable((one,), frozenset(), rules, NOW)) == counts
    assert usable((factor("push", updated=NOW - age),), frozenset(), rules, NOW)
