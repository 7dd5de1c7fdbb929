"""Serves an ASGI app on loopback inside the running event loop, and can cut a connection in the middle, as networks do.

uvicorn's protocol does the work. Its `Server` is left out: it takes over the process's signals, and it needs 0.1 s and more to stop,
which every test would pay.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

TRANSPORT = "transport"
"""The key in `scope["state"]` (HTTP and WebSocket alike) under which an app finds its asyncio transport."""


class _Connection(HttpToolsProtocol):
    """An HTTP connection that hands its transport to the app (and, after an upgrade, to the WebSocket)."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


@asynccontextmanager
async def serve(app: ASGIApp, *, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1 and yield its base URL, without a slash at the end.

    On leaving, idle connections are closed, WebSockets get close code 1012, and requests that still run are cut and cancelled.

    Args:
        app: HTTP and WebSocket are served; there are no lifespan events. One that does something besides answering is an asynchronous
            context manager as well, which is entered while it is served.
        port: 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    config = Config(
        _quiet(app),
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        proxy_headers=False,
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    async with _running(app):
        listener = _listen(port)
        server = await loop.create_server(
            lambda: _Connection(config=config, server_state=state, app_state={}, _loop=loop),
            sock=listener,
        )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.close()
            await _close(state)


def _running(app: object) -> AbstractAsyncContextManager[object]:
    return app if isinstance(app, AbstractAsyncContextManager) else contextlib.nullcontext()


async def cut(scope: Scope, receive: Receive) -> None:
    """Break the connection of an HTTP request now; the client sees it end without (or in the middle of) an answer."""
    scope["state"][TRANSPORT].abort()
    while (await receive())["type"] != "http.disconnect":
        pass


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, each answer takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


def _quiet(app: ASGIApp) -> ASGIApp:
    """Being cancelled at the end is no fault of the app; uvicorn would log it as one."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await app(scope, receive, send)

    return served


async def _close(state: ServerState) -> None:
    for connection in tuple(state.connections):
        connection.shutdown()
    await asyncio.sleep(0)
    for connection in tuple(state.connections):
        connection.transport.abort()
    while state.connections:  # noqa: ASYNC110 - uvicorn's protocols have no event for it; it takes a turn or two of the loop
        await asyncio.sleep(0)
    tasks = tuple(state.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
