"""Signed HTTP delivery, Slack's side: events as JSON, interactions and commands as forms, each with a v0 signature.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

from sandbox.slack.post import Carried, Retry, done_in_time
from sandbox.slack.records import Delivery, Kind, Outcome, Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock
    from sandbox.slack.post import Parcel
    from sandbox.slack.records import JsonObject

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_REDIRECTS = 2


def sign(body: bytes, *, secret: str, timestamp: str) -> str:
    """The v0 signature of a request body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """What the app's HTTP server answered, or how it failed to."""

    outcome: Outcome
    status: int | None = None
    answer: Any = None
    no_retry: bool = False


class Webhooks:
    """A courier that posts to the app's request URL."""

    def __init__(self, clock: Clock, *, signing_secret: str) -> None:
        self._clock = clock
        self._secret = signing_secret
        self._session: aiohttp.ClientSession | None = None
        self.request_url: str | None = None

    def signed(
        self, body: bytes, *, timestamp: str | None = None, secret: str | None = None, content_type: str = _JSON
    ) -> dict[str, str]:
        """The headers of a request with this body; a test may pick another time or secret."""
        timestamp = timestamp if timestamp is not None else str(int(self._clock.now().timestamp()))
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(body, secret=self._secret if secret is None else secret, timestamp=timestamp),
        }

    async def carry(self, parcel: Parcel, retry: Retry) -> Carried:
        """Post a parcel once."""
        body, content_type = encoded(parcel.kind, parcel.payload)
        headers = self.signed(body, content_type=content_type)
        if retry.attempt:
            headers |= {"X-Slack-Retry-Num": str(retry.attempt), "X-Slack-Retry-Reason": retry.reason}
        return await self.carry_body(
            body, headers, kind=parcel.kind, name=parcel.name, key=parcel.key, attempt=retry.attempt
        )

    async def carry_body(
        self, body: bytes, headers: Mapping[str, str], *, kind: Kind, name: str, key: str, attempt: int = 0
    ) -> Carried:
        """Post these very bytes."""
        at, started = self._clock.now(), time.monotonic()
        reply = await self._reply(body, headers)
        delivery = Delivery(
            kind=kind,
            name=name,
            transport=Transport.HTTP,
            outcome=reply.outcome,
            attempt=attempt,
            latency_ms=(time.monotonic() - started) * 1000,
            key=key,
            body=body.decode(errors="replace"),
            at=at,
            status=reply.status,
            answer=reply.answer,
        )
        return Carried(delivery, no_retry=reply.no_retry)

    async def carry_again(self, delivery: Delivery, *, attempt: int) -> Carried:
        """Post the body of an earlier delivery once more, freshly signed."""
        body = delivery.body.encode()
        content_type = _FORM if delivery.kind in {Kind.COMMAND, Kind.INTERACTIVE} else _JSON
        headers = self.signed(body, content_type=content_type)
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        return await self.carry_body(
            body, headers, kind=delivery.kind, name=delivery.name, key=delivery.key, attempt=attempt
        )

    async def close(self) -> None:
        """Close the connections to the app."""
        if self._session is not None:
            await self._session.close()

    async def _reply(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        asked = asyncio.ensure_future(self._post(body, headers))
        try:
            if not await done_in_time(self._clock, asked):
                return Reply(Outcome.TIMEOUT)
        finally:
            asked.cancel()
        return _judged(asked)

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        url = self.request_url or ""
        async with self._session.post(url, data=body, headers=headers, max_redirects=_REDIRECTS) as response:
            text = await response.text()
            outcome = Outcome.ACKED if response.status in range(200, 300) else Outcome.HTTP_ERROR
            return Reply(
                outcome,
                status=response.status,
                answer=_answer(text, response.content_type),
                no_retry=response.headers.get("x-slack-no-retry") == "1",
            )


def encoded(kind: Kind, payload: JsonObject) -> tuple[bytes, str]:
    """The body and content type Slack uses for this kind."""
    if kind is Kind.COMMAND:
        return urlencode(payload).encode(), _FORM
    if kind is Kind.INTERACTIVE:
        return urlencode({"payload": json.dumps(payload)}).encode(), _FORM
    return json.dumps(payload).encode(), _JSON


def _judged(asked: asyncio.Future[Reply]) -> Reply:
    error = asked.exception()
    if error is None:
        return asked.result()
    if isinstance(error, aiohttp.TooManyRedirects):
        return Reply(Outcome.TOO_MANY_REDIRECTS)
    if isinstance(error, aiohttp.ClientError | OSError):
        return Reply(Outcome.CONNECTION_FAILED)
    raise error


def _answer(text: str, content_type: str) -> Any:
    if content_type != _JSON or not text:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
