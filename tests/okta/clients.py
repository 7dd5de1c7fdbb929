"""Clients of an org on loopback, and the token they show."""

from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from okta.auth import SSWS
from okta.client import OktaClient
from okta.transport import build_http
from tests.sandbox.okta.description import judge

TOKEN: Final = "00MarkedSecretOfTheTests"


TWINS_ID: Final = 32
"""How many letters the ids have that the twin gives its requests."""


class Bearer(httpx.Auth):
    """Shows an access token that somebody else has fetched."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class _Judge(httpx.AsyncBaseTransport):
    """Holds each exchange with the twin against Okta's description; odd answers that a test wrote down are none of the twin's.

    Attributes:
        succeeded: the operations of which one came out well.
    """

    def __init__(self, wire: httpx.AsyncBaseTransport) -> None:
        self._wire = wire
        self.succeeded = set[str]()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass it on, and look at both."""
        answer = await self._wire.handle_async_request(request)
        if len(answer.headers.get("x-okta-request-id", "")) == TWINS_ID:
            found = judge(request, answer)
            assert found == [], f"{found} {request.method} {request.url}"
            if answer.is_success:
                self.succeeded.add(request.extensions["operation"])
        return answer


def succeeded(okta: OktaClient) -> set[str]:
    """The operations of a client, made here, of which an exchange with the twin came out well."""
    wire = okta._exchanges._http._wire  # type: ignore[attr-defined]  # inside the client, which shows it to nobody else
    return set(wire.succeeded)


@asynccontextmanager
async def connect(
    url: str, *, auth: httpx.Auth | None = None, read_only: bool = False, attempts: int = 1, **more: Any
) -> AsyncIterator[OktaClient]:
    """A client of the org at `url`, with `TOKEN` unless another way of signing in is given; it tries everything once.

    What it sends, and what the twin answers, must be as Okta's description has it.
    """
    async with build_http(url, user_agent="unlatch/test", read_only=read_only) as http:
        http._wire = _Judge(http._wire)  # type: ignore[attr-defined]  # inside the client, which shows it to nobody else
        yield OktaClient(http, auth or SSWS(TOKEN), attempts=attempts, **more)
