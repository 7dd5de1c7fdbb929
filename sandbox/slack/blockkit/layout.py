"""Blocks and their limits (https://docs.slack.dev/reference/block-kit/blocks), and which surface shows which.

The newest blocks (cards, carousels, containers, plans, data tables) are left out: what the live service accepts there is not established,
and a refusal is the safe side for a stand-in.
"""

from enum import StrEnum
from typing import Any

from sandbox.slack.blockkit.elements import IMAGE, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from sandbox.slack.blockkit.objects import SLACK_FILE, any_text, plain_text
from sandbox.slack.blockkit.schema import (
    Check,
    Report,
    anything,
    array,
    boolean,
    both,
    by_type,
    choice,
    integer,
    shape,
    string,
    url,
)


class Surface(StrEnum):
    """Where blocks are shown."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"


_ID = {"block_id": string(255)}
_RICH_PART = by_type(
    {
        "rich_text_section": shape({"elements": anything}),
        "rich_text_list": shape(
            {"elements": anything, "style": choice("bullet", "ordered")},
            {"indent": integer(0, 8), "offset": integer(0, 10**6), "border": integer(0, 1)},
        ),
        "rich_text_preformatted": shape({"elements": anything}, {"border": integer(0, 1)}),
        "rich_text_quote": shape({"elements": anything}, {"border": integer(0, 1)}),
    }
)
_CELL = by_type({"raw_text": shape({"text": string(3000, least=0)}), "rich_text": shape({"elements": anything}, _ID)})
_COLUMN = shape({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})


def _text_or_fields(value: Any, pointer: str, report: Report) -> None:
    if isinstance(value, dict) and value.get("text") is None and value.get("fields") is None:
        report.add("missing required field: text or fields", pointer)


def _one_image_source(value: Any, pointer: str, report: Report) -> None:
    if isinstance(value, dict) and (value.get("image_url") is None) == (value.get("slack_file") is None):
        report.add("must define either `image_url` or `slack_file`", pointer)


_IMAGE_ELEMENT = both(IMAGE, _one_image_source)
_CONTEXT_ELEMENT = by_type({"plain_text": any_text(3000), "mrkdwn": any_text(3000), "image": _IMAGE_ELEMENT})
_ACCESSORY = by_type(IN_SECTION | {"image": _IMAGE_ELEMENT})

EVERYWHERE: dict[str, Check] = {
    "section": both(
        shape(
            {},
            _ID
            | {"text": any_text(3000), "fields": array(any_text(2000), 10), "accessory": _ACCESSORY, "expand": boolean},
        ),
        _text_or_fields,
    ),
    "divider": shape({}, _ID),
    "header": shape({"text": plain_text(150)}, _ID),
    "image": both(
        shape(
            {"alt_text": string(2000)}, _ID | {"image_url": url(), "slack_file": SLACK_FILE, "title": plain_text(2000)}
        ),
        _one_image_source,
    ),
    "actions": shape({"elements": array(by_type(IN_ACTIONS), 25)}, _ID),
    "context": shape({"elements": array(_CONTEXT_ELEMENT, 10)}, _ID),
    "input": shape(
        {"label": plain_text(2000), "element": by_type(IN_INPUT)},
        _ID | {"hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": shape({"elements": array(_RICH_PART, 100)}, _ID),
    "video": shape(
        {"alt_text": string(2000), "title": plain_text(200), "thumbnail_url": url(), "video_url": url()},
        _ID
        | {"author_name": string(50), "description": plain_text(200), "provider_icon_url": url()}
        | {"provider_name": string(255), "title_url": url()},
    ),
}
_MESSAGE_ONLY: dict[str, Check] = {
    "markdown": shape({"text": string(12000)}, _ID),
    "context_actions": shape({"elements": array(by_type(IN_CONTEXT_ACTIONS), 5)}, _ID),
    "table": shape({"rows": array(array(_CELL, 20), 100)}, _ID | {"column_settings": array(_COLUMN, 20)}),
}
_MODAL_ONLY: dict[str, Check] = {
    "alert": shape({"text": any_text(3000)}, _ID | {"level": choice("default", "info", "warning", "error", "success")}),
}

TYPES = frozenset({*EVERYWHERE, *_MESSAGE_ONLY, *_MODAL_ONLY})
"""Every type of block."""

BLOCKS: dict[Surface, Check] = {
    Surface.MESSAGE: array(by_type(EVERYWHERE | _MESSAGE_ONLY), 50),
    Surface.MODAL: array(by_type(EVERYWHERE | _MODAL_ONLY), 100),
    Surface.HOME: array(by_type(EVERYWHERE), 100),
}
