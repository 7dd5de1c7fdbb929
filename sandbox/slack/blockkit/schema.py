"""Small checks that combine into the shape of any Block Kit object.

A check looks at one value and reports what Slack would say about it, with a JSON pointer to the place. The wording follows the
messages Slack puts into `response_metadata.messages`, so a developer can search for them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any, str, "Report"], None]

_URL = re.compile(r"(https?://[^\s/]\S*|mailto:\S+@\S+)")


class Report:
    """What is wrong so far, in the order found."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def add(self, problem: str, pointer: str) -> None:
        """Note one problem at one place."""
        self.problems.append(f"{problem} [json-pointer:{pointer}]")


def string(most: int, *, least: int = 1, pattern: re.Pattern[str] | None = None) -> Check:
    """A text of `least` to `most` characters."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add("must be a string", pointer)
        elif len(value) > most:
            report.add(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            report.add(f"must be more than {least - 1} characters", pointer)
        elif pattern is not None and not pattern.fullmatch(value):
            report.add("does not match the expected format", pointer)

    return check


def url(most: int = 3000) -> Check:
    """An absolute web or mail address."""
    text = string(most)

    def check(value: Any, pointer: str, report: Report) -> None:
        before = len(report.problems)
        text(value, pointer, report)
        if len(report.problems) == before and not _URL.fullmatch(value):
            report.add("invalid url", pointer)

    return check


def choice(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if value not in allowed:
            report.add(f"must be a valid enum value: {', '.join(allowed)}", pointer)

    return check


def boolean(value: Any, pointer: str, report: Report) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.add("must be a boolean", pointer)


def integer(least: int, most: int) -> Check:
    """A whole number within bounds."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.add("must be an integer", pointer)
        elif not least <= value <= most:
            report.add(f"must be between {least} and {most}", pointer)

    return check


def anything(_value: Any, _pointer: str, _report: Report) -> None:
    """No limit is known."""


def array(item: Check, most: int, *, least: int = 1) -> Check:
    """A list of `least` to `most` items."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add("must provide an array", pointer)
            return
        if len(value) > most:
            report.add(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            report.add(f"must have at least {least} item{'s' if least > 1 else ''}", pointer)
        for index, entry in enumerate(value):
            item(entry, f"{pointer}/{index}", report)

    return check


def shape(required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no others; `type` is looked at by `by_type`."""
    needed = dict(required or {})
    known = needed | dict(optional or {}) | {"type": anything}

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        for key in needed:
            if key not in value:
                report.add(f"missing required field: {key}", pointer)
        for key, entry in value.items():
            if key not in known:
                report.add(f"invalid additional property: {key}", pointer)
            else:
                known[key](entry, f"{pointer}/{key}", report)

    return check


def by_type(shapes: Mapping[str, Check]) -> Check:
    """An object whose `type` picks its shape; any other type is refused."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            report.add("missing required field: type", pointer)
        elif not isinstance(kind, str) or kind not in shapes:
            report.add(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            shapes[kind](value, pointer, report)

    return check


def both(*checks: Check) -> Check:
    """Every one of these."""

    def check(value: Any, pointer: str, report: Report) -> None:
        for single in checks:
            single(value, pointer, report)

    return check
