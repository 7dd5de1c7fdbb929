"""Factors: what is listed to whom, what goes when one is removed, and devices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.okta import Fault
from sandbox.okta.mail import MailKind
from sandbox.people import EMPLOYEES, STAR, Status
from tests.sandbox.okta.api import code, login
from tests.sandbox.okta.challenges import CLARA, GRACE, factor

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

MAYA, JONAS = EMPLOYEES[0], EMPLOYEES[1]
VERIFY = ["push", "token:software:totp"]


def _kinds(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    return [str(one["factorType"]) for one in answer.json()]


@pytest.mark.parametrize("employee", EMPLOYEES, ids=lambda employee: employee.handle)
async def test_everybody_has_the_factors_of_the_cast(api: Api, employee: Any) -> None:
    """In the order in which they were enrolled; none before an account is used, none after it was closed."""
    none = employee.status in {Status.STAGED, Status.PROVISIONED, Status.DEPROVISIONED}

    assert _kinds(await api.factors(employee.id)) == ([] if none else list(employee.factors))


async def test_a_push_says_which_phone_and_a_code_does_not(api: Api) -> None:
    """Okta gives the device of the one alone; a key has its model, a text message its whole number."""
    push, totp, key = (await api.factors(JONAS.id)).json()
    (text,) = (await api.factors(CLARA.id)).json()

    assert (push["provider"], push["profile"]["name"], push["profile"]["platform"]) == (
        "OKTA",
        "Jonas's iPhone 8",
        "IOS",
    )
    assert totp["profile"] == {"credentialId": JONAS.login}
    assert (key["provider"], key["profile"]["authenticatorName"]) == ("FIDO", "MacBook Touch ID")
    assert text["profile"]["phoneNumber"].startswith("+31")
    assert "verify" in push["_links"]


async def test_fastpass_cannot_be_verified_here(org: Org, api: Api) -> None:
    """It can be read and removed; there is no link to more."""
    nonce = factor(org, GRACE.id, "signed_nonce")
    read = (await api.get(f"/api/v1/users/{GRACE.id}/factors/{nonce.id}")).json()

    assert "verify" not in read["_links"]
    assert code(await api.verify(GRACE.id, nonce.id)) == (400, "E0000001")


async def test_a_list_is_what_the_policy_shows_to_the_caller(org: Org, api: Api) -> None:
    """There may be more than can be seen; by id it can be read, and it is removed with the rest."""
    org.settings.hidden_factors = frozenset({"webauthn"})
    key = factor(org, JONAS.id, "webauthn")

    assert _kinds(await api.factors(JONAS.id)) == VERIFY
    assert (await api.get(f"/api/v1/users/{JONAS.id}/factors/{key.id}")).status_code == 200
    await api.act(JONAS.id, "reset_factors")
    assert org.user(JONAS.id).factors == ()


@pytest.mark.parametrize(
    ("status", "listed"),
    [("ACTIVE", True), ("PENDING_ACTIVATION", True), ("NOT_SETUP", False), ("EXPIRED", False), ("INACTIVE", False)],
)
async def test_a_list_has_what_is_enrolled_or_about_to_be(org: Org, api: Api, status: str, *, listed: bool) -> None:
    """One that is pending cannot be verified yet."""
    (text,) = org.user(CLARA.id).factors
    org.change(CLARA.id, factors=(replace(text, status=status),))

    assert bool(_kinds(await api.factors(CLARA.id))) == listed
    if status == "PENDING_ACTIVATION":
        assert code(await api.verify(CLARA.id, text.id)) == (423, "E0000180")


@pytest.mark.parametrize(
    ("removed", "left"),
    [
        ("push", ["webauthn"]),
        ("signed_nonce", ["webauthn"]),
        ("token:software:totp", ["push", "signed_nonce", "webauthn"]),
        ("webauthn", ["push", "token:software:totp", "signed_nonce"]),
    ],
)
async def test_what_goes_with_a_factor(org: Org, api: Api, removed: str, left: list[str]) -> None:
    """Push and FastPass take all of Okta Verify along; one request is one effect, each factor an event, all of them a mail."""
    gone = factor(org, GRACE.id, removed)
    before = len(org.user(GRACE.id).factors)
    logged = len(org.log)

    answer = await api.remove(GRACE.id, gone.id)

    assert (answer.status_code, answer.content) == (204, b"")
    assert _kinds(await api.factors(GRACE.id)) == left
    assert [effect.kind for effect in org.effects] == [f"factor:{gone.id}"]
    events = [entry["eventType"] for entry in org.log[logged:]]
    assert events.count("user.mfa.factor.deactivate") == before - len(left)
    assert [mail.kind for mail in org.mails] == [MailKind.FACTOR_RESET]
    assert gone.name in org.mails[0].text


async def test_a_factor_is_removed_once(org: Org, api: Api) -> None:
    """The second time it is not there, nor is its sibling."""
    push, totp = (factor(org, JONAS.id, kind) for kind in VERIFY)
    await api.remove(JONAS.id, push.id)

    for gone in (push, totp):
        answer = await api.remove(JONAS.id, gone.id)
        assert code(answer) == (404, "E0000007")
        assert answer.json()["errorSummary"] == f"Not found: Resource not found: {gone.id} (UserFactor)"
    assert len(org.effects) == 1


async def test_a_factor_is_its_owners_alone(org: Org, api: Api) -> None:
    """Somebody else's is not found, whatever is asked of it."""
    other = factor(org, JONAS.id, "push").id
    path = f"/api/v1/users/{MAYA.id}/factors/{other}"

    assert code(await api.get(path)) == (404, "E0000007")
    assert code(await api.remove(MAYA.id, other)) == (404, "E0000007")
    assert code(await api.verify(MAYA.id, other)) == (404, "E0000007")
    assert len(org.user(JONAS.id).factors) == 3
    assert code(await api.factors(STAR)) == (404, "E0000007")  # the path takes an id alone


async def test_nothing_is_removed_from_who_has_left(org: Org, api: Api) -> None:
    """A deactivated account keeps what it has."""
    push = factor(org, JONAS.id, "push")
    org.set_status(JONAS.login, Status.DEPROVISIONED)

    assert code(await api.remove(JONAS.id, push.id)) == (403, "E0000038")
    assert code(await api.act(JONAS.id, "reset_factors")) == (403, "E0000038")
    assert org.effects == []


@pytest.mark.parametrize(("query", "kept"), [({}, True), ({"removeRecoveryEnrollment": "true"}, False)])
async def test_the_number_for_recovery_stays_unless_told(
    org: Org, api: Api, query: dict[str, str], *, kept: bool
) -> None:
    """A phone may be a factor and a way back at once."""
    await api.remove(CLARA.id, factor(org, CLARA.id, "sms").id, **query)
    recovery = org.user(CLARA.id).recovery

    assert recovery is not None
    assert (recovery.phone is not None) == kept


async def test_all_are_reset_at_once(org: Org, api: Api) -> None:
    """The status stays, sessions too; with nothing left there is nothing to do, and no link to it."""
    org.sign_in(JONAS.login)
    before = org.user(JONAS.id)
    assert (await api.act(JONAS.id, "reset_factors")).json() == {}
    assert (await api.act(JONAS.id, "reset_factors")).json() == {}
    after = org.user(JONAS.id)

    assert (after.status, after.sessions, after.factors) == (before.status, before.sessions, ())
    assert [effect.kind for effect in org.effects] == ["reset_factors"]
    assert [entry["eventType"] for entry in org.log].count("user.mfa.factor.reset_all") == 1
    assert "resetFactors" not in (await api.user(JONAS.id)).json()["_links"]


async def test_an_answer_may_be_lost_after_a_removal(org: Org, api: Api) -> None:
    """Asked again, it is gone."""
    push = factor(org, JONAS.id, "push")
    org.faults.order("DELETE", "/api/v1/users/*/factors/*", Fault.GATEWAY_504)

    assert (await api.remove(JONAS.id, push.id)).status_code == 504
    assert code(await api.remove(JONAS.id, push.id)) == (404, "E0000007")
    assert [effect.kind for effect in org.effects] == [f"factor:{push.id}"]


async def test_administrators_are_seen_but_not_touched(org: Org, as_role: Callable[..., Any]) -> None:
    """As with everything else that is done to them."""
    desk = as_role("HELP_DESK_ADMIN")
    push = factor(org, GRACE.id, "push")

    assert (await desk.factors(GRACE.id)).is_success
    assert code(await desk.remove(GRACE.id, push.id)) == (403, "E0000006")
    assert code(await desk.act(GRACE.id, "reset_factors")) == (403, "E0000006")
    assert code(await desk.act(GRACE.id, "reset_password", sendEmail="true")) == (403, "E0000006")
    assert org.effects == []


async def test_a_new_phone_is_enrolled_beside_the_old_one(org: Org, api: Api) -> None:
    """Push and code, with events and a mail; removing one push still takes all of Okta Verify."""
    org.phones.enrol(JONAS.login, "Jonas's Pixel 9")
    devices = {device.name: device.factors for device in org.phones.devices(JONAS.login)}

    assert devices["Jonas's Pixel 9"] == devices["Jonas's iPhone 8"] == ("push", "token:software:totp")
    names = [one["profile"].get("name") for one in (await api.factors(JONAS.id)).json() if one["factorType"] == "push"]
    assert names == ["Jonas's iPhone 8", "Jonas's Pixel 9"]
    assert [entry["eventType"] for entry in org.log].count("user.mfa.factor.activate") == 2
    assert [mail.kind for mail in org.mails] == [MailKind.FACTOR_ENROLLED]
    with pytest.raises(ValueError, match="Pixel 9"):
        org.phones.enrol(JONAS.login, "Jonas's Pixel 9")
    await api.remove(JONAS.id, factor(org, JONAS.id, "push").id)
    assert _kinds(await api.factors(JONAS.id)) == ["webauthn"]


async def test_a_classic_org_knows_one_phone(org: Org, api: Api) -> None:
    """A second one only when the first is gone; the factors on the same phone are new ones then."""
    org.settings.pipeline = "v1"
    old = factor(org, JONAS.id, "push")
    with pytest.raises(ValueError, match="iPhone 8"):
        org.phones.enrol(JONAS.login, "Jonas's Pixel 9")
    await api.remove(JONAS.id, old.id)
    org.phones.enrol(JONAS.login, "Jonas's iPhone 8")

    assert factor(org, JONAS.id, "push").id != old.id


async def test_the_page_sees_factors_phones_mails_and_pushes(org: Org, api: Api) -> None:
    """With names and devices; the right number is on no phone."""
    await api.verify(JONAS.id, factor(org, JONAS.id, "push").id, {"useNumberMatchingChallenge": True})
    await api.act(MAYA.id, "reset_password", sendEmail="true")
    shown = org.snapshot()
    person = next(one for one in shown["people"] if one["id"] == JONAS.id)
    (push,), (mail,) = shown["pushes"], shown["mails"]

    assert person["factors"][0] == "Okta Verify push (Jonas's iPhone 8)"
    assert {one["device"] for one in person["enrolled"]} == {"Jonas's iPhone 8", "MacBook Touch ID"}
    assert person["phones"][0]["code"] == org.phones.code(JONAS.login)
    assert (push["userId"], len(push["numbers"]), push.keys() & {"answer", "correctAnswer"}) == (JONAS.id, 3, set())
    assert (mail["userId"], mail["to"]) == (MAYA.id, MAYA.address)
    assert "/reset_password/" in mail["link"]


def test_who_has_no_phone_has_no_code(org: Org) -> None:
    """Neither an app nor a text message."""
    with pytest.raises(LookupError):
        org.phones.code(login("ben.osei"))
    assert org.phones.text_message(login("ben.osei")) is None
