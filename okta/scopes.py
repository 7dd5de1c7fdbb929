"""Which OAuth scope each operation of the client needs (https://developer.okta.com/docs/api/oauth2/)."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

_READ: Final = "okta.users.read"
_MANAGE: Final = "okta.users.manage"
_GROUPS: Final = "okta.groups.read"
_MEMBERS: Final = "okta.groups.manage"
_APPS: Final = "okta.apps.read"
_ASSIGN: Final = "okta.apps.manage"

ROLES: Final = "okta.roles.read"
LOGS: Final = "okta.logs.read"
POLICIES: Final = "okta.policies.read"
LINKED_OBJECTS: Final = "okta.linkedObjects.read"
HOOKS: Final = "okta.eventHooks.read"
MANAGE_HOOKS: Final = "okta.eventHooks.manage"
AUTHENTICATORS: Final = "okta.authenticators.read"
ORGS: Final = "okta.orgs.read"
API_TOKENS: Final = "okta.apiTokens.read"
APP_GRANTS: Final = "okta.appGrants.read"

OPTIONAL: Final = frozenset(
    {ROLES, LOGS, POLICIES, LINKED_OBJECTS, HOOKS, MANAGE_HOOKS, AUTHENTICATORS, ORGS, API_TOKENS, APP_GRANTS}
)
"""Scopes without which the client still serves: what needs them fails alone, with `NotPermittedError`."""

NEEDED: Final = MappingProxyType(
    {
        "org_settings": ORGS,
        "me": _READ,
        "user": _READ,
        "users": _READ,
        "blocks": _READ,
        "groups": _READ,
        "attributes": _READ,
        "app_links": _READ,
        "linked_objects": _READ,
        "linked_object_definitions": LINKED_OBJECTS,
        "find_groups": _GROUPS,
        "group": _GROUPS,
        "members": _GROUPS,
        "group_apps": _GROUPS,
        "group_owners": _GROUPS,
        "add_member": _MEMBERS,
        "remove_member": _MEMBERS,
        "apps": _APPS,
        "app": _APPS,
        "app_users": _APPS,
        "app_user": _APPS,
        "app_groups": _APPS,
        "app_group": _APPS,
        "assign_app": _ASSIGN,
        "unassign_app": _ASSIGN,
        "assign_app_group": _ASSIGN,
        "unassign_app_group": _ASSIGN,
        "factors": _READ,
        "factor": _READ,
        "verify_code": _MANAGE,
        "challenge": _MANAGE,
        "push": _MANAGE,
        "poll_push": _READ,
        "cancel_push": _MANAGE,
        "authenticators": AUTHENTICATORS,
        "authenticator_enrollments": _READ,
        "roles": ROLES,
        "password_policies": POLICIES,
        "policy": POLICIES,
        "policy_rules": POLICIES,
        "group_roles": ROLES,
        "client_roles": ROLES,
        "role_target_groups": ROLES,
        "role_target_apps": ROLES,
        "client_role_target_groups": ROLES,
        "client_role_target_apps": ROLES,
        "role_permissions": ROLES,
        "administrators": ROLES,
        "grants": APP_GRANTS,
        "api_tokens": API_TOKENS,
        "api_token": API_TOKENS,
        "log": LOGS,
        "event_hooks": HOOKS,
        "event_hook": HOOKS,
        "create_event_hook": MANAGE_HOOKS,
        "replace_event_hook": MANAGE_HOOKS,
        "delete_event_hook": MANAGE_HOOKS,
        "activate_event_hook": MANAGE_HOOKS,
        "deactivate_event_hook": MANAGE_HOOKS,
        "verify_event_hook": MANAGE_HOOKS,
        "events": LOGS,
        "unlock": _MANAGE,
        "reset_password": _MANAGE,
        "forgot_password": _MANAGE,
        "reactivate": _MANAGE,
        "remove_factor": _MANAGE,
        "reset_factors": _MANAGE,
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
