"""A new password and a new phone, in a real browser: the chat, the inbox, the phone and the org tell one story."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.hands import account, card, proves_it, say, show

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from sandbox.twin import Twin
    from tests.browser.conftest import Visit
    from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PASSWORD = "Correct-horse-battery-9"
ACTS: dict[str, Any] = {"capabilities": {"reset_password": "act", "reset_mfa": "act"}}
BY_LINK = {**ACTS, "reset_password": {"delivery": "link"}}
SEVERAL = {**ACTS, "reset_mfa": {"several": True}}
CODE = re.compile(r"^\d{3} \d{3}$")
NEW_TAB = {"target": "_blank", "rel": "noopener noreferrer"}


async def follow(page: Page, link: Locator) -> None:
    """Open a one-time link in its new tab, and choose a password there."""
    for name, value in NEW_TAB.items():
        await expect(link).to_have_attribute(name, value)
    async with page.expect_popup() as opened:
        await link.click()
    okta = await opened.value
    await okta.get_by_label("New password").fill(PASSWORD)
    await okta.get_by_label("The same again").fill(PASSWORD)
    await okta.get_by_role("button", name="Save").click()
    await expect(okta.get_by_role("heading", name="Your password is changed")).to_be_visible()
    await okta.close()


async def test_a_code_in_a_window(demo: tuple[Twin, str], visit: Visit) -> None:
    """A wrong one is told beside the field, the phone's own is taken, and the card goes on behind the window."""
    _, url = demo
    page = await visit.at(url, "UJONAS")
    phone = await show(page, "Phone")
    code = (await phone.locator(".code-now").inner_text()).replace(" ", "")
    await say(page, "I forgot my password")
    await card(page, "Reset your password?").get_by_role("button", name="Reset my password").click()
    await card(page, "Is it really you?").get_by_role("button", name="Type a code").click()
    window = page.get_by_role("dialog")
    field = window.get_by_label("Code")
    await expect(field).to_be_focused()
    await field.fill("12")
    await field.press("Enter")
    await expect(window).to_contain_text("That can't be a code")
    await field.fill(code)
    await field.press("Enter")
    # Whichever is there first: that the code was right, or what came of it.
    await expect(window).to_contain_text(re.compile("it's you|Your password is reset"))
    await window.get_by_role("button", name="Close").last.click()
    await expect(card(page, "Your password is reset")).to_be_visible()


async def read_marks_last(page: Page) -> None:
    """After a reload, what was opened is still read and what came since is not; newest first."""
    await page.reload()
    lines = (await show(page, "Inbox 2 unread")).get_by_role("button")
    await expect(lines).to_have_count(3)
    await expect(lines.nth(0)).to_contain_text("Your Okta password was changed")
    await expect(lines.nth(0)).to_contain_text("(unread)")
    await expect(lines.nth(1)).to_contain_text("(unread)")
    await expect(lines.nth(2)).not_to_contain_text("(unread)")


async def test_a_forgotten_password_by_mail(demo: tuple[Twin, str], visit: Visit) -> None:
    """Asked, confirmed, the mail opened, its link used: the org shows it at once, and the card once time has passed."""
    world, url = demo
    visit.elsewhere.append(world.okta_url)
    page = await visit.at(url, "UJONAS")
    inbox = await show(page, "Inbox")
    await expect(inbox).to_contain_text("No mail yet.")
    await say(page, "I forgot my password")
    await card(page, "Reset your password?").get_by_role("button", name="Reset my password").click()
    await proves_it(page)
    await expect(card(page, "Your password is reset")).to_contain_text("(edited)")
    await show(page, "Inbox")

    await expect(page.get_by_role("tab", name="Inbox 2 unread")).to_be_visible()
    await expect(inbox.get_by_role("button", name="Your Okta account at Northwind")).to_contain_text("unlatch@")
    await inbox.get_by_role("button", name="Your Okta password was reset").click()
    letter = inbox.get_by_role("region", name="Your Okta password was reset by an administrator")
    await expect(letter.get_by_role("heading")).to_be_focused()
    await expect(page.get_by_role("tab", name="Inbox 1 unread")).to_be_visible()
    await show(page, "Org")
    jonas = account(page, "jonas.lindqvist")
    await expect(jonas.locator(".chip")).to_have_text("RECOVERY")
    await expect(jonas.locator("dd[data-fact=Password]")).not_to_contain_text("today")
    await show(page, "Inbox")
    await follow(page, letter.get_by_role("link", name="Choose a new password"))

    await show(page, "Org")
    await expect(jonas.locator(".chip")).to_have_text("ACTIVE")
    await expect(jonas.locator("dd[data-fact=Password]")).to_contain_text("changed today")
    await page.get_by_role("button", name="Let 10 minutes pass").click()
    await expect(card(page, "Your password is changed")).to_be_visible()
    await read_marks_last(page)


@pytest.mark.parametrize("settings", [BY_LINK])
async def test_a_forgotten_password_by_a_window(visit: Visit, bot: World) -> None:
    """Confirm opens a window; the link comes into it, leads to Okta in a new tab, and is nowhere else."""
    visit.elsewhere.append(bot.twin.okta_url)
    page = await visit(bot.twin, at="UJONAS")
    await say(page, "I forgot my password")
    await card(page, "Reset your password?").get_by_role("button", name="Reset my password").click()
    window = page.get_by_role("dialog")
    link = window.get_by_role("link", name="Choose a new password")
    await expect(link).to_be_focused()
    await expect(window.locator("[type=submit]")).to_have_count(0)
    await expect(page.get_by_role("article").get_by_role("link", name="Choose a new password")).to_have_count(0)
    await follow(page, link)
    await window.get_by_role("button", name="Close").last.click()
    await expect(window).to_have_count(0)
    await expect(page.locator("#chat :focus")).to_have_count(1)  # the card, or the message field
    await expect(account(page, "jonas.lindqvist").locator(".chip")).to_have_text("ACTIVE")


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_new_phone(visit: Visit, bot: World) -> None:
    """The old Okta Verify is chosen by its button and removed; the phone shows it gone, and sets it up anew."""
    page = await visit(bot.twin, at="UJONAS")
    phone = await show(page, "Phone")
    await expect(phone.locator(".code-now")).to_have_text(CODE)
    await say(page, "I have a new phone")
    await page.get_by_role("article").last.get_by_role("button", name="Okta Verify on Jonas's iPhone 8").click()
    await page.get_by_role("button", name="Remove it").click()
    await expect(card(page, "Removed")).to_be_visible()

    await expect(phone).to_contain_text("Not set up on this phone.")
    await expect(phone.locator(".code-now")).to_have_count(0)
    await show(page, "Org")
    factors = account(page, "jonas.lindqvist").locator("dd[data-fact=Factors]")
    await expect(factors).to_have_text("Security key (MacBook Touch ID)")
    await show(page, "Phone")
    await phone.get_by_role("button", name="Set up Okta Verify").press("Enter")
    await expect(page.get_by_text("Okta Verify is set up on Jonas's iPhone 8.")).to_be_visible()
    await expect(phone.locator(".code-now")).to_have_text(CODE)
    await show(page, "Org")
    await expect(factors).to_contain_text("Okta Verify push (Jonas's iPhone 8)")
    inbox = await show(page, "Inbox 2 unread")
    await expect(inbox.get_by_role("button").first).to_contain_text("A security method was added")


@pytest.mark.parametrize("settings", [SEVERAL])
async def test_several_methods_are_ticked(visit: Visit, bot: World) -> None:
    """Tick boxes inside a row of buttons; what is ticked is what goes."""
    page = await visit(bot.twin, at="UJONAS")
    await say(page, "reset my Okta Verify")
    choice = page.get_by_role("article").last
    boxes = choice.get_by_role("checkbox")
    await expect(boxes).to_have_count(3)
    await boxes.first.focus()
    for box in (boxes.nth(0), boxes.nth(1)):
        await expect(box).to_be_focused()
        await page.keyboard.press("Space")
        await expect(box).to_be_checked()
        await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    asking = card(page, "Remove this from your account?")
    await expect(asking.locator(".item")).to_have_count(2)
    await asking.get_by_role("button", name="Remove it").click()
    await expect(card(page, "Removed")).to_be_visible()
    await expect(account(page, "jonas.lindqvist").locator("dd[data-fact=Factors]")).to_have_text(
        "Security key (MacBook Touch ID)"
    )


async def test_the_switch_turns_the_bot_read_only_and_back(demo: tuple[Twin, str], visit: Visit) -> None:
    """Another tab and a reload show what holds; the bot really is the other one, and what is said meanwhile is not lost."""
    world, url = demo
    page, other = await visit.at(url, "UMAYA"), await visit.at(url, "UPRIYA")
    switch = page.get_by_role("switch", name="Read-only")
    await expect(switch).not_to_be_checked()
    await switch.click()
    await expect(page.get_by_text("The bot only gives directions now.")).to_be_visible()
    for shows in (page, other):
        await expect(shows.get_by_role("switch", name="Read-only")).to_be_checked()
        await expect(shows.get_by_text("The bot is restarting.")).to_be_hidden()
    await page.reload()
    await expect(switch).to_be_checked()
    await say(page, "I'm locked out")
    await expect(card(page, "How to unlock your account")).to_be_visible()
    assert world.org.effects == []

    await switch.press("Space")
    await say(other, "I can't log in")
    await expect(switch).not_to_be_checked()
    await page.get_by_role("button", name="Let 10 minutes pass").click()
    await expect(card(other, "Your password has expired")).to_be_visible()
    await say(page, "I'm locked out")
    await card(page, "Unlock your account?").get_by_role("button", name="Unlock my account").click()
    await expect(card(page, "Your account is unlocked")).to_be_visible()
