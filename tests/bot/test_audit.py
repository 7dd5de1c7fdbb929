"""What is written down: an entry for everything that happens, with nothing in it that a person typed."""

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from bot import audit
from bot.audit import Event
from bot.model import Actor, Card, Fence, Heard, Input, Intent, Origin, Place, Request, Signal, State, Subject, Surface
from bot.rules import Rule
from bot.saying import Say

NOW = datetime(2026, 11, 23, 8, 55, tzinfo=UTC)
TYPED = "sesame"

REQUEST = Request(
    id="r1",
    origin=Origin.PERSON,
    actor=Actor("UMAYA", "TNORTHWIND"),
    intent=Intent("unlock_account", {"reason": TYPED}, note=TYPED),
    place=Place(Surface.COMMAND, "CGENERAL", "1.1", f"https://hooks.example/{TYPED}"),
    asked_at=NOW,
    version=3,
    subject=Subject("00umaya", "maya.lindqvist@northwind.example", "Maya"),
    fence=Fence(TYPED, TYPED, 0, 2, NOW, {"status": TYPED}, Heard.ACCEPTED),
    say=Say("common.working", {"name": TYPED}),
)


@pytest.mark.parametrize("state", State)
def test_every_state_has_an_event_of_its_own(state: State) -> None:
    """So that the history of a request can be told from the audit alone."""
    entry = audit.moved(replace(REQUEST, state=state), at=NOW)

    assert entry.event in Event
    assert [each for each in State if audit.moved(replace(REQUEST, state=each), at=NOW).event is entry.event] == [state]


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_has_an_event_of_its_own(signal: Signal) -> None:
    """Legal or not: that it was pressed is a fact."""
    entry = audit.signalled("r1", Input(signal, Actor("UPRIYA", "TNORTHWIND"), NOW, Card("D1", "1.1"), TYPED))

    assert entry.event.startswith(f"signal:{signal}")
    assert (entry.request, entry.actor, entry.actor_team, entry.at) == ("r1", "UPRIYA", "TNORTHWIND", NOW)
    assert TYPED.encode() not in msgspec.json.encode(entry)


def test_an_entry_says_who_whom_what_when_and_by_which_rule() -> None:
    """And how far the write got."""
    entry = audit.moved(replace(REQUEST, state=State.CHECKING), at=NOW, rules=(Rule.FITS, Rule.CONSENT_GIVEN))

    assert msgspec.to_builtins(entry) == {
        "event": "step:checked",
        "at": "2026-11-23T08:55:00Z",
        "request": "r1",
        "origin": "person",
        "version": 3,
        "capability": "unlock_account",
        "actor": "UMAYA",
        "actor_team": "TNORTHWIND",
        "subject": "00umaya",
        "subject_login": "maya.lindqvist@northwind.example",
        "step": 0,
        "attempt": 2,
        "heard": "accepted",
        "words": "common.working",
        "rules": ("fits", "consent_given"),
    }


def test_an_entry_holds_nothing_that_somebody_typed_and_no_key_to_anything() -> None:
    """Forms, notes, addresses for answers, tokens and values of words all stay out."""
    for state in State:
        assert TYPED.encode() not in msgspec.json.encode(audit.moved(replace(REQUEST, state=state), at=NOW))


def test_what_is_not_known_yet_is_left_out() -> None:
    """A request that has just arrived has no subject, no step and no words."""
    entry = audit.moved(replace(REQUEST, subject=None, fence=None, say=None, version=1), at=NOW)

    assert set(msgspec.to_builtins(entry)) == {
        "event",
        "at",
        "request",
        "origin",
        "version",
        "capability",
        "actor",
        "actor_team",
    }
