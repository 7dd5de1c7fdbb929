"""Everything that can go wrong under way: which error it is, whether a write may have been done, and that nothing is sent twice."""

import gzip
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx
import pytest

from okta.auth import SSWS
from okta.client import TIME_LIMIT, OktaClient
from okta.errors import (
    Executed,
    Limited,
    LostAnswerError,
    OktaError,
    RateLimitedError,
    ReadOnlyOrgError,
    UnreachableError,
)
from okta.pace import Memory
from okta.transport import LONGEST, AiohttpTransport, build_http
from sandbox.okta import Fault, Org
from sandbox.people import STAR, okta_id
from tests.okta.clients import TOKEN, Bearer, connect
from tests.okta.wire import CUT, SILENCE, said, wire

MAYA: Final = okta_id("00u", STAR)
IMPATIENT: Final = 0.25
"""Seconds, where no answer comes."""

Write = Callable[[OktaClient], Awaitable[None]]

WRITES: Final = {
    "unlock": lambda okta: okta.unlock(MAYA),
    "clear_sessions": lambda okta: okta.clear_sessions(MAYA),
}
"""A POST, and a DELETE, which aiohttp would send a second time."""


@dataclass(frozen=True, slots=True)
class Course:
    """What follows from a fault: the error, what it says of a write, and what really became of the write."""

    error: type[OktaError]
    executed: Executed
    effects: int


COURSES: Final = {
    Fault.RATE_LIMIT: Course(RateLimitedError, Executed.NO, 0),
    Fault.CONCURRENCY: Course(RateLimitedError, Executed.NO, 0),
    Fault.ERROR_500: Course(LostAnswerError, Executed.UNKNOWN, 0),
    Fault.UNAVAILABLE_503: Course(LostAnswerError, Executed.UNKNOWN, 0),
    Fault.READ_ONLY_503: Course(ReadOnlyOrgError, Executed.NO, 0),
    Fault.GATEWAY_502: Course(LostAnswerError, Executed.UNKNOWN, 0),
    Fault.GATEWAY_504: Course(LostAnswerError, Executed.UNKNOWN, 1),
    Fault.STALL: Course(LostAnswerError, Executed.UNKNOWN, 0),
    Fault.STALL_AFTER: Course(LostAnswerError, Executed.UNKNOWN, 1),
    Fault.CUT_BEFORE: Course(LostAnswerError, Executed.UNKNOWN, 0),
    Fault.CUT_AFTER: Course(LostAnswerError, Executed.UNKNOWN, 1),
}


@pytest.fixture
async def used(url: str, org: Org, fault: Fault) -> AsyncIterator[OktaClient]:
    """A client with a connection that was used before, as patient as the fault needs; Maya has a session to end."""
    org.change(STAR, sessions=1)
    limit = IMPATIENT if fault in {Fault.STALL, Fault.STALL_AFTER} else TIME_LIMIT
    async with build_http(url, user_agent="unlatch/test") as http:
        await OktaClient(http, SSWS(TOKEN)).me()
        org.calls.clear()
        ledger = Memory(lambda: org.clock.now().timestamp())
        yield OktaClient(http, SSWS(TOKEN), time_limit=limit, attempts=1, ledger=ledger)


def test_every_fault_has_its_course() -> None:
    """A fault that the twin learns later is not left out here."""
    assert set(COURSES) == set(Fault)


@pytest.mark.parametrize("fault", COURSES)
async def test_a_read_that_fails(used: OktaClient, org: Org, fault: Fault) -> None:
    """Has done nothing, is sent once, and says the same error as a write would."""
    org.faults.order("GET", "**", fault)

    with pytest.raises(COURSES[fault].error) as caught:
        await used.user(MAYA)

    assert type(caught.value) is COURSES[fault].error
    assert caught.value.executed is Executed.NO
    assert len(org.calls) == 1
    org.clock.advance(timedelta(minutes=1))
    assert (await used.user(MAYA)).id == MAYA


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("fault", COURSES)
async def test_a_write_that_fails(used: OktaClient, org: Org, fault: Fault, write: str) -> None:
    """Is sent once, and counts as not done only if it surely is not."""
    org.faults.order("*", "**", fault)

    with pytest.raises(COURSES[fault].error) as caught:
        await WRITES[write](used)

    assert type(caught.value) is COURSES[fault].error
    assert caught.value.operation == write
    assert caught.value.executed is COURSES[fault].executed
    assert len(org.calls) == 1
    assert len(org.effects) == COURSES[fault].effects


async def test_reads_go_on_while_okta_is_in_maintenance(okta: OktaClient, org: Org) -> None:
    """And a write says that it was not done."""
    org.settings.read_only = True

    assert (await okta.user(MAYA)).id == MAYA
    with pytest.raises(ReadOnlyOrgError) as caught:
        await okta.unlock(MAYA)
    assert (caught.value.status, caught.value.code) == (503, "E0000010")


async def test_a_bucket_that_is_empty(okta: OktaClient, org: Org) -> None:
    """It is known when to come back, by Okta's clock and as a delay."""
    org.faults.order("GET", "**", Fault.RATE_LIMIT, seconds=30)
    now = org.clock.now()

    with pytest.raises(RateLimitedError) as caught:
        await okta.user(MAYA)

    error = caught.value
    assert (error.limited, error.status, error.code) == (Limited.BUCKET, 429, "E0000047")
    assert error.reset_at
    assert abs(error.reset_at - now - timedelta(seconds=30)) < timedelta(seconds=5)
    assert error.retry_after
    assert timedelta(seconds=29) <= error.retry_after <= timedelta(seconds=32)


async def test_too_many_at_once(okta: OktaClient, org: Org) -> None:
    """Okta does not say when to come back; the reset it sends means nothing then."""
    org.settings.concurrency = 0

    with pytest.raises(RateLimitedError) as caught:
        await okta.user(MAYA)

    assert caught.value.limited is Limited.CONCURRENCY
    assert caught.value.reset_at is None
    assert caught.value.retry_after is None


PERSONAL: Final = {
    "by its code": said(429, '{"errorCode":"E0000109"}'),
    "by what is left": said(
        429, '{"errorCode":"E0000047"}', ("X-Rate-Limit-Limit", "600"), ("X-Rate-Limit-Remaining", "599")
    ),
}


@pytest.mark.parametrize("how", PERSONAL)
async def test_the_limit_of_one_person(how: str) -> None:
    """It is told from the limits that everybody shares, and has no moment either."""
    async with wire(PERSONAL[how]) as server, connect(server.url) as okta:
        with pytest.raises(RateLimitedError) as caught:
            await okta.unlock(MAYA)

    assert caught.value.limited is Limited.PERSON
    assert caught.value.executed is Executed.NO
    assert caught.value.reset_at is None


@pytest.mark.parametrize("write", WRITES)
async def test_nobody_is_listening(write: str) -> None:
    """No connection, so surely nothing was done."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        async with connect(f"http://127.0.0.1:{deaf.getsockname()[1]}") as okta:
            with pytest.raises(UnreachableError) as caught:
                await WRITES[write](okta)

    assert caught.value.executed is Executed.NO
    assert caught.value.status is None
    assert str(caught.value) == f"{write}: Okta cannot be reached"
    assert isinstance(caught.value.__cause__, httpx.ConnectError)


async def test_no_name() -> None:
    """A name that no resolver knows leads to no connection."""
    async with connect("https://acme.invalid") as okta:
        with pytest.raises(UnreachableError):
            await okta.unlock(MAYA)


async def test_what_does_not_speak_tls(url: str, org: Org) -> None:
    """A connection that was never secured has not seen the request."""
    async with connect(url.replace("http:", "https:")) as okta:
        with pytest.raises(UnreachableError) as caught:
            await okta.unlock(MAYA)

    assert caught.value.executed is Executed.NO
    assert org.calls == []


async def hurried(url: str, limits: httpx.Timeout) -> OktaError:
    """How an unlock fails when the transport has less time than the client."""
    async with httpx.AsyncClient(base_url=url, transport=AiohttpTransport(), timeout=limits) as http:
        with pytest.raises(OktaError) as caught:
            await OktaClient(http, Bearer("x")).unlock(MAYA)
    return caught.value


async def test_a_connection_that_takes_too_long() -> None:
    """TCP stands, TLS does not come about: nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        error = await hurried(url, httpx.Timeout(5, connect=IMPATIENT))

    assert type(error) is UnreachableError
    assert isinstance(error.__cause__, httpx.ConnectTimeout)


@pytest.mark.parametrize("answer", [SILENCE, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{"])
async def test_an_answer_that_stops(answer: bytes) -> None:
    """Before it begins, or in the middle: it may have been done."""
    async with wire(answer) as server:
        error = await hurried(server.url, httpx.Timeout(5, read=IMPATIENT))

    assert type(error) is LostAnswerError
    assert error.executed is Executed.UNKNOWN
    assert isinstance(error.__cause__, httpx.ReadTimeout)
    assert len(server.asked) == 1


async def test_an_answer_of_unknown_length() -> None:
    """In pieces, as a gateway may pass it on: it is read to its end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with wire(head + b'5\r\n{"id"\r\n9\r\n: "00u1"}\r\n0\r\n\r\n') as server, connect(server.url) as okta:
        assert (await okta.user(MAYA)).id == "00u1"


BROKEN: Final = {
    "no answer": (CUT, httpx.ReadError),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", httpx.RemoteProtocolError),
    "half an answer": (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{}", httpx.ReadError),
    "an endless header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", httpx.RemoteProtocolError),
    "broken chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", httpx.RemoteProtocolError),
    "broken gzip": (said(200, b"no gzip", ("Content-Encoding", "gzip")), httpx.ReadError),
    "half a gzip": (said(200, gzip.compress(b"{}")[:-4], ("Content-Encoding", "gzip")), httpx.ReadError),
    "gzip in gzip": (
        said(200, gzip.compress(gzip.compress(b"{}")), ("Content-Encoding", "gzip, gzip")),
        httpx.ReadError,
    ),
    "what swells": (said(200, gzip.compress(b" " * (LONGEST + 1)), ("Content-Encoding", "gzip")), httpx.ReadError),
    "another coding": (said(200, b"{}", ("Content-Encoding", "br")), httpx.ReadError),
    "what is too long": (said(200, b" " * (LONGEST + 1)), httpx.ReadError),
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("write", WRITES)
async def test_an_answer_that_is_broken(how: str, write: str) -> None:
    """May be that of a write which was done."""
    answer, cause = BROKEN[how]
    async with wire(answer) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await WRITES[write](okta)

    assert caught.value.executed is Executed.UNKNOWN
    assert isinstance(caught.value.__cause__, cause)
    assert len(server.asked) == 1
