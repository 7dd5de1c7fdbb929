"""What must hold whatever is asked of the org, and in whatever order."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.people import EMPLOYEES
from sandbox.serve import serve
from tests.sandbox.okta.api import ADMIN, Api, client
from tests.sandbox.okta.conftest import LAG
from tests.sandbox.okta.test_okta_lifecycle import ASYNCHRONOUS, EVENTS, LEGAL, MAILS, NEEDS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.okta import User

PEOPLE: Final = [EMPLOYEES[0], EMPLOYEES[1], EMPLOYEES[3], EMPLOYEES[4], EMPLOYEES[11]]
"""Locked out, active, blocked, deactivated, and locked out of AD."""

SETTLED: Final = 2 * LAG
OPERATIONS: Final = [*EVENTS, "sessions"]

requests: Final = st.tuples(st.just("request"), st.sampled_from(OPERATIONS), st.sampled_from(PEOPLE))
deeds: Final = st.tuples(st.sampled_from(["sign_in", "sign_in_fails", "wait"]), st.just(""), st.sampled_from(PEOPLE))
steps: Final = st.lists(st.one_of(requests, requests, deeds), max_size=25)


@asynccontextmanager
async def _served() -> AsyncIterator[tuple[Org, Api]]:
    org = Org(Clock(), search_lag=LAG, log_lag=LAG)
    org.settings.activation_lag = LAG
    org.add_token(ADMIN, roles={"SUPER_ADMIN"})
    async with serve(okta_app(org)) as url, client(url) as http:
        yield org, Api(http, f"SSWS {ADMIN}")


@dataclass(slots=True)
class _Ledger:
    """What a sequence of steps has really done, told from the outside: by comparing the people before and after each.

    Attributes:
        changes: operation and user of each granted request after which something was different.
        granted: the same, of each granted request.
        locks: how often somebody was locked out.
        sign_ins: how often somebody tried.
    """

    org: Org
    api: Api
    changes: list[tuple[str, str]] = field(default_factory=list)
    granted: list[tuple[str, str]] = field(default_factory=list)
    locks: int = 0
    sign_ins: int = 0

    async def take(self, kind: str, operation: str, user_id: str) -> None:
        before = self.org.user(user_id)
        if kind == "request":
            await self._request(operation, before)
        elif kind == "wait":
            self._wait()
        else:
            getattr(self.org, kind)(user_id)
            self.sign_ins += 1
            locked = (before.status, self.org.user(user_id).status) == ("ACTIVE", "LOCKED_OUT")
            self.locks += locked or self._locked_from(before, "PASSWORD_EXPIRED", "RECOVERY")

    async def _request(self, operation: str, before: User) -> None:
        answer = await (
            self.api.end_sessions(before.id)
            if operation == "sessions"
            else self.api.act(before.id, operation, **NEEDS.get(operation, {}))
        )
        after = self.org.user(before.id)
        if not answer.is_success:
            assert after == before
            return
        if operation == "reset_factors" and not before.factors:
            assert after == before
            return
        self.granted.append((operation, before.id))
        if _different(before, after) or operation in {"reactivate", "reset_password"}:
            self.changes.append((operation, before.id))
        assert _is_legal(operation, before, after)

    def _wait(self) -> None:
        """Time ends what was under way, and changes no other status."""
        under_way = {user.id: user.transitioning_to or user.status for user in self.org.users()}
        self.org.clock.advance(LAG)
        assert {user.id: user.status for user in self.org.users()} == under_way

    def _locked_from(self, before: User, *statuses: str) -> bool:
        return before.status in statuses and self.org.user(before.id).status == "LOCKED_OUT"


def _different(before: User, after: User) -> bool:
    def essence(user: User) -> Any:
        return (
            user.status,
            user.transitioning_to,
            user.blocked,
            user.sessions,
            user.failed_sign_ins,
            user.passwords,
            user.factors,
        )

    return bool(essence(before) != essence(after))


def _is_legal(operation: str, before: User, after: User) -> bool:
    if operation == "sessions":
        return (after.status, after.sessions) == (before.status, 0)
    if operation == "unlock" and before.blocked:
        return (after.status, after.blocked) == ("ACTIVE", None)
    to = LEGAL[operation, before.status]
    if operation not in ASYNCHRONOUS:
        return after.status == to
    from_ad = operation == "activate" and before.provider == "ACTIVE_DIRECTORY"
    return (after.status, after.transitioning_to) == (before.status, "ACTIVE" if from_ad else to)


@settings(max_examples=40, deadline=None)
@given(steps=steps)
async def test_the_org_keeps_its_books(steps: list[tuple[str, str, Any]]) -> None:
    """Statuses move by legal transitions alone; effects are the changes that really happened; each thing done is one event."""
    async with _served() as (org, api):
        first = len(org.log)
        ledger = _Ledger(org, api)
        for kind, operation, employee in steps:
            await ledger.take(kind, operation, employee.id)
        org.clock.advance(SETTLED)
        people = org.users()

        assert [(effect.kind, effect.user_id) for effect in org.effects] == ledger.changes
        assert all(user.transitioning_to is None for user in people)
        assert _logged(org, first) == sorted(_expected(ledger))
        assert len(org.calls) == sum(kind == "request" for kind, *_ in steps)
        shown = (await api.users(search="id pr")).json()
        assert {user["id"]: user["status"] for user in shown} == {user.id: user.status for user in people}


def _logged(org: Org, first: int) -> list[str]:
    new = sorted(org.log, key=lambda entry: str(entry["published"]))[first:]
    told = sorted(entry["eventType"] for entry in new)
    return [kind for kind in told if not kind.startswith("application.")]  # those who leave lose their apps


def _expected(ledger: _Ledger) -> list[str]:
    names = {**EVENTS, "sessions": "user.session.clear"}
    done = [name for operation, _ in ledger.granted for name in (names[operation], *MAILS.get(operation, []))]
    return [*done, *(["user.session.start"] * ledger.sign_ins), *(["user.account.lock"] * ledger.locks)]


words: Final = st.sampled_from(
    [
        "status",
        "profile.email",
        "lastUpdated",
        "target.id",
        "eq",
        "sw",
        "gt",
        "pr",
        "not",
        "and",
        "or",
        "(",
        ")",
        '"A"',
        '"',
        "5",
        "[",
        "\\",
    ]
)
expressions: Final = st.one_of(st.text(max_size=60), st.lists(words, max_size=12).map(" ".join))


@settings(max_examples=25, deadline=None)
@given(asked=st.lists(expressions, min_size=1, max_size=3))
async def test_whatever_is_asked_is_answered(asked: list[str]) -> None:
    """Any text is an expression that holds for some people or a bad request; never an error of the server."""
    async with _served() as (_, api):
        for text in asked:
            answers = [
                await api.users(search=text),
                await api.users(filter=text),
                await api.users(q=text),
                await api.users(after=text),
                await api.users(limit=text),
                await api.users(search="id pr", sortBy=text, fields=text),
                await api.logs(filter=text),
                await api.logs(since=text),
                await api.logs(until=text),
                await api.logs(q=text, after=text),
                await api.user(f"x{text}"),
            ]
            assert {answer.status_code for answer in answers} <= {200, 400, 404}


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 30), status=st.sampled_from(["ACTIVE", "LOCKED_OUT", "RECOVERY", "NONE"]))
async def test_pages_are_the_list_in_pieces(size: int, status: str) -> None:
    """Whatever the page size, search finds whom the status says, each once, in the order of ids."""
    async with _served() as (org, api):
        answer = await api.users(search=f'status eq "{status}"', limit=size)
        found = list(answer.json())
        while following := answer.links.get("next"):
            answer = await api.get(following["url"])
            found += answer.json()

        assert [user["id"] for user in found] == sorted(user.id for user in org.users() if user.status == status)
