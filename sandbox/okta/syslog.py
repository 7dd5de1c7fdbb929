"""The System Log: what happened, and how Okta lets it be read: late, and in two ways that order it differently.

https://developer.okta.com/docs/reference/system-log-query/. A polling query follows the order in which events were persisted and can always
be continued; a bounded query follows `published`, ends, and misses what is persisted later.
"""

from __future__ import annotations

import json
from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from sandbox.okta import cursors
from sandbox.okta.errors import OktaError
from sandbox.okta.expressions import Dialect, parse, read_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.clock import Clock

    Event = dict[str, Any]

DEFAULT_LIMIT = 100
MOST = 1000
DEFAULT_SINCE = timedelta(days=7)
OLDEST_SINCE = timedelta(days=180)
RETENTION = timedelta(days=90)
"""Okta forgets what was published before."""

MOST_KEYWORDS = 10
LONGEST_KEYWORD = 40

_OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"})
_AREAS = frozenset(
    [
        "uuid",
        "eventType",
        "version",
        "displayMessage",
        "severity",
        "legacyEventType",
        "actor",
        "target",
        "outcome",
        "client",
        "authenticationContext",
        "securityContext",
        "debugContext",
        "transaction",
        "request",
        "device",
    ]
)
FILTER = Dialect(
    allows=lambda path, op: op in _OPERATORS and path.partition(".")[0] in _AREAS,
    dates=frozenset(),
    ignores_case=False,
    malformed="E0000053",
    negation=True,
)
"""`filter`: any attribute of an event but `published`."""


@dataclass(frozen=True, slots=True)
class LogQuery:
    """The parameters of a query, as sent."""

    since: str | None = None
    until: str | None = None
    after: str | None = None
    filter: str | None = None
    q: str | None = None
    descending: bool = False
    limit: int = DEFAULT_LIMIT

    @property
    def polling(self) -> bool:
        """Whether the query has no end and can be asked again and again."""
        return self.until is None and not self.descending

    @property
    def question(self) -> tuple[object, ...]:
        """What makes it the same query on the next page."""
        return ("logs", self.until, self.filter, self.q, self.descending)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Events, and the cursor to go on with; always there for a polling query."""

    events: list[Event]
    after: str | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """An event with its place: when it was persisted, and which it was."""

    persisted: datetime
    number: int
    published: datetime
    event: Event


class SystemLog(Sequence["Event"]):
    """All events, in the order in which they are persisted; as a sequence it also holds those not persisted yet."""

    def __init__(self, clock: Clock, lag: timedelta) -> None:
        self.lag = lag
        self._clock = clock
        self._entries: list[_Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        if isinstance(index, slice):
            return [entry.event for entry in self._entries[index]]
        return self._entries[index].event

    def add(self, event: Event, published: datetime, *, late: timedelta | None = None) -> None:
        """Record an event; readers see it after the lag of the log, or after `late` where that is given."""
        persisted = published + (self.lag if late is None else late)
        insort(self._entries, _Entry(persisted, len(self._entries), published, event), key=_place)

    def read(self, query: LogQuery) -> LogPage:
        """Answer a query.

        Raises:
            OktaError: the query is not what Okta accepts.
        """
        if query.since is not None and query.after is not None:
            raise OktaError("E0000001", "since", causes=("'since' and 'after' cannot be used together.",))
        matches = _matcher(query)
        now = self._clock.now()
        persisted = self._entries[: bisect_right(self._entries, now, key=lambda entry: entry.persisted)]
        visible = [entry for entry in persisted if entry.published >= now - RETENTION]
        if query.polling:
            return _poll(query, visible, matches, now)
        return _bounded(query, visible, matches, now)


def _poll(query: LogQuery, visible: list[_Entry], matches: Callable[[Event], bool], now: datetime) -> LogPage:
    start = _read_cursor(query) if query.after is not None else (_since(query, now, now), -1)
    found = [entry for entry in visible[bisect_right(visible, start, key=_place) :] if matches(entry.event)]
    shown = found[: query.limit]
    return LogPage([entry.event for entry in shown], _cursor(query, _place(shown[-1]) if shown else start))


def _bounded(query: LogQuery, visible: list[_Entry], matches: Callable[[Event], bool], now: datetime) -> LogPage:
    until = _time(query.until) if query.until else now
    # A `next` link leaves `since` out, as Okta's does, so the cursor has it.
    last, since = (None, _since(query, until, now)) if query.after is None else _read_bounded(query)
    found = [entry for entry in visible if since <= entry.published < until and matches(entry.event)]
    found.sort(key=_moment, reverse=query.descending)
    if last is not None:
        found = [entry for entry in found if (_moment(entry) < last if query.descending else _moment(entry) > last)]
    shown = found[: query.limit]
    full = bool(shown) and len(shown) == query.limit
    return LogPage([entry.event for entry in shown], _cursor(query, _moment(shown[-1]), since) if full else None)


def _place(entry: _Entry) -> tuple[datetime, int]:
    return entry.persisted, entry.number


def _moment(entry: _Entry) -> tuple[datetime, int]:
    return entry.published, entry.number


def _since(query: LogQuery, until: datetime, now: datetime) -> datetime:
    if query.since is None:
        return until - DEFAULT_SINCE
    since = _time(query.since)
    if since < now - OLDEST_SINCE:
        raise OktaError("E0000053", "'since' is too far in the past")
    return since


def _time(text: str) -> datetime:
    """The log refuses a bad time with another code than the lists do."""
    try:
        return read_time(text)
    except OktaError as unreadable:
        raise OktaError("E0000001", "since, until", causes=("The time is not valid.",)) from unreadable


def _matcher(query: LogQuery) -> Callable[[Event], bool]:
    fits = parse(query.filter, FILTER) if query.filter is not None else None
    keywords = (query.q or "").lower().split()
    if len(keywords) > MOST_KEYWORDS or any(len(word) > LONGEST_KEYWORD for word in keywords):
        raise OktaError("E0000001", "q", causes=("There are too many keywords, or one is too long.",))

    def matches(event: Event) -> bool:
        if keywords and not all(word in json.dumps(event).lower() for word in keywords):
            return False
        return fits is None or fits(event)

    return matches


def _cursor(query: LogQuery, place: tuple[datetime, int], since: datetime | None = None) -> str:
    more = () if since is None else (since.isoformat(),)
    return cursors.write(query.question, (place[0].isoformat(), str(place[1]), *more))


def _read_cursor(query: LogQuery) -> tuple[datetime, int]:
    moment, number, *_ = cursors.read(query.question, query.after or "")
    return datetime.fromisoformat(moment), int(number)


def _read_bounded(query: LogQuery) -> tuple[tuple[datetime, int], datetime]:
    *_, since = cursors.read(query.question, query.after or "")
    return _read_cursor(query), datetime.fromisoformat(since)
