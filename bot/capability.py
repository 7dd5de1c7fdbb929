"""What a capability is, and the ports that it and the pipeline may use.

A capability is a value, made in one file of `handlers`: which words ask for it, when it fits (a pure function of facts
read from Okta), and which steps it takes. Everything that must not be forgotten (read-only mode, identity, consent,
the fence around a write, crash recovery, audit, words) belongs to the pipeline and cannot be left out by a capability.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.model import Actor, Card, Member, Place, Rules, Say
from okta.client import OktaClient
from okta.models import Block, User


class Need(StrEnum):
    """Reads beyond the account itself that a capability's facts require."""

    BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of the subject just now. `blocks` is None when it was not asked for or Okta does not offer it."""

    user: User
    blocks: tuple[Block, ...] | None = None


class Fit(StrEnum):
    """What a capability says to the facts."""

    ACT = "act"  # its steps apply
    GUIDE = "guide"  # the person must do it elsewhere, for a reason that no setting of modes changes
    TELL = "tell"  # there is nothing to do: say how things stand


@dataclass(frozen=True, slots=True)
class Finding:
    """A capability's answer to the facts: whether it fits, and the words for it.

    `instead` is said in place of `say` where nothing may be done, or nothing that is offered may: the instructions.
    """

    fit: Fit
    say: Say
    instead: Say | None = None


class Happened(StrEnum):
    """Whether a step's effect is there."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Account:
    """The only door of a step to Okta: a client bound to the subject's id, so that no other account can be written.

    Args:
        okta: the client whose credential and transport are used.
        okta_id: the subject's Okta id.
    """

    __slots__ = ("_okta", "_okta_id")

    def __init__(self, okta: OktaClient, okta_id: str) -> None:
        self._okta = okta
        self._okta_id = okta_id

    async def user(self) -> User:
        """The account, read by id: the one read that shows the present state and not a search replica's."""
        return await self._okta.user(self._okta_id)

    async def blocks(self) -> tuple[Block, ...]:
        """What blocks the account from signing in although it is ACTIVE."""
        return await self._okta.blocks(self._okta_id)

    async def unlock(self) -> None:
        """Unlock the account; its password stays as it is."""
        await self._okta.unlock(self._okta_id)


@dataclass(frozen=True, slots=True)
class Step:
    """One Okta write and the way to find out whether it happened.

    Attributes:
        name: stored and audited.
        run: does the write, once.
        before: the values that `happened` will compare with, taken from facts read just before the write.
        happened: pure; judges facts read after the write by the values taken before it.
    """

    name: str
    run: Callable[[Account], Awaitable[None]]
    before: Callable[[Facts], Mapping[str, str]]
    happened: Callable[[Facts, Mapping[str, str]], Happened]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Something an employee can ask for.

    Attributes:
        name: stored, audited and used in settings, e.g. `unlock_account`; also the name of its file of words.
        subcommand: what follows `/unlatch`.
        asks: regular expressions, case ignored, any of which in a message asks for it.
        needs: reads beyond the account itself.
        scopes: the OAuth 2.0 scopes it needs to act; those it needs to guide are in `guide_scopes`.
        roles: the least Okta admin roles that let it act.
        applies: pure; what the capability says to the facts under the rules.
        plan: pure; the steps for a form, in order; empty for one that only tells. It sees no facts, so that a worker
            that takes over after a crash finds the same plan that was consented to.
        conclude: pure; what to say of the facts read after the last step, and the values taken before it.
    """

    name: str
    subcommand: str
    asks: tuple[str, ...]
    needs: frozenset[Need] = frozenset()
    guide_scopes: frozenset[str] = frozenset({"okta.users.read"})
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    applies: Callable[[Facts, Rules], Finding]
    plan: Callable[[Mapping[str, str]], tuple[Step, ...]]
    conclude: Callable[[Facts, Mapping[str, str]], Say]


Registry = Mapping[str, Capability]
"""The capabilities by name, in the order in which they are shown."""


def no_steps(_form: Mapping[str, str]) -> tuple[Step, ...]:
    """The plan of a capability that only tells."""
    return ()


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
    """Slack refuses to show the person anything in a direct message; `code` is Slack's own word for why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"Slack does not deliver to this person: {code}")


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
class View:
    """What a card shows: `title` and `body` (mrkdwn, escaped already), a closing small print and buttons."""

    title: str
    body: str
    small: str = ""
    buttons: tuple[Button, ...] = ()


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

    async def whisper(self, place: Place, to: Actor, text: str) -> bool:
        """Say something that only `to` sees, where they are; best effort. Answers whether Slack took it."""
        ...
