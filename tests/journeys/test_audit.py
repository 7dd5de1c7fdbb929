"""The record of what was done can be held against Okta's own, and against itself."""

import json
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from bot.audit_verify import Anchored, verify_store
from bot.keys import Keys
from bot.pins import Pins
from sandbox.okta import Fault
from tests.kill.errands import UNLOCK
from tests.scribe import SCRIBE
from tests.world import World, world


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
    event = next(event for event in bot.twin.org.log if event["eventType"] == "user.account.unlock_by_admin")
    assert event["transaction"]["id"] == request_id


async def test_without_an_answer_there_is_no_id(bot: World, redis: Redis) -> None:
    """Nothing is made up."""
    bot.twin.org.faults.order("POST", UNLOCK, Fault.CUT_AFTER)

    await unlocked(bot)

    assert await checked(redis) == [None]


async def test_what_a_day_leaves_behind_verifies(bot: World, redis: Redis) -> None:
    """The chain of a real bot, and not only of entries made for a test."""
    await unlocked(bot)

    verdict = await verify_store(redis, Keys(), SCRIBE, Anchored())

    assert verdict.faults == []
    assert verdict.count > 5


async def test_somebody_is_told_what_was_done_for_them(bot: World) -> None:
    """Once for each request; looking alone leaves no trace."""
    maya = bot.person("UMAYA")
    await maya.dm("What happened to my account?")
    await bot.card(maya, "I have done nothing for your account")
    await unlocked(bot)

    for _ in range(2):
        before = len(bot.cards(maya))
        await maya.dm("who unlocked my account?")
        await bot.until(lambda: len(bot.cards(maya)) > before, "another card")  # noqa: B023 - waited for at once
        card = await bot.card(maya, "What I did for your account")
        assert card.text.count("• ") == 1
        assert "Your account was unlocked" in card.text


async def test_a_refusal_is_told_too(bot: World) -> None:
    """Also that somebody tried in vain is worth knowing."""
    maya = bot.person("UMAYA")
    bot.twin.org.faults.order("POST", UNLOCK, Fault.READ_ONLY_503, times=1000)
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await bot.card_in_time(maya, "Okta did not answer")

    await maya.dm("show me my account history")
    card = await bot.card(maya, "What I did for your account")

    assert "Your account was not unlocked: it did not work" in card.text


async def test_an_address_alone_shows_nothing_of_what_another_asked_for(bot: World, redis: Redis) -> None:
    """Whoever takes over an address is told of what they have done themselves, until a factor has spoken for them."""
    await unlocked(bot)
    pins = Pins(redis, Keys(), bot.twin.clock, scribe=SCRIBE)
    for pin in [pin async for pin in pins.all()]:
        assert await pins.decide("forget", pin.slack, by="ruth")
    maya = bot.twin.employee("UMAYA").address
    bot.twin.workspace.change_member("UMAYA", email="maya.o@northwind.example")
    bot.twin.workspace.change_member("UBEN", email=maya)

    ben = bot.person("UBEN")
    await ben.dm("What happened to my account?")

    card = await bot.card(ben, "I have done nothing for your account")
    assert "unlocked" not in card.text


async def test_what_only_told_and_was_switched_off_is_no_history(redis_url: str, redis: Redis) -> None:
    """There are no words for it, and nothing was done."""
    del redis
    async with world(redis_url, capabilities={"sign_in_help": "off"}) as bot:
        maya = bot.person("UMAYA")
        await maya.command("help-me-in")
        await bot.until(lambda: bot.cards(maya), "that it is off")

        await maya.dm("What happened to my account?")
        await bot.card(maya, "I have done nothing for your account")
        await maya.dm("this wasn't me")
        await bot.card(maya, "I have stopped")


async def test_refusals_push_nothing_out(redis_url: str, redis: Redis) -> None:
    """Whoever has done something cannot hide it behind what is refused."""
    del redis
    async with world(redis_url, limits={"per_day": 1}) as bot:
        await unlocked(bot)
        maya = bot.person("UMAYA")
        bot.twin.org.lock("maya.okafor@northwind.example")
        for _ in range(12):
            before = len(bot.cards(maya))
            await maya.dm("I'm locked out")
            await bot.until(lambda: len(bot.cards(maya)) > before, "a refusal")  # noqa: B023 - waited for at once
            assert not bot.cards(maya)[-1].action_ids or "confirm" not in bot.cards(maya)[-1].action_ids
            bot.twin.clock.advance(timedelta(seconds=2))

        await maya.dm("What happened to my account?")
        card = await bot.card(maya, "What I did for your account")

        assert card.text.count("it was not allowed") == 3
        assert card.text.count("Your account was unlocked") == 1
        assert card.action_ids[0] == "ask:not_me"
