"""Serves the bot's ASGI app with uvicorn inside the running loop, beside whatever else the process does."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn

from bot.errors import StartError


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process's are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(asgi: Any, host: str, port: int) -> AsyncIterator[tuple[asyncio.Task[None], str]]:
    """Serve until the context ends; yields what must not end before, and the address.

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
