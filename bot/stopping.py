"""How a process that runs until it is told to end learns that."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_STOP: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Yields what is set when the process is told to end; until the context ends nothing else comes of the signals.

    Entered before anything is started, so that what is told early is not lost and nothing is left running.
    """
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in _STOP:
        loop.add_signal_handler(number, told.set)
    try:
        yield told
    finally:
        for number in _STOP:
            loop.remove_signal_handler(number)


async def stopped(told: asyncio.Event, *tasks: asyncio.Task[None]) -> None:
    """Wait until the process is told to end, or one of `tasks` does, whose error is then raised."""
    waiting = asyncio.create_task(told.wait())
    try:
        done, _ = await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        waiting.cancel()
