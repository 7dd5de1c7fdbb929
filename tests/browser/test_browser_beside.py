"""Beside the chat, in a real browser: the phone, the inbox, trouble on order; and the whole page by keyboard, in the dark and on a phone."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import Page, expect

from sandbox.page import Switch, page_app
from sandbox.serve import serve
from tests.browser.hands import account, say, show

if TYPE_CHECKING:
    from sandbox.okta.verification import Push
    from sandbox.twin import Twin
    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

EYES = (Path(__file__).parent / "eyes.js").read_text("utf-8")
JONAS = "jonas.lindqvist@northwind.example"
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}
PANES = ("Org", "Log", "Phone", "Inbox")
READABLE = 4.5
"""The least contrast of text (https://www.w3.org/TR/WCAG22/#contrast-minimum)."""

MOST_STOPS = 200
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def ask(outside: Twin, *, numbers: bool = False) -> Push:
    """A sign-in somewhere asks Jonas's phone."""
    org = outside.org
    user = org.user(JONAS)
    factor = next(one for one in user.factors if one.type == "push")
    life = timedelta(minutes=5)
    push = org.verifier.ask(user, factor, org.clock.now(), life, numbers=numbers, agent="Firefox on macOS")
    org.changes.touch()
    return push


async def test_a_sign_in_is_approved_and_another_denied(visit: Visit, outside: Twin) -> None:
    """The tab says that something waits; the answer is Okta's."""
    page = await visit(outside, at="UJONAS")
    push = ask(outside)
    phone = await show(page, "Phone 1 waiting")
    request = phone.get_by_role("region", name="Sign-in request")
    await expect(request).to_contain_text("Firefox on macOS · just now")
    await request.get_by_role("button", name="Approve").press("Enter")
    await expect(request).to_have_count(0)
    await expect(page.get_by_role("tab", name="Phone", exact=True)).to_be_visible()
    assert outside.org.verifier.push(push.id, outside.clock.now()).result == "SUCCESS"

    push = ask(outside)
    await request.get_by_role("button", name="Deny").click()
    await expect(page.get_by_text("Denied.")).to_be_visible()
    assert outside.org.verifier.push(push.id, outside.clock.now()).result == "REJECTED"


async def test_the_right_number_is_tapped(visit: Visit, outside: Twin) -> None:
    """Three are offered; a wrong one is a no."""
    page = await visit(outside, at="UJONAS")
    phone = await show(page, "Phone")
    for tapped_right in (True, False):
        push = ask(outside, numbers=True)
        number = next(one for one in push.choices if (one == push.answer) == tapped_right)
        await expect(phone.get_by_role("region", name="Sign-in request").get_by_role("button")).to_have_count(4)
        await phone.get_by_role("button", name=str(number), exact=True).click()
        told = "Approved." if tapped_right else "That is not the number"
        await expect(page.get_by_text(told)).to_be_visible()
        result = outside.org.verifier.push(push.id, outside.clock.now()).result
        assert (result == "SUCCESS") is tapped_right


async def test_a_code_is_the_one_that_okta_takes(visit: Visit, outside: Twin) -> None:
    """With the seconds it has left; when time passes, there is another."""
    page = await visit(outside, at="UJONAS")
    code = (await show(page, "Phone")).locator(".code-now")
    await expect(code).to_have_text(re.compile(r"^\d{3} \d{3}$"))
    await expect(page.locator(".code-left")).to_have_text(re.compile(r"^\d+ s left$"))
    before = await code.text_content()
    await page.get_by_role("button", name="Let 10 minutes pass").click()
    await expect(code).not_to_have_text(before or "")
    user = outside.org.user(JONAS)
    factor = next(one for one in user.factors if one.secret)
    shown = (await code.text_content() or "").replace(" ", "")
    outside.org.verifier.check(user, factor, shown, outside.clock.now())


async def test_text_messages_and_another_phone(visit: Visit, outside: Twin) -> None:
    """Clara has nothing but text messages, until she sets Okta Verify up."""
    page = await visit(outside, at="UCLARA")
    phone = await show(page, "Phone")
    texts = phone.get_by_role("region", name="Text messages")
    await expect(texts).to_contain_text("None yet.")
    (sms,) = outside.org.user("clara.novak@northwind.example").factors
    code = outside.org.verifier.send(sms, outside.clock.now(), timedelta(minutes=5))
    outside.org.changes.touch()
    await expect(texts).to_contain_text(code)

    await phone.get_by_role("textbox", name="Set up Okta Verify on another phone").fill("Clara's Pixel 10")
    await page.keyboard.press("Enter")
    await expect(phone.get_by_role("region", name="Clara's Pixel 10").locator(".code-now")).to_be_visible()
    await expect(phone.get_by_role("region", name="Clara's iPhone 15")).to_contain_text("Not set up on this phone.")
    inbox = await show(page, "Inbox 1 unread")
    line = inbox.get_by_role("button")
    await line.press("Enter")
    letter = inbox.get_by_role("region", name="A security method was added")
    await expect(letter).to_contain_text("Newly set up: Okta Verify on Clara's Pixel 10.")
    await expect(inbox.get_by_role("link")).to_have_count(0)
    await inbox.get_by_role("button", name="All mail").press("Enter")
    await expect(line).to_be_focused()


async def test_who_has_no_account_is_told_so(visit: Visit, outside: Twin) -> None:
    """A guest's phone and inbox are empty, and whoever is locked out sets nothing up."""
    page = await visit(outside, at="UGUEST")
    await expect(await show(page, "Phone")).to_contain_text("Felix Marsh has no account in this org")
    await expect(await show(page, "Inbox")).to_contain_text("Felix Marsh has no account in this org")
    outside.org.change("maya.okafor@northwind.example", factors=())
    await page.get_by_role("navigation").get_by_role("button", name="Maya Okafor").click()
    phone = await show(page, "Phone")
    await expect(phone).to_contain_text("That takes a sign-in, and the account is LOCKED_OUT.")
    await expect(phone.get_by_role("button")).to_have_count(0)


async def test_trouble_is_ordered_and_taken_back(visit: Visit, outside: Twin) -> None:
    """Each says what it does and how much of it is left; the button in the bar says that something is on order."""
    page = await visit(outside)
    menu = page.locator("#mischief")
    for name in ("Okta is slow", "Okta is down", "Lose the answer"):
        await menu.locator("summary").click()
        await menu.get_by_role("button", name=name).click()
    await expect(menu.locator("summary")).to_contain_text("3 on order")
    await menu.locator("summary").press("Enter")
    slow = menu.get_by_role("button", name="Okta is slow", pressed=True)
    await expect(slow).to_contain_text("On order: 6 left. Press to take it back.")
    await slow.click()
    await expect(menu.locator("summary")).to_contain_text("2 on order")
    await menu.locator("summary").click()
    await menu.get_by_role("button", name="Take everything back").click()
    await expect(page.get_by_text("Nothing is on order any more.")).to_be_visible()
    await expect(menu.locator("#mischief-count")).to_be_hidden()
    assert outside.org.faults.take("GET", "/api/v1/users/me") is None


async def test_the_page_says_that_the_bot_restarts(visit: Visit, outside: Twin) -> None:
    """As long as it lasts, and whatever came of it."""
    go, fails = asyncio.Event(), [True, False]

    async def restart(*, read_only: bool) -> None:
        del read_only
        await go.wait()
        if fails.pop(0):
            raise OSError("no bot")

    async with serve(page_app(outside.org, outside.workspace, Switch(restart, read_only=False))) as url:
        page = await visit.at(url)
        switch = page.get_by_role("switch", name="Read-only")
        await switch.click()
        await expect(page.get_by_text("The bot is restarting.")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text("The bot is restarting.")).to_be_visible()
        await expect(switch).to_be_disabled()
        go.set()
        await expect(page.get_by_text("No bot is running")).to_be_visible()
        await switch.click()
        await expect(page.get_by_text("No bot is running")).to_be_hidden()
        await expect(switch).not_to_be_checked()
        await visit.leave()


async def test_tabs_are_moved_through_with_arrows(visit: Visit, outside: Twin) -> None:
    """One of them is in the tab order; the arrows go round, and what they reach is shown."""
    page = await visit(outside)
    tabs = page.get_by_role("tablist").get_by_role("tab")
    await expect(tabs).to_have_text(PANES)
    await tabs.first.focus()
    for key, name in (("ArrowRight", "Log"), ("End", "Inbox"), ("ArrowRight", "Org"), ("ArrowLeft", "Inbox")):
        await page.keyboard.press(key)
        await expect(page.get_by_role("tab", selected=True)).to_have_accessible_name(name)
        await expect(page.get_by_role("tab", selected=True)).to_be_focused()
        await expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
        await expect(page.get_by_role("tabpanel")).to_have_count(1)


async def full(page: Page, outside: Twin) -> None:
    """Let there be something of everything."""
    push = ask(outside, numbers=True)
    outside.org.phones.enrol(JONAS, "Jonas's Pixel 10")
    for words in ("kitchen sink", "locked", "/nope"):
        await say(page, words)
    await expect(page.get_by_role("heading", name="Kitchen sink")).to_be_visible()
    await expect(page.get_by_text("Slack: /nope is not a valid command.")).to_be_visible()
    assert push.choices


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_can_be_read(visit: Visit, outside: Twin, heard: list[dict[str, Any]], scheme: str) -> None:
    """In every pane, on hover and in the menu, by daylight and in the dark."""
    page = await visit(outside, at="UJONAS", color_scheme=scheme, reduced_motion="reduce")
    await page.evaluate(EYES)
    await full(page, outside)
    assert await page.evaluate("least => eyes.faint(least)", READABLE) == []
    for pane in PANES:
        panel = await show(page, pane)
        assert await page.evaluate("least => eyes.faint(least)", READABLE) == [], pane
        if pane == "Inbox":
            await panel.get_by_role("button").first.click()
            assert await page.evaluate("least => eyes.faint(least)", READABLE) == [], "a letter"
    await page.locator("#mischief summary").click()
    await page.get_by_role("button", name="Okta is slow").click()
    await page.locator("#mischief summary").click()
    await expect(page.get_by_role("button", name="Okta is slow", pressed=True)).to_be_visible()
    assert await page.evaluate("least => eyes.faint(least)", READABLE) == [], "the menu"
    assert heard == []


@pytest.mark.parametrize("pane", PANES)
async def test_the_keyboard_reaches_everything(
    visit: Visit, outside: Twin, heard: list[dict[str, Any]], pane: str
) -> None:
    """Each control in turn, each with a name, and one always sees where one is."""
    page = await visit(outside, at="UJONAS")
    await page.evaluate(EYES)
    await full(page, outside)
    await show(page, pane)
    await page.evaluate("document.activeElement.blur()")
    reached: dict[str, dict[str, Any]] = {}
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        at = await page.evaluate("eyes.focused()")
        if at is None:
            continue  # behind the last comes the first again
        if reached and at["mark"] == next(iter(reached)):
            break
        reached[at["mark"]] = at
    assert await page.evaluate("eyes.unreached()") == []
    assert [at for at in reached.values() if not at["name"] or not at["visible"]] == []
    assert heard == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, SMALLEST], ids=["390", "320"])
async def test_nothing_is_too_wide_for_a_phone(
    visit: Visit, outside: Twin, heard: list[dict[str, Any]], scheme: str, size: dict[str, int]
) -> None:
    """Every pane by turns, each filled, with the switch in the bar; the number asked for is tapped there too."""

    async def restart(*, read_only: bool) -> None:
        del read_only

    async with serve(page_app(outside.org, outside.workspace, Switch(restart, read_only=True))) as url:
        page = await visit.at(url, "UJONAS", viewport=size, has_touch=True, color_scheme=scheme)
        await page.evaluate(EYES)
        await full(page, outside)
        assert await page.evaluate(TOO_WIDE) is False
        await expect(page.get_by_role("switch", name="Read-only")).to_be_in_viewport(ratio=1)
        await expect(page.locator("#mischief summary")).to_be_in_viewport(ratio=1)
        for pane in (*PANES, "Slack"):
            await page.get_by_role("tab", name=pane).tap()
            assert await page.evaluate(TOO_WIDE) is False, pane
            assert await page.evaluate("least => eyes.faint(least)", READABLE) == [], pane
            await expect(page.get_by_role("textbox", name="Message")).to_be_visible(visible=pane == "Slack")
        await expect(account(page, "jonas.lindqvist")).to_be_hidden()
        await visit.leave()
    assert heard == []


async def test_who_wants_no_motion_gets_none(visit: Visit, outside: Twin, heard: list[dict[str, Any]]) -> None:
    """Nothing glows or slides."""
    page = await visit(outside, at="UJONAS", reduced_motion="reduce")
    await full(page, outside)
    moving = "document.getAnimations().filter(one => one.effect.getComputedTiming().duration > 0).length"
    assert await page.evaluate(moving) == 0
    assert heard == []


async def test_every_control_beside_the_chat_works(visit: Visit, outside: Twin, heard: list[dict[str, Any]]) -> None:
    """Everybody can be picked, every account opened and closed, every trouble ordered; the page logs no error."""
    page = await visit(outside)
    people = page.get_by_role("navigation").get_by_role("button")
    for index in range(await people.count()):
        await people.nth(index).click()
        await expect(people.nth(index)).to_have_attribute("aria-current", "true")
    await people.first.click()
    heads = page.locator(".account-head")
    await expect(account(page, "maya.okafor").locator(".badge")).to_have_text("you")  # the org is drawn for her now
    for index in range(await heads.count()):
        before = await heads.nth(index).get_attribute("aria-expanded")
        await heads.nth(index).click()
        await expect(heads.nth(index)).to_have_attribute("aria-expanded", "false" if before == "true" else "true")
    ruth = account(page, "ruth.mensah")
    await ruth.locator(".account-head").click()
    await ruth.get_by_role("button", name="Mistype the password until locked").click()
    await expect(ruth.locator(".chip")).to_have_text("LOCKED_OUT")
    await show(page, "Log")
    for name, other in (("The bot's requests", "System Log"), ("System Log", "The bot's requests")):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
        await expect(page.get_by_role("button", name=other)).to_have_attribute("aria-pressed", "false")
    troubles = page.locator("#mischief-list button")
    for index in range(await troubles.count()):
        await page.locator("#mischief summary").click()
        await troubles.nth(index).click()
    await expect(page.locator("#mischief summary")).to_contain_text("6 on order")
    assert heard == []
