"""`unlatch explain`: the decisions as they would be, and nothing done."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.cli import main
from bot.commands.common import NOT_AS_TOLD, OK, REFUSED
from bot.explanation import Stage, explain
from tests.bot.configured import write
from tests.world import NO_PROOF, World, world

RESETS: dict[str, Any] = {
    "capabilities": {"reset_password": "act", "reset_mfa": "act"},
    "proof": {**NO_PROOF, "reset_password": "factor"},
}


async def explained(bot: World, redis_url: str, login: str, name: str) -> list[Stage]:
    """The stages."""
    before = len(bot.writes)
    stages = await explain(bot.settings, redis_url, f"{login}@northwind.example", name, clock=bot.twin.clock)
    assert len(bot.writes) == before
    return stages


async def test_each_stage_with_its_rules(redis_url: str, redis: Redis) -> None:
    """To the end, where the person does what is asked of them; and not further where nothing is."""
    async with world(redis_url, **RESETS) as bot:
        stages = await explained(bot, redis_url, "jonas.lindqvist", "reset_password")
        assert [(one.stage, one.verdict, one.rules[-1]) for one in stages] == [
            ("asked", "confirm", "consent_needed"),
            ("confirmed", "prove", "proof_needed"),
            ("proved", "act", "proof_given"),
        ]
        stages = await explained(bot, redis_url, "jonas.lindqvist", "reset_mfa")
        assert [(one.stage, one.verdict) for one in stages] == [
            ("asked", "choose"),
            ("chosen", "confirm"),
            ("confirmed", "act"),
        ]
        (stage,) = await explained(bot, redis_url, "clara.novak", "reset_password")
        assert (stage.verdict, stage.title, stage.rules) == (
            "refuse",
            "I can't check that it's you",
            ("fits", "no_proof_possible"),
        )
    assert await redis.keys("*:req:*") == await redis.keys("*:tally:*") == []


async def test_what_was_done_already_counts(redis_url: str, redis: Redis) -> None:
    """The same as when they would ask."""
    del redis
    async with world(redis_url, limits={"per_day": 1}) as bot:
        maya = bot.person("UMAYA")
        await maya.dm("I'm locked out")
        card = await bot.card(maya, "Unlock your account?")
        await maya.press(card.ts, "confirm")
        await bot.card(maya, "Your account is unlocked")
        bot.twin.org.lock("maya.okafor@northwind.example")

        (stage,) = await explained(bot, redis_url, "maya.okafor", "unlock_account")
        assert stage.rules[-1] == "spent"


async def test_the_command(redis_url: str, redis: Redis, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In words; somebody who is not there, and something that the bot cannot do."""
    del redis
    async with world(redis_url) as bot:
        file = write(tmp_path / "mine.toml", f'redis_url = "{redis_url}"')
        text = file.read_text().replace("https://acme.okta.com", bot.twin.okta_url)
        file.write_text(text.replace('"00abc"', f'"{bot.settings.okta.api_token.get_secret_value()}"'))  # type: ignore[union-attr]

        def ask(*arguments: str) -> int:
            return main(["explain", *arguments, "--config", str(file)])

        assert await asyncio.to_thread(ask, "maya.okafor@northwind.example", "unlock_account") == OK
        assert capsys.readouterr().out.splitlines() == [
            "asked      confirm  Unlock your account?",
            "                    rests on: fits, consent_needed",
            "confirmed  act      Unlock your account?",
            "                    rests on: fits, consent_given",
        ]
        assert await asyncio.to_thread(ask, "nobody@northwind.example", "unlock_account") == NOT_AS_TOLD
        assert capsys.readouterr().out.startswith("Okta does not show this account: ")
        assert await asyncio.to_thread(ask, "maya.okafor@northwind.example", "fly") == REFUSED
        assert "There are: account_history, not_me, reset_mfa" in capsys.readouterr().err
        assert bot.writes == []
