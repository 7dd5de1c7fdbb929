"""Socket Mode, Slack's side (https://docs.slack.dev/apis/events-api/using-socket-mode).

One-time addresses, up to ten connections, every payload to any one of them, and the ways a connection ends or, worse, does not end but
falls silent. An ack counts only on the connection that brought the envelope and only within the deadline: whether Slack honours others is
not established, so a bot must not rely on it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from sandbox.serve import TRANSPORT
from sandbox.slack.post import Carried, Retry, done_in_time
from sandbox.slack.records import Delivery, Kind, Outcome, Transport

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import Receive, Scope, Send

    from sandbox.clock import Clock
    from sandbox.slack.post import Parcel
    from sandbox.slack.records import JsonObject

MOST_CONNECTIONS = 10
TICKET_LIFE = timedelta(seconds=30)


class DisconnectReason(StrEnum):
    """Why Slack says it will close a connection; a warning comes about 10 seconds ahead."""

    WARNING = "warning"
    REFRESH_REQUESTED = "refresh_requested"
    TOO_MANY_WEBSOCKETS = "too_many_websockets"
    LINK_DISABLED = "link_disabled"


class Connection:
    """One open WebSocket and the envelopes that wait for their ack on it."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._transport: asyncio.Transport = socket.scope["state"][TRANSPORT]
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self.is_wedged = False
        self.is_retired = False

    async def send(self, frame: JsonObject) -> None:
        """Send one JSON frame."""
        await self.send_text(json.dumps(frame))

    async def send_text(self, text: str) -> None:
        """Send any text frame; on a connection that has just ended it is lost."""
        with suppress(WebSocketDisconnect):
            if self._socket.application_state is WebSocketState.CONNECTED:
                await self._socket.send_text(text)

    async def read_acks(self) -> None:
        """Take acks until the connection ends; whatever still waits then gets none."""
        try:
            while True:
                self._ack(await self._socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            for waiting in self._waiting.values():
                waiting.cancel()

    def expect(self, envelope_id: str) -> asyncio.Future[Any]:
        """A future for the payload of the ack; cancelled when the connection ends first."""
        waiting = self._waiting[envelope_id] = asyncio.get_running_loop().create_future()
        return waiting

    def forget(self, envelope_id: str) -> None:
        """Ignore an ack that may still come."""
        self._waiting.pop(envelope_id, None)

    async def dismiss(self, reason: DisconnectReason) -> None:
        """Say that the connection will be closed; after a mere warning it stays in use."""
        self.is_retired = self.is_retired or reason is not DisconnectReason.WARNING
        await self.send({"type": "disconnect", "reason": reason.value, "debug_info": _DEBUG_INFO})

    async def close(self) -> None:
        """Close with a closing handshake."""
        if self._socket.application_state is WebSocketState.CONNECTED:
            await self._socket.close()

    def reset(self) -> None:
        """Break the TCP connection."""
        self._transport.abort()

    def wedge(self, *, pongs: bool) -> None:
        """Bring nothing any more; without `pongs` do not even answer pings."""
        self.is_wedged = True
        if not pongs:
            self._transport.pause_reading()

    def _ack(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if not isinstance(frame, dict):
            return
        waiting = self._waiting.pop(frame.get("envelope_id", ""), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(frame.get("payload"))


_DEBUG_INFO = {"host": "applink-1", "started": "2026-11-01 09:00:00.000", "build_number": 1}


class Sockets:
    """All connections of the app; a courier for the post office."""

    def __init__(self, clock: Clock, *, app_id: str) -> None:
        self._clock = clock
        self._app_id = app_id
        self._tickets: dict[str, datetime] = {}
        self.connections: list[Connection] = []

    def issue_ticket(self) -> str:
        """A ticket that opens one connection, soon."""
        ticket = secrets.token_hex(16)
        self._tickets[ticket] = self._clock.now()
        return ticket

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI face of one connection, from handshake to end."""
        socket = WebSocket(scope, receive, send)
        issued = self._tickets.pop(socket.query_params.get("ticket", ""), None)
        if issued is None or self._clock.now() - issued > TICKET_LIFE:
            await socket.close()
            return
        await socket.accept()
        connection = Connection(socket)
        if len(self.connections) >= MOST_CONNECTIONS:
            await connection.dismiss(DisconnectReason.TOO_MANY_WEBSOCKETS)
            await connection.close()
            return
        self.connections.append(connection)
        try:
            await connection.send(self._hello())
            await connection.read_acks()
        finally:
            self.connections.remove(connection)

    async def carry(self, parcel: Parcel, retry: Retry) -> Carried:
        """Send an envelope on one of the connections, chosen at random, and wait for its ack there."""
        envelope: JsonObject = {
            "envelope_id": str(uuid4()),
            "type": parcel.kind.value,
            "accepts_response_payload": parcel.answerable,
            "payload": parcel.payload,
        }
        if parcel.kind is Kind.EVENT:
            envelope |= {"retry_attempt": retry.attempt, "retry_reason": retry.reason}
        return await self.carry_envelope(envelope, name=parcel.name, key=parcel.key)

    async def carry_envelope(self, envelope: JsonObject, *, name: str, key: str) -> Carried:
        """Send this very envelope, as a redelivery does."""
        at, started = self._clock.now(), time.monotonic()
        outcome, answer = await self._acked(envelope)
        delivery = Delivery(
            kind=Kind(envelope["type"]),
            name=name,
            transport=Transport.SOCKET,
            outcome=outcome,
            attempt=envelope.get("retry_attempt", 0),
            latency_ms=(time.monotonic() - started) * 1000,
            key=key,
            body=json.dumps(envelope),
            at=at,
            answer=answer,
        )
        return Carried(delivery)

    async def carry_text(self, text: str) -> Carried:
        """Send any text on one connection; no ack is waited for."""
        connection = self._pick()
        outcome = Outcome.CONNECTION_FAILED if connection is None else Outcome.SENT
        if connection is not None:
            await connection.send_text(text)
        at = self._clock.now()
        return Carried(Delivery(Kind.RAW, "raw", Transport.SOCKET, outcome, 0, latency_ms=0, key="", body=text, at=at))

    async def dismiss_all(self, reason: DisconnectReason) -> None:
        """Announce the end of every connection."""
        for connection in list(self.connections):
            await connection.dismiss(reason)

    async def close_all(self) -> None:
        """Close every connection in an orderly way."""
        for connection in list(self.connections):
            await connection.close()

    def reset_all(self) -> None:
        """Break every connection."""
        for connection in list(self.connections):
            connection.reset()

    def wedge_all(self, *, pongs: bool) -> None:
        """Let every present connection stay up and bring nothing any more."""
        for connection in self.connections:
            connection.wedge(pongs=pongs)

    async def _acked(self, envelope: JsonObject) -> tuple[Outcome, Any]:
        connection = self._pick()
        if connection is None:
            return Outcome.CONNECTION_FAILED, None
        waiting = connection.expect(envelope["envelope_id"])
        if not connection.is_wedged:
            await connection.send(envelope)
        try:
            if not await done_in_time(self._clock, waiting):
                return Outcome.TIMEOUT, None
        finally:
            connection.forget(envelope["envelope_id"])
        return (Outcome.CONNECTION_FAILED, None) if waiting.cancelled() else (Outcome.ACKED, waiting.result())

    def _pick(self) -> Connection | None:
        usable = [connection for connection in self.connections if not connection.is_retired]
        return secrets.choice(usable) if usable else None

    def _hello(self) -> JsonObject:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": self._app_id},
            "debug_info": _DEBUG_INFO | {"approximate_connection_time": 3600},
        }
