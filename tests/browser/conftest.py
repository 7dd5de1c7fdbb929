"""A real Chromium on the demo's page. Whatever the page logs as an error fails the test, and nothing is fetched from elsewhere.

The browser lives in the session's event loop, so the tests and fixtures here run in that one too.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from bot import engine
from bot.demo import shown
from sandbox.page import page_app
from sandbox.serve import serve
from sandbox.slack import AppConfig
from sandbox.twin import twin
from tests.sandbox.page.fake_bot import fake_bot
from tests.world import world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Page

    from sandbox.twin import Twin
    from tests.world import World

ARGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 15_000
"""Milliseconds the browser waits for anything."""

expect.set_options(timeout=PATIENCE)

DESK = {"width": 1440, "height": 900}


class Visit:
    """Opens the page of a twin, each time in a browser window of its own.

    Attributes:
        troubles: errors that the pages logged, addresses that are not the page's own server, and Block Kit that was not drawn.
        elsewhere: other addresses that a page may lead to.
    """

    def __init__(self, browser: Browser) -> None:
        self.troubles: list[str] = []
        self.elsewhere: list[str] = []
        self._browser = browser
        self._windows = AsyncExitStack()
        self._servers = AsyncExitStack()

    async def __call__(self, outside: Twin, *, at: str = "", **window: Any) -> Page:
        """The page, loaded; `at` is what stands behind the # in the address, `window` what kind of browser it is."""
        url = await self._servers.enter_async_context(serve(page_app(outside.org, outside.workspace)))
        return await self.at(url, at, **window)

    async def at(self, url: str, at: str = "", **window: Any) -> Page:
        """The page that somebody else serves at `url`, loaded."""
        kind: dict[str, Any] = {"viewport": DESK, "locale": "en-GB", "timezone_id": "Europe/Amsterdam"} | window
        context = await self._browser.new_context(**kind)
        self._windows.push_async_callback(self._close, context)
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda told: self.troubles.append(str(told.error)))
        context.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        context.on("request", lambda asked: self._ask(asked.url, url))
        page = await context.new_page()
        await page.goto(f"{url}/#{at}")
        await page.locator(".person[aria-current]").wait_for()
        return page

    def _ask(self, asked: str, own: str) -> None:
        if not asked.startswith((own, *self.elsewhere)):
            self.troubles.append(asked)

    async def _close(self, context: BrowserContext) -> None:
        for page in context.pages:
            self.troubles += await page.locator(".b-unknown").all_text_contents()
        await context.close()

    async def stop_serving(self) -> None:
        """Stop every server while the windows stay open."""
        await self._servers.aclose()

    async def leave(self) -> None:
        """Close everything."""
        await self._windows.aclose()
        await self._servers.aclose()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all; a start costs more than a test."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    """Opens the page in Chromium; at the end no page may have logged an error that the test has not taken note of."""
    opened = Visit(browser)
    try:
        yield opened
    finally:
        await opened.leave()
    assert opened.troubles == []


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings of the bot on top of the plain ones; a test overrides this by parametrizing it."""
    return {}


@pytest_asyncio.fixture(loop_scope="session")
async def bot(redis_url: str, settings: dict[str, Any]) -> AsyncIterator[World]:
    """The real bot between the two halves of the twin, on a server that is empty at first."""
    client = engine.connect(redis_url)
    await client.flushall()
    await client.aclose()
    async with world(redis_url, **settings) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def demo() -> AsyncIterator[tuple[Twin, str]]:
    """The demo as a newcomer starts it, and the address of its page. It stands before `visit`, so that it outlives the windows."""
    async with shown(port=0, read_only=False) as (running, url):
        yield running, url


@pytest_asyncio.fixture(loop_scope="session")
async def outside() -> AsyncIterator[Twin]:
    """The twin with no bot."""
    async with twin(app=AppConfig()) as running:  # with a Home tab, which the bot has not yet
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def heard(outside: Twin) -> AsyncIterator[list[dict[str, Any]]]:
    """The stand-in for the bot, which shows every kind of block; what it has heard."""
    async with fake_bot(outside.workspace, outside.org) as actions:
        yield actions
