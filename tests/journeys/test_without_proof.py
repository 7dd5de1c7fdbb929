"""Against a real Okta, what could hand an account over and asks for no proof is guided: a Slack session is not enough.

The settings name an org that could be anybody's real one, and the wire alone leads to the twin.
"""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import app, credentials
from bot.settings import Settings
from okta.transport import build_http
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, twin
from tests.world import NO_PROOF, World

ACTS = {"reset_password": "act", "reset_mfa": "act"}


@pytest.fixture
def modes() -> dict[str, str]:
    """What the capabilities are set to."""
    return ACTS


@pytest.fixture
async def real(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, modes: dict[str, str]) -> AsyncIterator[World]:
    """The bot with the address of a real org."""
    async with twin() as outside:

        def to_the_twin(_org_url: str, **more: Any) -> httpx.AsyncClient:
            return build_http(outside.okta_url, **more)

        monkeypatch.setattr(credentials, "build_http", to_the_twin)
        settings = Settings(
            slack={"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": f"{outside.slack_url}/api/"},
            okta={"org_url": "https://northwind.okta.com", "api_token": API_TOKEN},
            capabilities=modes,
            proof=NO_PROOF,
            data_dir=tmp_path,
        )
        async with app.bot(settings, clock=outside.clock):
            yield World(outside, settings)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the start warned of."""
    return [one.getMessage() for one in caplog.get_records("setup") if one.levelno == logging.WARNING]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("I forgot my password", "How to reset your password"),
        ("reset my Okta Verify", "How to reset a sign-in method"),
    ],
)
async def test_what_is_set_to_act_gives_directions(
    real: World, caplog: pytest.LogCaptureFixture, text: str, title: str
) -> None:
    """With nothing to press that would do anything; the start has said why, once."""
    jonas = real.person("UJONAS")

    await jonas.dm(text)
    card = await real.card(jonas, title)

    assert card.action_ids == []
    assert real.writes == []
    (told,) = warnings(caplog)
    assert told.startswith("reset_mfa, reset_password: set to act, but only directions are given")
    assert "taking over an account must never be one stolen Slack session away" in told


@pytest.mark.parametrize("modes", [{}])
async def test_what_takes_nothing_over_acts(real: World, caplog: pytest.LogCaptureFixture) -> None:
    """An unlock keeps the password; and nothing is warned of that nobody has switched on."""
    maya = real.person("UMAYA")

    await maya.dm("I'm locked out")
    card = await real.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await real.until(lambda: real.effects == ["unlock"], "the unlock")

    assert warnings(caplog) == []
