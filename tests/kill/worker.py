"""A real worker process that kills itself with SIGKILL at a chosen point: the N-th time anything it does is suspended.

Every await that really waits (for Redis, Okta or Slack) is such a point, in `flow.advance` and in every task it starts.
So the run over all N covers "before the bytes left", "after they left" and "after the answer came" of each call.

    python -m tests.kill.worker SETTINGS.toml N
"""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bot import app, settings
from bot.capability import Lease
from bot.flow import Flow
from bot.stopping import stop_signals, stopped

_counted: ContextVar[bool] = ContextVar("counted", default=False)


class Countdown:
    """Counts suspensions and ends the process at the last one, without any clean-up."""

    def __init__(self, left: int) -> None:
        self._left = left

    def tick(self) -> None:
        """One more suspension."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose every suspension is counted."""

    def __init__(self, inner: Coroutine[Any, Any, Any], countdown: Countdown) -> None:
        self._inner = inner
        self._countdown = countdown

    def send(self, value: Any) -> Any:
        """Run to the next suspension."""
        waiting = self._inner.send(value)
        self._countdown.tick()
        return waiting

    def throw(self, *error: Any) -> Any:
        """The same with an error."""
        waiting = self._inner.throw(*error)
        self._countdown.tick()
        return waiting

    def close(self) -> None:
        """End."""
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield from self._inner.__await__())


def count(flow: Flow, countdown: Countdown) -> None:
    """Let everything that `flow.advance` does from now on be counted."""
    advance = flow.advance

    async def counted(request_id: str, version: int, lease: Lease) -> None:
        _counted.set(True)
        await asyncio.create_task(advance(request_id, version, lease))

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(Counted(coro, countdown) if _counted.get() else coro, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(factory)
    flow.advance = counted  # type: ignore[method-assign]  # the tests' own hook, kept out of the product


async def main(config: Path, kill_at: int) -> None:
    """Run a worker until it kills itself or is killed."""
    with stop_signals() as told:
        async with app.bot(settings.load(config), edge=False) as running:
            count(running.flow, Countdown(kill_at))
            print("ready", flush=True)  # noqa: T201 - the test waits for it
            await stopped(told)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
