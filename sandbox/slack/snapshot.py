"""What one person's Slack client shows at this moment, as JSON for the web page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack import forms
from sandbox.slack.channels import ChannelKind
from sandbox.slack.members import standing

if TYPE_CHECKING:
    from sandbox.slack.channels import Channel
    from sandbox.slack.person import Person
    from sandbox.slack.records import JsonObject, Message, View
    from sandbox.slack.workspace import Workspace


def snapshot(ws: Workspace, person: Person) -> JsonObject:
    """Channels with their messages, the open modal, the Home tab, Slack's own notices, and the people to pick from.

    Texts are as Slack stores them (mrkdwn, escaped). `people` has everybody who can sign in, `names` everybody who can be mentioned.
    """
    return {
        "me": _person(ws, person.id),
        "people": [_person(ws, m.id) for m in ws.members if not (m.deleted or m.is_bot)],
        "names": {m.id: m.real_name for m in ws.members},
        "bot": {
            "id": ws.app.bot_user_id,
            "name": ws.app.name,
            "commands": sorted(ws.app.commands),
            "home_tab": ws.app.home_tab,
        },
        "channels": [_channel(ws, channel, person) for channel in sorted(ws.channels.of(person.id), key=_order)],
        "modal": _view(ws, person.modal, person),
        "depth": len(ws.surfaces.stack(person.id)),
        "home": _view(ws, person.home, person),
        "notices": person.notices,
    }


def _order(channel: Channel) -> tuple[bool, str]:
    return channel.kind is not ChannelKind.IM, channel.name


def _person(ws: Workspace, user_id: str) -> JsonObject:
    member = ws.members.get(user_id)
    if member is None:
        return {"id": user_id, "name": user_id, "title": "", "standing": "unknown"}
    return {
        "id": member.id,
        "handle": member.handle,
        "name": member.real_name,
        "title": member.title,
        "standing": standing(member),
    }


def _channel(ws: Workspace, channel: Channel, person: Person) -> JsonObject:
    is_dm = channel.kind is ChannelKind.IM
    return {
        "id": channel.id,
        "name": ws.app.name if is_dm else channel.name,
        "kind": channel.kind.value,
        "is_shared": channel.is_ext_shared,
        "has_bot": ws.app.bot_user_id in channel.members,
        "messages": [_message(ws, message, person) for message in channel.visible_to(person.id)],
    }


def _message(ws: Workspace, message: Message, person: Person) -> JsonObject:
    return {
        "ts": message.ts,
        "thread_ts": message.thread_ts,
        "user": _person(ws, message.user),
        "is_bot": message.bot_id is not None,
        "text": message.text,
        "blocks": list(message.blocks),
        "edited": message.edited is not None,
        "ephemeral": message.is_ephemeral,
        "inputs": ws.entered.get((person.id, message.ts)) or forms.inputs_of(message.blocks),
    }


def _view(ws: Workspace, view: View | None, person: Person) -> JsonObject | None:
    if view is None:
        return None
    return ws.payloads.view(view) | {"errors": dict(person.errors)}
