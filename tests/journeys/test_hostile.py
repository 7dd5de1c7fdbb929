"""Somebody means harm, a directory is odd, an answer is lost at the worst moment: what is done and said stays true."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.keys import Keys
from sandbox.okta import Fault
from sandbox.okta.factors import Factor
from sandbox.slack import Fault as SlackFault
from tests.journeys.test_reset_mfa import ACTS, SESSIONS, SEVERAL, asked, chosen, factors, labels, ticked
from tests.journeys.test_reset_password import BY_EMAIL, BY_LINK, FORGOT, confirmed, shown_link, window
from tests.world import World

JONAS = "jonas.lindqvist@northwind.example"
BY_LOGIN: dict[str, Any] = {**BY_EMAIL, "identity_attribute": "login"}


@pytest.mark.parametrize("settings", [BY_LOGIN])
async def test_a_consent_to_one_address_is_none_to_another(bot: World) -> None:
    """Whoever can change a profile could else have the link mailed to themselves, with the owner's own consent."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")
    assert "jo•••@northwind.example" in card.text
    bot.twin.org.change(JONAS, profile={**bot.twin.org.user(JONAS).profile, "email": "jo@elsewhere.example"})

    await jonas.press(card.ts, "confirm")
    await bot.until(lambda: "jo•••@elsewhere.example" in bot.cards(jonas)[-1].text, "the card asking anew")

    assert bot.writes == []


def keys(world: World, count: int, name: str = "Key") -> tuple[Factor, ...]:
    """Security keys, all of one name."""
    key = next(one for one in world.twin.org.user(JONAS).factors if one.type == "webauthn")
    return tuple(replace(key, id=f"fwf{n:017}", profile={"authenticatorName": name}) for n in range(count))


ENDING = "/api/v1/users/*/sessions"
NOT_KNOWN = "I couldn't find out whether all of it worked"


@pytest.mark.parametrize("settings", [SESSIONS])
async def test_sessions_that_may_have_ended_are_not_said_to_go_on(bot: World) -> None:
    """Every answer was lost after its effect; at the last try Okta did nothing, which says nothing of those before."""
    jonas = bot.person("UJONAS")
    card = await ticked(bot, jonas, "webauthn")
    bot.twin.org.faults.order("DELETE", ENDING, Fault.CUT_AFTER, times=3)
    bot.twin.org.faults.order("DELETE", ENDING, Fault.READ_ONLY_503, times=100)

    await jonas.press(card.ts, "confirm")
    ended = await bot.card_in_time(jonas, NOT_KNOWN)

    assert "• Security key or passkey" in ended.text.partition("Of this I don't know")[0]
    assert "• Sign you out" in ended.text.partition("Of this I don't know")[2]


@pytest.mark.parametrize("settings", [SESSIONS])
async def test_a_cancel_while_sessions_may_have_ended_is_told_as_that(bot: World) -> None:
    """It comes too late to say what was not done."""
    jonas = bot.person("UJONAS")
    card = await ticked(bot, jonas, "webauthn")
    bot.twin.org.faults.order("DELETE", ENDING, Fault.CUT_AFTER, times=100)

    await jonas.press(card.ts, "confirm")
    await bot.card(jonas, "I have to wait a moment")
    await bot.forge_press("UJONAS", card, "cancel")
    await bot.card_in_time(jonas, NOT_KNOWN)

    assert factors(bot) == ["push", "token:software:totp"]


@pytest.mark.parametrize("settings", [BY_EMAIL])
async def test_an_offer_of_something_that_is_not_there_any_more_is_answered(bot: World) -> None:
    """A card of an earlier version is pressed while Slack is silent: the wait ends with words, and not on the dead list."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")
    for _ in range(20):
        bot.twin.workspace.faults.order("users.info", SlackFault.error("fatal_error"))

    await bot.forge_ask("UJONAS", card, "request_app")

    await bot.card_in_time(jonas, "I couldn't check who you are")


@pytest.mark.parametrize("settings", [ACTS, SEVERAL])
async def test_a_factor_whose_id_no_button_can_carry_is_left_out(bot: World, settings: dict[str, Any]) -> None:
    """Slack would refuse the whole card for it."""
    jonas = bot.person("UJONAS")
    first, second, long, blank, good = keys(bot, 5)
    odd = (replace(first, id=""), replace(second, id=""), replace(long, id="f" * 300), replace(blank, id="f w"))
    bot.twin.org.change(JONAS, factors=(*odd, good))

    card = await asked(bot, jonas)

    assert labels(card)[:-1] == (["Security key or passkey: Key"] if settings is ACTS else ["Go on"])
    assert str(card.blocks).count("passkey: Key") == 1


@pytest.mark.parametrize("settings", [{**ACTS, "links": {"portal": "https://northwind.example/"}}])
async def test_more_buttons_than_slack_takes_together_are_shown(bot: World) -> None:
    """Choices, Cancel and a link: 26."""
    jonas = bot.person("UJONAS")
    phones = tuple(replace(key, type="sms", provider="OKTA") for key in keys(bot, 24))
    bot.twin.org.change(JONAS, factors=phones)

    card = await asked(bot, jonas, "I have a new phone", "A new phone")

    assert [action.partition(":")[0] for action in card.action_ids] == ["choose"] * 24 + ["cancel", "link"]


@pytest.mark.parametrize("settings", [SESSIONS])
async def test_a_consent_shows_all_that_it_is_to(bot: World) -> None:
    """Forty names that grow as they are made harmless: none is cut off, nor the warning behind them, and the card stays."""
    jonas = bot.person("UJONAS")
    many = keys(bot, 40, "&" * 40)
    bot.twin.org.change(JONAS, factors=many)
    card = await asked(bot, jonas)
    for start in range(0, 40, 10):
        await jonas.select(card.ts, f"tick:{start}", [one.id for one in many[start : start + 10]])

    await jonas.press(card.ts, "choose")
    asking = await bot.card(jonas, "Remove this from your account?")

    assert asking.ts == card.ts
    assert str(asking.blocks).count("&amp;" * 40) == 40
    assert "the last one I can see" in str(asking.blocks)
    assert "signed out of Okta" in str(asking.blocks)


@pytest.mark.parametrize("settings", [BY_EMAIL])
async def test_a_moment_that_is_not_shown_any_more_is_no_new_password(bot: World) -> None:
    """Okta may leave `passwordChanged` out of any answer."""
    jonas = bot.person("UJONAS")
    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")
    bot.twin.org.change(JONAS, password_changed=None)

    await bot.later(timedelta(minutes=2))

    await bot.card(jonas, "Has the mail come?")


@pytest.mark.parametrize("settings", [ACTS])
async def test_what_cannot_be_seen_is_not_said_to_have_gone_too(bot: World) -> None:
    """The right to see factors is lost while one is removed."""
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "push")
    bot.twin.org.faults.order("DELETE", "/api/v1/users/*/factors/*", Fault.STALL_AFTER, seconds=2)

    await jonas.press(card.ts, "confirm")
    await bot.until(lambda: bot.effects, "the removal")
    bot.twin.set_roles({"GROUP_MEMBERSHIP_ADMIN"})
    done = await bot.card_in_time(jonas, "Removed")

    assert "went with it" not in done.text


@pytest.mark.parametrize("settings", [SEVERAL])
async def test_a_chosen_part_of_okta_verify_that_stays_is_told(bot: World) -> None:
    """Push was to take it along, so it has no step of its own; it is there still, or again."""
    jonas = bot.person("UJONAS")
    code = next(one for one in bot.twin.org.user(JONAS).factors if one.type == "token:software:totp")
    card = await ticked(bot, jonas, "push", "token:software:totp")
    bot.twin.org.faults.order("DELETE", "/api/v1/users/*/factors/*", Fault.STALL_AFTER, seconds=2)

    await jonas.press(card.ts, "confirm")
    await bot.until(lambda: bot.effects, "the removal")
    bot.twin.org.change(JONAS, factors=(*bot.twin.org.user(JONAS).factors, code))
    done = await bot.card_in_time(jonas, "Removed")

    assert "Another part of the same app is still there" in done.text


@pytest.mark.parametrize("settings", [BY_EMAIL])
async def test_a_look_that_never_succeeds_does_not_go_on_promising(bot: World) -> None:
    """Okta shows the account no more: after eight days nobody looks, and the card does not say that somebody does."""
    jonas = bot.person("UJONAS")
    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")
    bot.twin.org.faults.order("GET", "/api/v1/users/*", Fault.READ_ONLY_503, times=10_000)

    await bot.later(timedelta(days=8, minutes=10))

    given_up = await bot.card(jonas, "I can't see how it went on")
    assert given_up.action_ids[0] == "ask:reset_password"


@pytest.mark.parametrize("settings", [BY_LINK])
async def test_a_link_is_nowhere_but_in_its_owners_window(
    bot: World, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever else presses gets a window without it; it is in no message, not in Redis, and in no log at any level."""
    jonas, clara = bot.person("UJONAS"), bot.person("UCLARA")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")

    presses = (bot.forge_press(who, card, "confirm:window") for who in ("UCLARA", "UJONAS", "UCLARA"))
    await asyncio.gather(*presses)
    secret = (await shown_link(bot, jonas)).rpartition("/")[2]
    await bot.card(jonas, "Your password is reset")
    await bot.until(lambda: "belongs to somebody else" in window(clara), "the words in the other window")

    assert secret not in window(clara)
    assert not any(secret in str(message) for person in (jonas, clara) for message in person.sees())
    kept: list[Any] = [await redis.hgetall(key) for key in await redis.keys("*req:*")]
    kept += [await redis.xrange(key) for key in (Keys().audit, Keys().bells)]
    assert kept
    assert secret not in str(kept)
    assert secret not in caplog.text
