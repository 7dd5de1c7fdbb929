"""Who may do what: each administrator role with its rights, in one table.

The rights are those of the comparison table "Standard administrator roles and permissions" at
https://help.okta.com/en-us/content/topics/security/administrators-admin-comparison.htm. Where it is silent the twin says no, but that
whoever may reset a person's factors may also see and verify them: the console shows them to be reset, and verifying needs the same scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Right(Enum):
    """What a request needs."""

    VIEW_USERS = auto()
    VIEW_ROLES = auto()  # who administers what
    VIEW_CREDENTIALS = auto()  # API tokens, and what apps were granted
    VIEW_LOGS = auto()
    VIEW_ORG = auto()
    VIEW_FACTORS = auto()
    VIEW_POLICIES = auto()
    VIEW_AUTHENTICATORS = auto()
    UNLOCK = auto()
    CLEAR_SESSIONS = auto()
    EXPIRE_PASSWORD = auto()  # with a temporary password too
    RESET_PASSWORD = auto()  # and a link for a forgotten one
    RESET_FACTORS = auto()  # one or all
    VERIFY_FACTORS = auto()
    VIEW_GROUPS = auto()
    MANAGE_MEMBERS = auto()
    VIEW_APPS = auto()
    ASSIGN_APPS = auto()  # to people and to groups
    MANAGE_HOOKS = auto()  # and see them
    LIFECYCLE = auto()  # activate, reactivate, suspend, unsuspend, deactivate


@dataclass(frozen=True, slots=True)
class Role:
    """One administrator role.

    Attributes:
        label: what the console calls it.
        rights: what it allows.
        by_group: whether it can be limited to groups; then people outside them are invisible to it.
        by_app: whether it can be limited to apps; then it does not see the others.
        over_admins: whose accounts besides ordinary ones it may change: none, all but super administrators, or all.
    """

    label: str
    rights: frozenset[Right]
    by_group: bool = False
    by_app: bool = False
    over_admins: str = "none"


_R = Right
_USERS = frozenset({_R.VIEW_USERS})
_FACTORS = frozenset({_R.VIEW_FACTORS, _R.RESET_FACTORS, _R.VERIFY_FACTORS})
_HELP = _FACTORS | {_R.VIEW_USERS, _R.UNLOCK, _R.CLEAR_SESSIONS, _R.RESET_PASSWORD}
_GROUP = _FACTORS | {_R.VIEW_USERS, _R.UNLOCK, _R.EXPIRE_PASSWORD, _R.LIFECYCLE, _R.RESET_PASSWORD}
_MEMBERS = frozenset({_R.VIEW_GROUPS, _R.MANAGE_MEMBERS})
_CATALOGUE = frozenset({_R.VIEW_GROUPS, _R.VIEW_APPS})
_SUPER = frozenset({_R.VIEW_ROLES, _R.VIEW_CREDENTIALS, _R.MANAGE_HOOKS})

ROLES: dict[str, Role] = {
    "SUPER_ADMIN": Role("Super Organization Administrator", frozenset(Right), over_admins="all"),
    "ORG_ADMIN": Role("Organization Administrator", frozenset(Right) - _SUPER, over_admins="lesser"),
    "USER_ADMIN": Role("Group Administrator", _GROUP | _MEMBERS, by_group=True),
    "HELP_DESK_ADMIN": Role("Help Desk Administrator", _HELP, by_group=True),
    "GROUP_MEMBERSHIP_ADMIN": Role("Group Membership Administrator", _USERS | _MEMBERS, by_group=True),
    "APP_ADMIN": Role("Application Administrator", _USERS | _CATALOGUE | {_R.VIEW_LOGS, _R.ASSIGN_APPS}, by_app=True),
    "READ_ONLY_ADMIN": Role(
        "Read-only Administrator", _USERS | _CATALOGUE | {_R.VIEW_LOGS, _R.VIEW_ORG, _R.VIEW_FACTORS, _R.VIEW_POLICIES}
    ),
    "REPORT_ADMIN": Role("Report Administrator", frozenset({_R.VIEW_LOGS})),
    "API_ACCESS_MANAGEMENT_ADMIN": Role("API Access Management Administrator", frozenset()),
}


_PERMISSIONS: tuple[tuple[frozenset[str], frozenset[Right]], ...] = tuple(
    (frozenset(permissions.split()), frozenset(rights))
    for permissions, rights in (
        ("okta.users.read", {_R.VIEW_USERS}),
        ("okta.users.manage", _GROUP | {_R.CLEAR_SESSIONS}),
        ("okta.users.lifecycle.manage", {_R.LIFECYCLE, _R.UNLOCK, _R.CLEAR_SESSIONS}),
        ("okta.users.lifecycle.unlock", {_R.UNLOCK}),
        ("okta.users.lifecycle.clearSessions", {_R.CLEAR_SESSIONS}),
        ("okta.users.credentials.manage", _FACTORS | {_R.RESET_PASSWORD, _R.EXPIRE_PASSWORD}),
        ("okta.users.credentials.resetPassword", {_R.RESET_PASSWORD}),
        ("okta.users.credentials.expirePassword", {_R.EXPIRE_PASSWORD}),
        ("okta.users.credentials.resetFactors", _FACTORS),
        ("okta.groups.read", {_R.VIEW_GROUPS}),
        ("okta.groups.members.manage okta.users.groupMembership.manage", {_R.MANAGE_MEMBERS}),
        ("okta.apps.read", {_R.VIEW_APPS}),
        ("okta.apps.assignment.manage okta.users.appAssignment.manage", {_R.ASSIGN_APPS}),
        ("okta.iam.read", {_R.VIEW_ROLES}),
    )
)
"""What permissions of a custom role allow together (https://developer.okta.com/docs/concepts/role-assignment/)."""


def rights_of(permissions: Iterable[str]) -> frozenset[Right]:
    """What a custom role with these permissions allows; one that the twin has no request for allows nothing here."""
    held = frozenset(permissions)
    return frozenset(right for needed, rights in _PERMISSIONS if needed <= held for right in rights)


def may_change(role: Role, roles_of_target: frozenset[str]) -> bool:
    """Whether the role may change the account of somebody with these administrator roles.

    Only a super administrator may act on one. Whether Help Desk and Group administrators may act on other administrators Okta does not say;
    the twin says no.
    """
    if not roles_of_target:
        return True
    return role.over_admins == "all" or (role.over_admins == "lesser" and "SUPER_ADMIN" not in roles_of_target)
