"""The org as an HTTP service: finds the endpoint, lets nobody past who may not, and adds what every answer of Okta carries."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from sandbox.okta import pages
from sandbox.okta.access import authenticate, authorize, target
from sandbox.okta.errors import InsufficientScopeError, OAuthError, OktaError
from sandbox.okta.faults import Fault
from sandbox.okta.http import Answer, Request, html_answer, json_answer
from sandbox.okta.limits import WINDOW, Reading
from sandbox.okta.records import Call
from sandbox.okta.routes import ROUTES
from sandbox.serve import cut

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from sandbox.okta.faults import Order
    from sandbox.okta.org import Org
    from sandbox.okta.routes import Route
    from sandbox.serve import ASGIApp, Receive, Scope, Send

_REFUSING = {
    Fault.RATE_LIMIT: "E0000047",
    Fault.CONCURRENCY: "E0000047",
    Fault.ERROR_500: "E0000009",
    Fault.UNAVAILABLE_503: "E0000181",
    Fault.READ_ONLY_503: "E0000010",
}
LONGEST_BODY = 64 * 1024
"""Bytes of a body that the org reads."""

_GATEWAY = {Fault.GATEWAY_502: (502, "Bad Gateway"), Fault.GATEWAY_504: (504, "Gateway Time-out")}


def okta_app(org: Org) -> ASGIApp:
    """The org as an ASGI app; `sandbox.serve.serve` puts it on a port."""
    return _App(org)


class _App(AbstractAsyncContextManager["_App"]):
    """Reads what comes in and writes what goes out. While it is entered, the org delivers to its event hooks."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._desk = _Desk(org)

    async def __aenter__(self) -> Self:
        self._org.hooks.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._org.hooks.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise LookupError(f"Okta does not speak {scope['type']}")
        body = await _body(receive)
        answer = await self._desk.handle(Request.of(scope, secrets.token_hex(16), self._org.clock.now(), body))
        if answer is None:
            await cut(scope, receive)
            return
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


async def _body(receive: Receive) -> bytes:
    """What was sent; of a longer body than any endpoint wants nothing is kept, and it ends as a malformed one."""
    kept, more = b"", True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        kept = (kept + message.get("body", b""))[: LONGEST_BODY + 1]
    return kept


class _Desk:
    """Takes requests and hands out answers."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._running = 0

    async def handle(self, request: Request) -> Answer | None:
        """The answer to a request, or None where the connection is to be cut."""
        if pages.is_page(request.path):
            return await self._with_faults(request, self._page)
        number = len(self._org.calls)
        self._org.calls.append(Call(request.method, request.path, request.query_string, "", None, request.at))
        self._running += 1
        try:
            answer = await self._with_faults(request, self._answer)
        finally:
            self._running -= 1
        principal = request.principal.id if request.principal else ""
        status = answer.status if answer else None
        self._org.calls[number] = replace(self._org.calls[number], principal=principal, status=status)
        return answer

    async def _with_faults(
        self, request: Request, serve: Callable[[Request, Order | None], Awaitable[Answer]]
    ) -> Answer | None:
        order = self._org.faults.take(request.method, request.path)
        fault = order.fault if order else None
        if fault is Fault.CUT_BEFORE:
            return None
        if order and fault is Fault.STALL:
            await self._stall(order)
            request.at = self._org.clock.now()
        if fault is Fault.GATEWAY_502:
            return html_answer(*_GATEWAY[fault])
        answer = await serve(request, order)
        if order and fault is Fault.STALL_AFTER:
            await self._stall(order)
        if fault is Fault.GATEWAY_504:
            return html_answer(*_GATEWAY[fault])
        return None if fault is Fault.CUT_AFTER else answer

    async def _stall(self, order: Order) -> None:
        await self._org.clock.sleep_until(self._org.clock.now() + timedelta(seconds=order.seconds))

    async def _page(self, request: Request, order: Order | None) -> Answer:
        """A page for a person's browser, for which there are neither tokens nor limits."""
        self._org.settle()
        refusal = _REFUSING.get(order.fault) if order else None
        if request.method != "GET" and self._org.settings.read_only:
            refusal = "E0000010"
        return pages.failed(OktaError(refusal)) if refusal else pages.show(self._org, request)

    async def _answer(self, request: Request, order: Order | None) -> Answer:
        self._org.settle()
        refusal: OktaError | None = None
        route = _find(request)
        if route is None or route.scope is not None:
            try:
                request.principal = authenticate(self._org, request)
            except OktaError as error:
                refusal = error
        reading = self._reading(request, order)
        try:
            if refusal is not None:
                raise refusal
            answer = await self._serve(request, route, order, reading)
        except OktaError as error:
            answer = json_answer(_error(error, request), status=error.status, headers=error.headers)
        except OAuthError as error:
            answer = json_answer(error.body, status=error.status, headers=error.headers)
        except InsufficientScopeError as error:
            answer = Answer(403, headers=_insufficient_scope(request, error.scope))
        return replace(answer, headers=(*_usual(request, reading), *answer.headers))

    def _reading(self, request: Request, order: Order | None) -> Reading | None:
        caller = request.principal.id if request.principal else ""
        if order and order.fault is Fault.RATE_LIMIT:
            self._org.limits.exhaust(caller, request.method, request.path, order.seconds)
        reading = self._org.limits.take(caller, request.method, request.path)
        crowded = self._running > self._org.settings.concurrency
        if crowded or (order and order.fault is Fault.CONCURRENCY):
            reset = reading.reset if reading else int(request.at.timestamp()) + int(WINDOW.total_seconds())
            return Reading(0, 0, reset, exceeded=True)
        return reading

    async def _serve(
        self, request: Request, route: Route | None, order: Order | None, reading: Reading | None
    ) -> Answer:
        if reading is not None and reading.exceeded:
            raise OktaError("E0000047")
        if order and order.fault in _REFUSING:
            raise OktaError(_REFUSING[order.fault])
        if route is None:
            known = any(other.pattern.fullmatch(request.path) for other in ROUTES)
            raise OktaError("E0000022" if known else "E0000008")
        if request.method != "GET" and route.scope is not None and self._org.settings.read_only:
            raise OktaError("E0000010")
        self._admit(request, route)
        answer = route.handler(self._org, request)
        return await answer if isinstance(answer, Awaitable) else answer

    def _admit(self, request: Request, route: Route) -> None:
        if route.scope is None or request.principal is None:
            return
        authorize(self._org, request.principal, route.scope, route.right)
        found = route.pattern.fullmatch(request.path)
        if route.right is not None and found is not None and route.of_user and found.groups():
            key, by_id = found.group(1), "{userId}" in route.path
            request.target = target(self._org, request.principal, key, route.right, by_id=by_id)


def _find(request: Request) -> Route | None:
    fitting = (route for route in ROUTES if route.method == request.method and route.pattern.fullmatch(request.path))
    return next(fitting, None)


def _error(error: OktaError, request: Request) -> dict[str, Any]:
    """The body; the limiter in front of the System Log gives no `errorId` (https://developer.okta.com/docs/reference/system-log-query/)."""
    body = error.body(f"oae{secrets.token_urlsafe(16)}")
    if error.code == "E0000047" and request.path == "/api/v1/logs":
        del body["errorId"]
    return body


def _usual(request: Request, reading: Reading | None) -> tuple[tuple[str, str], ...]:
    """What every answer carries. The reset is a moment in epoch seconds, to be read against `Date`."""
    usual = (
        ("Date", format_datetime(request.at, usegmt=True)),
        ("X-Okta-Request-Id", request.id),
        ("Cache-Control", "no-cache, no-store"),
    )
    if reading is None:
        return usual
    return (
        *usual,
        ("X-Rate-Limit-Limit", str(reading.limit)),
        ("X-Rate-Limit-Remaining", str(reading.remaining)),
        ("X-Rate-Limit-Reset", str(reading.reset)),
    )


def _insufficient_scope(request: Request, scope: str) -> tuple[tuple[str, str], ...]:
    parts: dict[str, Any] = {
        "authorization_uri": f"{request.base}/oauth2/v1/authorize",
        "realm": request.base,
        "scope": scope,
        "error": "insufficient_scope",
        "error_description": "The access token provided does not contain the required scopes.",
        "resource": request.path,
    }
    scheme = "DPoP" if request.principal and request.principal.thumbprint else "Bearer"
    return (("WWW-Authenticate", f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in parts.items())),)
