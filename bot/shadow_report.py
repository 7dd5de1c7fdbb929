"""What would have happened if what is in shadow had acted: counted from the audit, where each such decision lies with its rules.

It is decided anew for each request, from what Okta said at that moment; what people would have done next is not known, so
somebody who would have been asked to confirm counts as one for whom it would have gone on.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from bot.audit import Event
from bot.audit_trail import pages
from bot.keys import Keys
from bot.rules import Rule

_GOES_ON: Final = {
    Rule.CHOICE_NEEDED: "would have gone on: they choose, and confirm",
    Rule.PROOF_NEEDED: "would have gone on: they confirm, and prove who they are",
    Rule.CONSENT_NEEDED: "would have gone on: they confirm",
}
"""What would have been asked of the person, the most telling first."""

_BY_THE_WAY: Final = frozenset({Rule.SHADOW, Rule.FITS})
"""What is no reason by itself."""


class _Line(msgspec.Struct, frozen=True):
    """As much of an entry as is counted."""

    at: datetime
    event: str
    capability: str | None = None
    subject: str | None = None
    rules: tuple[str, ...] = ()


@dataclass(slots=True)
class Shadowed:
    """What came of one capability, where it fitted and something would have been decided.

    Attributes:
        asked: how often.
        people: the digests of those who asked.
        outcomes: how often what would have happened, in words; refusals by their rule.
    """

    asked: int = 0
    people: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)


_line: Final = msgspec.json.Decoder(_Line)


async def report(redis: Redis, keys: Keys, since: datetime) -> tuple[dict[str, Shadowed], int]:
    """What would have happened since then, by capability, and how many entries could not be read.

    Raises:
        RedisError: the store cannot be asked.
    """
    found: dict[str, Shadowed] = {}
    unreadable = 0
    start = f"{int(since.timestamp() * 1000)}-0"
    async for page in pages(redis, keys, start):
        for each in page:
            try:
                _count(found, _line.decode(each.body))
            except (msgspec.DecodeError, ValueError):
                unreadable += 1
    return found, unreadable


def _count(found: dict[str, Shadowed], line: _Line) -> None:
    if Rule.SHADOW not in line.rules or line.event != Event.DONE or line.capability is None:
        return
    counted = found.setdefault(line.capability, Shadowed())
    counted.asked += 1
    counted.people |= {line.subject} if line.subject else set()
    counted.outcomes[outcome(line.rules)] += 1


def outcome(rules: tuple[str, ...]) -> str:
    """What a decision would have come to, by the rules that it rests on."""
    reasons = [rule for rule in rules if rule not in _BY_THE_WAY and rule not in _GOES_ON]
    if reasons:
        return f"would have been refused, or only guided: {reasons[0]}"
    return next((words for rule, words in _GOES_ON.items() if rule in rules), "would have been done")


def plain(found: dict[str, Shadowed]) -> dict[str, Any]:
    """The same for programs."""
    return {
        name: {"asked": each.asked, "people": len(each.people), "outcomes": dict(each.outcomes.most_common())}
        for name, each in sorted(found.items())
    }
