"""Signed HTTP from Slack, as an ASGI app of our own.

Bolt's adapters read a body before they check its signature, take any form that contains the word "payload" for an
interaction, and log what they refuse; the SDK's verifier fails at bytes that are no text. Here nothing is read before
the signature holds, a form is told by its keys, and no body is ever logged.
"""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

from slack_bolt.async_app import AsyncApp

from bot.ports import Clock
from bot.slack.bolt import dispatch

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATH: Final = "/slack/events"
"""For everything that Slack sends: events, interactions and commands."""

HEALTH_PATH: Final = "/healthz"

LARGEST: Final = 1 << 20
"""Bytes of a body. Slack's largest payload holds a view of 250 kB, form-encoded."""


FRESH: Final = 300
"""Seconds that a timestamp may be off, either way."""

READ_LIMIT: Final = 3.0
"""Seconds that a body may take to come; Slack gives up on the whole request by then."""


_STAMP: Final = re.compile("[0-9]{1,12}")


class _Refused(Exception):  # noqa: N818 - an answer on its way out, not a failure of ours
    def __init__(self, status: HTTPStatus, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(why)


class SlackHttp:
    """The ASGI app.

    Args:
        app: Bolt.
        signing_secret: Slack's, of this app.
        clock: what timestamps are compared with.
        healthy: whether the bot can take requests in; asked by load balancers through `/healthz`.
        read_limit: seconds that a body may take to come.
    """

    def __init__(
        self,
        app: AsyncApp,
        *,
        signing_secret: str,
        clock: Clock,
        healthy: Callable[[], Awaitable[bool]],
        read_limit: float = READ_LIMIT,
    ) -> None:
        if not signing_secret:
            raise ValueError("without a signing secret anybody could be anybody")
        self._app = app
        self._secret = signing_secret.encode()
        self._clock = clock
        self._healthy = healthy
        self._read_limit = read_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"nothing here speaks {scope['type']}")
        try:
            status, headers, body = await self._answer(scope, receive)
        except _Refused as refused:
            log.warning("refused a request to %s: %s", PATH, refused.why)
            status, headers, body = refused.status, {}, b""
        raw = [(name.lower().encode(), value.encode()) for name, values in headers.items() for value in values]
        raw.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": int(status), "headers": raw})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, Mapping[str, Any], bytes]:
        if scope["path"] == HEALTH_PATH:
            healthy = await self._healthy()
            return (HTTPStatus.OK, {}, b"ok\n") if healthy else (HTTPStatus.SERVICE_UNAVAILABLE, {}, b"no store\n")
        if scope["path"] != PATH:
            return HTTPStatus.NOT_FOUND, {}, b""
        if scope["method"] != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED, {"allow": ["POST"]}, b""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await self._body(receive)
        self._verify(headers, body)
        payload = _decode(headers.get("content-type", ""), body)
        answer = await dispatch(self._app, payload)
        return answer.status, answer.headers, answer.body.encode()

    async def _body(self, receive: Receive) -> bytes:
        try:
            async with asyncio.timeout(self._read_limit):
                return await _read(receive)
        except TimeoutError:
            raise _Refused(HTTPStatus.REQUEST_TIMEOUT, "a body that does not come") from None

    def _verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack, over the bytes as they came."""
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        if not (_STAMP.fullmatch(stamp) and signature.isascii()):
            raise _Refused(HTTPStatus.UNAUTHORIZED, "no timestamp or signature of Slack's kind")
        if abs(self._clock.now().timestamp() - int(stamp)) > FRESH:
            raise _Refused(HTTPStatus.UNAUTHORIZED, "a timestamp more than five minutes off")
        digest = hmac.new(self._secret, b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={digest}", signature):
            raise _Refused(HTTPStatus.UNAUTHORIZED, "a wrong signature")


async def _read(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Refused(HTTPStatus.BAD_REQUEST, "a body that broke off")
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "a body too large to be Slack's")
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _decode(content_type: str, body: bytes) -> dict[str, Any]:
    """The payload: an event is JSON, a command a form, and an interaction a form whose `payload` is JSON."""
    try:
        text = body.decode()
        if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
            return _object(text)
        form = _form(text)
        return _object(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise _Refused(HTTPStatus.BAD_REQUEST, "a body that cannot be read") from None


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - the same to the caller as text that is not JSON
    return value


def _form(text: str) -> dict[str, Any]:
    if not text:
        raise ValueError("an empty form")  # which the parser lets pass
    return dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=100))
