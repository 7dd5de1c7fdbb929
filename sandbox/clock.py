"""The twin's only source of time, so that a test can let an hour pass without waiting for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class Clock:
    """Wall time that can be moved forward, never back.

    One clock serves one event loop; both halves of the twin share it.
    """

    def __init__(self) -> None:
        self._offset = timedelta()
        self._sleepers: set[asyncio.Event] = set()

    def now(self) -> datetime:
        """The aware UTC time: the machine's, plus everything `advance` has added."""
        real = datetime.now(UTC)  # noqa: TID251 - this is the one place where the twin reads the machine's time
        return real + self._offset

    def advance(self, by: timedelta) -> None:
        """Move the time forward and wake whoever waits for a moment that has now come.

        Raises:
            ValueError: `by` is negative.
        """
        if by < timedelta():
            raise ValueError("time does not run backwards")
        self._offset += by
        for sleeper in self._sleepers:
            sleeper.set()

    async def sleep_until(self, when: datetime) -> None:
        """Return when `now()` has reached `when`, by waiting or by `advance`."""
        woken = asyncio.Event()
        self._sleepers.add(woken)
        try:
            while (left := (when - self.now()).total_seconds()) > 0:
                woken.clear()
                await _wait(woken, left)
        finally:
            self._sleepers.discard(woken)


async def _wait(woken: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await woken.wait()
    except TimeoutError:
        return
