"""Admin roles: who holds them, what they reach, and what a custom one allows."""

import msgspec

from okta.models.base import Moment, Record

CUSTOM = "CUSTOM"
"""The type of a role that the org made itself."""


class Link(Record, frozen=True):
    """Where something is to be found."""

    href: str = ""


class RoleLinks(Record, frozen=True):
    """The links of an assigned role."""

    assignee: Link = Link()


class Role(Record, frozen=True):
    """A role that a user, a group or a service app holds.

    Attributes:
        id: of the assignment, by which its targets are asked for.
        type: of a standard role; CUSTOM for one that the org made.
        assignment_type: USER, GROUP or CLIENT.
        role: the id of a custom role, by which its permissions are asked for.
        resource_set: the id of what a custom role is assigned for.
    """

    id: str = ""
    type: str = ""
    label: str = ""
    status: str = ""
    assignment_type: str = ""
    role: str = ""
    resource_set: str = msgspec.field(name="resource-set", default="")
    links: RoleLinks = msgspec.field(name="_links", default=RoleLinks())

    @property
    def is_custom(self) -> bool:
        """Whether the org made it, so that its type says nothing of what it allows."""
        return self.type == CUSTOM

    @property
    def assignee_id(self) -> str:
        """The id of who holds it: for one that a user has by a group, the group's. Empty where Okta does not tell."""
        _, found, rest = self.links.assignee.href.partition(_PLACES.get(self.assignment_type, "?"))
        return rest.partition("/")[0] if found else ""


_PLACES = {"USER": "/users/", "GROUP": "/groups/", "CLIENT": "/clients/"}


class AppTarget(Record, frozen=True):
    """An app to which a role is limited; without an `id`, it is every app made of the one that is called `name` in the catalogue."""

    id: str = ""
    name: str = ""
    display_name: str = ""
    status: str = ""


class Permission(Record, frozen=True):
    """What a custom role allows, such as `okta.users.read`."""

    label: str = ""
    created: Moment | None = None


class Administrator(Record, frozen=True):
    """Somebody who holds a role."""

    id: str = ""
    orn: str = ""


class Grant(Record, frozen=True):
    """A scope that an app was granted. `status` is ACTIVE or REVOKED."""

    id: str = ""
    scope_id: str = ""
    client_id: str = ""
    status: str = ""
    created: Moment | None = None


class TokenNetwork(Record, frozen=True):
    """From where an API token is good: with a `connection` other than ANYWHERE, from these zones and not from those."""

    connection: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class ApiToken(Record, frozen=True):
    """What is known of an API token, but never the token.

    Attributes:
        user_id: whose roles it has.
        expires_at: when it is void, unless it is used before.
        last_updated: of its record.
        token_window: how long it is good without being used, such as P30D.
    """

    id: str = ""
    name: str = ""
    user_id: str = ""
    client_name: str = ""
    token_window: str = ""
    created: Moment | None = None
    last_updated: Moment | None = None
    expires_at: Moment | None = None
    network: TokenNetwork = TokenNetwork()
