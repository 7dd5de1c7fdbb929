"""Counting what happens to a person: as often as may be, once each, over a while that moves along."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.errors import StoreUnavailableError
from bot.keys import Keys
from bot.tally import LIMITS, Count, CountedBeforeError, Tally, TooManyError

START = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        """The time that is set."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def tally(redis: Redis, clock: Clock) -> Tally:
    """Counts on a server that is empty at first."""
    return Tally(redis, Keys(), clock)


async def test_as_often_as_may_be(tally: Tally, clock: Clock) -> None:
    """Then not before the oldest has passed; of one person, and of one thing."""
    for number in range(5):
        await tally.take(Count.GUESSES, "00u1", f"try {number}")
        clock.at += timedelta(minutes=1)
    with pytest.raises(TooManyError) as refused:
        await tally.take(Count.GUESSES, "00u1", "one more")
    assert refused.value.until == START + timedelta(minutes=15)
    assert await tally.full_until(Count.GUESSES, "00u1") == START + timedelta(minutes=15)

    await tally.take(Count.GUESSES, "00u2", "another person")
    await tally.take(Count.PROMPTS, "00u1", "another thing")
    clock.at = START + timedelta(minutes=15)
    assert await tally.full_until(Count.GUESSES, "00u1") is None
    await tally.take(Count.GUESSES, "00u1", "one more")


async def test_the_same_counts_once(tally: Tally) -> None:
    """Whoever comes second learns that another was there."""
    await tally.take(Count.PROMPTS, "00u1", "this")
    with pytest.raises(CountedBeforeError):
        await tally.take(Count.PROMPTS, "00u1", "this")
    for number in range(4):
        await tally.take(Count.PROMPTS, "00u1", f"other {number}")
    with pytest.raises(CountedBeforeError):
        await tally.take(Count.PROMPTS, "00u1", "this")


async def test_a_hundred_at_once_are_counted(tally: Tally) -> None:
    """Nobody is quicker than the count."""
    answers = await asyncio.gather(
        *(tally.take(Count.GUESSES, "00u1", f"try {number}") for number in range(100)), return_exceptions=True
    )

    assert answers.count(None) == LIMITS[Count.GUESSES].most
    assert sum(isinstance(answer, TooManyError) for answer in answers) == 95


async def test_whoever_was_right_begins_anew(tally: Tally) -> None:
    """What went wrong before does not add up over a day."""
    for number in range(5):
        await tally.take(Count.GUESSES, "00u1", f"try {number}")
    await tally.forget(Count.GUESSES, "00u1")

    assert await tally.full_until(Count.GUESSES, "00u1") is None


async def test_what_cannot_be_counted_is_not_done(clock: Clock) -> None:
    """Without the store there is no room for anything."""
    nowhere = Tally(Redis(port=9, socket_connect_timeout=0.2), Keys(), clock)

    with pytest.raises(StoreUnavailableError):
        await nowhere.take(Count.PROMPTS, "00u1", "this")
    with pytest.raises(StoreUnavailableError):
        await nowhere.full_until(Count.DENIALS, "00u1")


@given(st.lists(st.integers(0, 600), max_size=30))
async def test_never_more_within_any_quarter_of_an_hour(redis_url: str, gaps: list[int]) -> None:
    """Whenever they come."""
    redis, clock = Redis.from_url(redis_url), Clock()
    await redis.flushdb()
    tally, taken, waits = Tally(redis, Keys(), clock), list[datetime](), list[timedelta]()
    for number, gap in enumerate(gaps):
        clock.at += timedelta(seconds=gap)
        try:
            await tally.take(Count.GUESSES, "00u1", str(number))
        except TooManyError as error:
            waits.append(error.until - clock.at)
        else:
            taken.append(clock.at)
    await redis.aclose()

    assert all(timedelta() < wait <= timedelta(minutes=15) for wait in waits)
    for moment in taken:
        within = [other for other in taken if moment <= other < moment + timedelta(minutes=15)]
        assert len(within) <= LIMITS[Count.GUESSES].most
