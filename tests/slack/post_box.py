"""A sender of any bytes to the bot's HTTP door: Slack, somebody who pretends to be Slack, or the internet's noise."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from redis.asyncio import Redis

from bot.keys import Keys
from sandbox.twin import SIGNING_SECRET
from tests.world import World

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class PostBox:
    """The door of a bot over HTTP, and what has come of what was put into it."""

    world: World
    redis: Redis
    session: aiohttp.ClientSession
    url: str

    @classmethod
    @asynccontextmanager
    async def at(cls, world: World, redis: Redis) -> AsyncIterator[Self]:
        """Stand at the door of this bot."""
        async with aiohttp.ClientSession() as session:
            yield cls(world, redis, session, str(world.twin.workspace.request_url))

    @property
    def now(self) -> int:
        """The time, in epoch seconds, as the bot has it."""
        return int(self.world.twin.clock.now().timestamp())

    async def put(self, body: bytes, *, kind: str = JSON, **how: Any) -> int:
        """Send a body, rightly signed unless told otherwise; answers the status."""
        return await self.send(body, self.headers(body, kind=kind, **how))

    async def send(self, body: Any, headers: Mapping[str, str], *, method: str = "POST") -> int:
        """Send a body with these headers and no others of Slack's; answers the status."""
        async with self.session.request(method, self.url, data=body, headers=headers) as answer:
            await answer.read()
            return answer.status

    def headers(
        self, body: bytes, *, kind: str = JSON, stamp: str | None = None, secret: str = SIGNING_SECRET
    ) -> dict[str, str]:
        """Slack's headers for a body, with the signature that belongs to `stamp` and `secret`."""
        stamp = str(self.now) if stamp is None else stamp
        digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    async def stored(self) -> int:
        """How many requests the bot has stored."""
        return len([key async for key in self.redis.scan_iter(match=Keys().record("*"))])

    async def stored_of(self, body: bytes, *, kind: str = JSON) -> int:
        """How many requests the bot stores for this body, rightly signed."""
        before = await self.stored()
        assert await self.put(body, kind=kind) == 200
        return await self.stored() - before

    async def raw(self, request: bytes) -> bytes:
        """Send bytes as they are over a connection of their own, and answer the first line that comes back."""
        host, port = self.url.removeprefix("http://").partition("/")[0].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(request)
            await writer.drain()
            return await reader.readline()
        finally:
            writer.close()
            await writer.wait_closed()


def message(text: str = "I'm locked out", *, key: str = "Ev1", **event: Any) -> bytes:
    """What Slack sends when Maya writes to the bot."""
    inner = {"type": "message", "channel_type": "im", "channel": "D0", "user": "UMAYA", "team": "T0NORTHWIND"}
    payload = {"type": "event_callback", "event_id": key, "team_id": "T0NORTHWIND", "is_ext_shared_channel": False}
    return json.dumps({**payload, "event": {**inner, "text": text, "ts": "1.0", **event}}).encode()


def command(text: str = "unlock", *, key: str = "1.2.a", **fields: str) -> bytes:
    """What Slack sends when Maya uses the slash command."""
    form = {"command": "/unlatch", "team_id": "T0NORTHWIND", "team_domain": "northwind", "channel_id": "C0GENERAL"}
    return urlencode({**form, "user_id": "UMAYA", "trigger_id": key, "text": text, **fields}).encode()


def interaction(payload: Mapping[str, Any]) -> bytes:
    """What Slack sends for an interaction."""
    return urlencode({"payload": json.dumps(payload)}).encode()


def press(action: str = "ask:unlock_account", *, user: str = "UMAYA", team: str | None = "T0NORTHWIND") -> bytes:
    """What Slack sends when somebody presses a button of a message."""
    return interaction(
        {
            "type": "block_actions",
            "user": {"id": user} | ({"team_id": team} if team else {}),
            "team": {"id": "T0NORTHWIND"},
            "trigger_id": "1.2.b",
            "container": {"type": "message", "channel_id": "C0GENERAL", "message_ts": "1.0"},
            "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": ""}],
        }
    )
