"""Looking people up (https://docs.slack.dev/reference/methods/users.info and its siblings)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.errors import ApiError
from sandbox.slack.members import is_external
from sandbox.slack.methods.call import page
from sandbox.slack.methods.targets import shares_channel

if TYPE_CHECKING:
    from sandbox.people import SlackMember
    from sandbox.slack.methods.call import Args
    from sandbox.slack.records import JsonObject
    from sandbox.slack.workspace import Workspace

_LARGEST_PAGE = 1000


def info(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/users.info; an outsider without a shared channel is a stranger."""
    member = ws.members.get(args.text("user"))
    if member is None:
        raise ApiError("user_not_found")
    shown = _json(ws, member)
    if args.flag("include_locale") and not is_external(member):
        shown["locale"] = "en-US"
    return {"user": shown}


def lookup_by_email(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/users.lookupByEmail; deactivated people are not found."""
    member = ws.members.by_email(args.text("email"))
    if member is None:
        raise ApiError("users_not_found")
    return {"user": _json(ws, member)}


def list_users(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/users.list, page by page."""
    members = [m for m in ws.members if not is_external(m) or shares_channel(ws, m)]
    limit = args.limit(default=_LARGEST_PAGE, most=_LARGEST_PAGE)
    chosen, cursor = page(members, args, key=lambda member: member.id, limit=limit)
    return {
        "members": [_json(ws, member) for member in chosen],
        "cache_ts": ws.ids.epoch(),
        "response_metadata": {"next_cursor": cursor},
    }


def _json(ws: Workspace, member: SlackMember) -> JsonObject:
    return ws.members.as_json(
        member,
        with_email="users:read.email" in ws.app.scopes,
        is_stranger=not shares_channel(ws, member),
        updated=ws.ids.epoch(),
    )
