"""What a request has to tell: the name of the words and what they hold. The words themselves are `templates`'. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.evidence import Method


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a sentence: the name of its words, the values they hold, and the moment that they tell."""

    words: str
    values: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things to choose from; `value` comes back with the press, and is looked for in fresh facts."""

    value: str
    label: Phrase


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person can choose from: one of them, or several."""

    options: tuple[Choice, ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A factor with which somebody can prove who they are, and what they call it."""

    method: Method
    factor_id: str
    label: Phrase


@dataclass(frozen=True, slots=True)
class Say:
    """What to tell the person.

    Attributes:
        words: the name of the words.
        values: what stands in their places.
        lists: the same for places that take several phrases, one to a line.
        offers: what is offered next: names of capabilities, or `name:door` for another way of asking.
        choices: what there is to choose before anything can be offered.
        notes: the names of sentences that belong to some of these messages only; they stand in the place `{notes}`.
        window: whether a Confirm opens a window, in which something is shown that may not stay in a message.
        ways: with what the person can prove who they are, the best first.
        until: a moment that the words tell.
    """

    words: str
    values: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    offers: tuple[str, ...] = ()
    choices: Choices | None = None
    notes: tuple[str, ...] = ()
    window: bool = False
    ways: tuple[Way, ...] = ()
    until: datetime | None = None
