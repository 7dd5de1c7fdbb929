"""Due-times by hand: what is due rings, once, and a bad member harms none of the others."""

from datetime import timedelta

import pytest

from bot.bells import Bells, Delivery
from tests.bot.desk import Queue

AT_ONCE = timedelta(milliseconds=1)


async def first(bells: Bells, most: int = 10) -> list[Delivery]:
    """What is new, on a group that may have to be made first."""
    return await bells.read(most=most, block=AT_ONCE) or await bells.read(most=most, block=AT_ONCE)


async def test_what_is_due_rings_once_and_is_looked_at_again_later(queue: Queue) -> None:
    """However long everything was down: slots that were missed fire once, not once each."""
    await queue.set_timer("late", timedelta(hours=-5), version=3)
    await queue.set_timer("soon", timedelta(seconds=20))

    for _ in range(3):
        earliest = await queue.bells().ring(now=queue.now, again=queue.now + 30, most=10)

    assert [(one.request_id, one.version) for one in await first(queue.bells())] == [("late", 3)]
    assert await queue.due("late") == pytest.approx(30, abs=2)
    assert earliest == pytest.approx(queue.now + 20, abs=2)


async def test_no_more_ring_at_a_time_than_asked_for(queue: Queue) -> None:
    """And the answer says that there is more."""
    for each in range(5):
        await queue.set_timer(f"r{each}", timedelta(seconds=-each))
    now = queue.now

    assert (await queue.bells().ring(now=now, again=now + 30, most=3) or 0) < now

    assert await queue.length() == 3


async def test_a_look_in_between_does_not_put_off_a_requests_own_timer(queue: Queue) -> None:
    """A signal or an error may have had it looked at early."""
    now = queue.now
    await queue.set_timer("r1", timedelta(seconds=-1))
    await queue.redis.hset(queue.keys.record("r1"), "timer", str(now + 10))

    await queue.bells().ring(now=now, again=now + 30, most=10)

    assert await queue.redis.zscore(queue.keys.due, "r1") == pytest.approx(now + 10, abs=0.01)


async def test_a_due_time_without_a_request_is_dropped(queue: Queue) -> None:
    """The request has expired."""
    await queue.redis.zadd(queue.keys.due, {"r1": 1})

    assert await queue.bells().ring(now=queue.now, again=queue.now, most=10) is None

    assert (await queue.length(), await queue.dead()) == (0, [])


async def test_a_bad_member_does_not_stop_those_behind_it(queue: Queue) -> None:
    """It goes on the dead list, whatever is wrong with it."""
    keys, redis = queue.keys, queue.redis
    await redis.set(keys.record("wrong-kind"), "not a hash")
    await redis.hset(keys.record("no-number"), "version", "many")
    await redis.hset(keys.record("too-long"), "version", "9" * 19)
    await redis.hset(keys.record("two words"), "version", "1")
    await redis.hset((keys.prefix + "req:").encode() + b"\xff\xfe", "version", "1")
    bad = [b"wrong-kind", b"no-number", b"too-long", b"two words", b"\xff\xfe"]
    await redis.zadd(keys.due, dict.fromkeys(bad, 1))
    await queue.set_timer("good", timedelta(seconds=-1))

    await queue.bells().ring(now=queue.now, again=queue.now + 30, most=10)

    assert [one.request_id for one in await first(queue.bells())] == ["good"]
    assert [each["why"] for each in await queue.dead()] == ["not a request"] * 5
    assert await redis.zcard(keys.due) == 1


async def test_no_due_times_at_all(queue: Queue) -> None:
    """Nothing rings, and nothing is next."""
    assert await queue.bells().ring(now=queue.now, again=queue.now, most=10) is None
