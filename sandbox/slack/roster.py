"""Fills a new workspace with the cast and a few channels: with and without the bot, private, and shared with another company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.people import SLACK_MEMBERS, SlackMember
from sandbox.slack.channels import Channel, ChannelKind
from sandbox.slack.members import PARTNER, is_external

if TYPE_CHECKING:
    from sandbox.slack.channels import Channels
    from sandbox.slack.config import AppConfig
    from sandbox.slack.members import Members

_GUESTS = {"UGUEST", "UMULTI"}


def bot_member(app: AppConfig) -> SlackMember:
    """The account of the bot itself."""
    return SlackMember(id=app.bot_user_id, handle=app.name.lower(), real_name=app.name, email=None, is_bot=True)


def seed(members: Members, channels: Channels, app: AppConfig, *, created: int) -> None:
    """Add everybody and every channel."""
    for member in (bot_member(app), *SLACK_MEMBERS):
        members.add(member)
    live = {m.id for m in SLACK_MEMBERS if not (m.deleted or m.is_bot or is_external(m))}
    staff, bot = live - _GUESTS, app.bot_user_id
    for channel in (
        Channel("C0GENERAL", "general", ChannelKind.PUBLIC, staff | {bot}),
        Channel("C0ITHELP", "it-help", ChannelKind.PUBLIC, live | {bot}),
        Channel("C0WAREHOUSE", "warehouse", ChannelKind.PUBLIC, {"UDIEGO", "UIVAN", "UBEN"}),
        Channel("C0FINANCE", "finance", ChannelKind.PRIVATE, {"UHELEN", "ULENA", bot}),
        Channel("C0SECURITY", "security", ChannelKind.PRIVATE, {"UGRACE", "URUTH", bot}),
        Channel("C0BOARD", "board", ChannelKind.PRIVATE, {"UGRACE", "UJONAS"}),
        Channel(
            "C0FREIGHT",
            "freight-partners",
            ChannelKind.PUBLIC,
            {"USTRANGER", "UDIEGO", "UMAYA", bot},
            host_team=PARTNER.id,
            is_ext_shared=True,
        ),
    ):
        channel.created = created
        channels.add(channel)
