"""Apps and who has them: in person or by a group, with an account in the app that is made later, and may fail to be."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox.catalogue import APPS, login
from sandbox.okta.events import SYSTEM, Origin, event, person
from sandbox.people import Status, okta_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.catalogue import App
    from sandbox.okta.org import Org
    from sandbox.okta.users import User

_BY_ITSELF = Origin(SYSTEM)
_Versions = deque[tuple["datetime", "AppUser | None"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppUser:
    """Somebody's assignment to an app, at one moment."""

    app_id: str
    user_id: str
    scope: str
    status: str
    sync_state: str
    created: datetime
    status_changed: datetime
    external_id: str | None = None
    last_sync: datetime | None = None

    @property
    def id(self) -> str:
        """The assignment's own id, which links and events have."""
        return okta_id("0ua", f"{self.app_id}:{self.user_id}")


class Apps:
    """The apps of an org. `groups` are assignments of groups, by app and group, with their priority."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.by_id = {app.id: app for app in APPS}
        self.groups: dict[tuple[str, str], int] = {}
        self._direct: set[tuple[str, str]] = set()
        self._users: dict[tuple[str, str], AppUser] = {}
        self._shown: dict[tuple[str, str], _Versions] = {}
        self._failing: set[str] = set()
        for app in APPS:
            for number, group in enumerate(app.groups):
                self.groups[app.id, okta_id("00g", group)] = number
            self._direct |= {(app.id, okta_id("00u", login(handle))) for handle in app.people}
        for user in org.users():
            self._begin_as_ever(user)

    def named(self, label: str) -> App:
        """The app with this label.

        Raises:
            KeyError: there is none.
        """
        return self.by_id[okta_id("0oa", label)]

    def fail_next(self, label: str) -> None:
        """Let the next account that is to be made in this app fail."""
        self._failing.add(self.named(label).id)

    def user(self, app_id: str, user_id: str) -> AppUser | None:
        """Somebody's assignment as of now."""
        return self._users.get((app_id, user_id))

    def is_direct(self, app_id: str, user_id: str) -> bool:
        """Whether somebody is assigned in person, whatever their groups."""
        return (app_id, user_id) in self._direct

    def listed(self, now: datetime) -> Iterator[AppUser]:
        """All assignments as lists have them: late."""
        for _, versions in sorted(self._shown.items()):
            while len(versions) > 1 and versions[1][0] <= now:
                versions.popleft()
            visible, one = versions[0]
            if visible <= now and one is not None:
                yield one

    def assign(self, app_id: str, user: User, by: Origin = _BY_ITSELF) -> AppUser:
        """Assign somebody in person."""
        self._direct.add((app_id, user.id))
        self.follow(user, self._org.clock.now(), by)
        return self._users[app_id, user.id]

    def unassign(self, app_id: str, user: User, by: Origin = _BY_ITSELF) -> None:
        """Take back what was assigned in person; what a group gives stays."""
        self._direct.discard((app_id, user.id))
        self.follow(user, self._org.clock.now(), by)

    def assign_group(self, app_id: str, group_id: str) -> None:
        """Assign a group, after those that are assigned."""
        taken = [priority for (app, _), priority in self.groups.items() if app == app_id]
        self.groups.setdefault((app_id, group_id), max(taken, default=-1) + 1)
        self._follow_all()

    def unassign_group(self, app_id: str, group_id: str) -> None:
        """Take an app from a group."""
        self.groups.pop((app_id, group_id), None)
        self._follow_all()

    def follow(self, user: User, when: datetime, by: Origin = _BY_ITSELF) -> None:
        """Let somebody have what they are to have now: those who have left nothing."""
        for app in self.by_id.values():
            wanted, held = self._scope(app.id, user), self._users.get((app.id, user.id))
            if wanted and held is None:
                self._begin(app, user, wanted, when, by)
            elif wanted and held is not None and held.scope != wanted:
                self._keep(replace(held, scope=wanted), when)
            elif not wanted and held is not None:
                self._end(held, user, when, by)

    def _follow_all(self) -> None:
        for user in self._org.users():
            self.follow(user, self._org.clock.now())

    def _scope(self, app_id: str, user: User) -> str | None:
        if user.status == Status.DEPROVISIONED:
            return None
        if (app_id, user.id) in self._direct:
            return "USER"
        return "GROUP" if any((app_id, group_id) in self.groups for group_id in user.group_ids) else None

    def _begin_as_ever(self, user: User) -> None:
        """Somebody of the cast has had their apps for long."""
        for app in self.by_id.values():
            if scope := self._scope(app.id, user):
                made = _ready(self._new(app, user, scope, user.created), user.created) if app.provisions else None
                one = made or self._new(app, user, scope, user.created)
                self._users[app.id, user.id] = one
                self._shown[app.id, user.id] = deque([(user.created, one)])

    def _new(self, app: App, user: User, scope: str, when: datetime) -> AppUser:
        status, sync = ("STAGED", "SYNCING") if app.provisions else ("ACTIVE", "DISABLED")
        return AppUser(
            app_id=app.id,
            user_id=user.id,
            scope=scope,
            status=status,
            sync_state=sync,
            created=when,
            status_changed=when,
        )

    def _begin(self, app: App, user: User, scope: str, when: datetime, by: Origin) -> None:
        one = self._new(app, user, scope, when)
        self._keep(one, when)
        self._record("application.user_membership.add", one, user, when, by)
        if app.provisions:
            self._org.later(when + self._org.settings.provisioning_lag, lambda at: self._push(one, user, at))

    def _push(self, begun: AppUser, user: User, at: datetime) -> None:
        """The account in the app is made, or not; if somebody was unassigned meanwhile there is nothing to make."""
        now = self._users.get((begun.app_id, begun.user_id))
        if now is None or now.created != begun.created:
            return
        failed = begun.app_id in self._failing
        self._failing.discard(begun.app_id)
        self._keep(replace(now, sync_state="ERROR") if failed else _ready(now, at), at)
        told: dict[str, Any] = {"result": "FAILURE", "reason": "Automatic provisioning failed"} if failed else {}
        self._record("application.provision.user.push", now, user, at, _BY_ITSELF, **told)

    def _end(self, held: AppUser, user: User, when: datetime, by: Origin) -> None:
        del self._users[held.app_id, held.user_id]
        self._note(held, None, when)
        self._record("application.user_membership.remove", held, user, when, by)

    def _keep(self, one: AppUser, when: datetime) -> None:
        self._users[one.app_id, one.user_id] = one
        self._note(one, one, when)

    def _note(self, of: AppUser, one: AppUser | None, when: datetime) -> None:
        self._shown.setdefault((of.app_id, of.user_id), deque()).append((when + self._org.replicas.lag, one))

    def _record(self, kind: str, one: AppUser, user: User, when: datetime, by: Origin, **told: Any) -> None:
        app = self.by_id[one.app_id]
        target = [
            _target("AppUser", one.id, user.login, user.name),
            _target("AppInstance", app.id, app.label, app.label),
            person(user),
        ]
        self._org.write(event(kind, by, when, target=target, **told), when)


def _ready(one: AppUser, when: datetime) -> AppUser:
    """The account in the app is made."""
    return replace(
        one,
        status="PROVISIONED",
        sync_state="SYNCHRONIZED",
        status_changed=when,
        last_sync=when,
        external_id=okta_id("x", one.id),
    )


def _target(kind: str, id_: str, alternate: str, name: str) -> dict[str, Any]:
    return {"id": id_, "type": kind, "alternateId": alternate, "displayName": name, "detailEntry": None}
