"""What has been shown and answered of a request, and when it may rest."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import (
    Signal,
    State,
)
from bot.store import RECORD_LIFE, Store
from sandbox.clock import Clock
from tests.bot.desk import Queue
from tests.bot.maya import CARD, SWEEP, given, moved, received, there


async def test_a_posting_that_was_begun_and_never_noted_is_known(store: Store, clock: Clock) -> None:
    """Whoever comes next searches for the card before posting another; once it is noted there is nothing to search."""
    first = await moved(store, await received(store, clock), State.ASKING, clock)
    assert not first.posting
    assert (await there(store)).posting
    second = await moved(store, first, State.CANCELLED, clock)
    assert second.posting

    await store.showed(second, CARD)

    assert not (await there(store)).posting


async def test_a_first_posting_before_any_transition_is_known_too(store: Store, clock: Clock) -> None:
    """Somebody who has to wait long sees a card before there is an answer."""
    record = await received(store, clock)

    await store.posting(record)

    assert (await there(store)).posting
    assert (await moved(store, record, State.DONE, clock)).posting


async def test_a_reminder_brings_the_next_look_nearer_and_never_puts_it_off(
    store: Store, queue: Queue, clock: Clock
) -> None:
    """Nor does it wake up what rests for good."""
    done = await moved(store, await received(store, clock), State.DONE, clock)
    await store.remind("r1", timedelta(seconds=5))
    await store.remind("r1", timedelta(seconds=15))
    assert await queue.due("r1") == pytest.approx(5, abs=2)
    await store.showed(done, CARD)

    await store.remind("r1", timedelta(seconds=5))

    assert await queue.due("r1") is None


async def test_a_request_that_was_shown_rests_until_its_timer(store: Store, queue: Queue, clock: Clock) -> None:
    """Until then it is looked at once every sweep, in case its card is not there yet."""
    asking = await moved(store, await received(store, clock), State.ASKING, clock)
    assert await queue.due("r1") == pytest.approx(SWEEP, abs=2)

    assert await store.showed(asking, CARD) == 2

    assert await queue.due("r1") == pytest.approx(600, abs=2)


async def test_a_timer_nearer_than_the_sweep_is_kept(store: Store, queue: Queue, clock: Clock) -> None:
    """Shown or not."""
    record = await received(store, clock)
    waiting = replace(record.request, state=State.DEFERRED, due=clock.now() + timedelta(seconds=5))
    await store.move(record, waiting)

    assert await queue.due("r1") == pytest.approx(5, abs=2)


async def test_a_settled_request_that_was_shown_is_kept_a_while_and_no_longer_timed(
    store: Store, queue: Queue, clock: Clock
) -> None:
    """Old cards tell the truth when they are touched, for a month."""
    done = await moved(store, await received(store, clock), State.DONE, clock)
    assert await queue.due("r1") is not None

    await store.showed(done, CARD)

    assert await queue.due("r1") is None
    assert await queue.redis.ttl(queue.keys.record("r1")) == pytest.approx(RECORD_LIFE.total_seconds(), abs=5)


async def test_a_card_that_cannot_be_shown_anywhere_counts_as_shown(store: Store, queue: Queue, clock: Clock) -> None:
    """The person does not let us write to them; trying for ever helps nobody."""
    done = await moved(store, await received(store, clock), State.DONE, clock)

    await store.showed(done, None)

    assert (await there(store)).card is None
    assert await queue.due("r1") is None


async def test_who_showed_an_older_version_learns_it(store: Store, queue: Queue, clock: Clock) -> None:
    """The card may now show what is no longer true, so it is drawn again: by them, or by the sweep."""
    asking = await moved(store, await received(store, clock), State.ASKING, clock)
    done = await moved(store, asking, State.DONE, clock)
    assert await store.showed(done, CARD) == 3

    assert await store.showed(asking, CARD) == 3

    assert (await there(store)).shown == 2
    assert (await queue.due("r1") or 99) <= SWEEP
    assert await queue.redis.ttl(queue.keys.record("r1")) == -1


async def test_an_input_keeps_a_settled_request_awake_until_it_is_answered(
    store: Store, queue: Queue, clock: Clock
) -> None:
    """A click on an old card: the record must not expire under it, and may do so afterwards."""
    done = await moved(store, await received(store, clock), State.DONE, clock)
    await store.showed(done, CARD)
    await store.signal("r1", given(clock, Signal.CONFIRM), key="1")
    record = await there(store)
    assert await queue.redis.ttl(queue.keys.record("r1")) == -1
    await store.showed(record, CARD)
    assert await queue.due("r1") is not None

    assert (await store.dismiss(record)).inbox == ()

    assert (await there(store)).inbox == ()
    assert await queue.due("r1") is None
    assert await queue.redis.ttl(queue.keys.record("r1")) > 0


async def test_an_answered_input_lets_a_request_rest_until_its_own_timer(
    store: Store, queue: Queue, clock: Clock
) -> None:
    """The signal had brought the next look nearer."""
    asking = await moved(store, await received(store, clock), State.ASKING, clock)
    await store.showed(asking, CARD)
    await store.signal("r1", given(clock), key="1")

    await store.dismiss(await there(store))

    assert await queue.due("r1") == pytest.approx(600, abs=2)


async def test_an_input_is_answered_by_one_of_two_workers(store: Store, clock: Clock) -> None:
    """Whoever gets it off tells the person; the second finds another one in its place, and leaves it."""
    await received(store, clock)
    await store.signal("r1", given(clock, Signal.CONFIRM), key="1")
    record = await there(store)
    await store.signal("r1", given(clock, Signal.CANCEL), key="2")

    answers = await asyncio.gather(store.dismiss(record), store.dismiss(record), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["Record", "StaleRecordError"]
    assert [each.signal for each in (await there(store)).inbox] == [Signal.CANCEL]
