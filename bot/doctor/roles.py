"""What an admin role lets one do, by the methods of `okta.client.OktaClient`; and which roles are too little or too much. Pure.

Standard roles: https://help.okta.com/en-us/content/topics/security/administrators-admin-comparison.htm. Permissions of custom
roles: https://developer.okta.com/docs/api/openapi/okta-management/guides/permissions/.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

LABELS: Final = {
    "SUPER_ADMIN": "Super Administrator",
    "ORG_ADMIN": "Organization Administrator",
    "USER_ADMIN": "Group Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "APP_ADMIN": "Application Administrator",
    "READ_ONLY_ADMIN": "Read-only Administrator",
    "REPORT_ADMIN": "Report Administrator",
    "API_ACCESS_MANAGEMENT_ADMIN": "API Access Management Administrator",
    "CUSTOM": "a custom role",
}
"""What the Admin Console calls the roles. Okta adds new ones; those are called by their type."""

SUPER: Final = "SUPER_ADMIN"
CUSTOM: Final = "CUSTOM"

_PEOPLE: Final = frozenset({"users", "user", "blocks"})
_LISTS: Final = frozenset({"find_groups", "apps"})
_PROOF: Final = frozenset({"push", "challenge", "verify_code"})
_HELP: Final = _PROOF | {"factors", "unlock", "reset_password", "forgot_password", "remove_factor", "clear_sessions"}
_GROUP: Final = _HELP - {"clear_sessions"} | {"reactivate", "find_groups"}
_ALL: Final = _PEOPLE | _LISTS | _HELP | _GROUP | {"log", "password_policies"}

STANDARD: Final[Mapping[str, frozenset[str]]] = {
    "SUPER_ADMIN": _ALL | {"roles"},
    "ORG_ADMIN": _ALL,
    "USER_ADMIN": _PEOPLE | _GROUP,
    "HELP_DESK_ADMIN": _PEOPLE | _HELP,
    "GROUP_MEMBERSHIP_ADMIN": _PEOPLE | {"find_groups"},
    "APP_ADMIN": _PEOPLE | _LISTS | {"log"},
    "READ_ONLY_ADMIN": _PEOPLE | _LISTS | {"factors", "log", "password_policies"},
    "REPORT_ADMIN": frozenset({"log"}),
    "API_ACCESS_MANAGEMENT_ADMIN": frozenset(),
}
"""What each standard role allows of what the bot does, and of what the doctor tries."""

PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    "okta.users.read": _PEOPLE | {"factors"},
    "okta.users.manage": _PEOPLE | _HELP | {"reactivate"},
    "okta.users.lifecycle.manage": frozenset({"unlock", "reactivate"}),
    "okta.users.lifecycle.unlock": frozenset({"unlock"}),
    "okta.users.lifecycle.activate": frozenset({"reactivate"}),
    "okta.users.lifecycle.clearSessions": frozenset({"clear_sessions"}),
    "okta.users.credentials.manage": _PROOF | {"reset_password", "forgot_password", "remove_factor"},
    "okta.users.credentials.resetPassword": frozenset({"reset_password", "forgot_password"}),
    "okta.users.credentials.resetFactors": frozenset({"remove_factor"}),
    "okta.groups.read": frozenset({"find_groups"}),
    "okta.groups.manage": frozenset({"find_groups"}),
    "okta.apps.read": frozenset({"apps"}),
    "okta.apps.manage": frozenset({"apps"}),
    "okta.iam.read": frozenset({"roles"}),
}
"""What each permission of a custom role allows of it."""

SEEN: Final = frozenset({"users", "factors", "find_groups", "apps", "log", "password_policies"})
"""The reads that tell roles apart, harmless for whoever tries them."""

BY_GROUP: Final = frozenset({"USER_ADMIN", "HELP_DESK_ADMIN", "GROUP_MEMBERSHIP_ADMIN"})
"""The standard roles that can be limited to groups."""

_HARMLESS: Final = frozenset({"HELP_DESK_ADMIN", "READ_ONLY_ADMIN", "REPORT_ADMIN", CUSTOM})
_GREAT: Final = frozenset({SUPER, "ORG_ADMIN"})
_BY_POWER: Final = ("READ_ONLY_ADMIN", "HELP_DESK_ADMIN", "USER_ADMIN", "ORG_ADMIN", SUPER)


@dataclass(frozen=True, slots=True)
class Held:
    """The roles of a credential.

    Attributes:
        roles: their types.
        permissions: those of its custom roles; None where one is held whose permissions cannot be read.
        limited: those of the roles that are limited to groups; None where that cannot be seen of one.
    """

    roles: frozenset[str]
    permissions: frozenset[str] | None = frozenset()
    limited: frozenset[str] | None = frozenset()

    def allows(self, operation: str) -> bool | None:
        """Whether one of them allows an operation; None if that depends on what cannot be seen."""
        standard = any(operation in STANDARD.get(role, ()) for role in self.roles)
        if standard or any(operation in PERMISSIONS.get(permission, ()) for permission in self.permissions or ()):
            return True
        return None if self.permissions is None or self.roles - LABELS.keys() else False

    def excess(self, needed: frozenset[str]) -> frozenset[str]:
        """The roles without which all that is needed would be allowed just so; and those that are too great for any need."""
        left = self
        for role in sorted(self.roles - _HARMLESS, key=lambda role: (-len(STANDARD.get(role, ())), role)):
            if role in _GREAT or left._is_idle(role, needed):
                left = Held(left.roles - {role}, self.permissions)
        return self.roles - left.roles

    def _is_idle(self, role: str, needed: frozenset[str]) -> bool:
        others = Held(self.roles - {role}, self.permissions)
        return all(others.allows(operation) for operation in needed & STANDARD.get(role, frozenset()))


def least(needed: frozenset[str]) -> str:
    """The type of the least standard role that allows all of these operations."""
    return next((role for role in _BY_POWER if needed <= STANDARD[role]), SUPER)


def fitting(seen: Mapping[str, bool | None]) -> tuple[str, ...]:
    """The standard roles each of which would let one read just what was seen, by operation; none if no one role fits."""
    sure = {operation: allowed for operation, allowed in seen.items() if allowed is not None}
    return tuple(
        role
        for role, allowed in STANDARD.items()
        if all((operation in allowed) is is_allowed for operation, is_allowed in sure.items())
    )


def named(roles: Iterable[str]) -> str:
    """Roles as the console calls them."""
    return ", ".join(sorted(LABELS.get(role, role) for role in roles))
