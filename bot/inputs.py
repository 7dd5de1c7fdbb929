"""What people pressed, and which of it counts. Pure.

Several presses may wait for one request when somebody comes round to it: a double click, a Cancel after a Confirm, a press
on a copy of the card that shows something older, or somebody else's. One at most moves the request.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.evidence import GUESSES
from bot.model import Input, Record, Request, Signal, State
from bot.saying import Way
from bot.states import BUSY, takes

_WEIGHT: Final = (
    Signal.CANCEL,
    Signal.SUPERSEDE,
    Signal.PROVED,
    Signal.MISSED,
    Signal.CHOOSE,
    Signal.CONFIRM,
    Signal.PROVE,
)
"""Of several inputs at once the first of these counts; of several of a kind the last, whose window is the one that is open."""


_NO_PRESS: Final = frozenset({Signal.SUPERSEDE, Signal.PROVED, Signal.MISSED})


def winner(record: Record) -> Input | None:
    """The input that counts, if any is legal: not a Confirm that was taken back before anybody came round to it."""
    request = record.request
    legal = [
        given
        for given in record.inbox
        if takes(request.state, given.signal)
        and (given.signal is Signal.SUPERSEDE or given.actor.user_id == request.actor.user_id)
        and not _is_outdated(request, given)
        and given.miss not in GUESSES
    ]
    return min(reversed(legal), key=lambda given: _WEIGHT.index(given.signal), default=None)


def _is_outdated(request: Request, given: Input) -> bool:
    """Whether it was given for something else than the request waits for now.

    A press is for what its card offered, and a proof for what was confirmed when it was given.
    """
    match given.signal:
        case Signal.CONFIRM:
            return given.version != request.version
        case Signal.PROVED:
            return given.proof is None or given.proof.consent != request.consented_at
        case Signal.PROVE:
            return given.version != request.version or way_of(request, given.factor_id) is None
    return False


def way_of(request: Request, factor_id: str | None) -> Way | None:
    """The way to prove who they are that a request's card offers by this factor, if it does."""
    ways = request.say.ways if request.say else ()
    return next((way for way in ways if way.factor_id == factor_id), None)


def heeding(request: Request, given: Input) -> Request:
    """The request with what somebody chose, with their consent, or with the proof that it was theirs."""
    if given.signal is Signal.CHOOSE:
        form = {**request.intent.form, "chosen": " ".join(given.chosen)}
        return replace(request, intent=replace(request.intent, form=form))
    if given.signal is Signal.PROVED:
        return replace(request, proof=given.proof, challenge=None, window=given.window)
    return replace(request, actor=given.actor, consented_at=given.at, window=given.window)


def reply(request: Request, given: Input) -> str:
    """The words for a press that changed nothing."""
    if given.actor.user_id != request.actor.user_id:
        return "clicks.foreign"
    if given.signal is Signal.CANCEL and request.state in BUSY:
        return "clicks.too_late"
    if request.state is State.ASKING and given.signal is Signal.CONFIRM:
        return "clicks.outdated"
    if request.state is State.PROVING and given.signal is Signal.PROVE:
        sent = request.challenge is not None and request.challenge.factor_id == given.factor_id
        return "clicks.sent" if sent else "clicks.outdated"
    return f"clicks.{request.state}"


def unheeded(record: Record, winner: Input | None) -> Iterable[Input]:
    """The last press of everybody whose presses changed nothing: one answer is enough, however often they pressed."""
    pressed = [given for given in record.inbox if given is not winner and given.signal not in _NO_PRESS]
    return {given.actor.user_id: given for given in pressed}.values()
