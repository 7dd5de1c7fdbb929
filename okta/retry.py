"""Which failed calls may be repeated, and after what pause.

A read may be, where another attempt can fare better. A write only where Okta itself has put it off (429): then it was surely
not done. Whoever heard nothing of a write has to look what happened first, which is not for a client to do.
"""

from collections.abc import Callable
from typing import Final

from okta.errors import Limited, LostAnswerError, OktaError, RateLimitedError, UnreachableError

ATTEMPTS: Final = 3
"""Of one call, the first included."""

SHORTEST: Final = 0.25
LONGEST: Final = 4.0


def pause(error: OktaError, attempt: int, *, writes: bool, random: Callable[[], float]) -> float | None:
    """Seconds until the next attempt; None if there is to be none.

    Args:
        error: how this attempt failed.
        attempt: its number, from 1.
        writes: whether the call does.
        random: from 0 to 1, so that not all who failed together come back together.
    """
    match error:
        case RateLimitedError(limited=Limited.BUCKET) if error.retry_after is not None:
            return error.retry_after.total_seconds()
        case RateLimitedError(limited=limited):
            again = limited is not Limited.PERSON
        case UnreachableError() | LostAnswerError():
            again = not writes
        case _:
            again = False
    return random() * min(LONGEST, SHORTEST * 2**attempt) if again else None
