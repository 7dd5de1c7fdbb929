"""Maya's requests at the store, and what can be seen there of them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec

from bot import audit
from bot.model import (
    Actor,
    Card,
    Input,
    Intent,
    Origin,
    Place,
    Record,
    Request,
    Signal,
    State,
    Subject,
    Surface,
)
from bot.states import settled
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.desk import Queue

MAYA = Actor("UMAYA", "TNORTHWIND")
SUBJECT = Subject("00umaya", "maya.lindqvist@northwind.example", "Maya")
CARD = Card("DMAYA", "1732352100.000100")
SWEEP = 30.0


def asked(clock: Clock, request_id: str = "r1", capability: str = "unlock_account") -> Request:
    """A request of Maya's, as it arrives."""
    return Request(
        id=request_id,
        origin=Origin.PERSON,
        actor=MAYA,
        intent=Intent(capability, {"which": "this one"}),
        place=Place(Surface.MENTION, "CGENERAL", "1732352100.000001", "https://hooks.example/1"),
        asked_at=clock.now(),
    )


def given(clock: Clock, which: Signal = Signal.CANCEL) -> Input:
    """A press of a button of hers."""
    return Input(which, MAYA, clock.now(), CARD, "https://hooks.example/2")


async def there(store: Store, request_id: str = "r1") -> Record:
    """A request that must be there."""
    record = await store.load(request_id)
    assert record is not None
    return record


async def received(store: Store, clock: Clock, request_id: str = "r1", **but: Any) -> Record:
    """A request that has just been taken in."""
    await store.receive(asked(clock, request_id, **but))
    return await there(store, request_id)


async def moved(store: Store, record: Record, state: State, clock: Clock, **but: Any) -> Record:
    """The request in its next state, due in ten minutes unless settled."""
    due = None if settled(state) else clock.now() + timedelta(minutes=10)
    return await store.move(record, replace(record.request, state=state, due=due, subject=SUBJECT), **but)


async def bells(queue: Queue) -> list[tuple[str, int]]:
    """What has been rung."""
    entries: Any = await queue.redis.xrange(queue.keys.bells)
    return [(fields[b"id"].decode(), int(fields[b"version"])) for _, fields in entries]


async def entries(queue: Queue) -> list[audit.Entry]:
    """The audit."""
    found: Any = await queue.redis.xrange(queue.keys.audit)
    return [msgspec.json.decode(fields[b"entry"], type=audit.Entry) for _, fields in found]
