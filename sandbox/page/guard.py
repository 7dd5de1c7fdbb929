"""Keeps strangers out of a page that has no login: other web sites in the same browser, by whatever name they reach it.

A site that lets its own name resolve to 127.0.0.1 (DNS rebinding) still sends that name as Host; one that posts a form across origins
sends its own Origin, and cannot send JSON without asking first.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOOPBACK: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_READS: Final = frozenset({"GET", "HEAD"})
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def guarded(app: ASGIApp) -> ASGIApp:
    """`app` for this machine's own browser and the page's own scripts only, with headers that keep it so."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"the page does not speak {scope['type']}")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refusal = _refusal(scope["method"], Headers(scope=scope))
        await (refusal or app)(scope, receive, with_headers)

    return served


def _refusal(method: str, headers: Headers) -> JSONResponse | None:
    host = headers.get("host", "")
    if not _LOOPBACK.fullmatch(host):
        return refuse(HTTPStatus.FORBIDDEN, "This page answers on 127.0.0.1 and localhost only.")
    if method in _READS:
        return None
    if headers.get("origin", "").lower() != f"http://{host}".lower():
        return refuse(HTTPStatus.FORBIDDEN, "Only the page itself may do that.")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json.")
    return None


def refuse(status: HTTPStatus, why: str) -> JSONResponse:
    """An answer that says in one sentence what is wrong."""
    return JSONResponse({"error": why}, status)
