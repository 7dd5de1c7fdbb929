"""Due-times as workers ring them: timers, retries and the sweep are one thing."""

from datetime import timedelta

from bot.bells import elapsed
from tests.bot.desk import Desk, Look, Queue


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
