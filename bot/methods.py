"""Which of somebody's factors can prove who they are, for one request and now. Pure.

Not every factor that Okta has: FastPass and WebAuthn answer to the place one signs in at, and cannot be asked for through this
API (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/, operation verifyFactor). And not
every factor that is there: whoever has stolen a session may have enrolled one a moment ago, and one that is about to be
removed because the phone is lost is in the hands of whoever has that phone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from bot.evidence import Method
from bot.rules import ProofRules
from okta.models import Factor

_METHODS: Final = {
    ("push", "OKTA"): Method.PUSH,
    ("token:software:totp", "OKTA"): Method.CODE,
    ("token:software:totp", "GOOGLE"): Method.CODE,
    ("sms", "OKTA"): Method.SMS,
    ("email", "OKTA"): Method.EMAIL,
}
"""By type and provider."""

_OKTA_VERIFY: Final = frozenset({"push", "signed_nonce", "token:software:totp"})

_ORDER: Final = tuple(Method)


def method_of(factor: Factor) -> Method | None:
    """What a factor can be used for, if for anything."""
    return _METHODS.get((factor.factor_type, factor.provider))


def usable(
    factors: Iterable[Factor] | None, removed: frozenset[str], rules: ProofRules, now: datetime
) -> tuple[Factor, ...]:
    """The factors with which somebody can prove who they are, the best first; none if they cannot be seen.

    Args:
        factors: those that Okta shows to us.
        removed: the ids of those that the request would remove. Okta Verify's push, code and FastPass are one app on one
            phone: if one of them goes, none of them counts.
        rules: what the administrator allows.
        now: the present.
    """
    shown = tuple(factors or ())
    app_goes = any(factor.id in removed and is_okta_verify(factor) for factor in shown)
    found = [
        factor
        for factor in shown
        if factor.is_active
        and method_of(factor) in rules.methods
        and factor.id not in removed
        and not (app_goes and is_okta_verify(factor))
        and _is_old_enough(factor, rules, now)
    ]
    return tuple(sorted(found, key=lambda factor: _ORDER.index(method_of(factor) or Method.EMAIL)))


def is_okta_verify(factor: Factor) -> bool:
    """Whether a factor is one of those that Okta Verify holds together."""
    return factor.provider == "OKTA" and factor.factor_type in _OKTA_VERIFY


def _is_old_enough(factor: Factor, rules: ProofRules, now: datetime) -> bool:
    """Whether it was enrolled, and got the contact it has, long enough ago. Where Okta does not say when, it was not."""
    where_it_goes = factor.last_updated if method_of(factor) in {Method.SMS, Method.EMAIL} else factor.created
    return all(when is not None and when <= now - rules.fresh for when in (factor.created, where_it_goes))
