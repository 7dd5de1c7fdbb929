"""What can be done to a user: every operation from every status, what takes time, unlocking, and sessions."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.okta import ANY_DEVICES, UNKNOWN_DEVICES
from sandbox.okta.lifecycle import OPERATIONS
from sandbox.people import EMPLOYEES, STAR, Provider, Status
from tests.sandbox.okta.api import causes, code, login
from tests.sandbox.okta.conftest import LAG

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

JONAS, MAYA = EMPLOYEES[1], EMPLOYEES[0]

LEGAL: Final = {
    ("activate", "STAGED"): "PROVISIONED",
    ("activate", "DEPROVISIONED"): "PROVISIONED",
    ("reactivate", "PROVISIONED"): "PROVISIONED",
    ("reactivate", "RECOVERY"): "RECOVERY",
    ("suspend", "ACTIVE"): "SUSPENDED",
    ("unsuspend", "SUSPENDED"): "ACTIVE",
    ("unlock", "LOCKED_OUT"): "ACTIVE",
    ("expire_password", "ACTIVE"): "PASSWORD_EXPIRED",
    ("expire_password", "PASSWORD_EXPIRED"): "PASSWORD_EXPIRED",
    ("expire_password_with_temp_password", "ACTIVE"): "PASSWORD_EXPIRED",
    ("expire_password_with_temp_password", "PASSWORD_EXPIRED"): "PASSWORD_EXPIRED",
    **{("reset_password", status): "RECOVERY" for status in ("ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY")},
    **{("reset_factors", str(status)): str(status) for status in Status if status is not Status.DEPROVISIONED},
    **{("deactivate", str(status)): "DEPROVISIONED" for status in Status if status is not Status.DEPROVISIONED},
}
"""What each operation makes of each status from which it is legal (reference: Okta's UserLifecycle description)."""

REFUSALS: Final = {
    "activate": (403, "E0000016"),
    "reactivate": (403, "E0000038"),
    "suspend": (400, "E0000001"),
    "unsuspend": (400, "E0000001"),
    "unlock": (403, "E0000032"),
    "expire_password": (403, "E0000038"),
    "expire_password_with_temp_password": (403, "E0000038"),
    "reset_password": (403, "E0000038"),
    "reset_factors": (403, "E0000038"),
    "deactivate": (403, "E0000038"),
}
"""What Okta says from any other."""

ASYNCHRONOUS: Final = {"activate", "deactivate"}
EVENTS: Final = {
    "activate": "user.lifecycle.activate",
    "reactivate": "user.lifecycle.reactivate",
    "suspend": "user.lifecycle.suspend",
    "unsuspend": "user.lifecycle.unsuspend",
    "unlock": "user.account.unlock_by_admin",
    "expire_password": "user.account.expire_password",
    "expire_password_with_temp_password": "user.account.expire_password",
    "reset_password": "user.account.reset_password",
    "reset_factors": "user.mfa.factor.reset_all",
    "deactivate": "user.lifecycle.deactivate",
}

NEEDS: Final = {"reset_password": {"sendEmail": "false"}}
"""What an operation does not do without."""

MAILS: Final = {"reset_factors": ["system.email.mfa_reset_notification.sent_message"]}
"""Who else writes into the log."""


def test_the_table_is_whole() -> None:
    """An operation that joins has to be told here."""
    assert set(OPERATIONS) == set(REFUSALS) == set(EVENTS)


@pytest.mark.parametrize(("operation", "status"), [*product(REFUSALS, map(str, Status))])
async def test_every_operation_from_every_status(org: Org, api: Api, clock: Clock, operation: str, status: str) -> None:
    """Legal: the result, one event, one effect. Not legal: Okta's code, and nothing has changed."""
    before = org.set_status(JONAS.login, status)
    logged = len(org.log)

    answer = await api.act(JONAS.id, operation, **NEEDS.get(operation, {}))
    clock.advance(LAG)
    after = org.user(JONAS.id)

    if (to := LEGAL.get((operation, status))) is None:
        assert code(answer) == REFUSALS[operation]
        assert after == before
        assert [*org.log[logged:], *org.effects] == []
    else:
        assert answer.status_code == 200
        assert after.status == to
        assert after.transitioning_to is None
        told = [entry["eventType"] for entry in org.log[logged:]]
        # Those who leave lose their apps, which has events of its own.
        assert [kind for kind in told if not kind.startswith("application.")] == [
            EVENTS[operation],
            *MAILS.get(operation, []),
        ]
        nothing_new = operation == "expire_password" and status == to
        assert [effect.kind for effect in org.effects] == ([] if nothing_new else [operation])
        assert (after.status_changed != before.status_changed) == (to != status)


@pytest.mark.parametrize(("operation", "handle"), [("activate", "nina.petrova"), ("deactivate", "omar.haddad")])
async def test_some_changes_take_time(org: Org, api: Api, clock: Clock, operation: str, handle: str) -> None:
    """Meanwhile the old status stands, with the new one beside it, and nothing else can be done."""
    user_id, before = org.user(login(handle)).id, org.user(login(handle)).status
    to = LEGAL[operation, before]
    assert (await api.act(user_id, operation)).json() == {}

    during = (await api.user(user_id)).json()
    refused = [
        code(await api.act(user_id, name, **NEEDS.get(name, {})))
        for name in OPERATIONS
        if name != "reset_factors" or org.user(user_id).factors
    ]
    clock.advance(LAG)
    after = (await api.user(user_id)).json()

    assert (during["status"], during["transitioningToStatus"]) == (before, to)
    assert set(refused) == {(409, "E0000112") if operation == "activate" else (403, "E0000107")}
    assert after["status"] == to
    assert "transitioningToStatus" not in after
    assert len(org.effects) == 1


async def test_activation_leads_to_a_password_or_straight_in(org: Org, api: Api, clock: Clock) -> None:
    """Whose password is checked elsewhere is ACTIVE at once; only then does `activated` have a time."""
    helen = org.user(login("helen.brandt"))
    nina = org.user(login("nina.petrova"))
    org.change(helen.id, status=Status.STAGED, activated=None)
    for user in (nina, helen):
        await api.act(user.id, "activate")
    clock.advance(LAG)

    waiting, active = (await api.user(nina.id)).json(), (await api.user(helen.id)).json()

    assert (waiting["status"], waiting["activated"]) == ("PROVISIONED", None)
    assert (active["status"], active["activated"]) == ("ACTIVE", active["statusChanged"])


async def test_a_change_under_way_gives_way_to_a_hand(org: Org, api: Api, clock: Clock) -> None:
    """Whoever is put into a status meanwhile stays in it."""
    await api.act(JONAS.id, "deactivate")
    org.set_status(JONAS.login, Status.SUSPENDED)
    clock.advance(LAG)

    assert org.user(JONAS.login).status == "SUSPENDED"


@pytest.mark.parametrize(("pipeline", "shape"), [("idx", "/tokens/{}/verify"), ("v1", "/welcome/{}")])
async def test_without_mail_the_link_is_in_the_answer(org: Org, api: Api, pipeline: str, shape: str) -> None:
    """`activate` mails unless told not to, `reactivate` only if told to."""
    org.settings.pipeline = pipeline
    tom = org.user(login("tom.becker")).id

    told = (await api.act(tom, "reactivate")).json()

    assert told["activationUrl"].endswith(shape.format(told["activationToken"]))
    assert (await api.act(tom, "reactivate", sendEmail="true")).json() == {}
    assert (
        await api.act(org.user(login("nina.petrova")).id, "activate", sendEmail="false")
    ).json().keys() == told.keys()


async def test_expire_password_answers_with_the_user(api: Api) -> None:
    """As it is afterwards."""
    told = (await api.act(JONAS.id, "expire_password")).json()

    assert (told["id"], told["status"]) == (JONAS.id, "PASSWORD_EXPIRED")


@pytest.mark.parametrize("provider", [Provider.FEDERATION, Provider.SOCIAL])
async def test_a_password_that_is_elsewhere_cannot_expire(org: Org, api: Api, provider: Provider) -> None:
    """Okta has none to expire."""
    org.change(JONAS.login, provider=provider)

    assert code(await api.act(JONAS.id, "expire_password")) == (403, "E0000038")


@pytest.mark.parametrize(
    ("provider", "directory_unlock", "works"),
    [
        (Provider.OKTA, False, True),
        (Provider.IMPORT, False, True),
        (Provider.ACTIVE_DIRECTORY, False, False),
        (Provider.ACTIVE_DIRECTORY, True, True),
        (Provider.LDAP, False, False),
        (Provider.LDAP, True, True),
        (Provider.FEDERATION, True, False),
        (Provider.SOCIAL, True, False),
    ],
)
async def test_who_can_be_unlocked(
    org: Org, api: Api, provider: Provider, *, directory_unlock: bool, works: bool
) -> None:
    """Okta-sourced people; people of a directory where the org does that; and never is the directory's own lock lifted."""
    org.settings.directory_unlock = directory_unlock
    org.change(MAYA.login, provider=provider, locked_in_directory=True)

    answer = await api.act(MAYA.id, "unlock")
    links = (await api.user(MAYA.id)).json()["_links"]

    if works:
        assert answer.json() == {}
        assert org.user(MAYA.id).status == "ACTIVE"
    else:
        assert code(answer) == (403, "E0000032")
        assert causes(answer) == []  # Okta does not say why; it is not that the user is not locked out
        assert org.user(MAYA.id).status == "LOCKED_OUT"
    assert "unlock" not in links
    assert org.user(MAYA.id).locked_in_directory


async def test_unlock_lifts_a_block_from_unknown_devices(org: Org, api: Api) -> None:
    """The status was and stays ACTIVE; a block from all devices is another matter."""
    yusuf = org.user(login("yusuf.demir"))

    assert (await api.act(yusuf.id, "unlock")).json() == {}
    assert org.user(yusuf.id).blocked is None
    assert org.user(yusuf.id).status_changed == yusuf.status_changed
    assert causes(await api.act(yusuf.id, "unlock")) == ["The user is not locked out."]
    org.block(yusuf.id, ANY_DEVICES)
    assert code(await api.act(yusuf.id, "unlock")) == (403, "E0000032")
    assert [effect.kind for effect in org.effects] == ["unlock"]


async def test_unlock_by_login_is_the_same(org: Org, api: Api) -> None:
    """Lifecycle paths take a login."""
    await api.act(STAR, "unlock")

    assert [(effect.kind, effect.user_id) for effect in org.effects] == [("unlock", MAYA.id)]


async def test_unlocked_people_get_in_with_the_password_they_have(org: Org, api: Api) -> None:
    """And were shut out before; the count of failures starts anew."""
    assert not org.sign_in(STAR)
    await api.act(MAYA.id, "unlock")

    assert org.sign_in(STAR)
    assert org.user(STAR).failed_sign_ins == 0


async def test_failed_sign_ins_lock(org: Org, api: Api) -> None:
    """The last one allowed does it; a further one changes nothing."""
    for _ in range(org.settings.max_attempts - 1):
        org.sign_in_fails(JONAS.login)
    assert org.user(JONAS.id).status == "ACTIVE"
    org.sign_in_fails(JONAS.login)
    locked = org.user(JONAS.id)
    org.sign_in_fails(JONAS.login)

    assert locked.status == "LOCKED_OUT"
    assert org.user(JONAS.id) == locked
    assert (await api.act(JONAS.id, "unlock")).status_code == 200


async def test_a_lock_may_end_by_time(org: Org, clock: Clock) -> None:
    """Where the policy says so; not if it is another lock by then."""
    org.settings.auto_unlock_minutes = 10
    org.lock(JONAS.login)
    clock.advance(timedelta(minutes=10))
    assert org.user(JONAS.login).status == "ACTIVE"
    assert org.log[-1]["eventType"] == "user.account.unlock"

    org.lock(JONAS.login)
    clock.advance(timedelta(minutes=5))
    org.set_status(JONAS.login, Status.ACTIVE)
    org.lock(JONAS.login)
    clock.advance(timedelta(minutes=5))
    assert org.user(JONAS.login).status == "LOCKED_OUT"


@pytest.mark.parametrize("status", ["STAGED", "PROVISIONED", "SUSPENDED", "DEPROVISIONED", "LOCKED_OUT"])
def test_nobody_is_locked_who_cannot_sign_in(org: Org, status: str) -> None:
    """A test that tries has a mistake in it."""
    org.set_status(JONAS.login, status)

    with pytest.raises(ValueError, match=status):
        org.lock(JONAS.login)


async def test_locked_again_at_once(org: Org, api: Api) -> None:
    """The handle for a phone that goes on sending the old password: one unlock, one lock, a later `statusChanged`."""
    before = org.user(STAR)
    org.lock_again_after_unlock(STAR)

    assert (await api.act(MAYA.id, "unlock")).json() == {}
    again = org.user(STAR)
    await api.act(MAYA.id, "unlock")

    assert again.status == "LOCKED_OUT"
    assert again.status_changed is not None
    assert before.status_changed is not None
    assert again.status_changed > before.status_changed
    assert org.user(STAR).status == "ACTIVE"
    assert [effect.kind for effect in org.effects] == ["unlock", "unlock"]


async def test_something_can_follow_an_effect(org: Org, api: Api) -> None:
    """Once, when it has happened, and not for a request that is refused."""
    seen: list[str] = []
    org.after_effect(lambda: seen.append(org.user(STAR).status))

    await api.act(JONAS.id, "unlock")
    assert seen == []
    await api.act(MAYA.id, "unlock")
    await api.act(JONAS.id, "suspend")

    assert seen == ["ACTIVE"]


async def test_sessions_end(org: Org, api: Api) -> None:
    """204 whether there were any or not; only the first time changes something."""
    org.sign_in(JONAS.login)

    for _ in range(2):
        answer = await api.end_sessions(JONAS.id)
        assert (answer.status_code, answer.content) == (204, b"")

    assert org.user(JONAS.id).sessions == 0
    assert [effect.kind for effect in org.effects] == ["sessions"]


@pytest.mark.parametrize("operation", ["suspend", "deactivate"])
async def test_who_is_put_out_has_no_session_left(org: Org, api: Api, clock: Clock, operation: str) -> None:
    """Suspended and deactivated people are signed out."""
    org.sign_in(JONAS.login)
    await api.act(JONAS.id, operation)
    clock.advance(LAG)

    assert org.user(JONAS.id).sessions == 0


@pytest.mark.parametrize(
    ("handle", "known_device", "gets_in"),
    [
        ("jonas.lindqvist", True, True),
        ("yusuf.demir", True, True),
        ("yusuf.demir", False, False),
        ("ivan.kowalski", True, False),
        ("maya.okafor", True, False),
        ("priya.raman", True, False),
        ("omar.haddad", True, False),
        ("victor.lang", True, False),
    ],
)
def test_who_gets_in(org: Org, handle: str, *, known_device: bool, gets_in: bool) -> None:
    """With the right password; a block from unknown devices spares the known ones."""
    assert org.sign_in(login(handle), known_device=known_device) is gets_in
    if handle == "yusuf.demir":
        org.block(login(handle), ANY_DEVICES)
        assert not org.sign_in(login(handle))
        org.block(login(handle), UNKNOWN_DEVICES)
