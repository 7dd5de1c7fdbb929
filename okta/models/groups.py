"""Groups, what Okta counts about them, and who owns them."""

from enum import StrEnum

import msgspec

from okta.models.base import Moment, Record


class GroupType(StrEnum):
    """Where the members of a group come from."""

    OKTA_GROUP = "OKTA_GROUP"  # from Okta: members can be added and removed
    APP_GROUP = "APP_GROUP"  # from a directory or an app
    BUILT_IN = "BUILT_IN"  # Everyone


class GroupProfile(Record, frozen=True):
    """What a group is called."""

    name: str = ""
    description: str | None = None


class GroupStats(Record, frozen=True):
    """What Okta counts about a group, where it was asked to. `has_admin_privlege` is spelled as Okta spells it."""

    users_count: int | None = None
    apps_count: int | None = None
    has_admin_privlege: bool | None = None


class GroupEmbedded(Record, frozen=True):
    """What comes with a group if asked for."""

    stats: GroupStats = GroupStats()


class Group(Record, frozen=True):
    """A group. Compare `type` with `GroupType`; there may be others."""

    id: str = ""
    type: str = ""
    created: Moment | None = None
    last_updated: Moment | None = None
    last_membership_updated: Moment | None = None
    profile: GroupProfile = GroupProfile()
    embedded: GroupEmbedded = msgspec.field(name="_embedded", default=GroupEmbedded())

    @property
    def has_admin_roles(self) -> bool | None:
        """Whether members have admin roles by this group, so that joining it is a promotion; None if Okta did not say."""
        return self.embedded.stats.has_admin_privlege


class OwnerType(StrEnum):
    """What owns a group."""

    USER = "USER"
    GROUP = "GROUP"  # each of its members does


class GroupOwner(Record, frozen=True):
    """An owner of a group. `id` is Okta's own only where it is `resolved`; until then an app knows the owner, not Okta."""

    id: str = ""
    type: str = ""
    display_name: str = ""
    resolved: bool = False
