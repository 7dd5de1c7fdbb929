"""Fixtures of the Slack edge: one bot and one outside world per test, and nothing of a payload in the log."""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from tests.slack.post_box import PostBox
from tests.world import SECRETS, World, world

MARKER = "hunter2"
"""Stands in what people write and impostors send; it must not come up in any log."""


@pytest.fixture(params=["socket", "http"])
async def either(request: pytest.FixtureRequest, redis_url: str, redis: Redis) -> AsyncIterator[World]:
    """The bot over Socket Mode and over signed HTTP."""
    del redis
    async with world(redis_url, http=request.param == "http") as running:
        yield running


@pytest.fixture
async def box(redis_url: str, redis: Redis) -> AsyncIterator[PostBox]:
    """The bot's HTTP door, to put anything into; what is taken in stays where it is."""
    async with world(redis_url, http=True, worker=False) as running, PostBox.at(running, redis) as opened:
        yield opened


@pytest.fixture(autouse=True)
def nothing_of_a_payload_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Neither a token nor anything that somebody wrote or sent is in the log, at any level."""
    caplog.set_level(logging.DEBUG)
    yield
    for secret in (*SECRETS, MARKER):
        assert secret not in caplog.text
