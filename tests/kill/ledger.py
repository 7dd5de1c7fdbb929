"""What a store holds, read past the bot: its requests, its audit, and whether anything is left to do."""

from typing import Any

import msgspec
from redis.asyncio import Redis

from bot.audit import Entry
from bot.keys import Keys
from bot.model import Record, State
from bot.states import settled
from bot.store import Store
from sandbox.clock import Clock
from tests.scribe import SCRIBE


class Ledger:
    """A reader of one store."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._keys = Keys()
        self._store = Store(redis, self._keys, Clock(), scribe=SCRIBE)

    async def records(self) -> tuple[Record, ...]:
        """Every request."""
        prefix = self._keys.record("")
        names: Any = await self._redis.keys(f"{prefix}*")
        found = [await self._store.load(name.decode().removeprefix(prefix)) for name in names]
        return tuple(record for record in found if record is not None)

    async def audit(self) -> tuple[Entry, ...]:
        """Every entry, oldest first."""
        lines: Any = await self._redis.xrange(self._keys.audit)
        return tuple(msgspec.json.decode(line[b"entry"], type=Entry) for _, line in lines)

    async def at_rest(self) -> bool:
        """Whether every request waits for its person or for nobody, and is shown as it is; with no doorbell left."""
        records = await self.records()
        return all(map(_rests, records)) and await self.is_quiet()

    async def is_quiet(self) -> bool:
        """Whether nobody is at work, alive or not: a doorbell is there until the attempt that it stands for is over."""
        return not await self._redis.xlen(self._keys.bells)

    async def server(self) -> int:
        """The process of the server."""
        about: Any = await self._redis.info("server")
        return int(about["process_id"])

    async def forget(self) -> None:
        """Empty the store."""
        await self._redis.flushall()


def _rests(record: Record) -> bool:
    state = record.request.state
    at_rest = settled(state) or state in {State.ASKING, State.FOLLOWING}
    return at_rest and not record.inbox and record.shown == record.request.version
