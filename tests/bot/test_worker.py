"""Workers on the queue: whatever a handler does, every doorbell is answered, and the worker lives."""

import asyncio
import gc
from datetime import timedelta

import pytest

from bot.bells import elapsed
from tests.bot.desk import SHORT, Desk, Look, Queue, for_ever, passed
from tests.bot.patience import eventually


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


async def test_an_attempt_that_resists_its_end_does_not_keep_its_slot(
    queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
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
    gc.collect()  # this is when asyncio would log an error that nobody has looked at
    assert "sesame" not in caplog.text


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
