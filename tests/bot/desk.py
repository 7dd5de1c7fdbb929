"""The queue of one test, seen from outside, and a handler that behaves as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.bells import GROUP, Bells, Lane, elapsed
from bot.jobs import Jobs
from bot.keys import Keys
from bot.ports import Lease
from sandbox.clock import Clock
from tests.bot.patience import eventually

SHORT: Final = timedelta(seconds=0.4)
"""A lease for tests in which one lapses."""


@dataclass(frozen=True, slots=True)
class Look:
    """One call of the handler."""

    request_id: str
    version: int
    lease: Lease
    redelivered: bool


@dataclass(slots=True)
class Desk:
    """A handler that notes what it looks at, in order of beginning and of ending."""

    behave: Callable[[Look], Awaitable[None]] | None = None
    tell: Callable[[str], Awaitable[None]] | None = None
    begun: list[Look] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    buried: list[str] = field(default_factory=list)

    async def handle(self, request_id: str, version: int, lease: Lease) -> None:
        """Look at a request."""
        look = Look(request_id, version, lease, lease.redelivered)
        self.begun.append(look)
        if self.behave is not None:
            await self.behave(look)
        self.ended.append(request_id)

    async def bury(self, request_id: str) -> None:
        """Tell of one that was given up."""
        self.buried.append(request_id)
        if self.tell is not None:
            await self.tell(request_id)

    async def has_begun(self, times: int = 1) -> None:
        """Wait for that many looks."""
        await _until(lambda: len(self.begun) >= times, f"{times} begun")

    async def has_ended(self, times: int = 1) -> None:
        """Wait for that many looks to have ended well."""
        await _until(lambda: len(self.ended) >= times, f"{times} ended")

    async def has_answered(self, request_id: str) -> None:
        """Wait for a look at one request to have ended well."""
        await _until(lambda: request_id in self.ended, f"{request_id} answered")

    async def has_buried(self, times: int = 1) -> None:
        """Wait for that many to have been told of."""
        await _until(lambda: len(self.buried) >= times, f"{times} buried")


@dataclass(frozen=True, slots=True)
class Pending:
    """An entry that somebody holds."""

    entry: str
    holder: str
    deliveries: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The stream, the due-times and the dead list as an operator sees them, and the means to disturb them."""

    redis: Redis
    reader: Redis
    keys: Keys
    clock: Clock

    async def ring(self, request_id: str = "r1", version: int = 1) -> str:
        """Add a doorbell as the store does; answers its entry."""
        return await self.put({"id": request_id, "version": version})

    async def put(self, fields: dict[Any, Any]) -> str:
        """Add an entry with any fields."""
        entry: bytes = await self.redis.xadd(self.keys.bells, fields)  # type: ignore[assignment] # always an id here
        return entry.decode()

    async def set_timer(self, request_id: str, by: timedelta, version: int = 1) -> None:
        """Store a request, as far as the queue sees it, that is due so long from now."""
        await self.redis.hset(self.keys.record(request_id), mapping={"version": version})
        await self.redis.zadd(self.keys.due, {request_id: self.now + by.total_seconds()})

    @property
    def now(self) -> float:
        """The time, in epoch seconds."""
        return self.clock.now().timestamp()

    async def due(self, request_id: str) -> float | None:
        """In how many seconds a request is due."""
        at: float | None = await self.redis.zscore(self.keys.due, request_id)
        return None if at is None else at - self.now

    async def length(self) -> int:
        """How many entries the stream holds."""
        return int(await self.redis.xlen(self.keys.bells))

    async def pending(self) -> list[Pending]:
        """What is held, and by whom."""
        found: Any = ()
        with suppress(ResponseError):  # there is no group yet
            found = await self.redis.xpending_range(self.keys.bells, GROUP, "-", "+", 10000)
        return [
            Pending(each["message_id"].decode(), each["consumer"].decode(), each["times_delivered"]) for each in found
        ]

    async def workers(self) -> list[str]:
        """The consumers in the group."""
        found: Any = await self.redis.xinfo_consumers(self.keys.bells, GROUP)
        return sorted(each["name"].decode() for each in found)

    async def dead(self) -> list[dict[str, Any]]:
        """The dead list."""
        lines: Any = await self.redis.lrange(self.keys.dead, 0, -1)
        return [json.loads(line.decode(errors="replace")) for line in lines]

    async def fails(self, request_id: str = "r1") -> int:
        """How many attempts at a request are counted as come to nothing."""
        return int(await self.redis.hget(self.keys.fails, request_id) or 0)

    async def quiet(self) -> None:
        """Wait until nothing is left in the stream."""

        async def empty() -> bool:
            return await self.length() == 0

        await eventually(empty, "an empty stream")

    async def blocked(self) -> bool:
        """Whether somebody waits in a read."""
        return bool((await self.redis.info("clients"))["blocked_clients"])

    def bells(self, consumer: str = "a", kind: type[Bells] = Bells) -> Bells:
        """A worker's place in the group, to be used by hand."""
        return kind(
            self.redis, self.reader, self.keys, Lane(self.keys.bells, self.keys.due, 64, self.keys.record("")), consumer
        )

    def jobs(self, desk: Desk, **terms: Any) -> Jobs:
        """A worker that is not running yet."""
        return Jobs(self.redis, self.reader, self.keys, handle=desk.handle, buried=desk.bury, clock=self.clock, **terms)

    @asynccontextmanager
    async def worked(self, desk: Desk, **terms: Any) -> AsyncIterator[Jobs]:
        """Run a worker, and let it crash at the end."""
        jobs = self.jobs(desk, **terms)
        running = asyncio.create_task(jobs.run())
        try:
            yield jobs
        finally:
            await crash(running)


async def for_ever(_: Look) -> None:
    """A handler that does not end."""
    await asyncio.Event().wait()


async def passed(since: float, span: timedelta) -> bool:
    """Whether a span has passed in real time, in which a lease is measured."""
    return elapsed() - since > span.total_seconds()


async def crash(running: asyncio.Task[None]) -> None:
    """End a worker without any hand-over; fails if something else had ended it before."""
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def _until(true: Callable[[], bool], what: str) -> None:
    async def asked() -> bool:
        return true()

    await eventually(asked, what)
