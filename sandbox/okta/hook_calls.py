"""The calls that an org makes to the receivers of its event hooks: 3 seconds each, by the twin's clock, and never past this machine."""

from __future__ import annotations

import asyncio
import json
import ssl
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.clock import Clock

PATIENCE: Final = timedelta(seconds=3)
"""How long a receiver may take."""

CHALLENGE: Final = "x-okta-verification-challenge"

HERE: Final = frozenset({"127.0.0.1", "localhost"})
"""The hosts that are called. Of any other the twin says that it cannot be reached."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered.

    Attributes:
        status: None if it did not.
        late: whether it just took too long.
    """

    status: int | None = None
    body: bytes = b""
    late: bool = False

    @property
    def good(self) -> bool:
        """Whether it is a success."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def again(self) -> bool:
        """Whether a second attempt may fare better: none came, or the receiver has failed."""
        return self.status is None or self.status >= 500

    @property
    def words(self) -> str:
        """What came, in words."""
        if self.status is not None:
            return f"The endpoint answered with HTTP status {self.status}."
        return "The endpoint did not answer in time." if self.late else "The endpoint could not be reached."

    def fault(self, challenge: str) -> str | None:
        """What is wrong with it as an answer to a challenge; None if nothing is."""
        if self.status != 200:
            return self.words
        try:
            told = json.loads(self.body)
        except (ValueError, RecursionError):
            return "The answer of the endpoint is not JSON."
        if not isinstance(told, dict) or told.get("verification") != challenge:
            return "The answer of the endpoint does not hold the value of the challenge."
        return None


class Caller:
    """Calls receivers, in the event loop in which it is first used. Redirects are not followed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._http: httpx.AsyncClient | None = None

    async def post(self, uri: str, headers: Iterable[tuple[str, str]], content: dict[str, Any]) -> Reply:
        """Deliver something."""
        return await self._call(
            "POST", uri, [*headers, ("Content-Type", "application/json")], json.dumps(content).encode()
        )

    async def challenge(self, uri: str, headers: Iterable[tuple[str, str]], value: str) -> Reply:
        """Ask whether the receiver expects us."""
        return await self._call("GET", uri, [*headers, (CHALLENGE, value)])

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def _call(self, method: str, uri: str, headers: list[tuple[str, str]], body: bytes | None = None) -> Reply:
        if urlsplit(uri).hostname not in HERE:
            return Reply()
        asked = asyncio.ensure_future(self._ask(method, uri, [*headers, ("Accept", "application/json")], body))
        limit = asyncio.ensure_future(self._clock.sleep_until(self._clock.now() + PATIENCE))
        try:
            await asyncio.wait({asked, limit}, return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else Reply(late=True)
        except httpx.RequestError:
            return Reply()
        finally:
            asked.cancel()
            limit.cancel()
            await asyncio.gather(asked, limit, return_exceptions=True)

    async def _ask(self, method: str, uri: str, headers: list[tuple[str, str]], body: bytes | None) -> Reply:
        if self._http is None:
            trusted = ssl.create_default_context()
            self._http = httpx.AsyncClient(verify=trusted, timeout=None, trust_env=False)  # noqa: S113 - the twin's clock has the limit
        answer = await self._http.request(method, uri, headers=headers, content=body)
        return Reply(answer.status_code, answer.content)
