"""What the doctor says of the store and of Slack, and how it says it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.cli import main
from bot.doctor.findings import Area, Finding, Mark, as_json, as_text, verdict
from bot.doctor.look import look
from bot.settings import Settings
from bot.valkey import running
from sandbox.slack.config import AppConfig
from sandbox.twin import APP_TOKEN, BOT_TOKEN, Twin, twin
from tests.doctor.outside import found, settings
from tests.scribe import AUDIT_KEY


@pytest.fixture
async def outside() -> AsyncIterator[Twin]:
    """The twin."""
    async with twin() as running_twin:
        yield running_twin


@pytest.mark.parametrize(
    ("setting", "bad", "good", "mark", "fix"),
    [
        ("maxmemory-policy", "allkeys-lru", "noeviction", Mark.PROBLEM, "Set maxmemory-policy noeviction."),
        ("appendonly", "no", "yes", Mark.PROBLEM, "appendonly yes"),
        ("appendfsync", "everysec", "always", Mark.PROBLEM, "appendfsync always"),
    ],
)
async def test_a_redis_that_may_forget(
    redis: Redis, redis_url: str, outside: Twin, *, setting: str, bad: str, good: str, mark: Mark, fix: str
) -> None:
    """Is told with its cure, and what rests on it is only guided."""
    await redis.config_set(setting, bad)
    try:
        said = await found(outside, redis_url)
    finally:
        await redis.config_set(setting, good)

    assert said["Store/durability"].mark is mark
    assert fix in said["Store/durability"].fix
    assert said["Capabilities/unlock_account"].mark is Mark.WARNING


@pytest.mark.parametrize(("limit", "mark"), [(1, Mark.PROBLEM), (None, Mark.WARNING), (2**40, Mark.OK)])
async def test_a_redis_that_is_full(redis: Redis, redis_url: str, outside: Twin, limit: int | None, mark: Mark) -> None:
    """Or nearly."""
    used = int((await redis.info("memory"))["used_memory"])
    await redis.config_set("maxmemory", limit or int(used * 1.1))
    try:
        said = await found(outside, redis_url)
    finally:
        await redis.config_set("maxmemory", 0)

    assert said["Store/memory"].mark is mark


async def test_a_redis_that_is_away(outside: Twin) -> None:
    """Without it nothing works, and the rest is looked at all the same."""
    said = await found(outside, "redis://127.0.0.1:1")

    assert said["Store/answers"].mark is Mark.PROBLEM
    assert "start it, or correct redis_url" in said["Store/answers"].fix
    assert said["Slack/bot token"].mark is Mark.OK
    assert said["Capabilities/unlock_account"].what == "does not work without its store"


async def test_nobody_s_store_stays_nobody_s(redis: Redis, redis_url: str, outside: Twin) -> None:
    """Looking claims nothing."""
    said = await found(outside, redis_url)

    assert said["Store/owner"].mark is Mark.NOTE
    assert await redis.dbsize() == 0


async def test_no_server_is_started_on_an_empty_folder(outside: Twin, tmp_path: Path) -> None:
    """It is looked at, and left as it is."""
    reached, findings = await look(settings(outside, data_dir=tmp_path / "data"), outside.clock.now)

    assert reached
    assert not (tmp_path / "data").exists()
    assert verdict(findings) is Mark.OK, as_text(findings)


async def test_an_embedded_store_at_work_is_asked(outside: Twin, tmp_path: Path) -> None:
    """By the socket in its folder."""
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.launch",
        str(tmp_path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    await server.stdout.readline()
    try:
        with running(tmp_path):
            _, findings = await look(settings(outside, data_dir=tmp_path), outside.clock.now)
    finally:
        server.stdin.close()
        await server.wait()
    said = {item.name: item for item in findings if item.area is Area.STORE}

    assert said["durability"].mark is Mark.OK
    assert said["answers"].mark is Mark.OK


async def test_a_folder_that_cannot_be_written(outside: Twin, tmp_path: Path) -> None:
    """Such as a file in its place."""
    (tmp_path / "file").write_text("")
    _, findings = await look(settings(outside, data_dir=tmp_path / "file"), outside.clock.now)

    assert [item.mark for item in findings if item.name == "data folder"] == [Mark.PROBLEM], as_text(findings)


async def test_a_slack_token_that_is_refused(redis_url: str, outside: Twin) -> None:
    """With where to find the right one."""
    slack = {"bot_token": f"{BOT_TOKEN}x", "app_token": APP_TOKEN, "api_url": f"{outside.slack_url}/api/"}
    said = await found(outside, redis_url, slack=slack)

    assert said["Slack/bot token"].mark is Mark.PROBLEM
    assert "Bot User OAuth Token" in said["Slack/bot token"].fix


async def test_an_app_token_that_is_refused(redis_url: str, outside: Twin) -> None:
    """Nothing would arrive."""
    slack = {"bot_token": BOT_TOKEN, "app_token": f"{APP_TOKEN}x", "api_url": f"{outside.slack_url}/api/"}
    said = await found(outside, redis_url, slack=slack)

    assert said["Slack/bot token"].mark is Mark.OK
    assert said["Slack/Socket Mode"].mark is Mark.PROBLEM


@pytest.mark.parametrize(
    ("secret", "mark"), [("0123456789abcdef" * 2, Mark.UNKNOWN), ("twin-signing-secret", Mark.WARNING)]
)
async def test_a_signing_secret_is_looked_at(redis_url: str, outside: Twin, secret: str, mark: Mark) -> None:
    """Its shape is all that can be told of it."""
    slack = {
        "mode": "http",
        "bot_token": BOT_TOKEN,
        "signing_secret": SecretStr(secret),
        "api_url": f"{outside.slack_url}/api/",
    }
    said = await found(outside, redis_url, slack=slack)

    assert said["Slack/signed HTTP"].mark is mark
    assert secret not in as_json(list(said.values()))


async def test_slack_is_away(redis_url: str, outside: Twin) -> None:
    """Then whose the store is cannot be told either."""
    slack = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": "http://127.0.0.1:1/api/"}
    said = await found(outside, redis_url, slack=slack)

    assert said["Slack/answers"].mark is Mark.PROBLEM
    assert said["Okta/org"].mark is Mark.OK


@pytest.mark.parametrize(("more", "less"), [({"files:read"}, set()), (set(), {"users:read.email"})])
async def test_the_scopes_of_slack_are_held_against_the_manifest(
    redis_url: str, more: set[str], less: set[str]
) -> None:
    """What is missing, and what is too much, with where to change it."""
    async with twin(app=AppConfig(scopes=(AppConfig().scopes | more) - less)) as outside:
        said = await found(outside, redis_url)

    assert said["Slack/scopes"].mark is (Mark.PROBLEM if less else Mark.WARNING)
    assert (more | less).pop() in said["Slack/scopes"].what
    assert "OAuth & Permissions" in said["Slack/scopes"].fix


def test_the_document_holds_all_that_is_said() -> None:
    """In the shape that the documentation tells."""
    assert json.loads(as_json([])) == {"schema": 1, "ok": True, "findings": []}
    finding = Finding(Area.OKTA, "org", Mark.PROBLEM, "ü", "do")
    assert json.loads(as_json([finding])) == {
        "schema": 1,
        "ok": False,
        "findings": [{"area": "Okta", "name": "org", "mark": "problem", "what": "ü", "fix": "do"}],
    }


def test_the_table_is_in_order_and_in_colour() -> None:
    """By area; a fix below its finding; colours only where they are wanted."""
    findings = [
        Finding(Area.OKTA, "org", Mark.OK, "there"),
        Finding(Area.STORE, "memory", Mark.PROBLEM, "full", "more"),
    ]

    assert as_text(findings) == ("Store\n  problem  memory: full\n           Fix: more\n\nOkta\n  ok       org: there")
    assert "\033[31mproblem \033[0m memory" in as_text(findings, colours=True)


def _file(folder: Path, made: Settings) -> str:
    """The same settings in a file."""
    assert made.okta.api_token is not None
    assert made.slack.app_token is not None
    path = folder / "unlatch.toml"
    path.write_text(
        f"""redis_url = "{made.redis_url.get_secret_value() if made.redis_url else ""}"
        audit.key = "{AUDIT_KEY}"
        links.help_desk = "https://help.northwind.example"
        [slack]
        bot_token = "{made.slack.bot_token.get_secret_value()}"
        app_token = "{made.slack.app_token.get_secret_value()}"
        api_url = "{made.slack.api_url}"
        [okta]
        org_url = "{made.okta.org_url}"
        api_token = "{made.okta.api_token.get_secret_value()}"
        """
    )
    path.chmod(0o600)
    return str(path)


async def test_the_command_ends_with_what_it_found(
    redis_url: str, outside: Twin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 for all is well, 1 for a problem, 2 where nothing answers; the document and the table say the same."""
    made = settings(outside, redis_url=redis_url)
    arguments = ["doctor", "--config", _file(tmp_path, made)]
    assert await asyncio.to_thread(main, [*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ok"]
    assert await asyncio.to_thread(main, arguments) == 0
    table = capsys.readouterr().out
    # How much memory is used differs from one moment to the next.
    assert all(finding["what"] in table for finding in document["findings"] if finding["name"] != "memory")

    outside.revoke_token()
    assert await asyncio.to_thread(main, arguments) == 1
    assert "problem  API token" in capsys.readouterr().out


async def test_nothing_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so of each, and that it could not look."""
    slack = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": "http://127.0.0.1:1/api/"}
    okta = {"org_url": "http://127.0.0.1:1", "api_token": "00nobody"}
    made = Settings(slack=slack, okta=okta, redis_url="redis://127.0.0.1:1", audit={"key": AUDIT_KEY})

    assert await asyncio.to_thread(main, ["doctor", "--config", _file(tmp_path, made)]) == 2
    assert capsys.readouterr().out.count("problem") >= 3


def test_settings_that_cannot_be_used_end_with_two(tmp_path: Path) -> None:
    """The doctor could not even look."""
    assert main(["doctor", "--config", str(tmp_path / "none.toml")]) == 2
