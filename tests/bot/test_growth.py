"""What the bot keeps has an end: nobody can fill the store by pressing, failing or waiting long enough."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import audit, jobs_scripts
from bot.audit import Scribe
from bot.jobs_scripts import DEAD_KEPT
from bot.model import Actor, Signal, State
from bot.store import INBOX, Store
from sandbox.clock import Clock
from tests.bot.desk import Desk, Look, Queue
from tests.bot.maya import CARD, asked, bells, entries, given, moved, received, there
from tests.scribe import SCRIBE

YEAR = timedelta(days=365)


async def test_presses_that_nobody_answers_do_not_pile_up(store: Store, queue: Queue, clock: Clock) -> None:
    """They count as taken, since those before them are answered in their place; the first is kept, and decides."""
    await received(store, clock)
    first = given(clock)
    assert await store.signal("r1", first, key="first")
    clock.advance(timedelta(seconds=1))

    answers = [await store.signal("r1", given(clock), key=f"key-{each}") for each in range(3 * INBOX)]

    inbox = (await there(store)).inbox
    assert answers == [True] * 3 * INBOX
    assert (len(inbox), inbox[0]) == (INBOX, first)
    assert len(await bells(queue)) == len(await entries(queue)) == 1 + INBOX


async def test_a_press_on_a_full_inbox_has_somebody_look(store: Store, queue: Queue, clock: Clock) -> None:
    """Even if everybody had given up on the request. As soon as there is room, presses are taken again."""
    asking = await moved(store, await received(store, clock), State.ASKING, clock)
    await store.showed(asking, CARD)
    for each in range(INBOX):
        await store.signal("r1", given(clock), key=f"key-{each}")
    await queue.redis.zrem(queue.keys.due, "r1")

    assert await store.signal("r1", given(clock), key="late")

    assert await queue.due("r1") == pytest.approx(30, abs=2)
    await store.dismiss(await there(store))
    await store.signal("r1", given(clock, Signal.CONFIRM), key="late")
    assert (await there(store)).inbox[-1].signal is Signal.CONFIRM


async def test_a_cancel_is_heard_over_a_full_inbox(store: Store, clock: Clock) -> None:
    """It is heeded until the write begins, however often Confirm was pressed before it."""
    await received(store, clock)
    for each in range(2 * INBOX):
        await store.signal("r1", given(clock, Signal.CONFIRM), key=f"confirm-{each}")

    for each in range(2 * INBOX):
        await store.signal("r1", given(clock, Signal.CANCEL), key=f"cancel-{each}")

    signals = [waiting.signal for waiting in (await there(store)).inbox]
    assert signals == [Signal.CONFIRM] * INBOX + [Signal.CANCEL]


async def test_a_newer_request_is_heard_over_a_full_inbox(store: Store, clock: Clock) -> None:
    """What closes a card for the person's safety is never left out."""
    await moved(store, await received(store, clock), State.ASKING, clock)
    for each in range(INBOX):
        await store.signal("r1", given(clock), key=f"key-{each}")

    await moved(store, await received(store, clock, "r2"), State.ASKING, clock)

    assert (await there(store, "r1")).inbox[-1].signal is Signal.SUPERSEDE


@pytest.mark.parametrize("by", ["receiving", "moving"])
async def test_the_audit_is_kept_for_as_long_as_was_decided(queue: Queue, clock: Clock, by: str) -> None:
    """What is older goes, by and by, with what is written; nothing younger does."""
    record = await received(Store(queue.redis, queue.keys, clock, scribe=SCRIBE), clock)
    await queue.redis.delete(queue.keys.audit)
    old, young = _ids(clock, YEAR + timedelta(days=1)), _ids(clock, YEAR - timedelta(days=1))
    for each in (*old, *young):
        await queue.redis.xadd(queue.keys.audit, {"entry": "{}"}, id=each)
    store = Store(queue.redis, queue.keys, clock, scribe=Scribe(b"key", YEAR))

    if by == "receiving":
        await store.receive(asked(clock, "r2"))
    else:
        await moved(store, record, State.DONE, clock)

    assert len(young) < await queue.redis.xlen(queue.keys.audit) <= len(young) + 101
    assert (await queue.redis.xrange(queue.keys.audit, young[0], young[0])) != []


async def test_without_a_limit_the_audit_is_kept_for_ever(store: Store, queue: Queue, clock: Clock) -> None:
    """Whatever its age."""
    for each in _ids(clock, 50 * YEAR):
        await queue.redis.xadd(queue.keys.audit, {"entry": "{}"}, id=each)

    await moved(store, await received(store, clock), State.DONE, clock)

    assert await queue.redis.xlen(queue.keys.audit) == 302


async def test_a_life_longer_than_time_itself_is_for_ever_too(queue: Queue, clock: Clock) -> None:
    """The largest number that the settings take."""
    await received(Store(queue.redis, queue.keys, clock, scribe=Scribe(b"key", timedelta(days=36_500))), clock)

    assert [entry.event for entry in await entries(queue)] == [audit.Event.RECEIVED]


async def test_the_dead_list_lets_go_of_its_oldest(queue: Queue) -> None:
    """An outage cannot fill the store with what it left undone."""
    await queue.redis.rpush(queue.keys.dead, *(["{}"] * DEAD_KEPT))
    one, other = queue.bells(), queue.bells("b")
    await one.read(most=1, block=timedelta(milliseconds=1))
    odd = await queue.put({"odd": "1"})
    failing = await queue.ring()
    await one.read(most=9, block=timedelta(milliseconds=1))
    await one.bury(odd)
    await one.fail(failing, "r1", "Oops", attempts=1, now=queue.now, longest=timedelta(seconds=1))
    await other.take_over(most=9, lease=timedelta(0), attempts=2, in_hand=[])
    await queue.redis.zadd(queue.keys.due, {"two words": 1})
    await queue.redis.hset(queue.keys.record("two words"), "version", "1")
    await one.ring(now=queue.now, again=queue.now, most=9)

    dead = await queue.dead()

    assert len(dead) == DEAD_KEPT
    assert [line["why"] for line in dead[-4:]] == ["unreadable", "Oops", "its holder went away", "not a request"]


def test_every_script_that_gives_up_does_so_within_the_limit() -> None:
    """A new one cannot forget it."""
    scripts = {name: text for name, text in vars(jobs_scripts).items() if name.isupper() and isinstance(text, str)}

    assert sum("RPUSH" in text for text in scripts.values()) >= 4
    assert all(text.count("RPUSH") == text.count("LTRIM") for text in scripts.values())


async def test_a_request_that_is_given_up_for_good_is_no_longer_counted(queue: Queue) -> None:
    """Neither telling works; what is left of it is a line on the dead list."""

    async def fail(_: Look) -> None:
        raise RuntimeError

    async def tell(_: str) -> None:
        raise ConnectionError

    desk = Desk(fail, tell)
    await queue.ring()
    async with queue.worked(desk, attempts=1, lease=timedelta(seconds=0.1)):
        await queue.quiet()

    assert [each["id"] for each in await queue.dead()] == ["r1"]
    assert not await queue.redis.exists(queue.keys.fails)


def _ids(clock: Clock, ago: timedelta) -> list[str]:
    """Three hundred ids of a stream, from one moment; ids are milliseconds of the server's time."""
    at = int((clock.now() - ago).timestamp() * 1000)
    return [f"{at}-{each}" for each in range(300)]


async def test_somebody_elses_presses_crowd_out_nobodys_own(store: Store, clock: Clock) -> None:
    """What waits of a stranger's is answered to the stranger; the Confirm of whoever asked must not be left out for it."""
    await received(store, clock)
    for each in range(2 * INBOX):
        foreign = replace(given(clock, Signal.CONFIRM), actor=Actor("UJONAS", "T0NORTHWIND"))
        await store.signal("r1", foreign, key=f"foreign-{each}")
    own = given(clock, Signal.CONFIRM)
    await store.signal("r1", own, key="own")

    assert (await there(store)).inbox[-1] == own
