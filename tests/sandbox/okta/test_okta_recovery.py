"""Passwords that an administrator resets, or has a link made for: when that is legal, and what it does at once."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sandbox.okta import Fault
from sandbox.okta.mail import MailKind
from sandbox.people import EMPLOYEES, Provider, Status
from tests.sandbox.okta.api import code, login

if TYPE_CHECKING:
    from datetime import timedelta

    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

MAYA, JONAS = EMPLOYEES[0], EMPLOYEES[1]


async def test_a_reset_by_mail_answers_nothing(org: Org, api: Api) -> None:
    """The mail has the link; the old password is void before anybody has read it."""
    answer = await api.act(JONAS.id, "reset_password", sendEmail="true")
    (mail,) = org.mails

    assert answer.json() == {}
    assert (mail.kind, mail.to, mail.user_id) == (MailKind.PASSWORD_RESET, JONAS.address, JONAS.id)
    assert "/reset_password/drp" in (mail.link or "")
    assert not org.sign_in(JONAS.login)
    assert [entry["eventType"] for entry in org.log[-3:-1]] == [
        "user.account.reset_password",
        "system.email.password_reset.sent_message",
    ]


async def test_a_reset_without_mail_answers_with_the_link(org: Org, api: Api) -> None:
    """And tells nobody else."""
    told = (await api.act(JONAS.id, "reset_password", sendEmail="false")).json()

    assert told.keys() == {"resetPasswordUrl"}
    assert not org.mails
    assert (await api.http.get(told["resetPasswordUrl"])).status_code == 200


async def test_a_reset_has_to_say_whether_it_mails(org: Org, api: Api) -> None:
    """There is no default that could be the wrong one."""
    assert code(await api.act(JONAS.id, "reset_password")) == (400, "E0000028")
    assert org.user(JONAS.id).status == "ACTIVE"
    assert org.effects == []


@pytest.mark.parametrize(("revokes", "left"), [("true", 0), ("false", 2), (None, 2)])
async def test_sessions_end_only_if_asked_for(org: Org, api: Api, revokes: str | None, left: int) -> None:
    """Whoever sits at a computer stays signed in otherwise."""
    org.sign_in(JONAS.login)
    query = {} if revokes is None else {"revokeSessions": revokes}

    await api.act(JONAS.id, "reset_password", sendEmail="true", **query)

    assert org.user(JONAS.id).sessions == left
    assert ("user.session.clear" in {entry["eventType"] for entry in org.log}) == (left == 0)
    assert [effect.kind for effect in org.effects] == ["reset_password"]


async def test_a_second_reset_makes_the_first_link_void(org: Org, api: Api) -> None:
    """The status stays RECOVERY; only the newest link is good, and each time it is an effect."""
    first, second = [
        (await api.act(JONAS.id, "reset_password", sendEmail="false")).json()["resetPasswordUrl"] for _ in range(2)
    ]

    assert (await api.http.get(first)).status_code == 403
    assert (await api.http.get(second)).status_code == 200
    assert [effect.kind for effect in org.effects] == ["reset_password", "reset_password"]


async def test_a_reset_lifts_a_lock(org: Org, api: Api) -> None:
    """LOCKED_OUT leads to RECOVERY too, with the count of failures begun anew."""
    org.change(MAYA.id, failed_sign_ins=5)

    await api.act(MAYA.id, "reset_password", sendEmail="true")

    assert (org.user(MAYA.id).status, org.user(MAYA.id).failed_sign_ins) == ("RECOVERY", 0)


@pytest.mark.parametrize("provider", [Provider.ACTIVE_DIRECTORY, Provider.LDAP, Provider.SOCIAL])
@pytest.mark.parametrize("operation", ["reset_password", "expire_password_with_temp_password"])
async def test_a_password_that_is_elsewhere_is_not_reset(
    org: Org, api: Api, provider: Provider, operation: str
) -> None:
    """Okta refuses, and shows no link to it."""
    org.change(JONAS.id, provider=provider)

    answer = await api.act(JONAS.id, operation, **({"sendEmail": "true"} if operation == "reset_password" else {}))

    assert code(answer)[0] == 403
    assert "resetPassword" not in (await api.user(JONAS.id)).json()["_links"]
    assert org.user(JONAS.id).status == "ACTIVE"
    assert org.effects == []
    assert not org.mails


@pytest.mark.parametrize("provider", [Provider.ACTIVE_DIRECTORY, Provider.LDAP])
async def test_a_directory_agent_may_reset_there(org: Org, api: Api, provider: Provider) -> None:
    """Where the org has it set up so: the link is shown, and it works."""
    org.settings.directory_reset = True
    org.change(JONAS.id, provider=provider)

    assert "resetPassword" in (await api.user(JONAS.id)).json()["_links"]
    assert (await api.act(JONAS.id, "reset_password", sendEmail="true")).json() == {}
    assert org.user(JONAS.id).status == "RECOVERY"


async def test_a_reset_turns_a_federated_person_into_one_of_oktas(org: Org, api: Api) -> None:
    """The trap that Okta documents: nothing refuses the call, and the person can no longer sign in as before."""
    aiko = org.user(login("aiko.tanaka"))
    assert "resetPassword" not in (await api.user(aiko.id)).json()["_links"]

    assert (await api.act(aiko.id, "reset_password", sendEmail="true")).is_success

    after = org.user(aiko.id)
    assert (after.status, after.provider, after.provider_name) == ("RECOVERY", "OKTA", "OKTA")


@pytest.mark.parametrize("employee", EMPLOYEES, ids=lambda employee: employee.handle)
async def test_the_reset_link_of_a_read_tells_the_truth(org: Org, api: Api, employee: Any) -> None:
    """It is there exactly for those whose reset is legal; but for a federated person, whom it would convert."""
    links = (await api.user(employee.id)).json()["_links"]
    provider = org.user(employee.id).provider

    answer = await api.act(employee.id, "reset_password", sendEmail="true")

    assert ("resetPassword" in links) == (answer.is_success and provider != Provider.FEDERATION)


@pytest.mark.parametrize(("status", "pipeline", "question"), [*product(map(str, Status), ["v1", "idx"], [True, False])])
async def test_who_may_have_forgotten_the_password(
    org: Org, api: Api, status: str, pipeline: str, *, question: bool
) -> None:
    """ACTIVE people with a question, in Classic Engine; and then nothing has changed but that there is a link."""
    org.settings.pipeline = pipeline
    before = org.change(JONAS.id, status=status, **({} if question else {"recovery": None}))
    path = f"/api/v1/users/{JONAS.id}/credentials/forgot_password"

    answer = await api.post(path, sendEmail="false")

    if (status, pipeline, question) == ("ACTIVE", "v1", True):
        assert "/signin/reset-password/dfp" in answer.json()["resetPasswordUrl"]
        assert [effect.kind for effect in org.effects] == ["forgot_password"]
        assert org.sign_in(JONAS.login)
    else:
        assert code(answer) == (403, "E0000034")
        assert org.effects == []
    assert org.user(JONAS.id).status == before.status
    assert org.user(JONAS.id).password_changed == before.password_changed


@pytest.mark.parametrize("provider", [Provider.ACTIVE_DIRECTORY, Provider.FEDERATION])
async def test_nobody_forgets_a_password_that_okta_does_not_have(org: Org, api: Api, provider: Provider) -> None:
    """The same refusal."""
    org.settings.pipeline = "v1"
    org.change(JONAS.id, provider=provider)

    assert code(await api.post(f"/api/v1/users/{JONAS.id}/credentials/forgot_password")) == (403, "E0000034")


async def test_forgot_password_mails_unless_told_otherwise(org: Org, api: Api) -> None:
    """Other than for a reset there is a default. The path takes an id alone."""
    org.settings.pipeline = "v1"

    assert (await api.post(f"/api/v1/users/{JONAS.id}/credentials/forgot_password")).json() == {}
    assert [mail.kind for mail in org.mails] == [MailKind.FORGOT_PASSWORD]
    assert code(await api.post(f"/api/v1/users/{JONAS.login}/credentials/forgot_password")) == (404, "E0000007")


async def test_a_temporary_password_is_told_once_and_asks_for_another(org: Org, api: Api) -> None:
    """The person chooses a new one at the sign-in page; nobody else is asked to."""
    org.sign_in(JONAS.login)
    told = await api.act(JONAS.id, "expire_password_with_temp_password", revokeSessions="true")
    expired = org.user(JONAS.id)
    renewed = org.choose_password(JONAS.id, "Correct-Horse-7")

    assert len(told.json()["tempPassword"]) == 12
    assert (expired.status, expired.sessions) == ("PASSWORD_EXPIRED", 0)
    assert renewed.status == "ACTIVE"
    assert org.sign_in(JONAS.login)
    with pytest.raises(ValueError, match="ACTIVE"):
        org.choose_password(JONAS.id, "Correct-Horse-8")


async def test_the_activation_mail_can_be_sent_again(org: Org, api: Api) -> None:
    """Its link is good; the one of the mail before is not."""
    tom = org.user(login("tom.becker")).id
    for _ in range(2):
        assert (await api.act(tom, "reactivate", sendEmail="true")).json() == {}
    first, second = org.mails

    assert {first.kind, second.kind} == {MailKind.ACTIVATION}
    assert (await api.http.get(first.link or "")).status_code == 403
    assert (await api.http.get(second.link or "")).status_code == 200


async def test_an_activation_is_mailed_when_it_is_done(org: Org, api: Api, clock: Clock, lag: timedelta) -> None:
    """Not while it is on its way; people of a directory choose no password here and get no link."""
    nina, helen = org.user(login("nina.petrova")), org.user(login("helen.brandt"))
    org.change(helen.id, status=Status.STAGED)
    for user in (nina, helen):
        await api.act(user.id, "activate")
    assert not org.mails
    clock.advance(lag)

    assert [mail.user_id for mail in org.mails] == [nina.id]


@pytest.mark.parametrize("operation", ["reset_password", "reset_factors"])
async def test_an_answer_may_be_lost_after_the_effect(org: Org, api: Api, operation: str) -> None:
    """It has happened all the same, once."""
    org.faults.order("POST", f"/api/v1/users/*/lifecycle/{operation}", Fault.CUT_AFTER)

    with pytest.raises(httpx.RemoteProtocolError):
        await api.act(JONAS.id, operation, **({"sendEmail": "false"} if operation == "reset_password" else {}))

    assert [(effect.kind, effect.user_id) for effect in org.effects] == [(operation, JONAS.id)]
