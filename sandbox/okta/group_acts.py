"""The endpoints of groups: lists that lag, and membership, which is changed at once and told alike whether it was changed or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.okta.access import group_target, groups_seen, target, visible
from sandbox.okta.app_shapes import app_json
from sandbox.okta.errors import OktaError
from sandbox.okta.events import event, person
from sandbox.okta.expressions import Dialect, parse
from sandbox.okta.groups import OKTA_GROUP, group_json, owner_json
from sandbox.okta.http import Answer, json_answer, page_links
from sandbox.okta.lists import in_pages
from sandbox.okta.operations import origin
from sandbox.okta.records import Effect
from sandbox.okta.rights import Right
from sandbox.okta.shapes import user_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.okta.groups import OktaGroup
    from sandbox.okta.http import Request
    from sandbox.okta.org import Org

_DATES = frozenset({"created", "lastUpdated", "lastMembershipUpdated"})
_ORDER = frozenset({"gt", "ge", "lt", "le"})
_NAMES = frozenset({"profile.name", "profile.description"})

FILTER = Dialect(
    allows=lambda path, op: (
        (path in {"id", "type"} and op == "eq") or (path in _DATES - {"created"} and op in _ORDER | {"eq"})
    ),
    dates=_DATES,
    ignores_case=False,
    malformed="E0000053",
)
"""`filter`: `id`, `type`, `lastUpdated` and `lastMembershipUpdated`."""

SEARCH = Dialect(
    allows=lambda path, op: (
        (path in _DATES and op in _ORDER | {"eq"})
        or (path in _NAMES and op in {"eq", "sw", "co"})
        or (path in {"id", "type"} and op in {"eq", "sw"})
    ),
    dates=_DATES,
    ignores_case=True,
    malformed="E0000031",
)
"""`search`: more of them, and `co` for the name and the description."""

MOST = 10_000
Q_LIMIT = 300
APPS_LIMIT = 20
MEMBERS_LIMIT = 1000


def list_groups(org: Org, request: Request) -> Answer:
    """GET /api/v1/groups, with `expand=stats`. What is found by `q` has no pages."""
    query = request.query
    if "search" in query and "filter" in query:
        raise OktaError("E0000033")
    limit = request.number("limit", most=MOST)
    stats = "stats" in query.get("expand", "").split(",")
    records = [_json(org, request, group, stats=stats) for group in groups_seen(org, request.caller)]
    matches = _matcher(query)
    found = [record for record in records if matches(record)]
    if "q" in query and not {"search", "filter"} & query.keys():
        if "after" in query:
            raise OktaError("E0000029", causes=("Paging and querying are mutually exclusive.",))
        shown = found[: limit or Q_LIMIT]
        return json_answer(shown, headers=page_links(request, None, limit=limit or Q_LIMIT))
    return in_pages(request, found, limit or MOST, query.get("search"), query.get("filter"))


def read_group(org: Org, request: Request) -> Answer:
    """GET /api/v1/groups/{groupId}."""
    return json_answer(group_json(_seen(org, request, 1), request.base))


def list_members(org: Org, request: Request) -> Answer:
    """GET /api/v1/groups/{groupId}/users, from the replicas that lists of users are read from."""
    group = _seen(org, request, 2)
    limit = request.number("limit", most=MOST) or MEMBERS_LIMIT
    members = (user for user in org.replicas.users(request.at) if group.id in user.group_ids)
    return in_pages(request, [user_json(user, request.base) for user in visible(org, request.caller, members)], limit)


def list_group_apps(org: Org, request: Request) -> Answer:
    """GET /api/v1/groups/{groupId}/apps."""
    group = _seen(org, request, 2)
    limit = request.number("limit", most=MOST) or APPS_LIMIT
    apps = [app for app in org.apps.by_id.values() if (app.id, group.id) in org.apps.groups]
    return in_pages(request, [app_json(app, request.base, org.created) for app in apps], limit)


def list_owners(org: Org, request: Request) -> Answer:
    """GET /api/v1/groups/{groupId}/owners."""
    group = _seen(org, request, 2)
    limit = request.number("limit", most=MOST) or MEMBERS_LIMIT
    names = {user.id: user.name for user in org.users()} | {one.id: one.name for one in org.groups.values()}
    return in_pages(request, [owner_json(owner, names[owner], org.created) for owner in group.owners], limit)


def add_member(org: Org, request: Request) -> Answer:
    """PUT /api/v1/groups/{groupId}/users/{userId}."""
    return _change(org, request, joins=True)


def remove_member(org: Org, request: Request) -> Answer:
    """DELETE /api/v1/groups/{groupId}/users/{userId}."""
    return _change(org, request, joins=False)


def _change(org: Org, request: Request, *, joins: bool) -> Answer:
    group = group_target(org, request.caller, request.part(3), Right.MANAGE_MEMBERS)
    user = target(org, request.caller, request.part(1), Right.VIEW_USERS, by_id=True)
    if group.type != OKTA_GROUP:
        cause = "The group's members cannot be changed." if org.settings.group_refusal == "E0000001" else ""
        raise OktaError(org.settings.group_refusal, "groupId", causes=(cause,) if cause else ())
    if joins == (group.id in user.group_ids):
        return Answer(204)
    others = tuple(group_id for group_id in user.group_ids if group_id != group.id)
    word = "add" if joins else "remove"
    what = {"id": group.id, "type": "UserGroup", "alternateId": "unknown", "displayName": group.name}
    told = [person(user), what | {"detailEntry": None}]
    kind, now = f"group.user_membership.{word}", org.clock.now()
    org.write(event(kind, origin(org, request), now, target=told), now)
    org.change(user.id, group_ids=(*others, group.id) if joins else others)
    org.took_effect(Effect(f"{word}:{group.id}", user.id, request.at))
    return Answer(204)


def _seen(org: Org, request: Request, part: int) -> OktaGroup:
    return group_target(org, request.caller, request.part(part), Right.VIEW_GROUPS)


def _json(org: Org, request: Request, group: OktaGroup, *, stats: bool) -> dict[str, Any]:
    counted = {
        "usersCount": sum(group.id in user.group_ids for user in org.replicas.users(request.at)),
        "appsCount": sum(group.id == group_id for _, group_id in org.apps.groups),
        "groupPushMappingsCount": 0,
        "hasAdminPrivlege": bool(group.roles),
    }
    return group_json(group, request.base, counted if stats else None)


def _matcher(query: dict[str, str]) -> Callable[[dict[str, Any]], bool]:
    if "search" in query:
        return parse(query["search"], SEARCH)
    if "filter" in query:
        return parse(query["filter"], FILTER)
    begin = query.get("q", "").lower()
    return lambda record: str(record["profile"]["name"]).lower().startswith(begin)
