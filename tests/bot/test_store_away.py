"""A store that is empty, gone or hanging."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot import engine
from bot.bells import elapsed
from bot.errors import StoreUnavailableError
from bot.keys import Keys
from bot.model import (
    Record,
    State,
)
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.maya import CARD, SUBJECT, asked, given, moved
from tests.scribe import SCRIBE


async def test_nothing_is_read_where_nothing_is(store: Store) -> None:
    """An id that never was, or was long ago."""
    assert await store.load("r1") is None


def calls(store: Store, clock: Clock) -> dict[str, Any]:
    """Every way to ask the store."""
    record = Record(replace(asked(clock), subject=SUBJECT), (given(clock),))
    return {
        "receive": lambda: store.receive(asked(clock)),
        "signal": lambda: store.signal("r1", given(clock), key="k"),
        "load": lambda: store.load("r1"),
        "move": lambda: moved(store, record, State.DONE, clock),
        "showed": lambda: store.showed(record, CARD),
        "dismiss": lambda: store.dismiss(record),
        "posting": lambda: store.posting(record),
        "rings": lambda: store.rings("1-1"),
        "remind": lambda: store.remind("r1", timedelta(0)),
    }


@asynccontextmanager
async def own_server(folder: Path, clock: Clock) -> AsyncIterator[tuple[Redis, Store]]:
    """A server that can be disturbed."""
    async with engine.embedded(folder) as url:
        redis = engine.connect(url)
        try:
            yield redis, Store(redis, Keys(), clock, scribe=SCRIBE)
        finally:
            await redis.aclose()


async def test_a_store_that_is_gone_says_so_at_once(tmp_path: Path, clock: Clock) -> None:
    """Whatever is asked of it."""
    async with own_server(tmp_path, clock) as (redis, store):
        await store.receive(asked(clock))
    begun = elapsed()
    for name, call in calls(store, clock).items():
        with pytest.raises(StoreUnavailableError, match="ConnectionError"):
            await call()
        assert elapsed() - begun < 3, name
    await redis.aclose()


async def test_a_store_that_hangs_says_so_before_slack_gives_up(tmp_path: Path, clock: Clock) -> None:
    """All that are waiting, not only the first of them; and it is there again afterwards."""
    async with own_server(tmp_path, clock) as (redis, store):
        server = int((await redis.info("server"))["process_id"])
        os.kill(server, signal.SIGSTOP)
        begun = elapsed()
        try:
            asking = (call() for call in [*calls(store, clock).values(), *calls(store, clock).values()])
            outcomes = await asyncio.gather(*asking, return_exceptions=True)
        finally:
            os.kill(server, signal.SIGCONT)

        assert elapsed() - begun < 3
        assert {type(outcome) for outcome in outcomes} == {StoreUnavailableError}
        await store.receive(asked(clock))
