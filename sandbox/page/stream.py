"""The bell of the page: an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html) that says only "look again"."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.changes import Changes

_RING: Final = b"data: changed\n\n"
_AGAIN: Final = b"retry: 1000\n\n"
"""Milliseconds until the browser connects anew, so that a restarted demo is back at once."""


class Bell(Response):
    """Rings once at once, then whenever one of the sources has changed; rings that were not sent yet count as one."""

    media_type = "text/event-stream"

    def __init__(self, *sources: Changes) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._sources = sources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Ring until the browser has gone."""
        await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": _AGAIN, "more_body": True})
        changed = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_listen(source, changed)) for source in self._sources]
            tasks.append(group.create_task(_ring(changed, send)))
            while (await receive())["type"] != "http.disconnect":
                pass
            for task in tasks:
                task.cancel()


async def _listen(source: Changes, changed: asyncio.Event) -> None:
    async for _ in source.watch():
        changed.set()


async def _ring(changed: asyncio.Event, send: Send) -> None:
    while True:
        await changed.wait()
        changed.clear()
        await send({"type": "http.response.body", "body": _RING, "more_body": True})
