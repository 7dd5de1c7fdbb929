"""Clients of an org on loopback, and the token they show."""

from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from okta.auth import SSWS
from okta.client import OktaClient
from okta.transport import build_http

TOKEN: Final = "00MarkedSecretOfTheTests"


class Bearer(httpx.Auth):
    """Shows an access token that somebody else has fetched."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


@asynccontextmanager
async def connect(
    url: str, *, auth: httpx.Auth | None = None, read_only: bool = False, attempts: int = 1, **more: Any
) -> AsyncIterator[OktaClient]:
    """A client of the org at `url`, with `TOKEN` unless another way of signing in is given; it tries everything once."""
    async with build_http(url, user_agent="unlatch/test", read_only=read_only) as http:
        yield OktaClient(http, auth or SSWS(TOKEN), attempts=attempts, **more)
