"""`unlatch audit export`, `verify` and `forget`, as an administrator and an auditor use them."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot import anchors, engine
from bot.anchors import signed
from bot.chain import Head
from bot.cli import main
from bot.commands.common import NOT_AS_TOLD, OK, REFUSED
from bot.keys import Keys
from bot.model import State
from bot.pins import Pins
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.configured import write
from tests.bot.maya import moved, received
from tests.scribe import AUDIT_KEY, SCRIBE

LOGIN = "maya.lindqvist@northwind.example"


async def audit(*arguments: str) -> int:
    """The command, in a thread of its own as in a process of its own."""
    return await asyncio.to_thread(main, ["audit", *arguments])


@pytest.fixture
async def told(store: Store, clock: Clock) -> None:
    """Three entries."""
    record = await received(store, clock)
    await moved(store, await moved(store, record, State.ASKING, clock), State.CANCELLED, clock)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """The key, as it is brought to where an export is checked."""
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text(f"{AUDIT_KEY}\n")
    return file


@pytest.mark.usefixtures("told")
async def test_an_export_is_checked_where_there_is_nothing_but_the_key(
    config: Path, tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And whoever changes it is found out."""
    out = tmp_path / "audit.jsonl"
    assert await audit("export", str(out), "--config", str(config)) == OK
    assert f"3 entries are in {out}. Check them anywhere: unlatch audit verify {out}" in capsys.readouterr().out
    assert out.stat().st_mode & 0o777 == 0o600
    assert LOGIN not in out.read_text()
    monkeypatch.chdir(tmp_path)

    assert await audit("verify", str(out), "--key-file", str(key_file)) == OK
    said = capsys.readouterr().out
    assert said.startswith("All 3 entries, from 1 to 3, hang together.\nNo anchor speaks for them: ")

    out.write_text(out.read_text().replace("request:cancelled", "request:done"))
    assert await audit("verify", str(out), "--key-file", str(key_file)) == NOT_AS_TOLD
    assert "The audit is not what was written: " in capsys.readouterr().out


@pytest.mark.usefixtures("told")
async def test_names_go_along_only_if_asked_for(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the screen as well as into a file."""
    assert await audit("export", "-", "--names", "--config", str(config)) == OK

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert LOGIN in {line.get("name") for line in lines}
    assert lines[-1]["audit"] == "export"
    assert not (tmp_path / "-").exists()


@pytest.mark.usefixtures("told")
async def test_nothing_is_overwritten(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nor left half done where there is no room or no folder."""
    out = tmp_path / "audit.jsonl"
    out.write_text("mine")

    assert await audit("export", str(out), "--config", str(config)) == REFUSED
    assert "is there already" in capsys.readouterr().err
    assert out.read_text() == "mine"
    assert await audit("export", str(tmp_path / "none" / "a"), "--config", str(config)) == REFUSED
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


@pytest.mark.usefixtures("told")
async def test_the_store_is_checked_against_what_was_anchored(
    config: Path, redis: Redis, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A log with much else in it will do."""
    head: bytes | str | None = await redis.get(Keys().audit_head)
    assert isinstance(head, bytes)
    anchor = signed(Head.read(head), clock.now(), SCRIBE)
    log = tmp_path / "log"
    text = json.dumps({"audit": "anchor", "at": anchor.at.isoformat(), "seq": anchor.seq, "link": anchor.link})
    rest = json.dumps({"key": anchor.key, "mac": anchor.mac})
    line = f"{text[:-1]}, {rest[1:]}".replace('": "', '":"').replace(", ", ",")
    log.write_text(f"INFO something else\nINFO bot.anchors {line}\n")

    assert await audit("verify", "--anchors", str(log), "--config", str(config)) == OK
    said = capsys.readouterr().out
    assert "All 3 entries, from 1 to 3, hang together." in said
    assert "The last that speaks for them from outside is the anchor of " in said

    await redis.delete(Keys().audit, Keys().audit_head)
    assert await audit("verify", "--anchors", str(log), "--config", str(config)) == NOT_AS_TOLD
    assert "Entries 1 to 3 are cut off at the end: the anchor of" in capsys.readouterr().out


async def test_nothing_yet_is_no_failure(redis: Redis, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said to be nothing."""
    del redis

    assert await audit("verify", "--config", str(config)) == OK

    assert capsys.readouterr().out == "There are no entries yet, and nobody knows of any.\n"


@pytest.mark.usefixtures("told")
async def test_what_cannot_be_looked_at_is_no_verdict(
    config: Path, tmp_path: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is not there, and a key that is not."""
    gone = str(tmp_path / "gone")
    assert await audit("verify", gone, "--key-file", str(key_file)) == REFUSED
    assert f"{gone} cannot be read: No such file or directory." in capsys.readouterr().err
    assert await audit("verify", "--anchors", gone, "--config", str(config)) == REFUSED
    assert f"{gone} cannot be read" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert await audit("verify", str(key_file), "--config", gone) == REFUSED
    assert "give it with --key-file" in capsys.readouterr().err


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("how", ["put in", "taken out"])
async def test_a_damaged_audit_is_not_sealed(
    config: Path, redis: Redis, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """It is said how to find out what is wrong."""
    if how == "put in":
        await redis.xadd(Keys().audit, {"entry": "{}"})
    else:
        entries: Any = await redis.xrange(Keys().audit)
        await redis.xdel(Keys().audit, entries[1][0])

    assert await audit("export", str(tmp_path / "out"), "--config", str(config)) == REFUSED

    assert "See what is wrong: unlatch audit verify" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.part").exists()


@pytest.mark.parametrize("name", [LOGIN, "UMAYA", "00umaya"])
@pytest.mark.usefixtures("told")
async def test_somebody_is_forgotten_by_any_of_their_names(
    config: Path, store: Store, clock: Clock, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them go; what happened stays, and verifies, and that it was done is in it."""
    await received(store, clock, "r2")

    assert await audit("forget", name, "--by", "ruth", "--config", str(config)) == OK
    assert "names are forgotten" in capsys.readouterr().out
    assert await audit("show", "--config", str(config)) == OK
    shown = capsys.readouterr().out
    assert not any(one in shown for one in (LOGIN, "UMAYA", "00umaya"))
    assert "names:forget" in shown
    assert "ruth" in shown
    assert await audit("verify", "--config", str(config)) == OK
    assert await audit("forget", name, "--config", str(config)) == NOT_AS_TOLD
    assert "forgotten already" in capsys.readouterr().out


@pytest.mark.usefixtures("told")
async def test_a_pin_is_forgotten_with_its_user(
    config: Path, redis: Redis, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    """There the name stands with the workspace before it; whoever decided on it stays."""
    pins = Pins(redis, Keys(), clock, scribe=SCRIBE)
    await pins.meet("T1:UMAYA", "00umaya", LOGIN)
    assert await pins.decide("confirm", "T1:UMAYA", by="grace")

    assert await audit("forget", LOGIN, "--by", "ruth", "--config", str(config)) == OK
    assert await audit("show", "--config", str(config)) == OK

    shown = capsys.readouterr().out
    assert "UMAYA" not in shown
    assert "grace" in shown


async def test_without_anything_more_everything_is_shown(
    store: Store, clock: Clock, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `show` does."""
    await received(store, clock)

    assert await audit("--config", str(config)) == OK
    said = capsys.readouterr().out
    assert await audit("--config", str(config), "show") == OK

    assert "request:received" in said
    assert capsys.readouterr().out == said


async def test_the_embedded_stores_anchors_are_found_by_themselves(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the data folder, where the bot leaves them; one that another key has signed is no witness."""
    home = tmp_path / "data"
    file = write(config, f'data_dir = "{home}"')
    async with engine.embedded(home) as url:
        redis = engine.connect(url)
        clock = Clock()
        await received(Store(redis, Keys(), clock, scribe=SCRIBE), clock)
        keeping = anchors.Anchoring(
            redis,
            Keys(),
            SCRIBE,
            clock,
            lambda line: anchors.to_file(home / anchors.FILE, line),
            every=timedelta(hours=1),
        )
        await keeping.drop()
        await keeping.drop()
        await redis.aclose()

        assert await audit("verify", "--config", str(file)) == OK
        assert "speaks for them from outside" in capsys.readouterr().out
        lines = (home / anchors.FILE).read_text().splitlines()
        assert len(lines) == 1
        (home / anchors.FILE).write_text(lines[0].replace('"seq":1', '"seq":2'))
        assert await audit("verify", "--config", str(file)) == NOT_AS_TOLD
        assert "was not signed with this key" in capsys.readouterr().out
