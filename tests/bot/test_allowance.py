"""Rate limits that several processes share over Redis, and each on its own while that is away."""

import asyncio
from functools import partial

import pytest
from redis.asyncio import Redis

from bot import engine
from bot.allowance import SharedLedger
from bot.keys import Keys
from okta.budget import SCOUTS, Reading
from okta.pace import Memory

FULL = Reading(600, 599, 1000, 60.0)


def ledger(redis: Redis, now: float | None = None, credential: str = "one") -> SharedLedger:
    """The ledger of a process."""
    return SharedLedger(redis, partial(Keys().allowance, credential), now=None if now is None else lambda: now)


async def settled() -> None:
    """Until what was learnt is shared."""
    await asyncio.sleep(0.05)


async def test_what_one_hears_another_knows(redis: Redis) -> None:
    """The last request goes to one of them."""
    one, other = ledger(redis, 0.0), ledger(redis, 0.0)
    assert await one.take("users", background=False) == 0
    one.learn("users", Reading(10, 1, 1000, 60.0))
    await settled()

    assert await other.take("users", background=False) == 0
    assert await one.take("users", background=False) > 50
    assert await other.take("logs", background=False) == 0
    assert await ledger(redis, 0.0, "another credential").take("users", background=False) == 0


async def test_together_they_take_no_more_than_there_is(redis: Redis) -> None:
    """Three at once, each as fast as it can."""
    ledgers = [ledger(redis, 0.0) for _ in range(3)]
    ledgers[0].learn("users", Reading(100, 90, 1000, 60.0))
    await settled()

    async def takes(one: SharedLedger) -> int:
        return sum([await one.take("users", background=False) == 0 for _ in range(50)])

    assert sum(await asyncio.gather(*map(takes, ledgers))) == 90


async def test_the_time_is_that_of_redis(redis: Redis) -> None:
    """Nobody's own clock matters."""
    one = ledger(redis)
    await one.take("users", background=False)
    seconds, _ = await redis.time()

    assert abs(one.now() - seconds) < 2


@pytest.mark.parametrize(
    "stored",
    [
        b'{"limit":',
        b"[" * 100_000,
        b"[600,0,1,1e300,0,0,0]",
        b"[600,0,1,3357847654,0,0,0]",
        b"[9,0,1,0,99,0,9e300]",
        b"[99999999999999999999,0,1,9,0,0,0]",
        b"[-5,-5,-5,50,-5,-5,-5]",
        b"\xff",
    ],
)
async def test_what_is_there_may_be_anything(redis: Redis, stored: bytes) -> None:
    """Another version of the bot may have put it there, or nobody good; it is learnt anew."""
    await redis.set(Keys().allowance("one", "users"), stored)
    one = ledger(redis, 0.0)

    assert await one.take("users", background=False) == 0
    one.learn("users", FULL)
    await settled()
    assert await ledger(redis, 0.0).take("users", background=False) == 0


async def test_it_is_forgotten(redis: Redis) -> None:
    """Redis keeps no bucket that nobody uses."""
    await ledger(redis).take("users", background=False)

    assert 0 < await redis.ttl(Keys().allowance("one", "users")) <= 600


async def test_without_redis_each_goes_by_what_it_hears(caplog: pytest.LogCaptureFixture) -> None:
    """And says once that nothing is shared."""
    gone = engine.connect("redis://127.0.0.1:1")
    one = ledger(gone)
    for _ in range(3):
        assert await one.take("users", background=False) == 0
        one.learn("users", FULL)
    await settled()
    one.learn("users", Reading(600, 0, 1000, 60.0))
    await settled()

    assert await one.take("users", background=False) > 20
    assert caplog.text.count("Okta's rate limits are not shared while Redis cannot be asked") == 1
    await gone.aclose()


async def test_a_ledger_of_ones_own_is_the_same() -> None:
    """In memory, with the same rules."""
    own = Memory(lambda: 0.0)
    for _ in range(SCOUTS[True]):
        assert await own.take("users", background=True) == 0
    assert await own.take("users", background=True) > 0
    own.learn("users", FULL)
    assert await own.take("users", background=False) == 0
