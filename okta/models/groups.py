"""Groups."""

from okta.models.base import Record


class GroupProfile(Record, frozen=True):
    """What a group is called."""

    name: str = ""
    description: str | None = None


class Group(Record, frozen=True):
    """A group. `type` is OKTA_GROUP, APP_GROUP (its members come from a directory or an app) or BUILT_IN."""

    id: str = ""
    type: str = ""
    profile: GroupProfile = GroupProfile()
