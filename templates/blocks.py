"""The shapes of messages in Slack, and the one place where text from outside is made harmless.

A message is readable as plain text alone, since screen readers take the top-level text and skip the blocks
(https://docs.slack.dev/reference/methods/chat.postMessage).
"""

from collections.abc import Iterator
from typing import Any, Final

from bot.ports import Button, Field, View
from templates.words import LONGEST_BODY, LONGEST_TEXT, LONGEST_TITLE

JsonObject = dict[str, Any]

CHOICES: Final = "choices"
"""The `block_id` of the boxes to tick."""

FIELD: Final = "field"
"""The `block_id` and the `action_id` of what is typed in a window, and the window's `callback_id`."""

TICK: Final = "tick:"
"""What the `action_id` of boxes begins with; ticking one is no signal yet."""

LONGEST_TYPED: Final = 40
"""Characters that can be typed in a window; a code has six or eight, and blanks."""

MOST_BOXES: Final = 10

MOST_BUTTONS: Final = 25
"""Buttons in one block (https://docs.slack.dev/reference/block-kit/blocks/actions-block)."""


def escape(text: str) -> str:
    """Make directory or user text harmless: no mention, link or line of its own can come of it.

    `&`, `<` and `>` are Slack's control characters (https://docs.slack.dev/messaging/formatting-message-text), and
    bare addresses and names stay text because sections are sent `verbatim`. Marks of formatting cannot be escaped; a
    zero-width space behind each keeps it from pairing with another. Underscores are left alone: logins have them, and
    people copy those.
    """
    harmless = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"{letter}\N{ZERO WIDTH SPACE}" if letter in "*~`" else letter for letter in harmless)


def message(view: View) -> JsonObject:
    """The arguments of `chat.postMessage` and `chat.update` that show a view."""
    return {"text": plain(view)[:LONGEST_TEXT], "blocks": blocks(view), "unfurl_links": False, "unfurl_media": False}


def plain(view: View) -> str:
    """All of a view in words."""
    return "\n".join(filter(None, (view.title, view.body, view.small)))


def blocks(view: View) -> list[JsonObject]:
    """A heading, the text, the buttons and the small print."""
    shown: list[JsonObject] = [
        {"type": "header", "text": _plain_text(view.title[:LONGEST_TITLE])},
        *(
            {"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}}
            for part in _parts(view.body)
        ),
    ]
    if view.ticks:
        shown.append({"type": "actions", "block_id": CHOICES, "elements": list(_boxes(view.ticks))})
    for start in range(0, len(view.buttons), MOST_BUTTONS):
        row = view.buttons[start : start + MOST_BUTTONS]
        shown.append({"type": "actions", "elements": [_button(button) for button in row]})
    if view.small:
        shown.append({"type": "context", "elements": [{"type": "mrkdwn", "text": view.small}]})
    return shown


def modal(view: View, *, name: str, close: str) -> JsonObject:
    """The `view` argument of `views.open` and `views.update`; `name` is the `external_id` by which it is found again."""
    shown: JsonObject = {
        "type": "modal",
        "external_id": name,
        "title": _plain_text("Unlatch"),
        "close": _plain_text(close),
        "blocks": blocks(view),
    }
    if view.field is not None:
        shown["blocks"].append(_input(view.field))
        more = {"submit": _plain_text(view.field.submit), "private_metadata": view.field.carries, "callback_id": FIELD}
        shown |= more
    return shown


def refusal(text: str) -> JsonObject:
    """The acknowledgement that keeps a window open, with `text` beside what was typed."""
    return {"response_action": "errors", "errors": {FIELD: text}}


def replacement(view: View, *, name: str, close: str) -> JsonObject:
    """The acknowledgement that shows another view in the window."""
    return {"response_action": "update", "view": modal(view, name=name, close=close)}


def _input(field: Field) -> JsonObject:
    return {
        "type": "input",
        "block_id": FIELD,
        "label": _plain_text(field.label),
        "hint": _plain_text(field.hint),
        "element": {"type": "plain_text_input", "action_id": FIELD, "max_length": LONGEST_TYPED},
    }


def _plain_text(text: str) -> JsonObject:
    return {"type": "plain_text", "text": text, "emoji": False}


def _parts(body: str) -> Iterator[str]:
    """A text in as many parts as Slack needs, each of whole lines: nobody is to agree to what was cut off."""
    part = ""
    for line in body.split("\n"):
        more = f"{part}\n{line[:LONGEST_BODY]}" if part else line[:LONGEST_BODY]
        if len(more) > LONGEST_BODY:
            yield part
            more = line[:LONGEST_BODY]
        part = more
    yield part


def _boxes(ticks: tuple[tuple[str, str], ...]) -> Iterator[JsonObject]:
    """Slack takes ten boxes together at most (https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element)."""
    for start in range(0, len(ticks), MOST_BOXES):
        options = [{"value": value, "text": _plain_text(label)} for value, label in ticks[start : start + MOST_BOXES]]
        yield {"type": "checkboxes", "action_id": f"{TICK}{start}", "options": options}


def _button(button: Button) -> JsonObject:
    element: JsonObject = {
        "type": "button",
        "action_id": button.action,
        "text": _plain_text(button.label),
    }
    optional = {"value": button.value, "style": button.style, "url": button.url}
    return element | {name: value for name, value in optional.items() if value}
