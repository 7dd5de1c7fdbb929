"""Anchors: how far the audit had come, signed, and kept where whoever can change the store cannot change them.

A chain by itself shows that nothing was changed in the middle; that nobody wrote all of it anew, or cut its end off, takes
a head that somebody else remembers. Any number of workers write them; two of the same head do no harm.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.audit import Scribe
from bot.chain import Head
from bot.keys import Keys
from bot.ports import Clock

log = logging.getLogger(__name__)

FILE: Final = "audit-anchors.jsonl"
"""In the data folder, where no other file is named."""

BEGIN: Final = '{"audit":"anchor"'
"""How one begins, in whatever line of a log it stands."""


class Anchor(msgspec.Struct, frozen=True, tag_field="audit", tag="anchor"):
    """A head at a time, the key by which it is signed, and the signature."""

    at: datetime
    seq: int
    link: str
    key: str
    mac: str

    @property
    def head(self) -> Head:
        """The head."""
        return Head(self.seq, self.link)

    def __str__(self) -> str:
        return f"the anchor of {self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


_anchor = msgspec.json.Decoder(Anchor)


def signed(head: Head, at: datetime, scribe: Scribe) -> Anchor:
    """An anchor of a head."""
    return Anchor(at, head.seq, head.link, scribe.id, scribe.seal("anchor", _text(head, at)))


def is_genuine(anchor: Anchor, scribe: Scribe) -> bool:
    """Whether this key has signed it."""
    return scribe.vouches("anchor", _text(anchor.head, anchor.at), anchor.mac)


def _text(head: Head, at: datetime) -> str:
    return f"{head.seq} {head.link} {at.astimezone(UTC).isoformat()}"


def anchors(lines: Iterable[str]) -> Iterator[Anchor | None]:
    """The anchors in a file, which may be a log with much else in it; None for each that cannot be read."""
    for line in lines:
        at = line.find(BEGIN)
        if at < 0:
            continue
        try:
            yield _anchor.decode(line[at:].strip())
        except (msgspec.DecodeError, ValueError):
            yield None


def to_log(line: str) -> None:
    """Put an anchor into the log, whatever else is logged."""
    log.info("%s", line)


def to_file(file: Path, line: str) -> None:
    """Put an anchor at the end of a file, on the disk when this returns."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as out:
        out.write(f"{line}\n".encode())
        out.flush()
        os.fsync(out.fileno())


class Anchoring:
    """Writes anchors, as long as there is something new to anchor.

    Args:
        put: takes a line to where it is kept; may block, and may raise OSError.
        every: the time between two of them.
    """

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        scribe: Scribe,
        clock: Clock,
        put: Callable[[str], None],
        *,
        every: timedelta,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._scribe = scribe
        self._clock = clock
        self._put = put
        self._every = every.total_seconds()
        self._last = Head()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Write one at once, one every so often, and one when `stop` was called."""
        while not self._stopping.is_set():
            await self.drop()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._stopping.wait()
        await self.drop()

    def stop(self) -> None:
        """Ask `run` to end."""
        self._stopping.set()

    async def drop(self) -> None:
        """Write one, if there is anything new. What hinders it is logged, and the next time comes."""
        try:
            value: Any = await self._redis.get(self._keys.audit_head)
            head = Head.read(value)
        except (RedisError, OSError, ValueError) as error:
            log.error("how far the audit has come cannot be read (%s)", type(error).__name__)  # noqa: TRY400
            return
        if head.seq < self._last.seq:
            log.error("the audit had %d entries and has %d: it was cut off or put back", self._last.seq, head.seq)
        if head in (Head(), self._last):
            return
        line = msgspec.json.encode(signed(head, self._clock.now(), self._scribe)).decode()
        try:
            await asyncio.to_thread(partial(self._put, line))
        except OSError as error:
            log.error("the audit cannot be anchored: %s", error.strerror)  # noqa: TRY400 - the reason says all
            return
        self._last = head
