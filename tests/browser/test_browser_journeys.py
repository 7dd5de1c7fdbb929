"""What a newcomer does in the first five minutes, in a real browser, with the real bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.hands import account, card, say

if TYPE_CHECKING:
    from sandbox.twin import Twin
    from tests.browser.conftest import Visit
    from tests.world import World

COMMANDS = [
    *("/unlatch", "/unlatch unlock", "/unlatch password", "/unlatch mfa"),
    *("/unlatch help-me-in", "/unlatch history", "/unlatch not-me"),
]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_maya_is_let_back_in(visit: Visit, bot: World) -> None:
    """Say it, press, and see it: in the chat, at Okta and in its log."""
    page = await visit(bot.twin)
    maya = account(page, "maya.okafor")
    await expect(maya.locator(".chip")).to_have_text("LOCKED_OUT")
    await expect(page.get_by_role("heading", name="This is your chat with Unlatch")).to_be_visible()

    await page.get_by_role("button", name="I'm locked out").click()
    await expect(page.get_by_role("textbox", name="Message Unlatch")).to_be_focused()
    await page.keyboard.press("Enter")
    await card(page, "Unlock your account?").get_by_role("button", name="Unlock my account").click()

    await expect(card(page, "Your account is unlocked")).to_be_visible()
    await expect(maya.locator(".chip")).to_have_text("ACTIVE")
    await page.get_by_role("tab", name="Log").click()
    newest = page.get_by_role("list", name="System Log, newest first").get_by_role("listitem").first
    await expect(newest).to_contain_text("Unlock user account by administrator")
    await expect(newest).to_contain_text("Unlatch Service → Maya Okafor")
    assert bot.effects == ["unlock"]

    await page.get_by_role("tab", name="Org").click()
    await maya.get_by_role("button", name="Try to sign in").click()
    await expect(page.get_by_text("Maya Okafor is signed in to Okta.")).to_be_visible()
    await expect(maya).to_contain_text("1 open")
    await page.get_by_role("tab", name="Log").click()
    await expect(newest).to_contain_text("User login to Okta")
    await page.get_by_role("button", name="The bot's requests").click()
    await expect(page.locator("#requests")).to_contain_text("/lifecycle/unlock")


async def test_the_happy_end_is_a_sign_in(demo: tuple[Twin, str], visit: Visit) -> None:
    """In the demo, Open Okta leads to a page where the person who was picked tries it; before the unlock it fails."""
    world, url = demo
    page = await visit.at(url)
    await say(page, "I'm locked out")
    unlock = card(page, "Unlock your account?").get_by_role("button", name="Unlock my account")
    await expect(unlock).to_be_visible()
    okta = await page.context.new_page()
    await okta.goto(f"{url}/okta")
    await okta.get_by_role("button", name="Try to sign in").click()
    await expect(okta.get_by_role("status")).to_have_text("Okta turns Maya Okafor away.")

    await unlock.click()
    await expect(okta.locator(".chip")).to_have_text("ACTIVE")
    async with page.expect_popup() as opened:
        await card(page, "Your account is unlocked").get_by_role("link", name="Open Okta").click()
    okta = await opened.value
    await expect(okta.get_by_role("heading", name="Here your people's Okta sign-in page would be")).to_be_visible()
    await expect(okta.get_by_text("maya.okafor@northwind.example")).to_be_visible()
    await okta.get_by_role("button", name="Try to sign in").click()
    await expect(okta.get_by_role("status")).to_have_text("Maya Okafor is signed in to Okta.")
    assert world.org.user("maya.okafor@northwind.example").sessions == 1
    await visit.leave()


@pytest.mark.parametrize("settings", [{"read_only": True}], ids=["read-only"])
async def test_read_only_gives_directions(visit: Visit, bot: World) -> None:
    """Nothing can be confirmed, and Okta stays as it was."""
    page = await visit(bot.twin)
    await say(page, "I'm locked out")
    guide = card(page, "How to unlock your account")
    await expect(guide).to_contain_text("Need help signing in?")
    await expect(guide.get_by_role("button")).to_have_count(0)
    await expect(account(page, "maya.okafor").locator(".chip")).to_have_text("LOCKED_OUT")
    assert bot.writes == []


async def test_a_guest_is_told_why_not(visit: Visit, bot: World) -> None:
    """One can be anybody, and the address remembers whom one picked."""
    page = await visit(bot.twin)
    guest = page.get_by_role("navigation").get_by_role("button", name="Felix Marsh")
    await expect(guest).to_contain_text("single-channel guest")
    await guest.click()
    await expect(page).to_have_title("Felix Marsh · Unlatch demo")
    await say(page, "I'm locked out")
    await expect(card(page, "I can't help guests")).to_be_visible()
    assert page.url.endswith("#UGUEST")
    await page.reload()
    await expect(card(page, "I can't help guests")).to_be_visible()
    assert bot.writes == []


async def test_an_offer_left_alone_expires(visit: Visit, bot: World) -> None:
    """The visitor lets ten minutes pass; the card says so by itself."""
    page = await visit(bot.twin)
    await say(page, "I'm locked out")
    await expect(card(page, "Unlock your account?")).to_be_visible()
    await page.get_by_role("button", name="Let 10 minutes pass").click()
    await expect(card(page, "This offer has expired")).to_be_visible()
    await expect(page.get_by_role("article")).to_have_count(2)
    assert bot.writes == []


async def test_a_mention_in_a_channel_is_answered_in_private(visit: Visit, bot: World) -> None:
    """The channel shows a pointer for one pair of eyes; the card is in the chat with the bot."""
    page = await visit(bot.twin)
    await page.get_by_role("button", name="general", exact=True).click()
    await say(page, "@Unlatch unlock my account")
    pointer = page.get_by_role("article").filter(has_text="Only visible to you")
    await expect(pointer).to_contain_text("so that only you can read it")
    await expect(page.get_by_role("article").first).to_contain_text("@Unlatch unlock my account")
    await page.get_by_role("button", name="Unlatch (new)").click()
    await expect(card(page, "Unlock your account?")).to_be_visible()
    await expect(page.get_by_role("button", name="Unlatch", exact=True)).to_be_visible()


async def test_a_command_is_completed_with_the_keyboard(visit: Visit, bot: World) -> None:
    """A slash offers what there is; arrows and Enter pick, Enter sends."""
    page = await visit(bot.twin, at="UPRIYA")
    field = page.get_by_role("textbox", name="Message Unlatch")
    await field.press_sequentially("/u")
    await expect(page.get_by_role("option")).to_have_text(COMMANDS)
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await field.press(key)
    await expect(field).to_have_value("/unlatch unlock")
    await field.press("Enter")
    await expect(card(page, "Your password has expired")).to_be_visible()
    await expect(field).to_have_value("")


async def test_a_lost_answer_is_found_out(visit: Visit, bot: World) -> None:
    """The visitor breaks the connection after the change; the card still ends on the truth, and nothing is done twice."""
    page = await visit(bot.twin)
    await say(page, "I'm locked out")
    await page.get_by_text("Break something").click()
    await page.get_by_role("button", name="Lose the answer").click()
    await expect(page.get_by_text("Okta will make the next change")).to_be_visible()
    await card(page, "Unlock your account?").get_by_role("button", name="Unlock my account").click()
    await expect(card(page, "Your account is unlocked")).to_be_visible()
    await expect(account(page, "maya.okafor").locator(".chip")).to_have_text("ACTIVE")
    assert bot.effects == ["unlock"]
