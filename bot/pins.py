"""Pins: which Okta user a Slack user is, as it was found once and holds from then on.

Whoever changes an e-mail address afterwards, in Slack or in Okta, becomes nobody else by it. One Slack user has one Okta
user and the other way round: where two lay claim to one, both are frozen until somebody with a name has looked at it.
A pin that was made from an address is unproven until a factor of that account has spoken once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import audit
from bot.errors import StoreUnavailableError
from bot.keys import Keys
from bot.model import Origin, Unmatched
from bot.notices import Note
from bot.ports import Clock
from bot.store_scripts import NOTE

KEPT: Final = timedelta(days=30)
"""For how long it is remembered who asked and matched nobody."""

MOST: Final = 1_000
"""How many of those are remembered."""


class Standing(StrEnum):
    """What a pin is worth."""

    UNPROVEN = "unproven"  # made from an address
    PROVEN = "proven"  # a factor of the account has spoken
    QUARANTINED = "quarantined"  # the address is another one now: a factor has to speak before anything is done
    FROZEN = (
        "frozen"  # two lay claim to one, or its own user says so: nothing is done until an administrator has decided
    )


@dataclass(frozen=True, slots=True)
class Pin:
    """Which Okta user a Slack user is.

    Attributes:
        slack: enterprise or team and Slack user, as `key_of`.
        address: the e-mail address it was made from, without regard to case.
        since: when it came to stand as it does.
        by: the request in whose name its own user had it frozen first; empty otherwise.
        was: what it was worth before that.
    """

    slack: str
    okta_id: str
    address: str
    standing: Standing
    since: datetime
    by: str = ""
    was: Standing = Standing.UNPROVEN


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who asked, and matched nobody."""

    slack: str
    why: str
    at: datetime


_MEET: Final = """
-- Pins a Slack user to an Okta user who was found for them, unless either is taken; then both who lay claim are frozen.
-- KEYS: the Slack user's pin, the Okta user's. ARGV: Slack user, Okta user, address, now, prefix of pins.
-- Answers the pin as it stands then.
local function freeze(slack)
  redis.call('HSET', ARGV[5] .. slack, 'standing', 'frozen', 'since', ARGV[4])
  redis.call('HDEL', ARGV[5] .. slack, 'by', 'was')
end
local mine, owner = redis.call('HGET', KEYS[1], 'okta'), redis.call('GET', KEYS[2])
local taken = owner and owner ~= ARGV[1] and redis.call('EXISTS', ARGV[5] .. owner) == 1
if not mine then
  redis.call('HSET', KEYS[1], 'okta', ARGV[2], 'address', ARGV[3], 'standing', 'unproven', 'since', ARGV[4])
  if not taken then redis.call('SET', KEYS[2], ARGV[1]) end
end
if taken or (mine and mine ~= ARGV[2]) then
  freeze(ARGV[1])
  if taken then freeze(owner) end
end
return redis.call('HMGET', KEYS[1], 'okta', 'address', 'standing', 'since', 'by', 'was')
"""

_STAND: Final = """
-- Changes what a pin is worth, if it stands as one of those given. KEYS: pin. ARGV: Okta user, standing, address, now, from …
-- Answers 1 if it did.
local facts = redis.call('HMGET', KEYS[1], 'okta', 'standing')
if facts[1] ~= ARGV[1] then return 0 end
for i = 5, #ARGV do
  if facts[2] == ARGV[i] then
    redis.call('HSET', KEYS[1], 'standing', ARGV[2], 'address', ARGV[3], 'since', ARGV[4])
    return 1
  end
end
return 0
"""

_DECIDE: Final = (
    NOTE
    + """
-- An administrator's decision. KEYS: pin, audit. ARGV: 'confirm' or 'forget', Slack user, now, prefix of Okta users' pins,
-- audit entry, life of an entry. Answers 1, or 0 if there is no such pin, or another is confirmed for the same account.
local okta = redis.call('HGET', KEYS[1], 'okta')
if not okta then return 0 end
local pinned = ARGV[4] .. okta
local owner = redis.call('GET', pinned)
if ARGV[1] == 'forget' then
  redis.call('DEL', KEYS[1])
  if owner == ARGV[2] then redis.call('DEL', pinned) end
else
  if owner and owner ~= ARGV[2] then return 0 end
  redis.call('SET', pinned, ARGV[2])
  -- Whoever had it frozen themselves is what they were before; where two lay claim, the word is that it is this one.
  local by = redis.call('HGET', KEYS[1], 'by')
  local was = by and redis.call('HGET', KEYS[1], 'was') or 'proven'
  redis.call('HSET', KEYS[1], 'standing', was, 'since', ARGV[3])
  redis.call('HDEL', KEYS[1], 'by', 'was')
  if by then redis.call('HSET', KEYS[1], 'released', by) end
end
note(KEYS[2], ARGV[5], ARGV[6])
return 1
"""
)

_FREEZE: Final = (
    NOTE
    + """
-- Freezes a pin in the name of a request of its own user. KEYS: pin, audit, notes, due notes. ARGV: request, now, audit entry,
-- life of an entry; then, if security is to be told, a note's id, its key, its body and when it is looked at again.
-- Answers 1 if it stands so then, 0 if there is no such pin, it is frozen for another reason, or an administrator has let go
-- since what this request froze. What it was worth is kept.
local facts = redis.call('HMGET', KEYS[1], 'okta', 'standing', 'by', 'released')
if not facts[1] or facts[4] == ARGV[1] then return 0 end
if facts[2] == 'frozen' then return facts[3] and 1 or 0 end
redis.call('HSET', KEYS[1], 'standing', 'frozen', 'since', ARGV[2], 'by', ARGV[1], 'was', facts[2])
note(KEYS[2], ARGV[3], ARGV[4])
if ARGV[5] then
  redis.call('HSET', ARGV[6], 'version', 1, 'body', ARGV[7])
  redis.call('ZADD', KEYS[4], ARGV[8], ARGV[5])
  redis.call('XADD', KEYS[3], '*', 'id', ARGV[5], 'version', 1)
end
return 1
"""
)

AGAIN: Final = 10.0
"""Seconds after which a note is looked at again whose doorbell was lost."""

_FIELDS: Final = ["okta", "address", "standing", "since", "by", "was"]

T = TypeVar("T")


class Pins:
    """The pins.

    Args:
        scribe: makes what is written of an entry of the audit.
        tells: whether there is a security channel.

    Every method raises `StoreUnavailableError` when Redis cannot be asked.
    """

    def __init__(self, redis: Redis, keys: Keys, clock: Clock, *, scribe: audit.Scribe, tells: bool = False) -> None:
        self._redis = redis
        self._keys = keys
        self._clock = clock
        self._scribe = scribe
        self._tells = tells
        self._meet = redis.register_script(_MEET)
        self._stand = redis.register_script(_STAND)
        self._decide = redis.register_script(_DECIDE)
        self._freeze = redis.register_script(_FREEZE)

    async def find(self, slack: str) -> Pin | None:
        """A Slack user's pin."""
        facts = await self._ask(lambda: self._redis.hmget(self._keys.pin(slack), _FIELDS))
        return _pin(slack, cast("list[bytes | None]", facts))

    async def meet(self, slack: str, okta_id: str, address: str) -> Pin:
        """Pin a Slack user to the Okta user who was found for them; or freeze both who lay claim to one."""
        keys = [self._keys.pin(slack), self._keys.pinned(okta_id)]
        args: list[str | float] = [slack, okta_id, address, self._now(), self._keys.pin("")]
        found = _pin(slack, cast("list[bytes | None]", await self._ask(lambda: self._meet(keys=keys, args=args))))
        if found is None:
            raise StoreUnavailableError("the pin is gone as it is made")
        return found

    async def proved(self, pin: Pin, address: str) -> None:
        """A factor of the account has spoken: the pin is proven, and holds for the address that is there now."""
        await self._turn(pin, Standing.PROVEN, address, Standing.UNPROVEN, Standing.QUARANTINED)

    async def quarantine(self, pin: Pin) -> None:
        """The address is another one than the pin was made from."""
        await self._turn(pin, Standing.QUARANTINED, pin.address, Standing.UNPROVEN, Standing.PROVEN)

    async def freeze(self, slack: str, request_id: str, told: Note) -> bool:
        """Freeze a pin because its own user says so, in a request; False if there is none, or it is frozen otherwise.

        With it, `told` is written for security, if there is a channel for it.
        """
        now = self._clock.now()
        actor = slack.partition(":")[2]
        entry = audit.Entry(
            event=audit.Event.PIN_FROZEN, at=now, request=request_id, origin=Origin.PERSON, actor=actor, subject=slack
        )
        keys = [self._keys.pin(slack), self._keys.audit, self._keys.notes, self._keys.notes_due]
        args: list[str | bytes | float] = [request_id, now.timestamp(), self._scribe.sheet(entry), self._scribe.life]
        if self._tells:
            args += [told.id, self._keys.note(told.id), msgspec.json.encode(told), now.timestamp() + AGAIN]
        return bool(await self._ask(lambda: self._freeze(keys=keys, args=args)))

    async def decide(self, how: str, slack: str, *, by: str) -> bool:
        """An administrator's word, `confirm` or `forget`, in somebody's name; False if there is nothing to decide."""
        now = self._clock.now()
        entry = audit.Entry(event=audit.Event(f"pin:{how}"), at=now, request="", actor=by, subject=slack)
        keys = [self._keys.pin(slack), self._keys.audit]
        args: list[str | bytes | float] = [how, slack, now.timestamp(), self._keys.pinned("")]
        args += [self._scribe.sheet(entry), self._scribe.life]
        return bool(await self._ask(lambda: self._decide(keys=keys, args=args)))

    async def all(self) -> AsyncIterator[Pin]:
        """Every pin, in no order."""
        prefix = self._keys.pin("")
        async for key in self._redis.scan_iter(match=f"{prefix}*", count=1000):
            if (pin := await self.find(key.decode().removeprefix(prefix))) is not None:
                yield pin

    async def note_stranger(self, slack: str, why: Unmatched) -> None:
        """Remember somebody who asked and matched nobody."""
        key, now = self._keys.strangers, self._now()

        async def note() -> None:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(key, {f"{slack} {why}": now})
                pipe.zremrangebyrank(key, 0, -MOST - 1)
                pipe.zremrangebyscore(key, "-inf", now - KEPT.total_seconds())
                await pipe.execute()

        await self._ask(note)

    async def strangers(self) -> list[Stranger]:
        """Those of the last weeks, the newest last."""
        found: Any = await self._ask(lambda: self._redis.zrange(self._keys.strangers, 0, -1, withscores=True))
        asked = [(member.decode().rpartition(" "), score) for member, score in found]
        return [Stranger(slack, why, datetime.fromtimestamp(score, UTC)) for (slack, _, why), score in asked]

    async def _turn(self, pin: Pin, to: Standing, address: str, *before: Standing) -> None:
        args: list[str | float] = [pin.okta_id, to, address, self._now(), *before]
        await self._ask(lambda: self._stand(keys=[self._keys.pin(pin.slack)], args=args))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(type(error).__name__) from error


def _pin(slack: str, facts: list[bytes | None]) -> Pin | None:
    okta, address, standing, since, by, was = (fact.decode() if fact is not None else "" for fact in facts)
    if not okta:
        return None
    return Pin(
        slack,
        okta,
        address,
        Standing(standing),
        datetime.fromtimestamp(float(since), UTC),
        by,
        Standing(was or "unproven"),
    )
