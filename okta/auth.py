"""How a request proves who we are.

A way of signing in is an `httpx.Auth`: it sees each request just before it goes out and each answer to it, so it can
sign every attempt and every page anew, and fetch a token through the same transport when it needs one.
"""

from collections.abc import Generator
from typing import Final

import httpx

SIGNING: Final = "signing"
"""The extension that a request has while what it needs to be sent is still being fetched: it has not gone out then."""


class SSWS(httpx.Auth):
    """Okta's own API token (https://developer.okta.com/docs/guides/create-an-api-token/).

    It has the present admin roles of whoever created it, and expires after 30 days without use.

    Args:
        token: never shown again by this object.

    Raises:
        ValueError: `token` could not stand in a header. The message does not repeat it.
    """

    def __init__(self, token: str) -> None:
        if not (token and token.isascii() and token.isprintable() and " " not in token):
            raise ValueError("an Okta API token is one word of printable ASCII characters")
        self._header = f"SSWS {token}"

    def __repr__(self) -> str:
        return "SSWS(…)"

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the token to a request."""
        request.headers["Authorization"] = self._header
        yield request
