"""The parts of Okta's records that are used, as frozen structs.

Everything is optional but in name, and values of Okta's enumerations stay plain text: live orgs send fields, nulls and
values that no description lists (https://github.com/okta/okta-sdk-python/issues/360). The enumerations here name the
values that matter.
"""

from okta.models.base import Moment, Record
from okta.models.factors import Factor, FactorProfile
from okta.models.groups import Group, GroupProfile
from okta.models.logs import Entity, LogEvent, LogPage, Outcome
from okta.models.orgs import Organization
from okta.models.roles import Role
from okta.models.users import (
    AuthenticationProvider,
    Block,
    Credentials,
    LinkAnswer,
    OneTimeLink,
    Profile,
    Provider,
    Status,
    User,
)

__all__ = [
    "AuthenticationProvider",
    "Block",
    "Credentials",
    "Entity",
    "Factor",
    "FactorProfile",
    "Group",
    "GroupProfile",
    "LinkAnswer",
    "LogEvent",
    "LogPage",
    "Moment",
    "OneTimeLink",
    "Organization",
    "Outcome",
    "Profile",
    "Provider",
    "Record",
    "Role",
    "Status",
    "User",
]
