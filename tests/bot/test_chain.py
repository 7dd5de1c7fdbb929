"""The chain: every entry is linked to all before it, whoever writes, and names nobody."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis as BlockingRedis
from redis.asyncio import Redis

from bot import chain, engine
from bot.audit import Scribe
from bot.audit_trail import Stored, pages
from bot.chain import Head
from bot.chain_script import SHA256
from bot.keys import Keys
from bot.model import Signal, State
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.maya import asked, moved, received
from tests.bot.maya import given as pressed
from tests.scribe import SCRIBE

DAY = 86_400


async def stored(redis: Redis) -> list[Stored]:
    """The entries as they lie there."""
    return [each async for page in pages(redis, Keys()) for each in page]


async def ends_well(redis: Redis) -> Head:
    """Follow the chain from its beginning to the head that the store keeps."""
    at = Head()
    for each in await stored(redis):
        assert (each.seq, each.prev) == (str(at.seq + 1), at.link)
        at = Head(at.seq + 1, chain.follow(at.link, each.body))
    value: Any = await redis.get(Keys().audit_head)
    assert Head.read(value) == at
    return at


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=20))
def test_the_store_makes_the_same_links_as_everybody(redis_url: str, texts: list[bytes]) -> None:
    """SHA-256, as any tool has it."""
    with BlockingRedis.from_url(redis_url) as redis:
        script = f"{SHA256}\nlocal a = {{}} for i, text in ipairs(ARGV) do a[i] = sha256(text) end return a"
        answers: Any = redis.eval(script, 0, *(text.hex() for text in texts))

    assert [answer.decode() for answer in answers] == [hashlib.sha256(text).hexdigest() for text in texts]


async def test_everything_that_is_written_is_chained(store: Store, redis: Redis, clock: Clock) -> None:
    """Also what arrives at once and is written by one script; what arrives twice is written once."""
    requests = [asked(clock, f"r{each}") for each in range(20)]
    await asyncio.gather(*(store.receive(request) for request in (*requests, *requests)))
    record = await received(store, clock, "r99")
    await asyncio.gather(*(store.signal("r99", pressed(clock, Signal.CONFIRM), key=f"{each}") for each in range(5)))
    record = await store.load("r99") or record
    await moved(store, record, State.ASKING, clock)

    assert (await ends_well(redis)).seq == 27


async def test_several_processes_write_one_chain(redis: Redis, redis_url: str, clock: Clock) -> None:
    """Each with a connection of its own."""
    others = [engine.connect(redis_url) for _ in range(4)]
    stores = [Store(other, Keys(), clock, scribe=SCRIBE) for other in others]
    await asyncio.gather(
        *(store.receive(asked(clock, f"r{at}-{each}")) for at, store in enumerate(stores) for each in range(25))
    )

    assert (await ends_well(redis)).seq == 100
    for other in others:
        await other.aclose()


@pytest.mark.parametrize("head", ["", "x", "7 beef", "-1 " + "0" * 64, "1 " + "g" * 64])
async def test_a_damaged_head_does_not_stop_the_bot(store: Store, redis: Redis, clock: Clock, head: str) -> None:
    """The chain begins anew, which whoever checks it cannot overlook."""
    await received(store, clock, "r1")
    await redis.set(Keys().audit_head, head)

    await received(store, clock, "r2")

    assert [(each.seq, each.prev) for each in await stored(redis)] == [("1", chain.GENESIS)] * 2


async def test_the_audit_names_nobody(store: Store, redis: Redis, clock: Clock) -> None:
    """Whom it is about stands beside it, by a digest that takes the key to make."""
    await moved(store, await received(store, clock), State.DONE, clock)

    bodies = b"".join(each.body for each in await stored(redis))
    names = ("UMAYA", "00umaya", "maya.lindqvist@northwind.example")
    for name in names:
        assert name.encode() not in bodies
        assert SCRIBE.name(name).encode() in bodies
        assert Scribe(b"another key").name(name).encode() not in bodies
        assert await redis.get(Keys().audit_name(SCRIBE.name(name))) == name.encode()


async def test_a_name_goes_a_day_after_the_last_entry_about_it(redis: Redis, clock: Clock) -> None:
    """However often it comes up, it is written anew once a day; and how long it is kept follows the settings."""
    short, forever = (
        Store(redis, Keys(), clock, scribe=replaced) for replaced in (Scribe(b"k", timedelta(days=10)), Scribe(b"k"))
    )
    name = Keys().audit_name(Scribe(b"k").name("UMAYA"))

    await received(short, clock, "r1")
    assert await redis.ttl(name) == 11 * DAY
    await redis.expire(name, 10 * DAY + 50)
    await received(short, clock, "r2")
    assert await redis.ttl(name) == 10 * DAY + 50
    await redis.expire(name, 10 * DAY - 50)
    await received(short, clock, "r3")
    assert await redis.ttl(name) == 11 * DAY
    await received(forever, clock, "r4")
    assert await redis.ttl(name) == -1
    await received(short, clock, "r5")
    assert await redis.ttl(name) == 11 * DAY
