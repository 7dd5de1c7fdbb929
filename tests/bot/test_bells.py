"""A place in the consumer group, by hand: every trap of Redis Streams that the queue must not step into."""

import asyncio
from datetime import timedelta

import pytest
from redis.exceptions import ResponseError

from bot.bells import GROUP, Bells, Delivery, Hold, elapsed
from tests.bot.desk import Queue
from tests.bot.patience import eventually

AT_ONCE = timedelta(milliseconds=1)
LEASE = timedelta(seconds=5)
LAPSED = timedelta(0)
"""A lease so short that every hold has lapsed: what others do after five seconds they do now."""

ODD = [
    {"version": 1},
    {"id": "r1"},
    {"id": b"\xff\xfe", "version": 1},
    {"id": "r1", "version": "one"},
    {"id": "r1", "version": "-1"},
    {"id": "r1", "version": "9" * 19},
    {"id": "", "version": 1},
    {"id": "two words", "version": 1},
    {b"\xff": b"\xff"},
]


async def first(bells: Bells, most: int = 10) -> list[Delivery]:
    """What is new, on a group that may have to be made first."""
    return await bells.read(most=most, block=AT_ONCE) or await bells.read(most=most, block=AT_ONCE)


async def taken(bells: Bells, *, most: int = 10, lease: timedelta = LAPSED, **but: list[str]) -> list[Delivery]:
    """What others have let go."""
    return await bells.take_over(most=most, lease=lease, attempts=5, in_hand=but.get("in_hand", []))


async def test_what_was_rung_before_there_was_a_group_is_delivered(queue: Queue) -> None:
    """The group is made on first need, from the beginning of the stream."""
    entry = await queue.ring("r1", version=7)

    (delivery,) = await first(queue.bells())

    assert (delivery.entry, delivery.request_id, delivery.version) == (entry, "r1", 7)
    assert (delivery.fails, delivery.taken_over) == (0, False)


async def test_workers_that_make_the_group_at_the_same_time_share_it(queue: Queue) -> None:
    """The slower of them is refused by Redis, and goes on."""
    await asyncio.gather(*(queue.bells(name).read(most=1, block=AT_ONCE) for name in "abcdef"))
    await queue.ring()

    read = await asyncio.gather(*(queue.bells(name).read(most=1, block=AT_ONCE) for name in "abcdef"))

    assert sum(map(len, read)) == 1


async def test_a_flush_under_a_blocked_read_ends_it_and_the_group_is_made_again(queue: Queue) -> None:
    """The reader sees nothing of it but an empty answer, and then the next doorbell."""
    bells = queue.bells()
    await bells.read(most=1, block=AT_ONCE)
    reading = asyncio.create_task(bells.read(most=1, block=timedelta(seconds=9)))
    await eventually(queue.blocked, "a blocked read")
    await queue.redis.flushall()

    assert await reading == []
    await queue.ring()
    assert len(await bells.read(most=1, block=AT_ONCE)) == 1


async def test_another_error_than_a_missing_group_is_not_hidden(queue: Queue) -> None:
    """Something else that has our name is an operator's business."""
    await queue.redis.set(queue.keys.bells, "not a stream")

    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await queue.bells().read(most=1, block=AT_ONCE)
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await taken(queue.bells())


async def test_taking_over_makes_the_group_if_it_is_missing(queue: Queue) -> None:
    """It is what a worker does first."""
    assert await taken(queue.bells()) == []

    assert await queue.workers() == []


async def test_no_more_is_delivered_than_was_asked_for(queue: Queue) -> None:
    """The rest is for others, or for later."""
    for each in range(5):
        await queue.ring(f"r{each}")

    assert [one.request_id for one in await first(queue.bells("a"), most=2)] == ["r0", "r1"]
    assert [one.request_id for one in await first(queue.bells("b"), most=9)] == ["r2", "r3", "r4"]


@pytest.mark.parametrize("fields", ODD, ids=str)
async def test_an_odd_entry_is_told_apart_and_harms_no_other(queue: Queue, fields: dict[str, object]) -> None:
    """On delivery and on every later take-over, where a decoding client would break off for good."""
    await queue.ring("before")
    odd = await queue.put(fields)
    await queue.ring("after")

    read = await first(queue.bells("a"))
    again = await taken(queue.bells("b"))

    for deliveries in (read, again):
        assert [one.request_id for one in deliveries] == ["before", None, "after"]
        assert [one.version for one in deliveries] == [1, None, 1]
    await queue.bells("b").bury(odd)
    assert await queue.dead() == [{"entry": odd, "why": "unreadable"}]
    assert odd not in {held.entry for held in await queue.pending()}
    assert await queue.length() == 2


async def test_who_lost_an_entry_does_not_steal_it_back_by_renewing(queue: Queue) -> None:
    """XCLAIM to oneself would: it does not ask who has it."""
    a, b = queue.bells("a"), queue.bells("b")
    entry = await queue.ring()
    await first(a)
    assert await a.renew([entry]) == {entry: True}
    await taken(b)

    assert await a.renew([entry]) == {entry: False}

    assert [held.holder for held in await queue.pending()] == ["b"]
    assert await b.renew([entry]) == {entry: True}


async def test_renewing_counts_no_delivery_and_starts_the_lease_anew(queue: Queue) -> None:
    """Whoever looks for lapsed holds a lease later finds this one fresh."""
    a, b, lease = queue.bells("a"), queue.bells("b"), timedelta(milliseconds=300)
    entry = await queue.ring()
    await first(a)

    async def lapsed() -> bool:
        return bool(await queue.redis.xpending_range(queue.keys.bells, GROUP, "-", "+", 1, idle=300))

    await eventually(lapsed, "a lapsed hold")
    await a.renew([entry])

    assert await taken(b, lease=lease) == []
    assert [held.deliveries for held in await queue.pending()] == [1]


async def test_an_entry_that_is_gone_is_nobodys(queue: Queue) -> None:
    """Finished a moment ago, or with the whole group: not ours, and no error."""
    bells = queue.bells()
    entry = await queue.ring()
    await first(bells)
    await bells.finish(entry)
    assert await bells.renew([entry]) == {entry: False}

    await queue.redis.flushall()
    assert await bells.renew([entry]) == {entry: False}
    await bells.finish(entry)


async def test_who_lost_an_entry_cannot_take_it_off(queue: Queue) -> None:
    """XACK would: it takes an acknowledgement from anybody. The same holds for failing and burying."""
    a, b = queue.bells("a"), queue.bells("b")
    entry = await queue.ring()
    await queue.set_timer("r1", LEASE)
    await first(a)
    await taken(b)
    counted = await queue.fails()

    await a.finish(entry, anew="r1")
    await a.bury(entry)
    assert await a.fail(entry, "r1", "Oops", attempts=5, now=queue.now, longest=LEASE) == 0

    assert [held.holder for held in await queue.pending()] == ["b"]
    assert await queue.fails() == counted
    assert await queue.dead() == []
    await b.finish(entry, anew="r1")
    assert (await queue.pending(), await queue.length(), await queue.fails()) == ([], 0, 0)


async def test_a_hold_that_is_renewed_is_not_taken_over(queue: Queue) -> None:
    """Only what was let go."""
    await queue.ring()
    await first(queue.bells("a"))

    assert await taken(queue.bells("b"), lease=LEASE) == []


async def test_ones_own_entry_is_taken_over_unless_it_is_in_hand(queue: Queue) -> None:
    """In hand it must not start twice, however long the loop was stalled; else its delivery was lost on the way."""
    bells = queue.bells()
    held, lost = await queue.ring("r1"), await queue.ring("r2")
    await first(bells)

    again = await taken(bells, in_hand=[held])

    assert [(one.entry, one.taken_over) for one in again] == [(lost, True)]


async def test_entries_in_hand_do_not_hide_those_behind_them(queue: Queue) -> None:
    """However few are asked for."""
    bells = queue.bells()
    held = [await queue.ring(f"r{each}") for each in range(5)]
    lost = await queue.ring("r9")
    await first(bells)

    assert [one.entry for one in await taken(bells, most=1, in_hand=held)] == [lost]


async def test_a_crash_counts_against_every_request_in_hand_and_only_the_last_one_allowed_ends_it(queue: Queue) -> None:
    """It goes on the dead list once, its timer stops, and it is still delivered, so that the person can be told."""
    entry = await queue.ring()
    await queue.set_timer("r1", LEASE)
    await first(queue.bells("a"))

    counts = [(await taken(queue.bells(name)))[0].fails for name in "bcdefg"]

    assert counts == [1, 2, 3, 4, 5, 6]
    assert await queue.dead() == [{"id": "r1", "entry": entry, "why": "its holder went away"}]
    assert await queue.due("r1") is None


async def test_entries_deleted_from_the_stream_are_cleared_away(queue: Queue) -> None:
    """An operator's XDEL leaves them pending, with nothing to say."""
    deleted, kept = await queue.ring("r1"), await queue.ring("r2")
    await first(queue.bells("a"))
    await queue.redis.xdel(queue.keys.bells, deleted)

    assert [one.request_id for one in await taken(queue.bells("b"))] == ["r2"]

    assert [held.entry for held in await queue.pending()] == [kept]


async def test_a_worker_that_is_gone_is_struck_off_only_when_it_holds_nothing(queue: Queue) -> None:
    """Deleting a consumer drops what it holds for good: not to be claimed, not to be read again."""
    await queue.ring("r1")
    await first(queue.bells("idle"))
    await queue.bells("idle").finish((await queue.pending())[0].entry)
    await queue.ring("r2")
    await first(queue.bells("busy"))

    async def struck_off() -> bool:
        await queue.bells("me").take_over(most=1, lease=LAPSED, attempts=5, in_hand=[(await queue.pending())[0].entry])
        return "idle" not in await queue.workers()

    await eventually(struck_off, "the idle worker's end")

    assert await queue.workers() == ["busy"]
    assert [one.request_id for one in await taken(queue.bells("me"))] == ["r2"]


async def test_leaving_hands_over_at_once(queue: Queue) -> None:
    """Nobody waits for a lease to pass, and nothing of others is touched."""
    await queue.ring("r1")
    await first(queue.bells("a"))
    await queue.ring("r2")
    await first(queue.bells("b"))

    await queue.bells("a").leave()

    assert [one.request_id for one in await taken(queue.bells("c"), lease=LEASE)] == ["r1"]
    assert {held.holder for held in await queue.pending()} == {"b", "c"}


async def test_who_leaves_with_nothing_is_off_the_list_and_who_left_something_is_not(queue: Queue) -> None:
    """Until it was taken over."""
    await queue.ring("r1")
    await first(queue.bells("a"))
    await first(queue.bells("b"))

    await queue.bells("a").leave()
    await queue.bells("b").leave()

    assert await queue.workers() == ["a"]


async def test_a_failed_attempt_comes_back_later_each_time_up_to_a_limit(queue: Queue) -> None:
    """By the request's own due-time, which is there already."""
    bells, waits = queue.bells(), []
    await queue.set_timer("r1", timedelta(hours=1))
    for _ in range(4):
        entry = await queue.ring()
        await first(bells)
        now = queue.now
        await bells.fail(entry, "r1", "Oops", attempts=5, now=now, longest=timedelta(seconds=3))
        waits.append(round(float(await queue.redis.zscore(queue.keys.due, "r1") or 0) - now, 3))
        assert await queue.pending() == []

    assert waits == [1, 2, 3, 3]
    assert await queue.length() == 0


async def test_what_was_settled_meanwhile_does_not_come_back(queue: Queue) -> None:
    """Settled means that there is no due-time any more."""
    entry = await queue.ring()
    await first(queue.bells())

    await queue.bells().fail(entry, "r1", "Oops", attempts=5, now=queue.now, longest=LEASE)

    assert await queue.due("r1") is None


async def test_the_last_failure_leaves_the_entry_in_hand(queue: Queue) -> None:
    """Until the person has been told; asking Redis again after a lost answer changes nothing for them."""
    bells = queue.bells()
    entry = await queue.ring()
    await queue.set_timer("r1", LEASE)
    await first(bells)

    counts = [await bells.fail(entry, "r1", "Oops", attempts=1, now=queue.now, longest=LEASE) for _ in range(2)]

    assert counts == [1, 2]
    assert await queue.dead() == [{"id": "r1", "entry": entry, "why": "Oops"}]
    assert await queue.due("r1") is None
    assert [held.entry for held in await queue.pending()] == [entry]


def hold(age: float, *, taken_over: bool = False) -> Hold:
    """A hold that was asked for so many seconds ago, for five."""
    return Hold(Delivery("1-1", "r1", 1, since=elapsed() - age, taken_over=taken_over), LEASE)


def test_a_hold_is_certain_for_a_lease_from_when_it_was_asked_for() -> None:
    """And for another one from each renewal."""
    assert hold(4).held()
    old = hold(6)
    assert not old.held()
    old.renew(elapsed() - 1)
    assert old.held()
    old.renew(elapsed() - 6)
    assert not old.held()


def test_a_hold_that_was_lost_stays_lost() -> None:
    """Whatever comes in late about it."""
    gone = hold(0)
    gone.lose()
    gone.renew(elapsed())

    assert not gone.held()


def test_a_hold_says_whose_it_is() -> None:
    """The flow compares it with a fence."""
    assert hold(0, taken_over=True).redelivered
    assert not hold(0).redelivered
    assert hold(0).bell == "1-1"
