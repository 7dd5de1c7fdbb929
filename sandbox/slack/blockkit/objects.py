"""Composition objects of Block Kit: texts, options, confirmations (https://docs.slack.dev/reference/block-kit/composition-objects)."""

from typing import Any

from sandbox.slack.blockkit.schema import Check, Report, array, boolean, both, by_type, choice, shape, string, url


def plain_text(most: int) -> Check:
    """A `plain_text` object of up to `most` characters."""
    return by_type({"plain_text": shape({"text": string(most)}, {"emoji": boolean})})


def any_text(most: int) -> Check:
    """A `plain_text` or `mrkdwn` object of up to `most` characters."""
    return by_type(
        {
            "plain_text": shape({"text": string(most)}, {"emoji": boolean}),
            "mrkdwn": shape({"text": string(most)}, {"verbatim": boolean}),
        }
    )


def option(text: Check, *, with_url: bool = False) -> Check:
    """One choice; only an overflow menu may attach a `url`."""
    optional = {"description": text} | ({"url": url()} if with_url else {})
    return shape({"text": text, "value": string(150)}, optional)


CONFIRM = shape(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": choice("primary", "danger")},
)
PLAIN_OPTION = option(plain_text(75))
RICH_OPTION = option(any_text(75))
OPTION_GROUP = shape({"label": plain_text(75), "options": array(PLAIN_OPTION, 100)})
SLACK_FILE = shape({}, {"id": string(255), "url": url()})
DISPATCH_CONFIG = shape({"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 2)})
CONVERSATION_FILTER = shape(
    {},
    {
        "include": array(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)


def _options_or_groups(value: Any, pointer: str, report: Report) -> None:
    if not isinstance(value, dict):
        return
    if (value.get("options") is None) == (value.get("option_groups") is None):
        report.add("must define either `options` or `option_groups`", pointer)


def options_of(element: Any) -> list[Any]:
    """All options an element offers, groups flattened."""
    if not isinstance(element, dict):
        return []
    groups = element.get("option_groups")
    lists = (
        [group.get("options") for group in groups if isinstance(group, dict)]
        if isinstance(groups, list)
        else [element.get("options")]
    )
    return [option for options in lists if isinstance(options, list) for option in options]


def _initial_is_offered(value: Any, pointer: str, report: Report) -> None:
    if not isinstance(value, dict):
        return
    offered = options_of(value)
    single, several = value.get("initial_option"), value.get("initial_options")
    chosen = ([single] if single is not None else []) + (several if isinstance(several, list) else [])
    if any(choice not in offered for choice in chosen):
        report.add("initial options must match the options offered", pointer)


def _values_are_unique(value: Any, pointer: str, report: Report) -> None:
    values = [option.get("value") for option in options_of(value) if isinstance(option, dict)]
    if len(values) != len({repr(v) for v in values}):
        report.add("options must have distinct values", pointer)


def with_options(check: Check, *, groups: bool = False) -> Check:
    """`check`, and the rules that tie an element to its options."""
    rules = (check, _initial_is_offered, _values_are_unique)
    return both(*rules, _options_or_groups) if groups else both(*rules)
