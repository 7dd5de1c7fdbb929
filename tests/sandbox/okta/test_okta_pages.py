"""The org's own pages behind one-time links, and the mails that lead there."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.okta import Fault
from sandbox.okta.errors import OktaError
from sandbox.okta.links import Links, Purpose
from sandbox.okta.mail import MailKind
from sandbox.okta.passwords import broken_rules
from sandbox.okta.policies import CAST
from sandbox.okta.users import first_password, hire, recovery_answer
from sandbox.people import EMPLOYEES, STAR, Status
from tests.sandbox.okta.api import login
from tests.sandbox.okta.conftest import START

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

MAYA, JONAS = EMPLOYEES[0], EMPLOYEES[1]
GOOD: Final = "Correct-Horse-7"
USED: Final = "You have accessed an account recovery link that has expired or been previously used."


async def _reset(api: Api) -> str:
    told = await api.act(JONAS.id, "reset_password", sendEmail="false")
    return str(told.json()["resetPasswordUrl"])


async def _choose(
    api: Api, link: str, password: str = GOOD, again: str | None = None, answer: str = ""
) -> httpx.Response:
    typed = {"password": password, "again": password if again is None else again, "answer": answer}
    return await api.http.post(link, data=typed)


async def test_whoever_has_the_link_chooses_a_password(org: Org, api: Api, clock: Clock) -> None:
    """ACTIVE again, with a new `passwordChanged`, an event of the person's own, and a mail that says so."""
    before = org.user(JONAS.id)
    link = await _reset(api)
    clock.advance(timedelta(minutes=3))

    saved = await _choose(api, link)
    after = org.user(JONAS.id)

    assert saved.status_code == 200
    assert "Your password is changed" in saved.text
    assert (after.status, after.password_changed) == ("ACTIVE", after.status_changed)
    assert after.password_changed != before.password_changed
    assert org.sign_in(JONAS.login)
    event = next(entry for entry in org.log if entry["eventType"] == "user.account.update_password")
    assert event["actor"]["id"] == event["target"][0]["id"] == JONAS.id
    assert [mail.kind for mail in org.mails] == [MailKind.PASSWORD_CHANGED]


async def test_looking_does_not_use_a_link_up(api: Api) -> None:
    """Scanners of mail follow links."""
    link = await _reset(api)
    for _ in range(3):
        assert (await api.http.get(link)).status_code == 200

    assert (await _choose(api, link)).status_code == 200


async def test_a_link_works_once(org: Org, api: Api) -> None:
    """The second time it says what Okta says."""
    link = await _reset(api)
    await _choose(api, link)
    changed = org.user(JONAS.id)

    for answer in (await api.http.get(link), await _choose(api, link, "Another-Horse-8")):
        assert answer.status_code == 403
        assert USED in answer.text
        assert "E0000105" in answer.text
    assert org.user(JONAS.id) == changed


@pytest.mark.parametrize("minutes", [5, 60])
async def test_a_link_ends_with_its_time(org: Org, api: Api, clock: Clock, minutes: int) -> None:
    """As the policy of the person says."""
    org.policies.change("Default Policy", token_minutes=minutes)
    link = await _reset(api)
    clock.advance(timedelta(minutes=minutes, seconds=-2))
    assert (await api.http.get(link)).status_code == 200
    clock.advance(timedelta(seconds=2))

    assert "E0000105" in (await api.http.get(link)).text
    assert "E0000105" in (await _choose(api, link)).text
    assert org.user(JONAS.id).status == "RECOVERY"


@pytest.mark.parametrize(
    ("path", "refusal"),
    [
        ("/reset_password/drpMadeUp", "E0000105"),
        ("/signin/reset-password/dfpMadeUp", "E0000105"),
        ("/welcome/made-up", "E0000110"),
        ("/tokens/made-up/verify", "E0000110"),
    ],
)
async def test_a_made_up_link_leads_nowhere(api: Api, path: str, refusal: str) -> None:
    """With the code of its kind."""
    answer = await api.http.get(path)

    assert answer.status_code == 403
    assert refusal in answer.text


async def test_a_link_of_one_kind_is_no_link_of_another(api: Api) -> None:
    """A token is good on its own page."""
    token = (await _reset(api)).rpartition("/")[2]

    for path in (f"/welcome/{token}", f"/signin/reset-password/{token}", f"/tokens/{token}/verify"):
        assert (await api.http.get(path)).status_code == 403


@pytest.mark.parametrize("status", ["SUSPENDED", "DEPROVISIONED", "ACTIVE", "LOCKED_OUT"])
async def test_a_link_is_void_where_the_person_stands_elsewhere(org: Org, api: Api, status: str) -> None:
    """Somebody who was suspended meanwhile does not come back by an old mail."""
    link = await _reset(api)
    org.set_status(JONAS.login, status)

    assert "E0000105" in (await _choose(api, link)).text
    assert org.user(JONAS.id).status == status


@pytest.mark.parametrize("pipeline", ["v1", "idx"])
async def test_a_new_person_is_activated_by_choosing(org: Org, api: Api, pipeline: str) -> None:
    """PROVISIONED leads to ACTIVE, for the first time."""
    org.settings.pipeline = pipeline
    tom = org.user(login("tom.becker"))
    await api.act(tom.id, "reactivate", sendEmail="true")
    (mail,) = org.mails

    assert (await _choose(api, mail.link or "")).status_code == 200
    after = org.user(tom.id)
    assert (after.status, after.activated) == ("ACTIVE", after.password_changed)
    assert "E0000110" in (await api.http.get(mail.link or "")).text


async def test_who_forgot_answers_the_question_first(org: Org, api: Api) -> None:
    """A wrong answer leaves the link good and the old password too; the event is the person's reset."""
    org.settings.pipeline = "v1"
    told = await api.post(f"/api/v1/users/{JONAS.id}/credentials/forgot_password", sendEmail="false")
    link = told.json()["resetPasswordUrl"]

    assert "Where were you born?" in (await api.http.get(link)).text
    wrong = await _choose(api, link, answer="Rome")
    assert (wrong.status_code, org.sign_in(JONAS.login)) == (403, True)
    assert "did not match" in wrong.text
    assert (await _choose(api, link, answer=recovery_answer(JONAS.handle).upper())).status_code == 200
    event = next(entry for entry in org.log if entry["eventType"] == "user.account.reset_password")
    assert event["actor"]["id"] == JONAS.id


async def test_who_is_locked_out_recovers_by_no_forgotten_password(org: Org, api: Api) -> None:
    """Okta has a code for it."""
    org.settings.pipeline = "v1"
    told = await api.post(f"/api/v1/users/{JONAS.id}/credentials/forgot_password", sendEmail="false")
    org.lock(JONAS.login)

    assert "E0000119" in (await api.http.get(told.json()["resetPasswordUrl"])).text


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("Aa1", None, "At least 8"),
        ("x" * 80 + "A1", None, "at most 72"),
        ("lower-case-1", None, "an upper case letter"),
        ("UPPER-CASE-1", None, "a lower case letter"),
        ("No-Numbers-Here", None, "a number"),
        ("My-Lindqvist-9", None, "username"),
        ("1-jOnAs-Is-Here", None, "first name"),
        (first_password("jonas.lindqvist"), None, "last 4 passwords"),
        (GOOD, "Correct-Horse-8", "the same"),
        ("", "", "At least 8"),
    ],
)
async def test_a_password_has_to_be_what_the_policy_wants(
    org: Org, api: Api, password: str, again: str | None, says: str
) -> None:
    """The page says what is wrong, and not what was typed; the link stays good."""
    link = await _reset(api)
    answer = await _choose(api, link, password, again)

    assert answer.status_code == 403
    assert says in answer.text
    assert "complexity requirements" in answer.text
    assert not password or password not in answer.text
    assert org.user(JONAS.id).status == "RECOVERY"
    assert (await _choose(api, link)).status_code == 200


async def test_finance_needs_a_symbol_and_twelve(org: Org, api: Api) -> None:
    """The policy is the one of the person's groups."""
    lena = org.user(login("lena.fischer"))
    told = await api.act(lena.id, "reset_password", sendEmail="false")
    link = told.json()["resetPasswordUrl"]

    assert "At least 12" in (await _choose(api, link, "Abcdefg1")).text
    assert "a symbol" in (await _choose(api, link, "Abcdefghijkl1")).text
    assert (await _choose(api, link, "Abcdefghijk-1")).status_code == 200


async def test_the_directory_takes_the_password_of_its_people(org: Org, api: Api) -> None:
    """Its lock is lifted; Okta has no time for a password it does not keep."""
    org.settings.directory_reset = True
    diego = org.user(login("diego.santos"))
    told = await api.act(diego.id, "reset_password", sendEmail="false")

    assert (await _choose(api, told.json()["resetPasswordUrl"])).status_code == 200
    after = org.user(diego.id)
    assert (after.status, after.locked_in_directory, after.password_changed) == ("ACTIVE", False, None)
    assert "system.agent.ad.reset_user_password" in {entry["eventType"] for entry in org.log}


async def test_what_people_are_called_is_escaped(org: Org, api: Api) -> None:
    """A login may have any letter in it."""
    org.change(JONAS.id, profile={"login": '<script>"x"&@northwind.example'})
    page = await api.http.get(await _reset(api))

    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_a_page_loads_nothing_and_goes_nowhere(api: Api) -> None:
    """No script, no cache, no referrer that would carry the token."""
    page = await api.http.get(await _reset(api))

    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-cache, no-store"
    assert not re.search(r"<script|<link|<img|src=|href=", page.text)


@pytest.mark.parametrize(("host", "status"), [("evil.example", 403), ("localhost:80", 200), ("[::1]:80", 200)])
async def test_a_page_is_for_this_machine_alone(api: Api, host: str, status: int) -> None:
    """A name that somebody points here is not let in."""
    link = await _reset(api)

    assert (await api.http.get(link, headers={"Host": host})).status_code == status


async def test_a_page_has_two_methods(api: Api) -> None:
    """To look, and to save."""
    assert (await api.http.delete(await _reset(api))).status_code == 405


async def test_trouble_reaches_the_pages_too(org: Org, api: Api) -> None:
    """A fault on order, and maintenance: nothing is saved, and the link stays good."""
    link = await _reset(api)
    org.faults.order("POST", "/reset_password/*", Fault.UNAVAILABLE_503)
    assert (await _choose(api, link)).status_code == 503
    org.settings.read_only = True
    assert (await _choose(api, link)).status_code == 503
    assert (await api.http.get(link)).status_code == 200
    org.settings.read_only = False

    assert (await _choose(api, link)).status_code == 200


async def test_a_mail_may_be_late_or_never_come(org: Org, api: Api, clock: Clock) -> None:
    """In the order in which they arrive. The org's own log says that they were sent."""
    org.settings.mail_delay = timedelta(minutes=10)
    await api.act(JONAS.id, "reset_password", sendEmail="true")
    org.settings.mail_delay = timedelta()
    await api.act(MAYA.id, "reset_password", sendEmail="true")
    org.settings.mail_arrives = False
    await api.act(login("ruth.mensah"), "reset_password", sendEmail="true")

    assert [mail.user_id for mail in org.mails] == [MAYA.id]
    clock.advance(timedelta(minutes=10))
    assert [mail.user_id for mail in org.mails] == [MAYA.id, JONAS.id]
    sent = [entry for entry in org.log if entry["eventType"] == "system.email.password_reset.sent_message"]
    assert len(sent) == 3


async def test_no_secret_is_written_down(org: Org, api: Api) -> None:
    """Links, tokens, passwords and codes are in no log, no call, no effect, and in no `repr`."""
    links = [await _reset(api), (await api.act(STAR, "reset_password", sendEmail="false")).json()["resetPasswordUrl"]]
    await _choose(api, links[0], answer="secret-answer")
    temporary = (await api.act(JONAS.id, "expire_password_with_temp_password")).json()["tempPassword"]
    code = org.phones.code(JONAS.id)
    totp = next(one for one in org.user(JONAS.id).factors if one.secret)
    await api.verify(JONAS.id, totp.id, {"passCode": code})
    await api.act(login("lena.fischer"), "reset_password", sendEmail="true")
    links += [mail.link for mail in org.mails if mail.link]

    written = repr([list(org.log), org.calls, org.effects, org.mails, org.users(), org.phones.devices(JONAS.id)])
    for secret in (*(link.rpartition("/")[2] for link in links), GOOD, "secret-answer", temporary):
        assert secret not in written
    assert f"'{code}'" not in written
    assert all("reset_password/" not in call.path for call in org.calls)


_letters = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=80)


@settings(max_examples=60, deadline=None)
@given(password=_letters)
def test_whatever_is_typed_is_judged(password: str) -> None:
    """Any text is a password or has a reason why not, which never quotes it whole."""
    user = hire(JONAS, START, 1)
    broken = broken_rules(password, user, CAST[-1])

    if not broken:
        assert 8 <= len(password) <= 72
        assert password != password.lower()
    assert all(len(password) < 8 or password not in reason for reason in broken)


_steps = st.lists(st.tuples(st.sampled_from(["make", "void", "wait", "look"]), st.integers(0, 2)), max_size=30)


@settings(max_examples=80, deadline=None)
@given(steps=_steps)
def test_only_the_newest_link_of_a_person_is_good_and_only_for_its_time(steps: list[tuple[str, int]]) -> None:
    """Whatever is made, used up or waited for, in any order, for three people."""
    links, now, life = Links(), START, timedelta(minutes=60)
    people = [hire(one, START, number) for number, one in enumerate(EMPLOYEES[:3])]
    made: list[tuple[int, str]] = []
    good: dict[int, tuple[str, datetime]] = {}
    for what, who in steps:
        if what == "make":
            token = links.make(Purpose.RESET, people[who], now, life)
            made.append((who, token))
            good[who] = (token, now + life)
        elif what == "void":
            links.void(people[who])
            good.pop(who, None)
        elif what == "wait":
            now += timedelta(minutes=25)
        good = {who: kept for who, kept in good.items() if kept[1] > now}
        found = {token for _, token in made if _leads(links, token, now)}
        assert found == {token for token, _ in good.values()}


def _leads(links: Links, token: str, now: datetime) -> bool:
    try:
        links.find(token, frozenset({Purpose.RESET}), now)
    except OktaError:
        return False
    with pytest.raises(OktaError, match="E0000105"):
        links.find(token, frozenset({Purpose.FORGOT}), now)
    return True


def test_the_cast_starts_with_passwords_that_its_policies_take() -> None:
    """But for the history, which has them."""
    person = hire(EMPLOYEES[0], START, 0)

    assert person.status == Status.LOCKED_OUT
    assert broken_rules(first_password(EMPLOYEES[0].handle), person, CAST[-1]) == ["None of your last 4 passwords."]
