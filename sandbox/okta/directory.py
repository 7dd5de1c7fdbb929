"""The lists of users: `search`, `filter`, `q` and plain, each with its own rules, read from replicas that lag behind.

Rules: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/#tag/User/operation/listUsers.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.okta import cursors
from sandbox.okta.errors import OktaError
from sandbox.okta.expressions import Dialect, parse, values_at
from sandbox.people import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime, timedelta

    from sandbox.okta.users import User

LIMIT = 200
Q_LIMIT = 10
BASE_ATTRIBUTES = frozenset(
    [
        "login",
        "email",
        "secondEmail",
        "firstName",
        "lastName",
        "middleName",
        "honorificPrefix",
        "honorificSuffix",
        "title",
        "displayName",
        "nickName",
        "profileUrl",
        "primaryPhone",
        "mobilePhone",
        "streetAddress",
        "city",
        "state",
        "zipCode",
        "countryCode",
        "postalAddress",
        "preferredLanguage",
        "locale",
        "timezone",
        "userType",
        "employeeNumber",
        "costCenter",
        "organization",
        "division",
        "department",
        "managerId",
        "manager",
    ]
)
"""Okta's own profile attributes; others are known once somebody has them."""

_TOP = frozenset({"id", "status", "created", "activated", "statusChanged", "lastUpdated", "type.id"})
_DATES = frozenset({"created", "activated", "statusChanged", "lastUpdated"})
_CONTAINABLE = frozenset({"profile.firstName", "profile.lastName", "profile.email", "profile.login"})
_FILTERABLE = frozenset({"status", "lastUpdated", "id", *_CONTAINABLE})
_SEARCH_OPERATORS = frozenset({"eq", "sw", "pr", "gt", "ge", "lt", "le"})
_INEQUALITIES = frozenset({"gt", "ge", "lt", "le"})


class Replicas:
    """What lists show: each user as of `lag` ago. A read of one user by id goes past this."""

    def __init__(self, lag: timedelta) -> None:
        self.lag = lag
        self._seen: dict[str, deque[tuple[datetime, User]]] = {}

    def note(self, user: User, at: datetime, *, known: bool = False) -> None:
        """A user changed; `known` for one who was always there."""
        self._seen.setdefault(user.id, deque()).append((at if known else at + self.lag, user))

    def users(self, now: datetime) -> Iterator[User]:
        """Every user as the replicas have them, in the order of their ids."""
        for _, versions in sorted(self._seen.items()):
            while len(versions) > 1 and versions[1][0] <= now:
                versions.popleft()
            visible, user = versions[0]
            if visible <= now:
                yield user


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a list of users, as sent."""

    search: str | None = None
    filter: str | None = None
    q: str | None = None
    sort_by: str | None = None
    descending: bool = False
    limit: int | None = None
    after: str | None = None

    @property
    def backwards(self) -> bool:
        """Whether the order is turned round: for searches only, and only by an attribute that was named."""
        return self.descending and self.sort_by is not None and self.search is not None

    @property
    def question(self) -> tuple[object, ...]:
        """What makes it the same query on the next page."""
        return ("users", self.search, self.filter, self.sort_by, self.descending)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of users, and the cursor of the next where there may be one."""

    records: list[dict[str, Any]]
    after: str | None


def page(query: Query, records: Iterable[dict[str, Any]], attributes: frozenset[str]) -> Page:
    """The page that a query asks for.

    Args:
        query: the parameters.
        records: every user the caller may see, as JSON.
        attributes: the custom profile attributes of the org.

    Raises:
        OktaError: the query is not what Okta accepts.
    """
    limit = LIMIT if query.limit is None else min(query.limit, LIMIT)
    if query.search is not None and query.filter is not None:
        raise OktaError("E0000033")
    matches = _matcher(query, attributes)
    found = [record for record in records if matches(record)]
    if query.q is not None and query.search is None and query.filter is None:
        return Page(found[: min(query.limit or Q_LIMIT, LIMIT)], None)
    key = _order(query)
    found.sort(key=key, reverse=query.backwards)
    if query.after is not None:
        found = found[_position(query, found, key) :]
    shown = found[:limit]
    # A full page has a next one, even if nothing is on it: https://github.com/okta/okta-sdk-python/issues/435
    return Page(shown, cursors.write(query.question, key(shown[-1])) if shown and len(shown) == limit else None)


def _matcher(query: Query, attributes: frozenset[str]) -> Callable[[dict[str, Any]], bool]:
    if query.search is not None:
        return parse(query.search, search_dialect(attributes))
    if query.filter is not None:
        return parse(query.filter, FILTER)
    if query.q is not None:
        return _starts_with(query.q.lower())
    return lambda record: bool(record["status"] != Status.DEPROVISIONED)


def _starts_with(text: str) -> Callable[[dict[str, Any]], bool]:
    def matches(record: dict[str, Any]) -> bool:
        names = (record["profile"].get(name) or "" for name in ("firstName", "lastName", "email"))
        return record["status"] != Status.DEPROVISIONED and any(name.lower().startswith(text) for name in names)

    return matches


def search_dialect(attributes: frozenset[str]) -> Dialect:
    """`search`: any attribute, no `ne`, `co` for names and addresses only, values without regard to case."""
    known = BASE_ATTRIBUTES | attributes

    def allows(path: str, operator: str) -> bool:
        if operator == "co":
            return path in _CONTAINABLE
        if operator == "sw" and path in _DATES:
            return False
        area, _, name = path.partition(".")
        return operator in _SEARCH_OPERATORS and (path in _TOP or (area == "profile" and name in known))

    return Dialect(allows, _DATES, ignores_case=True, malformed="E0000031")


FILTER = Dialect(
    allows=lambda path, op: path in _FILTERABLE and (op == "eq" or (path == "lastUpdated" and op in _INEQUALITIES)),
    dates=_DATES,
    ignores_case=False,
    malformed="E0000053",
)
"""`filter`: seven attributes, `eq` only (but for `lastUpdated`), values with regard to case."""


def _order(query: Query) -> Callable[[dict[str, Any]], tuple[str, str]]:
    by = query.sort_by if query.search is not None else None

    def key(record: dict[str, Any]) -> tuple[str, str]:
        value = next(iter(values_at(record, by)), None) if by else None
        return ("" if value is None else str(value).lower(), record["id"])

    return key


def _position(query: Query, found: list[dict[str, Any]], key: Callable[[dict[str, Any]], tuple[str, str]]) -> int:
    """How many of the users found come before the page. The cursor stays good when the user it points at is gone."""
    last = cursors.read(query.question, query.after or "")
    if query.backwards:
        return sum(key(record) >= last for record in found)
    return sum(key(record) <= last for record in found)
