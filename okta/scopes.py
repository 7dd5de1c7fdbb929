"""Which OAuth scope each operation of the client needs (https://developer.okta.com/docs/api/oauth2/)."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

_READ: Final = "okta.users.read"
_MANAGE: Final = "okta.users.manage"

ROLES: Final = "okta.roles.read"
LOGS: Final = "okta.logs.read"
POLICIES: Final = "okta.policies.read"

OPTIONAL: Final = frozenset({ROLES, LOGS, POLICIES})
"""Scopes without which the client still serves: what needs them fails alone, with `NotPermittedError`."""

NEEDED: Final = MappingProxyType(
    {
        "me": _READ,
        "user": _READ,
        "users": _READ,
        "blocks": _READ,
        "groups": _READ,
        "factors": _READ,
        "roles": ROLES,
        "log": LOGS,
        "unlock": _MANAGE,
        "reset_password": _MANAGE,
        "forgot_password": _MANAGE,
        "reactivate": _MANAGE,
        "remove_factor": _MANAGE,
        "clear_sessions": _MANAGE,
    }
)
"""By the method of the client. What is not here needs no credential."""


def scopes_for(operations: Iterable[str]) -> frozenset[str]:
    """The fewest scopes that these operations need; `.manage` includes `.read`."""
    needed = {NEEDED[operation] for operation in operations if operation in NEEDED}
    return frozenset(scope for scope in needed if not covers(needed - {scope}, scope))


def covers(granted: Iterable[str], scope: str) -> bool:
    """Whether one of the granted scopes is this one, or includes it."""
    return not {scope, scope.replace(".read", ".manage")}.isdisjoint(granted)
