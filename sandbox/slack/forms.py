"""What a person enters into the elements of a form, as the entries of Slack's `state.values`.

Slack's clients check before they send: a required field must be filled, a choice must be on offer, a number a number. What they would not
send, this module refuses, so a bot cannot come to rely on input that never arrives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.slack.blockkit.objects import options_of
from sandbox.slack.errors import NotPossibleError
from sandbox.slack.records import interactive_elements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.slack.records import JsonObject

Inputs: TypeAlias = Mapping[str, Mapping[str, dict[str, Any]]]

# The key of an element's value, and the key of its initial one, https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
_VALUE_KEY = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
_INITIAL_KEY = {
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_date_time": "initial_date_time",
}
_TEXTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
_FORMATS = {
    "email_text_input": re.compile(r"\S+@\S+\.\S+"),
    "url_text_input": re.compile(r"https?://\S+"),
    "number_input": re.compile(r"-?\d+(\.\d+)?"),
    "datepicker": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "timepicker": re.compile(r"\d{2}:\d{2}"),
}
_WITH_OPTIONS = {key for key, field in _VALUE_KEY.items() if field in {"selected_option", "selected_options"}}
_LONGEST = 3000


def is_stateful(element: Mapping[str, Any]) -> bool:
    """Whether Slack keeps what a person entered here (buttons and overflow menus keep nothing)."""
    return element["type"] in _VALUE_KEY and element["type"] != "overflow"


def value_of(element: Mapping[str, Any], entry: Mapping[str, Any]) -> Any:
    """The bare value inside a state entry."""
    return entry.get(_VALUE_KEY[element["type"]])


def initial(element: Mapping[str, Any]) -> JsonObject:
    """The state entry before anybody touched the element."""
    key = _VALUE_KEY[element["type"]]
    start = element.get(_INITIAL_KEY.get(key, key.replace("selected", "initial")))
    return {"type": element["type"], key: [] if start is None and key.endswith("s") else start}


def inputs_of(blocks: Sequence[JsonObject], before: Inputs | None = None) -> dict[str, dict[str, JsonObject]]:
    """The state of all elements: what was entered before where block, action and type are the same, else the initial value."""
    inputs: dict[str, dict[str, JsonObject]] = {}
    for block_id, element in interactive_elements(blocks):
        if is_stateful(element):
            action_id = element["action_id"]
            old = (before or {}).get(block_id, {}).get(action_id)
            keeps = old is not None and old["type"] == element["type"]
            inputs.setdefault(block_id, {})[action_id] = old if old and keeps else initial(element)
    return inputs


def filled(element: Mapping[str, Any], value: Any, offered: Sequence[JsonObject] = ()) -> JsonObject:
    """The state entry after a person chose or typed `value`; `offered` are the suggestions of an external select.

    Raises:
        NotPossibleError: when Slack's client would not take the value.
    """
    kind = element["type"]
    if kind not in _VALUE_KEY:
        raise NotPossibleError(f"a {kind} cannot be filled in")
    if not _is_of_the_kind(_VALUE_KEY[kind], value):
        raise NotPossibleError(f"{element['action_id']} is a {kind}; it does not take {value!r}")
    if kind in _WITH_OPTIONS:
        value = _chosen(element, value, offered or options_of(element))
    elif value is not None:
        _check_typed(element, value)
    return {"type": kind, _VALUE_KEY[kind]: value}


def is_empty(element: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """Whether a required field with this entry still stops the form."""
    return value_of(element, entry) in (None, "", [])


def _is_of_the_kind(key: str, value: Any) -> bool:
    """Whether a value has the type that this key of a state entry holds; only what holds several cannot be empty by None."""
    if key.startswith("selected_") and key.endswith("s"):
        return isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value)
    if value is None or key in {"rich_text_value", "files"}:
        return True
    return isinstance(value, int) if key == "selected_date_time" else isinstance(value, str)


def _chosen(element: Mapping[str, Any], value: Any, offered: Iterable[JsonObject]) -> Any:
    by_value = {option["value"]: option for option in offered}
    several = _VALUE_KEY[element["type"]] == "selected_options"
    wanted = list(value) if several else [value]
    if missing := [v for v in wanted if v is not None and v not in by_value]:
        raise NotPossibleError(f"{element['action_id']} does not offer {missing}; it offers {sorted(by_value)}")
    if several and len(wanted) > element.get("max_selected_items", len(by_value)):
        raise NotPossibleError(f"{element['action_id']} takes at most {element['max_selected_items']} choices")
    chosen = [by_value[v] for v in wanted if v is not None]
    return chosen if several else next(iter(chosen), None)


def _check_typed(element: Mapping[str, Any], value: Any) -> None:
    kind, name = element["type"], element["action_id"]
    form = _FORMATS.get(kind)
    if form is not None and not form.fullmatch(str(value)):
        raise NotPossibleError(f"{name} is a {kind}; it does not take {value!r}")
    if kind in _TEXTS:
        low, high = element.get("min_length", 0), element.get("max_length", _LONGEST)
        if not isinstance(value, str) or not low <= len(value) <= high:
            raise NotPossibleError(f"{name} takes {low} to {high} characters")
    if kind == "number_input":
        _check_number(element, value)


def _check_number(element: Mapping[str, Any], value: str) -> None:
    low, high = element.get("min_value"), element.get("max_value")
    whole = element["is_decimal_allowed"] or "." not in value
    if (
        not whole
        or (low is not None and float(value) < float(low))
        or (high is not None and float(value) > float(high))
    ):
        raise NotPossibleError(f"{element['action_id']} does not take the number {value}")
