"""The switch that starts the bot anew: what it shows is what holds, and nothing that people say meanwhile is lost."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bot.demo import shown, to_try
from sandbox.page import Switch, page_app
from sandbox.page.switch import Standing
from sandbox.serve import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.twin import Twin

Json = dict[str, Any]
PATIENCE = 10.0


class Starter:
    """Starts a bot when it is let, or not at all."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.started: list[bool] = []
        self.fails = False

    async def __call__(self, *, read_only: bool) -> None:
        """Start it, or fail."""
        await self.go.wait()
        if self.fails:
            raise OSError("no bot")
        self.started.append(read_only)


@pytest.fixture
def starter() -> Starter:
    """What the switch calls."""
    return Starter()


@pytest.fixture
async def client(world: Twin, starter: Starter) -> AsyncIterator[httpx.AsyncClient]:
    """The page with a switch."""
    app = page_app(world.org, world.workspace, Switch(starter, read_only=False))
    async with serve(app) as url, httpx.AsyncClient(base_url=url, headers={"Origin": url}) as client:
        yield client


async def bot(client: httpx.AsyncClient) -> tuple[bool, str]:
    """What the page shows of it."""
    shown: Json = (await client.get("/api/state")).json()["bot"]
    return shown["readOnly"], shown["standing"]


async def turn(client: httpx.AsyncClient, *, read_only: bool) -> str:
    """Turn it, and wait; what is told."""
    told: str = (await client.post("/api/world/read-only", json={"read_only": read_only})).json()["told"]
    return told


async def until(holds: Callable[[], Any]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - of several programs, of which none tells
            await asyncio.sleep(0.002)


async def test_the_setting_changes_when_the_bot_is_back(client: httpx.AsyncClient, starter: Starter) -> None:
    """Until then the page says that it restarts; to turn it to where it is does nothing."""
    turning = asyncio.create_task(turn(client, read_only=True))
    while await bot(client) != (False, Standing.RESTARTING):
        pass
    starter.go.set()
    assert await turning == "The bot only gives directions now."
    assert await bot(client) == (True, Standing.RUNNING)
    await turn(client, read_only=True)
    assert await turn(client, read_only=False) == "The bot acts now."
    assert starter.started == [True, False]


async def test_two_at_once_are_one_restart(client: httpx.AsyncClient, starter: Starter) -> None:
    """Two tabs press at the same moment."""
    both = asyncio.gather(turn(client, read_only=True), turn(client, read_only=True))
    starter.go.set()
    await both
    assert starter.started == [True]


async def test_a_bot_that_does_not_start_is_told_and_tried_again(client: httpx.AsyncClient, starter: Starter) -> None:
    """The page claims nothing that is not so."""
    starter.go.set()
    starter.fails = True
    assert await turn(client, read_only=True) == "The bot did not start; the terminal says why."
    assert await bot(client) == (False, Standing.STOPPED)
    starter.fails = False
    assert await turn(client, read_only=False) == "The bot acts now."
    assert await bot(client) == (False, Standing.RUNNING)


async def test_without_a_switch_there_is_nothing_to_turn(page: httpx.AsyncClient) -> None:
    """As where the page stands over a bot that somebody else runs."""
    answer = await page.post("/api/world/read-only", json={"read_only": True})
    assert answer.status_code == 404
    assert (await page.get("/api/state")).json()["bot"] is None


async def test_what_is_said_while_no_bot_runs_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    """Slack delivers it once more after a minute; a press at that moment fails, and can be made again."""
    async with (
        shown(port=0, read_only=False) as (world, url),
        httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=PATIENCE) as client,
    ):
        maya, sockets = world.person("UMAYA"), world.workspace.sockets
        await maya.dm("I'm locked out")
        await until(lambda: maya.sees()[-1].text.startswith("Unlock your account?"))
        card = maya.sees()[-1]
        turning = asyncio.create_task(turn(client, read_only=True))
        await until(lambda: not sockets.connections)
        await maya.press(card.ts, "confirm")
        said = asyncio.create_task(world.person("UPRIYA").dm("I can't log in"))
        await turning
        assert maya.notices
        assert not said.done()
        await client.post("/api/world/time", json={"minutes": 1})
        await said
        await until(lambda: world.person("UPRIYA").sees()[-1].text.startswith("Your password has expired"))
        await maya.press(card.ts, "confirm")
        await until(lambda: not maya.sees()[-1].text.startswith("Unlock your account?"))
        assert world.org.effects == []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("read_only", [True, False])
async def test_the_page_shows_how_the_demo_was_started(*, read_only: bool) -> None:
    """And the terminal says what to try with it."""
    async with shown(port=0, read_only=read_only) as (_, url), httpx.AsyncClient(base_url=url) as client:
        assert await bot(client) == (read_only, Standing.RUNNING)
    words = to_try(url, read_only=read_only)
    assert url in words
    assert "I forgot my password" in words
    assert ("only gives directions. Stop" in words) is read_only
