"""`unlatch brake`: in whose name, and what is told."""

import asyncio
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.cli import main
from bot.commands.common import NOT_AS_TOLD, OK, REFUSED
from tests.bot.configured import write


async def brake(config: Path, *arguments: str) -> int:
    """The command, in a thread of its own as in a process of its own."""
    return await asyncio.to_thread(main, ["brake", *arguments, "--config", str(config)])


async def test_it_is_pulled_and_released_by_name(
    redis: Redis, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twice is told, and is not what was asked for; the audit has who did it."""
    del redis
    assert await brake(config) == OK
    assert capsys.readouterr().out == "The brake is off.\n"
    assert await brake(config, "pull", "--by", "grace", "--why", "an incident") == OK
    assert await brake(config, "pull") == NOT_AS_TOLD
    assert capsys.readouterr().out == "The brake is on.\nThe brake was on already.\n"
    assert await brake(config, "show") == OK
    said = capsys.readouterr().out
    assert said.startswith("The brake is on since ")
    assert said.endswith("UTC: an incident.\n")
    assert await brake(config, "release", "--by", "ruth") == OK
    assert await brake(config, "release") == NOT_AS_TOLD
    assert capsys.readouterr().out == "The brake is off; resets go on.\nThe brake was not on.\n"
    await asyncio.to_thread(main, ["audit", "--config", str(config)])
    pulled, released = capsys.readouterr().out.splitlines()
    assert ("brake:pull" in pulled, "grace" in pulled) == (True, True)
    assert ("brake:release" in released, "ruth" in released) == (True, True)


async def test_without_a_store_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And changes nothing."""
    nowhere = write(tmp_path / "nowhere.toml", 'redis_url = "redis://127.0.0.1:9"')

    assert await brake(nowhere, "pull") == REFUSED
    assert "Redis does not answer" in capsys.readouterr().err
