"""What an org is set to, and what it remembers of the requests it got: for tests, and for the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Settings:
    """What differs from org to org.

    Attributes:
        user_blocks: whether the org has the feature behind /blocks; without it Okta answers 401 E0000015.
        directory_unlock: whether `unlock` lifts Okta's lock of AD and LDAP users; the directory's own lock stays.
        read_only: Okta's maintenance mode.
        pipeline: `idx` (Identity Engine) or `v1` (Classic).
        max_attempts: failed sign-ins until a user is locked out.
        auto_unlock_minutes: 0 means that nobody is unlocked by time.
        activation_lag: how long an asynchronous change of status takes.
        concurrency: how many requests may run at once.
    """

    user_blocks: bool = True
    directory_unlock: bool = False
    read_only: bool = False
    pipeline: str = "idx"
    max_attempts: int = 5
    auto_unlock_minutes: int = 0
    activation_lag: timedelta = timedelta(seconds=1)
    concurrency: int = 75


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached the org.

    Attributes:
        query: as sent, still percent-encoded.
        principal: the id of the token or app, never the token; empty for a caller that Okta does not know.
        status: None while it runs, and for good where the connection was cut.
    """

    method: str
    path: str
    query: str
    principal: str
    status: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that a request really made: the last word of the operation's path, to whom, and when."""

    kind: str
    user_id: str
    at: datetime
