"""Serves the bot's ASGI app with uvicorn inside the running loop, beside whatever else the process does."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.errors import StartError

PATIENCE: Final = 10.0
"""Seconds in which a request must have come whole; Slack itself gives up after three."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process's are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Impatient(HttpToolsProtocol):
    """uvicorn's connection, with an end: by itself it waits for ever for the rest of a request that was begun, or for one."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn itself
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._came()

    def _wait(self) -> None:
        """Give what is to come its time; what is begun later on the same connection has a time of its own."""
        self._came()
        self._limit = self.loop.call_later(PATIENCE, self.transport.abort)

    def _came(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None


@contextlib.asynccontextmanager
async def serving(asgi: Any, host: str, port: int) -> AsyncIterator[tuple[asyncio.Task[None], str]]:
    """Serve until the context ends; yields what must not end before, and the address.

    How many may be connected at once is not limited here: whoever takes up all the places would lock Slack out with it.

    Raises:
        StartError: the address cannot be listened on.
    """
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise StartError(f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another web.port.") from None
    listener.setblocking(False)  # noqa: FBT003 - the socket's own method
    config = uvicorn.Config(
        asgi,
        http=_Impatient,
        ws="none",  # nothing here speaks WebSocket, and whoever asks for one is answered over plain HTTP
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield task, f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait({task})
        listener.close()
