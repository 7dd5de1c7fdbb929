"""Reading and opening conversations (https://docs.slack.dev/reference/methods/conversations.history and its siblings)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.slack.channels import ChannelKind
from sandbox.slack.errors import ApiError
from sandbox.slack.members import HOME
from sandbox.slack.methods.call import need_scope, page
from sandbox.slack.methods.targets import check_reachable, is_frozen, joined_channel, known_channel
from sandbox.slack.payloads import message_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.slack.channels import Channel
    from sandbox.slack.methods.call import Args
    from sandbox.slack.records import JsonObject, Message
    from sandbox.slack.workspace import Workspace

_DEFAULT_PAGE = 100
_LARGEST_PAGE = 999


def open_conversation(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.open, for one person."""
    if "channel" in args:
        channel = known_channel(ws, args.text("channel"))
        if channel.kind is not ChannelKind.IM:
            raise ApiError("method_not_supported_for_channel_type")
        return {"no_op": True, "already_open": True, "channel": {"id": channel.id}}
    if "users" not in args:
        raise ApiError("users_list_not_supplied")
    wanted = [user_id for user_id in args.text("users").split(",") if user_id]
    if len(wanted) > 1:
        need_scope(ws, "mpim:write")
        raise ApiError("invalid_user_combination")
    return _open_im(ws, wanted[0], whole=args.flag("return_im"))


def info(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.info."""
    channel = known_channel(ws, args.text("channel"))
    need_scope(ws, f"{channel.scope_stem}:read")
    shown = channel_json(ws, channel)
    return {"channel": shown | ({"num_members": len(channel.members)} if args.flag("include_num_members") else {})}


def history(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.history: newest first, without thread replies and ephemeral messages."""
    channel = joined_channel(ws, args.text("channel"))
    need_scope(ws, f"{channel.scope_stem}:history")
    return _messages(ws, channel, _within(channel.top_level(), args), args)


def replies(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/conversations.replies: the parent first, then its replies in order."""
    channel = joined_channel(ws, args.text("channel"))
    need_scope(ws, f"{channel.scope_stem}:history")
    ts = args.text("ts")
    if ts not in channel.messages:
        raise ApiError("thread_not_found")
    thread = channel.thread(ts)
    return _messages(ws, channel, thread[:1] + _within(thread[1:], args), args)


def channel_json(ws: Workspace, channel: Channel) -> JsonObject:
    """The `channel` object (https://docs.slack.dev/reference/objects/conversation-object)."""
    common = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.kind is ChannelKind.IM,
        "is_org_shared": False,
        "context_team_id": HOME.id,
        "updated": channel.created * 1000,
    }
    if channel.kind is ChannelKind.IM:
        user_id = next(iter(channel.members - {ws.app.bot_user_id}))
        return common | {"user": user_id, "is_user_deleted": is_frozen(ws, channel), "priority": 0}
    private = channel.kind is ChannelKind.PRIVATE
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_mpim": False,
        "is_private": private,
        "is_general": channel.name == "general",
        "is_member": ws.app.bot_user_id in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "creator": next(iter(sorted(channel.members))),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _open_im(ws: Workspace, user_id: str, *, whole: bool) -> JsonObject:
    member = ws.members.get(user_id)
    if member is None:
        raise ApiError("user_not_found")
    check_reachable(ws, member)
    known = ws.channels.im(user_id) is not None
    channel = ws.open_im(member)
    shown = channel_json(ws, channel) if whole else {"id": channel.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if known else {})


def _within(messages: Sequence[Message], args: Args) -> list[Message]:
    """The messages between `oldest` and `latest`, their own timestamps only when `inclusive`."""
    oldest, latest = args.timestamp("oldest"), args.timestamp("latest")
    inclusive = args.flag("inclusive")

    def fits(message: Message) -> bool:
        ts = Decimal(message.ts)
        if inclusive and ts in {oldest, latest}:
            return True
        return (oldest is None or ts > oldest) and (latest is None or ts < latest)

    return [message for message in messages if fits(message)]


def _messages(ws: Workspace, channel: Channel, messages: Sequence[Message], args: Args) -> JsonObject:
    limit = args.limit(default=_DEFAULT_PAGE, most=_LARGEST_PAGE)
    chosen, cursor = page(messages, args, key=lambda message: message.ts, limit=limit)
    metadata = args.flag("include_all_metadata")
    return {
        "messages": [message_json(m, ws.app, metadata=metadata) | _thread_facts(channel, m) for m in chosen],
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def _thread_facts(channel: Channel, message: Message) -> JsonObject:
    """What the head of a thread tells about its replies."""
    replies = [m for m in channel.thread(message.ts) if m.ts != message.ts]
    if not replies:
        return {}
    return {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
