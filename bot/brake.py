"""The brake: when much more happens than on any usual day, what could give accounts away stops, for everybody.

It pulls itself where resets, unlocks, refusals or denied prompts pile up over the whole org, whoever asks for them; it stays
until somebody with a name lets it go, and security is told of both. It is read with each decision, and once more between
the fence and the write. What ends access goes on.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar, cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import audit
from bot.capability import Capability
from bot.errors import StoreUnavailableError
from bot.keys import Keys
from bot.model import Request, State
from bot.notices import Note
from bot.ports import Clock
from bot.rules import BrakeRules
from bot.store_scripts import NOTE
from bot.tally import Count, CountedBeforeError, Limit, Tally, TooManyError

log = logging.getLogger(__name__)

AGAIN: Final = 30
"""Seconds after which a note that nobody has told is looked at again."""

EVERYBODY: Final = "everybody"
"""Of whom is counted: the org as a whole."""

_TURN: Final = (
    NOTE
    + """
-- Pulls the brake, or lets it go, unless it is so already. KEYS: brake, audit, notes, due notes, the note, the counts, which
-- begin anew when it is let go: whatever dies then, the next write does not pull it again.
-- ARGV: 'pull' or 'release', why, at, audit entry, life of an entry, note's id and body ('' for none), when to look again.
if ARGV[1] == 'release' then
  if redis.call('DEL', KEYS[1]) == 0 then return 0 end
  for i = 6, #KEYS do redis.call('DEL', KEYS[i]) end
elseif redis.call('EXISTS', KEYS[1]) == 1 then return 0
else redis.call('HSET', KEYS[1], 'why', ARGV[2], 'at', ARGV[3]) end
note(KEYS[2], ARGV[4], ARGV[5])
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[5], 'version', 1, 'body', ARGV[7])
  redis.call('ZADD', KEYS[4], ARGV[8], ARGV[6])
  redis.call('XADD', KEYS[3], '*', 'id', ARGV[6], 'version', 1)
end
return 1
"""
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pulled:
    """That the brake is on: which count pulled it, or who, and since when."""

    why: str
    at: datetime


class Brake:
    """Counts what happens over the org, and stops it.

    Args:
        tally: keeps the counts.
        rules: how much is too much.
        tells: whether there is a security channel.
        scribe: makes what is written of an entry of the audit.

    Every method raises `StoreUnavailableError` when Redis cannot be asked.
    """

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        tally: Tally,
        rules: BrakeRules,
        clock: Clock,
        *,
        tells: bool = False,
        scribe: audit.Scribe,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._tally = tally
        self._rules = rules
        self._clock = clock
        self._tells = tells
        self._scribe = scribe
        self._turning = redis.register_script(_TURN)

    async def pulled(self) -> Pulled | None:
        """Whether it is on."""
        found = await self._ask(lambda: self._redis.hgetall(self._keys.brake))
        facts = cast("dict[bytes, bytes]", found)
        if not facts:
            return None
        return Pulled(facts[b"why"].decode(), datetime.fromtimestamp(float(facts[b"at"]), UTC))

    async def holds(self, capability: Capability) -> bool:
        """Whether it stops this capability now."""
        return capability.takes_over and await self.pulled() is not None

    async def spend(self, capability: Capability, request: Request) -> bool:
        """Count a write that is about to be made; False if it is one too many, which pulls the brake, or the brake is on."""
        count = Count.RESETS if capability.takes_over else Count.UNLOCKS
        await self._hear(count, f"{request.id}.{request.step}")
        return not await self.holds(capability)

    async def heed(self, request: Request) -> None:
        """Count what has become of a request, if it is odd."""
        words = request.say.words if request.say else ""
        if request.state is not State.REFUSED:
            return
        if words == "proof.denied":
            await self._hear(Count.DENIED, request.id)
        elif words.startswith(_ODD):
            await self._hear(Count.REFUSALS, request.id)

    async def pull(self, why: str, *, by: str | None = None) -> bool:
        """Pull it; False if it is on already. `by` names who did, and nobody if it was a count."""
        if await self._turn("pull", why, by):
            log.error("the brake is on: %s", why)
            return True
        return False

    async def release(self, *, by: str) -> bool:
        """Let it go, in the name of somebody; False if it was not on."""
        if await self._turn("release", "", by):
            log.warning("the brake was released by %s", by)
            return True
        return False

    async def _hear(self, count: Count, name: str) -> None:
        most = _COUNTS[count](self._rules)
        if not most:
            return
        try:
            await self._tally.take(count, EVERYBODY, name, Limit(most, self._rules.within))
        except CountedBeforeError:
            return
        except TooManyError:
            await self.pull(count)

    async def _turn(self, how: str, why: str, by: str | None) -> bool:
        now, keys = self._clock.now(), self._keys
        words = "security.brake_pulled" if how == "pull" else "security.brake_released"
        note = Note(f"brake.{int(now.timestamp() * 1000)}", words, "brake", by or "", "", now, {"why": why or "-"})
        entry = audit.Entry(event=audit.Event(f"brake:{how}"), at=now, request="", actor=by, words=why or None)
        args: list[str | bytes | float] = [
            how,
            why,
            now.timestamp(),
            self._scribe.sheet(entry),
            self._scribe.life,
            note.id if self._tells else "",
            msgspec.json.encode(note),
            now.timestamp() + AGAIN,
        ]
        names = [keys.brake, keys.audit, keys.notes, keys.notes_due, keys.note(note.id)]
        names += [keys.tally(count, EVERYBODY) for count in _COUNTS]
        return bool(await self._ask(lambda: self._turning(keys=names, args=args)))

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(type(error).__name__) from error


_COUNTS: Final[dict[Count, Callable[[BrakeRules], int]]] = {
    Count.RESETS: lambda rules: rules.resets,
    Count.UNLOCKS: lambda rules: rules.unlocks,
    Count.DENIED: lambda rules: rules.prompts,
    Count.REFUSALS: lambda rules: rules.refusals,
}

_ODD: Final = ("protection.", "proof.too_many", "unmatched.frozen")
"""Beginnings of words of refusals that are seldom, unless somebody is at work. Who simply matches nobody is none of them: on
the day on which a company is told of the bot, there are many."""
