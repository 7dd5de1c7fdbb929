"""Somebody is locked out and gets back in, or is told truthfully why not."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sandbox.people import EMPLOYEES
from tests.world import World

LOCKED_OUT = "I'm locked out, my password is hunter2"


async def test_maya_is_let_back_in(either: World) -> None:
    """The main job: one message, one press, one unlock, and a card that says so."""
    maya = either.person("UMAYA")

    await maya.dm(LOCKED_OUT)
    card = await either.card(maya, "Unlock your account?")
    assert either.status("maya.okafor") == "LOCKED_OUT"
    assert "Maya Okafor" in card.text
    assert card.action_ids == ["confirm", "cancel"]
    await maya.press(card.ts, "confirm")
    done = await either.card(maya, "Your account is unlocked")

    assert done.ts == card.ts
    assert either.status("maya.okafor") == "ACTIVE"
    assert either.effects == ["unlock"]
    assert "confirm" not in done.action_ids


async def test_cancel_leaves_everything_as_it_was(bot: World) -> None:
    """Cancel is an answer; the card can be asked again from."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")

    await maya.press(card.ts, "cancel")
    cancelled = await bot.card(maya, "Cancelled")

    assert bot.writes == []
    assert cancelled.action_ids == ["ask:unlock_account"]
    await maya.press(cancelled.ts, "ask:unlock_account")
    again = await bot.card(maya, "Unlock your account?")
    assert again.ts != card.ts


async def test_two_clicks_are_one_unlock(bot: World) -> None:
    """People double-click; the further presses are answered, not carried out."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")

    await asyncio.gather(*(maya.press(card.ts, "confirm") for _ in range(3)))
    await bot.card(maya, "Your account is unlocked")
    await bot.until(lambda: bot.whispers(maya), "an answer to the further presses")

    assert bot.effects == ["unlock"]
    assert all("one is enough" in said or "is finished" in said for said in bot.whispers(maya))


async def test_an_offer_expires(bot: World) -> None:
    """After ten minutes the card closes itself, and a late press does nothing."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")

    await bot.later(timedelta(minutes=10, seconds=1))
    expired = await bot.card(maya, "This offer has expired")

    assert expired.ts == card.ts
    assert expired.action_ids == ["ask:unlock_account"]
    assert bot.writes == []


async def test_a_click_after_the_time_is_late_even_if_the_card_still_stood(bot: World) -> None:
    """The press and the expiry race; the clock decides, not who came first."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")

    bot.twin.clock.advance(timedelta(minutes=11))
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "This offer has expired")
    await bot.until(lambda: bot.whispers(maya), "an answer to the late press")

    assert bot.writes == []
    assert "ran out" in bot.whispers(maya)[0]


async def test_asking_again_closes_the_earlier_card(bot: World) -> None:
    """Two open cards for one thing would be one too many; the older says so and does nothing when pressed."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    first = await bot.card(maya, "Unlock your account?")
    await maya.dm("unlock my account")
    await bot.until(lambda: len(bot.cards(maya)) == 2, "the second card")
    await bot.until(lambda: bot.cards(maya)[0].text.startswith("Replaced"), "the first card closed")

    assert bot.cards(maya)[0].ts == first.ts
    assert bot.cards(maya)[0].action_ids == []
    await maya.press(bot.cards(maya)[1].ts, "confirm")
    await bot.card(maya, "Your account is unlocked")
    assert bot.effects == ["unlock"]


async def test_consent_to_one_lock_is_none_to_the_next(bot: World) -> None:
    """IT unlocked, and somebody locked again: the card that was pressed offered to lift another lock."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.set_status("maya.okafor@northwind.example", "ACTIVE")
    await bot.later(timedelta(seconds=1))
    bot.twin.org.lock("maya.okafor@northwind.example")
    drawn = card.edited

    await maya.press(card.ts, "confirm")
    await bot.until(lambda: bot.cards(maya)[-1].edited != drawn, "the card drawn anew")
    assert bot.writes == []
    assert bot.cards(maya)[-1].action_ids == ["confirm", "cancel"]
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Your account is unlocked")

    assert bot.effects == ["unlock"]


async def test_consent_to_an_unlock_is_none_to_lifting_a_block(bot: World) -> None:
    """What the card would say now is something else, so it is asked."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.set_status("maya.okafor@northwind.example", "ACTIVE")
    bot.twin.org.block("maya.okafor@northwind.example")

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Lift the block on new devices?")

    assert bot.writes == []


async def test_somebody_who_is_unlocked_meanwhile_is_told_so(bot: World) -> None:
    """What the card offered is decided anew when it is pressed."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.set_status("maya.okafor@northwind.example", "ACTIVE")

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Your account is not locked")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [{"read_only": True}, {"capabilities": {"unlock_account": "guide"}}])
async def test_where_it_may_not_act_it_gives_directions(bot: World, settings: dict[str, Any]) -> None:
    """Read-only, or set to guide: exact directions, and no request to Okta that is not a read."""
    del settings
    maya = bot.person("UMAYA")

    await maya.dm("I'm locked out")
    card = await bot.card(maya, "How to unlock your account")

    assert "Need help signing in?" in card.text
    assert "confirm" not in card.action_ids
    assert bot.status("maya.okafor") == "LOCKED_OUT"
    assert bot.writes == []


@pytest.mark.parametrize("settings", [{"read_only": True, "links": {"unlock": "https://northwind.example/unlock"}}])
async def test_a_configured_portal_is_linked(bot: World, settings: dict[str, Any]) -> None:
    """The company's own page is one press away."""
    maya = bot.person("UMAYA")

    await maya.dm("I'm locked out")
    card = await bot.card(maya, "How to unlock your account")

    urls = [element.get("url") for _, element in card.elements]
    assert settings["links"]["unlock"] in urls


@pytest.mark.parametrize("settings", [{"capabilities": {"unlock_account": "off"}}])
async def test_what_is_off_is_refused_by_name(bot: World, settings: dict[str, Any]) -> None:
    """Off is off, and says who can change it; nothing is offered that would be refused."""
    del settings
    maya = bot.person("UMAYA")

    await maya.dm("I'm locked out")
    await bot.card(maya, "I can't do that here")
    await maya.dm("I can't log in")
    card = await bot.card(maya, "How to unlock your account")

    assert "ask:unlock_account" not in card.action_ids
    assert bot.writes == []


@pytest.mark.parametrize(
    ("user_id", "title"),
    [
        ("UDIEGO", "How to unlock your account"),
        ("UHELEN", "How to unlock your account"),
        ("UIVAN", "Your account is not locked in Okta"),
        ("UAIKO", "Your account is not locked in Okta"),
        ("UPRIYA", "Your password has expired"),
        ("ULENA", "A password reset is waiting for you"),
        ("UOMAR", "Your account is suspended"),
        ("UTOM", "Your account is waiting for you"),
        ("UNINA", "Your account is not active yet"),
        ("UJONAS", "Your account is not locked"),
    ],
)
async def test_every_other_state_is_told_as_it_is(bot: World, user_id: str, title: str) -> None:
    """Nobody is offered an unlock that could not help them."""
    person = bot.person(user_id)

    await person.dm("unlock my account")
    card = await bot.card(person, title)

    assert "confirm" not in card.action_ids
    assert bot.writes == []


@pytest.mark.parametrize("settings", [{"directory_unlock": True}])
@pytest.mark.parametrize("user_id", ["UDIEGO", "UHELEN"])
async def test_by_opt_in_okta_is_unlocked_for_directory_people(
    bot: World, user_id: str, settings: dict[str, Any]
) -> None:
    """The card says before and after that the directory's own lock is another matter."""
    del settings
    bot.twin.org.settings.directory_unlock = True
    person = bot.person(user_id)
    await person.dm("unlock my account")
    card = await bot.card(person, "Unlock your account in Okta?")
    assert "company's directory" in card.text

    await person.press(card.ts, "confirm")
    done = await bot.card(person, "Your account is unlocked in Okta")

    assert bot.effects == ["unlock"]
    assert "can't see whether it is locked there" in done.text


async def test_a_block_on_new_devices_is_lifted(bot: World) -> None:
    """ACTIVE is not always free to sign in."""
    blocked = next(one for one in EMPLOYEES if one.blocked)
    person = bot.person(blocked.slack_id or "")

    await person.dm("unlock my account")
    card = await bot.card(person, "Lift the block on new devices?")
    await person.press(card.ts, "confirm")
    await bot.card(person, "The block is lifted")

    assert bot.effects == ["unlock"]


async def test_locked_again_at_once_is_told_apart_from_not_unlocked(bot: World) -> None:
    """A phone with the old password locks the account again before anybody looks: the unlock happened all the same."""
    maya = bot.person("UMAYA")
    await maya.dm("locked!")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.lock_again_after_unlock("maya.okafor@northwind.example")

    await maya.press(card.ts, "confirm")
    told = await bot.card(maya, "Unlocked, and locked again")

    assert bot.effects == ["unlock"]
    assert "a phone" in told.text
