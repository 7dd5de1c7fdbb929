"""The outside world for measurements: the twin without rate limits, each of its answers timed where it is made."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.people import STAR
from sandbox.serve import serve
from sandbox.slack import Message, Person, Workspace, slack_app
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Twin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.serve import ASGIApp, Receive, Scope, Send

LOGIN = STAR
PLENTY = 1_000_000


@dataclass(slots=True)
class Timed:
    """An ASGI app that notes when each HTTP request came and when its answer had gone, in `perf_counter` seconds."""

    app: ASGIApp
    spans: list[tuple[str, float, float]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        begun = time.perf_counter()
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            self.spans.append((scope["path"], begun, time.perf_counter()))


@dataclass(frozen=True, slots=True)
class Outside:
    """A running twin with its stop-watches."""

    twin: Twin
    okta: Timed
    slack: Timed

    @property
    def maya(self) -> Person:
        """Who asks."""
        return self.twin.person("UMAYA")

    def newest(self) -> Message | None:
        """Her newest card."""
        cards = [message for message in self.maya.sees() if message.bot_id and not message.is_ephemeral]
        return cards[-1] if cards else None

    async def card(self, title: str) -> Message:
        """Wait until her newest card begins with `title`."""
        async for _ in self.twin.workspace.changes.watch():
            newest = self.newest()
            if newest is not None and newest.text.startswith(title):
                return newest
        raise RuntimeError("nothing is watched any more")

    def waits(self, since: float, until: float) -> float:
        """Seconds between two moments in which an answer of Okta or Slack was being made."""
        spans = sorted(
            (a, b) for timed in (self.okta, self.slack) for _, a, b in timed.spans if b > since and a < until
        )
        total, at = 0.0, since
        for begun, ended in spans:
            total += max(0.0, min(ended, until) - max(begun, at))
            at = max(at, ended)
        return total


@asynccontextmanager
async def outside() -> AsyncIterator[Outside]:
    """Run it."""
    clock = Clock()
    org = Org(clock)
    org.add_token(API_TOKEN, roles={"HELP_DESK_ADMIN"})
    org.limits.per_minute = dict.fromkeys(org.limits.per_minute, PLENTY)
    workspace = Workspace(
        clock, bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=SIGNING_SECRET, rate_limits=False
    )
    okta, slack = Timed(okta_app(org)), Timed(slack_app(workspace))
    async with serve(okta) as okta_url, serve(slack) as slack_url:
        workspace.base_url = slack_url
        try:
            yield Outside(Twin(clock, org, workspace, okta_url, slack_url), okta, slack)
        finally:
            await workspace.close()
