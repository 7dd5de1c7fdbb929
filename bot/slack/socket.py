"""Socket Mode, kept alive by a watchdog (https://docs.slack.dev/apis/events-api/using-socket-mode).

The SDK's client is not used, because each of its ways of reconnecting can end in silence: it retries a one-time address
for ever, comes back without a pause however often it is turned away, and does not notice a connection that stands and
brings nothing. Here a connection that is over, broken, silent or merely old without traffic is replaced by a new one
with a new address; the old one is closed when the new one stands and what it brought is acknowledged.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import aiohttp
from aiohttp import ClientWebSocketResponse, ClientWSTimeout, WSMsgType
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StartError
from bot.slack import answers
from bot.slack.bolt import dispatch

log = logging.getLogger(__name__)

PING: Final = 5.0
"""Seconds without a word before a ping; half as many more without its answer mean that a connection is dead."""

OPEN_LIMIT: Final = 10.0
"""Seconds within which a connection must stand."""

QUIET: Final = 120.0
"""Seconds without anything from Slack after which a connection is replaced: it may be quiet because it is wedged."""

FINISH: Final = 3.0
"""Seconds that what an old connection brought may still take, as long as Slack waits."""

CLOSE_LIMIT: Final = 1.0
"""Seconds to wait for Slack's half of a closing handshake."""

STEADY: Final = 30.0
"""Seconds after which a connection that ends has done its work; one that ends sooner counts as a failed attempt."""

WAITS: Final = (0.0, 0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the next attempt after so many failures in a row; the last one repeats."""


class TurnedAwayError(ConnectionError):
    """Slack took the connection only to end it; the text is its reason, such as `too_many_websockets`."""


class Connection:
    """One WebSocket, from the handshake to its end; it is read from at once.

    Args:
        app: Bolt; gets every payload.
        socket: the WebSocket, connected.
    """

    def __init__(self, app: AsyncApp, socket: ClientWebSocketResponse) -> None:
        self._app = app
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._serving: set[asyncio.Task[None]] = set()
        self._greeted = asyncio.Event()
        self._over = asyncio.Event()
        self._reason = "closed"
        self._opened_at = self._heard_at = self._loop.time()
        self._reading = asyncio.create_task(self._read())

    async def stands(self) -> None:
        """Wait for Slack's hello: whoever is one too many gets the handshake, and then a goodbye instead.

        Raises:
            TurnedAwayError: there is a goodbye, or the end.
        """
        await self._greeted.wait()
        if self._over.is_set():
            raise TurnedAwayError(self._reason)

    async def worn_out(self, quiet: float) -> None:
        """Wait until there is a reason to replace this connection: it is ending, or has brought nothing for `quiet` seconds."""
        while not self._over.is_set() and (left := self._heard_at + quiet - self._loop.time()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._over.wait()

    def was_steady(self) -> bool:
        """Whether this connection has lasted long enough not to be called a failure."""
        return self._loop.time() - self._opened_at >= STEADY

    async def finish(self) -> None:
        """Close, once what it brought is acknowledged."""
        if self._serving:
            await asyncio.wait(set(self._serving), timeout=FINISH)
        try:
            with suppress(aiohttp.ClientError, OSError):
                await self._socket.close()
        finally:
            left = [self._reading, *self._serving]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _read(self) -> None:
        try:
            async for message in self._socket:
                if message.type is WSMsgType.ERROR:
                    break
                if message.type is WSMsgType.TEXT:
                    self._take(_frame(message.data))
        finally:
            self._end(self._reason)

    def _take(self, frame: dict[str, Any]) -> None:
        self._heard_at = self._loop.time()
        match frame:
            case {"type": "hello"}:
                self._greeted.set()
            case {"type": "disconnect"}:
                # It may go on bringing something until it is closed, so it is read until then.
                self._end(str(frame.get("reason"))[:40])
            case {"envelope_id": str(envelope_id)}:
                task = asyncio.create_task(self._serve(envelope_id, frame.get("payload")))
                self._serving.add(task)
                task.add_done_callback(self._serving.discard)

    def _end(self, reason: str) -> None:
        self._reason = reason
        self._over.set()
        self._greeted.set()

    async def _serve(self, envelope_id: str, payload: object) -> None:
        answer = await dispatch(self._app, payload) if isinstance(payload, dict) else BoltResponse(status=200)
        if answer.status != 200:
            return  # Slack delivers again
        # An acknowledgement counts only where the envelope came from. Where it cannot be sent any more, Slack delivers
        # again, and that is recognised.
        with suppress(aiohttp.ClientError, OSError):
            await self._socket.send_str(json.dumps(_acknowledgement(envelope_id, answer)))


class SocketMode:
    """Always one working connection, as far as that is possible.

    Args:
        app: Bolt; gets every payload.
        app_token: the app-level token with `connections:write`.
        web: the Web API client, which asks for the one-time addresses.
        quiet: seconds without traffic after which a connection is replaced.
        ping: seconds between pings.
        waits: seconds before each further attempt.
    """

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        web: AsyncWebClient,
        *,
        quiet: float = QUIET,
        ping: float = PING,
        waits: Sequence[float] = WAITS,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._web = web
        self._quiet = quiet
        self._ping = ping
        self._waits = waits
        self._standing: set[Connection] = set()
        self._retiring: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[asyncio.Task[None]]:
        """Connect, and stay connected until the context ends; yields the watchdog, which does not end before.

        Raises:
            StartError: Slack refuses the app token, turns us away, or cannot be reached.
        """
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
            try:
                watchdog = asyncio.create_task(self._watch(session, await self._first(session)))
                try:
                    yield watchdog
                finally:
                    watchdog.cancel()
                    await asyncio.gather(watchdog, return_exceptions=True)
            finally:
                await asyncio.gather(*(connection.finish() for connection in self._standing), *self._retiring)

    async def _first(self, session: aiohttp.ClientSession) -> Connection:
        try:
            return await self._open(session)
        except TurnedAwayError as error:
            raise StartError(f"Slack ends the Socket Mode connection at once ({error}).") from None
        except answers.UNAVAILABLE as error:
            if answers.passes(error):
                raise StartError(
                    f"No Socket Mode connection to Slack comes about ({answers.reason(error)}). Can this machine open"
                    " WebSockets to slack.com, through your proxy?"
                ) from None
            raise StartError(
                f"Slack does not accept slack.app_token ({answers.reason(error)}). It needs the scope"
                " connections:write, and Socket Mode must be on in your Slack app."
            ) from None

    async def _watch(self, session: aiohttp.ClientSession, current: Connection) -> None:
        failures = 0
        while True:
            await current.worn_out(self._quiet)
            failures = 0 if current.was_steady() else failures + 1
            old, current = current, await self._another(session, failures)
            log.info("a new Socket Mode connection stands in place of the old one")
            self._retire(old)

    async def _another(self, session: aiohttp.ClientSession, failures: int) -> Connection:
        """A new connection, however many attempts that takes."""
        asked_to_wait = 0.0
        while True:
            await asyncio.sleep(max(self._waits[min(failures, len(self._waits) - 1)], asked_to_wait))
            try:
                return await self._open(session)
            except answers.UNAVAILABLE as error:
                asked_to_wait = answers.retry_after(error)
                why = str(error) if isinstance(error, TurnedAwayError) else answers.reason(error)
            failures += 1
            log.warning("no Socket Mode connection (%s); trying again", why)

    async def _open(self, session: aiohttp.ClientSession) -> Connection:
        async with asyncio.timeout(OPEN_LIMIT):
            answer = await self._web.apps_connections_open(app_token=self._app_token)
            socket = await session.ws_connect(
                str(answer["url"]),
                timeout=ClientWSTimeout(ws_close=CLOSE_LIMIT),
                heartbeat=self._ping,
                proxy=self._web.proxy,
                ssl=self._web.ssl or True,
            )
            connection = Connection(self._app, socket)
            self._standing.add(connection)
            try:
                await connection.stands()
            except BaseException:
                self._retire(connection)
                raise
            return connection

    def _retire(self, connection: Connection) -> None:
        self._standing.discard(connection)
        task = asyncio.create_task(connection.finish())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


def _frame(text: str) -> dict[str, Any]:
    """What a text frame holds; nothing where it is not a JSON object."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        log.warning("a Socket Mode frame that cannot be read was dropped")
        return {}
    return value


def _acknowledgement(envelope_id: str, answer: BoltResponse) -> dict[str, Any]:
    """An answer in the acknowledgement, such as a form's errors, is JSON or plain text as over HTTP."""
    if not answer.body:
        return {"envelope_id": envelope_id}
    is_json = answer.first_headers().get("content-type", "").startswith("application/json")
    return {"envelope_id": envelope_id, "payload": json.loads(answer.body) if is_json else {"text": answer.body}}
