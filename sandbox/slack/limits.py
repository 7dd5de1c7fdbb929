"""Slack's rate limits: so many calls of a method in any minute, and about one message a second to one channel.

https://docs.slack.dev/apis/web-api/rate-limits. Limits hold per method, and what Slack calls a burst of posts is a handful here.
"""

from __future__ import annotations

import math
from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sandbox.clock import Clock

_MINUTE = 60.0
_BURST = 5
_POSTS_A_MINUTE = 300  # Slack: "several hundred" over a whole workspace


class Tier(IntEnum):
    """Calls a minute."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    SPECIAL = 600


class RateLimits:
    """Counts calls by the twin's clock; `take` says how long to wait, or None when the call may go ahead."""

    def __init__(self, clock: Clock, *, enforced: bool) -> None:
        self._clock = clock
        self._enforced = enforced
        self._calls: dict[Hashable, deque[float]] = {}
        self._posts: dict[str, tuple[float, float]] = {}
        self._own: dict[str, int] = {}

    def set(self, method: str, calls_a_minute: int) -> None:
        """Give one method another limit, such as the one call a minute of `conversations.history` for some new apps."""
        self._own[method] = calls_a_minute

    def take(self, method: str, tier: Tier) -> int | None:
        """Count one call of a method; seconds to wait if that is too many."""
        return self._window(method, self._own.get(method, tier))

    def take_post(self, channel_id: str) -> int | None:
        """Count one message to a channel; seconds to wait if they come too fast."""
        if not self._enforced:
            return None
        now = self._clock.now().timestamp()
        room, since = self._posts.get(channel_id, (float(_BURST), now))
        room = min(float(_BURST), room + now - since)
        if room < 1:
            return math.ceil(1 - room)
        self._posts[channel_id] = (room - 1, now)
        return self._window("posts", _POSTS_A_MINUTE)

    def _window(self, key: Hashable, most: int) -> int | None:
        if not self._enforced:
            return None
        now = self._clock.now().timestamp()
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - _MINUTE:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + _MINUTE - now))
        calls.append(now)
        return None
