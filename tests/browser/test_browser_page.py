"""The page itself, in a real browser: every kind of block, forms, small windows, the dark, and a server that goes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from sandbox.page import page_app
from sandbox.serve import serve
from sandbox.slack.blockkit.elements import ELEMENTS, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from sandbox.slack.blockkit.layout import TYPES
from sandbox.slack.writing import Draft
from tests.browser.hands import say
from tests.sandbox.page.fake_bot import options, plain

if TYPE_CHECKING:
    from sandbox.twin import Twin
    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PHONE = {"width": 390, "height": 844}
AT_THE_END = (
    "(scroll => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 2)(document.getElementById('scroll'))"
)
WIDE_ENOUGH = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


LISTED = {"checkboxes", "radio_buttons", "static_select", "multi_static_select", "overflow"}
LIKED = {"text": plain("Good"), "value": "good"}


def element(kind: str) -> dict[str, Any]:
    """One element of this type, with what it needs."""
    more: dict[str, Any] = {"options": options("One", "Two")} if kind in LISTED else {}
    if kind.endswith("button"):
        more = {"text": plain("Press")}
    if kind == "feedback_buttons":
        more = {"positive_button": LIKED, "negative_button": LIKED}
    return {"type": kind, "action_id": "field", "alt_text": "A picture", **more}


async def test_text_is_drawn_as_slack_does_and_is_never_markup(
    visit: Visit, outside: Twin, heard: list[dict[str, Any]]
) -> None:
    """Bold is bold and a list is a list, but what looks like HTML or a script stays text."""
    page = await visit(outside)
    await say(page, "kitchen sink")
    sink = page.get_by_role("article").last
    await expect(sink.locator("strong").filter(has_text="bold")).to_be_visible()
    await expect(sink.locator("em")).to_have_text("italic")
    await expect(sink.locator("s")).to_have_text("gone")
    await expect(sink.locator("code").first).to_have_text("code <b>")
    await expect(sink.get_by_role("link", name="Help & more")).to_have_attribute(
        "href", "https://help.northwind.example/a?b=1&c=2"
    )
    await expect(sink.locator(".mention")).to_have_text(["@Maya Okafor", "#general", "@here"])
    await expect(sink.locator("time").last).to_have_text("01/01/1970")
    await expect(sink.locator(".item")).to_have_text(["•first", "•second strong", "1.one", "2.two"])
    await expect(sink).to_contain_text("2 * 3 * 4, snake_case_word")
    await expect(sink).to_contain_text("not a link")
    await expect(sink).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(sink.get_by_role("link")).to_have_count(2)
    assert await page.locator("img, [href^=javascript]").count() == 0
    assert heard == []


async def test_every_type_of_block_and_element_is_drawn(visit: Visit, outside: Twin) -> None:
    """Whatever the twin's Slack takes, the page shows, and a type that is added there fails here until it is drawn."""
    page = await visit(outside)
    types = sorted(TYPES | ELEMENTS.keys())
    undrawn = (
        "async types => { const { draws } = await import('/blocks.js'); return types.filter(one => !draws(one)); }"
    )
    assert await page.evaluate(undrawn, [*types, "hologram"]) == ["hologram"]


async def test_every_element_is_drawn_wherever_it_may_stand(visit: Visit, outside: Twin) -> None:
    """As a field with its label, beside a text, and in a row: something is there to use, and not words of regret."""
    ws = outside.workspace
    channel = ws.channels.get(outside.person("UMAYA").dm_channel)
    assert channel is not None
    blocks: list[dict[str, Any]] = [
        *({"type": "input", "label": plain(kind), "element": element(kind)} for kind in sorted(IN_INPUT)),
        *({"type": "section", "text": plain(kind), "accessory": element(kind)} for kind in sorted(IN_SECTION)),
        *({"type": "actions", "elements": [element(kind)]} for kind in sorted(IN_ACTIONS)),
        *({"type": "context_actions", "elements": [element(kind)]} for kind in sorted(IN_CONTEXT_ACTIONS)),
    ]
    ws.writer.write(channel, ws.bot, Draft(text="Everything", blocks=blocks))
    page = await visit(outside)
    drawn = page.get_by_role("article").last.locator(".blocks > *")
    await expect(drawn).to_have_count(len(blocks))
    usable = drawn.filter(has=page.locator("input, select, textarea, button, .b-image"))
    await expect(usable).to_have_count(len(blocks))


async def test_what_cannot_be_drawn_is_said_and_fails_the_test(visit: Visit, outside: Twin) -> None:
    """No silent gap: the page names the type, and these tests take it for an error."""
    ws = outside.workspace
    channel = ws.channels.get(outside.person("UMAYA").dm_channel)
    assert channel is not None
    blocks: list[dict[str, Any]] = [
        {"type": "hologram"},
        {"type": "actions", "elements": [{"type": "lever", "action_id": "a"}]},
    ]
    ws.writer.write(channel, ws.bot, Draft(text="From the future", blocks=blocks))
    page = await visit(outside)
    await expect(page.locator(".b-unknown")).to_have_count(2)
    await visit.leave()
    assert visit.troubles == [
        "This page does not draw a block of type hologram.",
        "This page does not draw a lever.",
    ]
    visit.troubles.clear()


async def test_what_is_chosen_reaches_the_app(visit: Visit, outside: Twin, heard: list[dict[str, Any]]) -> None:
    """Menus, ticks and an overflow menu; a question in between holds back until it is answered with yes."""
    page = await visit(outside)
    await say(page, "kitchen sink")
    sink = page.get_by_role("article").last
    await sink.get_by_label("Size").select_option("M")
    await sink.get_by_label("Somebody").select_option("Clara Novák")
    await sink.get_by_label("Right").check()
    await sink.get_by_label("Milk").check()
    await sink.get_by_label("More actions").select_option("Forget")
    await sink.get_by_role("button", name="Erase").click()
    await page.get_by_role("button", name="Keep it").click()
    await sink.get_by_role("button", name="Erase").click()
    await expect(page.get_by_role("dialog", name="Really?")).to_contain_text("This cannot be undone.")
    await page.get_by_role("button", name="Erase it").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.wait_for_function("!document.querySelector('[aria-busy=true]')")
    assert [action["action_id"] for action in heard] == ["size", "who", "side", "ticks", "more", "erase"]
    assert heard[1]["selected_user"] == "UCLARA"
    await page.reload()
    await expect(sink.get_by_label("Milk")).to_be_checked()
    await expect(sink.get_by_label("Size")).to_have_value("m")


async def test_a_form_is_filled_with_the_keyboard(visit: Visit, outside: Twin, heard: list[dict[str, Any]]) -> None:
    """Missing fields, options while typing, a form on top of it, an error from the app; then it is sent and closes."""
    page = await visit(outside)
    await say(page, "form")
    await page.get_by_role("button", name="Open it").click()
    form = page.get_by_role("dialog", name="Order a pizza")
    await form.get_by_role("button", name="Order").click()
    name, topping = form.get_by_label("Name on the box"), form.get_by_label("Topping")
    await expect(form.get_by_text("Please complete this required field.")).to_have_count(2)
    await expect(name).to_be_focused()

    await name.fill("A")
    await topping.press_sequentially("o")
    await expect(form.get_by_role("option")).to_have_text(["Olives", "Onions", "Oregano"])
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        await topping.press(key)
    await expect(topping).to_have_value("Onions")
    await form.get_by_role("button", name="Terms").click()
    await expect(page.get_by_role("dialog", name="Terms")).to_contain_text("Be kind.")
    await page.keyboard.press("Escape")
    await expect(name).to_have_value("A")

    await form.get_by_role("button", name="Order").click()
    await expect(form.get_by_text("That is too short.")).to_be_visible()
    await expect(name).to_have_attribute("aria-invalid", "true")
    await name.fill("Ana")
    await name.press("Enter")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    assert heard[-1]["topping"]["topping"]["selected_option"]["value"] == "onions"


async def test_the_home_tab_and_slacks_own_words(visit: Visit, outside: Twin, heard: list[dict[str, Any]]) -> None:
    """The Home tab is asked for when it is opened; a refusal of Slack's stands above the field until it is dismissed."""
    page = await visit(outside)
    await page.get_by_role("button", name="Home", exact=True).click()
    await expect(page.get_by_role("heading", name="Welcome home")).to_be_visible()
    await page.get_by_role("button", name="Unlatch", exact=True).click()
    await say(page, "/nope")
    notice = page.get_by_text("Slack: /nope is not a valid command.")
    await expect(notice).to_be_visible()
    await page.get_by_role("button", name="Dismiss").click()
    await expect(notice).to_have_count(0)
    assert heard == []


async def test_the_newest_message_stays_in_sight_above_slacks_own_words(
    visit: Visit, outside: Twin, heard: list[dict[str, Any]]
) -> None:
    """A notice takes room from the conversation; whoever was at its end still is."""
    page = await visit(outside, viewport={"width": 1200, "height": 500})
    for number in range(12):
        await outside.person("UMAYA").dm(f"message {number}")
    await say(page, "/nope")
    await expect(page.get_by_text("Slack: /nope is not a valid command.")).to_be_visible()
    assert await page.evaluate(AT_THE_END)
    await page.locator("#scroll").evaluate("node => node.scrollTo(0, 0)")
    await outside.person("UMAYA").dm("one more")
    await expect(page.get_by_role("article").last).to_contain_text("one more")
    assert await page.locator("#scroll").evaluate("node => node.scrollTop") == 0
    assert heard == []


async def test_the_welcome_names_what_a_status_does_not_show(visit: Visit, outside: Twin) -> None:
    """Yusuf's account is ACTIVE, and still he may be turned away."""
    page = await visit(outside, at="UYUSUF")
    await expect(page.locator("#welcome")).to_contain_text("is ACTIVE and blocked on new devices.")


async def test_nobody_without_an_account_signs_in(visit: Visit, outside: Twin) -> None:
    """The stand-in for Okta's page says so, and leads back; a name that nobody has is told as well."""
    page = await visit(outside, at="UNOMATCH")
    okta = page.url.partition("#")[0] + "okta"
    await page.goto(f"{okta}#UNOMATCH")
    await expect(page.get_by_text("has no account in this org")).to_be_visible()
    await expect(page.get_by_role("button")).to_have_count(0)
    await page.goto(f"{okta}#UIVAN")
    await expect(page.get_by_text("locked in Active Directory")).to_be_visible()
    await page.get_by_role("link", name="Back to the demo").click()
    await expect(page).to_have_title("Ivan Kowalski · Unlatch demo")


async def test_news_disturbs_nobody_who_is_typing(visit: Visit, outside: Twin, heard: list[dict[str, Any]]) -> None:
    """What comes in meanwhile leaves the half-written message, the focus and an open menu alone."""
    page = await visit(outside)
    field = page.get_by_role("textbox", name="Message Unlatch")
    await field.press_sequentially("half a sent")
    await outside.person("UMAYA").dm("locked, from my phone")
    await expect(page.get_by_role("button", name="Unlock my account")).to_be_visible()
    await expect(field).to_be_focused()
    await field.press_sequentially("ence")
    await expect(field).to_have_value("half a sentence")
    await page.get_by_role("navigation").get_by_role("button", name="Jonas Lindqvist").click()
    await expect(field).to_have_value("")
    await page.get_by_role("navigation").get_by_role("button", name="Maya Okafor").click()
    await expect(field).to_have_value("half a sentence")
    assert heard == []


async def test_a_press_keeps_the_keyboard_where_it_was(
    visit: Visit, outside: Twin, heard: list[dict[str, Any]]
) -> None:
    """The button that was pressed is gone with its card; the focus is on the card that took its place."""
    page = await visit(outside)
    await say(page, "locked")
    await page.get_by_role("button", name="Unlock my account").press("Enter")
    await expect(page.get_by_role("heading", name="Your account is unlocked")).to_be_visible()
    await expect(page.get_by_role("article").last).to_be_focused()
    assert len(heard) == 1


async def test_a_phone_shows_slack_and_okta_by_turns(visit: Visit, outside: Twin) -> None:
    """Nothing is cut off at the width of a phone, and the person who was picked is in sight."""
    page = await visit(outside, at="USOFIA", viewport=PHONE, has_touch=True)
    await expect(page.get_by_role("textbox", name="Message Unlatch")).to_be_visible()
    await expect(page.locator("[data-login]").first).to_be_hidden()
    for words in ("+10 min", "Break", "Phone", "Inbox"):
        await expect(page.get_by_text(words, exact=True)).to_be_in_viewport()
    await expect(page.get_by_role("navigation").get_by_role("button", name="Sofia Rossi")).to_be_in_viewport()
    assert await page.evaluate(WIDE_ENOUGH)
    await page.get_by_role("tab", name="Org").click()
    await expect(page.locator("[data-login]").first).to_contain_text("Sofia Rossi")
    await expect(page.get_by_role("textbox", name="Message Unlatch")).to_be_hidden()
    assert await page.evaluate(WIDE_ENOUGH)


async def test_the_dark_is_dark(visit: Visit, outside: Twin) -> None:
    """The page follows the system's choice."""
    page = await visit(outside, color_scheme="dark")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 21, 20)"
    await page.emulate_media(color_scheme="light")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 245, 244)"


async def test_an_address_that_names_nobody_leads_to_the_star(visit: Visit, outside: Twin) -> None:
    """An old bookmark is told so, and is no dead end."""
    page = await visit(outside, at="UNOBODY")
    await expect(page).to_have_title("Maya Okafor · Unlatch demo")
    await expect(page.get_by_text("Nobody in Slack has the id 'UNOBODY'.")).to_be_visible()
    assert ["404" in trouble for trouble in visit.troubles] == [True]
    visit.troubles.clear()


async def test_a_demo_that_stopped_is_missed_and_comes_back(visit: Visit, outside: Twin) -> None:
    """The page says that nobody answers, and goes on by itself when somebody does."""
    page = await visit(outside)
    gone = page.get_by_text("The demo does not answer.")
    await expect(gone).to_be_hidden()
    port = int(page.url.partition("#")[0].rstrip("/").rpartition(":")[2])
    await visit.stop_serving()
    await expect(gone).to_be_visible()
    async with serve(page_app(outside.org, outside.workspace), port=port):
        await expect(gone).to_be_hidden()
        await page.close()
    assert {"net::ERR" in trouble for trouble in visit.troubles} == {True}
    visit.troubles.clear()
