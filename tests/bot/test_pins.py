"""Pins: unique both ways, frozen where two lay claim to one, and thawed by nobody but an administrator."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis.asyncio import Redis

from bot.cli import main
from bot.commands.common import NOT_AS_TOLD, OK
from bot.keys import Keys
from bot.model import Unmatched
from bot.pins import Pin, Pins, Standing
from tests.scribe import SCRIBE

NOW = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)


class Clock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """Always the same moment."""
        return NOW


@pytest.fixture
def pins(redis: Redis) -> Pins:
    """Pins on a server that is empty at first."""
    return Pins(redis, Keys(), Clock(), scribe=SCRIBE)


async def people(config: Path, *arguments: str) -> int:
    """The command, in a thread of its own as in a process of its own."""
    return await asyncio.to_thread(main, ["people", *arguments, "--config", str(config)])


async def test_two_claims_are_decided_by_name(
    pins: Pins, redis: Redis, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wrong one is forgotten and the right one confirmed; in the other order it says what comes first."""
    assert await people(config) == OK
    assert capsys.readouterr().out == "Nobody has asked for anything yet.\n"
    await pins.meet("T1:UMAYA", "00u1", "maya@x.example")
    await pins.meet("T1:UEVIL", "00u1", "maya@x.example")
    await pins.note_stranger("T1:UGUEST", Unmatched.GUEST)
    assert await people(config) == OK
    assert [line.split()[:3] for line in capsys.readouterr().out.splitlines()] == [
        ["frozen", "T1:UEVIL", "00u1"],
        ["frozen", "T1:UMAYA", "00u1"],
        ["unmatched", "T1:UGUEST", "guest"],
    ]

    assert await people(config, "confirm", "T1:UEVIL", "--by", "grace") == NOT_AS_TOLD
    assert "Forget the wrong one of the two first" in capsys.readouterr().out
    assert await people(config, "forget", "T1:UEVIL", "--by", "grace") == OK
    assert await people(config, "confirm", "T1:UMAYA", "--by", "grace") == OK
    assert await people(config, "forget", "T1:UNOBODY") == NOT_AS_TOLD
    capsys.readouterr()
    assert await people(config, "--json") == OK
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["slack"], one["standing"]) for one in shown] == [("T1:UMAYA", "proven"), ("T1:UGUEST", "unmatched")]

    entries = [json.loads(fields[b"entry"]) for _, fields in await redis.xrange(Keys().audit)]  # type: ignore[union-attr, index]
    assert [(one["event"], one["actor"], one["subject"]) for one in entries] == [
        ("pin:forget", SCRIBE.name("grace"), SCRIBE.name("T1:UEVIL")),
        ("pin:confirm", SCRIBE.name("grace"), SCRIBE.name("T1:UMAYA")),
    ]


async def test_a_factor_lifts_a_quarantine_and_no_frost(pins: Pins) -> None:
    """And the pin then holds for the new address."""
    pin = await pins.meet("T1:UMAYA", "00u1", "old@x.example")
    await pins.quarantine(pin)
    assert (await stands(pins, "T1:UMAYA")) is Standing.QUARANTINED
    await pins.proved(pin, "new@x.example")
    assert await pins.find("T1:UMAYA") == Pin("T1:UMAYA", "00u1", "new@x.example", Standing.PROVEN, NOW)

    await pins.meet("T1:UEVIL", "00u1", "new@x.example")
    await pins.proved(pin, "new@x.example")
    await pins.quarantine(pin)
    assert (await stands(pins, "T1:UMAYA")) is Standing.FROZEN


async def stands(pins: Pins, slack: str) -> Standing | None:
    """What a pin is worth."""
    pin = await pins.find(slack)
    return pin.standing if pin else None


async def test_any_number_of_first_words_at_once(pins: Pins) -> None:
    """One person is one pin."""
    made = await asyncio.gather(*(pins.meet("T1:UMAYA", "00u1", "maya@x.example") for _ in range(50)))

    assert {pin.standing for pin in made} == {Standing.UNPROVEN}


SLACKS = st.sampled_from(["T1:UA", "T1:UB", "T1:UC"])
OKTAS = st.sampled_from(["00u1", "00u2"])


class Meetings(RuleBasedStateMachine):
    """People come, prove themselves, change their addresses and are decided upon, in any order."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.redis = Redis.from_url(self.url)
        self.pins = Pins(self.redis, Keys(), Clock(), scribe=SCRIBE)
        self.frozen: set[str] = set()
        self.loop.run_until_complete(self.redis.flushdb())

    def teardown(self) -> None:
        """Let go of the connection."""
        self.loop.run_until_complete(self.redis.aclose())
        self.loop.close()

    @rule(slack=SLACKS, okta=OKTAS)
    def meet(self, slack: str, okta: str) -> None:
        """Somebody is found."""
        pin = self.loop.run_until_complete(self.pins.meet(slack, okta, "a@x.example"))
        assert pin.okta_id == okta or pin.standing is Standing.FROZEN

    @rule(slack=SLACKS, proves=st.booleans())
    def change(self, slack: str, *, proves: bool) -> None:
        """A factor speaks, or an address changes."""
        pin = self.loop.run_until_complete(self.pins.find(slack))
        if pin is not None:
            work = self.pins.proved(pin, "b@x.example") if proves else self.pins.quarantine(pin)
            self.loop.run_until_complete(work)

    @rule(slack=SLACKS, how=st.sampled_from(["confirm", "forget"]))
    def decide(self, slack: str, how: str) -> None:
        """An administrator decides."""
        if self.loop.run_until_complete(self.pins.decide(how, slack, by="grace")):
            self.frozen.discard(slack)

    @invariant()
    def holds(self) -> None:
        """Of those for whom anything is done, no two have one account; and what was frozen is frozen."""
        pins = self.loop.run_until_complete(self._all())
        usable = [pin.okta_id for pin in pins if pin.standing is not Standing.FROZEN]
        assert len(usable) == len(set(usable))
        now = {pin.slack for pin in pins if pin.standing is Standing.FROZEN}
        assert self.frozen <= now
        self.frozen = now

    async def _all(self) -> list[Pin]:
        return [pin async for pin in self.pins.all()]


def test_no_two_people_are_ever_one(redis_url: str) -> None:
    """Whatever happens in whatever order."""
    Meetings.url = redis_url
    run_state_machine_as_test(Meetings, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))
