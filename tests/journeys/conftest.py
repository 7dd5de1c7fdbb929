"""Fixtures of the journeys: one bot and one outside world per test."""

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.world import SECRETS, World, world


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings on top of the plain ones; a test overrides this by parametrizing it."""
    return {}


@pytest.fixture
async def bot(redis_url: str, redis: Redis, settings: dict[str, Any]) -> AsyncIterator[World]:
    """The bot over Socket Mode, on a server that is empty at first."""
    del redis
    async with world(redis_url, **settings) as running:
        yield running


@pytest.fixture(params=["socket", "http"])
async def either(
    request: pytest.FixtureRequest, redis_url: str, redis: Redis, settings: dict[str, Any]
) -> AsyncIterator[World]:
    """The bot over Socket Mode and over signed HTTP."""
    del redis
    async with world(redis_url, http=request.param == "http", **settings) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No journey may put a token, a signing secret or a typed text into the log."""
    caplog.set_level(logging.DEBUG)
    yield
    for secret in (*SECRETS, "hunter2"):
        assert secret not in caplog.text
