"""Administrators' accounts, and those that are listed, are never written to; and the security team hears of who tries."""

import json
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.keys import Keys
from bot.notices import Note
from bot.pins import Pins
from sandbox.okta import Fault
from sandbox.people import Group, Status, okta_id
from sandbox.slack import Fault as SlackFault
from sandbox.twin import API_TOKEN, ROLES_TOKEN
from tests.scribe import SCRIBE
from tests.world import SECURITY, STEP, World, world

BY_ROLES: dict[str, Any] = {"signs_in": {"api_token": API_TOKEN, "roles": {"api_token": ROLES_TOKEN}}}
RESETS: dict[str, Any] = {**BY_ROLES, "capabilities": {"reset_password": "act", "reset_mfa": "act"}}
UNSEEING: dict[str, Any] = {"protect": {"check": "roles"}}
ROLES = "/api/v1/users/*/roles"
GRACE, RUTH, MAYA = "grace.adeyemi", "ruth.mensah", "maya.okafor"
REFUSED = "I don't change this account"


def lock(world: World, handle: str) -> None:
    """Somebody is locked out."""
    world.twin.org.lock(f"{handle}@northwind.example")


def looks(world: World) -> int:
    """How often it was asked who administers what."""
    return sum(call.path.endswith("/roles") for call in world.twin.org.calls)


def make_admin(world: World, handle: str) -> None:
    """Somebody is made an administrator."""
    world.twin.org.give_role(f"{handle}@northwind.example", "REPORT_ADMIN")


@pytest.mark.parametrize("settings", [BY_ROLES])
@pytest.mark.parametrize(("who", "handle"), [("UGRACE", GRACE), ("URUTH", RUTH)])
async def test_an_administrator_is_refused_and_the_security_team_told(bot: World, who: str, handle: str) -> None:
    """Whether by a role of their own or by a group; once, and with who, whom and the reference."""
    lock(bot, handle)
    person = bot.person(who)
    await person.dm("I'm locked out")
    card = await bot.card(person, REFUSED)
    await bot.until(lambda: bot.security, "the note")

    assert bot.writes == []
    assert card.action_ids in ([], ["link:help_desk"])
    (told,) = bot.security
    assert told.startswith("Refused: a protected account")
    assert f"<@{who}> asked for `unlock_account` on *{handle}@northwind.example*" in told
    assert card.text.split()[-1] in told


@pytest.mark.parametrize("settings", [RESETS])
@pytest.mark.parametrize("text", ["I forgot my password", "reset my Okta Verify"])
async def test_nothing_of_theirs_is_changed(bot: World, text: str) -> None:
    """Nor are they asked for a choice or a proof."""
    grace = bot.person("UGRACE")
    await grace.dm(text)
    await bot.card(grace, REFUSED)

    assert bot.writes == []


@pytest.mark.parametrize(
    "protect",
    [
        {"check": "listed-only", "logins": ["maya.okafor@northwind.example"]},
        {"logins": ["MAYA.*"]},
        {"groups": [Group.CUSTOMER_CARE.value.upper()]},
    ],
)
async def test_those_who_are_listed(redis_url: str, redis: Redis, protect: dict[str, Any]) -> None:
    """By login, by pattern, by group, whatever their case."""
    del redis
    async with world(redis_url, protect=protect) as bot:
        maya, yusuf = bot.person("UMAYA"), bot.person("UYUSUF")
        await maya.dm("I'm locked out")
        await bot.card(maya, REFUSED)
        if "groups" not in protect:
            await yusuf.dm("I'm locked out")
            await bot.card(yusuf, "Lift the block")
        assert bot.writes == []


async def test_a_group_by_its_id(redis_url: str, redis: Redis) -> None:
    """A name may change; the id does not."""
    del redis
    async with world(redis_url, protect={"groups": [okta_id("00g", Group.CUSTOMER_CARE)]}) as bot:
        maya = bot.person("UMAYA")
        await maya.dm("I'm locked out")
        await bot.card(maya, REFUSED)


@pytest.mark.parametrize("settings", [BY_ROLES])
async def test_somebody_who_is_made_an_administrator_before_they_confirm(bot: World) -> None:
    """It is decided anew with the press."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    make_admin(bot, MAYA)
    await maya.press(card.ts, "confirm")
    await bot.card(maya, REFUSED)

    assert bot.writes == []


@pytest.mark.parametrize("settings", [BY_ROLES])
async def test_somebody_who_is_made_an_administrator_after_all_was_decided(bot: World, redis: Redis) -> None:
    """It is looked at once more, between the fence and the write."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.faults.order("GET", ROLES, Fault.STALL_AFTER, seconds=0)  # the look with the decision
    bot.twin.org.faults.order("GET", ROLES, Fault.STALL, seconds=0.5)  # the last one
    await maya.press(card.ts, "confirm")
    await bot.until(lambda: looks(bot) == 3, "the last look")
    make_admin(bot, MAYA)
    await bot.card_in_time(maya, REFUSED)

    entries: Any = await redis.xrange("{unlatch}:audit")
    assert "step:begun" in [json.loads(fields[b"entry"])["event"] for _, fields in entries]
    assert bot.writes == []


@pytest.mark.parametrize("settings", [BY_ROLES])
async def test_nothing_is_written_for_whoever_was_stopped_meanwhile(bot: World, redis: Redis) -> None:
    """Between the fence and the write it is looked as well whether anything may be done for whoever asked."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    pins = Pins(redis, Keys(), bot.twin.clock, scribe=SCRIBE)
    (pin,) = [pin async for pin in pins.all()]
    bot.twin.org.faults.order("GET", ROLES, Fault.STALL_AFTER, seconds=0)  # the look with the decision
    bot.twin.org.faults.order("GET", ROLES, Fault.STALL, seconds=0.5)  # the last one
    await maya.press(card.ts, "confirm")
    await bot.until(lambda: looks(bot) == 3, "the last look")
    assert await pins.freeze(pin.slack, "r", Note("n", "security.not_me", "r", "UMAYA", "", bot.twin.clock.now()))
    await bot.card_in_time(maya, "I have stopped, as you told me to")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [BY_ROLES])
async def test_what_may_not_be_seen_is_not_written_to(bot: World) -> None:
    """The credential for roles has lost its right: the person is told that it is not their fault, security what to do."""
    bot.twin.org.set_roles(ROLES_TOKEN, {"REPORT_ADMIN"})
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    await bot.card(maya, "I can't do that now")
    await bot.until(lambda: bot.security, "the note")

    assert bot.writes == []
    assert "`unlatch doctor` says what is missing" in bot.security[0]


@pytest.mark.parametrize("settings", [UNSEEING])
async def test_a_credential_that_cannot_see_roles_changes_nothing(bot: World) -> None:
    """The main one, asked to do without one of its own."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    await bot.card(maya, "I can't do that now")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [BY_ROLES])
@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE_503, Fault.GATEWAY_502, Fault.RATE_LIMIT, Fault.CUT_BEFORE])
async def test_a_check_that_fails_is_waited_for(bot: World, fault: Fault) -> None:
    """Before the card, and right before the write."""
    maya = bot.person("UMAYA")
    bot.twin.org.faults.order("GET", ROLES, fault, seconds=1)
    await maya.dm("I'm locked out")
    card = await bot.card_in_time(maya, "Unlock your account?")
    assert bot.writes == []
    await maya.press(card.ts, "confirm")
    await bot.card_in_time(maya, "Your account is unlocked")

    assert bot.effects == ["unlock"]


@pytest.mark.parametrize("settings", [BY_ROLES])
async def test_a_check_that_goes_on_failing_ends_in_words(bot: World) -> None:
    """Nothing is changed because nobody could look."""
    maya = bot.person("UMAYA")
    bot.twin.org.faults.order("GET", ROLES, Fault.UNAVAILABLE_503, times=10_000)
    await maya.dm("I'm locked out")
    await bot.card_in_time(maya, "Okta did not answer")

    assert bot.writes == []


@pytest.mark.parametrize(
    "settings", [{**BY_ROLES, "capabilities": {"reset_mfa": "act"}, "reset_mfa": {"several": True}}]
)
async def test_a_plan_half_way_stops_for_an_administrator(bot: World) -> None:
    """What is done is told, and what is not."""
    jonas, org = bot.person("UJONAS"), bot.twin.org
    ids = [one.id for one in org.user("jonas.lindqvist@northwind.example").factors if one.type != "push"]
    await jonas.dm("reset my Okta Verify")
    card = await bot.card(jonas, "Which sign-in method")
    await jonas.select(card.ts, "tick:0", ids)
    await jonas.press(card.ts, "choose")
    card = await bot.card(jonas, "Remove this from your account?")
    org.faults.order("DELETE", f"/api/v1/users/*/factors/{ids[1]}", Fault.READ_ONLY_503, times=1)
    await jonas.press(card.ts, "confirm")
    await bot.until(lambda: len(bot.effects) == 1, "the first removal")
    make_admin(bot, "jonas.lindqvist")
    card = await bot.card_in_time(jonas, "Only a part of it is done")

    assert "Your account has extra protection now" in card.text
    assert len(bot.effects) == 1


@pytest.mark.parametrize("settings", [BY_ROLES])
async def test_a_note_that_slack_does_not_take_is_told_later(bot: World) -> None:
    """Once."""
    bot.twin.workspace.faults.order("chat.postMessage", SlackFault.error("fatal_error"), times=4)
    lock(bot, GRACE)
    grace = bot.person("UGRACE")
    await grace.dm("I'm locked out")
    await bot.card_in_time(grace, REFUSED)

    def told() -> bool:
        bot.twin.clock.advance(STEP)
        return bool(bot.security)

    await bot.until(told, "the note")
    assert len(bot.security) == 1


@pytest.mark.parametrize("settings", [BY_ROLES])
async def test_a_bot_that_is_not_in_the_channel_says_so_and_tries_again(
    bot: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Until somebody invites it."""
    bot.twin.workspace.channels.leave(SECURITY, "U0UNLATCH")
    lock(bot, GRACE)
    grace = bot.person("UGRACE")
    await grace.dm("I'm locked out")
    await bot.card(grace, REFUSED)
    await bot.until(lambda: "the security channel cannot be told" in caplog.text, "the complaint")

    bot.twin.workspace.channels.join(SECURITY, "U0UNLATCH")
    await bot.later(timedelta(minutes=5))
    await bot.until(lambda: bot.security, "the note")
    assert bot.status(GRACE) == Status.LOCKED_OUT


@pytest.mark.parametrize(
    "settings", [{"proof": {"reset_password": "factor"}, "capabilities": {"reset_password": "act"}}]
)
async def test_the_security_team_hears_of_a_no_on_the_phone(bot: World) -> None:
    """And by which Slack user it was asked for."""
    jonas = bot.person("UJONAS")
    await jonas.dm("I forgot my password")
    card = await bot.card(jonas, "Reset your password?")
    await jonas.press(card.ts, "confirm")
    card = await bot.card(jonas, "Is it really you?")
    await jonas.press(card.ts, next(one for one in card.action_ids if one.startswith("prove:push")))
    await bot.card(jonas, "Choose ")
    bot.twin.org.phones.deny(bot.twin.org.phones.pushes("jonas.lindqvist@northwind.example")[0].id)
    await bot.card_in_time(jonas, "Somebody said No")
    await bot.until(lambda: bot.security, "the note")

    assert bot.security[0].startswith("Somebody said No on the phone\n<@UJONAS> asked for `reset_password`")
