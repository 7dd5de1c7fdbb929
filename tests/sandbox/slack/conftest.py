"""A served workspace, the real Slack client against it, and real Bolt apps in both modes."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import pytest
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.serve import serve
from sandbox.slack import AppConfig, Workspace, serve_slack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-test-bot", "xapp-test-app", "test-signing-secret"


@pytest.fixture
def clock() -> Clock:
    """Time that a test moves."""
    return Clock()


@pytest.fixture
def config() -> AppConfig:
    """The app as installed; a test module may override it."""
    return AppConfig()


@pytest.fixture
async def ws(clock: Clock, config: AppConfig) -> AsyncIterator[Workspace]:
    """A workspace served on loopback."""
    workspace = Workspace(clock, bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=SECRET, app=config)
    async with serve_slack(workspace):
        yield workspace


class NewClient(Protocol):
    """Makes a real Slack client for a workspace."""

    def __call__(self, ws: Workspace, *, token: str = BOT_TOKEN) -> AsyncWebClient:
        """The client."""


@pytest.fixture
async def new_client() -> AsyncIterator[NewClient]:
    """Makes clients that share one HTTP session and never retry on their own."""
    async with aiohttp.ClientSession() as session:

        def make(ws: Workspace, *, token: str = BOT_TOKEN) -> AsyncWebClient:
            return AsyncWebClient(token=token, base_url=f"{ws.address}/api/", session=session, retry_handlers=[])

        yield make


@pytest.fixture
def client(ws: Workspace, new_client: NewClient) -> AsyncWebClient:
    """The bot's client."""
    return new_client(ws)


@pytest.fixture
def bolt(client: AsyncWebClient) -> AsyncApp:
    """An unmodified Bolt app that acknowledges only when its listener has finished."""
    logger = logging.getLogger("tests.bolt")
    logger.setLevel(logging.CRITICAL)
    return AsyncApp(client=client, signing_secret=SECRET, process_before_response=True, logger=logger)


@pytest.fixture
async def connect(ws: Workspace, bolt: AsyncApp) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Connects the Bolt app in Socket Mode; the connection is closed at the end."""
    async with AsyncExitStack() as stack:

        async def connected() -> None:
            before = len(ws.sockets.connections)
            handler: Any = AsyncSocketModeHandler(bolt, APP_TOKEN, logger=bolt.logger)
            await handler.connect_async()
            stack.push_async_callback(handler.close_async)
            await until(lambda: len(ws.sockets.connections) > before)

        yield connected


@pytest.fixture
async def over_http(ws: Workspace, bolt: AsyncApp) -> AsyncIterator[None]:
    """Serves the Bolt app with its own ASGI adapter and switches the workspace to HTTP delivery."""
    adapter: Any = AsyncSlackRequestHandler(bolt)
    async with serve(adapter) as url:
        ws.request_url = f"{url}/slack/events"
        yield


async def until(holds: Callable[[], bool]) -> None:
    """Give the event loop turns until something holds; the test's own time limit ends a vain wait."""
    while not holds():  # noqa: ASYNC110 - the condition is the test's own; no one event stands for it
        await asyncio.sleep(0.001)


@pytest.fixture(name="until")
def until_fixture() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Waits until something holds."""
    return until


class Refused(Protocol):
    """Awaits a call that Slack must refuse; the answer."""

    async def __call__(self, call: Awaitable[Any]) -> Mapping[str, Any]:
        """The refusal's body, with `status` and `headers` of the HTTP answer."""


@pytest.fixture
def refused() -> Refused:
    """Awaits a call that must be refused and returns Slack's answer."""

    async def answer(call: Awaitable[Any]) -> Mapping[str, Any]:
        with pytest.raises(SlackApiError) as caught:
            await call
        response = caught.value.response
        return {**response.data, "status": response.status_code, "headers": response.headers}

    return answer
