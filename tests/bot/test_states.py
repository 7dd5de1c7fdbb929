"""The state table itself: complete, closed, and without a way to be stuck."""

import pytest

from bot.model import Signal, State
from bot.states import TABLE, Owner, Timer, settled, takes


def test_every_state_has_a_row() -> None:
    """A state that the table does not know would have no owner."""
    assert set(State) == set(TABLE)


@pytest.mark.parametrize("state", State)
def test_a_settled_state_is_an_end(state: State) -> None:
    """Nothing can happen to a settled request; everything else has an owner, a timer and a way on."""
    row = TABLE[state]

    assert settled(state) == (row.owner is Owner.NOBODY)
    assert settled(state) == (row.timer is Timer.NONE)
    assert settled(state) == (not row.leads_to)
    assert not (settled(state) and row.inputs)


@pytest.mark.parametrize("state", [state for state in State if not settled(state)])
def test_every_living_state_can_end(state: State) -> None:
    """From each living state some settled state is reachable."""
    reached, fresh = {state}, {state}
    while fresh:
        fresh = {after for before in fresh for after in TABLE[before].leads_to} - reached
        reached |= fresh

    assert any(settled(each) for each in reached)


@pytest.mark.parametrize("state", State)
def test_every_state_but_the_first_can_be_reached(state: State) -> None:
    """A row that nothing leads to would be dead."""
    assert state is State.RECEIVED or any(state in row.leads_to for row in TABLE.values())


def test_only_a_waiting_card_takes_a_confirm() -> None:
    """Consent is taken in exactly one state."""
    assert [state for state in State if takes(state, Signal.CONFIRM)] == [State.ASKING]
