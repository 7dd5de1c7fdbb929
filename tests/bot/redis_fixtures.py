"""Fixtures that talk to a real server: the embedded one, once for all tests that do not kill it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot import engine
from bot.keys import Keys
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.desk import Queue
from tests.scribe import SCRIBE


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def redis_url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a server that all tests share."""
    async with engine.embedded(tmp_path_factory.mktemp("data")) as url:
        yield url


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the shared server, which is empty at first."""
    client = engine.connect(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def reader(redis_url: str) -> AsyncIterator[Redis]:
    """A client for blocking reads."""
    client = engine.connect_reader(redis_url)
    yield client
    await client.aclose()


@pytest.fixture
def keys() -> Keys:
    """The names that the bot uses."""
    return Keys()


@pytest.fixture
def clock() -> Clock:
    """The time, which a test can move."""
    return Clock()


@pytest.fixture
def store(redis: Redis, keys: Keys, clock: Clock) -> Store:
    """The store, empty."""
    return Store(redis, keys, clock, scribe=SCRIBE)


@pytest.fixture
def queue(redis: Redis, reader: Redis, keys: Keys, clock: Clock) -> Queue:
    """The queue, empty."""
    return Queue(redis, reader, keys, clock)
