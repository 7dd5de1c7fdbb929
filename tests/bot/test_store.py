"""Requests in a real Redis: taken in once, moved by compare-and-set and by the table."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import audit
from bot.errors import StaleRecordError, SubjectBusyError
from bot.model import Fence, Input, Record, Signal, State
from bot.rules import Rule
from bot.saying import Say
from bot.states import TABLE, settled
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.desk import Queue
from tests.bot.maya import CARD, MAYA, SUBJECT, SWEEP, asked, bells, entries, given, moved, received, there
from tests.scribe import SCRIBE


async def test_a_request_is_stored_rung_timed_and_audited_at_once(store: Store, queue: Queue, clock: Clock) -> None:
    """What is acknowledged to Slack after this cannot be lost."""
    record = await received(store, clock)

    assert record == Record(replace(asked(clock), asked_at=record.request.asked_at))
    assert await bells(queue) == [("r1", 1)]
    assert await queue.due("r1") == pytest.approx(SWEEP, abs=2)
    assert [(entry.event, entry.request, entry.version) for entry in await entries(queue)] == [
        (audit.Event.RECEIVED, "r1", 1)
    ]


async def test_a_request_delivered_again_is_one_request(store: Store, queue: Queue, clock: Clock) -> None:
    """Neither is it rung for or audited twice, even when it has moved on."""
    record = await received(store, clock)
    done = await moved(store, record, State.DONE, clock)
    await store.receive(asked(clock))

    assert (await there(store)).request == done.request
    assert await bells(queue) == [("r1", 1)]
    assert len(await entries(queue)) == 2


async def test_many_at_once_are_each_taken_in(store: Store, queue: Queue, clock: Clock) -> None:
    """They share round trips, not fates."""
    await asyncio.gather(*(store.receive(asked(clock, f"r{each % 100}")) for each in range(200)))

    assert sorted(await bells(queue)) == sorted((f"r{each}", 1) for each in range(100))


async def test_a_doorbell_rings_until_its_attempt_is_over(store: Store, queue: Queue, clock: Clock) -> None:
    """However that ended; so a step whose doorbell is gone has nobody who would report it."""
    await received(store, clock)
    worker = queue.bells()
    await worker.read(most=1, block=timedelta(milliseconds=1))
    (delivery,) = await worker.read(most=1, block=timedelta(milliseconds=1))
    assert await store.rings(delivery.entry)

    await worker.fail(delivery.entry, "r1", "Oops", attempts=5, now=queue.now, longest=timedelta(seconds=5))

    assert not await store.rings(delivery.entry)


async def test_a_signal_to_no_request_is_said_to_be_one(store: Store, queue: Queue, clock: Clock) -> None:
    """And leaves nothing behind."""
    assert not await store.signal("r1", given(clock), key="press")

    assert await queue.redis.keys() == []


async def test_a_signal_is_rung_for_and_delivered_once(store: Store, queue: Queue, clock: Clock) -> None:
    """Slack may send a press again; two presses are two."""
    await received(store, clock)
    press, other = given(clock), given(clock, Signal.CONFIRM)

    answers = [await store.signal("r1", each, key=key) for each, key in ((press, "1"), (press, "1"), (other, "2"))]

    assert answers == [True, True, True]
    assert (await there(store)).inbox == (press, other)
    assert await bells(queue) == [("r1", 1)] * 3
    assert [entry.event for entry in await entries(queue)][1:] == ["signal:cancel", "signal:confirm"]


async def test_a_signal_brings_the_next_look_nearer_and_never_puts_it_off(
    store: Store, queue: Queue, clock: Clock
) -> None:
    """If its doorbell is lost, the sweep finds it."""
    asking = await moved(store, await received(store, clock), State.ASKING, clock)
    await store.showed(asking, CARD)
    assert await queue.due("r1") == pytest.approx(600, abs=2)
    await store.signal("r1", given(clock), key="1")
    assert await queue.due("r1") == pytest.approx(SWEEP, abs=2)

    clock.advance(timedelta(seconds=20))
    await store.signal("r1", given(clock), key="2")

    assert await queue.due("r1") == pytest.approx(SWEEP - 20, abs=2)


async def test_what_is_written_is_read_again(store: Store, clock: Clock) -> None:
    """All of it."""
    record = await received(store, clock)
    now = clock.now()
    full = replace(
        record.request,
        state=State.ASKING,
        due=now + timedelta(minutes=10),
        subject=SUBJECT,
        consented_at=now,
        step=1,
        tries=2,
        looks=3,
        fence=Fence("token", "1-1", 0, 2, now, {"status": "LOCKED_OUT"}),
        say=Say("unlock_account.ask", {"name": "Maya"}, offers=("sign_in_help",)),
    )
    written = await store.move(record, full)
    await store.signal("r1", given(clock), key="1")
    await store.showed(written, CARD)
    read = await there(store)

    shown = replace(written.request, place=replace(written.request.place, response_url=None))
    assert read == Record(shown, (given_at(read),), shown=2, card=CARD, posting=False)
    assert replace(read.request, place=full.place) == replace(full, version=2, history=read.request.history)
    assert [(mark.version, mark.state) for mark in read.request.history] == [(2, State.ASKING)]


def given_at(record: Record) -> Input:
    """The same press at the time that was noted."""
    return Input(Signal.CANCEL, MAYA, record.inbox[0].at, CARD, "https://hooks.example/2")


async def test_who_read_an_older_version_moves_nothing(store: Store, queue: Queue, clock: Clock) -> None:
    """Of two that race, one wins; the other is told to read again."""
    record = await received(store, clock)
    outcomes = await asyncio.gather(
        *(moved(store, record, state, clock) for state in (State.DONE, State.REFUSED, State.FAILED)),
        return_exceptions=True,
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Record", "StaleRecordError", "StaleRecordError"]
    assert (await there(store)).request.version == 2
    assert len(await entries(queue)) == 2


async def test_a_request_that_is_gone_is_stale(store: Store, queue: Queue, clock: Clock) -> None:
    """Nothing is made out of nothing."""
    record = await received(store, clock)
    await queue.redis.flushall()

    with pytest.raises(StaleRecordError):
        await moved(store, record, State.DONE, clock)
    assert await store.showed(record, CARD) == 0
    with pytest.raises(StaleRecordError):
        await store.dismiss(replace(record, inbox=(given(clock),)))
    await store.posting(record)
    await store.remind("r1", timedelta(0))

    assert await store.load("r1") is None
    assert await queue.redis.keys() == []


@pytest.mark.parametrize("before", State)
async def test_the_store_moves_by_the_table_and_not_otherwise(
    store: Store, queue: Queue, clock: Clock, before: State
) -> None:
    """Each pair of states, in a request of its own; what is refused changes nothing."""
    await received(store, clock)
    for after in State:
        record = await received(store, clock, f"{before}-{after}")
        record = replace(record, request=replace(record.request, state=before))
        if after in TABLE[before].leads_to:
            assert (await moved(store, record, after, clock)).request.state is after
            await queue.redis.delete(queue.keys.busy(SUBJECT.okta_id))
        else:
            with pytest.raises(ValueError, match=f"cannot go from {before} to {after}"):
                await moved(store, record, after, clock)
            assert (await there(store, record.request.id)).request.version == 1


@pytest.mark.parametrize(
    ("after", "due"), [(state, not settled(state)) for state in sorted(TABLE[State.RECEIVED].leads_to)]
)
async def test_a_request_that_nothing_would_wake_up_is_not_written(
    store: Store, clock: Clock, after: State, *, due: bool
) -> None:
    """Unsettled without a due-time, or settled with one."""
    record = await received(store, clock)

    with pytest.raises(ValueError, match="due-time"):
        await store.move(record, replace(record.request, state=after, due=None if due else clock.now()))


async def test_a_transition_is_audited_with_its_rules(store: Store, queue: Queue, clock: Clock) -> None:
    """In the same script, so that there is one entry for each."""
    record = await received(store, clock)
    await moved(store, record, State.ASKING, clock, rules=(Rule.FITS, Rule.CONSENT_NEEDED))

    entry = (await entries(queue))[-1]

    assert (entry.event, entry.version, entry.actor, entry.subject) == (
        *("request:consent-asked", 2),
        *(SCRIBE.name("UMAYA"), SCRIBE.name("00umaya")),
    )
    assert entry.rules == (Rule.FITS, Rule.CONSENT_NEEDED)


async def test_inputs_that_were_answered_by_a_transition_are_taken_off_by_it(store: Store, clock: Clock) -> None:
    """Those that came since stay."""
    asking = await moved(store, await received(store, clock), State.ASKING, clock)
    for key in "123":
        await store.signal("r1", given(clock), key=key)
    read = await there(store)
    await store.signal("r1", given(clock, Signal.CONFIRM), key="4")

    after = await moved(store, read, State.CANCELLED, clock)

    assert len(read.inbox) == 3
    assert after.inbox == ()
    assert [each.signal for each in (await there(store)).inbox] == [Signal.CONFIRM]
    assert asking.request.version + 1 == after.request.version


async def test_inputs_that_somebody_else_has_dismissed_are_not_taken_off_again(store: Store, clock: Clock) -> None:
    """A press that came in their place would be lost."""
    await moved(store, await received(store, clock), State.ASKING, clock)
    await store.signal("r1", given(clock), key="1")
    read = await there(store)
    await store.dismiss(read)
    await store.signal("r1", given(clock, Signal.CONFIRM), key="2")

    with pytest.raises(StaleRecordError):
        await moved(store, read, State.CANCELLED, clock)

    assert [each.signal for each in (await there(store)).inbox] == [Signal.CONFIRM]


@pytest.mark.parametrize("signal", [Signal.CANCEL, Signal.CONFIRM])
async def test_nothing_is_begun_over_a_cancel(store: Store, clock: Clock, signal: Signal) -> None:
    """It may come while everything is looked up once more; another Confirm changes nothing."""
    await moved(store, await received(store, clock), State.ASKING, clock)
    await store.signal("r1", given(clock, Signal.CONFIRM), key="1")
    read = await there(store)
    await store.signal("r1", given(clock, signal), key="2")

    if signal is Signal.CANCEL:
        with pytest.raises(StaleRecordError):
            await moved(store, read, State.ACTING, clock)
    else:
        acting = await moved(store, read, State.ACTING, clock)
        await store.signal("r1", given(clock, Signal.CANCEL), key="3")
        await moved(store, acting, State.CHECKING, clock)  # what is begun is brought to its end


async def test_one_request_of_a_subject_writes_at_a_time(store: Store, queue: Queue, clock: Clock) -> None:
    """The other is told, unmoved; the first one's end, however it ends, frees the place."""
    one = await moved(store, await received(store, clock, "r1"), State.DEFERRED, clock)
    other = await moved(store, await received(store, clock, "r2"), State.DEFERRED, clock)
    one = await moved(store, one, State.ACTING, clock)
    with pytest.raises(SubjectBusyError):
        await moved(store, other, State.ACTING, clock)
    one = await moved(store, one, State.CHECKING, clock)
    with pytest.raises(SubjectBusyError):
        await moved(store, other, State.ACTING, clock)
    assert (await there(store, "r2")).request.version == 2
    await moved(store, one, State.UNKNOWN, clock)

    await moved(store, other, State.ACTING, clock)

    assert await queue.redis.get(queue.keys.busy(SUBJECT.okta_id)) == b"r2"


async def test_a_place_held_by_a_request_that_is_no_longer_there_is_free(
    store: Store, queue: Queue, clock: Clock
) -> None:
    """Or one deleted record would keep a person out for ever."""
    one = await moved(store, await received(store, clock, "r1"), State.DEFERRED, clock)
    await moved(store, one, State.ACTING, clock)
    await queue.redis.delete(queue.keys.record("r1"))
    other = await moved(store, await received(store, clock, "r2"), State.DEFERRED, clock)

    assert (await moved(store, other, State.ACTING, clock)).request.state is State.ACTING


async def test_a_newer_card_supersedes_the_one_that_still_asks(store: Store, queue: Queue, clock: Clock) -> None:
    """By a signal to it, since only its own worker moves it. Its doorbell is rung."""
    await moved(store, await received(store, clock, "r1"), State.ASKING, clock)
    await moved(store, await received(store, clock, "r2"), State.ASKING, clock)

    assert [each.signal for each in (await there(store, "r1")).inbox] == [Signal.SUPERSEDE]
    assert (await there(store, "r2")).inbox == ()
    assert (await bells(queue))[-1] == ("r1", 2)
    assert (await queue.due("r1") or 99) <= SWEEP


async def test_a_card_that_asks_anew_does_not_supersede_itself(store: Store, clock: Clock) -> None:
    """Consent that came too late leads from asking to asking."""
    asking = await moved(store, await received(store, clock), State.ASKING, clock)
    await moved(store, asking, State.ASKING, clock)

    assert (await there(store)).inbox == ()


async def test_a_card_that_no_longer_asks_is_not_superseded(store: Store, clock: Clock) -> None:
    """Nor one about something else; nor is there any harm in one that is gone."""
    asking = await moved(store, await received(store, clock, "r1"), State.ASKING, clock)
    elsewhere = replace(asking, request=replace(asking.request, actor=replace(MAYA, team_id=None)))
    await moved(store, elsewhere, State.CANCELLED, clock)  # pressed where Slack names no team
    await moved(store, await received(store, clock, "r2", capability="sign_in_help"), State.ASKING, clock)
    await moved(store, await received(store, clock, "r3"), State.ASKING, clock)

    assert [(await there(store, each)).inbox for each in ("r1", "r2", "r3")] == [(), (), ()]


async def test_a_superseded_card_that_is_gone_does_no_harm(store: Store, queue: Queue, clock: Clock) -> None:
    """An operator may have deleted it."""
    await moved(store, await received(store, clock, "r1"), State.ASKING, clock)
    await queue.redis.delete(queue.keys.record("r1"))

    await moved(store, await received(store, clock, "r2"), State.ASKING, clock)

    assert await queue.redis.exists(queue.keys.inbox("r1")) == 0
