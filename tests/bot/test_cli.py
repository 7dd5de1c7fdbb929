"""The command: what it says, and how it ends. Whatever a person can put right is a sentence, never a traceback."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot import VERSION, demo
from bot.cli import main
from bot.commands.common import INTERRUPTED, NOT_AS_TOLD, OK, REFUSED
from bot.play import STORIES
from bot.settings import load
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Twin, twin
from tests.scribe import AUDIT_KEY
from tests.world import SECRETS, World

LIMIT = 20.0
"""Seconds until a test gives up on a process."""

UNLATCH = (sys.executable, "-m", "bot")


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without settings, in a folder without a file."""
    for name in tuple(os.environ):  # noqa: TID251 - what the settings would read is taken away
        if name.upper().startswith("UNLATCH_") or name == "REDIS_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.chdir(tmp_path)


def configure(top: str = "", slack: str = "", *, okta_url: str = "https://acme.okta.com") -> Path:
    """Write `unlatch.toml`, complete but for what the test is about."""
    file = Path("unlatch.toml")
    file.touch(0o600)
    file.write_text(
        f'{top}\n[okta]\norg_url = "{okta_url}"\napi_token = "{API_TOKEN}"\n'
        f'[slack]\nbot_token = "{BOT_TOKEN}"\napp_token = "{APP_TOKEN}"\nsigning_secret = "{SIGNING_SECRET}"\n{slack}\n'
        f'[audit]\nkey = "{AUDIT_KEY}"\n',
        "utf-8",
    )
    return file


@asynccontextmanager
async def process(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command as a process of its own; it does not outlive the test."""
    pipe = asyncio.subprocess.PIPE
    running = await asyncio.create_subprocess_exec(*UNLATCH, *arguments, stdout=pipe, stderr=pipe)
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def line_with(stream: asyncio.StreamReader | None, text: str) -> str:
    """Read until a line holds `text`."""
    assert stream is not None
    seen = []
    async with asyncio.timeout(LIMIT):
        async for line in stream:
            seen.append(line.decode())
            if text in seen[-1]:
                return seen[-1]
    raise AssertionError(f"{text!r} did not come: {seen}")


@asynccontextmanager
async def world() -> AsyncIterator[Twin]:
    """The twin, with a file of settings that leads to it."""
    async with twin() as outside:
        configure(slack=f'api_url = "{outside.slack_url}/api/"', okta_url=outside.okta_url)
        yield outside


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With nothing else given, help is what is needed; it is no success."""
    assert main([]) == REFUSED

    said = capsys.readouterr().err
    assert all(f"\n    {command} " in said for command in ("demo", "run", "web", "worker", "check", "audit"))


@pytest.mark.parametrize("command", ["demo", "run", "web", "worker", "check", "audit"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each has its own page."""
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert f"usage: unlatch {command} " in capsys.readouterr().out


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """For whoever reports a bug."""
    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == f"Unlatch {VERSION}\n"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["demo", "--port", "http"], "a port is a number from 0 to 65535"),
        (["demo", "--port", "65536"], "a port is a number from 0 to 65535"),
        (["demo", "--play", "chess"], "invalid choice: 'chess'"),
        (["unlock"], "invalid choice: 'unlock'"),
    ],
)
def test_what_is_no_command_is_refused(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With what could be given instead."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == REFUSED
    assert why in capsys.readouterr().err


def test_a_check_says_what_the_settings_amount_to(capsys: pytest.CaptureFixture[str]) -> None:
    """Without any secret."""
    configure('read_only = true\nlinks.help_desk = "mailto:it@northwind.example"\ncapabilities.sign_in_help = "off"')

    assert main(["check"]) == OK

    said = capsys.readouterr().out
    assert said.startswith("ok: ")
    for name, what in {
        "Slack": "Socket Mode",
        "Okta": "https://acme.okta.com, people are found by email",
        "unlock_account": "guide (read only)",
        "sign_in_help": "off",
        "directory_unlock": "false: people with a password in AD or LDAP get directions",
        "reset_password": "guide",
        "reset_mfa": "guide",
        "password reset": "Okta mails the link; Okta sessions are ended; looked at after 2, 5, 10 minutes",
        "MFA reset": "one at a time, of every type; the last one with a warning; Okta sessions stay",
        "confirm_minutes": "10",
        "company": "your company",
        "store": f"embedded, in {Path('.unlatch').absolute()}",
        "words": "en",
        "links": "help_desk",
    }.items():
        assert f"\n  {name:<18}{what}\n" in said
    assert not any(secret in said for secret in SECRETS)


def test_a_check_of_the_other_way_to_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Many processes, signed HTTP, words of one's own; a missing way to IT is told."""
    words = tmp_path / "words"
    words.mkdir()
    top = f'redis_url = "redis://:hunter2@redis"\nwords_dir = "{words}"\ndirectory_unlock = true\ncompany = "Northwind"'
    file = configure(top, 'mode = "http"')

    assert main(["check", "--config", str(file.rename("other.toml"))]) == OK

    said = capsys.readouterr().out
    assert "signed HTTP, listening on 127.0.0.1, port 8080" in said
    assert f"en, and your own in {words}" in said
    assert "your Redis" in said
    assert "true: people with a password in AD or LDAP are unlocked in Okta" in said
    assert "Northwind" in said
    assert "none; people are told to contact IT, with no way to do so: set links.help_desk" in said
    assert "hunter2" not in said


RESETS = """
reset_password = {delivery = "link", mail_behind_okta = true, end_sessions = false, look_after_minutes = [1, 90]}
reset_mfa = {several = true, types = ["webauthn", "push"], last_factor = "refuse", end_sessions = true}
capabilities = {reset_password = "act", reset_mfa = "off"}
"""


@pytest.mark.parametrize(
    ("okta_url", "mode"),
    [
        (
            "https://acme.okta.com",
            (
                "guide (set to act, but taking over an account must never be one stolen Slack session away; set"
                ' proof.reset_password and proof.reset_mfa to "factor", so that people prove that it is them)'
            ),
        ),
        ("http://127.0.0.1:8080", "act"),
    ],
)
def test_a_check_of_what_could_take_accounts_over(okta_url: str, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    """How it is set, and why it is not in force where it is not."""
    configure(f'{RESETS}[proof]\nreset_password = "none"\n', okta_url=okta_url)

    assert main(["check"]) == OK

    said = capsys.readouterr().out
    for name, what in {
        "reset_password": mode,
        "reset_mfa": "off",
        "password reset": "the link is shown in Slack, once; mail is behind Okta, so no activation mail either; Okta sessions stay; looked at after 1, 90 minutes",
        "MFA reset": "several at once, of push, webauthn; never the last one; Okta sessions are ended",
    }.items():
        assert f"\n  {name:<18}{what}\n" in said


def test_a_check_says_read_only_first(capsys: pytest.CaptureFixture[str]) -> None:
    """It goes for everything, whatever may come with a later version."""
    configure(f"read_only = true\n{RESETS}")

    assert main(["check"]) == OK

    assert f"\n  {'reset_password':<18}guide (read only)\n" in capsys.readouterr().out


REFUSALS: Mapping[str, tuple[list[str], str, str]] = {
    "a wrong value": (["check"], 'language = "tlh"', "language (UNLATCH_LANGUAGE): the bot has no words in it"),
    "no such capability": (["run"], 'capabilities.fly = "act"', "the bot has no such capability"),
    "no such file": (["run", "--config", "x.toml"], "", "x.toml: cannot be read"),
    "no such words": (["check"], 'words_dir = "nowhere"', "the folder of your own words does not exist"),
    "no shared store": (["worker"], "", "set redis_url or REDIS_URL"),
    "no requests to take in": (["web"], 'redis_url = "redis://127.0.0.1:1"', 'Set slack.mode = "http"'),
    "no Redis there": (["worker"], 'redis_url = "redis://127.0.0.1:1"', "Redis does not answer"),
    "no story to be about": (["demo", "--as", "maya.okafor"], "", "it needs --play"),
    "nobody of that name": (["demo", "--play", "unlock", "--as", "maya"], "", "There are: aiko.tanaka, ben.osei,"),
    "somebody who has left": (["demo", "--play", "help", "--as", "victor.lang"], "", "nobody who is in both"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_can_be_put_right_is_told_in_a_sentence(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, with exit code 2."""
    arguments, top, why = REFUSALS[case]
    # Nothing listens where Slack would be, so no token leaves this machine.
    configure(top, 'api_url = "http://127.0.0.1:1/api/"')

    assert main(arguments) == REFUSED

    said = capsys.readouterr()
    assert said.err.startswith("unlatch: ")
    assert why in said.err
    assert said.out == ""


def test_every_problem_of_the_settings_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of the reference; and that there is no file is said first."""
    assert main(["run"]) == REFUSED

    lines = capsys.readouterr().err.splitlines()
    assert lines[0].endswith(f"No unlatch.toml in {Path.cwd()}; only the environment was read.")
    assert [line.split(" (")[0] for line in lines[1:]] == [
        "  slack.bot_token",
        "  slack.app_token",
        "  okta.org_url",
        "  okta.api_token",
    ]


def test_a_file_that_was_read_is_not_said_to_be_missing(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the usual one nor one that was named."""
    configure('language = "tlh"').rename("other.toml")
    assert main(["check", "--config", "other.toml"]) == REFUSED
    Path("other.toml").rename("unlatch.toml")
    assert main(["check"]) == REFUSED

    assert "only the environment" not in capsys.readouterr().err


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With the option that chooses another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        assert main(["demo", "--port", str(port)]) == REFUSED

    assert f"port {port} is taken or not allowed; choose another one with --port" in capsys.readouterr().err


def test_stories_are_those_that_can_be_played() -> None:
    """The command names them without importing them."""
    for story in STORIES:
        assert main(["demo", "--play", story, "--as", "nobody"]) == REFUSED


@pytest.mark.parametrize("login", ["Diego.Santos", "diego.santos@northwind.example"])
def test_a_story_is_about_whoever_is_named(login: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With or without what follows the @, in any case of letters."""
    assert main(["demo", "--play", "unlock", "--as", login, "--read-only"]) == OK

    assert (
        "diego.santos@northwind.example is LOCKED_OUT; sign-in methods: push, token:software:totp; changes by the bot: 0"
        in capsys.readouterr().out
    )


def test_a_story_that_ends_otherwise_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """With exit code 1, for whoever runs it in a check."""

    async def otherwise(*_: Any, **__: Any) -> bool:
        return False

    monkeypatch.setattr("bot.play.play", otherwise)

    assert main(["demo", "--play", "unlock"]) == NOT_AS_TOLD


def test_uvloop_need_not_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not made for every platform."""

    async def as_told(*_: Any, **__: Any) -> bool:
        return True

    monkeypatch.setattr("bot.play.play", as_told)
    monkeypatch.setitem(sys.modules, "uvloop", None)

    assert main(["demo", "--play", "unlock"]) == OK


def test_an_interruption_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C before the bot has begun to listen for it."""

    async def interrupted(**_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "demo", interrupted)

    assert main(["demo"]) == INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody expected keeps its traceback."""

    async def broken(**_: Any) -> None:
        raise OSError(5, "a disk that fails")

    monkeypatch.setattr(demo, "demo", broken)

    with pytest.raises(OSError, match="a disk that fails"):
        main(["demo"])


async def test_help_does_not_wait_for_what_it_does_not_need() -> None:
    """Nothing of Slack, Okta or the settings is imported before a command asks for it."""
    code = "import sys, bot.cli; print({'pydantic', 'aiohttp', 'slack_bolt', 'redis'} & {*sys.modules})"
    running = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)

    said, _ = await running.communicate()

    assert said == b"set()\n"


async def test_the_demo_ends_when_it_is_interrupted() -> None:
    """At once, with nothing but what it said at the start."""
    async with process("demo", "--port", "0") as running:
        await line_with(running.stdout, "Stop with Ctrl-C")
        running.send_signal(signal.SIGINT)
        async with asyncio.timeout(LIMIT):
            _, errors = await running.communicate()

    # 130 if it came between those words and the moment the bot began to listen for it.
    assert running.returncode in {OK, INTERRUPTED}
    assert errors == b""


async def test_the_bot_runs_until_it_is_told_to_end() -> None:
    """Against the twin, by the file alone; the log holds no secret."""
    async with world() as outside, process("run") as running:
        started = await line_with(running.stderr, "Unlatch is running")
        maya = outside.person("UMAYA")
        await maya.dm("I'm locked out")
        await World(outside, load()).card(maya, "Unlock your account?")
        running.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT):
            _, errors = await running.communicate()

    assert running.returncode == OK
    assert "unlock_account act" in started
    assert not any(secret.encode() in errors for secret in SECRETS)
    assert b"Traceback" not in errors


async def test_processes_share_the_work(redis_url: str, redis: Redis) -> None:
    """As in the Procfile: one takes in what Slack sends over HTTP, the other carries it out."""
    del redis  # it has emptied the server
    async with world() as outside:
        api_url = f'api_url = "{outside.slack_url}/api/"'
        configure(f'redis_url = "{redis_url}"\nweb.port = 0', f'mode = "http"\n{api_url}', okta_url=outside.okta_url)
        async with process("web") as web, process("worker") as worker:
            taking_in = await line_with(web.stderr, "taken in at ")
            outside.workspace.request_url = taking_in.split("taken in at ")[1].strip()
            maya = outside.person("UMAYA")
            await maya.dm("I'm locked out")
            await World(outside, load()).card(maya, "Unlock your account?")
            for running in (web, worker):
                running.send_signal(signal.SIGTERM)
            async with asyncio.timeout(LIMIT):
                await asyncio.gather(web.communicate(), worker.communicate())

    assert (web.returncode, worker.returncode) == (OK, OK)


async def test_a_bot_that_may_not_start_says_why() -> None:
    """Here Slack does not know the token."""
    async with world() as outside:
        file = configure(slack=f'api_url = "{outside.slack_url}/api/"', okta_url=outside.okta_url)
        file.write_text(file.read_text("utf-8").replace(BOT_TOKEN, "xoxb-another"), "utf-8")
        async with process("run") as running, asyncio.timeout(LIMIT):
            said, errors = await running.communicate()

    assert (running.returncode, said) == (REFUSED, b"")
    assert errors.startswith(b"unlatch: Slack does not accept slack.bot_token")
