"""The people of an org as they are now and as search still knows them, the System Log about them, and what is to happen later."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.changes import Changes
from sandbox.okta.directory import BASE_ATTRIBUTES, Replicas
from sandbox.okta.events import at_the_door, event, person
from sandbox.okta.groups import OktaGroup, group
from sandbox.okta.syslog import SystemLog
from sandbox.okta.users import hire
from sandbox.people import EMPLOYEES, Group, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.clock import Clock
    from sandbox.okta.events import Origin
    from sandbox.okta.users import User
    from sandbox.people import Employee


class Population:
    """The cast of `sandbox.people` as users of an org; `log` only grows."""

    def __init__(self, clock: Clock, *, search_lag: timedelta, log_lag: timedelta) -> None:
        self.clock = clock
        self.changes = Changes()
        self.log = SystemLog(clock, log_lag)
        self.replicas = Replicas(search_lag)
        self.attributes: frozenset[str] = frozenset()
        self.created = clock.now() - timedelta(days=900)
        self.groups: dict[str, OktaGroup] = {}
        self.after_change: list[Callable[[User, datetime], None]] = []
        self.after_write: list[Callable[[dict[str, Any]], None]] = []
        for name in Group:
            self.add_group(name)
        self._users: dict[str, User] = {}
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = itertools.count()
        for someone in EMPLOYEES:
            self.hire(someone)

    def hire(self, person_: Employee, *, new: bool = False, **profile: Any) -> User:
        """Add somebody, with more profile attributes if given; search knows them at once unless they are new."""
        now = self.clock.now()
        user = hire(person_, now, len(self._users), **profile)
        self._keep(user)
        self.replicas.note(user, now, known=not new)
        if user.status == Status.LOCKED_OUT and user.status_changed is not None:
            self.log_lock(user, user.status_changed)
        return user

    def user(self, login_or_id: str) -> User:
        """The user as of now; a value, so ask again after a change.

        Raises:
            KeyError: there is none.
        """
        self.settle()
        known = self._users.get(login_or_id)
        if known is not None:
            return known
        found = [user for user in self._users.values() if user.login.lower() == login_or_id.lower()]
        if not found:
            raise KeyError(login_or_id)
        return found[0]

    def users(self) -> tuple[User, ...]:
        """Everybody as of now."""
        self.settle()
        return tuple(self._users.values())

    def change(self, login_or_id: str, **fields: Any) -> User:
        """Change fields of a user; those of `profile` are merged into the old ones. Search sees it later."""
        return self.change_at(self.clock.now(), login_or_id, **fields)

    def change_at(self, when: datetime, login_or_id: str, **fields: Any) -> User:
        """The same, at a moment that may have passed a little ago."""
        old = self.user(login_or_id)
        if "profile" in fields:
            fields["profile"] = {**old.profile, **fields["profile"]}
        if fields.get("status", old.status) != old.status:
            fields = {"status_changed": when, **fields}
        user = replace(old, **{"last_updated": when, **fields})
        self._keep(user)
        self.replicas.note(user, when)
        for group_id in set(old.group_ids) ^ set(user.group_ids):
            self.groups[group_id] = replace(self.groups[group_id], members_updated=when)
        for follow in self.after_change:
            follow(user, when)
        self.changes.touch()
        return user

    def set_status(self, login_or_id: str, status: str) -> User:
        """Put somebody into a status, without a word in the System Log."""
        return self.change(login_or_id, status=status, transitioning_to=None)

    def roles_of(self, user: User) -> frozenset[str]:
        """The administrator roles somebody has, directly and by groups."""
        return frozenset(user.roles).union(*(self.roles_of_group(group_id) for group_id in user.group_ids))

    def roles_of_group(self, group_id: str) -> tuple[str, ...]:
        """The administrator roles of a group."""
        return self.groups[group_id].roles

    def add_group(self, name: str) -> OktaGroup:
        """Have a group, as the cast has it if it has it."""
        made = group(name, self.created)
        return self.groups.setdefault(made.id, made)

    def join(self, login_or_id: str, group: str) -> User:
        """Put somebody into a group, by its name."""
        return self.change(login_or_id, group_ids=(*self.user(login_or_id).group_ids, self.add_group(group).id))

    def later(self, when: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at a moment to come; it is told the moment."""
        heapq.heappush(self._due, (when, next(self._numbers), act))

    def settle(self) -> None:
        """Let happen what is due by now."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            when, _, act = heapq.heappop(self._due)
            act(when)

    def record(
        self,
        event_type: str,
        origin: Origin,
        user: User,
        *,
        at: datetime | None = None,
        result: str = "SUCCESS",
        reason: str | None = None,
    ) -> None:
        """Write into the System Log what happened with the user as its target; a success unless said otherwise."""
        when = at or self.clock.now()
        self.write(event(event_type, origin, when, target=[person(user)], result=result, reason=reason), when)

    def _keep(self, user: User) -> None:
        self._users[user.id] = user
        self.attributes |= user.profile.keys() - BASE_ATTRIBUTES

    def log_lock(self, user: User, when: datetime) -> None:
        """Okta names the locked person as the actor, and no target."""
        origin = at_the_door(user, next(self._numbers))
        self.write(event("user.account.lock", origin, when, target=None, result="FAILURE", reason="LOCKED_OUT"), when)

    def log_sign_in(self, user: User, reason: str | None) -> None:
        """A sign-in; None for one that opened the door."""
        origin = at_the_door(user, next(self._numbers))
        result = "SUCCESS" if reason is None else "FAILURE"
        now = self.clock.now()
        self.write(event("user.session.start", origin, now, target=None, result=result, reason=reason), now)

    def write(self, entry: dict[str, Any], when: datetime) -> None:
        """Add an event to the System Log, and let the page and the event hooks hear of it."""
        self.log.add(entry, when)
        for follow in self.after_write:
            follow(entry)
        self.changes.touch()
