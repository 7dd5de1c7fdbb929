"""What a visitor can do to the world around the chat: use somebody's phone and inbox, sign people in, let time pass, order trouble."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from msgspec import Meta, Struct

from sandbox.okta.verification import PushResult
from sandbox.page.mischief import MISCHIEF
from sandbox.page.switch import Standing
from sandbox.people import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.okta import Org
    from sandbox.page.switch import Switch
    from sandbox.slack import Workspace

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]


@dataclass(frozen=True, slots=True)
class Around:
    """All that the page is a window on.

    Attributes:
        switch: starts the bot anew with the other setting; None where nobody can.
        opened: the ids of the e-mails that were opened.
    """

    org: Org
    workspace: Workspace
    switch: Switch | None = None
    opened: set[str] = field(default_factory=set)


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that happens around the chat."""

    async def to(self, around: Around) -> str:
        """Let it happen; a sentence that says what came of it.

        Raises:
            LookupError: it is about somebody or something that does not exist.
            ValueError: it cannot happen as things stand, and why.
        """
        raise NotImplementedError


class SignIn(Change, frozen=True):
    """Somebody tries the right password on their usual device."""

    login: Name

    async def to(self, around: Around) -> str:
        """Try it."""
        name = around.org.user(self.login).name
        return f"{name} is signed in to Okta." if around.org.sign_in(self.login) else f"Okta turns {name} away."


class Mistype(Change, frozen=True):
    """Somebody types wrong passwords until the account is locked, or until that many would have locked it."""

    login: Name

    async def to(self, around: Around) -> str:
        """Mistype at least once."""
        tries = 0
        while tries < around.org.settings.max_attempts:
            tries += 1
            user = around.org.sign_in_fails(self.login)
            if user.status == Status.LOCKED_OUT:
                break
        wrong = "a wrong password" if tries == 1 else f"{tries} wrong passwords"
        return f"{user.name} typed {wrong}: {user.status}."


class Pass(Change, frozen=True):
    """Time passes."""

    minutes: Annotated[int, Meta(ge=1, le=24 * 60)]

    async def to(self, around: Around) -> str:
        """Move the clock of both halves of the twin, and let the page look again."""
        for clock in {around.org.clock, around.workspace.clock}:
            clock.advance(timedelta(minutes=self.minutes))
        around.org.changes.touch()
        return "One minute has passed." if self.minutes == 1 else f"{self.minutes} minutes have passed."


class Break(Change, frozen=True):
    """Something goes wrong with the requests to come, or after all it does not; without a name, nothing of all that was ordered does."""

    what: Name | None = None
    back: bool = False

    async def to(self, around: Around) -> str:
        """Order it, or take it back."""
        meant = list(MISCHIEF.values()) if self.what is None else [MISCHIEF[self.what]]
        for mischief in meant:
            act = mischief.trouble.take_back if self.back else mischief.trouble.order
            act(around.org, around.workspace)
        around.org.changes.touch()
        if not self.back:
            return " ".join(mischief.told for mischief in meant)
        return "Nothing is on order any more." if self.what is None else f"“{meant[0].label}” is taken back."


class Approve(Change, frozen=True):
    """Somebody taps yes on their phone, or the number they were shown elsewhere."""

    push: Name
    number: Annotated[int, Meta(ge=0, le=99)] | None = None

    async def to(self, around: Around) -> str:
        """Tap it."""
        result = around.org.phones.approve(self.push, self.number)
        around.org.changes.touch()
        return "Approved." if result is PushResult.SUCCESS else "That is not the number, so it counts as a no."


class Deny(Change, frozen=True):
    """Somebody taps "No, it's not me"."""

    push: Name

    async def to(self, around: Around) -> str:
        """Tap it."""
        around.org.phones.deny(self.push)
        around.org.changes.touch()
        return "Denied."


class Enrol(Change, frozen=True):
    """Somebody who can sign in sets Okta Verify up on a phone of theirs."""

    login: Name
    device: Annotated[str, Meta(max_length=60)]

    async def to(self, around: Around) -> str:
        """Set it up."""
        user, device = around.org.user(self.login), self.device.strip()
        if not device:
            raise ValueError("The phone needs a name.")
        if user.status != Status.ACTIVE:
            raise ValueError(f"Setting it up takes a sign-in, and {user.name} is {user.status}.")
        around.org.phones.enrol(self.login, device)
        around.org.changes.touch()
        return f"Okta Verify is set up on {device}."


class Open(Change, frozen=True):
    """Somebody opens an e-mail."""

    mail: Name

    async def to(self, around: Around) -> str:
        """It is unread no more."""
        if self.mail not in {mail.id for mail in around.org.mails}:
            raise LookupError(self.mail)
        around.opened.add(self.mail)
        around.org.changes.touch()
        return ""


class Turn(Change, frozen=True):
    """The bot is started anew as one that only guides, or as one that acts."""

    read_only: bool

    async def to(self, around: Around) -> str:
        """Turn the switch, and wait until the bot is back."""
        if around.switch is None:
            raise LookupError("read-only")
        if await around.switch.turn(read_only=self.read_only) is not Standing.RUNNING:
            return "The bot did not start; the terminal says why."
        return "The bot only gives directions now." if self.read_only else "The bot acts now."


CHANGES: Final[Mapping[str, type[Change]]] = {
    "sign-in": SignIn,
    "mistype": Mistype,
    "time": Pass,
    "mischief": Break,
    "approve": Approve,
    "deny": Deny,
    "enrol": Enrol,
    "open-mail": Open,
    "read-only": Turn,
}
"""By the last word of the path."""
