"""An Okta user as a value: every change makes a new one, so that the replicas behind search can keep the old one for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.people import DIRECTORY, DOMAIN, Provider, Status, okta_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.people import Employee

UNKNOWN_DEVICES = "UNKNOWN_DEVICES"
ANY_DEVICES = "ANY_DEVICES"

_DIRECTORIES = {Provider.ACTIVE_DIRECTORY, Provider.LDAP}
_HERE = {Provider.OKTA, Provider.IMPORT}
_ELSEWHERE = {Provider.FEDERATION, Provider.SOCIAL}
_NEVER_ACTIVE = {Status.STAGED, Status.PROVISIONED}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user, at one moment.

    Attributes:
        status: a `Status`, or another word where a test wants to see what an unknown one does.
        profile: Okta's attributes and custom ones.
        group_ids: in the order in which the user joined.
        roles: types of the administrator roles given to the user, not those by a group.
        blocked: what devices the user is blocked from (`UNKNOWN_DEVICES` or `ANY_DEVICES`).
        locked_in_directory: locked in AD or LDAP, of which Okta shows nothing.
        transitioning_to: the status an asynchronous change is on the way to.
        sessions: how many Okta sessions are open.
        failed_sign_ins: since the last success or unlock.
    """

    id: str
    status: str
    profile: Mapping[str, Any]
    provider: str
    provider_name: str
    created: datetime
    last_updated: datetime
    activated: datetime | None = None
    status_changed: datetime | None = None
    last_login: datetime | None = None
    password_changed: datetime | None = None
    group_ids: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    blocked: str | None = None
    locked_in_directory: bool = False
    transitioning_to: str | None = None
    sessions: int = 0
    failed_sign_ins: int = 0

    @property
    def login(self) -> str:
        """The unique login."""
        return str(self.profile["login"])

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.profile['firstName']} {self.profile['lastName']}"

    @property
    def from_directory(self) -> bool:
        """Whether AD or LDAP checks the password."""
        return self.provider in _DIRECTORIES

    @property
    def passwordless(self) -> bool:
        """Whether another identity provider signs the user in, so that neither Okta nor a directory has a password."""
        return self.provider in _ELSEWHERE


def hire(person: Employee, now: datetime, number: int, **profile: Any) -> User:
    """The Okta user of a member of the cast, with a history that fits the status."""
    created = now - timedelta(days=400 + number)
    never = person.status in _NEVER_ACTIVE
    signs_in = person.status is Status.ACTIVE
    has_password = person.provider in _HERE and not never and person.status is not Status.DEPROVISIONED
    return User(
        id=person.id,
        status=person.status,
        profile=_profile(person, number) | profile,
        provider=person.provider,
        provider_name=DIRECTORY[person.provider],
        created=created,
        last_updated=now - timedelta(days=2),
        activated=None if never else created + timedelta(minutes=5),
        status_changed=None if person.status is Status.STAGED else now - timedelta(days=2),
        last_login=None if never else now - timedelta(days=3, minutes=number),
        password_changed=now - timedelta(days=60) if has_password else None,
        group_ids=tuple(okta_id("00g", group) for group in person.groups),
        roles=person.roles,
        factors=person.factors,
        blocked=UNKNOWN_DEVICES if person.blocked else None,
        locked_in_directory=person.locked_in_directory
        or (person.status is Status.LOCKED_OUT and person.provider in _DIRECTORIES),
        sessions=1 if signs_in else 0,
    )


def _profile(person: Employee, number: int) -> dict[str, Any]:
    """The attributes; `managerId` holds a login, as an import from an HR system leaves it, and never an Okta id."""
    filled: dict[str, Any] = {
        "firstName": person.first_name,
        "lastName": person.name.removeprefix(person.first_name).strip(),
        "mobilePhone": None,
        "secondEmail": None,
        "login": person.login,
        "email": person.address,
        "displayName": person.name,
        "title": person.title,
        "department": str(person.department),
        "employeeNumber": f"NW{1000 + number}",
        "locale": "en_GB",
        "timezone": "Europe/Amsterdam",
    }
    if person.manager:
        filled["managerId"] = f"{person.manager}@{DOMAIN}"
    return filled
