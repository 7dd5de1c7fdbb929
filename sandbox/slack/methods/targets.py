"""Finding the conversation a call is about, with the refusals of a bot that is not in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.channels import ChannelKind
from sandbox.slack.errors import ApiError
from sandbox.slack.members import is_external

if TYPE_CHECKING:
    from sandbox.people import SlackMember
    from sandbox.slack.channels import Channel
    from sandbox.slack.workspace import Workspace


def known_channel(ws: Workspace, channel_id: str) -> Channel:
    """A conversation the bot can see: its DMs, the private channels it is in, every public one.

    Raises:
        ApiError: `channel_not_found`.
    """
    channel = ws.channels.get(channel_id)
    inside = channel is not None and ws.app.bot_user_id in channel.members
    if channel is None or (channel.kind is not ChannelKind.PUBLIC and not inside):
        raise ApiError("channel_not_found")
    return channel


def joined_channel(ws: Workspace, channel_id: str) -> Channel:
    """A conversation the bot is in.

    Raises:
        ApiError: `channel_not_found` or `not_in_channel`.
    """
    channel = known_channel(ws, channel_id)
    if ws.app.bot_user_id not in channel.members:
        raise ApiError("not_in_channel")
    return channel


def channel_to_post(ws: Workspace, target: str) -> Channel:
    """Where a message to `target` goes; a user id stands for the DM with that person.

    Raises:
        ApiError: `channel_not_found`, `not_in_channel` or `is_archived`.
    """
    member = ws.members.get(target)
    if member is not None:
        return _dm_with(ws, member)
    channel = known_channel(ws, target)
    if ws.app.bot_user_id not in channel.members and "chat:write.public" not in ws.app.scopes:
        raise ApiError("not_in_channel")
    if channel.is_archived or is_frozen(ws, channel):
        raise ApiError("is_archived")
    return channel


def is_frozen(ws: Workspace, channel: Channel) -> bool:
    """Whether this is the DM of a deactivated person."""
    others = [ws.members.get(user_id) for user_id in channel.members - {ws.app.bot_user_id}]
    return channel.kind is ChannelKind.IM and any(other is None or other.deleted for other in others)


def check_reachable(ws: Workspace, member: SlackMember) -> None:
    """Whether the bot may have a DM with this account.

    Raises:
        ApiError: `user_disabled`, `cannot_dm_bot` or `user_not_visible`.
    """
    if member.deleted:
        raise ApiError("user_disabled")
    if member.is_bot:
        raise ApiError("cannot_dm_bot")
    if is_external(member) and not shares_channel(ws, member):
        raise ApiError("user_not_visible")


def shares_channel(ws: Workspace, member: SlackMember) -> bool:
    """Whether the bot and this account are in one channel; outsiders are invisible otherwise."""
    return any({member.id, ws.app.bot_user_id} <= channel.members for channel in ws.channels)


def _dm_with(ws: Workspace, member: SlackMember) -> Channel:
    try:
        check_reachable(ws, member)
    except ApiError:
        raise ApiError("channel_not_found") from None
    return ws.open_im(member)
