"""The parts of Okta's records that are used, as frozen structs.

Everything is optional but in name, and values of Okta's enumerations stay plain text: live orgs send fields, nulls and
values that no description lists (https://github.com/okta/okta-sdk-python/issues/360). The enumerations here name the
values that matter.
"""

from okta.models.apps import App, AppGroup, AppLink, AppStatus, AppUser, AppUserStatus, Scope, SyncState
from okta.models.base import Moment, Record
from okta.models.factors import Factor, FactorProfile
from okta.models.groups import Group, GroupEmbedded, GroupOwner, GroupProfile, GroupStats, GroupType, OwnerType
from okta.models.logs import Entity, LogEvent, LogPage, Outcome
from okta.models.orgs import OpenIdConfiguration, Organization, OrgSettings, PublicKey
from okta.models.roles import Administrator, ApiToken, AppTarget, Grant, Permission, Role, TokenNetwork
from okta.models.users import (
    Attributes,
    AuthenticationProvider,
    Block,
    Credentials,
    LinkAnswer,
    LinkedObjectDefinition,
    LinkedUser,
    OneTimeLink,
    Profile,
    Provider,
    RelationshipEnd,
    Status,
    User,
)

__all__ = [
    "Administrator",
    "ApiToken",
    "App",
    "AppGroup",
    "AppLink",
    "AppStatus",
    "AppTarget",
    "AppUser",
    "AppUserStatus",
    "Attributes",
    "AuthenticationProvider",
    "Block",
    "Credentials",
    "Entity",
    "Factor",
    "FactorProfile",
    "Grant",
    "Group",
    "GroupEmbedded",
    "GroupOwner",
    "GroupProfile",
    "GroupStats",
    "GroupType",
    "LinkAnswer",
    "LinkedObjectDefinition",
    "LinkedUser",
    "LogEvent",
    "LogPage",
    "Moment",
    "OneTimeLink",
    "OpenIdConfiguration",
    "OrgSettings",
    "Organization",
    "Outcome",
    "OwnerType",
    "Permission",
    "Profile",
    "Provider",
    "PublicKey",
    "Record",
    "RelationshipEnd",
    "Role",
    "Scope",
    "Status",
    "SyncState",
    "TokenNetwork",
    "User",
]
