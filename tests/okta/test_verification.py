"""Proving who one is: codes by time, codes that are sent, and pushes."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from okta.client import OktaClient
from okta.errors import (
    Executed,
    InvalidRequestError,
    Limited,
    LostAnswerError,
    NotFoundError,
    NotPermittedError,
    OktaError,
    RateLimitedError,
    StateConflictError,
)
from okta.factor_errors import LockedError, NotActiveError, RejectedError, WrongCode, WrongCodeError
from sandbox.okta import Fault, Org
from sandbox.people import okta_id
from tests.okta.clients import TOKEN, connect
from tests.okta.test_secrets import chain, shows_nothing
from tests.okta.wire import CUT, SILENCE, said, wire

if TYPE_CHECKING:
    from okta.exchange import Exchange

GRACE: Final = okta_id("00u", "grace.adeyemi@northwind.example")
CLARA: Final = okta_id("00u", "clara.novak@northwind.example")
JONAS: Final = okta_id("00u", "jonas.lindqvist@northwind.example")
VICTOR: Final = okta_id("00u", "victor.lang@northwind.example")

MARKED: Final = f"{TOKEN}5"
"""A code that `shows_nothing` finds wherever it is shown: it has the token's letters in it."""


def factor_of(org: Org, user_id: str, kind: str) -> str:
    """The id of somebody's factor of a kind."""
    return next(factor.id for factor in org.user(user_id).factors if factor.type == kind)


def seen(org: Org) -> list[str]:
    """What was asked of Okta, without what every test asks first."""
    return [f"{call.method} {call.path.rpartition('/')[2]}" for call in org.calls]


async def test_a_factor_is_read_and_all_are_reset(okta: OktaClient, org: Org) -> None:
    """Once they are gone they are not found; resetting again changes nothing."""
    push = factor_of(org, GRACE, "push")
    assert (await okta.factor(GRACE, push)).factor_type == "push"

    for _ in range(2):
        await okta.reset_factors(GRACE)

    assert await okta.factors(GRACE) == ()
    with pytest.raises(NotFoundError):
        await okta.factor(GRACE, push)
    assert [effect.kind for effect in org.effects] == ["reset_factors"]
    with pytest.raises(StateConflictError):
        await okta.reset_factors(VICTOR)


@pytest.mark.parametrize("roles", [{"READ_ONLY_ADMIN"}])
async def test_who_may_only_read_verifies_nobody(okta: OktaClient, org: Org) -> None:
    """Nor resets anything; reading is granted."""
    totp = factor_of(org, GRACE, "token:software:totp")
    assert (await okta.factor(GRACE, totp)).is_active
    with pytest.raises(NotPermittedError):
        await okta.verify_code(GRACE, totp, org.phones.code(GRACE))
    with pytest.raises(NotPermittedError):
        await okta.challenge(GRACE, totp)
    with pytest.raises(NotPermittedError):
        await okta.push(GRACE, factor_of(org, GRACE, "push"))
    with pytest.raises(NotPermittedError):
        await okta.reset_factors(GRACE)
    assert org.effects == []


async def test_a_code_by_time(okta: OktaClient, org: Org) -> None:
    """It is good once; each way not to be good is told apart."""
    totp = factor_of(org, GRACE, "token:software:totp")
    early = org.phones.code(GRACE)
    org.clock.advance(timedelta(seconds=120))
    good = org.phones.code(GRACE)

    found: list[tuple[WrongCode, str | None, Executed] | None] = []
    for code in (early, good, good, "abc"):
        try:
            await okta.verify_code(GRACE, totp, code)
        except WrongCodeError as error:
            found.append((error.why, error.code, error.executed))
        else:
            found.append(None)
    assert found == [
        (WrongCode.LATE, "E0000083", Executed.NO),
        None,
        (WrongCode.USED, "E0000082", Executed.NO),
        (WrongCode.WRONG, "E0000068", Executed.NO),
    ]


async def test_a_code_that_is_sent(okta: OktaClient, org: Org) -> None:
    """It is good for as long as was asked, and late after that."""
    text = factor_of(org, CLARA, "sms")
    for wait in (timedelta(), timedelta(seconds=61)):
        await okta.challenge(CLARA, text, token_lifetime=timedelta(minutes=1))
        code = org.phones.text_message(CLARA) or ""
        org.clock.advance(wait)
        if not wait:
            await okta.verify_code(CLARA, text, code)
            org.clock.advance(timedelta(seconds=31))
            continue
        with pytest.raises(WrongCodeError) as caught:
            await okta.verify_code(CLARA, text, code)
        assert caught.value.why is WrongCode.LATE
    await okta.challenge(CLARA, text)
    assert len(seen(org)) == 5


async def test_a_code_cannot_be_sent_for_any_factor(okta: OktaClient, org: Org) -> None:
    """An authenticator app makes its own; a push is none."""
    with pytest.raises(InvalidRequestError):
        await okta.challenge(GRACE, factor_of(org, GRACE, "token:software:totp"))
    with pytest.raises(LostAnswerError) as caught:
        await okta.challenge(GRACE, factor_of(org, GRACE, "push"))
    assert caught.value.executed is Executed.UNKNOWN
    with pytest.raises(LostAnswerError):
        await okta.push(CLARA, factor_of(org, CLARA, "sms"))
    with pytest.raises(NotFoundError):
        await okta.verify_code(GRACE, factor_of(org, CLARA, "sms"), "123456")


@pytest.mark.parametrize("code", ["", " ", "123 456", "1" * 65, "١٢٣٤٥٦", "12345\n", "\ud800", "{}\x00"])
async def test_what_cannot_be_a_code_costs_no_attempt(okta: OktaClient, org: Org, code: str) -> None:
    """It is wrong before anything is sent."""
    with pytest.raises(WrongCodeError) as caught:
        await okta.verify_code(GRACE, factor_of(org, GRACE, "token:software:totp"), code)

    assert caught.value.why is WrongCode.WRONG
    assert org.calls == []


async def test_a_locked_person_is_told_from_a_wrong_code(okta: OktaClient, org: Org) -> None:
    """The way is closed even to a good code; nothing suggests to try another one."""
    text = factor_of(org, CLARA, "sms")
    org.lock("clara.novak@northwind.example")
    calls = (okta.verify_code(CLARA, text, "123456"), okta.challenge(CLARA, text), okta.push(CLARA, text))
    for call in calls:
        with pytest.raises(LockedError) as caught:
            await call
        assert not isinstance(caught.value, WrongCodeError)
        assert isinstance(caught.value, StateConflictError)


async def test_a_factor_that_is_not_active(okta: OktaClient, org: Org) -> None:
    """It proves nothing."""
    pending = tuple(replace(factor, status="PENDING_ACTIVATION") for factor in org.user(CLARA).factors)
    org.change(CLARA, factors=pending)

    with pytest.raises(NotActiveError):
        await okta.verify_code(CLARA, pending[0].id, "123456")


async def test_too_many_codes_of_one_person_hinder_nobody_else(org: Org, url: str) -> None:
    """The refusal is told as this person's, is not tried again, and others go on at once."""
    totp = factor_of(org, GRACE, "token:software:totp")
    async with connect(url, attempts=3) as okta:
        for _ in range(5):
            with pytest.raises(WrongCodeError):
                await okta.verify_code(GRACE, totp, "000000")
        before = len(org.calls)
        with pytest.raises(RateLimitedError) as caught:
            await okta.verify_code(GRACE, totp, org.phones.code(GRACE))
        assert (caught.value.limited, caught.value.code) == (Limited.PERSON, "E0000047")
        assert len(org.calls) == before + 1

        await okta.verify_code(JONAS, factor_of(org, JONAS, "token:software:totp"), org.phones.code(JONAS))
        assert await okta.factors(CLARA)


LATER: Final = "Thu, 26 Nov 2026 12:00:00 GMT"
NOON: Final = 1_795_694_400
"""The same moment."""


def limited(limit: int, seconds: int, *, remaining: int = 0) -> bytes:
    """A 429 whose headers say so."""
    headers = {"Limit": limit, "Remaining": remaining, "Reset": NOON + seconds}
    told = [(f"X-Rate-Limit-{name}", str(value)) for name, value in headers.items()]
    return said(429, '{"errorCode":"E0000047"}', ("Date", LATER), *told)


@pytest.mark.parametrize(
    ("answer", "whose"),
    [
        (limited(5, 300), Limited.PERSON),
        (limited(5, 30), Limited.PERSON),
        (limited(300, 250), Limited.PERSON),
        (limited(300, 30, remaining=12), Limited.PERSON),
        (said(429, '{"errorCode":"E0000047"}'), Limited.PERSON),
        (limited(0, 30), Limited.CONCURRENCY),
        (limited(300, 30), Limited.BUCKET),
    ],
)
async def test_whose_limit_it_is(answer: bytes, whose: Limited) -> None:
    """Headers that cannot be a bucket's are those of one person's codes, and stall no other request."""
    async with wire(answer, said(200, "[]")) as server, connect(server.url) as okta:
        with pytest.raises(RateLimitedError) as caught:
            await okta.verify_code("00u1", "ost1", "123456")
        assert caught.value.limited is whose
        if whose is Limited.PERSON:
            assert await okta.factors("00u2") == ()


async def test_what_is_left_to_one_person_is_not_what_is_left_to_all() -> None:
    """Nor do the headers of a wrong code, or of a success, that may be about this person's codes stall others."""
    told = [("X-Rate-Limit-Limit", "5"), ("X-Rate-Limit-Remaining", "0"), ("X-Rate-Limit-Reset", str(NOON + 300))]
    refused = said(403, '{"errorCode":"E0000068"}', ("Date", LATER), *told)
    taken = said(200, '{"factorResult":"SUCCESS"}', ("Date", LATER), *told)
    async with wire(refused, taken, said(200, "[]")) as server, connect(server.url) as okta:
        with pytest.raises(WrongCodeError):
            await okta.verify_code("00u1", "ost1", "123456")
        await okta.verify_code("00u1", "ost1", "123456")
        assert await okta.factors("00u2") == ()


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("headers", [(), (("X-Rate-Limit-Limit", "0"), ("X-Rate-Limit-Remaining", "0"))])
@pytest.mark.parametrize(
    "code",
    ["E0000109", "E0000118", "E0000133", "E0000146", "E0000147", "E0000150", "E0000151"],
)
async def test_a_throttle_of_messages_is_one_persons(
    status: int, headers: tuple[tuple[str, str], ...], code: str
) -> None:
    """Whatever the status and the headers are, and it is not tried again."""
    answer = said(status, json.dumps({"errorCode": code}), *headers)
    async with wire(answer, said(200, "[]")) as server, connect(server.url, attempts=3) as okta:
        with pytest.raises(RateLimitedError) as caught:
            await okta.challenge("00u1", "mbl1")
        assert await okta.factors("00u2") == ()

    assert caught.value.limited is Limited.PERSON
    assert caught.value.executed is Executed.NO
    assert len(server.asked) == 2


async def test_a_code_just_sent_is_not_sent_again(okta: OktaClient, org: Org) -> None:
    """Another person's is."""
    text = factor_of(org, CLARA, "sms")
    await okta.challenge(CLARA, text)
    with pytest.raises(RateLimitedError) as caught:
        await okta.challenge(CLARA, text)

    assert (caught.value.limited, caught.value.code) == (Limited.PERSON, "E0000109")
    await okta.push(GRACE, factor_of(org, GRACE, "push"))


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("E0000069", 403, LockedError),
        ("E0000119", 403, LockedError),
        ("E0000073", 403, RejectedError),
        ("E0000155", 423, NotActiveError),
        ("E0000180", 423, NotActiveError),
        ("E0000074", 400, LostAnswerError),
        ("E0000067", 504, LostAnswerError),
    ],
)
async def test_each_refusal_has_its_type(code: str, status: int, kind: type[OktaError]) -> None:
    """And none of them is a wrong code."""
    async with wire(said(status, json.dumps({"errorCode": code}))) as server, connect(server.url) as okta:
        with pytest.raises(OktaError) as caught:
            await okta.verify_code("00u1", "ost1", "123456")

    assert type(caught.value) is kind
    assert caught.value.executed is (Executed.UNKNOWN if kind is LostAnswerError else Executed.NO)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ("FAILED", WrongCode.WRONG),
        ("PASSCODE_REPLAYED", WrongCode.USED),
        ("TIME_WINDOW_EXCEEDED", WrongCode.LATE),
        ("EXPIRED", WrongCode.LATE),
    ],
)
async def test_a_wrong_code_with_the_status_of_a_success(result: str, why: WrongCode) -> None:
    """The description has such answers, too."""
    async with wire(said(200, json.dumps({"factorResult": result}))) as server, connect(server.url) as okta:
        with pytest.raises(WrongCodeError) as caught:
            await okta.verify_code("00u1", "ost1", "123456")
    assert caught.value.why is why


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "null",
        '{"factorResult":"success"}',
        '{"factorResult":"SUCCESS "}',
        '{"factorResult":["SUCCESS"]}',
        '{"factorResult":true}',
        '{"factorResult":"CHALLENGE"}',
        '{"factorResult":"WAITING"}',
        '{"factorResult":"ERROR"}',
        '{"status":"SUCCESS"}',
    ],
)
async def test_only_success_is_success(body: str) -> None:
    """In these very letters; of anything else nobody knows what it means, nor whether the code is used up."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await okta.verify_code("00u1", "ost1", "123456")
        assert caught.value.executed is Executed.UNKNOWN
        server.answers[:] = [said(200, '{"factorResult":"REJECTED"}')]
        with pytest.raises(RejectedError):
            await okta.verify_code("00u1", "ost1", "123456")


@pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.CUT_BEFORE, Fault.GATEWAY_504, Fault.ERROR_500])
@pytest.mark.parametrize("operation", ["verify_code", "challenge", "push"])
async def test_what_may_have_been_done_is_not_done_again(org: Org, url: str, operation: str, fault: Fault) -> None:
    """Also by a client that tries reads three times; and it is told so."""
    org.faults.order("POST", "**", fault, times=3)
    async with connect(url, attempts=3) as okta:
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "verify_code": lambda: okta.verify_code(GRACE, factor_of(org, GRACE, "token:software:totp"), "123456"),
            "challenge": lambda: okta.challenge(CLARA, factor_of(org, CLARA, "sms")),
            "push": lambda: okta.push(GRACE, factor_of(org, GRACE, "push")),
        }
        with pytest.raises(LostAnswerError) as caught:
            await calls[operation]()

    assert caught.value.executed is Executed.UNKNOWN
    assert len(org.calls) == 1


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fails if the code is logged at any level, by any library."""
    caplog.set_level(logging.DEBUG)
    yield
    assert MARKED not in caplog.text


def kept(error: BaseException) -> None:
    """Fail if the code is shown anywhere but in the test's own frame, which holds it on purpose."""
    assert error.__traceback__
    shows_nothing(error.with_traceback(error.__traceback__.tb_next))


ECHO: Final = json.dumps({"errorCode": "E0000068", "errorSummary": MARKED, "errorCauses": [{"errorSummary": MARKED}]})


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    "answer",
    [
        CUT,
        SILENCE,
        said(403, ECHO),
        said(429, ECHO),
        said(500, ECHO),
        said(200, f'{{"factorResult":"{MARKED}"}}'),
        said(200, MARKED),
        said(200, f"<html>{MARKED}</html>", kind="text/html"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + MARKED.encode() + b"\r\n",
    ],
)
async def test_a_code_is_seen_by_okta_alone(answer: bytes) -> None:
    """Neither in an error or what led to it, nor by those who measure, whatever Okta answers."""
    told: list[Exchange] = []
    limit = 0.05 if answer == SILENCE else 10.0
    async with wire(answer) as server, connect(server.url, time_limit=limit, on_exchange=told.append) as okta:
        with pytest.raises(OktaError) as caught:
            await okta.verify_code("00u1", "ost1", MARKED)

    assert json.loads(server.asked[0].body) == {"passCode": MARKED}
    assert MARKED not in server.asked[0].target
    kept(caught.value)
    assert all(MARKED not in f"{error!s}{error!r}{error.args}" for error in chain(caught.value))
    assert told
    assert MARKED not in repr(told)


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize("code", [f"{MARKED} ", f"{MARKED}\ud800"])
async def test_what_cannot_be_a_code_is_not_shown_either(okta: OktaClient, code: str) -> None:
    """A mistyped one may be nearly right."""
    with pytest.raises(WrongCodeError) as caught:
        await okta.verify_code("00u1", "ost1", code)
    kept(caught.value)


async def test_a_refused_code_is_not_shown_by_a_transport_that_only_reads(org: Org, url: str) -> None:
    """Nor sent."""
    async with connect(url, read_only=True) as okta:
        with pytest.raises(OktaError) as caught:
            await okta.verify_code("00u1", "ost1", MARKED)
    kept(caught.value)
    assert org.calls == []
