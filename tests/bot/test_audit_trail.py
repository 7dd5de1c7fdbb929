"""`unlatch audit`: what happened, as IT reads it when somebody comes with a reference."""

import asyncio
import json
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot import engine
from bot.audit_trail import PAGE, tell
from bot.cli import main
from bot.commands.common import NOT_AS_TOLD, OK, REFUSED
from bot.keys import Keys
from bot.model import Signal, State
from bot.rules import Rule
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.configured import write
from tests.bot.maya import given, moved, received
from tests.scribe import SCRIBE
from tests.world import SECRETS, world


async def ask(*arguments: str) -> int:
    """The command, in a thread of its own as in a process of its own."""
    return await asyncio.to_thread(main, ["audit", "show", *arguments])


async def test_every_entry_is_a_line_the_newest_last(
    store: Store, clock: Clock, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the time, the reference, the event, who, whom and the rules."""
    record = await received(store, clock)
    await store.signal("r1", given(clock, Signal.CONFIRM), key="press")
    await moved(store, record, State.ASKING, clock, rules=(Rule.FITS, Rule.CONSENT_GIVEN))
    await received(store, clock, "r2")

    assert await ask("--config", str(config)) == OK

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[2:4] for line in lines] == [
        ["r1", "request:received"],
        ["r1", "signal:confirm"],
        ["r1", "request:consent-asked"],
        ["r2", "request:received"],
    ]
    assert lines[2][4:] == ["UMAYA", "maya.lindqvist@northwind.example", "fits,", "consent_given"]
    assert lines[3][4:] == ["UMAYA", "-", "-"]
    assert f"{clock.now():%Y-%m-%d}" == lines[0][0]
    assert lines[0][1].endswith("Z")


async def test_a_reference_shows_one_request(
    store: Store, clock: Clock, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """However it was copied from the card."""
    await moved(store, await received(store, clock), State.DONE, clock)
    await received(store, clock, "r2")

    assert await ask(" R1 ", "--config", str(config)) == OK

    assert [line.split()[2:4] for line in capsys.readouterr().out.splitlines()] == [
        ["r1", "request:received"],
        ["r1", "request:done"],
    ]


async def test_json_holds_all_that_is_known(
    store: Store, redis: Redis, clock: Clock, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object on each line, as it was written; also what another version of the bot knew and this one does not."""
    await received(store, clock)
    later = {
        "at": "2026-11-23T08:55:00Z",
        "event": "request:blessed",
        "request": "r1",
        "by": "\x9b31mred",
        "rules": ["new"],
    }
    await redis.xadd(Keys().audit, {"entry": json.dumps(later, ensure_ascii=False)})

    assert await ask("r1", "--json", "--config", str(config)) == OK

    said = capsys.readouterr().out
    assert said.isascii()
    assert [json.loads(line)["event"] for line in said.splitlines()] == ["request:received", "request:blessed"]
    assert json.loads(said.splitlines()[1]) == later


@pytest.mark.parametrize("days", [400, 0])
async def test_an_unknown_reference_is_said_to_be_one(
    redis: Redis, config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """With where it is found and how far back what is known goes; not a success."""
    del redis
    monkeypatch.setenv("UNLATCH_AUDIT_DAYS", str(days))

    assert await ask("nosuch", "--config", str(config)) == NOT_AS_TOLD

    said = capsys.readouterr()
    assert said.out == ""
    assert "nothing is known under the reference nosuch" in said.err
    assert ("for 400 days (audit_days)" if days else "kept for ever") in said.err


async def test_nothing_yet_is_no_failure(redis: Redis, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And puts nothing where a program would look for entries."""
    del redis

    assert await ask("--json", "--config", str(config)) == OK

    said = capsys.readouterr()
    assert (said.out, "nobody has asked for anything yet" in said.err) == ("", True)


async def test_what_cannot_be_read_is_counted(
    store: Store, redis: Redis, clock: Clock, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It hides nothing of the rest."""
    for odd in (b"\xff", b"[]", b'{"event": "request:done"}'):
        await redis.xadd(Keys().audit, {"entry": odd})
    await redis.xadd(Keys().audit, {"other": "1"})
    await received(store, clock)

    assert await ask("--config", str(config)) == OK

    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 1
    assert "4 entries cannot be read" in said.err


async def test_a_login_cannot_command_a_terminal(
    redis: Redis, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory holds what its many writers put there."""
    login = "\x1b[2J\nma\u202eya"
    entry = {
        "at": "2026-11-23T08:55:00Z",
        "event": "request:done",
        "request": "r1",
        "subject_login": SCRIBE.name(login),
    }
    await redis.set(Keys().audit_name(SCRIBE.name(login)), login)
    await redis.xadd(Keys().audit, {"entry": json.dumps(entry)})

    assert await ask("--config", str(config)) == OK

    (line,) = capsys.readouterr().out.splitlines()
    assert "?[2J?ma?ya" in line


async def test_more_than_a_page_is_read_to_its_end(redis: Redis) -> None:
    """Each once, in order."""
    async with redis.pipeline() as pipe:
        for each in range(2 * PAGE + 1):
            entry = {"at": "2026-11-23T08:55:00Z", "event": "request:done", "request": f"r{each}"}
            pipe.xadd(Keys().audit, {"entry": json.dumps(entry)})
        await pipe.execute()
    lines: list[str] = []

    found = await tell(redis, Keys(), SCRIBE, lines.append)

    assert [line.split()[2] for line in lines] == [f"r{each}" for each in range(2 * PAGE + 1)]
    assert (found.shown, found.unreadable) == (2 * PAGE + 1, 0)


async def test_the_embedded_store_is_read_while_the_bot_runs(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also through a path too long for a socket; what is told is how it went with the person's own card."""
    data_dir = tmp_path / ("d" * 120)
    file = write(config, f'data_dir = "{data_dir}"')
    async with engine.embedded(data_dir) as url, world(url) as running:
        maya = running.person("UMAYA")
        await maya.dm("I'm locked out")
        card = await running.card(maya, "Unlock your account?")
        await maya.press(card.ts, "confirm")
        await running.card(maya, "Your account is unlocked")
        reference = running.cards(maya)[-1].text.split()[-1]

        assert await ask(reference, "--config", str(file)) == OK

    said = capsys.readouterr().out
    events = [line.split()[3] for line in said.splitlines()]
    assert events == [
        "request:received",
        "request:consent-asked",
        "signal:confirm",
        "step:begun",
        "step:checked",
        "request:done",
    ]
    assert "maya.okafor@northwind.example" in said
    assert not any(secret in said for secret in SECRETS)


@pytest.mark.parametrize("left_behind", [False, True])
async def test_without_a_bot_it_is_said_how_to_read_the_embedded_store(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str], *, left_behind: bool
) -> None:
    """Whether it never ran there or was killed together with its store."""
    file = write(config, f'data_dir = "{tmp_path}/data"')
    if left_behind:
        (tmp_path / "data" / "valkey").mkdir(parents=True)
        (tmp_path / "data" / "valkey" / "valkey.sock").touch()

    assert await ask("--config", str(file)) == REFUSED

    said = capsys.readouterr()
    assert 'Start it with "unlatch run"' in said.err
    assert said.out == ""


async def test_a_redis_that_is_not_there_is_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence, without its address."""
    file = write(config, 'redis_url = "redis://:hunter2@127.0.0.1:1/0"')

    assert await ask("--config", str(file)) == REFUSED

    said = capsys.readouterr().err
    assert said.startswith("unlatch: Redis does not answer")
    assert "hunter2" not in said
