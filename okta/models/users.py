"""Users, their profile and what keeps them out."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

from okta.models.base import Moment, Record


class Status(StrEnum):
    """The statuses of a user (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/)."""

    STAGED = "STAGED"
    PROVISIONED = "PROVISIONED"
    ACTIVE = "ACTIVE"
    RECOVERY = "RECOVERY"
    LOCKED_OUT = "LOCKED_OUT"
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"  # noqa: S105 - the name of a status, not a secret
    SUSPENDED = "SUSPENDED"
    DEPROVISIONED = "DEPROVISIONED"


class Provider(StrEnum):
    """Who checks a user's password: `credentials.provider.type`."""

    OKTA = "OKTA"
    ACTIVE_DIRECTORY = "ACTIVE_DIRECTORY"
    LDAP = "LDAP"
    FEDERATION = "FEDERATION"
    SOCIAL = "SOCIAL"
    IMPORT = "IMPORT"


class Profile(Record, frozen=True):
    """A user's profile. Directory text: escape it wherever it is shown.

    Attributes:
        manager: the manager's name, as text.
        manager_id: whatever an import put there to say who the manager is; seldom an Okta id. `okta.managers` reads it.
    """

    login: str = ""
    email: str | None = None
    second_email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    locale: str | None = None
    timezone: str | None = None
    mobile_phone: str | None = None
    department: str | None = None
    title: str | None = None
    employee_number: str | None = None
    manager: str | None = None
    manager_id: str | None = None

    @property
    def name(self) -> str:
        """The name to show: the display name, or first and last name, or the login."""
        parts = (self.first_name, self.last_name)
        return self.display_name or " ".join(filter(None, parts)) or self.login


class AuthenticationProvider(Record, frozen=True):
    """Who checks the password. `name` is that of the directory instance for AD and LDAP."""

    type: str = ""
    name: str = ""


class Credentials(Record, frozen=True):
    """How a user signs in."""

    provider: AuthenticationProvider = AuthenticationProvider()


class Relation(Record, frozen=True):
    """A link of a user's. That it is there is all that is kept of it: where it leads can take more than all the rest of a user."""


Linked: TypeAlias = Relation | tuple[Any, ...] | str | float | bool | None
"""What may stand where a link should: anything, so that an odd one costs nothing else."""


class User(Record, frozen=True):
    """A user. Hits of a search may be stale and lack `links`; only the read by id shows the present.

    Attributes:
        password_changed: None also where Okta does not know, as for directory users.
        links: `_links` by relation.
    """

    id: str = ""
    status: str = ""
    transitioning_to_status: str | None = None
    created: Moment | None = None
    status_changed: Moment | None = None
    last_login: Moment | None = None
    password_changed: Moment | None = None
    profile: Profile = Profile()
    credentials: Credentials = Credentials()
    links: dict[str, Linked] = msgspec.field(name="_links", default_factory=dict)

    @property
    def provider(self) -> str:
        """The kind of who checks the password; compare it with `Provider`."""
        return self.credentials.provider.type

    @property
    def operations(self) -> frozenset[str]:
        """The relations Okta offers for this user now, such as `unlock` and `resetPassword`; empty on hits of a search."""
        return frozenset(self.links)


class Attributes(Record, frozen=True):
    """A user's whole profile, the org's custom attributes included, as Okta sends it."""

    id: str = ""
    profile: dict[str, Any] = msgspec.field(default_factory=dict)


class Link(Record, frozen=True):
    """Where a link leads."""

    href: str = ""


class SelfLink(Record, frozen=True):
    """A record's address."""

    self_: Link = msgspec.field(name="self", default=Link())


class LinkedUser(Record, frozen=True):
    """Somebody whom a relationship links to, of whom Okta tells the address alone."""

    links: SelfLink = msgspec.field(name="_links", default=SelfLink())


class RelationshipEnd(Record, frozen=True):
    """One direction of a relationship; `name` is what `linked_objects` wants."""

    name: str = ""
    title: str = ""


class LinkedObjectDefinition(Record, frozen=True):
    """A relationship between users that the org has defined, such as manager and subordinate.

    Attributes:
        primary: the end of which somebody has one at most.
        associated: the other, of which somebody may have many.
    """

    primary: RelationshipEnd = RelationshipEnd()
    associated: RelationshipEnd = RelationshipEnd()


class Block(Record, frozen=True):
    """Something that keeps a user out although the status may be ACTIVE."""

    type: str = ""
    applies_to: str = ""

    @property
    def on_unknown_devices(self) -> bool:
        """Whether devices are blocked that Okta has not seen the user on: only those, or all."""
        return self.applies_to in {"UNKNOWN_DEVICES", "ANY_DEVICES"}


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """Where a new password is chosen, by whoever opens it first: a secret, which no `repr` shows."""

    url: str = field(repr=False)


class LinkAnswer(Record, frozen=True):
    """What `reset_password` and `forgot_password` answer when no mail is sent."""

    reset_password_url: str | None = None

    def __repr__(self) -> str:
        return "LinkAnswer(…)"
