"""Somebody means harm, a directory is odd, an answer is lost at the worst moment: what is done and said stays true."""

from typing import Any

import pytest

from tests.journeys.test_reset_password import BY_EMAIL, FORGOT
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
