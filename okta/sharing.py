"""Identical reads that are asked for at the same time share one exchange, but only one that has not gone out yet.

So nobody gets an answer that is older than their question, which those who look whether a write has happened rely on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final, Generic, TypeVar

A = TypeVar("A")

AHEAD: Final = 1.0
"""Seconds for which a read waits for the same one that went out before it, so that more can join it meanwhile."""


class _Read(Generic[A]):
    """A read and how many wait for it."""

    def __init__(self, task: "asyncio.Task[A]") -> None:
        self.task = task
        self.askers = 0


class Sharing(Generic[A]):
    """Reads by what they ask for. What one answers, all who share it get; so it must be a value, and no error."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, _Read[A]] = {}
        self._away: dict[Hashable, asyncio.Task[A]] = {}

    async def read(self, key: Hashable, send: Callable[[Callable[[], None]], Awaitable[A]]) -> A:
        """The answer to a read.

        Args:
            key: what is the same for identical reads.
            send: does the read; it is given what it has to call right before the request goes out.
        """
        read = self._waiting.get(key)
        if read is None:
            read = self._waiting[key] = _Read(asyncio.create_task(self._after(key, send)))
        read.askers += 1
        try:
            return await asyncio.shield(read.task)
        finally:
            read.askers -= 1
            if not read.askers:
                read.task.cancel()
                self._forget(key, read.task)

    async def _after(self, key: Hashable, send: Callable[[Callable[[], None]], Awaitable[A]]) -> A:
        ahead = self._away.get(key)
        if ahead is not None:
            await asyncio.wait({ahead}, timeout=AHEAD)
        task = asyncio.current_task()

        def leaves() -> None:
            read = self._waiting.get(key)
            if read is not None and read.task is task:
                del self._waiting[key]
                self._away[key] = read.task

        return await send(leaves)

    def _forget(self, key: Hashable, task: "asyncio.Task[A]") -> None:
        read = self._waiting.get(key)
        if read is not None and read.task is task:
            del self._waiting[key]
        if self._away.get(key) is task:
            del self._away[key]
