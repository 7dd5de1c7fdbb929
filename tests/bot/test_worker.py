"""Workers on the queue: whatever handlers, Redis or other workers do, somebody looks, and the worker lives."""

import asyncio
import threading
from collections import Counter
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
from tests.bot.desk import Desk, Look, Queue, crash
from tests.bot.patience import eventually

SHORT = timedelta(seconds=0.4)
"""A lease for tests in which one lapses."""

HOUR = timedelta(hours=1)


async def for_ever(_: Look) -> None:
    """Never end."""
    await asyncio.Event().wait()


async def test_a_doorbell_is_answered_and_taken_off(queue: Queue) -> None:
    """With its version, and a hold that is good for a write."""
    held = []

    async def note(look: Look) -> None:
        held.append(look.lease.held())

    desk = Desk(note)
    entry = await queue.ring("r1", version=4)
    async with queue.worked(desk):
        await queue.quiet()

    (look,) = desk.begun
    assert (look.request_id, look.version, look.lease.bell, look.redelivered) == ("r1", 4, entry, False)
    assert held == [True]
    assert await queue.pending() == []


async def test_no_more_than_the_slots_are_under_way(queue: Queue) -> None:
    """The rest waits in the stream, where any worker can take it."""
    gate, under_way, most = asyncio.Event(), 0, 0

    async def count(_: Look) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await gate.wait()
        under_way -= 1

    desk = Desk(count)
    for each in range(10):
        await queue.ring(f"r{each}")
    async with queue.worked(desk, slots=3):
        await desk.has_begun(3)
        assert len(await queue.pending()) == 3
        gate.set()
        await desk.has_ended(10)

    assert most == 3
    assert [look.request_id for look in desk.begun] == [f"r{each}" for each in range(10)]


async def test_a_full_worker_rings_for_nothing(queue: Queue) -> None:
    """Copies of what waits already would only lengthen the queue."""
    gate = asyncio.Event()

    async def wait(_: Look) -> None:
        await gate.wait()

    desk = Desk(wait)
    await queue.ring("r1")
    async with queue.worked(desk, slots=1, lease=SHORT):
        await desk.has_begun()
        await queue.set_timer("r2", timedelta(seconds=-1))
        begun = elapsed()
        await eventually(lambda: passed(begun, 2 * SHORT), "two leases")
        assert await queue.length() == 1
        gate.set()
        await desk.has_ended(2)


async def passed(since: float, span: timedelta) -> bool:
    """Whether a span has passed in real time, which a lease in Redis is measured in."""
    return elapsed() - since > span.total_seconds()


async def test_two_workers_share_one_stream(queue: Queue) -> None:
    """Each doorbell is answered once."""
    one, other = Desk(), Desk()
    async with queue.worked(one, slots=4), queue.worked(other, slots=4):
        for each in range(300):
            await queue.ring(f"r{each}")
        await queue.quiet()

    assert sorted(one.ended + other.ended) == sorted(f"r{each}" for each in range(300))
    assert one.ended
    assert other.ended


async def test_a_failing_handler_is_tried_again_later_and_then_given_up_and_the_person_told(queue: Queue) -> None:
    """Other requests go on meanwhile."""

    async def fail(look: Look) -> None:
        if look.request_id == "bad":
            raise ValueError("sesame")

    desk = Desk(fail)
    await queue.set_timer("bad", timedelta(0))
    async with queue.worked(desk, attempts=3, lease=SHORT):
        for attempt in (1, 2):

            async def failed(times: int = attempt) -> bool:
                return await queue.fails("bad") == times and await queue.length() == 0

            await eventually(failed, f"failure {attempt}")
            assert await queue.due("bad") == pytest.approx(2 ** (attempt - 1), abs=0.9)
            queue.clock.advance(timedelta(seconds=2**attempt))
        await queue.ring("good")
        await desk.has_ended()
        await desk.has_buried()
        await queue.quiet()

    assert [look.request_id for look in desk.begun].count("bad") == 3
    assert desk.buried == ["bad"]
    assert [(each["id"], each["why"]) for each in await queue.dead()] == [("bad", "ValueError")]
    assert await queue.due("bad") is None
    assert await queue.fails("bad") == 0


async def test_an_attempt_that_goes_well_starts_the_count_anew(queue: Queue) -> None:
    """Failures that are not in a row are no reason to give up."""
    outcomes = iter([False, True] * 3)

    async def sometimes(_: Look) -> None:
        if not next(outcomes):
            raise RuntimeError

    async def failed() -> bool:
        return await queue.fails("r1") == 1

    desk = Desk(sometimes)
    async with queue.worked(desk, attempts=2, lease=SHORT):
        for ended in range(3):
            await queue.set_timer("r1", timedelta(0))
            await eventually(failed, "a failure")
            queue.clock.advance(timedelta(seconds=2))
            await desk.has_ended(ended + 1)
            await queue.quiet()

    assert (desk.buried, await queue.dead()) == ([], [])


async def test_telling_that_it_was_given_up_is_tried_again_and_not_for_ever(queue: Queue) -> None:
    """An entry that nothing can be done with is off the stream in the end, and on the dead list once."""

    async def fail(_: object) -> None:
        raise RuntimeError

    desk = Desk(fail, tell=fail)
    await queue.ring()
    async with queue.worked(desk, attempts=1, lease=timedelta(seconds=0.1)):
        await queue.quiet()

    assert len(desk.begun) == 1
    assert len(desk.buried) == 1

    desk = Desk(fail, tell=fail)
    await queue.ring("r2")
    async with queue.worked(desk, attempts=2, lease=timedelta(seconds=0.1)):
        await desk.has_begun()
        await queue.ring("r2")
        await queue.quiet()

    assert desk.buried == ["r2", "r2"]
    assert [each["id"] for each in await queue.dead()] == ["r1", "r2"]


async def test_telling_succeeds_after_a_failure(queue: Queue) -> None:
    """The person hears of it then."""
    told = asyncio.Event()

    async def fail(_: Look) -> None:
        raise RuntimeError

    async def tell(_: str) -> None:
        if len(desk.buried) == 1:
            raise ConnectionError
        told.set()

    desk = Desk(fail, tell)
    await queue.ring()
    await queue.ring()
    async with queue.worked(desk, attempts=2, slots=1, lease=timedelta(seconds=0.1)):
        await told.wait()
        await queue.quiet()

    assert len(desk.begun) == 2
    assert await queue.fails() == 0


async def test_an_attempt_that_does_not_end_is_cut_off_and_counted(queue: Queue) -> None:
    """What may still run of it has no hold any more."""
    desk = Desk(for_ever)
    await queue.ring()
    async with queue.worked(desk, limit=timedelta(seconds=0.05), attempts=1):
        await queue.quiet()

    assert [each["why"] for each in await queue.dead()] == ["TimeLimit"]
    assert desk.buried == ["r1"]
    assert not desk.begun[0].lease.held()


async def test_an_attempt_that_resists_its_end_does_not_keep_its_slot(queue: Queue) -> None:
    """It goes on without a hold; its later error is nobody's, and not logged with its words."""
    freed, gone = asyncio.Event(), asyncio.Event()

    async def resist(look: Look) -> None:
        if look.request_id == "stubborn":
            while not freed.is_set():
                try:
                    await freed.wait()
                except asyncio.CancelledError:
                    continue
            gone.set()
            raise RuntimeError("sesame")

    desk = Desk(resist)
    await queue.ring("stubborn")
    await queue.ring("next")
    async with queue.worked(desk, slots=1, limit=timedelta(seconds=0.05), lease=SHORT):
        await desk.has_ended()
        assert not desk.begun[0].lease.held()
        freed.set()
        await gone.wait()

    assert desk.ended == ["next"]


async def test_a_handler_that_cancels_itself_does_not_end_the_worker(queue: Queue) -> None:
    """It is one more kind of failure."""

    async def cancel(look: Look) -> None:
        if look.request_id == "r1":
            raise asyncio.CancelledError

    desk = Desk(cancel)
    await queue.ring("r1")
    await queue.ring("r2")
    async with queue.worked(desk, attempts=1):
        await queue.quiet()

    assert desk.ended == ["r2"]
    assert [each["why"] for each in await queue.dead()] == ["CancelledError"]


async def test_a_failure_is_logged_by_its_kind_and_place_alone(queue: Queue, caplog: pytest.LogCaptureFixture) -> None:
    """Its words may quote what somebody typed; so may an odd entry."""

    async def fail(_: object) -> None:
        raise ValueError("sesame")

    desk = Desk(fail, tell=fail)
    await queue.ring("r1")
    odd = await queue.put({"id": "open sesame", "version": 1})
    async with queue.worked(desk, attempts=1, lease=timedelta(seconds=0.1)):
        await queue.quiet()

    assert "request r1: ValueError at test_worker.py:" in caplog.text
    assert odd in caplog.text
    assert "sesame" not in caplog.text


async def test_odd_entries_go_to_the_dead_list_and_the_worker_lives(queue: Queue) -> None:
    """What the bot did not ring was put there by somebody else."""
    for fields in ({"id": b"\xff", "version": 1}, {"job": "format c:"}, {"id": "r1", "version": "x"}):
        await queue.put(fields)
    await queue.ring("good")
    desk = Desk()
    async with queue.worked(desk):
        await queue.quiet()

    assert desk.ended == ["good"]
    assert [each["why"] for each in await queue.dead()] == ["unreadable"] * 3
    assert await queue.pending() == []


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
    async with queue.worked(desk, lease=SHORT):
        await desk.has_begun()
        await queue.bells("other").take_over(most=1, lease=timedelta(0), attempts=5, in_hand=[])

        async def learned() -> bool:
            return not desk.begun[0].lease.held()

        await eventually(learned, "the loss of the hold")
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
            lane = Lane(self._stream, self._due, self.slots)
            other = Bells(self._redis, self._reader, self._keys, lane, "other")
            await other.take_over(most=most, lease=timedelta(0), attempts=5, in_hand=[])
        return [replace(delivery, since=delivery.since - HOUR.total_seconds()) for delivery in deliveries]


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


async def test_a_cancellation_that_redis_py_loses_ends_the_worker_all_the_same(queue: Queue) -> None:
    """Before Python 3.12 `asyncio.wait_for` may lose one, and redis-py sends through it."""
    running = asyncio.create_task(worker(queue, Desk(), DeafBells).run())
    await eventually(queue.blocked, "a blocked read")

    await asyncio.wait_for(crash(running), 5)


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
    await queue.ring("last")  # or the read goes on for a quarter of an hour
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


async def test_a_due_time_set_elsewhere_rings_in_time(queue: Queue) -> None:
    """Any process sets timers, any worker rings them, within half a second."""
    desk = Desk()
    async with queue.worked(desk):
        await queue.set_timer("r1", timedelta(minutes=10), version=2)
        await queue.set_timer("r2", timedelta(minutes=20))
        queue.clock.advance(timedelta(minutes=10))
        begun = elapsed()
        await desk.has_ended()

    assert elapsed() - begun < 3
    assert [(look.request_id, look.version) for look in desk.begun] == [("r1", 2)]


async def test_a_due_time_just_ahead_rings_exactly(queue: Queue) -> None:
    """The worker sleeps until then, not until the next half second."""
    desk, rung = Desk(), []

    async def note(_: Look) -> None:
        rung.append(queue.now)

    desk.behave = note
    await queue.set_timer("r1", timedelta(seconds=0.2))
    due = queue.now + 0.2
    async with queue.worked(desk):
        await desk.has_ended()

    assert due - 0.02 <= rung[0] < due + 0.2


async def test_a_request_whose_doorbell_was_lost_is_looked_at_when_the_sweep_comes_by(queue: Queue) -> None:
    """Deleted by an operator, say. It rings again for as long as the request is not settled."""
    desk = Desk()
    await queue.set_timer("r1", timedelta(seconds=30))
    async with queue.worked(desk, sweep=timedelta(seconds=30)):
        for times in (1, 2, 3):
            queue.clock.advance(timedelta(seconds=31))
            await desk.has_ended(times)

    assert {look.request_id for look in desk.begun} == {"r1"}


async def test_a_bad_due_time_does_not_stop_the_timers_behind_it(queue: Queue) -> None:
    """Nor the worker."""
    await queue.redis.set(queue.keys.record("bad"), "not a request")
    await queue.redis.zadd(queue.keys.due, {b"bad": 1, b"\xff": 2})
    await queue.set_timer("r1", timedelta(seconds=-1))
    desk = Desk()
    async with queue.worked(desk):
        await desk.has_ended()

    assert [each["id"] for each in await queue.dead()] == ["bad"]


async def test_a_crashed_run_raises_nothing_but_its_cancellation(queue: Queue) -> None:
    """Even in the middle of everything."""
    desk = Desk(for_ever)
    await queue.ring()
    running = asyncio.create_task(queue.jobs(desk).run())
    await desk.has_begun()

    await crash(running)

    assert len(await queue.pending()) == 1
