"""What follows from an error of Okta or Slack: wait and try again, or say plainly why it cannot be done.

Pure: an error and a count of tries in, a `Course` out. Whether a *write* may have happened is the error's own
knowledge (`OktaError.executed`); this module is only about what to do next when surely nothing was changed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.capability import Capability
from bot.model import Request, State
from bot.saying import Say
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


def short_of(capability: Capability, request: Request, state: State, say: Say) -> tuple[State, Say]:
    """How a plan ends that stops here: as `state` with `say` if nothing is done yet, else half done, and told as such.

    The sentence that says why is named after the words that would have said it all. Of a step that may be done already,
    neither can be said.
    """
    if request.unsure:
        return State.UNKNOWN, unknown(capability, request)
    if not request.step:
        return state, say
    file, _, name = say.words.partition(".")
    because = "because.unmatched" if file == "unmatched" else f"because.{name}"
    return State.PARTLY, Say(f"{capability.name}.partly", lists=capability.tally(request), notes=(because,))


def unknown(capability: Capability, request: Request) -> Say:
    """The words for a step whose outcome could not be found out, and for what is sure beside it."""
    part = "unknown_partly" if request.step else "unknown"
    return Say(f"{capability.name}.{part}", lists=capability.tally(request))


def followed_no_more(request: Request) -> Say:
    """The words for a request whose end nobody looks for any more, though the card has promised to."""
    return Say("common.followed_no_more", offers=(request.intent.capability,) if request.intent.capability else ())


def waiting(request: Request, say: Say) -> Say:
    """The words for a wait: part of the plan may be done already."""
    return Say("trouble.waiting_midway") if request.step and say.words == "trouble.waiting" else say


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
        case RateLimitedError():
            return "okta_limit"
        case _ if isinstance(error, _PASSING):
            return "okta_silent"
        case _:
            return "okta_refused"
