"""What each reading endpoint answers. Whether the caller may call it is decided before, in `sandbox.okta.access`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.okta.access import owner, visible
from sandbox.okta.directory import LIMIT, Query, page
from sandbox.okta.errors import OktaError
from sandbox.okta.groups import group_json
from sandbox.okta.http import json_answer, page_links
from sandbox.okta.shapes import (
    blocks_json,
    metadata_json,
    org_json,
    single_user_json,
    user_json,
)
from sandbox.okta.syslog import DEFAULT_LIMIT, MOST, LogQuery

if TYPE_CHECKING:
    from sandbox.okta.http import Answer, Request
    from sandbox.okta.org import Org

_PROFILE_FIELDS = re.compile(r"profile:\(([^()]*)\)")


def list_users(org: Org, request: Request) -> Answer:
    """GET /api/v1/users."""
    query = Query(
        search=request.query.get("search"),
        filter=request.query.get("filter"),
        q=request.query.get("q"),
        sort_by=request.query.get("sortBy"),
        descending=request.query.get("sortOrder", "asc").lower() == "desc",
        limit=request.number("limit"),
        after=request.query.get("after"),
    )
    seen = visible(org, request.caller, org.replicas.users(request.at))
    found = page(query, [user_json(user, request.base) for user in seen], org.attributes)
    fields = request.query.get("fields")
    records = found.records if fields is None else [_trimmed(record, fields) for record in found.records]
    return json_answer(records, headers=page_links(request, found.after, limit=query.limit or LIMIT))


def read_user(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{id}, with `expand=blocks`."""
    user = request.user
    shown = single_user_json(user, request.base, org.settings)
    if "blocks" in request.query.get("expand", "").split(",") and org.settings.user_blocks:
        shown["_embedded"] = {"blocks": blocks_json(user)}
    return json_answer(shown)


def read_me(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/me."""
    request.target = owner(org, request.caller)
    return read_user(org, request)


def list_blocks(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{id}/blocks; an org without the feature answers 401, which is not about the token."""
    if not org.settings.user_blocks:
        raise OktaError("E0000015")
    return json_answer(blocks_json(request.user))


def list_groups(org: Org, request: Request) -> Answer:
    """GET /api/v1/users/{id}/groups."""
    groups = [group_json(org.groups[group_id], request.base) for group_id in request.user.group_ids]
    return json_answer(groups, headers=(("Link", f'<{request.base}{request.path}?limit={LIMIT}>; rel="self"'),))


def read_logs(org: Org, request: Request) -> Answer:
    """GET /api/v1/logs."""
    limit = request.number("limit", least=0, most=MOST)
    order = request.query.get("sortOrder", "ASCENDING")
    if order not in {"ASCENDING", "DESCENDING"}:
        raise OktaError("E0000001", "sortOrder", causes=("'sortOrder' is ASCENDING or DESCENDING.",))
    query = LogQuery(
        since=request.query.get("since"),
        until=request.query.get("until"),
        after=request.query.get("after"),
        filter=request.query.get("filter"),
        q=request.query.get("q"),
        descending=order == "DESCENDING",
        limit=DEFAULT_LIMIT if limit is None else limit,
    )
    found = org.log.read(query)
    return json_answer(found.events, headers=page_links(request, found.after, limit=query.limit, without="since"))


def read_org(org: Org, request: Request) -> Answer:
    """GET /api/v1/org."""
    return json_answer(org_json(request.base, org.created))


def read_metadata(org: Org, request: Request) -> Answer:
    """GET /.well-known/okta-organization, for anybody."""
    return json_answer(metadata_json(request.base, org.settings.pipeline))


def _trimmed(record: dict[str, Any], fields: str) -> dict[str, Any]:
    """Only the fields asked for, such as `status,profile:(login,email)`; `id` always."""
    inner = _PROFILE_FIELDS.search(fields)
    names = {name.strip() for name in _PROFILE_FIELDS.sub("", fields).split(",")}
    trimmed = {name: value for name, value in record.items() if name in names or name == "id"}
    if inner is not None:
        wanted = {name.strip() for name in inner.group(1).split(",")}
        trimmed["profile"] = {name: value for name, value in record["profile"].items() if name in wanted}
    return trimmed
