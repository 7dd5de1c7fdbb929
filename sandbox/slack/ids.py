"""Slack's identifiers: unique, in Slack's form, and ordered where Slack's are (message timestamps)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.clock import Clock


class Ids:
    """Hands out ids; timestamps follow the clock and never repeat."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def ts(self) -> str:
        """A message timestamp, later than every one before it."""
        now = int(self._clock.now().timestamp() * 1_000_000)
        self._last = max(now, self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def epoch(self) -> int:
        """Now, in whole seconds."""
        return int(self._clock.now().timestamp())

    def hash(self) -> str:
        """The version of a view."""
        return f"{self.epoch()}.{secrets.token_hex(4)}"


def serial(prefix: str) -> str:
    """An opaque id such as an event's `Ev…` or a view's `V…`."""
    return prefix + secrets.token_hex(5).upper()
