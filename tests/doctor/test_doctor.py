"""The doctor between the two halves of the twin and a real store."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.cli import main
from bot.doctor.findings import Finding, Mark, as_json, as_text, verdict
from bot.doctor.look import look
from bot.doctor.okta import ENOUGH, LABELS, judge_roles
from bot.settings import Settings
from sandbox.slack.config import AppConfig
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, Twin, twin
from tests.okta.apps import APP, pem, private, public
from tests.world import SECRETS

LINKS = {"help_desk": "https://help.northwind.example"}


def settings(outside: Twin, **more: Any) -> Settings:
    """The bot between the two halves."""
    slack = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": f"{outside.slack_url}/api/"}
    okta = {"org_url": outside.okta_url, "api_token": API_TOKEN}
    return Settings(**{"slack": slack, "okta": okta, "links": LINKS, **more})


async def found(outside: Twin, redis_url: str, **more: Any) -> dict[str, Finding]:
    """What the doctor says, by what it is about; the last of several."""
    made = settings(outside, redis_url=redis_url, **more)
    _, findings = await look(made, outside.clock.now)
    for secret in SECRETS:
        assert secret not in as_text(findings) + as_json(findings)
    assert {call.method for call in outside.org.calls} <= {"GET"}
    assert not outside.org.effects
    return {f"{finding.area}/{finding.name}": finding for finding in findings}


@pytest.mark.parametrize(
    ("role", "reads", "mark"),
    [
        ("HELP_DESK_ADMIN", "ok", Mark.UNKNOWN),
        ("USER_ADMIN", "ok", Mark.UNKNOWN),
        ("ORG_ADMIN", "ok", Mark.UNKNOWN),
        ("READ_ONLY_ADMIN", "ok", Mark.UNKNOWN),
        ("REPORT_ADMIN", "problem", Mark.PROBLEM),
        ("API_ACCESS_MANAGEMENT_ADMIN", "problem", Mark.PROBLEM),
    ],
)
async def test_each_role_is_seen_by_what_it_may_read(
    redis: Redis, redis_url: str, role: str, reads: str, mark: Mark
) -> None:
    """And what only a write would show is not claimed."""
    del redis
    async with twin(roles=frozenset({role})) as outside:
        said = await found(outside, redis_url)

    assert said["Okta/reading people"].mark == reads
    assert said["Capabilities/unlock_account"].mark is mark
    # Nobody but a Super Administrator may read roles, not even their own.
    assert said["Okta/admin roles"].mark is Mark.UNKNOWN


async def test_a_super_administrator_is_a_problem(redis: Redis, redis_url: str) -> None:
    """Everything works, and far too much would."""
    del redis
    async with twin() as outside:
        outside.org.add_token(API_TOKEN, owner="grace.adeyemi@northwind.example")
        said = await found(outside, redis_url)

    assert said["Okta/admin roles"].mark is Mark.PROBLEM
    assert "Help Desk Administrator" in said["Okta/admin roles"].fix
    assert said["Capabilities/unlock_account"].mark is Mark.OK


async def test_a_refused_token_is_told_with_the_fix(redis: Redis, redis_url: str) -> None:
    """Where to make another."""
    del redis
    async with twin() as outside:
        outside.revoke_token()
        said = await found(outside, redis_url)

    assert said["Okta/API token"].mark is Mark.PROBLEM
    assert "Security > API > Tokens" in said["Okta/API token"].fix
    assert said["Capabilities/unlock_account"].mark is Mark.PROBLEM


async def test_a_missing_scope_of_slack_is_named(redis: Redis, redis_url: str) -> None:
    """With where to add it."""
    del redis
    whole = AppConfig()
    async with twin(app=AppConfig(scopes=whole.scopes - {"users:read.email"})) as outside:
        made = settings(outside, redis_url=redis_url)
        _, findings = await look(made, outside.clock.now)

    (problem,) = [item for item in findings if item.name == "scopes" and item.mark is Mark.PROBLEM]
    assert "users:read.email" in problem.what
    assert "OAuth & Permissions" in problem.fix


async def test_a_redis_that_throws_away_is_a_problem(redis: Redis, redis_url: str) -> None:
    """And what rests on it is only guided."""
    await redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        async with twin() as outside:
            said = await found(outside, redis_url)
    finally:
        await redis.config_set("maxmemory-policy", "noeviction")

    assert said["Store/durability"].mark is Mark.PROBLEM
    assert said["Store/durability"].fix == "Set maxmemory-policy noeviction."
    assert said["Capabilities/unlock_account"].mark is Mark.WARNING


async def test_a_redis_that_is_away_is_a_problem(redis: Redis) -> None:
    """And the rest is looked at all the same."""
    del redis
    async with twin() as outside:
        said = await found(outside, "redis://127.0.0.1:1")

    assert said["Store/answers"].mark is Mark.PROBLEM
    assert "start it, or correct redis_url" in said["Store/answers"].fix
    assert said["Slack/bot token"].mark is Mark.OK


async def test_nobody_s_store_stays_nobody_s(redis: Redis, redis_url: str) -> None:
    """Looking claims nothing."""
    async with twin() as outside:
        said = await found(outside, redis_url)

    assert said["Store/owner"].mark is Mark.NOTE
    assert await redis.dbsize() == 0


async def test_no_server_is_started_on_an_empty_folder(redis: Redis, tmp_path: Path) -> None:
    """It is looked at, and left as it is."""
    del redis
    async with twin() as outside:
        _, findings = await look(settings(outside, data_dir=tmp_path / "data"), outside.clock.now)

    assert not (tmp_path / "data").exists()
    assert verdict(findings) is Mark.OK, as_text(findings)


async def test_a_clock_that_is_wrong_is_told(redis: Redis, redis_url: str) -> None:
    """By how much, and what breaks."""
    del redis
    async with twin() as outside:
        made = settings(outside, redis_url=redis_url)
        _, findings = await look(made, lambda: outside.clock.now() + timedelta(minutes=7))
    off = {item.area: item for item in findings if item.name == "clock"}

    assert {item.mark for item in off.values()} <= {Mark.WARNING, Mark.PROBLEM, Mark.UNKNOWN}


def test_the_document_holds_all_that_is_said() -> None:
    """In the shape that the documentation tells."""
    document = json.loads(as_json([]))

    assert document == {"schema": 1, "ok": True, "findings": []}


ROLES = [*sorted(LABELS), "CUSTOM", "A_NEW_ONE"]


@given(roles=st.frozensets(st.sampled_from(ROLES)), acts=st.booleans())
def test_roles_are_judged_by_the_worst_of_them(roles: frozenset[str], *, acts: bool) -> None:
    """No set of roles with Super Administrator in it, nor an empty one, passes; and what is wrong has a fix."""
    said = judge_roles(roles, acts=acts)

    assert all(item.fix for item in said if item.mark in {Mark.PROBLEM, Mark.WARNING})
    assert (verdict(said) is Mark.PROBLEM) == (
        not roles or "SUPER_ADMIN" in roles or (acts and not roles & (ENOUGH | {"CUSTOM"}))
    )


async def test_a_service_app_without_a_scope_is_told_which(redis: Redis, redis_url: str) -> None:
    """By name, at the sign-in and at what needs it; only the request for a token was more than a read."""
    del redis
    async with twin() as outside:
        key = public(private("ES256", 1), kid="key-1")
        outside.org.add_service_app(APP, [key], scopes={"okta.users.read"}, roles=["HELP_DESK_ADMIN"])
        signs_in = {"client_id": APP, "private_key": pem(private("ES256", 1)), "key_id": "key-1"}
        made = settings(outside, redis_url=redis_url, okta={"org_url": outside.okta_url, **signs_in})
        _, findings = await look(made, outside.clock.now)
        writes = {call.path for call in outside.org.calls if call.method != "GET"}

    (able,) = [item for item in findings if item.name == "unlock_account"]
    assert able.mark is Mark.PROBLEM
    assert "okta.users.manage" in able.fix
    assert writes == {"/oauth2/v1/token"}


def test_settings_that_cannot_be_used_end_with_two(tmp_path: Path) -> None:
    """The doctor could not even look."""
    assert main(["doctor", "--config", str(tmp_path / "none.toml")]) == 2
