"""Everything that the bot's side leaves behind, by place, so that a secret can be looked for in all of it."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from bot import audit_export, audit_trail, engine
from bot.commands.common import asking
from bot.keys import Keys
from bot.parts import SystemClock
from sandbox.slack import Call
from sandbox.slack.workspace import Workspace
from tests.scribe import SCRIBE

TWIN: Final = ("uvicorn", "websockets")
"""The loggers of the servers under the twin. They run in this process and log the pages that people open, links included.

Of the bot's own side nothing is left out: it meets Slack and Okta through other libraries, and in Socket Mode serves nothing.
"""


class Lines(logging.Handler):
    """Keeps what is logged, at every level, as it would be written, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.kept: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, and the values it was made of: another formatter may write those."""
        if not record.name.startswith(TWIN):
            self.kept.append(f"{self.format(record)} {record.args!r}")


class Errors:
    """Keeps the errors that are raised, whether or not anybody logs them.

    Args:
        kinds: each with a way to be told of every error of it that is made.
    """

    def __init__(self) -> None:
        self.raised: list[BaseException] = []

    def watched(self, kind: type[Exception]) -> Any:
        """An `__init__` for a kind of error that does as its own, and keeps the error."""
        own: Any = kind.__init__

        def init(error: Exception, *args: Any, **options: Any) -> None:
            own(error, *args, **options)
            self.raised.append(error)

        return init

    def told(self) -> Iterator[str]:
        """What each error says of itself in any way, with everything that led to it."""
        waiting, seen = list(self.raised), set[int]()
        while waiting:
            error = waiting.pop()
            if id(error) not in seen:
                seen.add(id(error))
                yield f"{error} {error!r} {error.args!r} {getattr(error, '__notes__', '')}"
                waiting += [led for led in (error.__cause__, error.__context__) if led is not None]


async def stored(redis: Redis) -> list[str]:
    """Every key in the store with all that it holds."""
    found = []
    for key in sorted(await redis.keys("*")):
        kind: Any = await redis.type(key)
        match kind.decode():
            case "string":
                value: Any = await redis.get(key)
            case "hash":
                value = await redis.hgetall(key)
            case "list":
                value = await redis.lrange(key, 0, -1)
            case "zset":
                value = await redis.zrange(key, 0, -1, withscores=True)
            case "set":
                value = await redis.smembers(key)
            case "stream":
                value = await redis.xrange(key)
            case other:
                raise AssertionError(f"{key!r} is a {other}, which nobody looks into")
        found.append(f"{key!r} {value!r}")
    return found


async def exported(url: str) -> list[str]:
    """The audit, as `unlatch audit` shows it and as it exports it."""
    lines: list[str] = []
    async with asking(url) as redis:
        for whole in (False, True):
            await audit_trail.tell(redis, Keys(), SCRIBE, lines.append, whole=whole)
            await audit_export.export(redis, Keys(), SCRIBE, SystemClock(), lines.append, names=whole)
    return lines


def written(home: Path) -> list[str]:
    """What the embedded store has on the disk; its append-only file has all that was ever in it."""
    files = [file for file in home.rglob("*") if file.is_file()]
    return [file.read_bytes().decode("latin-1") for file in files]


def said(calls: list[Call]) -> list[str]:
    """What the bot asked of Slack, call by call."""
    return [f"{call.method} {json.dumps(call.args)}" for call in calls]


def shown(workspace: Workspace) -> list[str]:
    """Every message of the bot's that stays, whichever way it came there."""
    places = list(workspace.channels)
    messages = [one for place in places for one in place.messages.values() if one.bot_id]
    return [f"{one.text} {one.blocks} {one.metadata}" for one in messages]


async def everything(url: str, home: Path, workspace: Workspace, lines: Lines, errors: Errors) -> dict[str, list[str]]:
    """All of it, by place."""
    redis = engine.connect(url)
    try:
        store = await stored(redis)
    finally:
        await redis.aclose()
    return {
        "log": list(lines.kept),
        "audit": await exported(url),
        "store": store,
        "disk": written(home),
        "slack": said(workspace.calls),
        "messages": shown(workspace),
        "errors": list(errors.told()),
    }


def where(found: dict[str, list[str]], secret: str) -> dict[str, list[str]]:
    """The places in which something stands, each with what holds it."""
    held = {place: [text for text in texts if secret in text] for place, texts in found.items()}
    return {place: texts for place, texts in held.items() if texts}
