"""One stream of doorbells as a worker sees it: read, taken over, renewed, finished, failed, rung by the clock.

A doorbell is the id of a request and a version of it, nothing else. What else lies in the stream was put there by
somebody else; it is read as bytes and judged entry by entry, so that an odd one harms none of the others.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from bot.jobs_scripts import BURY, FAIL, FINISH, LEAVE, RENEW, RING, TAKE_OVER
from bot.keys import Keys

GROUP: Final = "workers"

RETIRED: Final = 10
"""After so many leases without a sign of life a worker with nothing pending is struck off the list."""

_ID = re.compile(rb"[!-~]+")
_VERSION = re.compile(rb"[0-9]{1,18}")

# Counts time asleep too, where the system can tell: a laptop that wakes up must not take its hold for a fresh one.
_TIMER: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def elapsed() -> float:
    """Seconds on a clock that never goes back."""
    return time.clock_gettime(_TIMER)


@dataclass(frozen=True, slots=True)
class Lane:
    """A stream with the due-times that ring on it, how many of its entries a worker has in hand at most, and where the records lie.

    Lanes have their slots apart, so that much work on one does not hold up the other.
    """

    stream: str
    due: str
    slots: int
    records: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry of the stream in our hands.

    Attributes:
        entry: its id in the stream.
        request_id: None, like `version`, if the entry is not a doorbell.
        since: when we asked for it (`elapsed`), and so the latest moment from which the hold on it is certain.
        fails: how many attempts at the request came to nothing since it last went well; known when `taken_over`.
        taken_over: whether it was in other hands before.
    """

    entry: str
    request_id: str | None
    version: int | None
    since: float
    fails: int = 0
    taken_over: bool = False


class Hold:
    """The hold on one entry, as far as we know it."""

    __slots__ = ("_life", "_since", "bell", "lost", "redelivered")

    def __init__(self, delivery: Delivery, lease: timedelta) -> None:
        self.bell = delivery.entry
        self.redelivered = delivery.taken_over
        self.lost = False
        self._since = delivery.since
        self._life = lease.total_seconds()

    def held(self) -> bool:
        """Whether the last certain renewal is younger than the lease."""
        return not self.lost and elapsed() - self._since < self._life

    def renew(self, since: float) -> None:
        """Note a renewal, by the time at which it was asked for."""
        self._since = since

    def lose(self) -> None:
        """Note that the hold is gone for good: somebody else has the entry, or nobody can any more."""
        self.lost = True


class Bells:
    """A worker's place in the consumer group of one stream.

    Args:
        redis: for the scripts.
        reader: for blocking reads; its socket timeout exceeds their `block`.
        keys: the names of records, counts and the dead list.
        lane: the stream.
        consumer: names the worker, uniquely for ever, so that whoever has the name has the hold.

    Every method raises what redis-py raises when Redis cannot be asked; repeating the call is safe.
    """

    def __init__(self, redis: Redis, reader: Redis, keys: Keys, lane: Lane, consumer: str) -> None:
        self._redis = redis
        self._reader = reader
        self._keys = keys
        self.slots = lane.slots
        self._stream = lane.stream
        self._due = lane.due
        self._records = lane.records
        self._consumer = consumer
        self._take_over = redis.register_script(TAKE_OVER)
        self._renew = redis.register_script(RENEW)
        self._finish = redis.register_script(FINISH)
        self._fail = redis.register_script(FAIL)
        self._bury = redis.register_script(BURY)
        self._ring = redis.register_script(RING)
        self._leave = redis.register_script(LEAVE)

    async def read(self, *, most: int, block: timedelta) -> list[Delivery]:
        """Wait up to `block` for new entries. Never cancel this: what was being delivered would be nobody's."""
        since = elapsed()
        wait = max(1, int(block.total_seconds() * 1000))
        try:
            answer = await self._reader.xreadgroup(GROUP, self._consumer, {self._stream: ">"}, most, wait)
        except ResponseError as error:
            await self._remake(error)
            return []
        streams = cast("list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]", answer)
        return [_delivery(entry, fields, since) for _, entries in streams for entry, fields in entries]

    async def take_over(self, *, most: int, lease: timedelta, attempts: int, in_hand: Sequence[str]) -> list[Delivery]:
        """Take entries whose holders have not renewed them for `lease`, and count that against their requests."""
        since = elapsed()
        keys = [self._stream, self._keys.fails, self._due, self._keys.dead]
        args = [*self._us(), _ms(lease), most, attempts, _ms(RETIRED * lease), *in_hand]
        try:
            answer = await self._take_over(keys=keys, args=args)
        except ResponseError as error:
            await self._remake(error)
            return []
        taken = cast("list[tuple[bytes, list[bytes], int]]", answer)
        return [
            _delivery(entry, dict(zip(fields[::2], fields[1::2], strict=True)), since, fails, taken_over=True)
            for entry, fields, fails in taken
        ]

    async def renew(self, entries: Sequence[str]) -> dict[str, bool]:
        """Renew the hold on entries; answers for each whether it was still ours."""
        answer = cast("list[int]", await self._renew(keys=[self._stream], args=[*self._us(), *entries]))
        return {entry: bool(ours) for entry, ours in zip(entries, answer, strict=True)}

    async def finish(self, entry: str, *, anew: str = "") -> None:
        """Take an entry off if it is still ours; with `anew`, a request id, its count of failures starts from 0."""
        await self._finish(keys=[self._stream, self._keys.fails], args=[*self._us(), entry, anew])

    async def fail(
        self, entry: str, request_id: str, why: str, *, attempts: int, now: float, longest: timedelta
    ) -> int:
        """Note a failed attempt and let the request ring again later, or give it up.

        Args:
            entry: the entry in hand.
            request_id: the request that it names.
            why: for the dead list; a kind of error, never its text.
            attempts: how many are allowed.
            now: epoch seconds.
            longest: the longest wait before the next attempt.

        Returns:
            How many failed. From `attempts` on the request is given up and the entry still ours; 0 if it was not ours.
        """
        keys = [self._stream, self._keys.fails, self._due, self._keys.dead]
        args = [*self._us(), entry, request_id, attempts, why, now, longest.total_seconds()]
        return cast("int", await self._fail(keys=keys, args=args))

    async def bury(self, entry: str) -> None:
        """Put an entry that is no doorbell on the dead list."""
        await self._bury(keys=[self._stream, self._keys.dead], args=[*self._us(), entry])

    async def ring(self, *, now: float, again: float, most: int) -> float | None:
        """Ring for up to `most` requests that are due at `now`, and look at them again at `again` (epoch seconds).

        Returns:
            The earliest due-time there is then.
        """
        keys = [self._due, self._stream, self._keys.dead]
        answer = await self._ring(keys=keys, args=[now, again, most, self._records])
        return None if answer is None else float(cast("bytes", answer))

    async def leave(self) -> None:
        """Hand over what is still ours, at once rather than when the lease has passed, and leave the group."""
        await self._leave(keys=[self._stream], args=self._us())

    def _us(self) -> list[str | int | float]:
        return [GROUP, self._consumer]

    async def _remake(self, error: ResponseError) -> None:
        """Make the group if it is gone: never there yet, or flushed away under a blocked read (UNBLOCKED, before 7.2)."""
        if "NOGROUP" not in str(error) and "UNBLOCKED" not in str(error):
            raise error
        try:
            # From 0: what was rung before there was a group is delivered too.
            await self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except ResponseError as refused:
            if "BUSYGROUP" not in str(refused):  # another worker was quicker
                raise


def _delivery(
    entry: bytes, fields: Mapping[bytes, bytes], since: float, fails: int = 0, *, taken_over: bool = False
) -> Delivery:
    request_id, version = fields.get(b"id", b""), fields.get(b"version", b"")
    if _ID.fullmatch(request_id) and _VERSION.fullmatch(version):
        return Delivery(entry.decode(), request_id.decode(), int(version), since, fails, taken_over)
    return Delivery(entry.decode(), None, None, since, fails, taken_over)


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
