"""Conversations and what is written in them: who is in, who may see what, and the message store itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sandbox.slack.members import HOME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.slack.records import Message


class ChannelKind(StrEnum):
    """The `channel_type` of message events."""

    IM = "im"
    PUBLIC = "channel"
    PRIVATE = "group"


# The event subscription and the scopes each kind needs, https://docs.slack.dev/reference/events/message
MESSAGE_EVENT = {
    ChannelKind.IM: "message.im",
    ChannelKind.PUBLIC: "message.channels",
    ChannelKind.PRIVATE: "message.groups",
}
SCOPE_STEM = {ChannelKind.IM: "im", ChannelKind.PUBLIC: "channels", ChannelKind.PRIVATE: "groups"}


@dataclass(slots=True)
class Channel:
    """One conversation. `host_team` is the workspace that created it, another one in a channel shared from outside."""

    id: str
    name: str
    kind: ChannelKind
    members: set[str]
    created: int = 0
    host_team: str = HOME.id
    is_ext_shared: bool = False
    is_archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)

    @property
    def scope_stem(self) -> str:
        """The first half of the scopes for this kind: `im`, `channels` or `groups`."""
        return SCOPE_STEM[self.kind]

    def visible_to(self, user_id: str) -> list[Message]:
        """All that this person sees here, oldest first."""
        own = [m for m in self.ephemerals.values() if m.addressee == user_id]
        return sorted([*self.messages.values(), *own], key=lambda m: m.ts)

    def top_level(self) -> list[Message]:
        """The messages that are not thread replies, newest first."""
        return sorted(
            (m for m in self.messages.values() if m.thread_ts in {None, m.ts}), key=lambda m: m.ts, reverse=True
        )

    def thread(self, ts: str) -> list[Message]:
        """A message and its replies, oldest first."""
        return sorted((m for m in self.messages.values() if ts in {m.ts, m.thread_ts}), key=lambda m: m.ts)

    def find(self, ts: str, user_id: str) -> Message | None:
        """The message with this ts as that person sees it."""
        own = self.ephemerals.get(ts)
        return self.messages.get(ts) or (own if own is not None and own.addressee == user_id else None)


class Channels:
    """All conversations by id."""

    def __init__(self, bot_user_id: str) -> None:
        self._bot = bot_user_id
        self._by_id: dict[str, Channel] = {}

    def __iter__(self) -> Iterator[Channel]:
        return iter(self._by_id.values())

    def add(self, channel: Channel) -> Channel:
        """Let a conversation exist."""
        self._by_id[channel.id] = channel
        return channel

    def get(self, channel_id: str) -> Channel | None:
        """The conversation, or None."""
        return self._by_id.get(channel_id)

    def join(self, channel_id: str, user_id: str) -> None:
        """Let somebody into a conversation."""
        self._by_id[channel_id].members.add(user_id)

    def leave(self, channel_id: str, user_id: str) -> None:
        """Take somebody out of a conversation."""
        self._by_id[channel_id].members.discard(user_id)

    def im(self, user_id: str) -> Channel | None:
        """The person's DM with the bot, if it was ever opened."""
        return self._by_id.get(im_id(user_id))

    def open_im(self, user_id: str, *, created: int, is_ext_shared: bool = False) -> Channel:
        """The person's DM with the bot, opened now if it was not."""
        known = self.im(user_id)
        if known is not None:
            return known
        members = {user_id, self._bot}
        im = Channel(
            im_id(user_id), "directmessage", ChannelKind.IM, members, created=created, is_ext_shared=is_ext_shared
        )
        return self.add(im)

    def of(self, user_id: str) -> list[Channel]:
        """The conversations a person is in."""
        return [channel for channel in self if user_id in channel.members]


def im_id(user_id: str) -> str:
    """The id of a person's DM with the bot."""
    return f"D0{user_id[1:]}"
