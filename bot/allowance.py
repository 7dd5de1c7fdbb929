"""Okta's rate limits as all processes of one credential share them: what is left of each bucket, kept in Redis.

What the rules are, `okta.budget` says; here they are applied by compare-and-set, so that they are the same wherever a
budget is kept. Nothing depends on it but speed: it is not written to the disk, and while Redis is away each process goes by
what it hears itself.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.batch import Batch
from okta.budget import SCOUTING, Budget, Reading
from okta.pace import Memory

log = logging.getLogger(__name__)

LIFE: Final = 600
"""Seconds after which a bucket that nobody uses is forgotten."""

PATIENCE: Final = 5.0
"""Seconds until Redis is asked again after it could not be."""

TRIES: Final = 20
"""How often a change is tried that others come before."""

COMPARE_AND_SET: Final = """
redis.set_repl(redis.REPL_NONE)
local time = redis.call('TIME')
local now = redis.call('GET', KEYS[1]) or ''
local same = now == ARGV[1]
if same and ARGV[1] ~= ARGV[2] then redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
return {time[1], time[2], same and 1 or 0, now}
"""
"""Not in the append-only file, nor on replicas: a budget that is lost is learnt anew with the next answer."""

_json = msgspec.json.Encoder()
_budget = msgspec.json.Decoder(Budget)

Ask = bool | Reading | None
"""What is asked of a bucket: a request, for background work or not; or to note the end of one, and what it was told."""


class SharedLedger:
    """An `okta.pace.Ledger` in Redis.

    Args:
        redis: a client that answers bytes.
        key: the name of a bucket there.
        now: seconds on a clock that all who share it have; that of Redis unless it is given.
    """

    def __init__(self, redis: Redis, key: Callable[[str], str], *, now: Callable[[], float] | None = None) -> None:
        self._swap = redis.register_script(COMPARE_AND_SET)
        self._key = key
        self._given = now
        self._ahead = 0.0
        self._buckets: dict[str, Batch[Ask, float]] = {}
        self._alone = Memory()
        self._is_away = False
        self._alone_until = 0.0
        self._learning: set[asyncio.Task[None]] = set()

    async def take(self, bucket: str, *, background: bool) -> float:
        """As `Ledger.take`."""
        if time.monotonic() >= self._alone_until:
            try:
                return await self._batch(bucket)(background)
            except (RedisError, OSError) as error:
                self._is_on_its_own(error)
        return await self._alone.take(bucket, background=background)

    def learn(self, bucket: str, reading: Reading | None) -> None:
        """As `Ledger.learn`."""
        self._alone.learn(bucket, reading)
        task = asyncio.create_task(self._share(bucket, reading))
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)

    async def _share(self, bucket: str, reading: Reading | None) -> None:
        try:
            await self._batch(bucket)(reading)
        except (RedisError, OSError) as error:
            self._is_on_its_own(error)

    def _batch(self, bucket: str) -> Batch[Ask, float]:
        if bucket not in self._buckets:
            self._buckets[bucket] = Batch(_Bucket(self, self._key(bucket)).apply, in_flight=1)
        return self._buckets[bucket]

    async def swap(self, key: str, old: bytes, new: bytes) -> bytes | None:
        """Put one value in the place of another; None if it was done, else what is there instead.

        Raises:
            RedisError: it could not be done.
        """
        seconds, micros, same, now = await self._swap(keys=[key], args=[old, new, LIFE])
        self._ahead = int(seconds) + int(micros) / 1e6 - time.monotonic()
        self._is_away = False
        return None if same else bytes(now)

    def now(self) -> float:
        """The time by the clock that all share, as of the last answer."""
        return self._given() if self._given else time.monotonic() + self._ahead

    def _is_on_its_own(self, error: Exception) -> None:
        """Nobody shall wait for a Redis that is away: it is asked again in a while."""
        self._alone_until = time.monotonic() + PATIENCE
        if not self._is_away:
            log.warning("Okta's rate limits are not shared while Redis cannot be asked (%s)", type(error).__name__)
        self._is_away = True


class _Bucket:
    """One bucket as it was when Redis was asked last."""

    def __init__(self, ledger: SharedLedger, key: str) -> None:
        self._ledger = ledger
        self._key = key
        self._stored = b""

    async def apply(self, asked: list[Ask]) -> list[float]:
        """Apply what is asked, in order: the waits of those who want to send something, and 0 for the others.

        Raises:
            RedisError: it could not be done.
        """
        for _ in range(TRIES):
            budget, waits = _read(self._stored), []
            for ask in asked:
                budget, wait = _applied(budget, ask, self._ledger.now())
                waits.append(wait)
            new = _json.encode(budget)
            found = await self._ledger.swap(self._key, self._stored, new)
            if found is None:
                self._stored = new
                return waits
            self._stored = found
        return [SCOUTING if isinstance(ask, bool) else 0.0 for ask in asked]


def _applied(budget: Budget, ask: Ask, now: float) -> tuple[Budget, float]:
    if isinstance(ask, bool):
        return budget.take(now, background=ask)
    return budget.learn(now, ask), 0.0


def _read(stored: bytes) -> Budget:
    """A budget as it was stored; an empty one where there is none, or another version of the bot wrote it."""
    try:
        return _budget.decode(stored) if stored else Budget()
    except (msgspec.DecodeError, RecursionError):
        return Budget()
