"""Tells the web page that something has changed; what has changed, the page reads for itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


class Changes:
    """A bell that any number of watchers hear; rings that nobody has answered yet count as one."""

    def __init__(self) -> None:
        self._bells: set[asyncio.Event] = set()

    def touch(self) -> None:
        """Ring for every watcher."""
        for bell in self._bells:
            bell.set()

    async def watch(self) -> AsyncGenerator[None, None]:
        """Yield once at once, and then after every touch; touches during a pause of the watcher give one yield."""
        bell = asyncio.Event()
        bell.set()
        self._bells.add(bell)
        try:
            while True:
                await bell.wait()
                bell.clear()
                yield
        finally:
            self._bells.discard(bell)
