"""In shadow people get directions, nothing is written, and what would have been done is counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.cli import main
from bot.commands.common import OK
from sandbox.okta import Fault
from tests.bot.configured import write
from tests.world import World, world

SHADOW = {"unlock_account": "shadow", "reset_password": "shadow"}
MAYA, JONAS = "maya.okafor@northwind.example", "jonas.lindqvist@northwind.example"


@pytest.fixture
async def shadow(redis_url: str, redis: Redis) -> AsyncIterator[World]:
    """A bot that only looks on."""
    del redis
    settings = {"proof": {"reset_password": "factor"}, "protect": {"check": "listed-only", "logins": [JONAS]}}
    async with world(redis_url, capabilities=SHADOW, **settings) as running:  # type: ignore[arg-type]
        yield running


async def reported(redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """What the command says."""
    file = write(tmp_path / "unlatch.toml", f'redis_url = "{redis_url}"\ncapabilities.unlock_account = "shadow"')
    assert await asyncio.to_thread(main, ["shadow", "report", "--config", str(file), *more]) == OK
    return capsys.readouterr().out


async def ask(bot: World, member: str, text: str) -> str:
    """The card that comes."""
    person = bot.person(member)
    before = len(bot.cards(person))
    await person.dm(text)
    await bot.until(lambda: len(bot.cards(person)) > before, "a card")
    return bot.cards(person)[-1].text


async def test_people_get_directions_and_it_is_counted(
    shadow: World, redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As if it were set to guide; the report tells for whom it would have gone on, and what would have stopped others."""
    assert "Unlock your account?" not in await ask(shadow, "UMAYA", "I'm locked out")
    await ask(shadow, "UMAYA", "unlock my account")
    await ask(shadow, "UJONAS", "I forgot my password")

    said = await reported(redis_url, tmp_path, capsys)

    assert shadow.writes == []
    assert "unlock_account: 2 requests that it fits, by 1 people, within 30 days" in said
    assert "2  would have gone on: they confirm\n" in said
    assert "1  would have been refused, or only guided: protected" in said
    assert shadow.security == []
    document = json.loads(await reported(redis_url, tmp_path, capsys, "--json"))
    assert document["unlock_account"]["people"] == 1


async def test_what_cannot_be_read_costs_nobody_their_directions(
    shadow: World, redis_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is counted as what would have been refused."""
    shadow.twin.org.faults.order("GET", "/api/v1/users/*/factors", Fault.ERROR_500, times=50)

    said = await ask(shadow, "UCLARA", "I forgot my password")

    assert "didn't answer" not in said
    assert "facts_unread" in await reported(redis_url, tmp_path, capsys)
    assert shadow.security == []


async def test_an_empty_report_says_what_to_do(
    redis_url: str, redis: Redis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is in shadow, if anything is."""
    del redis

    said = await reported(redis_url, tmp_path, capsys, "--days", "7")

    assert said == ("Within 7 days nobody has asked for anything that is in shadow.\nIn shadow now: unlock_account.\n")
