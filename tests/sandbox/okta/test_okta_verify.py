"""Proving oneself: codes by time, codes that are sent, pushes; right, wrong, twice, late, and by somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.okta import totp
from sandbox.okta.errors import OktaError
from sandbox.okta.factors import TOTP, enrolled
from sandbox.okta.mail import MailKind
from sandbox.okta.users import hire
from sandbox.okta.verification import MOST_ATTEMPTS, Verifier
from sandbox.people import EMPLOYEES
from tests.sandbox.okta.api import code
from tests.sandbox.okta.challenges import CLARA, factor
from tests.sandbox.okta.conftest import START

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

MAYA, JONAS = EMPLOYEES[0], EMPLOYEES[1]
STEP: Final = timedelta(seconds=totp.STEP)
NUMBERS: Final = {"useNumberMatchingChallenge": True}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(seconds: int, expected: str) -> None:
    """The test vectors of RFC 6238, appendix B, for SHA-1."""
    step = totp.step_of(datetime.fromtimestamp(seconds, UTC))

    assert totp.code(b"12345678901234567890", step, digits=8) == expected


async def test_the_code_on_the_phone_is_taken_once(org: Org, api: Api) -> None:
    """Again it is a replay, and the log has both."""
    app = factor(org, JONAS.id, TOTP)
    shown = {"passCode": org.phones.code(JONAS.login)}

    assert (await api.verify(JONAS.id, app.id, shown)).json() == {"factorResult": "SUCCESS"}
    assert code(await api.verify(JONAS.id, app.id, shown)) == (403, "E0000082")
    outcomes = [e["outcome"]["result"] for e in org.log if e["eventType"] == "user.authentication.auth_via_mfa"]
    assert outcomes == ["SUCCESS", "FAILURE"]


@pytest.mark.parametrize("passcode", ["nonsense", "1234567", "é" * 6, " "])
async def test_a_wrong_code_is_wrong(org: Org, api: Api, passcode: str) -> None:
    """Whatever it looks like."""
    assert code(await api.verify(JONAS.id, factor(org, JONAS.id, TOTP).id, {"passCode": passcode})) == (403, "E0000068")


@pytest.mark.parametrize(
    "body", [None, {}, {"passCode": ""}, {"passCode": None}, {"passCode": 123456}, {"answer": "x"}]
)
async def test_a_code_has_to_be_there(org: Org, api: Api, body: Any) -> None:
    """An app sends nothing by itself."""
    assert code(await api.verify(JONAS.id, factor(org, JONAS.id, TOTP).id, body)) == (400, "E0000001")


@pytest.mark.parametrize(
    ("content", "kind", "refusal"),
    [
        (b"{not json", "application/json", "E0000003"),
        (b"[1]", "application/json", "E0000003"),
        (b"[" * 100_000, "application/json", "E0000003"),
        (b'{"passCode":"1"}', "text/plain", "E0000021"),
        (b'{"passCode":' + b'"x"' + b" " * 70_000 + b"}", "application/json", "E0000003"),
    ],
)
async def test_a_body_has_to_be_a_json_object(org: Org, api: Api, content: bytes, kind: str, refusal: str) -> None:
    """And to say that it is one."""
    path = f"/api/v1/users/{JONAS.id}/factors/{factor(org, JONAS.id, TOTP).id}/verify"
    headers = {"Authorization": api.authorization or "", "Content-Type": kind}

    assert code(await api.http.post(path, content=content, headers=headers)) == (400, refusal)


async def test_a_code_may_be_no_text_at_all(org: Org, api: Api) -> None:
    """JSON can say what UTF-8 cannot."""
    for whom, kind in ((JONAS, TOTP), (CLARA, "sms")):
        path = f"/api/v1/users/{whom.id}/factors/{factor(org, whom.id, kind).id}/verify"
        headers = {"Authorization": api.authorization or "", "Content-Type": "application/json"}
        await api.verify(whom.id, factor(org, whom.id, kind).id)
        answer = await api.http.post(path, content=b'{"passCode":"\\ud800"}', headers=headers)
        assert code(answer) == (403, "E0000068")


async def test_too_many_tries_have_to_wait(org: Org, api: Api, clock: Clock) -> None:
    """Then even the right one: a 429 of the person's, whose headers speak of the bucket."""
    app = factor(org, JONAS.id, TOTP)
    for _ in range(MOST_ATTEMPTS):
        assert code(await api.verify(JONAS.id, app.id, {"passCode": "nonsense"})) == (403, "E0000068")
    answer = await api.verify(JONAS.id, app.id, {"passCode": org.phones.code(JONAS.login)})

    assert code(answer) == (429, "E0000047")
    assert int(answer.headers["x-rate-limit-remaining"]) > 0
    clock.advance(timedelta(minutes=5))
    assert (await api.verify(JONAS.id, app.id, {"passCode": org.phones.code(JONAS.login)})).is_success


async def test_who_is_locked_out_proves_nothing(org: Org, api: Api) -> None:
    """Neither by code nor by push."""
    for kind in ("push", TOTP):
        assert code(await api.verify(MAYA.id, factor(org, MAYA.id, kind).id, {"passCode": "1"})) == (403, "E0000069")
    assert org.phones.pushes(MAYA.login) == []


_seconds = st.integers(1_600_000_000, 4_000_000_000)


@given(seconds=_seconds, away=st.integers(-12, 12), tries=st.integers(1, 3))
def test_a_code_is_good_about_its_time_and_once(seconds: int, away: int, tries: int) -> None:
    """One step to each side is taken, ten are called late, further ones are wrong; and no code twice."""
    now = datetime.fromtimestamp(seconds, UTC)
    app, user, verifier = enrolled(TOTP, JONAS.login, START), hire(JONAS, START, 1), Verifier()
    passcode = totp.code(app.secret, totp.step_of(now) + away)
    chance = totp.matching(app.secret, passcode, now)
    expected = _expected(away) if chance in ([], [away]) else None

    said = [_said(verifier, user, app, passcode, now) for _ in range(tries)]

    assert said.count("SUCCESS") <= 1
    if expected is not None:
        assert said[0] == expected
        assert set(said[1:]) <= {"E0000082" if expected == "SUCCESS" else expected}


def _expected(away: int) -> str:
    if away in totp.ACCEPTED:
        return "SUCCESS"
    return "E0000083" if away in totp.KNOWN else "E0000068"


def _said(verifier: Verifier, user: Any, app: Any, passcode: str, now: datetime) -> str:
    try:
        verifier.check(user, app, passcode, now)
    except OktaError as refused:
        return refused.code
    return "SUCCESS"


async def test_a_text_message_is_asked_for_and_answered(org: Org, api: Api) -> None:
    """The code is on the phone and not in the answer; used, it is used."""
    text = factor(org, CLARA.id, "sms")
    asked = await api.verify(CLARA.id, text.id)
    passcode = org.phones.text_message(CLARA.login) or ""

    assert asked.json()["factorResult"] == "CHALLENGE"
    assert passcode
    assert passcode not in asked.text
    assert (await api.verify(CLARA.id, text.id, {"passCode": passcode})).json() == {"factorResult": "SUCCESS"}
    assert code(await api.verify(CLARA.id, text.id, {"passCode": passcode})) == (403, "E0000082")
    assert "system.sms.send_factor_verify_message" in {entry["eventType"] for entry in org.log}
    assert [effect.kind for effect in org.effects] == [f"challenge:{text.id}"]


async def test_a_text_message_can_be_sent_every_thirty_seconds(org: Org, api: Api, clock: Clock) -> None:
    """The newest code is the good one."""
    text = factor(org, CLARA.id, "sms").id
    await api.verify(CLARA.id, text)
    first = org.phones.text_message(CLARA.login)
    assert code(await api.verify(CLARA.id, text)) == (429, "E0000109")
    clock.advance(timedelta(seconds=30))
    assert (await api.verify(CLARA.id, text)).is_success
    second = org.phones.text_message(CLARA.login)

    if first != second:  # once in a million they are the same
        assert code(await api.verify(CLARA.id, text, {"passCode": first})) == (403, "E0000068")
    assert (await api.verify(CLARA.id, text, {"passCode": second})).is_success


@pytest.mark.parametrize(("seconds", "good"), [(59, True), (60, False)])
async def test_a_sent_code_lives_as_long_as_was_asked(
    org: Org, api: Api, clock: Clock, seconds: int, *, good: bool
) -> None:
    """Five minutes unless said otherwise."""
    text = factor(org, CLARA.id, "sms").id
    await api.verify(CLARA.id, text, tokenLifetimeSeconds=60)
    clock.advance(timedelta(seconds=seconds - 1 if good else seconds))
    answer = await api.verify(CLARA.id, text, {"passCode": org.phones.text_message(CLARA.login)})

    assert answer.is_success == good
    assert good or code(answer) == (403, "E0000083")


@pytest.mark.parametrize("life", ["0", "86401", "soon"])
async def test_a_life_has_bounds(org: Org, api: Api, life: str) -> None:
    """From a second to a day."""
    answer = await api.verify(CLARA.id, factor(org, CLARA.id, "sms").id, tokenLifetimeSeconds=life)

    assert code(answer) == (400, "E0000001")


async def test_a_code_by_mail_is_in_the_inbox(org: Org, api: Api, clock: Clock) -> None:
    """With a pace of its own, five seconds."""
    org.change(CLARA.id, factors=(enrolled("email", CLARA.login, clock.now(), contact=CLARA.address),))
    mail_factor = factor(org, CLARA.id, "email")
    await api.verify(CLARA.id, mail_factor.id)
    assert code(await api.verify(CLARA.id, mail_factor.id)) == (429, "E0000118")
    (mail,) = org.mails

    assert mail.kind == MailKind.PASSCODE
    passcode = mail.text.rpartition(" ")[2].rstrip(".")
    assert (await api.verify(CLARA.id, mail_factor.id, {"passCode": passcode})).is_success


async def test_a_key_is_challenged_and_answered_elsewhere(org: Org, api: Api) -> None:
    """The twin has no key to touch, so every answer is wrong."""
    key = factor(org, JONAS.id, "webauthn").id

    assert (await api.verify(JONAS.id, key)).json()["_embedded"]["challenge"]["challenge"]
    assert code(await api.verify(JONAS.id, key, {"passCode": "1"})) == (403, "E0000068")


async def _asked(org: Org, api: Api, body: Any = None) -> tuple[dict[str, Any], str]:
    answer = await api.verify(JONAS.id, factor(org, JONAS.id, "push").id, body)
    assert answer.status_code == 201, answer.text
    return answer.json(), answer.json()["_links"]["poll"]["href"]


async def test_a_push_waits_until_somebody_taps(org: Org, api: Api) -> None:
    """The number is in the first answer and in each poll; the phone shows three, and who asked."""
    told, poll = await _asked(org, api, NUMBERS)
    (push,) = org.phones.pushes(JONAS.login)
    number = told["_embedded"]["challenge"]["correctAnswer"]

    assert told["factorResult"] == (await api.get(poll)).json()["factorResult"] == "WAITING"
    assert (await api.get(poll)).json()["_embedded"] == told["_embedded"]
    assert number in push.choices
    assert len(set(push.choices)) == 3
    assert (push.device, "httpx" in push.user_agent) == ("Jonas's iPhone 8", True)
    assert org.phones.approve(push.id, number) == "SUCCESS"
    for _ in range(2):
        assert (await api.get(poll)).json() == {"factorResult": "SUCCESS"}
    assert org.phones.pushes(JONAS.login) == []


async def test_a_plain_push_has_no_number(org: Org, api: Api) -> None:
    """Yes is enough."""
    told, poll = await _asked(org, api)
    (push,) = org.phones.pushes(JONAS.login)

    assert "_embedded" not in told
    assert push.choices == ()
    org.phones.approve(push.id)
    assert (await api.get(poll)).json() == {"factorResult": "SUCCESS"}


@pytest.mark.parametrize(
    ("pipeline", "event"), [("idx", "user.authentication.auth_via_mfa"), ("v1", "user.mfa.okta_verify.deny_push")]
)
@pytest.mark.parametrize("way", ["deny", "wrong number", "no number"])
async def test_a_no_is_a_no(org: Org, api: Api, pipeline: str, event: str, way: str) -> None:
    """A wrong number too; and it cannot be taken back."""
    org.settings.pipeline = pipeline
    _, poll = await _asked(org, api, NUMBERS)
    (push,) = org.phones.pushes(JONAS.login)
    wrong = next(number for number in push.choices if number != push.answer)
    if way == "deny":
        org.phones.deny(push.id)
    else:
        org.phones.approve(push.id, wrong if way == "wrong number" else None)

    assert (await api.get(poll)).json()["factorResult"] == "REJECTED"
    denied = next(entry for entry in org.log if entry["eventType"] == event)
    assert (denied["actor"]["id"], denied["outcome"]["result"] == "FAILURE") == (JONAS.id, pipeline == "idx")
    with pytest.raises(ValueError, match="REJECTED"):
        org.phones.approve(push.id, push.answer)


async def test_nobody_waits_for_ever(org: Org, api: Api, clock: Clock) -> None:
    """At `expiresAt` it is over, and a tap comes too late."""
    told, poll = await _asked(org, api, NUMBERS)
    (push,) = org.phones.pushes(JONAS.login)
    clock.advance(datetime.fromisoformat(told["expiresAt"]) - clock.now() + timedelta(seconds=1))

    assert (await api.get(poll)).json()["factorResult"] == "TIMEOUT"
    assert org.phones.pushes(JONAS.login) == []
    with pytest.raises(ValueError, match="TIMEOUT"):
        org.phones.approve(push.id, push.answer)


async def test_a_push_can_be_called_off(org: Org, api: Api) -> None:
    """By the link in the answer; nothing is left of it."""
    told, poll = await _asked(org, api)

    assert (await api.send("DELETE", told["_links"]["cancel"]["href"])).status_code == 204
    assert org.phones.pushes(JONAS.login) == []
    assert code(await api.get(poll)) == (404, "E0000007")


async def test_a_push_needs_a_user_agent(org: Org, api: Api) -> None:
    """The phone shows it."""
    del api.http.headers["user-agent"]

    assert code(await api.verify(JONAS.id, factor(org, JONAS.id, "push").id)) == (400, "E0000001")
    assert org.phones.pushes(JONAS.login) == []
    assert org.effects == []


async def test_a_transaction_is_of_one_person_and_one_factor(org: Org, api: Api) -> None:
    """With another id in the path it is not found, and when the factor goes it goes."""
    _, poll = await _asked(org, api)
    elsewhere = poll.replace(JONAS.id, MAYA.id)
    on_the_key = poll.replace(factor(org, JONAS.id, "push").id, factor(org, JONAS.id, "webauthn").id)

    assert code(await api.get(elsewhere)) == (404, "E0000007")
    assert code(await api.get(on_the_key)) == (404, "E0000007")
    assert code(await api.get(f"{poll}x")) == (404, "E0000007")
    await api.remove(JONAS.id, factor(org, JONAS.id, "push").id)
    assert code(await api.get(poll)) == (404, "E0000007")
    assert org.phones.pushes(JONAS.login) == []
