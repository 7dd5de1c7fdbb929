"""The shapes of messages in Slack, and the one place where text from outside is made harmless.

A message is readable as plain text alone, since screen readers take the top-level text and skip the blocks
(https://docs.slack.dev/reference/methods/chat.postMessage).
"""

from typing import Any

from bot.capability import Button, View
from templates.words import LONGEST_BODY, LONGEST_TITLE

JsonObject = dict[str, Any]


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
    return {"text": plain(view), "blocks": blocks(view), "unfurl_links": False, "unfurl_media": False}


def plain(view: View) -> str:
    """All of a view in words."""
    return "\n".join(filter(None, (view.title, view.body, view.small)))


def blocks(view: View) -> list[JsonObject]:
    """A heading, the text, the buttons and the small print."""
    shown: list[JsonObject] = [
        {"type": "header", "text": {"type": "plain_text", "text": view.title[:LONGEST_TITLE], "emoji": False}},
        {"type": "section", "text": {"type": "mrkdwn", "text": view.body[:LONGEST_BODY], "verbatim": True}},
    ]
    if view.buttons:
        shown.append({"type": "actions", "elements": [_button(button) for button in view.buttons]})
    if view.small:
        shown.append({"type": "context", "elements": [{"type": "mrkdwn", "text": view.small}]})
    return shown


def _button(button: Button) -> JsonObject:
    element: JsonObject = {
        "type": "button",
        "action_id": button.action,
        "text": {"type": "plain_text", "text": button.label, "emoji": False},
    }
    optional = {"value": button.value, "style": button.style, "url": button.url}
    return element | {name: value for name, value in optional.items() if value}
