"""Reads the audit back, for whoever has to say what happened.

An entry may have been written by an older or a newer version, so all that is asked of it is to say when, what and of
which request; what cannot be read at all is counted, never left out in silence. Names are put in the place of the
digests that stand for them, where these are still known.
"""

import json
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from bot.audit import PERSONAL, Entry, Event, Scribe
from bot.keys import Keys
from bot.store_scripts import NOTE

_FORGET: Final = (
    NOTE
    + """
local audit, sheet, life, gone = KEYS[1], ARGV[1], ARGV[2], 0
for i = 3, #ARGV do
  gone = gone + redis.call('DEL', audit .. ':name:' .. ARGV[i])
  redis.call('DEL', audit .. ':of:' .. ARGV[i], audit .. ':of:' .. ARGV[i] .. ':refused')
end
if gone > 0 then note(audit, sheet, life) end
return gone
"""
)

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
    setting: str | None = None
    was: str | None = None
    now: str | None = None
    rules: tuple[str, ...] = ()

    def told(self, names: Mapping[str, str]) -> str:
        """Time (UTC), reference, event with what it does to which factor, actor, the subject's login, rules."""
        who, whom = _called(self.actor, names), _called(self.subject_login or self.subject, names)
        when = f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        what = " ".join(filter(None, (self.event, self.does, self.factor)))
        why = f"{self.setting}: {self.was} → {self.now}" if self.setting else ", ".join(self.rules) or "-"
        return _harmless(f"{when}  {self.request or '-':<13}  {what:<23}  {who:<11}  {whom:<32}  {why}")


class _Persons(msgspec.Struct, frozen=True):
    """As much of an entry as says whom it is about. `origin` is there where the actor is the person themselves."""

    actor: str | None = None
    subject: str | None = None
    subject_login: str | None = None
    origin: str = ""


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
_persons = msgspec.json.Decoder(_Persons)


async def tell(
    redis: Redis,
    keys: Keys,
    scribe: Scribe,
    say: Callable[[str], object],
    *,
    reference: str | None = None,
    whole: bool = False,
) -> Found:
    """Say the entries, the oldest first.

    Args:
        redis: the store.
        keys: the names of everything in it.
        scribe: knows a name by its digest.
        say: is given each entry as a line.
        reference: a request; without it those of all.
        whole: everything there is of an entry, as JSON, in place of what a person reads.

    Raises:
        RedisError: the store cannot be asked.
    """
    found = Found()
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
        names = await named(redis, keys, scribe, personal(each.body for _, each in lines))
        found.shown += len(lines)
        for line, each in lines:
            say(_whole(each.body, names) if whole else line.told(names))
    return found


async def pages(redis: Redis, keys: Keys, start: str = "-", end: str = "+") -> AsyncIterator[list[Stored]]:
    """The entries, the oldest first, from an id to another."""
    while True:
        entries: Any = await redis.xrange(keys.audit, start, end, PAGE)
        yield [_stored(entry, fields) for entry, fields in entries]
        if len(entries) < PAGE:
            return
        start = f"({entries[-1][0].decode()}"


def personal(bodies: Iterable[bytes]) -> frozenset[str]:
    """The digests in some entries; those that cannot be read have none."""
    digests = set()
    for body in bodies:
        with suppress(msgspec.DecodeError, ValueError):
            persons = _persons.decode(body)
            digests |= {getattr(persons, field) for field in PERSONAL}
    return frozenset(digests - {None, ""})


async def named(redis: Redis, keys: Keys, scribe: Scribe, digests: Iterable[str]) -> Mapping[str, str]:
    """What digests stand for, as far as it is known; a name that somebody has put there for another is none."""
    found = await kept(redis, keys, digests)
    return {digest: name for digest, name in found.items() if scribe.name(name) == digest}


async def kept(redis: Redis, keys: Keys, digests: Iterable[str]) -> Mapping[str, str]:
    """What lies in the store as the names of digests, whether it is true or not."""
    wanted = list(digests)
    names: Any = await redis.mget([keys.audit_name(digest) for digest in wanted]) if wanted else []
    return {
        digest: name.decode("utf-8", "replace") for digest, name in zip(wanted, names, strict=True) if name is not None
    }


async def forget(redis: Redis, keys: Keys, scribe: Scribe, names: Iterable[str], *, by: str, at: datetime) -> int:
    """Delete what the digests of somebody stand for, and of the names that stand beside it; answers how many there were.

    That it was done is in the audit, and not of whom.

    Args:
        redis: the store.
        keys: the names of everything in it.
        scribe: makes the digests.
        names: of the person: a Slack id, an Okta id, a login.
        by: who has decided it.
        at: when.

    Raises:
        RedisError: the store cannot be asked.
    """
    wanted = set(names)
    asked = {scribe.name(name) for name in wanted}
    found = set(asked)
    async for page in pages(redis, keys):
        for each in page:
            with suppress(msgspec.DecodeError, ValueError):
                found |= _self(_persons.decode(each.body), asked)
    found |= await _pinned(redis, keys, wanted | set((await named(redis, keys, scribe, found)).values()))
    entry = Entry(event=Event.NAMES_FORGOTTEN, at=at, request="", actor=by)
    args = [scribe.sheet(entry), scribe.life, *sorted(found)]
    return int(await redis.register_script(_FORGET)(keys=[keys.audit], args=args))


async def _pinned(redis: Redis, keys: Keys, names: Collection[str]) -> set[str]:
    """The digests under which the pins of these Slack users stand: with their workspace or enterprise before the name."""
    found = set()
    prefix = keys.audit_name("")
    async for key in redis.scan_iter(match=f"{prefix}*", count=1000):
        value: Any = await redis.get(key)
        if value is not None and value.decode().partition(":")[2] in names:
            found.add(key.decode().removeprefix(prefix))
    return found


def _self(persons: _Persons, asked: Collection[str]) -> frozenset[str]:
    """The names of one person, if some of these are theirs; whoever decides on another's pin is another."""
    same = {persons.subject, persons.subject_login} | ({persons.actor} if persons.origin else set())
    return frozenset(filter(None, same)) if same & set(asked) else frozenset()


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
