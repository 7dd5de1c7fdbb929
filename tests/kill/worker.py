"""Real worker processes that send themselves a signal at a chosen point: the N-th time anything they do is suspended.

Every await that really waits (for Redis, Okta or Slack) is such a point, in `flow.advance` and in every task it starts,
and so is its return, when only the doorbell is left to be taken off. What a call was to send has left when it is
suspended, and its answer is not here; so the run over all N covers "before it left", "after it left" and "after the
answer came" of each call.

    python -m tests.kill.worker SETTINGS.toml

is a nursery. For each line it reads, with N, the signal's number and the version of a request from which to count, it
forks one worker, and says when that is ready, where it sent itself the signal, and how it ended. A worker that starts
by itself would need most of a second for its imports.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Generator
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bot import app, settings
from bot.flow import Flow
from bot.parts import Pace
from bot.ports import Lease
from bot.stopping import stop_signals, stopped
from tests.kill.clock import FILE as CLOCK
from tests.kill.clock import SharedClock

PACE: Final = Pace(lease=timedelta(seconds=0.6), sweep=timedelta(seconds=2), okta_limit=1.4)
"""Of all bots in these tests. The limit on Okta is above the patience with which a card waits (`bot.show.PATIENCE`)."""

_ROOT: Final = Path(__file__).parents[2]
_OURS: Final = (_ROOT / "bot", _ROOT / "okta")

_counted: ContextVar[bool] = ContextVar("counted", default=False)


class Countdown:
    """Counts suspensions, and sends the signal at the last one.

    Args:
        left: how many.
        number: the signal.
    """

    def __init__(self, left: int, number: int) -> None:
        self._left = left
        self._number = number

    def tick(self, where: str) -> None:
        """One more suspension. SIGKILL and SIGSTOP take hold before this returns, without any clean-up."""
        self._left -= 1
        if self._left == 0:
            _say("at", where)
            os.kill(os.getpid(), self._number)


class Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose every suspension is counted."""

    def __init__(self, inner: Coroutine[Any, Any, Any], countdown: Countdown) -> None:
        self._inner = inner
        self._countdown = countdown

    def send(self, value: Any) -> Any:
        """Run to the next suspension."""
        waiting = self._inner.send(value)
        self._countdown.tick(whereabouts(self._inner))
        return waiting

    def throw(self, *error: Any) -> Any:
        """The same with an error."""
        waiting = self._inner.throw(*error)
        self._countdown.tick(whereabouts(self._inner))
        return waiting

    def close(self) -> None:
        """End."""
        self._inner.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield from self._inner.__await__())


def whereabouts(suspended: Any) -> str:
    """Where in our own code a coroutine is suspended, outermost call first."""
    places = []
    while suspended is not None:
        frame = getattr(suspended, "cr_frame", None) or getattr(suspended, "gi_frame", None)
        if frame is not None and Path(frame.f_code.co_filename).is_relative_to(_ROOT):
            file = Path(frame.f_code.co_filename)
            if any(file.is_relative_to(ours) for ours in _OURS):
                places.append(f"{file.name}:{frame.f_lineno}")
        suspended = getattr(suspended, "cr_await", None) or getattr(suspended, "gi_yieldfrom", None)
    return " > ".join(places) or "elsewhere"


def install(countdown: Countdown, since: int) -> None:
    """Put ourselves in the place of `Flow.advance`, before a bot is made: what that does is counted from now on.

    Args:
        countdown: counts.
        since: the version that a request has when counting begins.
    """
    original = Flow.advance

    async def advance(self: Flow, request_id: str, _version: int, lease: Lease) -> None:
        if _version < since:
            await original(self, request_id, _version, lease)
            return
        _counted.set(True)
        await asyncio.create_task(original(self, request_id, _version, lease))  # tasks are what is counted
        countdown.tick("all done but the doorbell")

    def task(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        return asyncio.Task(Counted(coro, countdown) if _counted.get() else coro, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(task)
    Flow.advance = advance  # type: ignore[method-assign]  # the tests' own hook, kept out of the product


async def work(config: Path, at: int, number: int, since: int) -> None:
    """Be a worker until told to end, or until the signal that it sends itself ends it."""
    install(Countdown(at, number), since)
    with stop_signals() as told:
        clock = SharedClock(config.parent / CLOCK)
        async with app.bot(settings.load(config), clock=clock, edge=False, pace=PACE) as running:
            _say("ready")
            await stopped(told, *running.tasks)


def main(config: Path) -> None:
    """Fork a worker for each line, one after the other, until there are no more."""
    for line in sys.stdin:
        at, number, since = map(int, line.split())
        pid = os.fork()
        if pid == 0:
            _be_born(config, at, number, since)
        _say("born", str(pid))
        _, status = os.waitpid(pid, 0)
        _say("ended", str(os.waitstatus_to_exitcode(status)))


def _be_born(config: Path, at: int, number: int, since: int) -> None:
    """The life of a forked worker; does not return into the nursery's loop."""
    code = 1
    try:
        asyncio.run(work(config, at, number, since))
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        sys.stderr.flush()
        os._exit(code)


def _say(*words: str) -> None:
    print(*words, flush=True)  # noqa: T201 - the tests read it


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which end what they started
    main(Path(sys.argv[1]))
