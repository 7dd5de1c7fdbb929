"""Replicas: a server that has some may go back in time when one takes over, so it is not called lasting."""

import asyncio
import socket
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotConnectedError

from bot import engine
from bot.engine import EngineError, Lasting, belongs, durability, judge
from bot.valkey import SETTINGS, find_server
from tests.bot.patience import eventually

GOOD = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
ALONE = {"role": "master", "connected_slaves": 0, "repl_backlog_active": 0}


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Redis]:
    """A client that is closed afterwards."""
    redis = engine.connect(url)
    try:
        yield redis
    finally:
        await redis.aclose()


@asynccontextmanager
async def replica(primary: Redis, folder: Path) -> AsyncIterator[Redis]:
    """A replica of `primary`, in sync with it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    await primary.config_set("bind", "127.0.0.1")
    await primary.config_set("port", port)
    await primary.config_set("repl-diskless-sync-delay", 0)
    command = (*SETTINGS, "--dir", str(folder), "--replicaof", f"127.0.0.1 {port}")
    running = await asyncio.create_subprocess_exec(find_server(), *command, cwd=folder, stdout=DEVNULL, stderr=DEVNULL)
    try:
        async with client(f"unix://{folder / 'valkey.sock'}") as follower:

            async def in_sync() -> bool:
                with suppress(NotConnectedError):
                    return bool((await follower.info("replication"))["master_link_status"] == "up")
                return False

            await eventually(in_sync, "a replica in sync")
            yield follower
    finally:
        running.kill()
        await running.wait()


@pytest.mark.parametrize(
    "replication",
    [
        ALONE | {"connected_slaves": 1},
        ALONE | {"connected_slaves": 2, "repl_backlog_active": 1},
        ALONE | {"repl_backlog_active": 1},
        ALONE | {"role": "slave"},
        {"connected_slaves": 0, "repl_backlog_active": 0},
        {"role": "master"},
        {},
    ],
    ids=str,
)
def test_a_server_that_may_be_replaced_by_a_replica_is_uncertain(replication: dict[str, object]) -> None:
    """Whatever its own disk keeps; with what to do."""
    found = judge(GOOD, replication)

    assert found.lasting is Lasting.UNKNOWN
    assert "without replicas, or leave redis_url out" in found.reason


def test_replication_that_is_not_shown_is_uncertain_and_a_known_fault_comes_first() -> None:
    """What is surely wrong is said before what may be."""
    assert judge(GOOD, ALONE).lasting is Lasting.YES
    assert "no replicas" in judge(GOOD, None).reason
    assert judge(GOOD | {"appendonly": "no"}, ALONE | {"connected_slaves": 1}).lasting is Lasting.NO


async def test_a_real_replica_is_seen_from_both_ends_and_takes_nobody_in(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Also while it is away: it may be back, and in charge, at any time."""
    async with engine.embedded(tmp_path) as url, client(url) as primary:
        assert (await durability(primary)).lasting is Lasting.YES
        async with replica(primary, tmp_path_factory.mktemp("replica")) as follower:
            assert (await durability(primary)).lasting is Lasting.UNKNOWN
            assert (await durability(follower)).lasting is Lasting.UNKNOWN
            with pytest.raises(EngineError, match="does not take what is written to it"):
                await belongs(follower, "mark", "us")

        async def alone() -> bool:
            return bool((await primary.info("replication"))["connected_slaves"] == 0)

        await eventually(alone, "a primary whose replica is gone")
        assert (await durability(primary)).lasting is Lasting.UNKNOWN


async def test_a_server_belongs_to_whoever_came_first(redis: Redis) -> None:
    """For good; the same owner comes again, from any number of processes."""
    assert await belongs(redis, "mark", "us")
    assert await belongs(redis, "mark", "us")
    assert not await belongs(redis, "mark", "them")
    assert await redis.get("mark") == b"us"


async def test_a_server_that_is_not_there_belongs_to_nobody() -> None:
    """And says so as at every other call."""
    async with client("redis://127.0.0.1:1/0") as nowhere:
        with pytest.raises(EngineError, match="does not answer at its address"):
            await belongs(nowhere, "mark", "us")
