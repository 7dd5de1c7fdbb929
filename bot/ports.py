"""What the pipeline needs from outside, as ports: the time, a hold on a queue entry, Slack's members, and what can be shown.

They are implemented further up and handed down by the composition root.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.model import Actor, Card, Member, Place


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class Lease(Protocol):
    """The hold on a queue entry under which a worker may write."""

    @property
    def bell(self) -> str:
        """The id of the queue entry."""
        ...

    @property
    def redelivered(self) -> bool:
        """Whether another holder of this entry went away before."""
        ...

    def held(self) -> bool:
        """Whether the hold is still certain; asked once more right before a write."""
        ...


class MemberLookupError(Exception):
    """Slack could not be asked who a sender is now. Nothing is known of the person, so nothing is done for them."""


class UndeliverableError(Exception):
    """Slack, or a mail server, refuses to bring the person a message; `code` is its own word for why.

    It may come to its senses when somebody mends something, unless it is `for_good`.
    """

    def __init__(self, code: str, *, for_good: bool = False) -> None:
        self.code = code
        self.for_good = for_good
        super().__init__(f"there is no way to this person: {code}")


class NotShownError(Exception):
    """A message could not be posted or updated now; it is tried again, no sooner than `wait` from now."""

    def __init__(self, reason: str, wait: timedelta = timedelta(0)) -> None:
        self.wait = wait
        super().__init__(reason)


class Members(Protocol):
    """Who the people of the workspace are."""

    async def member(self, user_id: str) -> Member:
        """Read the member now.

        Raises:
            MemberLookupError: Slack did not answer, or answered with an error.
        """
        ...


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a card. `value` is opaque to Slack and comes back with the press; it carries no authority."""

    action: str
    label: str
    value: str = ""
    style: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a window in which something is typed. `carries` is opaque to Slack and comes back, without authority."""

    label: str
    hint: str
    submit: str
    carries: str


@dataclass(frozen=True, slots=True)
class View:
    """What a card or a window shows: `title` and `body` (mrkdwn, escaped already), buttons, and a closing small print.

    `ticks` are boxes to tick, each a value and a label. Only a window can have a `field`.
    """

    title: str
    body: str
    small: str = ""
    buttons: tuple[Button, ...] = ()
    ticks: tuple[tuple[str, str], ...] = ()
    field: Field | None = None


class Messenger(Protocol):
    """What the pipeline can show to a person."""

    async def post(self, request_id: str, to: Actor, view: View, *, place: Place, search: bool) -> Card:
        """Post a card into the person's DM, which `place` may be already.

        With `search`, a card posted earlier and lost from sight is taken instead.

        Raises:
            UndeliverableError: Slack will not show this person anything in a DM.
            NotShownError: it did not work now.
        """
        ...

    async def update(self, card: Card, view: View) -> None:
        """Replace what a card shows.

        Raises:
            UndeliverableError: the card is gone or can no longer be changed.
            NotShownError: it did not work now.
        """
        ...

    async def open_window(self, trigger: str, window: str, view: View) -> bool:
        """Open a window, to be known by the name `window`, for whoever pressed; best effort, as `fill` is.

        `trigger` came with the press and is good for one call within three seconds.
        """
        ...

    async def fill(self, window: str, view: View) -> bool:
        """Replace what a window shows, if it is still open; best effort. Answers whether Slack took it."""
        ...

    async def tell(self, channel: str, view: View) -> None:
        """Post something into a channel that the bot is in.

        Raises:
            UndeliverableError: Slack will not have it there.
            NotShownError: it did not work now.
        """
        ...

    async def whisper(self, place: Place, to: Actor, text: str) -> bool:
        """Say something that only `to` sees, where they are; best effort. Answers whether Slack took it."""
        ...
