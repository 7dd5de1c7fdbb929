"""How a worker ends, told to or not, and what it leaves to others; and what does not end it."""

import asyncio
from collections import Counter
from datetime import timedelta

from bot.bells import Bells, Delivery, elapsed
from bot.worker import Terms, Worker
from tests.bot.desk import SHORT, Desk, Look, Queue, crash, for_ever, passed
from tests.bot.patience import eventually

HOUR = timedelta(hours=1)


async def test_stopping_finishes_what_is_under_way_and_takes_nothing_new(queue: Queue) -> None:
    """As on SIGTERM."""
    gate = asyncio.Event()

    async def wait(_: Look) -> None:
        await gate.wait()

    desk = Desk(wait)
    await queue.ring("r1")
    jobs = queue.jobs(desk, slots=1)
    running = asyncio.create_task(jobs.run())
    await desk.has_begun()
    await queue.ring("r2")
    jobs.stop()
    gate.set()
    await running

    assert desk.ended == ["r1"]
    assert (await queue.length(), await queue.pending(), await queue.workers()) == (1, [], [])


async def test_the_hold_is_renewed_to_the_end_of_the_grace(queue: Queue) -> None:
    """A worker that is stopping is not a dead one."""
    gate, heir = asyncio.Event(), Desk()

    async def wait(_: Look) -> None:
        await gate.wait()

    desk = Desk(wait)
    await queue.ring()
    jobs = queue.jobs(desk, lease=SHORT)
    running = asyncio.create_task(jobs.run())
    await desk.has_begun()
    jobs.stop()
    begun = elapsed()
    async with queue.worked(heir, lease=SHORT):
        await eventually(lambda: passed(begun, 2 * SHORT), "two leases")
        gate.set()
        await running

    assert (desk.ended, heir.begun) == (["r1"], [])


async def test_at_the_end_of_the_grace_the_rest_is_handed_over_at_once(queue: Queue) -> None:
    """Others need not wait until the lease has passed, and are told that a holder went away."""
    desk, heir = Desk(for_ever), Desk()
    await queue.ring()
    jobs = queue.jobs(desk, grace=timedelta(seconds=0.05), lease=HOUR)
    running = asyncio.create_task(jobs.run())
    await desk.has_begun()
    jobs.stop()
    await running
    async with queue.worked(heir, lease=timedelta(minutes=59)):
        await heir.has_ended()

    assert ("r1", True) in {(look.request_id, look.redelivered) for look in heir.begun}


async def test_what_rings_while_the_worker_stops_is_finished_or_left_but_never_lost(queue: Queue) -> None:
    """A blocked read is not cancelled: what was being delivered would be nobody's until the lease has passed."""
    desk, lease = Desk(), timedelta(seconds=0.08)
    for each in range(20):
        jobs = queue.jobs(desk, lease=lease)
        running = asyncio.create_task(jobs.run())
        await queue.ring(f"early{each}")
        await desk.has_answered(f"early{each}")
        jobs.stop()
        await queue.ring(f"late{each}")
        await running
        assert await queue.pending() == []
        assert await queue.workers() == []
    async with queue.worked(desk):
        await queue.quiet()

    assert Counter(desk.ended) == Counter(f"{when}{each}" for each in range(20) for when in ("early", "late"))
    assert not any(look.redelivered for look in desk.begun)


async def test_a_flush_under_a_running_worker_does_not_end_it(queue: Queue) -> None:
    """Neither in a blocked read nor with an entry in hand; the group is made again."""
    gate = asyncio.Event()

    async def wait(look: Look) -> None:
        if look.request_id == "r1":
            await gate.wait()

    desk = Desk(wait)
    await queue.ring("r1")
    async with queue.worked(desk):
        await desk.has_begun()
        await queue.redis.flushall()
        gate.set()
        await queue.ring("r2")
        await desk.has_ended(2)
        await queue.quiet()


async def test_a_crashed_run_raises_nothing_but_its_cancellation(queue: Queue) -> None:
    """Even in the middle of everything."""
    desk = Desk(for_ever)
    await queue.ring()
    running = asyncio.create_task(queue.jobs(desk).run())
    await desk.has_begun()

    await crash(running)

    assert len(await queue.pending()) == 1


class DeafBells(Bells):
    """A place in the group whose reads lose a cancellation, as redis-py's do at times."""

    async def read(self, *, most: int, block: timedelta) -> list[Delivery]:
        """Read, or be cancelled and answer nothing."""
        try:
            return await super().read(most=most, block=block)
        except asyncio.CancelledError:
            return []


def worker(queue: Queue, desk: Desk, kind: type[Bells]) -> Worker:
    """A worker with a place in the group that has a fault."""
    terms = Terms(lease=timedelta(seconds=5), sweep=HOUR, attempts=5, limit=HOUR, grace=HOUR)
    return Worker(queue.bells("me", kind), desk.handle, desk.bury, queue.clock, terms)


async def test_a_cancellation_that_redis_py_loses_ends_the_worker_all_the_same(queue: Queue) -> None:
    """Before Python 3.12 `asyncio.wait_for` may lose one, and redis-py sends through it."""
    running = asyncio.create_task(worker(queue, Desk(), DeafBells).run())
    await eventually(queue.blocked, "a blocked read")

    await asyncio.wait_for(crash(running), 5)
