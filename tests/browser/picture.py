"""Takes the picture of the README: the demo, from "I forgot my password" to Okta's mail with the link, in a real Chromium.

Run by `make picture`; it writes docs/demo.png anew.
"""

import asyncio
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright, expect

from bot.demo import shown
from tests.browser.conftest import ARGS
from tests.browser.hands import card, proves_it, say, show

PICTURE: Final = Path(__file__).parents[2] / "docs" / "demo.png"


async def main() -> None:
    """Play Jonas's story, and take the picture once nothing moves any more."""
    async with shown(port=0, read_only=False) as (_, url), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGS))
        page = await browser.new_page(
            viewport={"width": 1440, "height": 760}, color_scheme="light", reduced_motion="reduce", locale="en-GB"
        )
        await page.goto(f"{url}/#UJONAS")
        await _gets_a_link(page)
        await page.screenshot(path=PICTURE)
        await browser.close()


async def _gets_a_link(page: Page) -> None:
    inbox = await show(page, "Inbox")
    await say(page, "I forgot my password")
    await card(page, "Reset your password?").get_by_role("button", name="Reset my password").click()
    await proves_it(page)
    await expect(card(page, "Your password is reset")).to_be_visible()
    await show(page, "Inbox")
    await inbox.get_by_role("button", name="Your Okta password was reset").click()
    await expect(inbox.get_by_role("link", name="Choose a new password")).to_be_visible()
    await expect(page.get_by_role("tab", name="Inbox", exact=True)).to_be_visible()
    await page.mouse.move(0, 0)
    await page.evaluate("document.activeElement.blur()")


if __name__ == "__main__":
    asyncio.run(main())
