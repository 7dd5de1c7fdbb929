"""What follows from an error of Okta or Slack: wait and try again, or say plainly why it cannot be done.

Pure: an error and a count of tries in, a `Course` out. Whether a *write* may have happened is the error's own
knowledge (`OktaError.executed`); this module is only about what to do next when surely nothing was changed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.model import Say
from okta.errors import (
    InvalidTokenError,
    LostAnswerError,
    NotFoundError,
    NotPermittedError,
    OktaError,
    RateLimitedError,
    ReadOnlyOrgError,
    UnreachableError,
)

WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 10, 20, 40, 60, 60))
"""How long to wait before each new try: about three minutes in all, since the person has a meeting to get to."""

LONGEST: Final = timedelta(minutes=2)
"""No single wait is longer, whatever a rate-limit header says."""

_PASSING: Final = (RateLimitedError, UnreachableError, LostAnswerError, ReadOnlyOrgError)


@dataclass(frozen=True, slots=True)
class Course:
    """What to do: try again at `again`, or give up (None); `say` fits either."""

    say: Say
    again: datetime | None = None


def course(error: OktaError | None, tries: int, now: datetime) -> Course:
    """The course after `error`, None meaning that Slack could not be asked, with `tries` waits behind us."""
    passing = error is None or isinstance(error, _PASSING)
    if passing and tries < len(WAITS):
        return Course(Say("trouble.waiting"), again=now + _wait(error, tries))
    return Course(Say(f"trouble.{_word(error)}"))


def _wait(error: OktaError | None, tries: int) -> timedelta:
    if isinstance(error, RateLimitedError) and error.retry_after is not None:
        return min(max(error.retry_after, WAITS[0]), LONGEST)
    return WAITS[tries]


def _word(error: OktaError | None) -> str:
    match error:
        case None:
            return "slack_silent"
        case InvalidTokenError():
            return "token_refused"
        case NotPermittedError():
            return "not_permitted"
        case NotFoundError():
            return "not_visible"
        case _ if isinstance(error, _PASSING):
            return "okta_silent"
        case _:
            return "okta_refused"
