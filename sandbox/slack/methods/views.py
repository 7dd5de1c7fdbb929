"""Modals and the Home tab (https://docs.slack.dev/reference/methods/views.open and its siblings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.people import SlackMember
    from sandbox.slack.methods.call import Args
    from sandbox.slack.records import JsonObject, View
    from sandbox.slack.workspace import Workspace


def open_view(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/views.open."""
    return _by_trigger(ws, args, ws.surfaces.open)


def push(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/views.push: at most three views on a stack."""
    return _by_trigger(ws, args, ws.surfaces.push)


def update(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/views.update, by `view_id` or `external_id`."""
    spec = _spec(args)
    if "view_id" in args:
        view = ws.surfaces.find(args.text("view_id"))
    else:
        view = ws.surfaces.find_external(args.text("external_id"))
    if view is None:
        raise ApiError("not_found")
    return _shown(ws, ws.surfaces.update(view, spec, _version(args)))


def publish(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/views.publish: a person's Home tab."""
    if not ws.app.home_tab:
        raise ApiError("not_enabled")
    member = ws.members.get(args.text("user_id"))
    if member is None or member.deleted or member.is_bot:
        raise ApiError("invalid_arguments", messages=["user_id is not valid [json-pointer:/user_id]"])
    return _shown(ws, ws.surfaces.publish(member, _spec(args), _version(args)))


def _by_trigger(ws: Workspace, args: Args, show: Callable[[SlackMember, Any], View]) -> JsonObject:
    """Show a modal to whoever the trigger belongs to; the trigger is spent only by success."""
    spec = _spec(args)
    trigger = ws.triggers.check(args.text("trigger_id"))
    member = ws.members.get(trigger.user)
    if member is None or member.deleted:
        raise ApiError("expired_trigger_id")
    view = show(member, spec)
    trigger.spent = True
    return _shown(ws, view)


def _spec(args: Args) -> Any:
    spec = args.structure("view", malformed="invalid_arguments")
    if spec is None:
        raise ApiError("invalid_arguments", messages=["missing required field: view"])
    return spec


def _version(args: Args) -> str | None:
    return args.text("hash") if "hash" in args else None


def _shown(ws: Workspace, view: View) -> JsonObject:
    ws.changes.touch()
    return {"view": ws.payloads.view(view)}
