"""The life of a request as one table: who owns each state, what its timer is, which inputs it takes, where it may go.

The flow moves requests by this table, the store refuses what it does not allow, and a test walks every row. The
states of approval and delay join it with the capabilities that need them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.model import Signal, State


class Owner(StrEnum):
    """Who has to do something for a request in this state to go on."""

    PERSON = "person"
    WORKER = "worker"
    NOBODY = "nobody"


class Timer(StrEnum):
    """What the passing of `Request.due` means in a state."""

    NONE = "none"
    WORK = "work"  # take the request up: at once, or again if the worker that had it is gone
    EXPIRE = "expire"  # the person did not answer
    RETRY = "retry"  # a wait for Okta or for another request of the same person is over
    FOLLOW = "follow"  # look whether the person did their part
    STEP_LIMIT = "step_limit"  # whoever began the step has not reported: find out what happened


@dataclass(frozen=True, slots=True)
class Row:
    """One state's rules."""

    owner: Owner
    timer: Timer = Timer.NONE
    inputs: frozenset[Signal] = frozenset()
    leads_to: frozenset[State] = frozenset()


_S = State
_SETTLED = Row(Owner.NOBODY)
_ANSWERS = frozenset({_S.DONE, _S.REFUSED, _S.FAILED})
_GOES_ON = _ANSWERS | {_S.ASKING, _S.PROVING, _S.ACTING, _S.DEFERRED, _S.CANCELLED, _S.SUPERSEDED}

TABLE: Final[Mapping[State, Row]] = MappingProxyType(
    {
        _S.RECEIVED: Row(
            Owner.WORKER,
            Timer.WORK,
            leads_to=_ANSWERS | {_S.ASKING, _S.DEFERRED},
        ),
        _S.ASKING: Row(
            Owner.PERSON,
            Timer.EXPIRE,
            inputs=frozenset({Signal.CONFIRM, Signal.CHOOSE, Signal.CANCEL, Signal.SUPERSEDE}),
            leads_to=_GOES_ON | {_S.EXPIRED},
        ),
        # Consented to; what is missing is the proof that it was the person who did.
        _S.PROVING: Row(
            Owner.PERSON,
            Timer.EXPIRE,
            inputs=frozenset({Signal.PROVE, Signal.PROVED, Signal.MISSED, Signal.CANCEL, Signal.SUPERSEDE}),
            leads_to=_GOES_ON | {_S.EXPIRED},
        ),
        _S.DEFERRED: Row(
            Owner.WORKER,
            Timer.RETRY,
            inputs=frozenset({Signal.CANCEL, Signal.SUPERSEDE}),
            leads_to=_GOES_ON | {_S.PARTLY, _S.UNKNOWN},
        ),
        _S.ACTING: Row(
            Owner.WORKER,
            Timer.STEP_LIMIT,
            leads_to=frozenset({_S.CHECKING, _S.DEFERRED, _S.PARTLY, _S.FAILED, _S.UNKNOWN}),
        ),
        _S.CHECKING: Row(
            Owner.WORKER,
            Timer.RETRY,
            leads_to=frozenset({_S.CHECKING, _S.DEFERRED, _S.FOLLOWING, _S.DONE, _S.PARTLY, _S.FAILED, _S.UNKNOWN}),
        ),
        # Nothing is written any more: the account is looked at until the person has done their part.
        _S.FOLLOWING: Row(
            Owner.WORKER,
            Timer.FOLLOW,
            inputs=frozenset({Signal.SUPERSEDE}),
            leads_to=frozenset({_S.FOLLOWING, _S.DONE}),
        ),
        _S.DONE: _SETTLED,
        _S.PARTLY: _SETTLED,
        _S.REFUSED: _SETTLED,
        _S.CANCELLED: _SETTLED,
        _S.EXPIRED: _SETTLED,
        _S.SUPERSEDED: _SETTLED,
        _S.FAILED: _SETTLED,
        _S.UNKNOWN: _SETTLED,
    }
)

BUSY: Final = frozenset({State.ACTING, State.CHECKING})
"""While a request of a subject is in one of these, no other of the same subject may enter them."""


SINGLE: Final = frozenset({State.ASKING, State.PROVING, State.FOLLOWING})
"""Of a person's requests for one capability one at most is in each of these: another that gets there replaces it."""


def settled(state: State) -> bool:
    """Whether nothing more can happen to a request in this state."""
    return TABLE[state].owner is Owner.NOBODY


def takes(state: State, signal: Signal) -> bool:
    """Whether `signal` is a legal input of `state`."""
    return signal in TABLE[state].inputs
