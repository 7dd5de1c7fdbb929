"""Block Kit as Slack checks it: every limit and rule a message, a modal or a Home tab has to keep.

Each function returns what Slack would complain of, an empty list when all is well. It never repairs anything.
"""

import json
import secrets
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.slack.blockkit.layout import BLOCKS, Surface
from sandbox.slack.blockkit.objects import OPTION_GROUP, PLAIN_OPTION, plain_text
from sandbox.slack.blockkit.schema import Report, array, boolean, by_type, shape, string

__all__ = [
    "Surface",
    "block_problems",
    "normalised",
    "normalised_view",
    "option_problems",
    "view_problems",
    "view_too_large",
]

_MARKDOWN_IN_A_MESSAGE = 12_000
_VIEW_BYTES = 250_000
_NOT_INTERACTIVE = frozenset({"plain_text", "mrkdwn", "image"})
_INTERACTIVE_BLOCKS = frozenset({"section", "actions", "input", "context_actions"})
_COMMON = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_VIEW = by_type(
    {
        "modal": shape(
            {"title": plain_text(24), "blocks": BLOCKS[Surface.MODAL]},
            _COMMON
            | {"submit": plain_text(24), "close": plain_text(24), "clear_on_close": boolean}
            | {"notify_on_close": boolean},
        ),
        "home": shape({"blocks": BLOCKS[Surface.HOME]}, _COMMON),
    }
)
_OPTIONS = shape({}, {"options": array(PLAIN_OPTION, 100, least=0), "option_groups": array(OPTION_GROUP, 100, least=0)})


def block_problems(blocks: Any, surface: Surface, pointer: str = "/blocks") -> list[str]:
    """What Slack refuses in a list of blocks on `surface`."""
    report = Report()
    BLOCKS[surface](blocks, pointer, report)
    if not report.problems:
        _rules_across(blocks, pointer, report)
    return report.problems


def view_problems(view: Any, pointer: str = "/view") -> list[str]:
    """What Slack refuses in a view payload, `title` and `submit` included."""
    report = Report()
    _VIEW(view, pointer, report)
    if report.problems:
        return report.problems
    _rules_across(view["blocks"], f"{pointer}/blocks", report)
    if view["type"] == "modal" and not view.get("submit") and any(b["type"] == "input" for b in view["blocks"]):
        report.add("missing required field: submit", pointer)
    return report.problems


def view_too_large(view: Any) -> bool:
    """Whether a view exceeds 250 kB."""
    return len(json.dumps(view).encode()) > _VIEW_BYTES


def option_problems(answer: Any) -> list[str]:
    """What Slack refuses in the answer to a block_suggestion."""
    report = Report()
    _OPTIONS(answer, "", report)
    if isinstance(answer, dict) and ("options" in answer) == ("option_groups" in answer):
        report.add("must define either `options` or `option_groups`", "")
    return report.problems


def normalised(blocks: Any) -> list[dict[str, Any]]:
    """The blocks as Slack stores them: ids given where none were, and the defaults of texts filled in."""
    stored: list[dict[str, Any]] = json.loads(json.dumps(blocks))
    _complete(stored)
    return stored


def normalised_view(view: Any) -> dict[str, Any]:
    """A view as Slack stores it."""
    stored: dict[str, Any] = json.loads(json.dumps(view))
    _complete(stored["blocks"])
    _fill_texts(stored)
    return stored


def _complete(blocks: list[dict[str, Any]]) -> None:
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in _parts(block):
            element.setdefault("action_id", secrets.token_urlsafe(4))
    _fill_texts(blocks)


def _parts(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if block["type"] not in _INTERACTIVE_BLOCKS:
        return
    for part in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
        if isinstance(part, dict) and part.get("type") not in _NOT_INTERACTIVE:
            yield part


def _fill_texts(value: Any) -> None:
    if isinstance(value, list):
        for entry in value:
            _fill_texts(entry)
    elif isinstance(value, dict):
        if value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        elif value.get("type") == "mrkdwn":
            value.setdefault("verbatim", False)
        for entry in value.values():
            _fill_texts(entry)


def _rules_across(blocks: list[dict[str, Any]], pointer: str, report: Report) -> None:
    """Rules that no single block can keep alone."""
    _unique([block.get("block_id") for block in blocks], "block_id", pointer, report)
    focused = 0
    for index, block in enumerate(blocks):
        parts = list(_parts(block))
        _unique([part.get("action_id") for part in parts], "action_id", f"{pointer}/{index}", report)
        focused += sum(part.get("focus_on_load") is True for part in parts)
        if sum(part.get("style") == "primary" for part in parts) > 1:
            report.add("only one button of a set may be primary", f"{pointer}/{index}/elements")
    if focused > 1:
        report.add("only one element may have focus_on_load", pointer)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > _MARKDOWN_IN_A_MESSAGE:
        report.add(f"markdown blocks must be less than {_MARKDOWN_IN_A_MESSAGE + 1} characters in all", pointer)
    if sum(block["type"] == "table" for block in blocks) > 1:
        report.add("only one table is allowed", pointer)


def _unique(ids: list[str | None], name: str, pointer: str, report: Report) -> None:
    for value, times in Counter(value for value in ids if value is not None).items():
        if times > 1:
            report.add(f"`{name}` must be unique: {value}", pointer)
