"""An Okta user as a value: every change makes a new one, so that the replicas behind search can keep the old one for a while."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.okta.factors import Factor, seeded
from sandbox.okta.passwords import digest
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
_NOTHING_SET_UP = {"ben.osei"}
_NEVER_ACTIVE = {Status.STAGED, Status.PROVISIONED}


@dataclass(frozen=True, slots=True)
class Recovery:
    """What somebody has set up for the day on which the password is forgotten.

    Attributes:
        answer: to the question; never shown.
        phone: a number for recovery, which need not be a factor.
    """

    question: str
    answer: str = field(repr=False)
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user, at one moment.

    Attributes:
        status: a `Status`, or another word where a test wants to see what an unknown one does.
        profile: Okta's attributes and custom ones.
        group_ids: in the order in which the user joined.
        roles: types of the administrator roles given to the user, not those by a group.
        factors: every enrolled one, also those Okta's policy hides from a list.
        recovery: None for somebody who has set up nothing.
        passwords: digests of the passwords so far, the present one last.
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
    factors: tuple[Factor, ...] = ()
    recovery: Recovery | None = None
    passwords: tuple[str, ...] = field(default=(), repr=False)
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
    phone = f"+3161234{number:04}"
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
        factors=seeded(person, created + timedelta(days=1), person.address, phone),
        recovery=_recovery(person, phone) if has_password else None,
        passwords=(digest(person.id, first_password(person.handle)),) if has_password else (),
        blocked=UNKNOWN_DEVICES if person.blocked else None,
        locked_in_directory=person.locked_in_directory
        or (person.status is Status.LOCKED_OUT and person.provider in _DIRECTORIES),
        sessions=1 if signs_in else 0,
    )


def first_password(handle: str) -> str:
    """The password somebody of the cast starts with."""
    return f"{okta_id('Pw1-', handle)}"


def recovery_answer(handle: str) -> str:
    """What somebody of the cast answers to the recovery question."""
    return f"{handle.partition('.')[0]}ville"


def _recovery(person: Employee, phone: str) -> Recovery | None:
    """Everybody has chosen a question but one; a recovery phone is on file where the phone is a factor too."""
    if person.handle in _NOTHING_SET_UP:
        return None
    return Recovery("Where were you born?", recovery_answer(person.handle), phone if "sms" in person.factors else None)


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
