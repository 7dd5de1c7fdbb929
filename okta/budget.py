"""How much of a rate limit is left, as one value that all who share the limit hand on to each other.

Okta counts requests in windows of a minute, one for each of its buckets, and says with every answer how many are left and
when the window ends (https://developer.okta.com/docs/reference/rl-best-practices/). A `Budget` is what is known of one
bucket, and what was given out of it since. It is pure, so that the same rules hold wherever it is kept.
"""

from typing import Annotated, Final, NamedTuple

import msgspec

WINDOW: Final = 60.0
"""Seconds that a window of Okta's lasts."""

ROUNDING: Final = 1.0
"""Seconds by which the end of a window may be later than its header says, which knows whole seconds only."""

TAIL: Final = 3.0
"""Seconds before its end by which background work may have used its part of a window, and from when on it may use more."""

RESERVE: Final = 0.03
"""The part of a window that background work leaves to people until the tail."""

AHEAD: Final = 0.02
"""The part of a window by which background work may be ahead of an even pace."""

SCOUTS: Final = {True: 4, False: 20}
"""How many may be on their way while nothing is known of a window: for background work, and for people."""

SCOUTING: Final = 0.05
"""Seconds until those who wait for what the scouts are told ask again."""

FORGOTTEN: Final = 15.0
"""Seconds after which an answer does not come any more: whoever was to bring it is gone."""

_LONGEST: Final = 2 * WINDOW
"""A window that lasts longer is none of Okta's: what says so is a proxy, or has another clock."""


class Reading(NamedTuple):
    """What the headers of an answer say of its bucket.

    Attributes:
        reset: the epoch second, by Okta's clock, at which the window ends; the window is known by it.
        lasts: seconds until then, by Okta's clock too, so that it does not matter what time it is here.
    """

    limit: int
    remaining: int
    reset: int
    lasts: float


Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
"""What is stored may be anybody's: what could not be a count, or a second, is not taken."""


class Budget(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one bucket. Moments are seconds on one clock, that of whoever keeps it.

    Attributes:
        limit: requests in a window; 0 until an answer has told.
        left: requests that may still go out in this window.
        reset: the window, by Okta's name for it.
        ends: when it is over for certain.
        out: requests that were given out in this window and not answered yet.
        old: such of the window before, which may count in this one.
        last: when one was given out.
    """

    limit: Count = 0
    left: Count = 0
    reset: Count = 0
    ends: float = 0.0
    out: Count = 0
    old: Count = 0
    last: float = 0.0

    def take(self, now: float, *, background: bool) -> tuple["Budget", float]:
        """Ask for a request: the budget afterwards, and the seconds until asking again makes sense; 0 if it may go out."""
        rest = self.ends - now
        if not 0 < rest <= _LONGEST + ROUNDING:
            wait = self._scout(now, background=background)
        elif background:
            wait = self._even(rest)
        else:
            wait = 0.0 if self.left > 0 else rest
        if wait > 0:
            return self, wait
        return _with(self, left=max(self.left - 1, 0), out=self.out + 1, last=now), 0.0

    def learn(self, now: float, reading: Reading | None) -> "Budget":
        """Note that an answer came, and what it says; None if it says nothing, or did not come."""
        old = max(self.old - 1, 0)
        out = self.out if self.old else max(self.out - 1, 0)
        if reading is None or reading.limit <= 0 or reading.lasts > _LONGEST:
            return _with(self, out=out, old=old)
        is_known = 0 < self.ends - now <= _LONGEST + ROUNDING
        if reading.reset < self.reset and is_known:
            return _with(self, out=out, old=old)
        ends = now + min(max(reading.lasts, 0.0), WINDOW) + ROUNDING
        # Those on their way may or may not be counted already.
        left = max(reading.remaining - out - old, 0)
        if reading.reset != self.reset:
            # Whatever was not answered throughout a whole window never will be.
            return Budget(reading.limit, max(reading.remaining - out, 0), reading.reset, ends, 0, out, self.last)
        # A bucket is never fuller than it was; an answer may have been overtaken by others.
        return _with(self, limit=reading.limit, left=min(self.left, left), ends=min(self.ends, ends), out=out, old=old)

    def _scout(self, now: float, *, background: bool) -> float:
        """Nothing is known of the present window: some go ahead, and the others wait for what those are told."""
        on_their_way = self.out + self.old if 0 <= now - self.last < FORGOTTEN else 0
        most = min(SCOUTS[background], max(self.limit // 8, 1)) if self.limit else SCOUTS[background]
        return SCOUTING if on_their_way >= most else 0.0

    def _even(self, rest: float) -> float:
        """Background work spreads its part over the window, and leaves the rest to people."""
        kept = max(self.limit * RESERVE, 1)
        shared, ahead = max(self.limit - kept, 1), self.limit * AHEAD
        if rest <= TAIL:
            floor, wait = kept * rest / TAIL, SCOUTING
        else:
            floor = kept + max(shared * (rest - TAIL) / (WINDOW - TAIL) - ahead, 0)
            due = TAIL + max(self.left - kept + ahead, 0) / shared * (WINDOW - TAIL)
            wait = min(max(rest - due, 0), rest - TAIL) + SCOUTING / 10
        return 0.0 if self.left > floor else wait


def _with(budget: Budget, **changes: float) -> Budget:
    return msgspec.structs.replace(budget, **changes)
