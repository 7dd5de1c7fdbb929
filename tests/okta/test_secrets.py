"""The token is seen by Okta and by nobody else, whatever goes wrong."""

import logging
import socket
import traceback
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final

import pytest

from okta.auth import SSWS
from okta.client import TIME_LIMIT, OktaClient
from okta.errors import Executed, LostAnswerError, OktaError
from okta.models import LinkAnswer, OneTimeLink
from sandbox.okta import Fault, Org
from tests.okta.clients import TOKEN, connect
from tests.okta.wire import CUT, SILENCE, said, wire

BRIEF: Final = 0.05
"""Seconds, where no answer comes."""

CALLS: Final = 10
"""How many calls `failures` makes."""

ECHO: Final = f'{{"errorCode":"E0000001","errorSummary":"{TOKEN}","errorCauses":[{{"errorSummary":"{TOKEN}"}}]}}'

ANSWERS: Final = {
    "cut": CUT,
    "silence": SILENCE,
    "no HTTP": b"220 mail.northwind.example ESMTP\r\n\r\n",
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{}",
    "broken gzip": said(200, "no gzip", ("Content-Encoding", "gzip")),
    "broken chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + TOKEN.encode() + b"\r\n",
    "a body that is no JSON": said(200, TOKEN),
    "a body that is no UTF-8": said(200, f'{{"id":"{TOKEN}'.encode() + b"\xff"),
    "a page": said(200, f"<html>{TOKEN}</html>", kind="text/html"),
    "an echo": said(
        400, ECHO, ("X-Okta-Request-Id", f"{TOKEN} {TOKEN}"), ("WWW-Authenticate", f'Bearer error="{TOKEN}"')
    ),
    "a redirect": said(302, "", ("Location", f"http://127.0.0.1:1/{TOKEN}")),
    "a limit": said(429, ECHO),
    "a link": said(200, "[]", ("Link", '<http://elsewhere.example/>; rel="next"')),
    "a link that is none": said(200, "[]", ("Link", '<http://[/>; rel="next"')),
}


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """At no level, by no library."""
    caplog.set_level(logging.DEBUG)
    yield
    assert TOKEN not in caplog.text


def chain(error: BaseException) -> Iterator[BaseException]:
    """An error, and everything that led to it, also what a traceback would leave out."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        seen.add(id(each))
        yield each
        waiting += [other for other in (each.__cause__, each.__context__) if other and id(other) not in seen]


def shows_nothing(error: BaseException) -> None:
    """Fail if the token can be seen in an error: its text, its arguments, or the variables of the frames it came through."""
    for each in chain(error):
        texts = (str(each), repr(each), repr(each.args), repr(vars(each)) if not isinstance(each, OktaError) else "")
        assert all(TOKEN not in text for text in texts), type(each)
        # The frames of this file hold the token on purpose.
        frames = traceback.TracebackException.from_exception(each, capture_locals=True).stack
        told = [frame for frame in frames if frame.filename != __file__]
        assert all(TOKEN not in str(frame.locals) for frame in told), [frame.name for frame in told]


async def failures(okta: OktaClient) -> list[OktaError]:
    """The errors of one call of each kind."""
    found = []
    calls: tuple[Callable[[str], Awaitable[object]], ...] = (
        okta.user,
        okta.blocks,
        okta.groups,
        okta.factors,
        okta.unlock,
        okta.clear_sessions,
        okta.reactivate,
        partial(okta.reset_password, send_email=False, revoke_sessions=True),
        partial(okta.forgot_password, send_email=False),
        partial(okta.remove_factor, factor_id="opf1"),
    )
    for call in calls:
        try:
            await call("00u1")
        except OktaError as error:
            found.append(error)
    return found


@pytest.mark.parametrize("how", ANSWERS)
async def test_no_answer_brings_the_token_out(how: str) -> None:
    """Not even one that repeats it."""
    limit = BRIEF if ANSWERS[how] == SILENCE else TIME_LIMIT
    async with wire(ANSWERS[how]) as server, connect(server.url, time_limit=limit) as okta:
        errors = await failures(okta)

    assert errors
    for error in errors:
        shows_nothing(error)
    assert all(TOKEN in str(asked.headers) for asked in server.asked), "the token was not sent at all"


@pytest.mark.parametrize("fault", Fault)
async def test_no_fault_of_okta_brings_the_token_out(url: str, org: Org, fault: Fault) -> None:
    """Reads and writes alike."""
    org.faults.order("*", "**", fault, times=CALLS)
    limit = BRIEF if fault in {Fault.STALL, Fault.STALL_AFTER} else TIME_LIMIT
    async with connect(url, time_limit=limit) as okta:
        errors = await failures(okta)

    assert len(errors) == CALLS
    for error in errors:
        shows_nothing(error)


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_no_connection_that_fails_brings_the_token_out(scheme: str) -> None:
    """Refused, or never secured."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        async with connect(f"{scheme}://127.0.0.1:{deaf.getsockname()[1]}") as okta:
            errors = await failures(okta)

    assert len(errors) == CALLS
    for error in errors:
        shows_nothing(error)


async def test_a_refused_write_does_not_bring_the_token_out() -> None:
    """Nor does the read-only transport."""
    async with wire() as server, connect(server.url, read_only=True) as okta:
        with pytest.raises(OktaError) as caught:
            await okta.unlock("00u1")
        shows_nothing(caught.value)


async def test_the_token_is_not_shown_by_what_holds_it() -> None:
    """Neither the way of signing in nor the client."""
    auth = SSWS(TOKEN)
    async with connect("https://acme.okta.com", auth=auth) as okta:
        assert repr(auth) == str(auth) == "SSWS(…)"
        assert TOKEN not in repr(okta) + repr(vars(okta))


@pytest.mark.parametrize(
    "wrong", ["", " ", f"{TOKEN} x", f"{TOKEN}\r\nX: y", f"{TOKEN}\t", f"{TOKEN}\u00e9", f"{TOKEN}\x7f"]
)
def test_what_cannot_be_a_token(wrong: str) -> None:
    """Is refused before it reaches a header, and not repeated."""
    with pytest.raises(ValueError, match="one word of printable ASCII") as caught:
        SSWS(wrong)

    assert TOKEN not in str(caught.value)
    assert caught.value.__context__ is None


LINK: Final = f"https://acme.okta.com/reset_password/{TOKEN}"


def test_a_link_is_not_shown_by_what_holds_it() -> None:
    """Whoever opens it first chooses the password."""
    assert TOKEN not in repr(OneTimeLink(LINK)) + str(OneTimeLink(LINK))
    assert TOKEN not in repr(LinkAnswer(LINK)) + str(LinkAnswer(LINK))


@pytest.mark.parametrize(
    "body",
    [f'{{"resetPasswordUrl":"{LINK}\\n"}}', f'{{"resetPasswordUrl":["{LINK}"]}}', f'["{LINK}"]', LINK],
    ids=["odd", "list", "no object", "no JSON"],
)
async def test_a_link_that_cannot_be_read_is_not_shown(body: str) -> None:
    """Nor is it in the frames of the error."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await okta.reset_password("00u1", send_email=False, revoke_sessions=False)

    shows_nothing(caught.value)
    assert caught.value.executed is Executed.UNKNOWN
