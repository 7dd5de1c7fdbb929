"""The queue: doorbells on Redis Streams, the timers that ring them, and the workers that answer.

Streams deliver at least once; the request is the truth and a doorbell only a reason to look at it. So all that has to
hold is that somebody looks: again after a crash (a hold that is not renewed lapses), again after an error (later each
time, and a limited number of times), and again every so often while a request is unsettled (its entry among the
due-times, which is its timer as well). What is given up for good is told to the person.
"""

import os
import platform
import secrets
from datetime import timedelta

from redis.asyncio import Redis

from bot.bells import Bells, Lane
from bot.keys import Keys
from bot.ports import Clock
from bot.worker import Buried, Handle, Terms, Worker


class Jobs:
    """A worker process's part in the queue.

    Args:
        redis: for scripts; its socket timeout is well below `lease`.
        reader: for blocking reads; its socket timeout is above `bot.worker.BLOCK`.
        keys: the names of everything in Redis.
        lane: the stream with its due-times; that of requests unless given.
        handle: looks at a request, whatever the reason. Must not block the event loop: a hold lapses meanwhile.
        buried: tells the person of a request that was given up; repeated if it fails, or if its worker dies.
        clock: the time that due-times are compared with.
        lease: how long the hold on an entry lasts without being renewed, and so how soon a dead worker's are taken over.
        slots: how many requests to look at at once.
        sweep: how long an unsettled request may go without being looked at; also the longest wait after an error.
        attempts: how many may come to nothing before a request is given up. Not too few: a worker that is killed counts
            against every request it had in hand, innocent ones too.
        limit: how long an attempt may take.
        grace: how long those under way may go on once `stop` was called.
    """

    def __init__(
        self,
        redis: Redis,
        reader: Redis,
        keys: Keys,
        *,
        lane: Lane | None = None,
        handle: Handle,
        buried: Buried,
        clock: Clock,
        lease: timedelta = timedelta(seconds=5),
        slots: int = 64,
        sweep: timedelta = timedelta(seconds=30),
        attempts: int = 5,
        limit: timedelta = timedelta(seconds=60),
        grace: timedelta = timedelta(seconds=20),
    ) -> None:
        terms = Terms(lease=lease, sweep=sweep, attempts=attempts, limit=limit, grace=grace)
        consumer = f"{platform.node()}-{os.getpid()}-{secrets.token_hex(4)}"
        bells = Bells(redis, reader, keys, lane or Lane(keys.bells, keys.due, slots, keys.record("")), consumer)
        self._worker = Worker(bells, handle, buried, clock, terms)

    async def run(self) -> None:
        """Work until `stop` is called; returns when all is finished or handed over.

        Cancelling it is like a crash: nothing is lost, but others take over only when the lease has passed.
        """
        await self._worker.run()

    def stop(self) -> None:
        """Ask `run` to end: nothing new is taken, what is under way is finished, the rest handed over."""
        self._worker.stop()
