"""Enterprise Grid: Slack names people by their enterprise, and one of the same enterprise is one of ours."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot import app
from bot.settings import Settings
from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.serve import serve
from sandbox.slack import Workspace, serve_slack
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Twin
from tests.scribe import AUDIT_KEY
from tests.world import World


@pytest.fixture(params=["socket", "http"])
async def grid(request: pytest.FixtureRequest, redis_url: str, redis: Redis) -> AsyncIterator[World]:
    """The bot in a workspace that belongs to an enterprise."""
    del redis
    clock = Clock()
    org = Org(clock)
    org.add_token(API_TOKEN, roles={"HELP_DESK_ADMIN"})
    workspace = Workspace(
        clock, bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=SIGNING_SECRET, enterprise_id="E0NORTHWIND"
    )
    async with serve(okta_app(org)) as okta_url, serve_slack(workspace) as slack_url:
        slack = {
            "mode": request.param,
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "signing_secret": SIGNING_SECRET,
            "api_url": f"{slack_url}/api/",
        }
        okta = {"org_url": okta_url, "api_token": API_TOKEN}
        settings = Settings(slack=slack, okta=okta, redis_url=redis_url, web={"port": 0}, audit={"key": AUDIT_KEY})
        async with app.bot(settings, clock=clock) as running:
            workspace.request_url = running.request_url
            yield World(Twin(clock, org, workspace, okta_url, slack_url), settings)


async def test_one_of_the_enterprise_is_let_back_in(grid: World) -> None:
    """The press names the enterprise where a workspace's id belongs."""
    maya = grid.person("UMAYA")

    await maya.dm("I'm locked out")
    card = await grid.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await grid.card(maya, "Your account is unlocked")

    assert grid.effects == ["unlock"]


async def test_in_a_shared_channel_and_by_command_it_is_the_same(grid: World) -> None:
    """There the event names the enterprise too, and the command both."""
    maya = grid.person("UMAYA")

    await maya.mention("C0FREIGHT", "I'm locked out")
    await grid.card(maya, "Unlock your account?")
    await maya.command("help-me-in")
    await grid.card(maya, "Your account is locked")


async def test_a_stranger_is_a_stranger_there_too(grid: World) -> None:
    """The envelope names our enterprise, the author's own ids do not."""
    stranger = grid.person("USTRANGER")

    await stranger.mention("C0FREIGHT", "I'm locked out")
    await grid.card(stranger, "I can only help members of this Slack workspace")
    await stranger.dm("I'm locked out")
    await grid.until(lambda: len(grid.cards(stranger)) == 2, "an answer to the direct message")

    assert {card.text.partition("\n")[0] for card in grid.cards(stranger)} == {
        "I can only help members of this Slack workspace"
    }
    assert grid.twin.org.calls == []
