"""One person's request from beginning to end, what was seen of it, and what of that is not as promised."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.audit import Entry, Event
from bot.model import Record
from sandbox.okta.records import Effect
from sandbox.people import Employee
from sandbox.slack import Message
from tests.kill.errands import PARTLY, UNKNOWN_PARTLY, Errand, named
from tests.kill.nursery import Fate
from tests.kill.weather import Weather

WAITING: Final = "keep this window open"
"""What a window says that waits for its link."""

LINK: Final = re.compile(r"http[^\s|>'\"]*/(?:reset_password|signin/reset-password|welcome|tokens)/([\w-]+)")
_BULLET: Final = re.compile(r"^• (.*)$", re.MULTILINE)


@dataclass(slots=True, kw_only=True)
class Case:
    """A request, and what was seen of it when nothing was left to do.

    Attributes:
        old: the timestamps of the messages that were in the direct message before.
        before: how many effects there were in Okta before.
        calls: how many calls.
        factors: the ids of the person's factors, by name.
        effects: what was changed in Okta.
        status: how the account stands in Okta.
        cards: the bot's lasting messages to the person.
        screen: what only the person sees, and only until they reload: the window, and what was said to them alone.
        works: whether a link on the screen leads to a form; None if there is no link.
        where: where the worker was hurt; empty if it never came to that point.
    """

    errand: Errand
    employee: Employee
    fate: Fate
    weather: Weather
    old: frozenset[str]
    before: int
    calls: int
    factors: Mapping[str, str] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    status: str = ""
    cards: tuple[Message, ...] = ()
    screen: tuple[str, ...] = ()
    works: bool | None = None
    record: Record | None = None
    audit: tuple[Entry, ...] = ()
    where: str = ""

    @property
    def member(self) -> str:
        """The person's Slack id."""
        return self.employee.slack_id or ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What was changed in Okta, by kind."""
        return tuple(effect.kind for effect in self.effects)

    @property
    def steps(self) -> tuple[str, ...]:
        """What was consented to, in the same words."""
        return tuple(named(write.effect, self.factors) for write in self.errand.writes)

    @property
    def link(self) -> str | None:
        """The secret part of the one-time link on the screen, if there is one."""
        found = LINK.search(" ".join(self.screen))
        return found[1] if found else None

    def problems(self, *ends: str) -> list[str]:
        """What is not as promised; the card is to begin with one of `ends`."""
        found = (*self._of_card(ends), *self._of_effects(), *self._of_links())
        return [f"{problem}. {self}" for problem in found]

    def _of_card(self, ends: tuple[str, ...]) -> Iterator[str]:
        if len(self.cards) != 1:
            yield f"{len(self.cards)} cards"
        for text in (card.text for card in self.cards):
            if not text.startswith(ends):
                yield "The card ends otherwise"
            yield from self._of_text(text)

    def _of_text(self, text: str) -> Iterator[str]:
        if text.startswith(self.errand.told) and (self.kinds, self.status) != (self.steps, self.errand.after):
            yield "The card tells of what is not so"
        if text.startswith(self.errand.late) and self.status != self.errand.after:
            yield "The card says that there is nothing to do"
        if text.startswith(PARTLY) and not self._is_true_half(text):
            yield "The lists of what is done and what is not are not true"
        if text.startswith(UNKNOWN_PARTLY) and not self._is_true_doubt(text):
            yield "The card does not know what it could, or tells of the rest what is not so"
        if "othing was changed" in text and self.effects:
            yield "The card denies an effect"
        if text.startswith(self.errand.unknown) and any(entry.heard == "accepted" for entry in self.audit):
            yield "The card does not know what Okta has said"

    def _is_true_half(self, text: str) -> bool:
        labels, count = tuple(write.label for write in self.errand.writes), len(self.effects)
        done, _, left = (_BULLET.findall(part) for part in text.partition("*not* done"))
        return self.kinds == self.steps[:count] and _are(done, labels[:count]) and _are(left, labels[count:])

    def _is_true_doubt(self, text: str) -> bool:
        """Whether there was reason for doubt: a step was looked into of which nothing was heard, then or later."""
        labels, count = tuple(write.label for write in self.errand.writes), len(self.effects)
        done, _, doubted = (_BULLET.findall(part) for part in text.partition("Of this I don't know"))
        looks = [entry.heard for entry in self.audit if entry.event is Event.CHECKING and entry.step == count]
        lists = _are(done, labels[:count]) and _are(doubted, labels[count : count + 1])
        return "nothing" in looks and "accepted" not in looks and lists

    def _of_effects(self) -> Iterator[str]:
        if len(self.kinds) > len(set(self.kinds)):
            yield "An effect more than once"
        if not set(self.kinds) <= set(self.steps):
            yield "An effect that nobody has consented to"
        begun = [(entry.step, entry.at) for entry in self.audit if entry.event is Event.ACTING]
        for step, (kind, write) in enumerate(zip(self.steps, self.errand.writes, strict=True)):
            there = [effect.at for effect in self.effects if effect.kind == kind and not write.repeats]
            if any(one == step and at > effect for one, at in begun for effect in there):
                yield f"Step {step} was begun after its effect was there"
        if self.record is None or self.record.inbox or self.record.shown != self.record.request.version:
            yield "Something is left to do"

    def _of_links(self) -> Iterator[str]:
        if any(LINK.search(f"{card.text} {card.blocks}") for card in self.cards):
            yield "A link is in a message that stays"
        if any(WAITING in text for text in self.screen):
            yield "A window waits for a link that does not come"
        if self.works is not None and not self.errand.link:
            yield "A link is shown that was to be sent"
        for text in (card.text for card in self.cards if self.errand.link):
            if text.startswith(self.errand.done) and not self.works:
                yield "The card says that the link was shown, and it is not there, or leads nowhere"

    def __str__(self) -> str:
        titles = [card.text.partition("\n")[0] for card in self.cards]
        state = self.record.request.state if self.record else "no record"
        shown = {None: "no link", False: "a void link", True: "a link"}[self.works]
        return (
            f"N={self.fate.at} ({self.fate.number.name}) at {self.where or 'no point'}: {self.employee.handle} is"
            f" {self.status} after the effects {self.kinds}; request {state}; cards {titles}; {shown} on the screen; audit:"
            f" {', '.join(map(_line, self.audit))}"
        )


def _are(bullets: list[str], labels: tuple[str, ...]) -> bool:
    """Whether a list is these, in order; each line begins with what the step is called, and may name a device."""
    return len(bullets) == len(labels) and all(map(str.startswith, bullets, labels))


def _line(entry: Entry) -> str:
    return f"{entry.at:%S.%f} {entry.event}{f' ({entry.heard})' if entry.heard else ''}"
