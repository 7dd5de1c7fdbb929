"""Socket Mode against an unmodified Bolt app: tickets, acks, redelivery, and every way a connection ends."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.slack import AppConfig, DisconnectReason, Kind, Outcome, Transport, Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.clock import Clock
    from sandbox.slack.sockets import Connection

    Connect = Callable[[], Awaitable[None]]
    Until = Callable[[Callable[[], bool]], Awaitable[None]]


class Raw:
    """A bare WebSocket client, for what Bolt does not let a test do."""

    def __init__(self, ws: Workspace, session: aiohttp.ClientSession) -> None:
        self._ws = ws
        self._session = session
        self._open: list[aiohttp.ClientWebSocketResponse] = []

    async def ticket(self) -> str:
        """A fresh one-time address."""
        headers = {"Authorization": "Bearer xapp-test-app"}
        async with self._session.post(f"{self._ws.address}/api/apps.connections.open", headers=headers) as response:
            url: str = (await response.json())["url"]
        return url

    async def connect(self, url: str | None = None, *, autoping: bool = True) -> aiohttp.ClientWebSocketResponse:
        """An open connection, its first frame still unread."""
        socket = await self._session.ws_connect(url or await self.ticket(), autoping=autoping)
        self._open.append(socket)
        return socket

    async def aclose(self) -> None:
        """End every connection; closing the session alone would leave them to the garbage collector to complain of."""
        for socket in self._open:
            await socket.close()


@pytest.fixture
async def raw(ws: Workspace) -> AsyncIterator[Raw]:
    """Bare connections to the workspace."""
    async with aiohttp.ClientSession() as session, aclosing(Raw(ws, session)) as opened:
        yield opened


@pytest.fixture
def heard(bolt: AsyncApp) -> list[dict[str, Any]]:
    """The bodies of the message events the app has handled."""
    bodies: list[dict[str, Any]] = []

    @bolt.event("message")
    async def on_message(body: dict[str, Any]) -> None:
        bodies.append(body)

    return bodies


async def test_a_message_reaches_an_unmodified_bolt_app(
    ws: Workspace, connect: Connect, heard: list[dict[str, Any]]
) -> None:
    """One DM is one event with Slack's keys, acknowledged once."""
    await connect()
    await ws.person("UMAYA").dm("I'm locked out")
    (body,) = heard
    event = body["event"]
    assert (event["text"], event["user"], event["channel_type"]) == ("I'm locked out", "UMAYA", "im")
    assert set(body) == {
        *("token", "team_id", "context_team_id", "context_enterprise_id", "api_app_id", "event", "type", "event_id"),
        *("event_time", "authorizations", "is_ext_shared_channel", "event_context"),
    }
    (delivery,) = ws.deliveries
    assert (delivery.transport, delivery.outcome, delivery.key) == (Transport.SOCKET, Outcome.ACKED, body["event_id"])


async def test_a_ticket_opens_one_connection_soon(ws: Workspace, raw: Raw, clock: Clock) -> None:
    """A used, old or invented address is refused in the handshake."""
    url = await raw.ticket()
    first = await raw.connect(url)
    stale = await raw.ticket()
    clock.advance(timedelta(seconds=31))
    for bad in (url, stale, url.split("?")[0]):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await raw.connect(bad)
        assert refusal.value.status == 403
    hello = await first.receive_json()
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"] == {"app_id": "A0UNLATCH"}
    assert len(ws.sockets.connections) == 1


async def test_pings_are_answered_with_their_own_words(raw: Raw) -> None:
    """The Slack client measures a connection by the echo of its `sdk-ping-pong:` frames."""
    socket = await raw.connect(autoping=False)
    await socket.receive()
    await socket.ping(b"sdk-ping-pong:1234.5")
    pong = await socket.receive()
    assert (pong.type, bytes(pong.data)) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1234.5")


async def test_an_unacked_event_comes_again_at_once_then_after_one_and_five_minutes(
    ws: Workspace, raw: Raw, clock: Clock
) -> None:
    """Four tries of one event_id in all, numbered and with the reason, then Slack gives up."""
    socket = await raw.connect()
    await socket.receive()
    writing = asyncio.ensure_future(ws.person("UMAYA").dm("hello"))
    tries = []
    for wait in (0, 0, 60, 240):
        clock.advance(timedelta(seconds=wait))
        tries.append(await socket.receive_json())
        clock.advance(timedelta(seconds=3))
    await writing
    assert [t["retry_attempt"] for t in tries] == [0, 1, 2, 3]
    assert [t["retry_reason"] for t in tries] == ["", "timeout", "timeout", "timeout"]
    assert len({t["payload"]["event_id"] for t in tries}) == 1
    assert len({t["envelope_id"] for t in tries}) == 4
    assert [d.outcome for d in ws.deliveries] == [Outcome.TIMEOUT] * 4


async def test_a_retry_does_not_come_early(ws: Workspace, raw: Raw, clock: Clock) -> None:
    """Before the minute has passed there is no second retry, and an ack ends the tries."""
    socket = await raw.connect()
    await socket.receive()
    writing = asyncio.ensure_future(ws.person("UMAYA").dm("hello"))
    for _ in range(2):
        await socket.receive()
        clock.advance(timedelta(seconds=3))
    clock.advance(timedelta(seconds=50))
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.05)
    clock.advance(timedelta(seconds=10))
    await socket.send_json({"envelope_id": (await socket.receive_json())["envelope_id"]})
    await writing
    assert [d.outcome for d in ws.deliveries] == [Outcome.TIMEOUT, Outcome.TIMEOUT, Outcome.ACKED]


async def test_an_unmatched_event_is_tried_again(ws: Workspace, connect: Connect, clock: Clock, until: Until) -> None:
    """Bolt sends no ack for an event without a listener, so Slack repeats it."""
    await connect()
    emitting = asyncio.ensure_future(ws.emit({"type": "file_created", "file_id": "F1"}))
    for tries in range(1, 5):
        await until(lambda: _waits_for_ack(ws))
        clock.advance(timedelta(seconds=3))
        await until(partial(_tried, ws, tries))
        clock.advance(timedelta(minutes=5))
    last = await emitting
    assert (last.attempt, last.outcome, last.name) == (3, Outcome.TIMEOUT, "file_created")


async def test_without_a_connection_events_wait_and_commands_fail(
    ws: Workspace, connect: Connect, heard: list[dict[str, Any]], clock: Clock, until: Until
) -> None:
    """An event sent while the bot is down arrives at a later try; a command is lost and the person told."""
    writing = asyncio.ensure_future(ws.person("UMAYA").dm("anybody there"))
    await until(lambda: len(ws.deliveries) == 2)
    delivery = await ws.person("UMAYA").command("help")
    assert delivery is not None
    assert delivery.outcome is Outcome.CONNECTION_FAILED
    assert ws.person("UMAYA").notices == ['/unlatch failed with the error "dispatch_failed"']
    await connect()
    clock.advance(timedelta(minutes=1))
    await writing
    assert [body["event"]["text"] for body in heard] == ["anybody there"]


async def test_an_ack_on_another_connection_does_not_count(ws: Workspace, raw: Raw, clock: Clock) -> None:
    """Whether Slack honours one is unknown, so the twin does not."""
    sockets = [await raw.connect(), await raw.connect()]
    for socket in sockets:
        await socket.receive()
    pressing = asyncio.ensure_future(ws.person("UMAYA").command("help"))
    reading = [asyncio.ensure_future(socket.receive_json()) for socket in sockets]
    done, waiting = await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
    envelope = done.pop().result()
    other = sockets[0] if reading[0] in waiting else sockets[1]
    await other.send_json({"envelope_id": envelope["envelope_id"]})
    await other.send_str("no json")
    await other.send_str("[]")
    await asyncio.sleep(0.02)
    assert not pressing.done()
    clock.advance(timedelta(seconds=3))
    delivery = await pressing
    assert delivery is not None
    assert delivery.outcome is Outcome.TIMEOUT
    for task in waiting:
        task.cancel()


async def test_payloads_spread_over_the_connections(ws: Workspace, raw: Raw) -> None:
    """Two connections share the work, each payload going to one of them."""
    counts: Counter[int] = Counter()

    async def answer(number: int, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            envelope = json.loads(frame.data)
            if "envelope_id" in envelope:
                counts[number] += 1
                await socket.send_json({"envelope_id": envelope["envelope_id"]})

    sockets = [await raw.connect() for _ in range(2)]
    answering = [asyncio.ensure_future(answer(n, s)) for n, s in enumerate(sockets)]
    for n in range(40):
        await ws.person("UMAYA").dm(str(n))
    assert set(counts) == {0, 1}
    assert counts.total() == 40
    for task in answering:
        task.cancel()


async def test_an_eleventh_connection_is_turned_away(ws: Workspace, raw: Raw) -> None:
    """Ten connections are the most; the next is told why and closed."""
    kept = [await raw.connect() for _ in range(10)]
    extra = await raw.connect()
    assert (await extra.receive_json())["reason"] == "too_many_websockets"
    assert (await extra.receive()).type is aiohttp.WSMsgType.CLOSE
    assert len(ws.sockets.connections) == 10
    assert (await kept[9].receive_json())["num_connections"] == 10


async def test_bolt_reconnects_when_a_refresh_is_requested(
    ws: Workspace, connect: Connect, heard: list[dict[str, Any]], until: Until
) -> None:
    """Told that the connection will end, the client comes back on a new ticket, and events flow again."""
    await connect()
    for reason in (DisconnectReason.WARNING, DisconnectReason.REFRESH_REQUESTED):
        old = ws.sockets.connections[0]
        await ws.refresh_sockets(reason)
        await until(partial(_replaced, ws, old))
        await ws.person("UMAYA").dm(f"after {reason}")
    assert [body["event"]["text"] for body in heard] == ["after warning", "after refresh_requested"]


async def test_a_retired_connection_gets_nothing_new(ws: Workspace, raw: Raw) -> None:
    """A client that ignores the request to refresh is not kept in use."""
    socket = await raw.connect()
    await socket.receive()
    await ws.refresh_sockets(DisconnectReason.LINK_DISABLED)
    assert (await socket.receive_json())["reason"] == "link_disabled"
    delivery = await ws.person("UMAYA").command("help")
    assert delivery is not None
    assert delivery.outcome is Outcome.CONNECTION_FAILED


async def test_a_dropped_connection_loses_its_acks(ws: Workspace, raw: Raw, until: Until) -> None:
    """A reset between envelope and ack counts as not delivered, and there is no closing handshake."""
    socket = await raw.connect()
    await socket.receive()
    pressing = asyncio.ensure_future(ws.person("UMAYA").command("help"))
    await socket.receive()
    ws.drop_sockets()
    delivery = await pressing
    assert delivery is not None
    assert delivery.outcome is Outcome.CONNECTION_FAILED
    ended = await socket.receive()
    assert (ended.type, socket.close_code) == (aiohttp.WSMsgType.CLOSED, 1006)
    await until(lambda: ws.sockets.connections == [])


async def test_a_wedged_connection_stays_up_and_brings_nothing(ws: Workspace, raw: Raw, clock: Clock) -> None:
    """Pings are answered while payloads vanish: only a fresh connection helps."""
    socket = await raw.connect()
    await socket.receive()
    ws.wedge_sockets()
    pressing = asyncio.ensure_future(ws.person("UMAYA").command("help"))
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.05)
    clock.advance(timedelta(seconds=3))
    delivery = await pressing
    assert delivery is not None
    assert delivery.outcome is Outcome.TIMEOUT
    assert not socket.closed
    assert ws.person("UMAYA").notices == ['/unlatch failed with the error "operation_timeout"']


async def test_a_wedge_can_swallow_pings_too(ws: Workspace, raw: Raw) -> None:
    """The other kind of wedge: TCP stands and not even a pong comes."""
    socket = await raw.connect(autoping=False)
    await socket.receive()
    ws.wedge_sockets(pongs=False)
    await socket.ping(b"sdk-ping-pong:1")
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.05)
    assert not socket.closed


async def test_the_same_envelope_can_come_twice(ws: Workspace, connect: Connect, heard: list[dict[str, Any]]) -> None:
    """A duplicate carries the same event_id, and Bolt does not notice."""
    await connect()
    await ws.person("UMAYA").dm("once")
    again = await ws.redeliver()
    retried = await ws.redeliver(attempt=2)
    assert (again.acked, again.attempt, retried.attempt) == (True, 0, 2)
    assert len({body["event_id"] for body in heard}) == 1
    assert len(heard) == 3


async def test_raw_text_reaches_the_client_as_it_is(ws: Workspace, raw: Raw) -> None:
    """A test can send what Slack never would."""
    nowhere = await ws.deliver_raw("{")
    socket = await raw.connect()
    await socket.receive()
    sent = await ws.deliver_raw("{")
    assert (await socket.receive()).data == "{"
    assert (nowhere.outcome, sent.outcome, sent.kind) == (Outcome.CONNECTION_FAILED, Outcome.SENT, Kind.RAW)


@pytest.mark.parametrize("config", [AppConfig(events=frozenset({"app_mention"}))])
async def test_only_subscribed_events_are_sent(ws: Workspace, connect: Connect, heard: list[dict[str, Any]]) -> None:
    """A bot that did not subscribe to message.im never hears a DM."""
    await connect()
    await ws.person("UMAYA").dm("hello")
    assert heard == []
    assert ws.deliveries == []


async def test_the_bots_own_messages_come_back_as_events(ws: Workspace, client: AsyncWebClient, raw: Raw) -> None:
    """New, changed and deleted messages of the bot are events too, marked with its bot_id."""
    socket = await raw.connect()
    await socket.receive()
    posted = await client.chat_postMessage(channel="UMAYA", text="card")
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], text="done")
    await client.chat_delete(channel=posted["channel"], ts=posted["ts"])
    events = []
    for _ in range(3):
        envelope = await socket.receive_json()
        await socket.send_json({"envelope_id": envelope["envelope_id"]})
        events.append(envelope["payload"]["event"])
    await ws.settled()
    assert [event.get("subtype") for event in events] == [None, "message_changed", "message_deleted"]
    assert (events[0]["bot_id"], events[0]["user"]) == ("B0UNLATCH", "U0UNLATCH")
    assert (events[1]["message"]["text"], events[1]["previous_message"]["text"]) == ("done", "card")
    assert all(d.acked for d in ws.deliveries)


def _waits_for_ack(ws: Workspace) -> bool:
    return any(connection._waiting for connection in ws.sockets.connections)


def _tried(ws: Workspace, times: int) -> bool:
    return len(ws.deliveries) == times


def _replaced(ws: Workspace, old: Connection) -> bool:
    return bool(ws.sockets.connections) and old not in ws.sockets.connections
