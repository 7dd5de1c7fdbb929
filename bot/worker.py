"""A worker on one stream of doorbells: what it has in hand, for how long, and what becomes of it.

Three loops share one table of entries in hand. One takes entries as there are slots for them, one renews the hold on
them, one rings for what is due. None of them ends because of anything that Redis or a handler does.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from traceback import extract_tb
from typing import Final, TypeVar

from redis.exceptions import RedisError

from bot.bells import Bells, Delivery, Hold, elapsed
from bot.ports import Clock, Lease

log = logging.getLogger(__name__)

Handle = Callable[[str, int, Lease], Awaitable[None]]
"""Looks at a request: its id, the version it had when the bell rang, and the hold under which it is looked at."""

Buried = Callable[[str], Awaitable[None]]
"""Tells the person that a request, by its id, was given up."""

TICK: Final = timedelta(seconds=0.5)
"""How late a timer may be that another process has set."""

BLOCK: Final = timedelta(seconds=0.25)
"""How long a read waits for new entries, and so how soon a worker that is told to end stops taking any."""

SHORTEST_NAP: Final = timedelta(milliseconds=10)

PAUSE: Final = 0.25
"""Seconds before Redis is asked again after it could not be."""

COMPLAIN: Final = 30.0
"""Seconds between two log lines about the same outage."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The figures of a worker; `bot.jobs` explains them."""

    lease: timedelta
    sweep: timedelta
    attempts: int
    limit: timedelta
    grace: timedelta

    @property
    def quarter(self) -> timedelta:
        """How often holds are renewed, and those of others looked at."""
        return self.lease / 4


class Worker:
    """Works through one stream.

    Args:
        bells: our place in it.
        handle: looks at a request.
        buried: tells of one that was given up.
        clock: the time that due-times are compared with.
        terms: the figures.
    """

    def __init__(self, bells: Bells, handle: Handle, buried: Buried, clock: Clock, terms: Terms) -> None:
        self._bells = bells
        self._handle = handle
        self._buried = buried
        self._clock = clock
        self._terms = terms
        self._in_hand: dict[str, tuple[Hold, asyncio.Task[None]]] = {}
        self._stubborn: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._drained = asyncio.Event()
        self._looked = 0.0
        self._complained = -COMPLAIN

    async def run(self) -> None:
        """Work until `stop` is called; then finish what is under way, and hand over the rest."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._renew())
            tasks.create_task(self._ring())
            await self._receive(tasks)
            await self._drain()
            self._drained.set()
        with suppress(RedisError, OSError):
            await self._bells.leave()

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stopping.set()
        self._freed.set()

    @property
    def _free(self) -> int:
        return self._bells.slots - len(self._in_hand)

    async def _receive(self, tasks: asyncio.TaskGroup) -> None:
        while not self._stopping.is_set():
            if not self._free:
                self._freed.clear()
                await self._freed.wait()
                continue
            for delivery in await self._ask(self._next) or ():
                hold = Hold(delivery, self._terms.lease)
                self._in_hand[delivery.entry] = hold, tasks.create_task(self._carry(delivery, hold))

    async def _next(self) -> list[Delivery]:
        """Entries to start with: those that others have let go, else new ones."""
        terms = self._terms
        if elapsed() - self._looked >= terms.quarter.total_seconds():
            self._looked = elapsed()
            in_hand = list(self._in_hand)
            taken = await self._bells.take_over(
                most=self._free, lease=terms.lease, attempts=terms.attempts, in_hand=in_hand
            )
            if taken:
                return taken
        return await self._bells.read(most=self._free, block=min(BLOCK, terms.quarter))

    async def _carry(self, delivery: Delivery, hold: Hold) -> None:
        try:
            while not (hold.held() or hold.lost):  # we were stalled since we asked for it: is it still ours?
                await self._ask(self._renew_all)
            if hold.held():
                await self._settle(delivery, hold)
        finally:
            del self._in_hand[delivery.entry]
            self._freed.set()

    async def _settle(self, delivery: Delivery, hold: Hold) -> None:
        entry, request_id, version = delivery.entry, delivery.request_id, delivery.version
        if request_id is None or version is None:
            log.error("entry %s of the stream is not a doorbell of ours; put on the dead list", entry)
            await self._surely(partial(self._bells.bury, entry))
        elif delivery.fails >= 2 * self._terms.attempts:
            log.error("request %s: telling that it was given up does not work either", request_id)
            await self._surely(partial(self._bells.finish, entry, anew=request_id))
        elif delivery.fails >= self._terms.attempts:
            await self._give_up(entry, request_id)
        else:
            await self._attempt(entry, request_id, version, hold)

    async def _attempt(self, entry: str, request_id: str, version: int, hold: Hold) -> None:
        why = await self._outcome(partial(self._handle, request_id, version, hold))
        if why is None:
            await self._surely(partial(self._bells.finish, entry, anew=request_id))
            return
        hold.lose()  # whatever of the attempt is still running
        log.error("request %s: %s", request_id, why)
        terms, now = self._terms, self._clock.now().timestamp()
        fail = partial(self._bells.fail, entry, request_id, why.partition(" ")[0], attempts=terms.attempts)
        if await self._surely(partial(fail, now=now, longest=terms.sweep)) >= terms.attempts:
            await self._give_up(entry, request_id)

    async def _give_up(self, entry: str, request_id: str) -> None:
        """Tell the person. If that fails the entry stays pending, and comes again when its lease has passed."""
        log.error("request %s: given up, and put on the dead list", request_id)
        why = await self._outcome(partial(self._buried, request_id))
        if why is None:
            await self._surely(partial(self._bells.finish, entry, anew=request_id))
        else:
            log.error("request %s: telling that it was given up: %s", request_id, why)

    async def _outcome(self, work: Callable[[], Awaitable[None]]) -> str | None:
        """Do a piece of work within the limit; answers what went wrong.

        This is the outermost edge: whatever a handler raises, a CancelledError of its own included, becomes a failed
        attempt here, and never the end of the worker.
        """

        async def attempt() -> None:
            await work()

        task = asyncio.create_task(attempt())
        try:
            await asyncio.wait({task}, timeout=self._terms.limit.total_seconds())
        finally:
            if late := not task.done():
                await self._cut_off(task)
        return "TimeLimit" if late else _wrong(task)

    async def _cut_off(self, task: asyncio.Task[None]) -> None:
        task.cancel()
        self._stubborn.add(task)
        task.add_done_callback(self._stubborn.discard)
        task.add_done_callback(_wrong)  # looked at, or asyncio would log the error with its words
        # One that holds on against its cancellation does not keep its slot; it goes on without a hold.
        await asyncio.wait({task}, timeout=self._terms.lease.total_seconds())

    async def _drain(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._terms.grace.total_seconds()):
                while self._in_hand:
                    self._freed.clear()
                    await self._freed.wait()
        left = {task for _, task in self._in_hand.values()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def _renew(self) -> None:
        while not await _within(self._drained, self._terms.quarter):
            if self._in_hand:
                await self._ask(self._renew_all)

    async def _renew_all(self) -> None:
        since = elapsed()
        holds = {entry: hold for entry, (hold, _) in self._in_hand.items()}
        for entry, ours in (await self._bells.renew(list(holds))).items():
            if ours:
                holds[entry].renew(since)
            else:
                # Taken over, finished just now, or deleted. The work is not cancelled: a write that is out cannot be
                # called back, and before the next one the hold is looked at.
                holds[entry].lose()

    async def _ring(self) -> None:
        nap = timedelta(0)
        while not await _within(self._stopping, nap):
            nap = min(TICK, self._terms.quarter)
            if self._free:  # else copies of what waits already would only lengthen the queue
                now = self._clock.now().timestamp()
                again = now + self._terms.sweep.total_seconds()
                following = await self._ask(partial(self._bells.ring, now=now, again=again, most=self._free))
                if following is not None:
                    nap = max(min(nap, timedelta(seconds=following - now)), SHORTEST_NAP)

    async def _surely(self, call: Callable[[], Awaitable[T]]) -> T:
        """Ask Redis until it answers."""
        while True:
            try:
                return await _heeding(call)
            except (RedisError, OSError) as error:
                await self._pause(error)

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Ask Redis once; None, after a pause, if it cannot be asked."""
        try:
            return await _heeding(call)
        except (RedisError, OSError) as error:
            await self._pause(error)
            return None

    async def _pause(self, error: Exception) -> None:
        if elapsed() - self._complained >= COMPLAIN:
            self._complained = elapsed()
            log.warning("Redis cannot be asked (%s); the worker goes on when it can", type(error).__name__)
        await asyncio.sleep(PAUSE)


async def _heeding(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call and be cancelled after it if not in it.

    redis-py sends through `asyncio.wait_for`, which before Python 3.12 loses a cancellation that comes just as the
    sending ends (https://bugs.python.org/issue42130); the worker would go on for ever.
    """
    answer = await call()
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    return answer


def _wrong(task: asyncio.Task[None]) -> str | None:
    """What a finished task ended with: the kind of error and where, never its text, which may quote what it met."""
    if task.cancelled():
        return "CancelledError"
    error = task.exception()
    if error is None:
        return None
    frames = reversed(extract_tb(error.__traceback__)[-4:])
    return f"{type(error).__name__} at " + " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


async def _within(event: asyncio.Event, span: timedelta) -> bool:
    """Wait for an event, but no longer than `span`; answers whether it has come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(span.total_seconds()):
            await event.wait()
    return event.is_set()
