"""Every endpoint of the org in one table, each with what its caller needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.okta import (
    acts,
    admin_reads,
    app_acts,
    authenticators,
    authorization,
    endpoints,
    factor_acts,
    group_acts,
    hook_acts,
    policy_reads,
    recovery,
)
from sandbox.okta.rights import Right

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.okta.http import Answer, Request
    from sandbox.okta.org import Org

    Handler = Callable[[Org, Request], Answer | Awaitable[Answer]]

_READ = "okta.users.read"
_MANAGE = "okta.users.manage"
_USER = "/api/v1/users/{id}"
_BY_ID = "/api/v1/users/{userId}"
_FACTORS = f"{_BY_ID}/factors"
_FACTOR = f"{_FACTORS}/{{factorId}}"
_TRANSACTION = f"{_FACTOR}/transactions/{{transactionId}}"
_POLICIES = "/api/v1/policies"
_BY_EITHER = "/api/v1/users/{userIdOrLogin}"
_GROUP = "/api/v1/groups/{groupId}"
_APP = "/api/v1/apps/{appId}"
_HOOK = "/api/v1/eventHooks/{eventHookId}"
_ROLES = "okta.roles.read"
_API_TOKENS = "okta.apiTokens.read"
_CLIENT = "/oauth2/v1/clients/{clientId}"
_TARGETS = "roles/{roleAssignmentId}/targets"


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint: what it is called by, and what its caller needs.

    Attributes:
        path: as in Okta's description. `{id}` and `{userIdOrLogin}` (an id, a login or its short name) and `{userId}` (an id alone) stand for a user, whom the
            caller must be allowed to see and to act on.
        scope: what an access token needs; None lets anybody in.
        right: what one of the caller's roles needs; None for what needs no role.
        handler: makes the answer, at once or after a wait of its own.
    """

    method: str
    path: str
    scope: str | None
    right: Right | None
    handler: Handler
    pattern: re.Pattern[str]

    @property
    def of_user(self) -> bool:
        """Whether the first thing in the path is a user."""
        return self.path.startswith((_USER, _BY_ID, _BY_EITHER))


def _route(method: str, path: str, scope: str | None, right: Right | None, handler: Handler) -> Route:
    return Route(method, path, scope, right, handler, re.compile(re.sub(r"\{\w+\}", "([^/]+)", path)))


def _of_groups(method: str, path: str, handler: Handler) -> Route:
    changes = method != "GET"
    scope, right = ("manage", Right.MANAGE_MEMBERS) if changes else ("read", Right.VIEW_GROUPS)
    return _route(method, path, f"okta.groups.{scope}", right, handler)


def _of_apps(method: str, path: str, handler: Handler) -> Route:
    changes = method != "GET"
    scope, right = ("manage", Right.ASSIGN_APPS) if changes else ("read", Right.VIEW_APPS)
    return _route(method, path, f"okta.apps.{scope}", right, handler)


def _of_hooks(method: str, path: str, handler: Handler) -> Route:
    scope = "read" if method == "GET" else "manage"
    return _route(method, path, f"okta.eventHooks.{scope}", Right.MANAGE_HOOKS, handler)


def _of_roles(path: str, handler: Handler) -> Route:
    return _route("GET", path, _ROLES, Right.VIEW_ROLES, handler)


ROUTES = (
    _route("GET", "/.well-known/okta-organization", None, None, endpoints.read_metadata),
    _route("GET", "/.well-known/openid-configuration", None, None, authorization.read_configuration),
    _route("GET", "/oauth2/v1/keys", None, None, authorization.read_keys),
    _route("POST", authorization.TOKEN_PATH, None, None, authorization.give_token),
    _route("POST", authorization.INTROSPECT_PATH, None, None, authorization.introspect),
    _route("GET", "/api/v1/org", "okta.orgs.read", Right.VIEW_ORG, endpoints.read_org),
    _route("GET", "/api/v1/logs", "okta.logs.read", Right.VIEW_LOGS, endpoints.read_logs),
    _route("GET", "/api/v1/users", _READ, Right.VIEW_USERS, endpoints.list_users),
    _route("GET", "/api/v1/users/me", _READ, None, endpoints.read_me),
    _route("GET", _USER, _READ, Right.VIEW_USERS, endpoints.read_user),
    _route("GET", f"{_USER}/blocks", _READ, Right.VIEW_USERS, endpoints.list_blocks),
    _route("GET", f"{_USER}/groups", _READ, Right.VIEW_USERS, endpoints.list_groups),
    _of_roles(f"{_BY_ID}/roles", admin_reads.list_user_roles),
    _route("DELETE", f"{_BY_ID}/sessions", _MANAGE, Right.CLEAR_SESSIONS, acts.clear_sessions),
    _route("POST", f"{_USER}/lifecycle/activate", _MANAGE, Right.LIFECYCLE, acts.activate),
    _route("POST", f"{_USER}/lifecycle/reactivate", _MANAGE, Right.LIFECYCLE, acts.reactivate),
    _route("POST", f"{_USER}/lifecycle/suspend", _MANAGE, Right.LIFECYCLE, acts.suspend),
    _route("POST", f"{_USER}/lifecycle/unsuspend", _MANAGE, Right.LIFECYCLE, acts.unsuspend),
    _route("POST", f"{_USER}/lifecycle/deactivate", _MANAGE, Right.LIFECYCLE, acts.deactivate),
    _route("POST", f"{_USER}/lifecycle/unlock", _MANAGE, Right.UNLOCK, acts.unlock),
    _route("POST", f"{_USER}/lifecycle/expire_password", _MANAGE, Right.EXPIRE_PASSWORD, acts.expire_password),
    _route(
        "POST",
        f"{_USER}/lifecycle/expire_password_with_temp_password",
        _MANAGE,
        Right.EXPIRE_PASSWORD,
        recovery.expire_with_temp_password,
    ),
    _route("POST", f"{_USER}/lifecycle/reset_password", _MANAGE, Right.RESET_PASSWORD, recovery.reset_password),
    _route("POST", f"{_BY_ID}/credentials/forgot_password", _MANAGE, Right.RESET_PASSWORD, recovery.forgot_password),
    _route("POST", f"{_USER}/lifecycle/reset_factors", _MANAGE, Right.RESET_FACTORS, factor_acts.reset_factors),
    _route("GET", _FACTORS, _READ, Right.VIEW_FACTORS, factor_acts.list_factors),
    _route("GET", _FACTOR, _READ, Right.VIEW_FACTORS, factor_acts.read_factor),
    _route("DELETE", _FACTOR, _MANAGE, Right.RESET_FACTORS, factor_acts.remove_factor),
    _route("POST", f"{_FACTOR}/verify", _MANAGE, Right.VERIFY_FACTORS, factor_acts.verify_factor),
    _route("GET", _TRANSACTION, _READ, Right.VERIFY_FACTORS, factor_acts.read_transaction),
    _route("DELETE", _TRANSACTION, _MANAGE, Right.VERIFY_FACTORS, factor_acts.cancel_transaction),
    _route(
        "GET",
        "/api/v1/authenticators",
        "okta.authenticators.read",
        Right.VIEW_AUTHENTICATORS,
        authenticators.list_authenticators,
    ),
    _route("GET", f"{_BY_ID}/authenticator-enrollments", _READ, Right.VIEW_FACTORS, authenticators.list_enrollments),
    _route("GET", _POLICIES, "okta.policies.read", Right.VIEW_POLICIES, policy_reads.list_policies),
    _route("GET", f"{_POLICIES}/{{policyId}}", "okta.policies.read", Right.VIEW_POLICIES, policy_reads.read_policy),
    _route(
        "GET", f"{_POLICIES}/{{policyId}}/rules", "okta.policies.read", Right.VIEW_POLICIES, policy_reads.list_rules
    ),
    _route("GET", f"{_USER}/appLinks", _READ, Right.VIEW_USERS, app_acts.list_app_links),
    _route("GET", f"{_BY_EITHER}/linkedObjects/{{relationshipName}}", _READ, Right.VIEW_USERS, app_acts.list_linked),
    _route(
        "GET",
        "/api/v1/meta/schemas/user/linkedObjects",
        "okta.linkedObjects.read",
        Right.VIEW_ORG,
        app_acts.list_linked_definitions,
    ),
    _of_roles(f"{_BY_ID}/{_TARGETS}/groups", admin_reads.list_user_group_targets),
    _of_roles(f"{_BY_ID}/{_TARGETS}/catalog/apps", admin_reads.list_user_app_targets),
    _of_roles(f"{_GROUP}/roles", admin_reads.list_group_roles),
    _of_roles(f"{_CLIENT}/roles", admin_reads.list_client_roles),
    _of_roles(f"{_CLIENT}/{_TARGETS}/groups", admin_reads.list_client_group_targets),
    _of_roles(f"{_CLIENT}/{_TARGETS}/catalog/apps", admin_reads.list_client_app_targets),
    _of_roles("/api/v1/iam/roles/{roleIdOrLabel}/permissions", admin_reads.list_permissions),
    _of_roles("/api/v1/iam/assignees/users", admin_reads.list_assignees),
    _route("GET", f"{_APP}/grants", "okta.appGrants.read", Right.VIEW_CREDENTIALS, admin_reads.list_grants),
    _route("GET", "/api/v1/api-tokens", _API_TOKENS, Right.VIEW_CREDENTIALS, admin_reads.list_api_tokens),
    _route("GET", "/api/v1/api-tokens/{apiTokenId}", _API_TOKENS, Right.VIEW_CREDENTIALS, admin_reads.read_api_token),
    _of_groups("GET", "/api/v1/groups", group_acts.list_groups),
    _of_groups("GET", _GROUP, group_acts.read_group),
    _of_groups("GET", f"{_GROUP}/users", group_acts.list_members),
    _of_groups("GET", f"{_GROUP}/apps", group_acts.list_group_apps),
    _of_groups("GET", f"{_GROUP}/owners", group_acts.list_owners),
    _of_groups("PUT", f"{_GROUP}/users/{{userId}}", group_acts.add_member),
    _of_groups("DELETE", f"{_GROUP}/users/{{userId}}", group_acts.remove_member),
    _of_apps("GET", "/api/v1/apps", app_acts.list_apps),
    _of_apps("GET", _APP, app_acts.read_app),
    _of_apps("GET", f"{_APP}/users", app_acts.list_app_users),
    _of_apps("GET", f"{_APP}/users/{{userId}}", app_acts.read_app_user),
    _of_apps("POST", f"{_APP}/users", app_acts.assign_user),
    _of_apps("DELETE", f"{_APP}/users/{{userId}}", app_acts.unassign_user),
    _of_apps("GET", f"{_APP}/groups", app_acts.list_app_groups),
    _of_apps("GET", f"{_APP}/groups/{{groupId}}", app_acts.read_app_group),
    _of_apps("PUT", f"{_APP}/groups/{{groupId}}", app_acts.assign_group),
    _of_apps("DELETE", f"{_APP}/groups/{{groupId}}", app_acts.unassign_group),
    _of_hooks("GET", "/api/v1/eventHooks", hook_acts.list_hooks),
    _of_hooks("POST", "/api/v1/eventHooks", hook_acts.create),
    _of_hooks("GET", _HOOK, hook_acts.read),
    _of_hooks("PUT", _HOOK, hook_acts.replace_hook),
    _of_hooks("DELETE", _HOOK, hook_acts.delete),
    _of_hooks("POST", f"{_HOOK}/lifecycle/activate", hook_acts.activate),
    _of_hooks("POST", f"{_HOOK}/lifecycle/deactivate", hook_acts.deactivate),
    _of_hooks("POST", f"{_HOOK}/lifecycle/verify", hook_acts.verify),
)
"""Every endpoint of the org. A path that is not here is one Okta does not know (404 E0000008)."""
