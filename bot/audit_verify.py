"""Whether the audit is still what was written: here, where the store is, or anywhere, from an export.

Two things are asked: whether every entry is linked to the one before it, and whether the whole passes through heads that
somebody signed who had the key. The first alone would be satisfied by whoever writes everything anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from bot.anchors import Anchor, anchors, is_genuine
from bot.audit import Scribe
from bot.audit_export import Name, Part, Seal, is_unbroken
from bot.audit_trail import Stored, kept, pages, personal
from bot.chain import Check, Claim, Head
from bot.keys import Keys


@dataclass(slots=True)
class Verdict:
    """What was found.

    Attributes:
        count: how many entries were looked at.
        first: the number of the first of them, and `last` that of the last.
        faults: what is wrong, a sentence for each; nothing if there are none.
        anchored: the last head outside the store that was signed and fits; None if there was none.
    """

    count: int = 0
    first: int = 0
    last: int = 0
    faults: list[str] = field(default_factory=list)
    anchored: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Anchored:
    """Anchors by which an audit is judged: those that the key has signed, and what is wrong with the others."""

    genuine: tuple[Anchor, ...] = ()
    faults: tuple[str, ...] = ()

    @classmethod
    def of(cls, files: Iterable[Path], scribe: Scribe) -> "Anchored":
        """Those in some files.

        Raises:
            OSError: a file cannot be read.
        """
        genuine, faults = [], []
        for file in files:
            with file.open(encoding="utf-8", errors="replace") as lines:
                for anchor in anchors(lines):
                    if anchor is None:
                        faults.append(f"an anchor in {file} cannot be read")
                    elif not is_genuine(anchor, scribe):
                        faults.append(f"{anchor} in {file} was not signed with this key")
                    else:
                        genuine.append(anchor)
        return cls(tuple(genuine), tuple(faults))

    @property
    def claims(self) -> list[Claim]:
        """What they say."""
        return [Claim(anchor.head, str(anchor)) for anchor in self.genuine]


async def verify_store(
    redis: Redis, keys: Keys, scribe: Scribe, anchored: Anchored, *, kept_since: datetime | None = None
) -> Verdict:
    """Look at what lies in the store.

    Args:
        redis: the store.
        keys: the names of everything in it.
        scribe: knows a name by its digest.
        anchored: heads that lay elsewhere.
        kept_since: what was written after this must still be there.

    Raises:
        RedisError: the store cannot be asked.
    """
    try:
        value: Any = await redis.get(keys.audit_head)
        head = Head.read(value)
    except ValueError:
        head = Head()
        broken = ["how far the audit has come cannot be read from the store: it was overwritten"]
    else:
        broken = []
    check, verdict = Check([*anchored.claims, Claim(head, "the store")]), Verdict(faults=[*broken, *anchored.faults])
    async for page in pages(redis, keys):
        for each in page:
            # What was written since is another day's.
            if not each.seq.isdecimal() or int(each.seq) <= head.seq:
                _take(check, each, verdict)
        names = await kept(redis, keys, personal(each.body for each in page))
        verdict.faults += [_misnamed(digest) for digest, name in names.items() if scribe.name(name) != digest]
    verdict.faults = list(dict.fromkeys(verdict.faults))
    _conclude(check, verdict, anchored)
    _front(check, verdict, anchored, kept_since)
    return verdict


def verify_export(parts: Iterable[Part], scribe: Scribe, anchored: Anchored) -> Verdict:
    """Look at an export, wherever it lies now."""
    seal: Seal | None = None
    check, verdict = Check(anchored.claims), Verdict(faults=list(anchored.faults))
    for part in parts:
        if seal is not None:
            verdict.faults.append("there is something after the end")
            break
        match part:
            case Stored():
                _take(check, part, verdict)
            case Name() if scribe.name(part.name) != part.digest:
                verdict.faults.append(_misnamed(part.digest))
            case Seal():
                seal = part
            case Name():
                pass
            case _:
                verdict.faults.append(f"line {part.number} is nothing that an export holds")
    _conclude(check, verdict, anchored)
    verdict.faults += _of_seal(seal, check, scribe)
    return verdict


def _of_seal(seal: Seal | None, check: Check, scribe: Scribe) -> list[str]:
    """What is wrong with the end, or with what it says of the beginning."""
    if seal is None:
        return ["the end is missing: nothing says how far it went"]
    if not is_unbroken(seal, scribe):
        return ["the seal at the end was not made with this key, or for another export"]
    found = []
    if not check.count:
        return [] if seal.base == seal.last else ["the entries that the seal speaks of are missing"]
    if Head(*seal.base) != check.first:
        found.append(f"it does not begin where the seal says, after entry {seal.base[0]}")
    if Head(*seal.last) != check.last:
        found.append(f"it does not end where the seal says, with entry {seal.last[0]}")
    return found


def _misnamed(digest: str) -> str:
    return f"the digest {digest[:8]} does not stand for the name that is given with it"


def _take(check: Check, entry: Stored, verdict: Verdict) -> None:
    if entry.seq.isdecimal():
        check.take(int(entry.seq), entry.prev, entry.body)
    else:
        verdict.faults.append(f"what lies at {entry.id} in the store was not written by the bot")


def _conclude(check: Check, verdict: Verdict, anchored: Anchored) -> None:
    verdict.count, verdict.first, verdict.last = check.count, check.first.seq + 1, check.last.seq
    verdict.faults += check.faults()
    fitting = (anchor for anchor in anchored.genuine if check.first.seq <= anchor.seq <= check.last.seq)
    verdict.anchored = max(fitting, key=lambda anchor: anchor.seq, default=None)


def _front(check: Check, verdict: Verdict, anchored: Anchored, kept_since: datetime | None) -> None:
    """Entries are let go when they are old; what came after an anchor that is not is too young for that."""
    missing = [
        one for one in anchored.genuine if one.seq < check.first.seq and (kept_since is None or one.at > kept_since)
    ]
    if missing:
        lost = f"entries {missing[0].seq + 1} to {check.first.seq}"
        verdict.faults.append(
            f"{lost} are missing at the beginning, although they are kept longer: {missing[0]} knows them"
        )
