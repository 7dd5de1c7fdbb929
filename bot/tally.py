"""How often something happened to one person lately, and whether it may once more: counts in Redis, shared by all processes.

Counted before it is done, so that whoever tries a hundred times at once is not quicker than the count; and by name, so
that one attempt that is handled twice counts once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import StoreUnavailableError
from bot.keys import Keys
from bot.ports import Clock


class Count(StrEnum):
    """What is counted."""

    PROMPTS = "prompts"  # pushes and codes that were sent to somebody
    GUESSES = "guesses"  # codes that were typed for somebody
    DENIALS = "denials"  # prompts to which somebody said no
    DAILY = "daily"  # what was done for somebody, by capability
    LATELY = "lately"  # the same, for the pause after it
    RESETS = "resets"  # over the org: what could give accounts away
    UNLOCKS = "unlocks"  # over the org: the rest
    REFUSALS = "refusals"  # over the org: those that are seldom
    DENIED = "denied prompts"  # over the org


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may happen within a time that moves along."""

    most: int
    within: timedelta


LIMITS: Final = {
    Count.PROMPTS: Limit(5, timedelta(hours=1)),
    Count.GUESSES: Limit(5, timedelta(minutes=15)),
    Count.DENIALS: Limit(1, timedelta(minutes=15)),
}
"""How often at most within what time, where it is no setting. Five guesses in a quarter of an hour, by somebody who never rests, hit one of the three
codes of six digits that are good at a time once in two years; Okta counts them too."""

_TAKE: Final = """
-- Counts one more, if there is room. KEYS: the count. ARGV: now, since when it counts, most, name, life in seconds.
-- Answers '' (counted), 'again' (counted before), or the time of the oldest, which has to pass first.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
if redis.call('ZSCORE', KEYS[1], ARGV[4]) then return 'again' end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return ''
"""

T = TypeVar("T")


class CountedBeforeError(Exception):
    """This very attempt was counted before: another process has it in hand, or had."""


class TooManyError(Exception):
    """There is no room for another one until `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"not before {until:%H:%M}")


class Tally:
    """The counts.

    Every method raises `StoreUnavailableError` when Redis cannot be asked: what cannot be counted is not done.
    """

    def __init__(self, redis: Redis, keys: Keys, clock: Clock) -> None:
        self._redis = redis
        self._keys = keys
        self._clock = clock
        self._take = redis.register_script(_TAKE)

    async def take(self, count: Count, okta_id: str, name: str, limit: Limit | None = None) -> None:
        """Count one more for this person, if there is room.

        Raises:
            CountedBeforeError: one of this name was counted before.
            TooManyError: there is no room.
        """
        limit, now = limit or LIMITS[count], self._clock.now()
        args: list[str | float] = [
            now.timestamp(),
            (now - limit.within).timestamp(),
            limit.most,
            name,
            int(limit.within.total_seconds()) + 60,
        ]
        answer = await self._ask(lambda: self._take(keys=[self._keys.tally(count, okta_id)], args=args))
        match cast("bytes", answer).decode():
            case "":
                return
            case "again":
                raise CountedBeforeError
            case oldest:
                raise TooManyError(_moment(float(oldest)) + limit.within)

    async def full_until(
        self, count: Count, okta_id: str, limit: Limit | None = None, *, but: str = ""
    ) -> datetime | None:
        """Until when there is no room for another one of this person; None if there is. The one named `but` is not counted."""
        limit = limit or LIMITS[count]
        since = (self._clock.now() - limit.within).timestamp()
        key = self._keys.tally(count, okta_id)
        found = await self._ask(lambda: self._redis.zrange(key, f"({since}", "+inf", byscore=True, withscores=True))
        scores = [score for name, score in cast("list[tuple[bytes, float]]", found) if name.decode() != but]
        return _moment(scores[-limit.most]) + limit.within if len(scores) >= limit.most else None

    async def take_back(self, count: Count, okta_id: str, name: str) -> None:
        """Count one less: nothing came of it."""
        await self._ask(lambda: self._redis.zrem(self._keys.tally(count, okta_id), name))

    async def forget(self, count: Count, okta_id: str) -> None:
        """Begin anew for this person."""
        await self._ask(lambda: self._redis.delete(self._keys.tally(count, okta_id)))

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(type(error).__name__) from error


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
