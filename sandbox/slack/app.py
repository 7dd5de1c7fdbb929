"""The workspace's network face: Web API, Socket Mode and response addresses as one ASGI app."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.serve import serve
from sandbox.slack.api import WebApi
from sandbox.slack.errors import ApiError
from sandbox.slack.responses import GONE, respond

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from sandbox.slack.workspace import Workspace


def slack_app(ws: Workspace) -> ASGIApp:
    """The ASGI app of a workspace: `/api/<method>`, the WebSocket `/link/`, and `/response/<token>`."""
    api = WebApi(ws)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if scope["type"] == "websocket":
            await ws.sockets.serve(scope, receive, send)
            return
        _learn_address(ws, Request(scope))
        if path.startswith("/api/"):
            await api(scope, receive, send, method=path.removeprefix("/api/"))
        elif path.startswith("/response/"):
            answer = await _answer(ws, Request(scope, receive), path.removeprefix("/response/"))
            await answer(scope, receive, send)
        else:
            await PlainTextResponse("Not Found", HTTPStatus.NOT_FOUND)(scope, receive, send)

    return app


@asynccontextmanager
async def serve_slack(ws: Workspace, *, port: int = 0) -> AsyncIterator[str]:
    """Serve a workspace on loopback; yields its base URL, to which a client adds `/api/`. Leaving ends its deliveries."""
    async with serve(slack_app(ws), port=port) as url:
        ws.base_url = url
        try:
            yield url
        finally:
            await ws.close()


def _learn_address(ws: Workspace, request: Request) -> None:
    if ws.base_url is None:
        ws.base_url = f"http://{request.headers['host']}"


async def _answer(ws: Workspace, request: Request, token: str) -> Response:
    try:
        respond(ws, token, json.loads(await request.body()))
    except ValueError:
        return PlainTextResponse("invalid_payload", HTTPStatus.BAD_REQUEST)
    except ApiError as refusal:
        status = HTTPStatus.NOT_FOUND if refusal.code in GONE else HTTPStatus.BAD_REQUEST
        return JSONResponse({"ok": False, "error": refusal.code} | refusal.extra, status)
    return PlainTextResponse("ok")
