"""Who administers an org: roles that it makes itself, and what assignments of roles are limited to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.okta.population import Population
from sandbox.okta.rights import ROLES, Role, rights_of
from sandbox.people import okta_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from sandbox.clock import Clock
    from sandbox.okta.users import User


@dataclass(frozen=True, slots=True)
class CustomRole:
    """A role that an org made itself. Its id stands wherever the type of a standard role may.

    Attributes:
        permissions: names of Okta's permissions, such as `okta.users.read`.
        resource_set: the id of what the role is assigned for.
    """

    label: str
    permissions: tuple[str, ...]
    created: datetime

    @property
    def id(self) -> str:
        """The role's id."""
        return okta_id("cr0", self.label)

    @property
    def resource_set(self) -> str:
        """The id of the resources for which the role is assigned."""
        return okta_id("iam", self.label)

    def role(self) -> Role:
        """What it allows; to groups it is limited by its resources."""
        return Role(self.label, rights_of(self.permissions), by_group=True)


@dataclass(frozen=True, slots=True)
class Targets:
    """What an assignment of a role is limited to; empty is no limit.

    Attributes:
        group_ids: what people must be in.
        app_ids: which apps it is about.
    """

    group_ids: frozenset[str] = frozenset()
    app_ids: frozenset[str] = frozenset()


class Admins:
    """Custom roles by id, and what the roles that users hold are limited to."""

    def __init__(self) -> None:
        self.custom: dict[str, CustomRole] = {}
        self._targets: dict[tuple[str, str], Targets] = {}

    def add(self, label: str, permissions: Iterable[str], now: datetime) -> CustomRole:
        """An org makes a role."""
        made = CustomRole(label, tuple(permissions), now)
        self.custom[made.id] = made
        return made

    def named(self, id_or_label: str) -> CustomRole | None:
        """A custom role."""
        return next((role for role in self.custom.values() if id_or_label in {role.id, role.label}), None)

    def role(self, kind: str) -> Role:
        """A standard role by its type, or a custom one by its id."""
        return ROLES[kind] if kind in ROLES else self.custom[kind].role()

    def known(self, kinds: Iterable[str]) -> frozenset[str]:
        """The same roles.

        Raises:
            ValueError: Okta has no such role, and nobody made it.
        """
        found = frozenset(kinds)
        if unknown := found - ROLES.keys() - self.custom.keys():
            raise ValueError(f"no such roles: {sorted(unknown)}")
        return found

    def limit(self, holder_id: str, kind: str, targets: Targets) -> None:
        """Limit what a role reaches for somebody who holds it."""
        self._targets[holder_id, kind] = targets

    def targets(self, holder_id: str, kind: str) -> Targets:
        """What a role that somebody holds is limited to."""
        return self._targets.get((holder_id, kind), Targets())


class Administration(Population):
    """The people of an org, and what they administer."""

    def __init__(self, clock: Clock, *, search_lag: timedelta, log_lag: timedelta) -> None:
        super().__init__(clock, search_lag=search_lag, log_lag=log_lag)
        self.admins = Admins()

    def add_custom_role(self, label: str, permissions: Iterable[str]) -> CustomRole:
        """Make a role. Its id may be given wherever the type of a standard role may."""
        return self.admins.add(label, permissions, self.clock.now())

    def give_role(self, login_or_id: str, role: str, *, groups: Iterable[str] = (), apps: Iterable[str] = ()) -> User:
        """Make somebody an administrator, or change what a role of theirs is limited to.

        Args:
            login_or_id: of the user.
            role: the type of a standard role, or the id of a custom one.
            groups: names of the groups to which it is limited; none is no limit.
            apps: labels of the apps to which it is limited.

        Raises:
            ValueError: Okta has no such role.
        """
        user = self.user(login_or_id)
        targets = Targets(
            frozenset(okta_id("00g", name) for name in groups), frozenset(okta_id("0oa", label) for label in apps)
        )
        self.admins.limit(user.id, role, targets)
        return self.change(user.id, roles=tuple(dict.fromkeys((*user.roles, *self.admins.known([role])))))
