"""Who somebody was found to be holds from then on: another address makes them nobody else."""

import asyncio
from typing import Any

import pytest

from sandbox.slack import Person
from tests.world import World

MAYA, JONAS, CLARA = (f"{name}@northwind.example" for name in ("maya.okafor", "jonas.lindqvist", "clara.novak"))
FROZEN = "I can't be sure which Okta account is yours"
ACTS: dict[str, Any] = {"capabilities": {"reset_password": "act", "reset_mfa": "act"}}


async def ask(bot: World, person: Person, title: str | tuple[str, ...], text: str = "I'm locked out") -> None:
    """Ask, and get an answer of one's own."""
    before = len(bot.cards(person))
    await person.dm(text)
    await bot.until(lambda: len(bot.cards(person)) > before, "the answer")
    await bot.card(person, title)


def change_okta(bot: World, login: str, address: str) -> None:
    """Okta has another address for somebody."""
    user = bot.twin.org.user(login)
    bot.twin.org.change(user.id, profile={**user.profile, "email": address})


async def test_a_victims_address_after_their_first_contact(bot: World) -> None:
    """The attacker is pinned to their own account and is nobody else; the victim goes on."""
    maya, clara = bot.person("UMAYA"), bot.person("UCLARA")
    await ask(bot, maya, "Unlock your account?")
    await ask(bot, clara, "Your account is not locked")
    bot.twin.workspace.change_member("UCLARA", email=MAYA)
    await ask(bot, clara, "I found no Okta account for you")
    await ask(bot, maya, "Unlock your account?")

    assert bot.writes == []


async def test_a_victims_address_before_the_attackers_first_contact(bot: World) -> None:
    """The victim is pinned: two lay claim to one account, and nothing is done for either; security hears of it."""
    maya, clara = bot.person("UMAYA"), bot.person("UCLARA")
    await ask(bot, maya, "Unlock your account?")
    bot.twin.workspace.change_member("UCLARA", email=MAYA)
    await ask(bot, clara, FROZEN)
    await ask(bot, maya, FROZEN)
    await bot.until(lambda: len(bot.security) == 2, "the notes")

    assert all(told.startswith("Frozen: two claims to one account") for told in bot.security)
    assert bot.writes == []


async def test_an_attacker_who_comes_first(bot: World) -> None:
    """Gets no further than an unlock, and the victim's own first word freezes both."""
    maya, clara = bot.person("UMAYA"), bot.person("UCLARA")
    bot.twin.workspace.change_member("UCLARA", email=MAYA)
    bot.twin.workspace.change_member("UMAYA", email="maya.o@northwind.example")
    await ask(bot, clara, "Unlock your account?")
    bot.twin.workspace.change_member("UMAYA", email=MAYA)
    await ask(bot, maya, FROZEN)
    card = bot.cards(clara)[-1]
    await clara.press(card.ts, "confirm")
    await bot.card(clara, FROZEN)

    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_another_address_on_both_sides_takes_a_factor(bot: World) -> None:
    """Jonas has married: a factor speaks for him once, though the rules ask for none, and then it is as before."""
    jonas, org = bot.person("UJONAS"), bot.twin.org
    await ask(bot, jonas, "Your account is not locked")
    change_okta(bot, JONAS, "jonas.b@northwind.example")
    bot.twin.workspace.change_member("UJONAS", email="jonas.b@northwind.example")
    await ask(bot, jonas, "Reset your password?", "I forgot my password")
    card = bot.cards(jonas)[-1]
    await jonas.press(card.ts, "confirm")
    card = await bot.card(jonas, "Is it really you?")
    await jonas.press(card.ts, next(one for one in card.action_ids if one.startswith("prove:push")))
    await bot.card(jonas, "Choose ")
    (push,) = org.phones.pushes(JONAS)
    org.phones.approve(push.id, push.answer)
    await bot.card_in_time(jonas, "Your password is reset")

    await ask(bot, jonas, ("Send you the link again?", "Reset your password?"), "I forgot my password")
    await jonas.press(bot.cards(jonas)[-1].ts, "confirm")
    await bot.until(lambda: bot.effects.count("reset_password") == 2, "a reset without another proof")


async def test_somebody_quarantined_and_locked_goes_to_it(bot: World) -> None:
    """Okta takes no proof of the locked, and without one nothing is done."""
    maya = bot.person("UMAYA")
    await ask(bot, maya, "Unlock your account?")
    change_okta(bot, MAYA, "maya.x@northwind.example")
    bot.twin.workspace.change_member("UMAYA", email="maya.x@northwind.example")
    await ask(bot, maya, "I can't check that it's you")

    assert bot.writes == []


async def test_an_address_that_changes_between_the_card_and_the_press(bot: World) -> None:
    """The press is nobody's."""
    maya = bot.person("UMAYA")
    await ask(bot, maya, "Unlock your account?")
    bot.twin.workspace.change_member("UMAYA", email=CLARA)
    await maya.press(bot.cards(maya)[-1].ts, "confirm")
    await bot.card(maya, "I found no Okta account for you")

    assert bot.writes == []


async def test_two_first_words_at_once_make_one_pin(bot: World) -> None:
    """And no conflict with oneself."""
    maya = bot.person("UMAYA")
    await asyncio.gather(*(maya.dm(f"I'm locked out {'.' * number}") for number in range(4)))
    await bot.until(lambda: len(bot.cards(maya)) == 4, "the answers")
    await ask(bot, maya, "Unlock your account?")
