"""When a request may go out: as Okta's rate limits have it, people before background work, and not too many at once.

Okta counts together what shares a bucket (https://developer.okta.com/docs/reference/rl-global-mgmt/). Which operations do
is in a table here; how many are left is what the headers say, and nothing else. What is left is kept in a `Ledger`, which
all processes of one credential share.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from okta.budget import Budget, Reading

WIDTH: Final = 20
"""Requests of one process that may be on their way at once. Okta takes 75 of a whole org."""

SPARE: Final = 4
"""How many of these places background work leaves to people."""

WIDER_AFTER: Final = 20
"""Answers after which another place is opened again, when Okta had too many at once."""

_BUCKETS: Final = (
    ({"GET"}, "/api/v1/users/{}", "user"),
    ({"POST", "PUT", "DELETE"}, "/api/v1/users/{}", "change of a user"),
    ({"GET"}, "/api/v1/groups/{}", "group"),
    ({"GET"}, "/api/v1/apps/{}", "app"),
)
"""Paths that are counted by themselves; all others with what stands after `/api/v1/` in them."""


def bucket_of(method: str, path: str) -> str:
    """What a request counts towards.

    Args:
        method: of HTTP.
        path: as in Okta's description, with `{}` in the place of each name, or a whole address.
    """
    for methods, alone, bucket in _BUCKETS:
        if path == alone and method in methods:
            return bucket
    _, _, below = path.partition("/v1/")
    return below.partition("/")[0].partition("?")[0] or path


class Ledger(Protocol):
    """Keeps what is left of each bucket."""

    async def take(self, bucket: str, *, background: bool) -> float:
        """Ask for a request: the seconds until asking again makes sense, or 0 if it may go out now, and is counted."""
        ...

    def learn(self, bucket: str, reading: Reading | None) -> None:
        """Note the end of a request that was given out, and what the answer said, if one came that says something."""
        ...


class Memory:
    """A ledger of one process.

    Args:
        now: seconds on any clock that does not jump.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._budgets: dict[str, Budget] = {}

    async def take(self, bucket: str, *, background: bool) -> float:
        """As `Ledger.take`."""
        budget = self._budgets.get(bucket, Budget())
        self._budgets[bucket], wait = budget.take(self._now(), background=background)
        return wait

    def learn(self, bucket: str, reading: Reading | None) -> None:
        """As `Ledger.learn`."""
        self._budgets[bucket] = self._budgets.get(bucket, Budget()).learn(self._now(), reading)


class Gate:
    """Places for requests on their way; people come before background work, which never takes the last ones."""

    def __init__(self, width: int = WIDTH, spare: int = SPARE) -> None:
        self._most = self._width = width
        self._spare = spare
        self._busy = 0
        self._answers = 0
        self._waiting: dict[bool, deque[asyncio.Future[None]]] = {False: deque(), True: deque()}

    def enters(self, *, background: bool) -> bool:
        """Take a place if there is one now; `leave` gives it back."""
        free = not self._waiting[background] and self._has_place(background=background)
        self._busy += free
        return free

    async def enter(self, *, background: bool) -> None:
        """Take a place as soon as there is one."""
        if self.enters(background=background):
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting[background].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave()  # it was given the place at the same moment
            elif turn in self._waiting[background]:
                self._waiting[background].remove(turn)
            raise

    def leave(self) -> None:
        """Give a place back."""
        self._busy -= 1
        for background, waiting in self._waiting.items():
            while waiting and self._has_place(background=background):
                turn = waiting.popleft()
                if not turn.done():  # whoever has just given up waiting has not taken it off yet
                    self._busy += 1
                    turn.set_result(None)

    def narrow(self) -> None:
        """Let fewer out at once: Okta had too many of the whole org at the same time."""
        self._width, self._answers = max(1, self._width // 2), 0

    def answered(self) -> None:
        """Note that Okta did not have too many."""
        self._answers += 1
        if self._answers >= WIDER_AFTER and self._width < self._most:
            self._width, self._answers = self._width + 1, 0

    def _has_place(self, *, background: bool) -> bool:
        spare = min(self._spare, self._width - 1) if background else 0
        return self._busy < self._width - spare
