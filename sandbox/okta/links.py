"""One-time links: what a token opens, until when, and that it does so once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sandbox.okta.errors import OktaError
from sandbox.people import Status

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sandbox.okta.users import User


class Purpose(StrEnum):
    """What a link is for."""

    RESET = "reset"  # an administrator has reset the password
    FORGOT = "forgot"  # the person has forgotten it, and it still works
    ACTIVATE = "activate"  # the account is new, or its activation is sent again


_PREFIXES: Final = {Purpose.RESET: "drp", Purpose.FORGOT: "dfp", Purpose.ACTIVATE: ""}
"""As recorded in the tests of Okta's Python SDK 3.4.6."""

_REFUSALS: Final = {Purpose.RESET: "E0000105", Purpose.FORGOT: "E0000105", Purpose.ACTIVATE: "E0000110"}

_GOOD_IN: Final = {
    Purpose.RESET: {Status.RECOVERY},
    Purpose.FORGOT: {Status.ACTIVE},
    Purpose.ACTIVATE: {Status.PROVISIONED, Status.RECOVERY},
}
"""The statuses in which a link leads anywhere; Okta does not publish this."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a token stands for. `void` is a link that was used, or made void by a newer one."""

    purpose: Purpose
    user_id: str
    expires: datetime
    void: bool = False


class Links:
    """The links of an org by token. Nothing here shows a token."""

    def __init__(self) -> None:
        self._by_token: dict[str, Link] = {}

    def make(self, purpose: Purpose, user: User, at: datetime, life: timedelta) -> str:
        """A new token; the older ones of the same person are void from now on."""
        self.void(user)
        token = f"{_PREFIXES[purpose]}{secrets.token_urlsafe(15)}"
        self._by_token[token] = Link(purpose, user.id, at + life)
        return token

    def void(self, user: User) -> None:
        """None of the person's links is good any more."""
        for token, link in self._by_token.items():
            if link.user_id == user.id:
                self._by_token[token] = replace(link, void=True)

    def find(self, token: str, purposes: frozenset[Purpose], now: datetime) -> Link:
        """What a link leads to; looking does not use it up.

        Raises:
            OktaError: E0000105 (recovery) or E0000110 (activation), unknown, late, or used.
        """
        link = self._by_token.get(token)
        if link is None or link.purpose not in purposes or link.void or link.expires <= now:
            raise refused(min(purposes))
        return link


def check_status(link: Link, user: User) -> None:
    """Whether the person still stands where the link was made for.

    Raises:
        OktaError: E0000119 for somebody who is locked out; else as for a link that is used up.
    """
    if user.status == Status.LOCKED_OUT and link.purpose is Purpose.FORGOT:
        raise OktaError("E0000119")
    if user.status not in _GOOD_IN[link.purpose]:
        raise refused(link.purpose)


def refused(purpose: Purpose) -> OktaError:
    """What Okta says of a link that leads nowhere."""
    return OktaError(_REFUSALS[purpose])
