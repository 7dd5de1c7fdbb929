"""The store against a tiny model of it: whatever sequence of events, its promises hold after each of them."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from bot import audit, engine
from bot.errors import StaleRecordError, SubjectBusyError
from bot.keys import Keys
from bot.model import Actor, Card, Input, Intent, Origin, Place, Record, Request, Signal, State, Subject, Surface
from bot.states import BUSY, TABLE, settled
from bot.store import Store
from sandbox.clock import Clock
from tests.scribe import SCRIBE

CARD = Card("D1", "1732352100.000100")
SUBJECTS = [Subject(f"00u{name}", f"{name}@northwind.example", name.title()) for name in ("maya", "priya")]
PREFIXES = count()


@dataclass
class Known:
    """What the model knows of a request."""

    state: State = State.RECEIVED
    version: int = 1
    shown: int = 0
    inbox: list[Signal] = field(default_factory=list)

    @property
    def rests(self) -> bool:
        """Whether there is nothing more to do for it, ever."""
        return settled(self.state) and self.shown == self.version and not self.inbox


class Machine(RuleBasedStateMachine):
    """Events at the store, each with what it must do to the model."""

    redis_url: str
    records = Bundle("records")
    """Records as somebody read them, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.keys = Keys(f"{{model{next(PREFIXES)}}}:")
        self.redis = engine.connect(self.redis_url)
        self.clock = Clock()
        self.store = Store(self.redis, self.keys, self.clock, scribe=SCRIBE)
        self.known: dict[str, Known] = {}
        self.open: dict[str, str] = {}
        self.happened: Counter[str] = Counter()

    def teardown(self) -> None:
        """Let go of the server."""
        self.runner.run(self.redis.aclose())
        self.runner.close()

    def run(self, work: Any) -> Any:
        """Do something and wait for it."""
        return self.runner.run(work)

    def is_current(self, record: Record) -> bool:
        """Whether the model is where the record was read."""
        return self.known[record.request.id].version == record.request.version

    def holders(self, subject: Subject) -> list[str]:
        """Which requests are writing to a subject."""
        return [each for each, known in self.known.items() if known.state in BUSY and subject_of(each) == subject]

    @rule(number=st.integers(0, 5))
    def receive(self, number: int) -> None:
        """Slack delivers a request, for the first time or again."""
        request = asked(f"r{number}", self.clock)
        self.run(self.store.receive(request))
        if request.id not in self.known:
            self.known[request.id] = Known()
            self.happened[audit.Event.RECEIVED] += 1

    @rule(number=st.integers(0, 5), given=st.sampled_from(Signal), press=st.integers(0, 3))
    def press(self, number: int, given: Signal, press: int) -> None:
        """Slack delivers a signal, some of them twice."""
        request_id, key = f"r{number}", f"{number}-{given}-{press}"
        first = not self.run(self.redis.exists(self.keys.seen(key)))
        there = self.run(self.store.signal(request_id, Input(given, actor(request_id), self.clock.now()), key=key))
        assert there == (request_id in self.known)
        if there and first:
            self.known[request_id].inbox.append(given)
            self.happened[audit.Event(f"signal:{given}")] += 1

    @rule(target=records, number=st.integers(0, 5))
    def read(self, number: int) -> Record:
        """A worker reads a request, or the very first one if there is none of that number yet."""
        request_id = f"r{number}" if f"r{number}" in self.known else next(iter(self.known), "")
        if not request_id:
            self.receive(number)
            request_id = f"r{number}"
        record: Record = self.run(self.store.load(request_id))
        return record

    @rule(target=records, record=consumes(records), data=st.data())
    def move(self, record: Record, data: st.DataObject) -> Record:
        """A worker moves what it read, perhaps long ago."""
        before = record.request
        options = sorted(TABLE[before.state].leads_to)
        if not options:
            return record
        state = data.draw(st.sampled_from(options))
        due = None if settled(state) else self.clock.now() + timedelta(seconds=data.draw(st.integers(-5, 600)))
        to = replace(before, state=state, due=due, subject=subject_of(before.id))
        consumed, known = len(record.inbox), self.known[before.id]
        dismissed = [each.signal for each in record.inbox] != known.inbox[:consumed]
        cancelled = state in BUSY and before.state not in BUSY and Signal.CANCEL in known.inbox[consumed:]
        others = [each for each in self.holders(subject_of(before.id)) if each != before.id]
        try:
            after: Record = self.run(self.store.move(record, to))
        except StaleRecordError:
            assert not self.is_current(record) or dismissed or cancelled
            return record
        except SubjectBusyError:
            assert others
            assert state in BUSY
            return record
        assert self.is_current(record)
        assert not cancelled
        assert not (others and state in BUSY)
        self.moved(before.id, state, consumed)
        return after

    def moved(self, request_id: str, state: State, consumed: int) -> None:
        """The model's side of a transition."""
        known, person = self.known[request_id], subject_of(request_id).okta_id
        if state is State.ASKING:
            earlier = self.open.get(person, request_id)
            if earlier != request_id:
                self.known[earlier].inbox.append(Signal.SUPERSEDE)
            self.open[person] = request_id
        elif known.state is State.ASKING and self.open.get(person) == request_id:
            del self.open[person]
        known.state, known.version, known.inbox = state, known.version + 1, known.inbox[consumed:]
        self.happened[audit._BY_STATE[state]] += 1

    @rule(record=records)
    def show(self, record: Record) -> None:
        """A worker has drawn what it read."""
        known = self.known[record.request.id]
        assert self.run(self.store.showed(record, CARD)) == known.version
        known.shown = record.request.version

    @rule(number=st.integers(0, 5), data=st.data())
    def carry(self, number: int, data: st.DataObject) -> None:
        """A worker does all of it in one go."""
        self.show(self.move(self.read(number), data))

    @rule(record=records)
    def dismiss(self, record: Record) -> None:
        """A worker takes off inputs that change nothing."""
        if not record.inbox:
            return
        known = self.known[record.request.id]
        actual = self.run(self.store.load(record.request.id)).inbox
        try:
            self.run(self.store.dismiss(record))
        except StaleRecordError:
            assert actual[:1] != record.inbox[:1]
        else:
            assert actual[:1] == record.inbox[:1]
            del known.inbox[: len(record.inbox)]

    @rule(seconds=st.integers(1, 100))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def the_records_are_as_the_model_has_them(self) -> None:
        """Versions grow by one with each transition, and nothing else changes anything."""
        for request_id, known in self.known.items():
            record: Record = self.run(self.store.load(request_id))
            marks = [mark.version for mark in record.request.history]
            assert (record.request.state, record.request.version, record.shown) == (
                known.state,
                known.version,
                known.shown,
            )
            assert [each.signal for each in record.inbox] == known.inbox
            assert marks == list(range(2, known.version + 1))

    @invariant()
    def whatever_has_something_to_come_has_a_due_time(self) -> None:
        """And nothing else."""
        due = {member.decode() for member in self.run(self.redis.zrange(self.keys.due, 0, -1))}
        assert due == {request_id for request_id, known in self.known.items() if not known.rests}

    @invariant()
    def what_rests_expires_and_nothing_else_does(self) -> None:
        """A record must not vanish while there is something to come."""
        for request_id, known in self.known.items():
            assert (self.run(self.redis.ttl(self.keys.record(request_id))) > 0) == known.rests

    @invariant()
    def at_most_one_request_of_a_subject_is_writing(self) -> None:
        """And the place is held by that one."""
        for subject in SUBJECTS:
            holders = self.holders(subject)
            place = self.run(self.redis.get(self.keys.busy(subject.okta_id)))
            assert [place.decode()] == holders if place else not holders

    @invariant()
    def everything_that_happened_is_audited_once(self) -> None:
        """Transitions and signals alike."""
        lines = self.run(self.redis.xrange(self.keys.audit))
        entries = [msgspec.json.decode(fields[b"entry"], type=audit.Entry) for _, fields in lines]
        assert Counter(entry.event for entry in entries) == self.happened


def subject_of(request_id: str) -> Subject:
    """Whose a request is, by its number."""
    return SUBJECTS[int(request_id[1:]) % 2]


def actor(request_id: str) -> Actor:
    """Who asked."""
    return Actor(f"U{subject_of(request_id).name}", "TNORTHWIND")


def asked(request_id: str, clock: Clock) -> Request:
    """A request as it arrives."""
    return Request(
        id=request_id,
        origin=Origin.PERSON,
        actor=actor(request_id),
        intent=Intent("unlock_account"),
        place=Place(Surface.DM),
        asked_at=clock.now(),
    )


@pytest.mark.timeout(300)  # when it fails, the shortest history that does is looked for
def test_the_store_does_what_its_model_does(redis_url: str) -> None:
    """Some dozens of histories, each on names of its own."""
    kind = type("MachineHere", (Machine,), {"redis_url": redis_url})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
