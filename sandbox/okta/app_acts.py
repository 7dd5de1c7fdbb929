"""The endpoints of apps and of who has them, of dashboards, and of who is linked to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.catalogue import RELATIONSHIP
from sandbox.okta.access import app_target, apps_seen, group_target, target
from sandbox.okta.app_shapes import app_group_json, app_json, app_link_json, app_user_json
from sandbox.okta.errors import OktaError
from sandbox.okta.expressions import Dialect, parse
from sandbox.okta.http import Answer, json_answer
from sandbox.okta.lists import in_pages
from sandbox.okta.operations import origin
from sandbox.okta.records import Effect
from sandbox.okta.rights import Right
from sandbox.people import Status

if TYPE_CHECKING:
    from sandbox.catalogue import App
    from sandbox.okta.apps import AppUser
    from sandbox.okta.http import Request
    from sandbox.okta.org import Org
    from sandbox.okta.users import User

FILTER = Dialect(
    allows=lambda path, op: path in {"id", "status", "name"} and op == "eq",
    dates=frozenset(),
    ignores_case=False,
    malformed="E0000053",
)
"""`filter`, as far as the twin's apps have what it can ask for."""

APPS_LIMIT, MOST_APPS = 20, 200
USERS_LIMIT, MOST_USERS = 50, 500
GROUPS_LIMIT, MOST_GROUPS = 20, 200
_OUT = {Status.DEPROVISIONED, Status.SUSPENDED}
"""Who is not active enough to be given an app. Okta does not say which statuses those are."""


def list_apps(org: Org, request: Request) -> Answer:
    """GET /api/v1/apps."""
    optimized = request.switch("useOptimization", default=False)
    limit = request.number("limit", most=MOST_APPS) or APPS_LIMIT
    begin, wanted = request.query.get("q", "").lower(), request.query.get("filter")
    matches = parse(wanted, FILTER) if wanted is not None else lambda _: True
    apps = [
        one
        for one in apps_seen(org, request.caller)
        if one.label.lower().startswith(begin) or one.name.startswith(begin)
    ]
    records = [app_json(app, request.base, org.created, optimized=optimized) for app in apps]
    return in_pages(request, [record for record in records if matches(record)], limit, begin, wanted, optimized)


def read_app(org: Org, request: Request) -> Answer:
    """GET /api/v1/apps/{appId}."""
    return json_answer(app_json(_app(org, request, 1), request.base, org.created))


def list_app_users(org: Org, request: Request) -> Answer:
    """GET /api/v1/apps/{appId}/users: late."""
    app = _app(org, request, 2)
    limit = request.number("limit", most=MOST_USERS) or USERS_LIMIT
    found = [one for one in org.apps.listed(request.at) if one.app_id == app.id]
    return in_pages(request, [_user_json(org, request, one) for one in found], limit)


def read_app_user(org: Org, request: Request) -> Answer:
    """GET /api/v1/apps/{appId}/users/{userId}: as of now; 404 for somebody who is not assigned."""
    return json_answer(_user_json(org, request, _held(org, _app(org, request, 3), request.part(1))))


def assign_user(org: Org, request: Request) -> Answer:
    """POST /api/v1/apps/{appId}/users."""
    app, told = _app(org, request, 2), request.document()
    _check(app, told)
    user = target(org, request.caller, told["id"], Right.VIEW_USERS, by_id=True)
    if user.status in _OUT:
        raise OktaError("E0000117")
    is_new = not org.apps.is_direct(app.id, user.id)
    if not is_new and org.settings.conflict_on_reassign:
        raise OktaError("E0000062")
    one = org.apps.assign(app.id, user, origin(org, request))
    if is_new:
        org.took_effect(Effect(f"assign:{app.id}", user.id, request.at))
    return json_answer(_user_json(org, request, one))


def unassign_user(org: Org, request: Request) -> Answer:
    """DELETE /api/v1/apps/{appId}/users/{userId}: what a group gives stays, and Okta says nothing of it."""
    app = _app(org, request, 3)
    held = _held(org, app, request.part(1))
    if org.apps.is_direct(app.id, held.user_id):
        org.apps.unassign(app.id, org.user(held.user_id), origin(org, request))
        org.took_effect(Effect(f"unassign:{app.id}", held.user_id, request.at))
    return Answer(204)


def list_app_groups(org: Org, request: Request) -> Answer:
    """GET /api/v1/apps/{appId}/groups."""
    app = _app(org, request, 2)
    limit = request.number("limit", least=GROUPS_LIMIT, most=MOST_GROUPS) or GROUPS_LIMIT
    found = [group_id for app_id, group_id in org.apps.groups if app_id == app.id]
    return in_pages(request, [_group_json(org, request, app, group_id) for group_id in found], limit)


def read_app_group(org: Org, request: Request) -> Answer:
    """GET /api/v1/apps/{appId}/groups/{groupId}."""
    return json_answer(_group_json(org, request, _app(org, request, 3), request.part(1)))


def assign_group(org: Org, request: Request) -> Answer:
    """PUT /api/v1/apps/{appId}/groups/{groupId}: the same again changes nothing."""
    app = _app(org, request, 3)
    request.document()
    group = group_target(org, request.caller, request.part(1), Right.VIEW_GROUPS)
    if (app.id, group.id) not in org.apps.groups:
        org.apps.assign_group(app.id, group.id)
        org.took_effect(Effect(f"assign:{app.id}", group.id, request.at))
    return json_answer(_group_json(org, request, app, group.id))


def unassign_group(org: Org, request: Request) -> Answer:
    """DELETE /api/v1/apps/{appId}/groups/{groupId}."""
    app, group_id = _app(org, request, 3), request.part(1)
    _priority(org, app, group_id)
    org.apps.unassign_group(app.id, group_id)
    org.took_effect(Effect(f"unassign:{app.id}", group_id, request.at))
    return Answer(204)


def list_app_links(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{id}/appLinks: apps in use, by both kinds of assignment; late."""
    mine = [one for one in org.apps.listed(request.at) if one.user_id == request.user.id]
    apps = [(org.apps.by_id[one.app_id], one) for one in mine]
    tiles = [(app, one, label) for app, one in apps if app.status == "ACTIVE" for label in app.tiles or (app.label,)]
    return json_answer([app_link_json(*tile, number, request.base) for number, tile in enumerate(tiles)])


def list_linked(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{userIdOrLogin}/linkedObjects/{relationshipName}."""
    name, user_id = request.part(1), request.user.id
    if name not in RELATIONSHIP:
        raise OktaError("E0000007", f"{name} (LinkedObjectDefinition)")
    upward = name == RELATIONSHIP[0]
    found = [b if upward else a for a, b in org.linked.items() if user_id == (a if upward else b)]
    return json_answer([{"_links": {"self": {"href": f"{request.base}/api/v1/users/{other}"}}} for other in found])


def list_linked_definitions(_: Org, request: Request) -> Answer:
    """GET /api/v1/meta/schemas/user/linkedObjects."""
    ends = [{"name": name, "title": name, "description": f"The {name}", "type": "USER"} for name in RELATIONSHIP]
    here = f"{request.base}{request.path}/{RELATIONSHIP[0]}"
    return json_answer([{"primary": ends[0], "associated": ends[1], "_links": {"self": {"href": here}}}])


def _check(app: App, told: dict[str, Any]) -> None:
    """Whether an assignment says what Okta takes."""
    if not isinstance(told.get("id"), str) or told.get("scope", "USER") not in {"USER", "GROUP"}:
        raise OktaError("E0000001", "id", causes=("id: The field cannot be left blank",))
    if "credentials" in told and app.sign_on_mode == "BOOKMARK":
        raise OktaError("E0000041", causes=("User level credentials should not be provided for this scheme.",))
    if told.get("profile"):
        name = next(iter(told["profile"]))
        if app.provisions and name in {"firstName", "lastName", "email"}:
            raise OktaError("E0000075", name)
        raise OktaError("E0000001", "profile", causes=(f"Property '{name}' not found",))


def _app(org: Org, request: Request, place: int) -> App:
    """The app in the path."""
    right = Right.VIEW_APPS if request.method == "GET" else Right.ASSIGN_APPS
    return app_target(org, request.caller, request.part(place), right)


def _held(org: Org, app: App, user_id: str) -> AppUser:
    one = org.apps.user(app.id, user_id)
    if one is None:
        raise OktaError("E0000007", f"{user_id} (AppUser)")
    return one


def _priority(org: Org, app: App, group_id: str) -> int:
    if (app.id, group_id) not in org.apps.groups:
        raise OktaError("E0000007", f"{group_id} (ApplicationGroupAssignment)")
    return org.apps.groups[app.id, group_id]


def _user_json(org: Org, request: Request, one: AppUser) -> dict[str, Any]:
    user: User = org.user(one.user_id)
    return app_user_json(one, user.login, request.base)


def _group_json(org: Org, request: Request, app: App, group_id: str) -> dict[str, Any]:
    return app_group_json(app.id, group_id, _priority(org, app, group_id), request.base, org.created)
