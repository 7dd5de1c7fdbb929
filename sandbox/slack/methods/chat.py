"""Posting, changing and deleting the bot's messages (https://docs.slack.dev/reference/methods/chat.postMessage and its siblings)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.blockkit import Surface, block_problems
from sandbox.slack.errors import ApiError
from sandbox.slack.methods.call import need_scope
from sandbox.slack.methods.targets import channel_to_post, known_channel
from sandbox.slack.payloads import message_json
from sandbox.slack.writing import Draft

if TYPE_CHECKING:
    from sandbox.slack.channels import Channel
    from sandbox.slack.methods.call import Args
    from sandbox.slack.records import JsonObject, Message
    from sandbox.slack.workspace import Workspace

_TRUNCATED_AT = 40_000
_UPDATE_TEXT = 4_000
_MARKDOWN_TEXT = 12_000
_METADATA_BYTES = 16_000


def post_message(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.postMessage."""
    if "username" in args or "icon_emoji" in args or "icon_url" in args:
        need_scope(ws, "chat:write.customize")
    draft = _draft(args)
    channel = channel_to_post(ws, args.text("channel"))
    _check_thread(channel, draft.thread_ts)
    _pace(ws, channel)
    message = ws.writer.write(channel, ws.bot, draft)
    ws.writer.tell_app(ws.writer.events_of_new(message, channel))
    return {"channel": channel.id, "ts": message.ts, "message": message_json(message, ws.app, metadata=True)}


def post_ephemeral(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral."""
    draft = _draft(args)
    channel = channel_to_post(ws, args.text("channel"))
    member = ws.members.get(args.text("user"))
    if member is None or member.deleted or member.id not in channel.members:
        raise ApiError("user_not_in_channel")
    return {"message_ts": ws.writer.write_ephemeral(channel, member, draft).ts}


def update(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.update: what is left out of the call stays as it was."""
    channel = known_channel(ws, args.text("channel"))
    message = _own(ws, channel, args, refusal="cant_update_message")
    draft = _draft(args)
    if len(draft.text or "") > _UPDATE_TEXT:
        raise ApiError("msg_too_long")
    changed = ws.writer.rewrite(channel, message, draft, by=ws.bot)
    ws.writer.tell_app(ws.writer.events_of_change(changed, message, channel))
    shown = message_json(changed, ws.app, metadata=True)
    return {"channel": channel.id, "ts": changed.ts, "text": changed.text, "message": shown}


def delete(ws: Workspace, args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/chat.delete."""
    channel = known_channel(ws, args.text("channel"))
    message = _own(ws, channel, args, refusal="cant_delete_message")
    ws.writer.remove(channel, message)
    ws.writer.tell_app(ws.writer.events_of_deletion(message, channel))
    return {"channel": channel.id, "ts": message.ts}


def content(args: Args) -> tuple[str | None, list[JsonObject] | None]:
    """The text and blocks of a message, each None when not given.

    Raises:
        ApiError: `no_text`, `invalid_blocks`, `invalid_blocks_format` and their like.
    """
    text = args.text("text", "") if "text" in args else None
    blocks = args.structure("blocks", malformed="invalid_blocks_format")
    if "attachments" in args:
        raise ApiError("invalid_arguments", messages=["attachments are not part of this workspace"])
    if "markdown_text" in args:
        text = _markdown(args, conflict=text is not None or blocks is not None)
    if not text and not blocks:
        raise ApiError("no_text")
    if blocks and (problems := block_problems(blocks, Surface.MESSAGE)):
        raise ApiError("invalid_blocks", messages=problems, errors=problems)
    return text if text is None else text[:_TRUNCATED_AT], blocks


def _markdown(args: Args, *, conflict: bool) -> str:
    if conflict:
        raise ApiError("markdown_text_conflict")
    text = args.text("markdown_text")
    if len(text) > _MARKDOWN_TEXT:
        raise ApiError("msg_too_long")
    return text


def _draft(args: Args) -> Draft:
    text, blocks = content(args)
    return Draft(
        text=text,
        blocks=blocks,
        thread_ts=args.text("thread_ts") if "thread_ts" in args else None,
        metadata=_metadata(args),
        unfurl_links=args.flag("unfurl_links"),
        unfurl_media=args.flag("unfurl_media", default=True),
    )


def _metadata(args: Args) -> JsonObject | None:
    metadata: Any = args.structure("metadata", malformed="invalid_metadata_format")
    if not metadata:
        return metadata if metadata is None else {}
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise ApiError("invalid_metadata_schema")
    if not isinstance(metadata["event_type"], str) or not isinstance(metadata["event_payload"], dict):
        raise ApiError("invalid_metadata_schema")
    if len(str(metadata)) > _METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return metadata


def _own(ws: Workspace, channel: Channel, args: Args, *, refusal: str) -> Message:
    """The bot's own message; an ephemeral one cannot be reached this way."""
    message = channel.messages.get(args.text("ts"))
    if message is None:
        raise ApiError("message_not_found")
    if message.bot_id != ws.app.bot_id:
        raise ApiError(refusal)
    return message


def _check_thread(channel: Channel, thread_ts: str | None) -> None:
    if thread_ts is not None and thread_ts not in channel.messages:
        raise ApiError("thread_not_found")


def _pace(ws: Workspace, channel: Channel) -> None:
    wait = ws.limits.take_post(channel.id)
    if wait is not None:
        raise ApiError("ratelimited", retry_after=wait)
