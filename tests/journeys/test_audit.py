"""The record of what was done can be held against Okta's own, and against itself."""

import json
from typing import Any

from redis.asyncio import Redis

from bot.audit_verify import Anchored, verify_store
from bot.keys import Keys
from sandbox.okta import Fault
from tests.kill.errands import UNLOCK
from tests.world import World


async def unlocked(bot: World) -> None:
    """Maya asks, confirms and is let back in."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Your account is unlocked")


async def checked(redis: Redis) -> list[str | None]:
    """Okta's id of each write that was answered, as the audit has it."""
    entries: Any = await redis.xrange(Keys().audit)
    told = [json.loads(fields[b"entry"]) for _, fields in entries]
    return [entry.get("okta_request") for entry in told if entry["event"] == "step:checked"]


async def test_a_write_is_found_in_oktas_system_log_by_its_id(bot: World, redis: Redis) -> None:
    """What the bot says that it did, and what Okta says, are the same thing."""
    await unlocked(bot)

    (request_id,) = await checked(redis)
    event = next(event for event in bot.twin.org.log if event["eventType"] == "user.account.unlock")
    assert event["transaction"]["id"] == request_id


async def test_without_an_answer_there_is_no_id(bot: World, redis: Redis) -> None:
    """Nothing is made up."""
    bot.twin.org.faults.order("POST", UNLOCK, Fault.CUT_AFTER)

    await unlocked(bot)

    assert await checked(redis) == [None]


async def test_what_a_day_leaves_behind_verifies(bot: World, redis: Redis) -> None:
    """The chain of a real bot, and not only of entries made for a test."""
    await unlocked(bot)

    verdict = await verify_store(redis, Keys(), Anchored())

    assert verdict.faults == []
    assert verdict.count > 5
