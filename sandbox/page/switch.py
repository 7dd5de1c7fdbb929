"""The switch between a bot that acts and one that only guides. The page knows no bot: whoever made it hands down how it is started anew."""

from __future__ import annotations

import asyncio
import logging
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)


class Standing(StrEnum):
    """How the bot is."""

    RUNNING = "running"
    RESTARTING = "restarting"
    STOPPED = "stopped"


class Restart(Protocol):
    """Ends the bot, if it runs, and starts it with the setting; returns once it is at work."""

    async def __call__(self, *, read_only: bool) -> None:
        """Do it. Whatever it raises means that no bot runs now."""


class Switch:
    """What the bot is set to, as it really is: the setting changes when the bot that has it is at work.

    Attributes:
        changes: rings when the bot goes, and when it is back.
    """

    def __init__(self, restart: Restart, *, read_only: bool) -> None:
        self.changes = Changes()
        self._restart = restart
        self._read_only = read_only
        self._standing = Standing.RUNNING
        self._one_at_a_time = asyncio.Lock()

    @property
    def standing(self) -> Standing:
        """How the bot is at this moment."""
        return self._standing

    def snapshot(self) -> Mapping[str, Any]:
        """What the page shows of it."""
        return {"readOnly": self._read_only, "standing": self._standing}

    async def turn(self, *, read_only: bool) -> Standing:
        """Start the bot anew with the setting, unless it runs with it; how it then is."""
        async with self._one_at_a_time:
            if (self._read_only, self._standing) == (read_only, Standing.RUNNING):
                return self._standing
            self._be(Standing.RESTARTING)
            try:
                await self._restart(read_only=read_only)
            except Exception:
                log.exception("the bot could not be started anew")
                self._be(Standing.STOPPED)
            else:
                self._read_only = read_only
                self._be(Standing.RUNNING)
            return self._standing

    def _be(self, standing: Standing) -> None:
        self._standing = standing
        self.changes.touch()
