"""Reads the audit back, for whoever has to say what happened.

An entry may have been written by an older or a newer version, so all that is asked of it is to say when, what and of
which request; what cannot be read at all is counted, never left out in silence.
"""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import engine

PAGE: Final = 1000
"""Entries to ask for at a time."""


class Line(msgspec.Struct, frozen=True):
    """As much of an entry as a line shows."""

    at: datetime
    event: str
    request: str
    actor: str | None = None
    subject_login: str | None = None
    does: str | None = None
    factor: str | None = None
    rules: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Time (UTC), reference, event with what it does to which factor, actor, the subject's login, rules."""
        who, whom, why = self.actor or "-", self.subject_login or "-", ", ".join(self.rules) or "-"
        when = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        what = " ".join(filter(None, (self.event, self.does, self.factor)))
        return _harmless(f"{when}  {self.request:<13}  {what:<23}  {who:<11}  {whom:<32}  {why}")


@dataclass(slots=True)
class Found:
    """How much there was."""

    shown: int = 0
    unreadable: int = 0


_line = msgspec.json.Decoder(Line)


async def tell(
    url: str, key: str, say: Callable[[str], object], *, reference: str | None = None, whole: bool = False
) -> Found:
    """Say the entries, the oldest first.

    Args:
        url: the address of the store.
        key: the stream of the audit.
        say: is given each entry as a line.
        reference: a request; without it those of all.
        whole: everything there is of an entry, as JSON, in place of what a person reads.

    Raises:
        EngineError: the store cannot be asked.
    """
    found = Found()
    redis = engine.connect(url)
    try:
        async for body in _bodies(redis, key):
            try:
                line = _line.decode(body)
                text = json.dumps(json.loads(body)) if whole else str(line)
            except (msgspec.DecodeError, ValueError):
                found.unreadable += 1
                continue
            if reference in {None, line.request}:
                found.shown += 1
                say(text)
    except (RedisError, OSError) as error:
        raise engine.unusable(error) from error
    finally:
        await redis.aclose()
    return found


async def _bodies(redis: Redis, key: str) -> AsyncIterator[bytes]:
    start = "-"
    while True:
        entries: Any = await redis.xrange(key, start, "+", PAGE)
        for _, fields in entries:
            yield fields.get(b"entry", b"")
        if len(entries) < PAGE:
            return
        start = f"({entries[-1][0].decode()}"


def _harmless(text: str) -> str:
    """Without what a terminal would take for a command; a login comes from a directory that many may write to."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
