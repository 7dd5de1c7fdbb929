"""The endpoints that tell who administers what, and with which credentials.

Who is listed as an administrator by a role of a group alone, Okta does not say; a setting decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sandbox.okta import cursors
from sandbox.okta.admin_shapes import (
    Assignment,
    api_token_json,
    app_target_json,
    assignee_json,
    assignment_json,
    grant_json,
    permissions_json,
)
from sandbox.okta.admins import Targets
from sandbox.okta.errors import OktaError
from sandbox.okta.groups import group_json
from sandbox.okta.http import json_answer
from sandbox.okta.lists import in_pages
from sandbox.people import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.okta.http import Answer, Request
    from sandbox.okta.org import Org
    from sandbox.okta.principals import Principal
    from sandbox.okta.service_apps import ServiceApp

ASSIGNEES = 100
TARGETS, MOST_TARGETS = 20, 200


def list_user_roles(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{userId}/roles, those by groups included."""
    user = request.user
    by_group = [
        Assignment(role, "GROUP", group_id) for group_id in user.group_ids for role in org.roles_of_group(group_id)
    ]
    return _roles(org, request, [*(Assignment(role, "USER", user.id) for role in user.roles), *by_group])


def list_group_roles(org: Org, request: Request) -> Answer:
    """GET /api/v1/groups/{groupId}/roles."""
    group = org.groups.get(request.part(2))
    if group is None:
        raise OktaError("E0000007", f"{request.part(2)} (UserGroup)")
    return _roles(org, request, [Assignment(role, "GROUP", group.id) for role in group.roles])


def list_client_roles(org: Org, request: Request) -> Answer:
    """GET /oauth2/v1/clients/{clientId}/roles."""
    app = _client(org, request.part(2))
    return _roles(org, request, [Assignment(role, "CLIENT", app.client_id) for role in sorted(app.roles)])


def list_user_group_targets(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{userId}/roles/{roleAssignmentId}/targets/groups, of a role that the user holds in person."""
    return _groups(org, request, _of_user(org, request, request.part(3)))


def list_user_app_targets(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{userId}/roles/{roleAssignmentId}/targets/catalog/apps."""
    return _apps(org, request, _of_user(org, request, request.part(4)))


def list_client_group_targets(org: Org, request: Request) -> Answer:
    """GET /oauth2/v1/clients/{clientId}/roles/{roleAssignmentId}/targets/groups."""
    return _groups(org, request, _of_client(org, request.part(5), request.part(3)))


def list_client_app_targets(org: Org, request: Request) -> Answer:
    """GET /oauth2/v1/clients/{clientId}/roles/{roleAssignmentId}/targets/catalog/apps."""
    return _apps(org, request, _of_client(org, request.part(6), request.part(4)))


def list_permissions(org: Org, request: Request) -> Answer:
    """GET /api/v1/iam/roles/{roleIdOrLabel}/permissions, of a custom role."""
    custom = org.admins.named(request.part(2))
    if custom is None:
        raise OktaError("E0000007", f"{request.part(2)} (CustomRole)")
    return json_answer(permissions_json(custom, request.base))


def list_assignees(org: Org, request: Request) -> Answer:
    """GET /api/v1/iam/assignees/users, whose next page is told in the body."""
    limit = request.number("limit") or ASSIGNEES
    after = request.query.get("after")
    last = "" if after is None else cursors.read(request.path, after)[0]
    ids = sorted(user.id for user in org.users() if (org.roles_of(user) if org.settings.lists_by_group else user.roles))
    shown = [user_id for user_id in ids if user_id > last][:limit]
    links = {}
    if len(shown) == limit:
        query = urlencode({"after": cursors.write(request.path, (shown[-1],)), "limit": limit})
        links["next"] = {"href": f"{request.base}{request.path}?{query}"}
    return json_answer({"value": [assignee_json(user_id, request.base) for user_id in shown], "_links": links})


def list_grants(org: Org, request: Request) -> Answer:
    """GET /api/v1/apps/{appId}/grants. The id of a service app is what it calls itself; other apps have no grants."""
    app_id = request.part(2)
    if app_id not in org.service_apps and app_id not in org.apps.by_id:
        raise OktaError("E0000007", f"{app_id} (AppInstance)")
    scopes = org.service_apps[app_id].scopes if app_id in org.service_apps else set()
    embeds = request.query.get("expand") == "scope"
    return json_answer(
        [grant_json(app_id, scope, request.base, org.created, embeds=embeds) for scope in sorted(scopes)]
    )


def list_api_tokens(org: Org, request: Request) -> Answer:
    """GET /api/v1/api-tokens."""
    return json_answer([api_token_json(token, request.base) for token in _tokens(org, request)])


def read_api_token(org: Org, request: Request) -> Answer:
    """GET /api/v1/api-tokens/{apiTokenId}."""
    found = next((token for token in _tokens(org, request) if token.id == request.part(1)), None)
    if found is None:
        raise OktaError("E0000007", f"{request.part(1)} (ApiToken)")
    return json_answer(api_token_json(found, request.base))


def _roles(org: Org, request: Request, held: Iterable[Assignment]) -> Answer:
    return json_answer([assignment_json(one, org.admins, request.base, org.created) for one in held])


def _groups(org: Org, request: Request, targets: Targets) -> Answer:
    limit = request.number("limit", most=MOST_TARGETS) or TARGETS
    return in_pages(request, [group_json(org.groups[one], request.base) for one in targets.group_ids], limit)


def _apps(org: Org, request: Request, targets: Targets) -> Answer:
    limit = request.number("limit", most=MOST_TARGETS) or TARGETS
    apps = (org.apps.by_id[one] for one in targets.app_ids)
    return in_pages(request, [app_target_json(app, request.base, org.created) for app in apps], limit, by="displayName")


def _of_user(org: Org, request: Request, assignment_id: str) -> Targets:
    user = request.user
    held = (Assignment(role, "USER", user.id) for role in user.roles)
    return org.admins.targets(user.id, _found(held, assignment_id).kind)


def _of_client(org: Org, client_id: str, assignment_id: str) -> Targets:
    app = _client(org, client_id)
    kind = _found((Assignment(role, "CLIENT", client_id) for role in app.roles), assignment_id).kind
    role = org.admins.role(kind)
    none = frozenset[str]()
    return Targets((app.group_ids or none) if role.by_group else none, (app.app_ids or none) if role.by_app else none)


def _found(held: Iterable[Assignment], assignment_id: str) -> Assignment:
    found = next((one for one in held if one.id == assignment_id), None)
    if found is None:
        raise OktaError("E0000007", f"{assignment_id} (RoleAssignment)")
    return found


def _client(org: Org, client_id: str) -> ServiceApp:
    if client_id not in org.service_apps:
        raise OktaError("E0000007", f"{client_id} (PublicClientApp)")
    return org.service_apps[client_id]


def _tokens(org: Org, request: Request) -> list[Principal]:
    """The API tokens that are good; one dies with the account of who made it."""
    tokens = org.principals.api_tokens(request.at)
    gone = {user.id for user in org.users() if user.status == Status.DEPROVISIONED}
    return [token for token in tokens if token.owner_id not in gone]
