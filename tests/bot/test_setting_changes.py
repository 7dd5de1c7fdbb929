"""What the administrator changes is in the audit, once, and holds no secret and nobody's name."""

import json
from typing import Any

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot import audit_trail
from bot.keys import Keys
from bot.setting_changes import in_force, note_changes
from sandbox.clock import Clock
from tests.scribe import SCRIBE

BEFORE: dict[str, Any] = {
    "read_only": False,
    "okta": {"api_token": SecretStr("00old-token"), "org_url": "https://acme.okta.com"},
    "protect": {"logins": ("ruth.mensah@northwind.example",), "groups": ("Everyone",)},
    "capabilities": {"reset_password": "guide"},
}


async def changed(redis: Redis) -> list[tuple[str, str, str]]:
    """Each change in the audit: the setting, what it was and what it is."""
    lines: list[str] = []
    await audit_trail.tell(redis, Keys(), SCRIBE, lines.append, whole=True)
    entries = map(json.loads, lines)
    return [(entry["setting"], entry["was"], entry["now"]) for entry in entries if entry["event"] == "setting:change"]


async def start(redis: Redis, clock: Clock, **settings: object) -> None:
    """The bot is started with these."""
    await note_changes(redis, Keys(), SCRIBE, BEFORE | settings, clock)


async def test_each_change_is_told_once(redis: Redis, clock: Clock) -> None:
    """With what it was and what it is; the first start has nothing to compare with."""
    await start(redis, clock)
    assert await changed(redis) == []

    for _ in range(2):
        await start(redis, clock, read_only=True, capabilities={"reset_password": "act"})

    assert await changed(redis) == [("capabilities.reset_password", "guide", "act"), ("read_only", "false", "true")]


async def test_a_secret_and_a_name_are_only_said_to_be_another(redis: Redis, clock: Clock) -> None:
    """By digests that take the key to make."""
    await start(redis, clock)

    await start(
        redis, clock, okta={"api_token": SecretStr("00new-token")}, protect={"logins": ("ben@x",), "groups": ()}
    )

    told = await changed(redis)
    assert [name for name, *_ in told] == ["okta.api_token", "okta.org_url", "protect.groups", "protect.logins"]
    kept = json.dumps(told) + str(await redis.get(Keys().settings))
    assert not any(secret in kept for secret in ("00old", "00new", "ruth", "ben@x"))


async def test_a_value_is_cut_and_a_setting_can_go(redis: Redis, clock: Clock) -> None:
    """Nobody reads a thousand characters in a line."""
    await start(redis, clock, company="x" * 1000)
    await start(redis, clock)

    ((name, was, now),) = await changed(redis)
    assert (name, len(was), now) == ("company", 200, "")
    assert was.startswith("x" * 190 + "…#")


@pytest.mark.parametrize("kept", ["", "no json", "[]"])
async def test_what_cannot_be_read_is_begun_anew(redis: Redis, clock: Clock, kept: str) -> None:
    """It does not keep the bot from starting."""
    await redis.set(Keys().settings, kept)

    await start(redis, clock)

    assert json.loads(await redis.get(Keys().settings) or "")["read_only"] == "false"


def test_every_plain_value_is_kept_as_it_is_written() -> None:
    """So that a change can be read."""
    assert in_force({"a": {"b": 3, "c": None, "d": "x"}, "e": SecretStr("")}, SCRIBE) == {
        "a.b": "3",
        "a.c": "",
        "a.d": "x",
        "e": "",
    }
