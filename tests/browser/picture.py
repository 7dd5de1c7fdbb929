"""Takes the picture of the README: the demo, from "I'm locked out" to the unlocked account, in a real Chromium.

Run by `make picture`; it writes docs/demo.png anew.
"""

import asyncio
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright, expect

from bot.demo import shown
from tests.browser.conftest import ARGS

PICTURE: Final = Path(__file__).parents[2] / "docs" / "demo.png"


async def main() -> None:
    """Play Maya's story, and take the picture once nothing moves any more."""
    async with shown(port=0, read_only=False) as (_, url), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGS))
        page = await browser.new_page(
            viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce", locale="en-GB"
        )
        await page.goto(url)
        await _is_let_back_in(page)
        await page.screenshot(path=PICTURE)
        await browser.close()


async def _is_let_back_in(page: Page) -> None:
    await page.get_by_role("textbox", name="Message Unlatch").fill("I'm locked out")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Unlock my account").click()
    await expect(page.get_by_role("heading", name="Your account is unlocked")).to_be_visible()
    await expect(page.locator("#log")).to_contain_text("Unlock user account by administrator")
    await page.mouse.move(0, 0)
    await page.evaluate("document.activeElement.blur()")


if __name__ == "__main__":
    asyncio.run(main())
