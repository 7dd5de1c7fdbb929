"""The Web API's front door: who calls, how often, with which scopes, and which fault is on order.

Slack answers nearly everything with HTTP 200 and says in `ok` and `error` what came of it (https://docs.slack.dev/apis/web-api).
"""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.serve import cut
from sandbox.slack.errors import ApiError
from sandbox.slack.faults import Fault, FaultKind
from sandbox.slack.methods import METHODS, Args
from sandbox.slack.methods.call import need_scope
from sandbox.slack.records import Call

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.slack.methods import Method
    from sandbox.slack.records import JsonObject
    from sandbox.slack.workspace import Workspace

_NO_FAULT = Fault(FaultKind.STALL)
_TOO_MANY = 429


class WebApi:
    """Answers `/api/<method>`."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws

    async def __call__(self, scope: Scope, receive: Receive, send: Send, *, method: str) -> None:
        """Answer one call, or fail to, as ordered."""
        request = Request(scope, receive)
        values = await _arguments(request, method)
        token = _token(request, values, method)
        fault = self._ws.faults.take(method) or _NO_FAULT
        if fault.seconds and fault.kind is FaultKind.STALL:
            await self._ws.clock.sleep_until(self._ws.clock.now() + timedelta(seconds=fault.seconds))
        answer = self._faulty(fault) or self._run(method, token, values)
        error = fault.code or answer.get("error")
        self._ws.calls.append(Call(method, values, error, self._ws.clock.now()))
        if fault.kind in {FaultKind.CUT_BEFORE, FaultKind.CUT_AFTER}:
            await cut(scope, receive)
            return
        if fault.kind is FaultKind.ERROR_AFTER:
            answer = {"ok": False, "error": fault.code}
        await self._response(fault, answer)(scope, receive, send)

    def _faulty(self, fault: Fault) -> JsonObject | None:
        """The answer of a call that is not carried out."""
        if fault.kind in {FaultKind.ERROR, FaultKind.CUT_BEFORE, FaultKind.SERVER_ERROR}:
            return {"ok": False, "error": fault.code}
        if fault.kind is FaultKind.RATE_LIMITED:
            return {"ok": False, "error": fault.code, "retry_after": int(fault.seconds)}
        return None

    def _run(self, method: str, token: str | None, values: JsonObject) -> JsonObject:
        try:
            return {"ok": True} | self._carry_out(method, token, Args(values))
        except ApiError as refusal:
            return {"ok": False, "error": refusal.code} | refusal.extra

    def _carry_out(self, name: str, token: str | None, args: Args) -> JsonObject:
        method = METHODS.get(name)
        if method is None:
            raise ApiError("unknown_method", req_method=name)
        self._authorise(name, method, token)
        return method.run(self._ws, args)

    def _authorise(self, name: str, method: Method, token: str | None) -> None:
        if not token:
            raise ApiError("not_authed")
        if token in self._ws.revoked:
            raise ApiError("token_revoked")
        kind = self._ws.tokens.get(token)
        if kind is None:
            raise ApiError("invalid_auth")
        if kind != ("app" if method.app_token else "bot"):
            raise ApiError("not_allowed_token_type")
        wait = self._ws.limits.take(name, method.tier)
        if wait is not None:
            raise ApiError("ratelimited", retry_after=wait)
        need_scope(self._ws, *method.scopes)

    def _response(self, fault: Fault, answer: JsonObject) -> Response:
        if fault.kind is FaultKind.SERVER_ERROR:
            return PlainTextResponse("Server Error", status_code=fault.status)
        retry_after = answer.pop("retry_after", None)
        if retry_after is not None:
            return JSONResponse(answer, status_code=_TOO_MANY, headers={"Retry-After": str(retry_after)})
        date = format_datetime(self._ws.clock.now(), usegmt=True)
        return JSONResponse(answer, headers={"x-oauth-scopes": ",".join(sorted(self._ws.app.scopes)), "date": date})


async def _arguments(request: Request, method: str) -> JsonObject:
    """The arguments of a call; a JSON body counts only for methods that take one, and Slack then wants no form."""
    values: JsonObject = dict(request.query_params)
    body = await request.body()
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == "application/json":
        known = METHODS.get(method)
        return values | (_json_object(body) if known is not None and known.takes_json else {})
    return values | dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _json_object(body: bytes) -> JsonObject:
    try:
        value: Any = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _token(request: Request, values: JsonObject, method: str) -> str | None:
    """The token of a call, taken out of the arguments so that no record holds it; an app token counts only in the header."""
    given = values.pop("token", None)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token
    known = METHODS.get(method)
    in_body = known is None or not known.app_token
    return given if in_body and isinstance(given, str) else None
