"""What was done for somebody, read back from the audit for the person themselves."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.audit import OUTCOMES, REFUSALS, Event, Scribe
from bot.capability import Happening
from bot.errors import StoreUnavailableError
from bot.keys import Keys


class _Line(msgspec.Struct, frozen=True):
    """As much of an entry as the person is told."""

    at: datetime
    event: Event
    request: str
    capability: str
    actor: str


_line: Final = msgspec.json.Decoder(_Line)


class History:
    """Looks back.

    Args:
        scribe: knows by which digest somebody stands in the audit.
        told: the capabilities of which people are told: those that there are words for, since they do something.
    """

    def __init__(self, redis: Redis, keys: Keys, scribe: Scribe, *, told: Collection[str]) -> None:
        self._redis = redis
        self._keys = keys
        self._scribe = scribe
        self._told = frozenset(told)

    async def of(self, okta_id: str, *, asked_by: str | None = None) -> tuple[Happening, ...]:
        """What was done for an account, or refused or not achieved, one for each request, the oldest first.

        As far back as the store keeps it at hand (`bot.store_scripts.NOTE`), refusals apart from the rest.

        Args:
            okta_id: the account.
            asked_by: a Slack user: only what they have asked for themselves.

        Raises:
            StoreUnavailableError: the store cannot be asked.
        """
        digest = self._scribe.name(okta_id)
        try:
            ids: list[bytes] = []
            for shelf in ("", REFUSALS):
                kept: Any = await self._redis.lrange(self._keys.audit_of(f"{digest}{shelf}"), 0, -1)
                ids += kept
            async with self._redis.pipeline(transaction=False) as pipe:
                for each in sorted(ids, key=_place):
                    pipe.xrange(self._keys.audit, each, each)
                found: Any = await pipe.execute()
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(type(error).__name__) from error
        actor = self._scribe.name(asked_by) if asked_by else None
        past = _happenings((fields.get(b"entry", b"") for page in found for _, fields in page), actor)
        return tuple(each for each in past if each.capability in self._told)


def _place(entry: bytes) -> tuple[int, ...]:
    """Where in the audit an entry stands."""
    return tuple(map(int, entry.split(b"-")))


def _happenings(bodies: Iterable[bytes], actor: str | None) -> tuple[Happening, ...]:
    """What an older or a newer version has written and this one cannot read is left out."""
    told: dict[str, Happening] = {}
    for body in bodies:
        try:
            line = _line.decode(body)
        except (msgspec.DecodeError, ValueError):
            continue
        if line.event in OUTCOMES and line.request not in told and actor in {None, line.actor}:
            told[line.request] = Happening(line.at, line.capability, OUTCOMES[line.event], line.request)
    return tuple(told.values())
