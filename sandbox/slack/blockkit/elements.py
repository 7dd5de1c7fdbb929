"""Block elements and their limits (https://docs.slack.dev/reference/block-kit/block-elements), and which block may hold which."""

import re

from sandbox.slack.blockkit.objects import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    OPTION_GROUP,
    PLAIN_OPTION,
    RICH_OPTION,
    SLACK_FILE,
    option,
    plain_text,
    with_options,
)
from sandbox.slack.blockkit.schema import Check, anything, array, boolean, choice, integer, shape, string, url

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")
_ACTION = {"action_id": string(255)}
_FOCUS = {"focus_on_load": boolean}
_MENU = _ACTION | _FOCUS | {"placeholder": plain_text(150), "confirm": CONFIRM}
_SEVERAL = _MENU | {"max_selected_items": integer(1, 100)}
_LISTED = {"options": array(PLAIN_OPTION, 100), "option_groups": array(OPTION_GROUP, 100)}
_TYPED = _ACTION | _FOCUS | {"placeholder": plain_text(150), "dispatch_action_config": DISPATCH_CONFIG}
_TICKED = _ACTION | _FOCUS | {"confirm": CONFIRM}
_STYLE = choice("primary", "danger")

BUTTON = shape(
    {"text": plain_text(75)},
    _ACTION
    | {"url": url(), "value": string(2000), "style": _STYLE, "confirm": CONFIRM, "accessibility_label": string(75)}
    | {
        "agent_prompt": string(4000),
        "agent_prompt_display": string(4000),
        "visible_to_user_ids": array(string(255), 100),
    },
)
IMAGE = shape({"alt_text": string(2000)}, {"image_url": url(), "slack_file": SLACK_FILE})
_FEEDBACK = shape({"text": plain_text(75), "value": string(2000)}, {"accessibility_label": string(75)})

ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "workflow_button": shape(
        {"text": plain_text(75), "workflow": anything}, _ACTION | {"style": _STYLE, "accessibility_label": string(75)}
    ),
    "overflow": with_options(
        shape({"options": array(option(plain_text(75), with_url=True), 5)}, _ACTION | {"confirm": CONFIRM})
    ),
    "static_select": with_options(shape({}, _MENU | _LISTED | {"initial_option": PLAIN_OPTION}), groups=True),
    "multi_static_select": with_options(
        shape({}, _SEVERAL | _LISTED | {"initial_options": array(PLAIN_OPTION, 100)}), groups=True
    ),
    "external_select": shape({}, _MENU | {"initial_option": PLAIN_OPTION, "min_query_length": integer(0, 75)}),
    "multi_external_select": shape(
        {}, _SEVERAL | {"initial_options": array(PLAIN_OPTION, 100), "min_query_length": integer(0, 75)}
    ),
    "users_select": shape({}, _MENU | {"initial_user": string(255)}),
    "multi_users_select": shape({}, _SEVERAL | {"initial_users": array(string(255), 100)}),
    "conversations_select": shape(
        {},
        _MENU
        | {"initial_conversation": string(255), "default_to_current_conversation": boolean}
        | {"response_url_enabled": boolean, "filter": CONVERSATION_FILTER},
    ),
    "multi_conversations_select": shape(
        {},
        _SEVERAL
        | {"initial_conversations": array(string(255), 100), "default_to_current_conversation": boolean}
        | {"filter": CONVERSATION_FILTER},
    ),
    "channels_select": shape({}, _MENU | {"initial_channel": string(255), "response_url_enabled": boolean}),
    "multi_channels_select": shape({}, _SEVERAL | {"initial_channels": array(string(255), 100)}),
    "checkboxes": with_options(
        shape({"options": array(RICH_OPTION, 10)}, _TICKED | {"initial_options": array(RICH_OPTION, 10)})
    ),
    "radio_buttons": with_options(
        shape({"options": array(RICH_OPTION, 10)}, _TICKED | {"initial_option": RICH_OPTION})
    ),
    "datepicker": shape({}, _MENU | {"initial_date": string(10, pattern=_DATE)}),
    "timepicker": shape({}, _MENU | {"initial_time": string(5, pattern=_TIME), "timezone": string(255)}),
    "datetimepicker": shape({}, _TICKED | {"initial_date_time": integer(10**9, 10**10 - 1)}),
    "plain_text_input": shape(
        {},
        _TYPED
        | {"initial_value": string(3000, least=0), "multiline": boolean}
        | {"min_length": integer(0, 3000), "max_length": integer(1, 3000)},
    ),
    "email_text_input": shape({}, _TYPED | {"initial_value": string(3000, least=0)}),
    "url_text_input": shape({}, _TYPED | {"initial_value": string(3000, least=0)}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        _TYPED | {"initial_value": string(3000), "min_value": string(3000), "max_value": string(3000)},
    ),
    "rich_text_input": shape({}, _TYPED | {"initial_value": anything}),
    "file_input": shape({}, _ACTION | {"filetypes": array(string(255), 100), "max_files": integer(1, 10)}),
    "image": IMAGE,
    "feedback_buttons": shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTION),
    "icon_button": shape(
        {"icon": choice("trash"), "text": plain_text(75)},
        _ACTION
        | {"value": string(2000), "accessibility_label": string(75), "confirm": CONFIRM}
        | {"visible_to_user_ids": array(string(255), 100)},
    ),
}

_MENUS = {"static_select", "external_select", "users_select", "conversations_select", "channels_select"}
_MULTI_MENUS = {f"multi_{menu}" for menu in _MENUS}
_PICKERS = {"datepicker", "timepicker"}
_TICKS = {"checkboxes", "radio_buttons"}
_FIELDS = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"}


def only(names: set[str]) -> dict[str, Check]:
    """The shapes of these elements."""
    return {name: ELEMENTS[name] for name in sorted(names)}


IN_SECTION = only(_MENUS | _MULTI_MENUS | _PICKERS | _TICKS | {"button", "workflow_button", "overflow", "image"})
IN_ACTIONS = only(_MENUS | _PICKERS | _TICKS | {"button", "workflow_button", "overflow", "datetimepicker"})
IN_INPUT = only(_MENUS | _MULTI_MENUS | _PICKERS | _TICKS | _FIELDS | {"datetimepicker"})
IN_CONTEXT_ACTIONS = only({"feedback_buttons", "icon_button"})
