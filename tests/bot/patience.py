"""Waiting for what happens elsewhere, with a limit, and without sleeping for a fixed time."""

import asyncio
from collections.abc import Awaitable, Callable

LIMIT = 20.0


async def eventually(true: Callable[[], Awaitable[object]], what: str, limit: float = LIMIT) -> None:
    """Wait until a question is answered with yes; fails after `limit` seconds."""
    try:
        async with asyncio.timeout(limit):
            while not await true():  # noqa: ASYNC110 - it happens elsewhere, where no event of ours is set
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"{what}: not within {limit} s") from None
