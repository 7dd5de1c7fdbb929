"""Not too often for one person, and not too much for everybody: then the brake is on until somebody with a name lets it go."""

import json
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.brake import Brake
from bot.keys import Keys
from bot.rules import BrakeRules
from bot.tally import Tally
from sandbox.okta import Fault
from sandbox.slack import Person
from tests.scribe import SCRIBE
from tests.world import World

UNLOCK = "/api/v1/users/*/lifecycle/unlock"
RESETS: dict[str, Any] = {"capabilities": {"reset_password": "act", "reset_mfa": "act"}, "brake": {"resets": 2}}
STOPPED = "Stopped for everybody at the moment"


def brake_of(bot: World, redis: Redis) -> Brake:
    """The brake, as the command has it in hand."""
    clock = bot.twin.clock
    return Brake(redis, Keys(), Tally(redis, Keys(), clock), BrakeRules(), clock, tells=True, scribe=SCRIBE)


async def unlocked(bot: World, person: Person, handle: str) -> None:
    """Somebody is locked out, asks and confirms."""
    if bot.status(handle) != "LOCKED_OUT":
        bot.twin.org.lock(f"{handle}@northwind.example")
    await person.dm("I'm locked out")
    card = await bot.card(person, "Unlock your account?")
    await person.press(card.ts, "confirm")
    await bot.card(person, "Your account is unlocked")


async def reset(bot: World, person: Person, *, title: str = "Your password is reset") -> None:
    """Somebody has their password reset, or is told why not."""
    before = len(bot.cards(person))
    await person.dm("I forgot my password")
    await bot.until(lambda: len(bot.cards(person)) > before, "the answer")
    card = await bot.card(person, ("Reset your password?", "Send you the link again?", STOPPED))
    if "confirm" in card.action_ids:
        await person.press(card.ts, "confirm")
    await bot.card(person, title)


@pytest.mark.parametrize("settings", [{"limits": {"per_day": 2}}])
async def test_twice_a_day_and_not_a_third_time(bot: World) -> None:
    """Told before a Confirm is asked for; another person is another person; the next day it goes on."""
    maya, jonas = bot.person("UMAYA"), bot.person("UJONAS")
    await unlocked(bot, maya, "maya.okafor")
    await unlocked(bot, maya, "maya.okafor")
    bot.twin.org.lock("maya.okafor@northwind.example")
    await maya.dm("I'm locked out")
    await bot.card(maya, "Not again so soon")
    await unlocked(bot, jonas, "jonas.lindqvist")
    assert bot.effects == ["unlock"] * 3

    await bot.later(timedelta(hours=24))
    await unlocked(bot, maya, "maya.okafor")


@pytest.mark.parametrize("settings", [{"limits": {"pause_minutes": 10}}])
async def test_a_pause_after_each(bot: World) -> None:
    """As set."""
    maya = bot.person("UMAYA")
    await unlocked(bot, maya, "maya.okafor")
    bot.twin.org.lock("maya.okafor@northwind.example")
    await maya.dm("I'm locked out")
    await bot.card(maya, "Not again so soon")

    await bot.later(timedelta(minutes=10))
    await maya.dm("I'm locked out")
    await bot.card(maya, "Unlock your account?")


@pytest.mark.parametrize("settings", [{"limits": {"per_day": 1}}])
async def test_what_came_to_nothing_does_not_count(bot: World) -> None:
    """Okta declined it; once it works, it may be done."""
    maya = bot.person("UMAYA")
    bot.twin.set_roles({"READ_ONLY_ADMIN"})
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "I'm not allowed to do that")

    bot.twin.set_roles({"HELP_DESK_ADMIN"})
    await unlocked(bot, maya, "maya.okafor")


@pytest.mark.parametrize("settings", [{"limits": {"per_day": 1}}])
async def test_a_write_that_is_tried_again_counts_once(bot: World) -> None:
    """It is one request."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.faults.order("POST", UNLOCK, Fault.RATE_LIMIT, times=2, seconds=1)
    await maya.press(card.ts, "confirm")
    await bot.card_in_time(maya, "Your account is unlocked")


@pytest.mark.parametrize(
    "settings", [{"capabilities": {"reset_password": "act", "reset_mfa": "act"}, "limits": {"quiet_hours": 4}}]
)
async def test_quiet_after_a_new_password(bot: World) -> None:
    """Whoever has just chosen one may be somebody else; a day later it is not new any more."""
    jonas, org = bot.person("UJONAS"), bot.twin.org
    org.change(org.user("jonas.lindqvist@northwind.example").id, password_changed=org.clock.now())
    await jonas.dm("reset my Okta Verify")
    await bot.card(jonas, "Not so soon after a new password")

    await bot.later(timedelta(hours=4))
    await jonas.dm("reset my Okta Verify")
    await bot.card(jonas, "Which sign-in method")


@pytest.mark.parametrize("settings", [RESETS])
async def test_more_resets_than_on_a_usual_day_pull_the_brake(bot: World, redis: Redis) -> None:
    """The one too many is not made; nobody else's is; unlocking goes on; security hears of it once; a name lets it go."""
    jonas, clara, ben, maya = (bot.person(who) for who in ("UJONAS", "UCLARA", "UBEN", "UMAYA"))
    await reset(bot, jonas)
    await reset(bot, clara)
    await reset(bot, ben, title=STOPPED)
    await reset(bot, jonas, title=STOPPED)
    assert bot.effects == ["reset_password"] * 2
    await bot.until(lambda: bot.security, "the note")
    assert [one.partition("\n")[0] for one in bot.security] == ["The brake is on"]
    assert "unlatch brake release" in bot.security[0]
    await unlocked(bot, maya, "maya.okafor")

    await bot.later(timedelta(days=2))
    await reset(bot, ben, title=STOPPED)
    assert await brake_of(bot, redis).release(by="grace")
    await reset(bot, ben)
    await bot.until(lambda: len(bot.security) == 2, "the second note")
    assert bot.security[1].startswith("The brake was released\nBy ")

    entries: Any = await redis.xrange("{unlatch}:audit")
    noted = [json.loads(fields[b"entry"]) for _, fields in entries]
    assert [one["event"] for one in noted if one["event"].startswith("brake:")] == ["brake:pull", "brake:release"]
    assert [one.get("actor") for one in noted if one["event"].startswith("brake:")] == [None, SCRIBE.name("grace")]


@pytest.mark.parametrize("settings", [RESETS])
async def test_a_brake_pulled_after_the_confirm_was_asked_for(bot: World, redis: Redis) -> None:
    """It is read with the press."""
    jonas = bot.person("UJONAS")
    await jonas.dm("I forgot my password")
    card = await bot.card(jonas, "Reset your password?")
    assert await brake_of(bot, redis).pull("an incident", by="grace")
    assert not await brake_of(bot, redis).pull("an incident", by="ruth")
    await jonas.press(card.ts, "confirm")
    await bot.card(jonas, STOPPED)

    assert bot.writes == []


@pytest.mark.parametrize("settings", [{**RESETS, "brake": {"prompts": 1}, "proof": {"reset_password": "factor"}}])
async def test_prompts_that_are_denied_pull_it_too(bot: World) -> None:
    """Two people say No within minutes: somebody is at work."""
    people = (("UJONAS", "jonas.lindqvist"), ("UPRIYA", "priya.raman"))
    for who, handle in people:
        person = bot.person(who)
        await person.dm("I forgot my password")
        card = await bot.card(person, "Reset your password?")
        await person.press(card.ts, "confirm")
        card = await bot.card(person, "Is it really you?")
        await person.press(card.ts, next(one for one in card.action_ids if one.startswith("prove:push")))
        await bot.card(person, "Choose ")
        bot.twin.org.phones.deny(bot.twin.org.phones.pushes(f"{handle}@northwind.example")[0].id)
        await bot.card_in_time(person, "Somebody said No")
    clara = bot.person("UCLARA")
    await clara.dm("I forgot my password")
    await bot.card(clara, STOPPED)


@pytest.mark.parametrize("settings", [{"brake": {"resets": 0}, "capabilities": {"reset_password": "act"}}])
async def test_a_count_of_nothing_has_no_end(bot: World) -> None:
    """As set."""
    for who in ("UJONAS", "UCLARA", "UBEN"):
        await reset(bot, bot.person(who))

    assert bot.security == []
