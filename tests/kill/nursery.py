"""The tests' side of `tests.kill.worker`: a nursery process, and one mortal worker after another out of it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LIMIT: Final = 60.0
"""Seconds within which a worker is ready or ends, on a machine that has other things to do."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a worker.

    Attributes:
        at: at which suspension it sends itself the signal; beyond the last one, nothing happens to it.
        number: the signal.
        since: the version that a request has when counting begins.
    """

    at: int
    number: signal.Signals = signal.SIGKILL
    since: int = 1


@dataclass(slots=True)
class MortalWorker:
    """One worker.

    Attributes:
        where: where it was when it sent itself the signal; empty while it has not.
        code: how it ended, as `subprocess` has it; None while it lives, stopped or not.
    """

    pid: int = 0
    is_at_work: bool = False
    where: str = ""
    code: int | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, line: str) -> None:
        """Note what the nursery, or the worker itself, says."""
        match line.split(maxsplit=1):
            case ["born", pid]:
                self.pid = int(pid)
            case ["ready"]:
                self.is_at_work = True
            case ["at", where]:
                self.where = where.strip()
            case ["ended", code]:
                self.code = int(code)
            case _:
                raise AssertionError(f"the nursery said {line!r}")
        self.changed.set()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    async def has_ended(self) -> int:
        """Wait for its end; answers how it ended."""
        async with asyncio.timeout(LIMIT):
            while self.code is None:
                self.changed.clear()
                await self.changed.wait()
        return self.code

    async def is_born(self) -> None:
        """Wait until it can be told something."""
        async with asyncio.timeout(LIMIT):
            while not self.pid:
                self.changed.clear()
                await self.changed.wait()

    async def is_ready(self) -> None:
        """Wait until it works."""
        async with asyncio.timeout(LIMIT):
            while not (self.pid and self.is_at_work):
                if self.code is not None:
                    raise AssertionError(f"the worker ended with {self.code} before it was ready")
                self.changed.clear()
                await self.changed.wait()


class Nursery:
    """Makes workers, one at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @asynccontextmanager
    async def worker(self, fate: Fate) -> AsyncIterator[MortalWorker]:
        """A worker that is ready; it does not outlive the context."""
        born = MortalWorker()
        if self._process.stdin is None:
            raise RuntimeError("a nursery reads from a pipe")
        self._process.stdin.write(f"{fate.at} {fate.number.value} {fate.since}\n".encode())
        listening = asyncio.create_task(self._listen(born))
        try:
            await born.is_ready()
            yield born
        finally:
            await born.is_born()
            if born.code is None:
                with suppress(ProcessLookupError):
                    born.tell(signal.SIGKILL)
            await listening

    async def _listen(self, born: MortalWorker) -> None:
        if self._process.stdout is None:
            raise RuntimeError("a nursery writes to a pipe")
        while born.code is None:
            line = await self._process.stdout.readline()
            if not line:
                raise AssertionError("the nursery has gone")
            born.take(line.decode())


@asynccontextmanager
async def nursery(config: Path) -> AsyncIterator[Nursery]:
    """A nursery for workers with the settings in a file."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.kill.worker", str(config), stdin=pipe, stdout=pipe, cwd=Path(__file__).parents[2]
    )
    try:
        yield Nursery(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()
