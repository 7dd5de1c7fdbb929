"""Socket Mode, kept alive by a watchdog of our own.

The SDK's client does the protocol. Its own ways of reconnecting are switched off, because each can end in silence: it
retries a one-time address for ever, comes back without a pause however often it is turned away, and does not notice a
connection that stands and brings nothing. Here a connection that is over, broken, silent or merely old without traffic
is replaced by a new one with a new address; the old one is closed when the new one stands and its work is done.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackClientError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

PING: Final = 5.0
"""Seconds between pings; four without an answer mean that a connection is dead."""

OPEN_LIMIT: Final = 10.0
"""Seconds within which a connection must stand."""

QUIET: Final = 120.0
"""Seconds without anything from Slack after which a connection is replaced: it may be quiet because it is wedged."""

LOOK: Final = 1.0
"""Seconds between two looks at the connection."""

FINISH: Final = 3.0
"""Seconds that what an old connection brought may still take, as long as Slack waits."""

WAITS: Final = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before a new attempt after so many failures in a row; the last one repeats."""


class Connection(SocketModeClient):
    """One WebSocket, from its one-time address to its end; it never makes another one by itself."""

    def __init__(self, app: AsyncApp, app_token: str, web: AsyncWebClient, logger: logging.Logger) -> None:
        super().__init__(app_token=app_token, web_client=web, logger=logger, ping_interval=PING)
        self._app = app
        self._serving: set[asyncio.Task[Any]] = set()
        self.over = asyncio.Event()
        self.heard_at = asyncio.get_running_loop().time()
        self.socket_mode_request_listeners.append(self._serve)

    async def open(self) -> None:
        """Get an address and connect to it.

        Raises:
            SlackClientError: Slack refuses the app token, or the connection.
            aiohttp.ClientError: Slack cannot be reached.
            TimeoutError: it takes too long.
        """
        async with asyncio.timeout(OPEN_LIMIT):
            self.wss_uri = await self.issue_new_wss_url()
            await self.connect()  # type: ignore[no-untyped-call]  # the SDK leaves it without types

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the SDK's own
        """Called by the SDK where it would reconnect; the watchdog does that instead."""
        self.over.set()

    async def usable(self, quiet: float) -> bool:
        """Whether there is no reason to replace this connection."""
        silent = asyncio.get_running_loop().time() - self.heard_at
        return not self.over.is_set() and silent < quiet and await self.is_connected()

    async def finish(self) -> None:
        """Close, once what it brought is acknowledged."""
        if self._serving:
            await asyncio.wait(set(self._serving), timeout=FINISH)
        with suppress(aiohttp.ClientError, OSError):
            await self.close()  # type: ignore[no-untyped-call]  # the same

    async def _serve(self, _client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        loop = asyncio.get_running_loop()
        self.heard_at = loop.time()
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        answer = await run_async_bolt_app(self._app, request)
        # Where the acknowledgement cannot be sent, Slack delivers again, and that is recognised.
        with suppress(aiohttp.ClientError, OSError):
            await send_async_response(self, request, answer, loop.time())


class SocketMode:
    """Always one working connection, as far as that is possible.

    Args:
        app: Bolt; gets every payload.
        app_token: the app-level token with `connections:write`.
        web: the Web API client.
        logger: for the SDK, which logs payloads below WARNING and one-time addresses above it.
        quiet: seconds without traffic after which a connection is replaced.
    """

    def __init__(
        self, app: AsyncApp, app_token: str, web: AsyncWebClient, logger: logging.Logger, *, quiet: float = QUIET
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._web = web
        self._logger = logger
        self._quiet = quiet
        self._current: Connection | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[asyncio.Task[None]]:
        """Connect, and stay connected until the context ends; yields the watchdog, which does not end before.

        Raises:
            SlackClientError: Slack refuses the app token.
            aiohttp.ClientError: Slack cannot be reached.
            TimeoutError: it does not answer.
        """
        self._current = await self._connect()
        watchdog = asyncio.create_task(self._watch())
        try:
            yield watchdog
        finally:
            watchdog.cancel()
            await asyncio.wait({watchdog})
            await self._current.finish()

    async def _watch(self) -> None:
        failures = 0
        while True:
            current = self._current
            if current is None:
                raise RuntimeError("the watchdog runs while connected")
            if await current.usable(self._quiet):
                failures = 0
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(LOOK, self._quiet)):
                        await current.over.wait()
                continue
            await asyncio.sleep(WAITS[min(failures, len(WAITS) - 1)])
            failures += 1
            await self._replace(current)

    async def _replace(self, old: Connection) -> None:
        try:
            self._current = await self._connect()
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("no Socket Mode connection: %s; trying again", type(error).__name__)
            return
        log.info("a new Socket Mode connection stands in place of the old one")
        await old.finish()

    async def _connect(self) -> Connection:
        connection = Connection(self._app, self._app_token, self._web, self._logger)
        try:
            await connection.open()
        except BaseException:
            await connection.finish()
            raise
        return connection
