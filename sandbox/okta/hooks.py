"""Event hooks: who is told of what happens, and what has become of each delivery.

https://developer.okta.com/docs/concepts/event-hooks/. Deliveries are made while the org is served, and only then; they leave as soon as an
event is written, which may be before readers of the System Log see it.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sandbox.okta.events import SYSTEM, Origin, event
from sandbox.okta.hook_calls import Caller
from sandbox.okta.hook_types import ELIGIBLE
from sandbox.okta.shapes import millis

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime

    from sandbox.okta.hook_calls import Reply
    from sandbox.okta.org import Org

    Event = dict[str, Any]

MOST_ACTIVE = 25
"""Active hooks of one org."""

ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Channel:
    """Where deliveries go; another one has to be verified anew.

    Attributes:
        headers: sent with every request besides the secret.
        auth: the name and the value of the header that holds the secret; None without one. The value is never shown.
    """

    uri: str
    headers: tuple[tuple[str, str], ...] = ()
    auth: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def sent(self) -> tuple[tuple[str, str], ...]:
        """All headers that a request has because of the hook."""
        return (*self.headers, *((self.auth,) if self.auth else ()))


@dataclass(frozen=True, slots=True)
class EventHook:
    """An event hook.

    Attributes:
        source: its address, as deliveries name it.
        created_by: the id of the user behind the token, or of the service app.
    """

    id: str
    name: str
    description: str | None
    event_types: tuple[str, ...]
    channel: Channel
    source: str
    created: datetime
    created_by: str
    updated: datetime
    active: bool = True
    verified: bool = False

    @property
    def delivers(self) -> bool:
        """Whether events are sent."""
        return self.active and self.verified


class Fate(StrEnum):
    """How one attempt to deliver ended."""

    DELIVERED = "delivered"  # 2xx
    REFUSED = "refused"  # 4xx, or another answer that asking again does not mend
    FAILED = "failed"  # 5xx
    TIMEOUT = "timeout"  # nothing within 3 seconds
    UNREACHABLE = "unreachable"  # no connection, or one that broke


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver; its secret is not here.

    Attributes:
        event_id: of the envelope, which a second attempt has again.
        events: the `uuid` of each event, in the order in which they were sent.
        attempt: 1 or 2.
        status: what the receiver answered, if it did.
        at: when the attempt began.
    """

    hook_id: str
    event_id: str
    events: tuple[str, ...]
    attempt: int
    fate: Fate
    status: int | None
    at: datetime


class Hooks:
    """The hooks of an org, and what was delivered to them.

    `deliveries` only grows; `org.settings` has what delays, doubles, disorders and loses them.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self.by_id: dict[str, EventHook] = {}
        self.deliveries: list[Delivery] = []
        self.made = 0
        self._waiting: dict[str, list[Event]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._caller: Caller | None = None

    def keep(self, hook: EventHook) -> EventHook:
        """Have a hook, new or changed."""
        self.made += hook.id not in self.by_id
        self.by_id[hook.id] = hook
        return hook

    def notice(self, entry: Event) -> None:
        """Deliver an event to whoever has subscribed to it."""
        if self._caller is None or entry["eventType"] not in ELIGIBLE:
            return
        for hook in self.by_id.values():
            if not hook.delivers or entry["eventType"] not in hook.event_types:
                continue
            if hook.id not in self._waiting:
                self._waiting[hook.id] = []
                self._start(self._gather(self._caller, hook.id))
            self._waiting[hook.id].append(entry)

    async def challenge(self, hook: EventHook) -> str | None:
        """Ask the receiver whether it expects this hook; None if it does, or else what it did instead."""
        if self._caller is None:
            raise LookupError("the org is not served")
        value = secrets.token_urlsafe(32)
        for _ in range(ATTEMPTS):
            reply = await self._caller.challenge(hook.channel.uri, hook.channel.sent, value)
            if reply.good:
                break
        return reply.fault(value)

    async def idle(self) -> None:
        """Return when nothing is on its way; what waits for a moment to come waits for it."""
        while self._running:
            await asyncio.wait(self._running)

    def open(self) -> None:
        """Begin to deliver, in the event loop that runs.

        Raises:
            RuntimeError: the org is served already.
        """
        if self._caller is not None:
            raise RuntimeError("the org is served already, and delivers to its event hooks from there")
        self._caller = Caller(self._org.clock)

    async def close(self) -> None:
        """Deliver no more: what is on its way is given up."""
        caller, self._caller = self._caller, None
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._waiting.clear()
        if caller is not None:
            await caller.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _gather(self, caller: Caller, hook_id: str) -> None:
        await self._org.clock.sleep_until(self._org.clock.now() + self._org.settings.hook_gathering)
        events = self._waiting.pop(hook_id)
        if self._org.settings.hook_backwards:
            events.reverse()
        for _ in range(self._org.settings.hook_copies):
            self._start(self._deliver(caller, hook_id, events))

    async def _deliver(self, caller: Caller, hook_id: str, events: list[Event]) -> None:
        event_id, made = str(uuid.uuid4()), self._org.clock.now()
        await self._org.clock.sleep_until(made + self._org.settings.hook_delay)
        for attempt in range(1, ATTEMPTS + 1):
            hook = self.by_id.get(hook_id)
            if hook is None or not hook.delivers:
                return
            at, envelope = self._org.clock.now(), _envelope(hook, event_id, made, events)
            reply = await caller.post(hook.channel.uri, hook.channel.sent, envelope)
            told = tuple(str(entry["uuid"]) for entry in events)
            self.deliveries.append(Delivery(hook_id, event_id, told, attempt, _fate(reply), reply.status, at))
            self._org.changes.touch()
            if reply.good:
                return
            if attempt == ATTEMPTS or not reply.again:
                self.record("event_hook.delivery", Origin(SYSTEM), hook, result="FAILURE", reason=reply.words)
                return

    def record(
        self, event_type: str, origin: Origin, hook: EventHook, *, result: str = "SUCCESS", reason: str | None = None
    ) -> None:
        """Write into the System Log what happened with a hook."""
        now = self._org.clock.now()
        target = {"id": hook.id, "type": "EventHook", "alternateId": "unknown", "displayName": hook.name}
        told = [target | {"detailEntry": None}]
        self._org.write(event(event_type, origin, now, target=told, result=result, reason=reason), now)


def _fate(reply: Reply) -> Fate:
    if reply.status is None:
        return Fate.TIMEOUT if reply.late else Fate.UNREACHABLE
    if reply.good:
        return Fate.DELIVERED
    return Fate.FAILED if reply.again else Fate.REFUSED


def _envelope(hook: EventHook, event_id: str, made: datetime, events: list[Event]) -> Event:
    return {
        "eventType": "com.okta.event_hook",
        "eventTypeVersion": "1.0",
        "cloudEventsVersion": "0.1",
        "contentType": "application/json",
        "source": hook.source,
        "eventId": event_id,
        "eventTime": millis(made),
        "data": {"events": [_delivered(entry) for entry in events]},
    }


def _delivered(entry: Event) -> Event:
    """An event as hooks show it: not quite as the System Log does."""
    told = {name: value for name, value in entry.items() if name != "request"}
    return told | {
        "client": entry["client"] | {"ipChain": entry["request"]["ipChain"]},
        "insertionTimestamp": entry["published"],
    }
