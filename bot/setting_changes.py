"""What the administrator has changed since the bot was last started, for the audit.

The settings that were in force lie in the store, without secrets: of those, and of what names people, only a keyed digest
does, so that a change is seen and nothing else. Whichever of several processes comes first writes a change down.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import engine
from bot.audit import Entry, Event, Scribe
from bot.keys import Keys
from bot.ports import Clock
from bot.store_scripts import NOTE

_PERSONS: Final = frozenset({"protect.logins"})
"""Settings that name people."""

_LONGEST: Final = 200
"""Characters of a value in an entry."""

_REPLACE: Final = (
    NOTE
    + """
local kept, audit, before, now, life = KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3]
if (redis.call('GET', kept) or '') ~= before then return 0 end
redis.call('SET', kept, now)
for i = 4, #ARGV do note(audit, ARGV[i], life) end
return 1
"""
)


async def note_changes(redis: Redis, keys: Keys, scribe: Scribe, settings: Mapping[str, Any], clock: Clock) -> None:
    """Write down each setting that is another than at the last start; at the very first start, nothing.

    Raises:
        EngineError: the store cannot be asked.
    """
    replace = redis.register_script(_REPLACE)
    now = in_force(settings, scribe)
    text = json.dumps(now, sort_keys=True)
    try:
        done = False
        while not done:  # each turn but the last means that another process has come first
            kept: Any = await redis.get(keys.settings)
            before = _read(kept)
            found = changes(before, now, clock) if before is not None else []
            args = [kept or b"", text, scribe.life, *map(scribe.sheet, found)]
            done = bool(await replace(keys=[keys.settings, keys.audit], args=args))
    except (RedisError, OSError) as error:
        raise engine.unusable(error) from error


def changes(before: Mapping[str, str], now: Mapping[str, str], clock: Clock) -> list[Entry]:
    """An entry for each setting that is not as it was."""
    return [
        Entry(
            event=Event.SETTING_CHANGED,
            at=clock.now(),
            request="",
            setting=name,
            was=_short(before.get(name, "")),
            now=_short(now.get(name, "")),
        )
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]


def _short(value: str) -> str:
    """A value that fits into an entry; of one that does not, enough to tell it from another that begins alike."""
    if len(value) <= _LONGEST:
        return value
    return f"{value[: _LONGEST - 10]}…#{hashlib.sha256(value.encode()).hexdigest()[:8]}"


def in_force(settings: Mapping[str, Any], scribe: Scribe) -> dict[str, str]:
    """All settings by name, with what they are, or with a digest where that is nobody's business."""
    return {
        name: _digest(value, scribe) if isinstance(value, SecretStr) or name in _PERSONS else _plain(value)
        for name, value in _flat(settings, "")
    }


def _flat(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _digest(value: Any, scribe: Scribe) -> str:
    text = value.get_secret_value() if isinstance(value, SecretStr) else _plain(value)
    return f"#{scribe.seal('setting', text)[:8]}" if text else ""


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)


def _read(kept: bytes | None) -> dict[str, str] | None:
    """What was in force; None if that is not known, or is nothing of ours."""
    if kept is None:
        return None
    try:
        found = json.loads(kept)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
