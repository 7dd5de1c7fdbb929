"""The client below ours: nothing is followed, nothing kept, and an answer is gone when nobody needs it any more."""

import gc
import weakref

import httpx
import pytest

from okta.transport import CONNECT, SILENCE, build_http
from tests.okta.clients import connect
from tests.okta.wire import said, wire


async def test_a_redirect_is_an_answer_like_any_other() -> None:
    """Whoever answers in Okta's place shall not send our credential elsewhere."""
    async with (
        wire(said(302, "", ("Location", "/elsewhere"))) as server,
        build_http(server.url, user_agent="x") as http,
    ):
        answer = await http.get("/here", follow_redirects=True)
        assert (answer.status_code, len(server.asked)) == (302, 1)


async def test_an_answer_is_gone_with_its_last_reader() -> None:
    """Not with the next round of the garbage collector: pages of a list are large."""
    async with wire(said(200, "{}")) as server, build_http(server.url, user_agent="x") as http:
        gc.disable()
        try:
            answer = await http.send(http.build_request("GET", "/api/v1/users"))
            there = weakref.ref(answer)
            del answer
            assert there() is None
        finally:
            gc.enable()


async def test_every_request_has_the_limits_of_time() -> None:
    """However it was made."""
    async with build_http("https://acme.okta.com", user_agent="x") as http:
        usual = http.build_request("GET", "/api/v1/users", extensions={"operation": "users"})
        unusual = http.build_request("GET", "/api/v1/users", headers={"X": "y"}, extensions={"operation": "users"})
        assert usual.extensions == unusual.extensions
        assert usual.extensions["timeout"] == {"connect": CONNECT, "read": SILENCE, "write": SILENCE, "pool": SILENCE}


@pytest.mark.parametrize("url", ["/api/v1/users", "/api/v1/users/m%2F%C3%BC", "https://acme.okta.com/x?after=a%2Bb"])
async def test_requests_are_those_of_httpx(url: str) -> None:
    """What is left out makes no difference on the wire."""
    headers = {"User-Agent": "x", "Accept": "application/json", "Accept-Encoding": "gzip"}
    stock = httpx.AsyncClient(base_url="https://acme.okta.com", headers=headers)
    async with build_http("https://acme.okta.com", user_agent="x") as http, stock:
        for more in ({}, {"params": {"search": 'a eq "ü"'}}, {"json": {"a": 1}}):
            ours, theirs = http.build_request("POST", url, **more), stock.build_request("POST", url, **more)
            assert (ours.method, ours.url, ours.headers) == (theirs.method, theirs.url, theirs.headers)
            assert ours.read() == theirs.read()


async def test_a_closed_client_sends_nothing() -> None:
    """Rather than open a connection that nobody closes."""
    async with wire() as server:
        async with connect(server.url) as okta:
            pass
        with pytest.raises(RuntimeError, match="closed"):
            await okta.me()
        assert server.asked == []
