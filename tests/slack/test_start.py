"""What Slack refuses at the start is said with the fix, and nothing is left running."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from bot import app
from bot.errors import StartError
from bot.serving import serving
from bot.settings import Settings
from sandbox.slack import AppConfig, Fault
from sandbox.slack.config import DEFAULT_SCOPES
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, Twin, twin
from tests.scribe import AUDIT_KEY


@pytest.fixture
async def outside(redis: Redis) -> AsyncIterator[Twin]:
    """The outside world, without a bot."""
    del redis
    async with twin() as made:
        yield made


async def refusal(outside: Twin, redis_url: str, **slack: Any) -> str:
    """What the bot says when it does not start; no task is left of the attempt."""
    api = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": f"{outside.slack_url}/api/"}
    okta = {"org_url": outside.okta_url, "api_token": API_TOKEN}
    settings = Settings(slack=api | slack, okta=okta, redis_url=redis_url, audit={"key": AUDIT_KEY})
    with pytest.raises(StartError) as error:
        async with app.bot(settings, clock=outside.clock, worker=False):
            pass
    assert not outside.workspace.sockets.connections
    return str(error.value)


async def test_a_wrong_bot_token(outside: Twin, redis_url: str) -> None:
    """Told by its setting, without the token."""
    said = await refusal(outside, redis_url, bot_token="xoxb-wrong")

    assert "slack.bot_token (invalid_auth)" in said
    assert "xoxb-wrong" not in said


@pytest.mark.parametrize("token", ["xapp-wrong", APP_TOKEN])
async def test_a_wrong_or_revoked_app_token(outside: Twin, redis_url: str, token: str) -> None:
    """Told by its setting, with the scope that it needs."""
    outside.workspace.revoked.add(APP_TOKEN)

    said = await refusal(outside, redis_url, app_token=token)

    assert "slack.app_token" in said
    assert "connections:write" in said
    assert token not in said


async def test_a_missing_scope(redis: Redis, redis_url: str) -> None:
    """Found out now, and not in front of a person."""
    del redis
    async with twin(app=AppConfig(scopes=DEFAULT_SCOPES - {"users:read.email"})) as outside:
        assert "users:read.email" in await refusal(outside, redis_url)


async def test_slack_out_of_reach(outside: Twin, redis_url: str) -> None:
    """A wrong address, or no way out."""
    said = await refusal(outside, redis_url, api_url="http://127.0.0.1:9/api/")

    assert said.startswith("Slack cannot be reached (")
    assert "Can this machine reach slack.com over HTTPS?" in said


@pytest.mark.parametrize("fault", [Fault.server_error(), Fault.cut_before(), Fault.error("internal_error")])
async def test_slack_in_trouble(outside: Twin, redis_url: str, fault: Fault) -> None:
    """At either of the two calls that a start needs."""
    for method in ("auth.test", "apps.connections.open"):
        outside.workspace.faults.order(method, fault)
        assert "Slack" in await refusal(outside, redis_url)


async def test_a_handshake_that_is_refused(outside: Twin, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address was given and does not work."""
    monkeypatch.setattr(outside.workspace.sockets, "issue_ticket", lambda: "void")

    said = await refusal(outside, redis_url)

    assert said.startswith("No Socket Mode connection to Slack comes about (")
    assert "Can this machine open WebSockets to slack.com, through your proxy?" in said


async def test_a_port_that_is_taken() -> None:
    """Said with the setting that changes it."""

    async def nothing(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    async with serving(nothing, "127.0.0.1", 0) as (_, address):
        port = int(address.rpartition(":")[2])
        with pytest.raises(StartError, match=r"web\.port"):
            async with serving(nothing, "127.0.0.1", port):
                pass


async def test_the_door_closes_with_its_context() -> None:
    """A request under way is answered; afterwards nobody listens, and nothing is left."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        entered.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    before = asyncio.all_tasks()
    async with aiohttp.ClientSession() as session:
        async with AsyncExitStack() as stack:
            _, address = await stack.enter_async_context(serving(slow, "127.0.0.1", 0))
            asking = asyncio.create_task(session.get(address))
            await entered.wait()
            asyncio.get_running_loop().call_later(0.05, go_on.set)
        answer = await asking
        assert await answer.read() == b"done"
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(address)
    assert asyncio.all_tasks() - before == set()
