"""What a visitor can do to the world around the chat: sign people in at Okta, let time pass, order trouble."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct

from sandbox.page.mischief import MISCHIEF
from sandbox.people import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.okta import Org
    from sandbox.slack import Workspace


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that happens around the chat."""

    def to(self, org: Org, workspace: Workspace) -> str:
        """Let it happen; a sentence that says what came of it.

        Raises:
            LookupError: it is about somebody or something that does not exist.
        """
        raise NotImplementedError


class SignIn(Change, frozen=True):
    """Somebody tries the right password on their usual device."""

    login: str

    def to(self, org: Org, workspace: Workspace) -> str:  # noqa: ARG002 - the shape of every change
        """Try it."""
        name = org.user(self.login).name
        return f"{name} is signed in to Okta." if org.sign_in(self.login) else f"Okta turns {name} away."


class Mistype(Change, frozen=True):
    """Somebody types wrong passwords until the account is locked, or until that many would have locked it."""

    login: str

    def to(self, org: Org, workspace: Workspace) -> str:  # noqa: ARG002 - the shape of every change
        """Mistype at least once."""
        tries = 0
        while tries < org.settings.max_attempts:
            tries += 1
            user = org.sign_in_fails(self.login)
            if user.status == Status.LOCKED_OUT:
                break
        wrong = "a wrong password" if tries == 1 else f"{tries} wrong passwords"
        return f"{user.name} typed {wrong}: {user.status}."


class Pass(Change, frozen=True):
    """Time passes."""

    minutes: Annotated[int, Meta(ge=1, le=24 * 60)]

    def to(self, org: Org, workspace: Workspace) -> str:
        """Move the clock of both halves of the twin, and let the page look again."""
        for clock in {org.clock, workspace.clock}:
            clock.advance(timedelta(minutes=self.minutes))
        org.changes.touch()
        return "One minute has passed." if self.minutes == 1 else f"{self.minutes} minutes have passed."


class Break(Change, frozen=True):
    """Something goes wrong with the requests to come."""

    what: str

    def to(self, org: Org, workspace: Workspace) -> str:
        """Order it."""
        mischief = MISCHIEF[self.what]
        mischief.order(org, workspace)
        return mischief.told


CHANGES: Final[Mapping[str, type[Change]]] = {"sign-in": SignIn, "mistype": Mistype, "time": Pass, "mischief": Break}
"""By the last word of the path."""
