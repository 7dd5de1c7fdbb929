"""Reads SCIM-like expressions (`profile.email eq "x" and (status lt "A" or status gt "A")`) and matches records with them.

Grammar: https://developer.okta.com/docs/api/#filter, after RFC 7644 section 3.4.2.2. What each endpoint allows of it is a `Dialect`.
"""

from __future__ import annotations

import json
import operator as operators
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.okta.errors import OktaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Matcher = Callable[[dict[str, Any]], bool]

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<paren>[()])
    | (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<word>[A-Za-z0-9_.:$+-]+)
    )""",
    re.VERBOSE,
)
_OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"})
_ORDER = {"gt": operators.gt, "ge": operators.ge, "lt": operators.lt, "le": operators.le}
_PARTS: dict[str, Callable[[str, str], bool]] = {
    "co": lambda text, part: part in text,
    "sw": lambda text, part: text.startswith(part),
    "ew": lambda text, part: text.endswith(part),
}
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
_LITERALS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an endpoint accepts.

    Attributes:
        allows: whether it knows this attribute and, with it, this operator.
        dates: attributes that are compared as times.
        ignores_case: of string values; operators never have a case, attribute names always.
        malformed: Okta's code for an expression that cannot be read.
        negation: whether `not (...)` is known.
        longest: the length in characters beyond which an expression is refused.
        deepest: the same for how far parentheses and negations are nested.
    """

    allows: Callable[[str, str], bool]
    dates: frozenset[str]
    ignores_case: bool
    malformed: str
    negation: bool = False
    longest: int = 4096
    deepest: int = 50


def parse(text: str, dialect: Dialect) -> Matcher:
    """The expression as a function that says whether a record matches it.

    Raises:
        OktaError: the dialect's code when it cannot be read; E0000031 for an attribute or operator that the endpoint does not support;
            E0000030 for something that should be a time and is none.
    """
    if len(text) > dialect.longest:
        raise _too_long()
    reader = _Reader(list(_tokens(text, dialect)), dialect)
    matcher = reader.either()
    reader.end()
    return matcher


def values_at(record: Any, path: str) -> list[Any]:
    """What a record holds at a dotted path; of an array, each element."""
    found = [record]
    for name in path.split("."):
        found = [inner for outer in found for inner in _step(outer, name)]
    return found


def _step(outer: Any, name: str) -> list[Any]:
    inner = outer.get(name) if isinstance(outer, dict) else None
    return inner if isinstance(inner, list) else [inner]


def _tokens(text: str, dialect: Dialect) -> Iterator[tuple[str, str]]:
    position = 0
    end = len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise _unreadable(dialect)
        yield found.lastgroup, found.group(found.lastgroup)
        position = found.end()


def _unreadable(dialect: Dialect) -> OktaError:
    return OktaError(dialect.malformed, "the expression cannot be read", causes=("Invalid expression.",))


def _too_long() -> OktaError:
    return OktaError("E0000031", causes=("The expression is too long.",))


class _Reader:
    """Reads the tokens from left to right; `and` binds tighter than `or`."""

    def __init__(self, tokens: list[tuple[str, str]], dialect: Dialect) -> None:
        self._tokens = tokens
        self._dialect = dialect
        self._at = 0
        self._depth = 0

    def either(self) -> Matcher:
        parts = [self._both()]
        while self._word_is("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda record: any(part(record) for part in parts)

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise _unreadable(self._dialect)

    def _both(self) -> Matcher:
        parts = [self._one()]
        while self._word_is("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda record: all(part(record) for part in parts)

    def _one(self) -> Matcher:
        if self._dialect.negation and self._word_is("not"):
            inner = self._nested(self._one)
            return lambda record: not inner(record)
        kind, text = self._next()
        if (kind, text) == ("paren", "("):
            matcher = self._nested(self.either)
            if self._next() != ("paren", ")"):
                raise _unreadable(self._dialect)
            return matcher
        if kind != "word":
            raise _unreadable(self._dialect)
        return self._comparison(text)

    def _nested(self, read: Callable[[], Matcher]) -> Matcher:
        self._depth += 1
        if self._depth > self._dialect.deepest:
            raise _too_long()
        matcher = read()
        self._depth -= 1
        return matcher

    def _comparison(self, path: str) -> Matcher:
        kind, word = self._next()
        operator = word.lower()
        if kind != "word" or operator not in _OPERATORS:
            raise _unreadable(self._dialect)
        if not self._dialect.allows(path, operator):
            raise OktaError(
                "E0000031", causes=(f"The attribute '{path}' or the operator '{operator}' is not supported.",)
            )
        if operator == "pr":
            return lambda record: any(value not in (None, "") for value in values_at(record, path))
        wanted = self._value()
        if path in self._dialect.dates:
            return _by_time(path, operator, wanted)
        return _by_value(path, operator, wanted, ignores_case=self._dialect.ignores_case)

    def _value(self) -> Any:
        kind, text = self._next()
        if kind == "word" and text.lower() in _LITERALS:
            return _LITERALS[text.lower()]
        try:
            return json.loads(text, strict=False)
        except ValueError as unreadable:
            raise _unreadable(self._dialect) from unreadable

    def _word_is(self, word: str) -> bool:
        if (
            self._at < len(self._tokens)
            and self._tokens[self._at][0] == "word"
            and self._tokens[self._at][1].lower() == word
        ):
            self._at += 1
            return True
        return False

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise _unreadable(self._dialect)
        self._at += 1
        return self._tokens[self._at - 1]


def _by_time(path: str, operator: str, wanted: Any) -> Matcher:
    moment = read_time(wanted)

    def matches(record: dict[str, Any]) -> bool:
        return any(
            value is not None and _compare(operator, read_time(value), moment) for value in values_at(record, path)
        )

    return matches


def _by_value(path: str, operator: str, wanted: Any, *, ignores_case: bool) -> Matcher:
    def same_case(value: Any) -> Any:
        return value.lower() if ignores_case and isinstance(value, str) else value

    target = same_case(wanted)

    def matches(record: dict[str, Any]) -> bool:
        return any(_compare(operator, same_case(value), target) for value in values_at(record, path))

    return matches


def read_time(text: Any) -> datetime:
    """An ISO 8601 time with its offset from UTC; without one it is UTC.

    Raises:
        OktaError: E0000030 when it is none, or so far away that nothing can be counted from it.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as unreadable:
        raise OktaError("E0000030") from unreadable
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise OktaError("E0000030")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _compare(operator: str, value: Any, target: Any) -> bool:
    if operator == "eq":
        return bool(value == target) and isinstance(value, bool) == isinstance(target, bool)
    if operator == "ne":
        return bool(value != target)
    if type(value) is not type(target):
        return False
    if operator in _ORDER:
        return bool(_ORDER[operator](value, target))
    return isinstance(value, str) and _PARTS[operator](value, target)
