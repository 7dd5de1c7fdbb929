"""The org: its people, tokens, System Log and settings, and the handles by which tests and the page move it."""

from __future__ import annotations

import heapq
import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.changes import Changes
from sandbox.okta.directory import BASE_ATTRIBUTES, Replicas
from sandbox.okta.events import SYSTEM, Origin, at_the_door, event, person
from sandbox.okta.faults import Faults
from sandbox.okta.limits import Limits
from sandbox.okta.principals import Principals
from sandbox.okta.records import Call, Effect, Settings
from sandbox.okta.rights import ROLES
from sandbox.okta.snapshot import snapshot
from sandbox.okta.syslog import SystemLog
from sandbox.okta.users import UNKNOWN_DEVICES, User, hire
from sandbox.people import BOT_OWNER, EMPLOYEES, GROUP_ROLES, Group, Status, okta_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sandbox.clock import Clock
    from sandbox.okta.principals import Principal
    from sandbox.people import Employee

SEARCH_LAG = timedelta(seconds=1)
LOG_LAG = timedelta(seconds=2)

_CAN_LOCK = {Status.ACTIVE, Status.PASSWORD_EXPIRED, Status.RECOVERY}


class Org:
    """An Okta org with the cast of `sandbox.people` in it.

    `settings`, `faults` and `limits.per_minute` may be changed at any time. `calls`, `effects` and `log` only grow.
    """

    def __init__(self, clock: Clock, *, search_lag: timedelta = SEARCH_LAG, log_lag: timedelta = LOG_LAG) -> None:
        self.clock = clock
        self.settings = Settings()
        self.changes = Changes()
        self.faults = Faults()
        self.limits = Limits(clock)
        self.log = SystemLog(clock, log_lag)
        self.replicas = Replicas(search_lag)
        self.principals = Principals()
        self.calls: list[Call] = []
        self.effects: list[Effect] = []
        self.attributes: frozenset[str] = frozenset()
        self.group_names = {okta_id("00g", group): str(group) for group in Group}
        self.created = clock.now() - timedelta(days=900)
        self._users: dict[str, User] = {}
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._numbers = itertools.count()
        self._after_effect: list[Callable[[], None]] = []
        self._locks_again: set[str] = set()
        for someone in EMPLOYEES:
            self.hire(someone)

    def hire(self, person_: Employee, *, new: bool = False, **profile: Any) -> User:
        """Add somebody, with more profile attributes if given; search knows them at once unless they are new."""
        now = self.clock.now()
        user = hire(person_, now, len(self._users), **profile)
        self._keep(user)
        self.replicas.note(user, now, known=not new)
        if user.status == Status.LOCKED_OUT and user.status_changed is not None:
            self._log_lock(user, user.status_changed)
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
        return next((roles for group, roles in GROUP_ROLES.items() if group == self.group_names[group_id]), ())

    def join(self, login_or_id: str, group: str) -> User:
        """Put somebody into a group, by its name."""
        group_id = okta_id("00g", group)
        self.group_names.setdefault(group_id, group)
        return self.change(login_or_id, group_ids=(*self.user(login_or_id).group_ids, group_id))

    def lock(self, login_or_id: str) -> User:
        """Lock somebody out, as too many failed sign-ins do.

        Raises:
            ValueError: the status does not lead there.
        """
        user = self.user(login_or_id)
        if user.status not in _CAN_LOCK:
            raise ValueError(f"{user.login} is {user.status}")
        now = self.clock.now()
        user = self.change(user.id, status=Status.LOCKED_OUT, locked_in_directory=user.from_directory)
        self._log_lock(user, now)
        if self.settings.auto_unlock_minutes:
            self.later(
                now + timedelta(minutes=self.settings.auto_unlock_minutes), lambda at: self._auto_unlock(user, at)
            )
        return user

    def lock_again_after_unlock(self, login_or_id: str) -> None:
        """Let the next unlock through the API be followed at once by a new lock, as a phone with the old password does it."""
        self._locks_again.add(self.user(login_or_id).id)

    def after_effect(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, right after the next effect has happened and before the request is answered."""
        self._after_effect.append(callback)

    def took_effect(self, effect: Effect) -> None:
        """Remember what a request has just changed, and let happen what was to follow."""
        self.effects.append(effect)
        if effect.kind == "unlock" and effect.user_id in self._locks_again:
            self._locks_again.remove(effect.user_id)
            self.lock(effect.user_id)
        callbacks, self._after_effect = self._after_effect, []
        for callback in callbacks:
            callback()

    def sign_in_fails(self, login_or_id: str) -> User:
        """A wrong password; the last one allowed locks the account."""
        user = self.user(login_or_id)
        locked = user.status == Status.LOCKED_OUT
        self._log_sign_in(user, "LOCKED_OUT" if locked else "INVALID_CREDENTIALS")
        if user.status not in _CAN_LOCK:
            return user
        user = self.change(user.id, failed_sign_ins=user.failed_sign_ins + 1)
        return self.lock(user.id) if user.failed_sign_ins >= self.settings.max_attempts else user

    def sign_in(self, login_or_id: str, *, known_device: bool = True) -> bool:
        """The right password; whether it opens the door. A directory that holds its own lock refuses it like a wrong one."""
        user = self.user(login_or_id)
        blocked = user.blocked is not None and not (known_device and user.blocked == UNKNOWN_DEVICES)
        if user.status != Status.ACTIVE or blocked or user.locked_in_directory:
            self._log_sign_in(
                user, "LOCKED_OUT" if user.status == Status.LOCKED_OUT or blocked else "INVALID_CREDENTIALS"
            )
            return False
        self.change(user.id, sessions=user.sessions + 1, failed_sign_ins=0, last_login=self.clock.now())
        self._log_sign_in(user, None)
        return True

    def block(self, login_or_id: str, devices: str | None = UNKNOWN_DEVICES) -> User:
        """Block somebody from devices while the status stays as it is; None lifts that."""
        return self.change(login_or_id, blocked=devices)

    def add_token(
        self,
        token: str,
        *,
        roles: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
        owner: str = BOT_OWNER,
    ) -> Principal:
        """Make an API token.

        Args:
            token: the secret.
            roles: what the token may do; None gives it the roles that its owner has at each moment.
            groups: names of the groups to which roles that can be limited are limited.
            owner: the login of who made it: `me`, and the actor in the System Log.
        """
        return self.principals.add_token(
            token,
            owner_id=self.user(owner).id,
            roles=_known(roles) if roles is not None else None,
            group_ids=_group_ids(groups),
            now=self.clock.now(),
        )

    def add_bearer(
        self,
        token: str,
        *,
        scopes: Iterable[str],
        roles: Iterable[str],
        groups: Iterable[str] | None = None,
        client: str = "unlatch",
    ) -> Principal:
        """Make an access token of a service app, good for an hour."""
        return self.principals.add_bearer(
            token,
            scopes=scopes,
            roles=_known(roles),
            group_ids=_group_ids(groups),
            client=client,
            now=self.clock.now(),
        )

    def set_roles(self, token: str, roles: Iterable[str]) -> None:
        """Give a token these roles, in place of those it has.

        Raises:
            KeyError: there is no such token.
            ValueError: Okta has no such role.
        """
        self.principals.set_roles(token, _known(roles))

    def revoke(self, token: str) -> None:
        """Make a token void."""
        self.principals.revoke(token)

    def later(self, when: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at a moment to come; it is told the moment."""
        heapq.heappush(self._due, (when, next(self._numbers), act))

    def settle(self) -> None:
        """Let happen what is due by now."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            when, _, act = heapq.heappop(self._due)
            act(when)

    def record(self, event_type: str, origin: Origin, user: User, *, at: datetime | None = None) -> None:
        """Write a success into the System Log, with the user as its target."""
        when = at or self.clock.now()
        self._log(event(event_type, origin, when, target=[person(user)]), when)

    def snapshot(self) -> dict[str, Any]:
        """The org for the page: people and the System Log, newest last, delays left out."""
        return snapshot(self)

    def _keep(self, user: User) -> None:
        self._users[user.id] = user
        self.attributes |= user.profile.keys() - BASE_ATTRIBUTES

    def _auto_unlock(self, locked: User, at: datetime) -> None:
        user = self._users[locked.id]
        if user.status == Status.LOCKED_OUT and user.status_changed == locked.status_changed:
            user = self.change_at(at, user.id, status=Status.ACTIVE, failed_sign_ins=0)
            self.record("user.account.unlock", Origin(SYSTEM), user, at=at)

    def _log_lock(self, user: User, when: datetime) -> None:
        """Okta names the locked person as the actor, and no target."""
        origin = at_the_door(user, next(self._numbers))
        self._log(event("user.account.lock", origin, when, target=None, result="FAILURE", reason="LOCKED_OUT"), when)

    def _log_sign_in(self, user: User, reason: str | None) -> None:
        origin = at_the_door(user, next(self._numbers))
        result = "SUCCESS" if reason is None else "FAILURE"
        now = self.clock.now()
        self._log(event("user.session.start", origin, now, target=None, result=result, reason=reason), now)

    def _log(self, entry: dict[str, Any], when: datetime) -> None:
        self.log.add(entry, when)
        self.changes.touch()


def _known(roles: Iterable[str]) -> frozenset[str]:
    known = frozenset(roles)
    if unknown := known - ROLES.keys():
        raise ValueError(f"no such roles: {sorted(unknown)}")
    return known


def _group_ids(groups: Iterable[str] | None) -> frozenset[str] | None:
    return None if groups is None else frozenset(okta_id("00g", group) for group in groups)
