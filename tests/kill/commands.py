"""The bot as an administrator runs it: the command in a process of its own."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.kill.nursery import LIMIT

ROOT = Path(__file__).parents[2]


class Command:
    """A running command."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said: list[str] = []
        self._news = asyncio.Event()
        self._listening = asyncio.create_task(self._listen())

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def said(self) -> str:
        """What it has logged so far."""
        return "".join(self._said)

    async def says(self, text: str) -> None:
        """Wait until it has logged something."""
        async with asyncio.timeout(LIMIT):
            while text not in self.said:
                if self._listening.done():
                    raise AssertionError(f"it ended without {text!r}: {self.said}")
                self._news.clear()
                await self._news.wait()

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def has_ended(self) -> int:
        """Wait for its end; answers how it ended."""
        async with asyncio.timeout(LIMIT):
            await self._listening
            return await self._process.wait()

    async def end(self) -> None:
        """Let it end if it has not."""
        if self._process.returncode is None:
            self._process.terminate()
        await self.has_ended()

    async def _listen(self) -> None:
        if self._process.stderr is None:
            raise RuntimeError("a command logs into a pipe")
        async for line in self._process.stderr:
            self._said.append(line.decode())
            self._news.set()
        self._news.set()


@asynccontextmanager
async def command(name: str, config: Path) -> AsyncIterator[Command]:
    """Run `unlatch NAME` until it works; it ends with the context."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", name, "--config", str(config)), stderr=asyncio.subprocess.PIPE, cwd=ROOT
    )
    running = Command(process)
    try:
        await running.says("is running")
        yield running
    finally:
        await running.end()
