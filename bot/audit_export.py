"""The audit as a file that can be taken away and checked anywhere: a line for each entry, and a seal at the end.

The seal says where the file begins and where it ends, and only somebody with the key can make it; so nothing can be left
out at either end. What the digests stand for goes along only if that is wanted, in lines of their own.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from bot.audit import Scribe
from bot.audit_trail import Stored, named, pages, personal
from bot.chain import Head, follow
from bot.keys import Keys
from bot.ports import Clock


class Seal(msgspec.Struct, frozen=True, tag_field="audit", tag="export"):
    """The head before the first entry of an export, the one after its last, and the signature of both."""

    at: datetime
    base: tuple[int, str]
    last: tuple[int, str]
    key: str
    mac: str


class Name(msgspec.Struct, frozen=True, tag_field="audit", tag="name"):
    """What a digest stands for."""

    digest: str
    name: str


class Unreadable(msgspec.Struct, frozen=True):
    """A line that is nothing of ours; which one, from 1."""

    number: int


Part = Stored | Seal | Name | Unreadable

_tagged: Final[msgspec.json.Decoder[Seal | Name]] = msgspec.json.Decoder(Seal | Name)


def sealed(base: Head, last: Head, at: datetime, scribe: Scribe) -> Seal:
    """The seal of what lies between two heads."""
    return Seal(
        at, (base.seq, base.link), (last.seq, last.link), scribe.id, scribe.seal("export", _text(base, last, at))
    )


def is_unbroken(seal: Seal, scribe: Scribe) -> bool:
    """Whether this key has made it."""
    return scribe.vouches("export", _text(Head(*seal.base), Head(*seal.last), seal.at), seal.mac)


def _text(base: Head, last: Head, at: datetime) -> str:
    return f"{base.seq} {base.link} {last.seq} {last.link} {at.astimezone(UTC).isoformat()}"


async def export(
    redis: Redis, keys: Keys, scribe: Scribe, clock: Clock, write: Callable[[str], object], *, names: bool = False
) -> int:
    """Write everything there is now, the oldest first; answers how many entries that are.

    Args:
        redis: the store.
        keys: the names of everything in it.
        scribe: makes the seal.
        clock: says when.
        write: takes a line.
        names: whether what the digests stand for goes along.

    Raises:
        RedisError: the store cannot be asked.
        ValueError: what is there is no chain that could be sealed; `unlatch audit verify` says what is wrong.
    """
    value: Any = await redis.get(keys.audit_head)
    until = Head.read(value)
    base, last, count = None, Head(), 0
    found: dict[str, str] = {}
    async for page in pages(redis, keys):
        here = [each for each in page if int(each.seq) <= until.seq]
        for each in here:
            base = base or Head(int(each.seq) - 1, each.prev)
            last = Head(int(each.seq), follow(each.prev, each.body))
            write(line(each))
        count += len(here)
        if names:
            found |= await named(redis, keys, scribe, personal(each.body for each in here))
    for digest, name in found.items():
        write(msgspec.json.encode(Name(digest, name)).decode())
    write(msgspec.json.encode(sealed(base or last, last, clock.now(), scribe)).decode())
    return count


def line(entry: Stored) -> str:
    """An entry as a line; its bytes come back as they were, whatever they are."""
    body = entry.body.decode("utf-8", "surrogateescape")
    return json.dumps({"seq": int(entry.seq), "prev": entry.prev, "entry": body})


def read(lines: Iterable[str]) -> Iterator[Part]:
    """What stands in an export, line by line; empty lines are none."""
    for number, text in enumerate(lines, 1):
        if text.strip():
            yield _part(number, text)


def _part(number: int, text: str) -> Part:
    try:
        found = json.loads(text)
        if "audit" in found:
            return _tagged.decode(text)
        body = found["entry"].encode("utf-8", "surrogateescape")
        return Stored("", str(int(found["seq"])), str(found["prev"]), body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, msgspec.DecodeError):
        return Unreadable(number)
