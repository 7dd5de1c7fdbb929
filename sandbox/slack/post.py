"""Slack's side of a delivery: one try for what a person waits for, and for events the ladder of retries.

An event that is not acknowledged within 3 seconds comes again at once, after one minute and after five
(https://docs.slack.dev/apis/events-api). Interactions and commands come once; the person then sees Slack's own error text.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.slack.records import Outcome, Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sandbox.clock import Clock
    from sandbox.slack.records import Delivery, JsonObject, Kind

ACK_DEADLINE = timedelta(seconds=3)
RETRIES_AFTER = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
"""Counted from the first try."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Something to hand to the app; `key` is what it can be deduplicated by, `answerable` whether the ack may carry an answer."""

    kind: Kind
    name: str
    payload: JsonObject
    key: str
    answerable: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """Which try this is (0 is the first) and why it is made."""

    attempt: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """A delivery, and whether the app asked for no further try."""

    delivery: Delivery
    no_retry: bool = False


class Courier(Protocol):
    """One way to the app: Socket Mode or signed HTTP."""

    async def carry(self, parcel: Parcel, retry: Retry) -> Carried:
        """Hand over once and wait for the ack, at most 3 seconds."""


class PostOffice:
    """Delivers by whichever way is switched on, and keeps the record."""

    def __init__(self, clock: Clock, *, courier: Callable[[], Courier], record: Callable[[Delivery], None]) -> None:
        self._clock = clock
        self._courier = courier
        self._record = record
        self._background: set[asyncio.Task[Any]] = set()

    async def hand_over(self, parcel: Parcel, retry: Retry | None = None) -> Delivery:
        """One try."""
        return (await self._try(parcel, retry or Retry())).delivery

    async def hand_over_event(self, parcel: Parcel) -> Delivery:
        """Try until the app has the event, Slack has given up, or the app has asked for no retry; the last try."""
        first = self._clock.now()
        carried = await self._try(parcel, Retry())
        for attempt, delay in enumerate(RETRIES_AFTER, start=1):
            if carried.delivery.acked or carried.no_retry:
                break
            reason = retry_reason(carried.delivery)
            await self._clock.sleep_until(first + delay)
            carried = await self._try(parcel, Retry(attempt, reason))
        return carried.delivery

    def in_background(self, work: Coroutine[Any, Any, object]) -> None:
        """Let something go on that no person waits for, such as the event of the bot's own message."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def settled(self) -> None:
        """Wait until nothing goes on in the background."""
        while self._background:
            await asyncio.gather(*self._background, return_exceptions=True)

    async def close(self) -> None:
        """Stop everything in the background."""
        tasks = list(self._background)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self, parcel: Parcel, retry: Retry) -> Carried:
        carried = await self._courier().carry(parcel, retry)
        self._record(carried.delivery)
        return carried


def retry_reason(delivery: Delivery) -> str:
    """Slack's word for why it tries again; the two transports differ on a missed deadline."""
    if delivery.outcome is Outcome.TIMEOUT:
        return "timeout" if delivery.transport is Transport.SOCKET else "http_timeout"
    return delivery.outcome.value


async def done_in_time(clock: Clock, work: asyncio.Future[Any]) -> bool:
    """Wait for `work`, but not past 3 seconds of the twin's clock; whether it is done."""
    limit = asyncio.ensure_future(clock.sleep_until(clock.now() + ACK_DEADLINE))
    try:
        await asyncio.wait({work, limit}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        limit.cancel()
    return work.done()
