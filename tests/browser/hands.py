"""What every test in a browser does: talk, and look for cards, accounts and tabs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page


async def say(page: Page, words: str) -> None:
    """Type and send."""
    field = page.get_by_role("textbox", name="Message")
    await field.fill(words)
    await field.press("Enter")


async def show(page: Page, tab: str) -> Locator:
    """Choose one of the panes beside the chat; the pane."""
    chosen = page.get_by_role("tab", name=tab)
    panel = page.locator(f"#{await chosen.get_attribute('aria-controls')}[role=tabpanel]")
    await chosen.click()
    await expect(panel).to_be_visible()
    return panel


async def proves_it(page: Page) -> None:
    """Have a prompt sent to the phone, and tap there the number that the card shows."""
    await card(page, "Is it really you?").get_by_role("button", name="Send a prompt").click()
    title = page.get_by_role("heading", name=re.compile(r"^Choose \d+ on your phone$"))
    await expect(title).to_be_visible()
    number = (await title.inner_text()).split()[1]
    phone = await show(page, "Phone")
    await phone.get_by_role("button", name=number, exact=True).click()


def account(page: Page, login: str) -> Locator:
    """Somebody's row in the org."""
    return page.locator(f'[data-login="{login}@northwind.example"]')


def card(page: Page, title: str) -> Locator:
    """The bot's card with this title."""
    return page.get_by_role("article").filter(has=page.get_by_role("heading", name=title, exact=True))
