"""Reads the audit back, for whoever has to say what happened.

An entry may have been written by an older or a newer version, so all that is asked of it is to say when, what and of
which request; what cannot be read at all is counted, never left out in silence. Names are put in the place of the
digests that stand for them, where these are still known.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import engine
from bot.audit import PERSONAL
from bot.keys import Keys

PAGE: Final = 1000
"""Entries to ask for at a time."""


class Line(msgspec.Struct, frozen=True):
    """As much of an entry as a line shows."""

    at: datetime
    event: str
    request: str
    actor: str | None = None
    subject: str | None = None
    subject_login: str | None = None
    does: str | None = None
    factor: str | None = None
    rules: tuple[str, ...] = ()

    def told(self, names: Mapping[str, str]) -> str:
        """Time (UTC), reference, event with what it does to which factor, actor, the subject's login, rules."""
        who, whom = _called(self.actor, names), _called(self.subject_login or self.subject, names)
        when = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        what = " ".join(filter(None, (self.event, self.does, self.factor)))
        why = ", ".join(self.rules) or "-"
        return _harmless(f"{when}  {self.request or '-':<13}  {what:<23}  {who:<11}  {whom:<32}  {why}")


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it lies in the store: its id there, its number and the link before it, and its bytes."""

    id: str
    seq: str
    prev: str
    body: bytes


@dataclass(slots=True)
class Found:
    """How much there was."""

    shown: int = 0
    unreadable: int = 0


_line = msgspec.json.Decoder(Line)


async def tell(
    url: str, keys: Keys, say: Callable[[str], object], *, reference: str | None = None, whole: bool = False
) -> Found:
    """Say the entries, the oldest first.

    Args:
        url: the address of the store.
        keys: the names of everything in it.
        say: is given each entry as a line.
        reference: a request; without it those of all.
        whole: everything there is of an entry, as JSON, in place of what a person reads.

    Raises:
        EngineError: the store cannot be asked.
    """
    found = Found()
    redis = engine.connect(url)
    try:
        async for page in pages(redis, keys):
            lines = []
            for each in page:
                try:
                    line = _line.decode(each.body)
                except (msgspec.DecodeError, ValueError):
                    found.unreadable += 1
                    continue
                if reference in {None, line.request}:
                    lines.append((line, each))
            names = await named(redis, keys, (line for line, _ in lines))
            found.shown += len(lines)
            for line, each in lines:
                say(_whole(each.body, names) if whole else line.told(names))
    except (RedisError, OSError) as error:
        raise engine.unusable(error) from error
    finally:
        await redis.aclose()
    return found


async def pages(redis: Redis, keys: Keys, start: str = "-", end: str = "+") -> AsyncIterator[list[Stored]]:
    """The entries, the oldest first, from an id to another."""
    while True:
        entries: Any = await redis.xrange(keys.audit, start, end, PAGE)
        yield [_stored(entry, fields) for entry, fields in entries]
        if len(entries) < PAGE:
            return
        start = f"({entries[-1][0].decode()}"


async def named(redis: Redis, keys: Keys, lines: Iterable[object]) -> Mapping[str, str]:
    """What the digests in some entries stand for, as far as it is known."""
    found = (getattr(line, field) for line in lines for field in PERSONAL)
    digests = [digest for digest in dict.fromkeys(found) if digest]
    names: Any = await redis.mget([keys.audit_name(digest) for digest in digests]) if digests else []
    return {digest: name.decode() for digest, name in zip(digests, names, strict=True) if name is not None}


def _stored(entry: bytes, fields: Mapping[bytes, bytes]) -> Stored:
    seq, prev = (fields.get(name, b"").decode("ascii", "replace") for name in (b"seq", b"prev"))
    return Stored(entry.decode(), seq, prev, fields.get(b"entry", b""))


def _whole(body: bytes, names: Mapping[str, str]) -> str:
    entry = json.loads(body)
    return json.dumps(entry | {field: names.get(entry[field], entry[field]) for field in PERSONAL if field in entry})


def _called(digest: str | None, names: Mapping[str, str]) -> str:
    """Somebody's name; where it is not known, enough of the digest to tell one from another."""
    return "-" if digest is None else names.get(digest) or f"#{digest[:8]}"


def _harmless(text: str) -> str:
    """Without what a terminal would take for a command; a login comes from a directory that many may write to."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
