"""Somebody says that it was not them: everything stops at once, whatever Okta says, and only IT lets it go on."""

from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.keys import Keys
from bot.pins import Pins, Standing
from sandbox.okta import Fault
from tests.scribe import SCRIBE
from tests.world import World, world

STOPPED = "I have stopped"


def pins(bot: World, redis: Redis) -> Pins:
    """Who is whom."""
    return Pins(redis, Keys(), bot.twin.clock, scribe=SCRIBE)


async def standing(bot: World, redis: Redis, member: str = "UMAYA") -> list[Standing]:
    """How a Slack user's pin stands."""
    return [pin.standing async for pin in pins(bot, redis).all() if pin.slack.endswith(member)]


async def test_everything_stops_at_once(bot: World, redis: Redis) -> None:
    """Before anything is confirmed: what waits is cancelled, and nothing that is asked for is done."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    waiting = await bot.card(maya, "Unlock your account?")

    await maya.dm("this wasn't me")
    await bot.card(maya, STOPPED)
    await bot.until(lambda: bot.cards(maya)[0].text.startswith("Cancelled"), "the end of what waited")
    await bot.forge_press("UMAYA", waiting, "confirm")
    await maya.dm("unlock my account")

    await bot.card(maya, "I have stopped, as you told me to")
    assert bot.writes == []
    assert bot.status("maya.okafor") == "LOCKED_OUT"
    assert await standing(bot, redis) == [Standing.FROZEN]


async def test_sessions_are_ended_if_that_is_confirmed(bot: World, redis: Redis) -> None:
    """It is the one thing that is done still, and done once."""
    maya = bot.person("UMAYA")
    bot.twin.org.change("maya.okafor@northwind.example", sessions=2)
    await maya.dm("I think my account was hacked")
    card = await bot.card(maya, STOPPED)
    assert "Nothing that I know of" in card.text
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "You are signed out of Okta everywhere")

    assert bot.effects == ["sessions"]
    assert await standing(bot, redis) == [Standing.FROZEN]


async def test_security_reads_what_was_done_before(bot: World) -> None:
    """With the references under which the audit has it, and how to let the person go on."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    reference = (await bot.card(maya, "Your account is unlocked")).text.split()[-1]

    await maya.dm("That was not me")
    card = await bot.card(maya, STOPPED)
    await bot.until(lambda: bot.security, "the note")

    assert "Your account was unlocked" in card.text
    (note,) = bot.security
    assert "<@UMAYA>" in note or "Maya" in note
    assert f"unlock_account done, reference {reference}" in note
    assert "unlatch people confirm" in note


async def test_only_an_administrator_lets_them_go_on(bot: World, redis: Redis) -> None:
    """Then it is as before, and no better: no factor has spoken."""
    maya = bot.person("UMAYA")
    await maya.dm("this wasn't me")
    await bot.card(maya, STOPPED)
    (pin,) = [pin async for pin in pins(bot, redis).all()]
    assert await pins(bot, redis).decide("confirm", pin.slack, by="ruth")

    await maya.dm("I'm locked out")

    await bot.card(maya, "Unlock your account?")
    assert await standing(bot, redis) == [Standing.UNPROVEN]


async def test_it_holds_while_okta_is_away(bot: World, redis: Redis) -> None:
    """The person is told as soon as Okta can be asked who they are."""
    maya = bot.person("UMAYA")
    await maya.dm("I can't log in")
    await bot.until(lambda: bot.cards(maya), "who she is")
    bot.twin.org.faults.order("GET", "/api/v1/users/*", Fault.ERROR_500, times=3)

    await maya.dm("this wasn't me")
    await bot.until(lambda: bot.security, "the note, whatever Okta says")
    assert await standing(bot, redis) == [Standing.FROZEN]
    card = await bot.card(maya, STOPPED)
    assert "I can't see your Okta account at the moment" in card.text

    await bot.card_in_time(maya, "I have stopped. Sign you out")


async def test_whoever_is_frozen_for_another_reason_ends_nobodys_sessions(bot: World, redis: Redis) -> None:
    """Two who lay claim to one account: neither may touch it, by this way either."""
    clara, maya = bot.person("UCLARA"), bot.person("UMAYA")
    await maya.dm("I can't log in")
    await bot.until(lambda: bot.cards(maya), "who she is")
    bot.twin.workspace.change_member("UCLARA", email=bot.twin.employee("UMAYA").address)
    await clara.dm("I can't log in")
    await bot.card(clara, "I can't be sure which Okta account is yours")

    for _ in range(2):
        await clara.dm("this wasn't me")
        await bot.card(clara, "I can't be sure which Okta account is yours")

    assert bot.writes == []
    assert await standing(bot, redis, "UCLARA") == [Standing.FROZEN]


@pytest.mark.parametrize("how", [{"read_only": True}, {"capabilities": {"not_me": "guide"}}])
async def test_read_only_stops_as_well(redis_url: str, redis: Redis, how: dict[str, object]) -> None:
    """It is the bot that stops, and not Okta."""
    async with world(redis_url, **how) as bot:  # type: ignore[arg-type]
        maya = bot.person("UMAYA")
        await maya.dm("this wasn't me")
        card = await bot.card(maya, STOPPED)

        assert "confirm" not in card.action_ids
        assert "I can't end your Okta sessions myself" in card.text
        assert await standing(bot, redis) == [Standing.FROZEN]
        await bot.until(lambda: bot.security, "the note")


async def test_a_protected_account_is_stopped_and_not_touched(redis_url: str, redis: Redis) -> None:
    """Nothing is written there; that nothing more is done holds all the same."""
    login = "maya.okafor@northwind.example"
    async with world(redis_url, protect={"check": "listed-only", "logins": [login]}) as bot:
        maya = bot.person("UMAYA")
        await maya.dm("this wasn't me")
        await bot.card(maya, STOPPED)

        assert bot.writes == []
        assert await standing(bot, redis) == [Standing.FROZEN]


async def test_an_expired_offer_leaves_it_stopped(bot: World, redis: Redis) -> None:
    """To let the button go does not undo anything, and to say it again brings it back; security hears of it once."""
    maya = bot.person("UMAYA")
    await maya.dm("this wasn't me")
    await bot.card(maya, STOPPED)
    await bot.later(timedelta(minutes=11))
    await bot.card_in_time(maya, "I have stopped\n")
    assert bot.writes == []
    assert await standing(bot, redis) == [Standing.FROZEN]

    await maya.dm("this wasn't me")
    card = await bot.card(maya, "I have stopped. Sign you out")
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "You are signed out of Okta everywhere")
    assert len(bot.security) == 1


async def test_where_it_is_off_nothing_stops(redis_url: str, redis: Redis) -> None:
    """It is said to be off, and is."""
    async with world(redis_url, capabilities={"not_me": "off"}) as bot:
        maya = bot.person("UMAYA")
        await maya.dm("I can't log in")
        await bot.until(lambda: bot.cards(maya), "who she is")
        await maya.command("not-me")
        await bot.until(lambda: len(bot.cards(maya)) > 1, "an answer")

        assert await standing(bot, redis) == [Standing.UNPROVEN]
        assert bot.security == []


async def test_an_account_that_is_found_no_more_is_stopped_all_the_same(bot: World, redis: Redis) -> None:
    """Whoever changed the address in Slack does not keep the owner from stopping them."""
    maya = bot.person("UMAYA")
    await maya.dm("I can't log in")
    await bot.until(lambda: bot.cards(maya), "who she is")
    bot.twin.workspace.change_member("UMAYA", email="somebody@else.example")

    await maya.dm("this wasn't me")
    card = await bot.card(maya, STOPPED)

    assert "I can't see your Okta account at the moment" in card.text
    assert await standing(bot, redis) == [Standing.FROZEN]


async def test_what_it_has_let_go_on_stays_so(bot: World, redis: Redis) -> None:
    """The button of the same card does not undo what an administrator has decided since."""
    maya = bot.person("UMAYA")
    await maya.dm("this wasn't me")
    card = await bot.card(maya, STOPPED)
    (pin,) = [pin async for pin in pins(bot, redis).all()]
    assert await pins(bot, redis).decide("confirm", pin.slack, by="ruth")

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "You are signed out of Okta everywhere")

    assert await standing(bot, redis) == [Standing.UNPROVEN]
    assert len(bot.security) == 1


async def test_to_stop_does_not_end_a_quarantine(redis_url: str, redis: Redis) -> None:
    """A factor has to speak for whoever has another address now, for the end of their sessions too."""
    async with world(redis_url) as bot:
        jonas = bot.person("UJONAS")
        await jonas.dm("I can't log in")
        await bot.until(lambda: bot.cards(jonas), "who she is")
        (pin,) = [pin async for pin in pins(bot, redis).all()]
        await pins(bot, redis).quarantine(pin)

        await jonas.dm("this wasn't me")
        card = await bot.card(jonas, STOPPED)
        await jonas.press(card.ts, "confirm")
        await bot.card(jonas, "Is it really you?")

        assert bot.writes == []
