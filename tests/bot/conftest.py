"""Fixtures of the tests that drive the pipeline by hand, or run a command."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.bot.bench import Bench, running_bench
from tests.bot.configured import write


@pytest.fixture
async def bench(redis_url: str, redis: Redis, settings: dict[str, Any]) -> AsyncIterator[Bench]:
    """A bot that only takes in, and three processes that could carry what it took."""
    async with running_bench(redis_url, redis, settings) as made:
        yield made


@pytest.fixture
def config(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that lead to the server of the tests; the environment adds nothing."""
    for name in tuple(os.environ):  # noqa: TID251 - what the settings would read is taken away
        if name.upper().startswith("UNLATCH_") or name == "REDIS_URL":
            monkeypatch.delenv(name)
    return write(tmp_path / "unlatch.toml", f'redis_url = "{redis_url}"')
