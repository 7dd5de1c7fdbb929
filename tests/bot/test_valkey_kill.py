"""The embedded server when processes are killed: itself, its launcher, and the bot's work in between."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from bot import engine, valkey
from bot.errors import StoreUnavailableError
from bot.keys import Keys
from bot.model import Actor, Intent, Origin, Place, Request, Surface
from bot.store import Store
from bot.valkey import EngineError, embedded
from sandbox.clock import Clock
from tests.bot.desk import Desk, Queue
from tests.bot.patience import eventually
from tests.bot.test_valkey import ask, is_gone, server_of
from tests.scribe import SCRIBE

pytestmark = pytest.mark.kill


@asynccontextmanager
async def launcher(data_dir: Path) -> AsyncIterator[tuple[Process, str]]:
    """Another process with the embedded server; answers it and the address."""
    command = [sys.executable, "-m", "tests.bot.launch", str(data_dir)]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process, (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


async def put_back(url: str, was: int) -> int:
    """Wait until another server answers at the address; its process."""
    found = was

    async def other() -> bool:
        nonlocal found
        try:
            found = await server_of(url)
        except RedisError:
            return False
        return found != was

    await eventually(other, "a server")
    return found


async def test_a_server_that_was_killed_is_put_back_with_all_it_had_answered(tmp_path: Path) -> None:
    """At the same address, as often as it happens."""
    async with embedded(tmp_path) as url:
        for times in range(3):
            assert await ask(url, "INCR", "key") == times + 1
            process = await server_of(url)
            os.kill(process, signal.SIGKILL)
            process = await put_back(url, process)
        assert await ask(url, "GET", "key") == b"3"

    await eventually(partial(is_gone, process), "the end of the server")


async def test_a_server_whose_launcher_was_killed_is_taken_over(tmp_path: Path) -> None:
    """With its data, by the next launcher, with which it ends."""
    async with launcher(tmp_path) as (first, url):
        await ask(url, "SET", "key", "1")
        process = await server_of(url)
        first.kill()
        await first.wait()
    async with embedded(tmp_path) as url:
        assert await server_of(url) == process
        assert await ask(url, "GET", "key") == b"1"

    await eventually(partial(is_gone, process), "the end of the server")


async def test_a_server_that_was_taken_over_is_put_back_too(tmp_path: Path) -> None:
    """Although it is no child of ours whose end we would be told of."""
    async with launcher(tmp_path) as (first, url):
        await ask(url, "SET", "key", "1")
        first.kill()
        await first.wait()
    async with embedded(tmp_path) as url:
        process = await server_of(url)
        os.kill(process, signal.SIGKILL)
        await put_back(url, process)
        assert await ask(url, "GET", "key") == b"1"


async def test_a_launcher_in_another_process_is_named(tmp_path: Path) -> None:
    """So that the administrator knows what to stop."""
    async with launcher(tmp_path) as (first, _):
        with pytest.raises(EngineError, match=rf"\(process {first.pid}\)"):
            async with embedded(tmp_path):
                pass


async def test_a_server_in_a_deep_directory_is_taken_over_as_well(tmp_path: Path) -> None:
    """Its alias of the directory died with its launcher."""
    deep = tmp_path / "/".join(["a-directory-that-is-rather-deep"] * 5)
    async with launcher(deep) as (first, url):
        process = await server_of(url)
        first.kill()
        await first.wait()
    async with embedded(deep) as url:
        assert await server_of(url) == process


async def test_a_server_that_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it answered is on the disk."""
    monkeypatch.setattr(valkey, "STOP_LIMIT", 0.1)
    async with embedded(tmp_path) as url:
        await ask(url, "SET", "key", "1")
        process = await server_of(url)
        os.kill(process, signal.SIGSTOP)

    await eventually(partial(is_gone, process), "the end of the server")
    async with embedded(tmp_path) as url:
        assert await ask(url, "GET", "key") == b"1"


def asked(request_id: str, clock: Clock) -> Request:
    """Somebody's request."""
    return Request(
        id=request_id,
        origin=Origin.PERSON,
        actor=Actor("UMAYA", "TNORTHWIND"),
        intent=Intent(),
        place=Place(Surface.DM),
        asked_at=clock.now(),
    )


async def test_work_goes_on_when_the_server_was_killed_in_the_middle_of_it(tmp_path: Path) -> None:
    """What was acknowledged is done, what was not is refused with an error, and nobody has to start anything anew."""
    clock, keys, desk, numbers = Clock(), Keys(), Desk(), count()
    taken: list[str] = []
    refused: list[str] = []

    async with embedded(tmp_path) as url:
        redis, reader = engine.connect(url), engine.connect_reader(url)
        store, queue = Store(redis, keys, clock, scribe=SCRIBE), Queue(redis, reader, keys, clock)

        async def arrive() -> None:
            request = asked(f"r{next(numbers)}", clock)
            try:
                await store.receive(request)
            except StoreUnavailableError:
                refused.append(request.id)
            else:
                taken.append(request.id)

        async def taken_again(already: int) -> bool:
            await arrive()
            return len(taken) > already

        async with queue.worked(desk):
            for _ in range(3):
                for _ in range(50):
                    await arrive()
                os.kill(await server_of(url), signal.SIGKILL)
                await eventually(partial(taken_again, len(taken)), "a store that takes requests again")
            for request_id in taken:
                await desk.has_answered(request_id)
        await redis.aclose()
        await reader.aclose()

    assert refused
    assert not set(refused) & set(taken)
