"""One person's request from beginning to end, what was seen of it, and what of that is not as promised."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.audit import Entry, Event
from bot.model import Record
from sandbox.people import Employee
from sandbox.slack import Message
from tests.kill.nursery import Fate

ASKS: Final = "Unlock your account?"
UNLOCKED: Final = "Your account is unlocked"
NOT_LOCKED: Final = "Your account is not locked"

_FREE: Final = (UNLOCKED, NOT_LOCKED)
"""How a card begins that says that the person can sign in."""


@dataclass(slots=True, kw_only=True)
class Case:
    """A request, and what was seen of it when nothing was left to do.

    Attributes:
        old: the timestamps of the messages that were in the direct message before.
        before: how many effects there were in Okta before.
        changed: when each effect took place.
        effects: what was changed in Okta, by kind.
        status: how the account stands in Okta.
        cards: the bot's lasting messages to the person.
        where: where the worker was hurt; empty if it never came to that point.
    """

    employee: Employee
    fate: Fate
    old: frozenset[str]
    before: int
    changed: list[datetime] = field(default_factory=list)
    effects: tuple[str, ...] = ()
    status: str = ""
    cards: tuple[Message, ...] = ()
    record: Record | None = None
    audit: tuple[Entry, ...] = ()
    where: str = ""

    @property
    def member(self) -> str:
        """The person's Slack id."""
        return self.employee.slack_id or ""

    def problems(self, *ends: str) -> list[str]:
        """What is not as promised; the card is to begin with one of `ends`."""
        return [f"{problem}. {self}" for problem in (*self._of_card(ends), *self._of_effects())]

    def _of_card(self, ends: tuple[str, ...]) -> Iterator[str]:
        if len(self.cards) != 1:
            yield f"{len(self.cards)} cards"
        for text in (card.text for card in self.cards):
            if not text.startswith(ends):
                yield "The card ends otherwise"
            if text.startswith(UNLOCKED) and not self.effects:
                yield "The card tells of an effect that is not there"
            if text.startswith(_FREE) and self.status != "ACTIVE":
                yield "The card says that the account is free"
            if "othing was changed" in text and self.effects:
                yield "The card denies an effect"

    def _of_effects(self) -> Iterator[str]:
        if len(self.effects) > 1:
            yield "More than one effect"
        begun = [entry.at for entry in self.audit if entry.event is Event.ACTING]
        if any(at > effect for at in begun for effect in self.changed):
            yield "A step was begun after there was an effect"
        if self.record is None or self.record.inbox or self.record.shown != self.record.request.version:
            yield "Something is left to do"

    def __str__(self) -> str:
        titles = [card.text.partition("\n")[0] for card in self.cards]
        state = self.record.request.state if self.record else "no record"
        return (
            f"N={self.fate.at} ({self.fate.number.name}) at {self.where or 'no point'}: {self.employee.handle} is"
            f" {self.status} after the effects {self.effects}; request {state}; cards {titles}; audit:"
            f" {', '.join(map(_line, self.audit))}"
        )


def _line(entry: Entry) -> str:
    return f"{entry.at:%S.%f} {entry.event}{f' ({entry.heard})' if entry.heard else ''}"
