"""Block Kit limits and rules: at the limit is fine, one past it is refused, and nothing makes the check itself fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack.blockkit import (
    Surface,
    block_problems,
    normalised,
    option_problems,
    view_problems,
    view_too_large,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_sdk.web.async_client import AsyncWebClient

    from sandbox.slack import Workspace

    Block = dict[str, Any]


def plain(text: str = "x") -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> dict[str, Any]:
    """A mrkdwn object."""
    return {"type": "mrkdwn", "text": text}


def option(n: int = 0, text: str = "x") -> dict[str, Any]:
    """An option of a menu."""
    return {"text": plain(text), "value": str(n)}


def options(count: int) -> list[dict[str, Any]]:
    """So many different options."""
    return [option(n) for n in range(count)]


def button(**fields: Any) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "text": plain(), **fields}


def actions(*elements: Any, **fields: Any) -> dict[str, Any]:
    """An actions block."""
    return {"type": "actions", "elements": list(elements), **fields}


def section(**fields: Any) -> dict[str, Any]:
    """A section."""
    return {"type": "section", "text": mrkdwn(), **fields}


def text_input(**fields: Any) -> dict[str, Any]:
    """An input block with a text field."""
    return {"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "a"}, **fields}


def menu(**fields: Any) -> dict[str, Any]:
    """A static select in an actions block."""
    return actions({"type": "static_select", **fields})


def modal(*blocks: Any, **fields: Any) -> dict[str, Any]:
    """A modal."""
    return {"type": "modal", "title": plain(), "blocks": list(blocks) or [section()], **fields}


CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain()}

# A maker of one block from a size, and the largest size Slack takes.
LIMITS: dict[str, tuple[Callable[[int], Any], int]] = {
    "section text": (lambda n: section(text=mrkdwn("x" * n)), 3000),
    "section fields": (lambda n: {"type": "section", "fields": [mrkdwn()] * n}, 10),
    "section field": (lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}, 2000),
    "header": (lambda n: {"type": "header", "text": plain("x" * n)}, 150),
    "block_id": (lambda n: section(block_id="x" * n), 255),
    "actions": (lambda n: actions(*[button(action_id=f"b{i}") for i in range(n)]), 25),
    "context": (lambda n: {"type": "context", "elements": [mrkdwn()] * n}, 10),
    "button text": (lambda n: actions(button(text=plain("x" * n))), 75),
    "button value": (lambda n: actions(button(value="x" * n)), 2000),
    "button url": (lambda n: actions(button(url="https://a.b/" + "x" * (n - 12))), 3000),
    "button label": (lambda n: actions(button(accessibility_label="x" * n)), 75),
    "action_id": (lambda n: actions(button(action_id="x" * n)), 255),
    "options": (lambda n: menu(options=options(n)), 100),
    "option text": (lambda n: menu(options=[option(text="x" * n)]), 75),
    "option value": (lambda n: menu(options=[{"text": plain(), "value": "x" * n}]), 150),
    "option groups": (
        lambda n: menu(option_groups=[{"label": plain(), "options": [option(i)]} for i in range(n)]),
        100,
    ),
    "placeholder": (lambda n: menu(options=options(1), placeholder=plain("x" * n)), 150),
    "overflow": (lambda n: actions({"type": "overflow", "options": options(n)}), 5),
    "checkboxes": (lambda n: actions({"type": "checkboxes", "options": options(n)}), 10),
    "confirm title": (lambda n: actions(button(confirm=CONFIRM | {"title": plain("x" * n)})), 100),
    "confirm text": (lambda n: actions(button(confirm=CONFIRM | {"text": plain("x" * n)})), 300),
    "confirm button": (lambda n: actions(button(confirm=CONFIRM | {"deny": plain("x" * n)})), 30),
    "alt text": (lambda n: {"type": "image", "image_url": "https://a.b/c", "alt_text": "x" * n}, 2000),
    "input label": (lambda n: text_input(label=plain("x" * n)), 2000),
    "input hint": (lambda n: text_input(hint=plain("x" * n)), 2000),
    "max_length": (lambda n: text_input(element={"type": "plain_text_input", "max_length": n}), 3000),
    "markdown": (lambda n: {"type": "markdown", "text": "x" * n}, 12000),
    "table rows": (lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * n}, 100),
    "table cells": (lambda n: {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * n]}, 20),
}


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_holds_exactly(name: str) -> None:
    """The largest allowed size passes and one more does not."""
    make, most = LIMITS[name]
    assert block_problems([make(most)], Surface.MESSAGE) == []
    assert block_problems([make(most + 1)], Surface.MESSAGE) != []


WRONG: dict[str, Any] = {
    "unknown block": {"type": "sparkle"},
    "no type": {"text": mrkdwn()},
    "not an object": "section",
    "unknown key": section(colour="red"),
    "null": section(accessory=None),
    "empty text": section(text=mrkdwn("")),
    "section without content": {"type": "section"},
    "header in mrkdwn": {"type": "header", "text": mrkdwn()},
    "button in mrkdwn": actions(button(text=mrkdwn())),
    "button style": actions(button(style="loud")),
    "two primary buttons": actions(button(style="primary"), button(style="primary")),
    "address without scheme": actions(button(url="example.com")),
    "a field outside input": actions({"type": "plain_text_input"}),
    "a picture among actions": actions({"type": "image", "image_url": "https://a.b/c", "alt_text": "x"}),
    "an empty actions block": actions(),
    "options and groups": menu(options=options(1), option_groups=[{"label": plain(), "options": options(1)}]),
    "neither options nor groups": menu(),
    "an initial option not on offer": menu(options=options(2), initial_option=option(7)),
    "two options of one value": menu(options=[option(1), option(1)]),
    "an address in a menu's option": menu(options=[option() | {"url": "https://a.b"}]),
    "one action_id twice": actions(button(action_id="a"), button(action_id="a")),
    "an alert outside a modal": {"type": "alert", "text": plain(), "level": "info"},
    "a picture without source": {"type": "image", "alt_text": "x"},
    "a date of another form": actions({"type": "datepicker", "initial_date": "1.2.2026"}),
    "a confirm without text": actions(button(confirm={"title": plain(), "confirm": plain(), "deny": plain()})),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_slack_refuses_is_refused(name: str) -> None:
    """No single block of a wrong form passes."""
    assert block_problems([WRONG[name]], Surface.MESSAGE) != []


def test_rules_that_span_blocks() -> None:
    """Ids are unique in a message, there is one table, one focus, and a sum of markdown."""
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}
    focused = text_input(element={"type": "plain_text_input", "focus_on_load": True})
    for blocks in (
        [section(block_id="a"), section(block_id="a")],
        [table, table],
        [focused, focused],
        [{"type": "markdown", "text": "x" * 6001}] * 2,
        [section()] * 51,
        [],
        "[]",
    ):
        assert block_problems(blocks, Surface.MESSAGE) != []
    assert block_problems([section()] * 50, Surface.MESSAGE) == []


def test_a_modal_keeps_its_own_rules() -> None:
    """Titles are short, inputs need a submit button, and only views' own keys are known."""
    assert view_problems(modal(text_input(), submit=plain())) == []
    assert view_problems(modal({"type": "alert", "text": plain(), "level": "error"})) == []
    for wrong in (
        modal(text_input()),
        modal(title=plain("x" * 25)),
        modal(submit=plain("x" * 25)),
        modal(close=plain("x" * 25)),
        modal(private_metadata="x" * 3001),
        modal(callback_id="x" * 256),
        modal(external_id="x" * 256),
        modal(submit_disabled=True),
        modal({"type": "markdown", "text": "x"}),
        modal(*[section()] * 101),
        {"type": "modal", "blocks": [section()]},
        {"type": "home", "blocks": [section()], "title": plain()},
        {"type": "panel", "blocks": [section()]},
        "modal",
        None,
    ):
        assert view_problems(wrong) != []
    assert view_problems({"type": "home", "blocks": [section()] * 100}) == []
    assert not view_too_large(modal())
    assert view_too_large(modal(*[section(text=mrkdwn("x" * 3000))] * 90))


def test_suggested_options_are_checked() -> None:
    """The answer to a block_suggestion is options or groups, at most 100."""
    assert option_problems({"options": options(100)}) == []
    assert option_problems({"option_groups": [{"label": plain(), "options": options(1)}]}) == []
    for wrong in ({"options": options(101)}, {}, "", None, {"options": [{"text": mrkdwn(), "value": "1"}]}):
        assert option_problems(wrong) != []


def test_stored_blocks_have_ids_and_defaults() -> None:
    """Slack gives ids where the app gave none and says how texts are read; the app's own blocks are not touched."""
    mine = [actions(button()), section()]
    before = json.dumps(mine)
    stored = normalised(mine)
    assert stored[0]["elements"][0]["action_id"] != ""
    assert stored[0]["block_id"] != stored[1]["block_id"]
    assert (stored[0]["elements"][0]["text"]["emoji"], stored[1]["text"]["verbatim"]) == (True, False)
    assert json.dumps(mine) == before


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "element", "accessory", "options", "option_groups", "blocks", "url"]
            ),
            inner
            | st.sampled_from(
                ["section", "actions", "button", "static_select", "plain_text", "mrkdwn", "modal", "home"]
            ),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_input_breaks_the_check(value: Any) -> None:
    """Whatever an app sends is judged, never a crash; what passes can be stored and passes again."""
    view_problems(value)
    option_problems(value)
    for surface in Surface:
        if block_problems(value, surface) == []:
            assert block_problems(normalised(value), surface) == []


async def test_a_message_with_bad_blocks_is_refused_in_slacks_words(
    client: AsyncWebClient, refused: Callable[[Awaitable[Any]], Awaitable[Mapping[str, Any]]], ws: Workspace
) -> None:
    """The refusal says what is wrong and where, and nothing is posted."""
    answer = await refused(
        client.chat_postMessage(channel="UMAYA", text="x", blocks=[actions(button(value="x" * 2001))])
    )
    pointer = "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"
    assert (answer["error"], answer["errors"]) == ("invalid_blocks", [pointer])
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {pointer}"]
    assert ws.person("UMAYA").sees() == []
    garbled = client.api_call("chat.postMessage", data={"channel": "UMAYA", "blocks": "[{"})
    assert (await refused(garbled))["error"] == "invalid_blocks_format"
