"""The durable truth: requests, their inputs and what has been shown of them, in Redis.

There is one implementation. The embedded default is a real server too, so the code path is the same from laptop to
cluster. A transition, its doorbell, its timer and its audit entry are one script (`bot.store_scripts`), which compares
the version first: whoever read an older version learns that and reads again. The queue holds nothing but the name of
a request; losing a doorbell loses time, never work, because every unsettled request has an entry among the due-times.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar, cast

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import audit, states
from bot.batch import Batch
from bot.errors import StaleRecordError, StoreUnavailableError, SubjectBusyError
from bot.keys import Keys
from bot.model import Card, Input, Mark, Record, Request, Signal, State
from bot.notices import Note, for_owner, for_security
from bot.ports import Clock
from bot.rules import Rule
from bot.store_scripts import ACCEPT, DISMISS, MOVE, POSTING, SHOWED

SEEN_LIFE: Final = timedelta(hours=24)
"""How long a delivery is remembered: longer than Slack's latest retry of a delayed event."""

RECORD_LIFE: Final = timedelta(days=30)
"""How long a settled request is kept, so that an old card still tells the truth when it is touched."""

INBOX: Final = 20
"""How many presses may wait for one request, and one more of a kind that does not wait yet, such as a first Cancel."""

T = TypeVar("T")

_json = msgspec.json.Encoder()
_request = msgspec.json.Decoder(Request)
_input = msgspec.json.Decoder(Input)
_card = msgspec.json.Decoder(Card)


class Store:
    """Requests and their transitions.

    Args:
        redis: a client that answers bytes; its scripts are safe to repeat, so it need not retry.
        keys: the names of everything in Redis.
        clock: the time that timers are compared with.
        sweep: how long a request with work outstanding may go without being looked at.
        scribe: makes what is written of an entry of the audit.
        tells: whether there is a security channel to tell.
        mails: whether the owner of an account can be mailed.

    Every method raises `StoreUnavailableError` when Redis cannot be asked.
    """

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        clock: Clock,
        *,
        sweep: timedelta = timedelta(seconds=30),
        scribe: audit.Scribe,
        tells: bool = False,
        mails: bool = False,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._clock = clock
        self._sweep = sweep.total_seconds()
        self._tells = tells
        self._mails = mails
        self._scribe = scribe
        self._accept = redis.register_script(ACCEPT)
        self._move = redis.register_script(MOVE)
        self._posting = redis.register_script(POSTING)
        self._showed = redis.register_script(SHOWED)
        self._dismiss = redis.register_script(DISMISS)
        self._arrivals = Batch(self._take_in)

    async def receive(self, request: Request) -> None:
        """Store a new request and ring for it; on the disk when this returns. The same request again is harmless.

        Args:
            request: at version 1; its id is what Slack's redeliveries of it have in common.
        """
        entry = audit.moved(request, at=request.asked_at)
        await self._arrivals(self._arrival("request", request.id, "", _json.encode(request), entry))

    async def signal(self, request_id: str, given: Input, *, key: str) -> bool:
        """Put a signal into a request's inbox and ring. Answers False if there is no such request (any more).

        Where `INBOX` wait already, one like it of the same person's among them, it counts as taken and is left out: that
        one is answered in its place.
        """
        entry = audit.signalled(request_id, given)
        return await self._arrivals(self._arrival("signal", request_id, key, _json.encode(given), entry))

    def _arrival(
        self, kind: str, request_id: str, key: str, body: bytes, entry: audit.Entry
    ) -> tuple[str | bytes, ...]:
        keys = self._keys
        places = (keys.record(request_id), keys.inbox(request_id), keys.seen(key))
        return (kind, request_id, *places, body, self._scribe.sheet(entry))

    async def _take_in(self, arrivals: list[tuple[str | bytes, ...]]) -> list[bool]:
        seen = int(SEEN_LIFE.total_seconds())
        args: list[str | bytes | float] = [self._now(), self._sweep, seen, INBOX, self._scribe.life]
        for arrival in arrivals:
            args.extend(arrival)
        keys = [self._keys.due, self._keys.bells, self._keys.audit]
        answers = cast("list[int]", await self._ask(lambda: self._accept(keys=keys, args=args)))
        return [bool(answer) for answer in answers]

    async def waiting(self, user_id: str, capabilities: Iterable[str]) -> tuple[str, ...]:
        """The requests that wait for a person: at most one for each capability (`states.SINGLE`)."""
        names = [self._keys.open(user_id, name) for name in capabilities]
        found = cast("list[bytes | None]", await self._ask(lambda: self._redis.mget(names)))
        return tuple(each.decode() for each in found if each is not None)

    async def load(self, request_id: str) -> Record | None:
        """Read a request as it stands, or None if it is not there."""

        async def read() -> tuple[dict[bytes, bytes], list[bytes]]:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hgetall(self._keys.record(request_id))
                pipe.lrange(self._keys.inbox(request_id), 0, -1)
                fields, inbox = await pipe.execute()
                return fields, inbox

        fields, inbox = await self._ask(read)
        if not fields:
            return None
        return Record(
            request=_request.decode(fields[b"body"]),
            inbox=tuple(_input.decode(line) for line in inbox),
            shown=int(fields[b"shown"]),
            card=_card.decode(fields[b"card"]) if b"card" in fields else None,
            posting=fields.get(b"posting") == b"1",
        )

    async def move(self, record: Record, to: Request, *, rules: tuple[Rule, ...] = ()) -> Record:
        """Make `to` the next version of the request in `record`, and return the record as it then stands.

        The inputs that were read with the record are answered by this, and gone; those that came since are kept.

        Args:
            record: as it was read; nothing happens if it has moved since.
            to: the request changed; version and history are set here.
            rules: what the decision behind this rests on, for the audit.

        Raises:
            StaleRecordError: the request has moved since `record` was read, somebody else has dismissed its inputs, or it
                is about to act and a Cancel has come.
            SubjectBusyError: another request of the same subject is writing to Okta.
            ValueError: `bot.states` knows no such transition, or nothing would wake the request up after it.
        """
        before, now = record.request, self._clock.now()
        _check(before.state, to)
        version = before.version + 1
        to = replace(to, version=version, history=(*to.history, Mark(version, to.state, now)))
        answer = await self._ask(lambda: self._moving(record, to, now, rules))
        if answer[0] == b"stale":
            raise StaleRecordError
        if answer[0] == b"busy":
            raise SubjectBusyError
        # A card posted under an earlier version may be lost from sight: its poster wrote this mark and died.
        posting = answer[1] == b"1"
        # It may have got one since the record was read: from another process, or from our own while it was patient.
        card = _card.decode(answer[2]) if answer[2] else None
        return replace(record, request=to, inbox=(), posting=posting, card=card)

    def _moving(self, record: Record, to: Request, now: datetime, rules: tuple[Rule, ...]) -> Awaitable[list[bytes]]:
        keys, before = self._keys, record.request
        supersede = Input(Signal.SUPERSEDE, to.actor, now)
        args: list[str | bytes | float | int] = [
            to.id,
            before.version,
            to.version,
            _json.encode(to),
            to.due.timestamp() if to.due else "",
            int(states.settled(to.state)),
            len(record.inbox),
            self._scribe.sheet(audit.moved(to, at=now, rules=rules), *audit.owner(to)),
            now.timestamp(),
            self._sweep,
            _hold(before.state in states.BUSY, to.state in states.BUSY),
            _hold(before.state in states.SINGLE, to.state in states.SINGLE),
            keys.inbox(""),
            keys.record(""),
            _json.encode(supersede),
            _json.encode(record.inbox[0]) if record.inbox else "",
            self._scribe.life,
        ]
        for note in self._notes(before, to, rules, now):
            args += [note.id, keys.note(note.id), _json.encode(note)]
        owner = to.subject.okta_id if to.subject else ""
        place = (keys.record(to.id), keys.inbox(to.id), keys.due, keys.bells, keys.audit)
        follows = State.FOLLOWING in {before.state, to.state}
        single = (keys.followed if follows else keys.open)(to.actor.user_id, to.intent.capability or "")
        names = (*place, keys.busy(owner), single, keys.notes, keys.notes_due)
        return cast("Awaitable[list[bytes]]", self._move(keys=list(names), args=args))

    def _notes(self, before: Request, to: Request, rules: tuple[Rule, ...], now: datetime) -> Iterator[Note]:
        """What is to be told elsewhere of this transition."""
        if self._tells and (note := for_security(to, rules, now)):
            yield note
        if self._mails and (note := for_owner(before.state, to, now)):
            yield note

    async def posting(self, record: Record) -> None:
        """Note that a first card is being posted before the record has moved: it may be lost from sight."""
        await self._ask(lambda: self._posting(keys=[self._keys.record(record.request.id)]))

    async def showed(self, record: Record, card: Card | None) -> int:
        """Note that the record's version has been shown, on `card` if on any; answers the version it has by now."""
        request = record.request
        # Slack's address for answers is a small secret of its own, and has served its purpose now.
        spent = replace(request, place=replace(request.place, response_url=None))
        if states.settled(request.state) and request.subject is not None:
            spent = replace(spent, subject=replace(request.subject, email=""))  # the letter has it, until it is sent
        args: list[str | bytes | float | int] = [
            request.id,
            request.version,
            _json.encode(card) if card else "",
            int(RECORD_LIFE.total_seconds()),
            self._now() + self._sweep,
            _json.encode(spent) if spent != request else "",
        ]
        return cast("int", await self._ask(lambda: self._showed(keys=self._places(request.id), args=args)))

    async def dismiss(self, record: Record) -> Record:
        """Take off the inputs, which change nothing; whoever gets them off tells those who gave them.

        Raises:
            StaleRecordError: somebody else got them.
        """
        request_id, inbox = record.request.id, record.inbox
        life = int(RECORD_LIFE.total_seconds())
        args: list[str | bytes | int] = [request_id, _json.encode(inbox[0]), life, len(inbox)]
        if not await self._ask(lambda: self._dismiss(keys=self._places(request_id), args=args)):
            raise StaleRecordError
        return replace(record, inbox=())

    async def remind(self, request_id: str, after: timedelta) -> None:
        """Have an unsettled request, or one that is not shown yet, looked at no later than `after` from now."""
        at = {request_id: self._now() + after.total_seconds()}
        await self._ask(lambda: self._redis.zadd(self._keys.due, at, lt=True, xx=True))

    async def rings(self, bell: str) -> bool:
        """Whether a doorbell is still there. It is taken off when the attempt it stood for is over, however it ended."""
        return bool(await self._ask(lambda: self._redis.xrange(self._keys.bells, bell, bell)))

    def _places(self, request_id: str) -> list[str]:
        return [self._keys.record(request_id), self._keys.inbox(request_id), self._keys.due]

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T:
        try:
            return await call()
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(type(error).__name__) from error


def _check(before: State, to: Request) -> None:
    if to.state not in states.TABLE[before].leads_to:
        raise ValueError(f"a request cannot go from {before} to {to.state}")
    if (to.due is None) != states.settled(to.state):
        raise ValueError(f"a request in {to.state} needs a due-time, and a settled one has none")


def _hold(before: bool, after: bool) -> str:  # noqa: FBT001 - the two sides of one transition, in order
    if after:
        return "keep" if before else "take"
    return "drop" if before else ""
