"""Fixtures of the tests that drive the pipeline by hand."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.bot.bench import Bench, running_bench


@pytest.fixture
async def bench(redis_url: str, redis: Redis, settings: dict[str, Any]) -> AsyncIterator[Bench]:
    """A bot that only takes in, and three processes that could carry what it took."""
    async with running_bench(redis_url, redis, settings) as made:
        yield made
