"""The parts of Okta's records that are used, as frozen structs.

Everything is optional but in name, and values of Okta's enumerations stay plain text: live orgs send fields, nulls and
values that no description lists (https://github.com/okta/okta-sdk-python/issues/360). The enumerations here name the
values that matter.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware time; one without a zone is not accepted, since nobody could tell when it was."""


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


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object of Okta's; fields that are not named are ignored."""


class Profile(Record, frozen=True):
    """A user's profile. Directory text: escape it wherever it is shown."""

    login: str = ""
    email: str | None = None
    second_email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    display_name: str | None = None
    locale: str | None = None

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


class User(Record, frozen=True):
    """A user. Hits of a search may be stale and lack `links`; only the read by id shows the present.

    Attributes:
        password_changed: None also where Okta does not know, as for directory users.
        links: `_links`, relation to target.
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
    links: dict[str, Any] = msgspec.field(name="_links", default_factory=dict)

    @property
    def provider(self) -> str:
        """The kind of who checks the password; compare it with `Provider`."""
        return self.credentials.provider.type

    @property
    def operations(self) -> frozenset[str]:
        """The relations Okta offers for this user now, such as `unlock` and `resetPassword`; empty on hits of a search."""
        return frozenset(self.links)


class Block(Record, frozen=True):
    """Something that keeps a user out although the status may be ACTIVE."""

    type: str = ""
    applies_to: str = ""

    @property
    def on_unknown_devices(self) -> bool:
        """Whether devices are blocked that Okta has not seen the user on: only those, or all."""
        return self.applies_to in {"UNKNOWN_DEVICES", "ANY_DEVICES"}


class GroupProfile(Record, frozen=True):
    """What a group is called."""

    name: str = ""
    description: str | None = None


class Group(Record, frozen=True):
    """A group. `type` is OKTA_GROUP, APP_GROUP (its members come from a directory or an app) or BUILT_IN."""

    id: str = ""
    type: str = ""
    profile: GroupProfile = GroupProfile()


class Role(Record, frozen=True):
    """An admin role that a user holds. `type` is that of a standard role, or CUSTOM; `assignment_type` USER or GROUP."""

    id: str = ""
    type: str = ""
    label: str = ""
    status: str = ""
    assignment_type: str = ""


class Entity(Record, frozen=True):
    """An actor or a target of a System Log event. `alternate_id` is the login where `type` is User."""

    id: str = ""
    type: str = ""
    alternate_id: str | None = None
    display_name: str | None = None


class Outcome(Record, frozen=True):
    """How an event ended; `result` is SUCCESS, FAILURE, DENY and others."""

    result: str = ""
    reason: str | None = None


class LogEvent(Record, frozen=True):
    """An event of the System Log (https://developer.okta.com/docs/reference/api/event-types/).

    Attributes:
        uuid: the same event has the same one, however often it is delivered.
        published: when it happened; in a polled log not in order.
        target: find an entity by its type, never by its place.
    """

    uuid: str = ""
    published: Moment | None = None
    event_type: str = ""
    display_message: str | None = None
    actor: Entity = Entity()
    target: tuple[Entity, ...] | None = None
    outcome: Outcome | None = None


class LogPage(msgspec.Struct, frozen=True):
    """Events in the order in which Okta stored them, and the cursor from which to read on."""

    events: tuple[LogEvent, ...]
    cursor: str


class Organization(Record, frozen=True):
    """What an org tells everybody about itself. `pipeline` is `idx` for Identity Engine and `v1` for Classic Engine."""

    id: str = ""
    pipeline: str = ""


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """Where a new password is chosen, by whoever opens it first: a secret, which no `repr` shows."""

    url: str = field(repr=False)


class LinkAnswer(Record, frozen=True):
    """What `reset_password` and `forgot_password` answer when no mail is sent."""

    reset_password_url: str | None = None

    def __repr__(self) -> str:
        return "LinkAnswer(…)"


class FactorProfile(Record, frozen=True):
    """Where a factor lives; which of these there is depends on its kind. A phone number and an address come unmasked."""

    name: str | None = None
    device_type: str | None = None
    platform: str | None = None
    phone_number: str | None = None
    email: str | None = None
    authenticator_name: str | None = None
    credential_id: str | None = None


class Factor(Record, frozen=True):
    """Something that a user proves themselves with besides the password.

    Attributes:
        factor_type: such as `push`, `token:software:totp` or `webauthn`; live orgs have types that no description lists.
        provider: such as `OKTA`, `GOOGLE` or `FIDO`.
    """

    id: str = ""
    factor_type: str = ""
    provider: str = ""
    status: str = ""
    created: Moment | None = None
    last_updated: Moment | None = None
    profile: FactorProfile = FactorProfile()

    @property
    def is_active(self) -> bool:
        """Whether it is enrolled and in use."""
        return self.status == "ACTIVE"
