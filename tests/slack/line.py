"""A Socket Mode line to a workspace, with an app on it that notes what it hears and can be made to take its time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.socket import SocketMode
from sandbox.clock import Clock
from sandbox.slack import Workspace, serve_slack
from tests.bot.patience import eventually

BOT_TOKEN, APP_TOKEN = "xoxb-line", "xapp-line"
PATIENCE = 10.0


@dataclass(slots=True)
class Line:
    """The line, from both of its ends.

    Attributes:
        heard: the texts of the messages that the app has heard, in order.
        open: while it is not set, the app hears and does not answer.
        watchdog: what keeps the line up, while it is up.
    """

    workspace: Workspace
    web: AsyncWebClient
    heard: list[str] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    watchdog: asyncio.Task[None] | None = None

    def mode(self, **how: Any) -> SocketMode:
        """A line that is not up yet."""
        silent = logging.getLogger("tests.slack.bolt")
        silent.setLevel(logging.CRITICAL)
        app = AsyncApp(logger=silent, authorize=_authorize, signing_secret="", process_before_response=True)

        async def hear(event: dict[str, Any]) -> None:
            self.heard.append(event["text"])
            await self.open.wait()

        app.event("message")(hear)
        return SocketMode(app, APP_TOKEN, self.web, **how)

    @asynccontextmanager
    async def up(self, **how: Any) -> AsyncIterator[None]:
        """Put the line up."""
        async with self.mode(**how).connected() as self.watchdog:
            await self.until(lambda: len(self.usable) == 1)
            yield

    @property
    def usable(self) -> list[Any]:
        """The connections that Slack uses and that bring something."""
        connections = self.workspace.sockets.connections
        return [one for one in connections if not (one.is_retired or one.is_wedged)]

    @property
    def asked(self) -> int:
        """How often an address was asked for."""
        return sum(call.method == "apps.connections.open" for call in self.workspace.calls)

    async def until(self, true: Any, limit: float = PATIENCE) -> None:
        """Wait until something is so."""

        async def holds() -> object:
            return true()

        await eventually(holds, "what the test waits for", limit)

    async def replaced(self, times: int = 1) -> None:
        """Wait until a new connection stands alone, that many addresses later."""
        await self.until(lambda: self.asked == 1 + times)
        await self.alone()

    async def alone(self) -> None:
        """Wait until one connection stands, which is good, and no other."""
        await self.until(lambda: len(self.usable) == len(self.workspace.sockets.connections) == 1)

    async def redelivered(self, *writing: asyncio.Task[str]) -> None:
        """Let Slack's time pass until it has tried often enough to be heard."""
        for minutes in (0, 0.1, 1, 5):
            self.workspace.clock.advance(timedelta(minutes=minutes))
            await asyncio.wait(writing, timeout=0.2)
            if all(task.done() for task in writing):
                break
        await asyncio.gather(*writing)

    async def carries(self, text: str) -> None:
        """Write something, which must be heard, and acknowledged at the first try."""
        await self.workspace.person("UMAYA").dm(text)
        assert self.heard[-1] == text
        assert self.workspace.deliveries[-1].acked
        assert self.workspace.deliveries[-1].attempt == 0


@asynccontextmanager
async def laid() -> AsyncIterator[Line]:
    """A workspace, and a line to it that is not up yet. Nothing may be left of it in the end."""
    workspace = Workspace(Clock(), bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret="x", rate_limits=False)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serve_slack(workspace))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        silent = logging.getLogger("tests.slack.sdk")
        silent.setLevel(logging.CRITICAL)
        web = AsyncWebClient(BOT_TOKEN, base_url=f"{url}/api/", session=session, retry_handlers=[], logger=silent)
        line = Line(workspace, web)
        line.open.set()
        yield line


async def _authorize() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id="T0NORTHWIND", bot_id="B1", bot_user_id="U0UNLATCH")
