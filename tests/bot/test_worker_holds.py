"""The hold on an entry: renewed while somebody works on it, taken over when nobody does, and never held by two."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis as BlockingRedis

from bot import engine
from bot.bells import GROUP, Bells, Delivery, Lane, elapsed
from bot.keys import Keys
from bot.worker import Terms, Worker
from sandbox.clock import Clock
from tests.bot.desk import SHORT, Desk, Look, Queue, crash, for_ever, passed
from tests.bot.patience import eventually

HOUR = timedelta(hours=1)


async def test_a_dead_workers_requests_are_taken_over_when_its_lease_has_passed(queue: Queue) -> None:
    """And whoever takes them over is told, because a fence may be theirs."""
    dying, heir = Desk(for_ever), Desk()
    entry = await queue.ring()
    async with queue.worked(dying, lease=SHORT):
        await dying.has_begun()
    begun = elapsed()
    async with queue.worked(heir, lease=SHORT):
        await heir.has_ended()
        assert elapsed() - begun > SHORT.total_seconds() / 2
        await queue.quiet()

    assert [(look.lease.bell, look.redelivered) for look in heir.begun] == [(entry, True)]
    assert await queue.fails() == 0


async def test_a_request_that_kills_its_workers_is_given_up_and_told_of(queue: Queue) -> None:
    """Without another attempt by the one that finds it so."""
    await queue.ring()
    for _ in range(3):
        dying = Desk(for_ever)
        async with queue.worked(dying, lease=timedelta(seconds=0.1), attempts=3):
            await dying.has_begun()
    last = Desk()
    async with queue.worked(last, lease=timedelta(seconds=0.1), attempts=3):
        await queue.quiet()

    assert (last.begun, last.buried) == ([], ["r1"])
    assert [each["why"] for each in await queue.dead()] == ["its holder went away"]


async def test_an_attempt_longer_than_the_lease_is_made_once(queue: Queue) -> None:
    """The hold is renewed meanwhile, so the other worker leaves it alone."""
    gate = asyncio.Event()

    async def wait(_: Look) -> None:
        await gate.wait()

    one, other = Desk(wait), Desk(wait)
    await queue.ring()
    async with queue.worked(one, lease=SHORT), queue.worked(other, lease=SHORT):
        begun = elapsed()
        await eventually(lambda: passed(begun, 3 * SHORT), "three leases")
        assert all(look.lease.held() for look in one.begun + other.begun)
        gate.set()
        await queue.quiet()

    assert len(one.begun + other.begun) == 1
    assert await queue.fails() == 0


async def test_who_lost_the_hold_learns_it_and_leaves_the_entry_to_the_new_holder(queue: Queue) -> None:
    """The work is not cancelled: a write that is out cannot be called back."""
    gate = asyncio.Event()

    async def wait(_: Look) -> None:
        await gate.wait()

    desk = Desk(wait)
    entry = await queue.ring()
    async with queue.worked(desk, lease=timedelta(seconds=2)):
        await desk.has_begun()
        await queue.bells("other").take_over(most=1, lease=timedelta(0), attempts=5, in_hand=[])

        async def learned() -> bool:
            return not desk.begun[0].lease.held()

        lost = elapsed()
        await eventually(learned, "the loss of the hold")
        assert elapsed() - lost < 1.5  # at the next renewal, not when the lease would have passed
        gate.set()
        await desk.has_ended()
        await queue.ring("next")
        await desk.has_ended(2)

        async def finished() -> bool:
            return await queue.length() == 1

        await eventually(finished, "the end of the next one")
        assert [(held.entry, held.holder) for held in await queue.pending()] == [(entry, "other")]


def stall(url: str, keys: Keys, until: Callable[[BlockingRedis, str], bool]) -> None:
    """Block the event loop until something can be seen in Redis from outside of it."""
    with BlockingRedis.from_url(url) as redis:
        while not until(redis, keys.bells):
            pass


def lapsed(redis: BlockingRedis, bells: str) -> bool:
    """Whether some hold is older than a short lease."""
    found = redis.xpending_range(bells, GROUP, "-", "+", 1, idle=int(SHORT.total_seconds() * 1000))
    return bool(found)


async def test_after_a_stall_ones_own_entry_is_not_started_again(queue: Queue, redis_url: str) -> None:
    """The hold has lapsed, and nobody took it."""

    async def block(_: Look) -> None:
        stall(redis_url, queue.keys, lapsed)
        assert not desk.begun[0].lease.held()
        await asyncio.sleep(0)  # the worker looks for entries to take over, and finds this one
        await eventually(again_held, "the hold")

    async def again_held() -> bool:
        return desk.begun[0].lease.held()

    desk = Desk(block)
    await queue.ring()
    async with queue.worked(desk, lease=SHORT):
        await queue.quiet()

    assert len(desk.begun) == 1
    assert desk.ended == ["r1"]


class StalledBells(Bells):
    """A place in the group whose reads are answered so late that the hold has lapsed, and maybe was lost."""

    lost = False

    async def read(self, *, most: int, block: timedelta) -> list[Delivery]:
        """Answer late."""
        deliveries = await super().read(most=most, block=block)
        if self.lost and deliveries:
            lane = Lane(self._stream, self._due, self.slots, self._records)
            other = Bells(self._redis, self._reader, self._keys, lane, "other")
            await other.take_over(most=most, lease=timedelta(0), attempts=5, in_hand=[])
        return [replace(delivery, since=delivery.since - HOUR.total_seconds()) for delivery in deliveries]


def worker(queue: Queue, desk: Desk, kind: type[Bells]) -> Worker:
    """A worker with a place in the group that has a fault."""
    terms = Terms(lease=timedelta(seconds=5), sweep=HOUR, attempts=5, limit=HOUR, grace=HOUR)
    return Worker(queue.bells("me", kind), desk.handle, desk.bury, queue.clock, terms)


@pytest.mark.parametrize("lost", [True, False])
async def test_what_was_read_before_a_stall_is_not_started_on_a_hold_that_lapsed(queue: Queue, *, lost: bool) -> None:
    """It is asked first whether it is still ours."""
    held: list[bool] = []

    async def note(look: Look) -> None:
        held.append(look.lease.held())

    desk = Desk(note)
    StalledBells.lost = lost
    await queue.ring()
    running = asyncio.create_task(worker(queue, desk, StalledBells).run())

    async def decided() -> bool:
        return bool(held) or [each.holder for each in await queue.pending()] == ["other"]

    await eventually(decided, "what becomes of it")
    await crash(running)

    assert held == ([] if lost else [True])
    assert not any(look.redelivered for look in desk.begun)


def test_blocking_code_bounces_between_workers_and_ends_on_the_dead_list(redis_url: str) -> None:
    """Each worker in a thread and loop of its own; each attempt blocks until the next one began, or it is over."""
    keys, over, begun = Keys(), threading.Event(), []

    async def work(name: str) -> None:
        redis, reader = engine.connect(redis_url), engine.connect_reader(redis_url)

        async def block(_: Look) -> None:
            begun.append(name)
            number = len(begun)
            stall(redis_url, keys, lambda redis, _: len(begun) > number or bool(redis.llen(keys.dead)))

        async def tell(_: str) -> None:
            over.set()

        async with Queue(redis, reader, keys, Clock()).worked(Desk(block, tell), lease=SHORT, attempts=3):
            await asyncio.to_thread(over.wait, 20)
        await redis.aclose()
        await reader.aclose()

    with BlockingRedis.from_url(redis_url) as redis:
        redis.flushall()
        redis.xadd(keys.bells, {"id": "r1", "version": 1})
        threads = [threading.Thread(target=asyncio.run, args=(work(name),), daemon=True) for name in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert over.is_set()
        assert redis.llen(keys.dead) == 1
    assert len(begun) == 3
