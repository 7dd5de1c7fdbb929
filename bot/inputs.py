"""What people pressed, and which of it counts. Pure.

Several presses may wait for one request when somebody comes round to it: a double click, a Cancel after a Confirm, a press
on a copy of the card that shows something older, or somebody else's. One at most moves the request.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.model import Input, Record, Request, Signal, State
from bot.states import BUSY, takes

_WEIGHT: Final = (Signal.CANCEL, Signal.SUPERSEDE, Signal.CHOOSE, Signal.CONFIRM)
"""Of several inputs at once the first of these counts; of several of a kind the last, whose window is the one that is open."""


def winner(record: Record) -> Input | None:
    """The input that counts, if any is legal: not a Confirm that was taken back before anybody came round to it."""
    request = record.request
    legal = [
        given
        for given in record.inbox
        if takes(request.state, given.signal)
        and (given.signal is Signal.SUPERSEDE or given.actor.user_id == request.actor.user_id)
        and not _is_outdated(request, given)
    ]
    return min(reversed(legal), key=lambda given: _WEIGHT.index(given.signal), default=None)


def _is_outdated(request: Request, given: Input) -> bool:
    """Whether a Confirm was pressed on a card that offered something else than the request does now."""
    return given.signal is Signal.CONFIRM and given.version != request.version


def heeding(request: Request, given: Input) -> Request:
    """The request with what somebody chose, or with their consent."""
    if given.signal is Signal.CHOOSE:
        form = {**request.intent.form, "chosen": " ".join(given.chosen)}
        return replace(request, intent=replace(request.intent, form=form))
    return replace(request, actor=given.actor, consented_at=given.at, window=given.window)


def reply(request: Request, given: Input) -> str:
    """The words for a press that changed nothing."""
    if given.actor.user_id != request.actor.user_id:
        return "clicks.foreign"
    if given.signal is Signal.CANCEL and request.state in BUSY:
        return "clicks.too_late"
    if request.state is State.ASKING and given.signal is Signal.CONFIRM:
        return "clicks.outdated"
    return f"clicks.{request.state}"


def unheeded(record: Record, winner: Input | None) -> Iterable[Input]:
    """The last press of everybody whose presses changed nothing: one answer is enough, however often they pressed."""
    pressed = [given for given in record.inbox if given is not winner and given.signal is not Signal.SUPERSEDE]
    return {given.actor.user_id: given for given in pressed}.values()
