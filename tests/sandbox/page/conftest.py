"""A running twin, its page, and a plain HTTP client that behaves like the page's own scripts."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.page import page_app
from sandbox.serve import serve
from sandbox.slack import AppConfig
from sandbox.twin import Twin, twin


@pytest.fixture
async def world() -> AsyncIterator[Twin]:
    """The outside world, without a bot."""
    async with twin(app=AppConfig()) as running:  # with a Home tab, which the bot has not yet
        yield running


@pytest.fixture
async def page(world: Twin) -> AsyncIterator[httpx.AsyncClient]:
    """The page's server, as the page itself calls it."""
    async with (
        serve(page_app(world.org, world.workspace)) as url,
        httpx.AsyncClient(base_url=url, headers={"Origin": url}) as client,
    ):
        yield client
