"""Writing into channels: new messages, changes and deletions, and the events the app gets of them.

Everybody writes through here, the bot too: Slack sends an app the events of its own messages as well, and a bot that answers those talks to
itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from sandbox.slack.blockkit import normalised
from sandbox.slack.channels import MESSAGE_EVENT, ChannelKind
from sandbox.slack.post import Parcel
from sandbox.slack.records import Edited, Kind, Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.changes import Changes
    from sandbox.people import SlackMember
    from sandbox.slack.channels import Channel
    from sandbox.slack.config import AppConfig
    from sandbox.slack.ids import Ids
    from sandbox.slack.members import Members
    from sandbox.slack.payloads import Payloads
    from sandbox.slack.post import PostOffice
    from sandbox.slack.records import Delivery, JsonObject


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written. None means "not given", which in a change keeps what was there; empty blocks or metadata remove them."""

    text: str | None = None
    blocks: Sequence[JsonObject] | None = None
    thread_ts: str | None = None
    metadata: JsonObject | None = None
    unfurl_links: bool = False
    unfurl_media: bool = True


class Writer:
    """Writes messages and says which events follow."""

    def __init__(
        self, *, app: AppConfig, ids: Ids, members: Members, payloads: Payloads, post: PostOffice, changes: Changes
    ) -> None:
        self._app = app
        self._ids = ids
        self._members = members
        self._payloads = payloads
        self._post = post
        self._changes = changes

    def write(self, channel: Channel, author: SlackMember, draft: Draft) -> Message:
        """Add a message that everybody in the channel sees."""
        message = self._message(channel, author, draft)
        channel.messages[message.ts] = message
        self._changes.touch()
        return message

    def write_ephemeral(self, channel: Channel, addressee: SlackMember, draft: Draft) -> Message:
        """Add a message of the bot that one person sees until the next reload."""
        bot = self._members.get(self._app.bot_user_id)
        if bot is None:  # pragma: no cover - the roster always has the bot
            raise KeyError(self._app.bot_user_id)
        message = replace(self._message(channel, bot, draft), addressee=addressee.id, metadata=None)
        channel.ephemerals[message.ts] = message
        self._changes.touch()
        return message

    def rewrite(self, channel: Channel, message: Message, draft: Draft, *, by: SlackMember) -> Message:
        """Change a message; what the draft leaves out stays."""
        changed = replace(
            message,
            text=message.text if draft.text is None else draft.text,
            blocks=message.blocks if draft.blocks is None else tuple(normalised(draft.blocks)),
            metadata=message.metadata if draft.metadata is None else draft.metadata or None,
            edited=Edited(by.id, self._ids.ts()),
        )
        shelf = channel.ephemerals if message.is_ephemeral else channel.messages
        shelf[message.ts] = changed
        self._changes.touch()
        return changed

    def remove(self, channel: Channel, message: Message) -> None:
        """Delete a message."""
        shelf = channel.ephemerals if message.is_ephemeral else channel.messages
        shelf.pop(message.ts, None)
        self._changes.touch()

    def events_of_new(self, message: Message, channel: Channel) -> list[Parcel]:
        """What the app is told of a new message: the message, the mention, or both."""
        author = self._members.get(message.user)
        if author is None or self._app.bot_user_id not in channel.members:
            return []
        events = []
        if self._app.receives(MESSAGE_EVENT[channel.kind]):
            events.append(self._payloads.message_event(message, channel, author))
        mentioned = f"<@{self._app.bot_user_id}>" in message.text and message.user != self._app.bot_user_id
        if mentioned and channel.kind is not ChannelKind.IM and self._app.receives("app_mention"):
            events.append(self._payloads.mention_event(message, channel, author))
        return [self.parcel(event, channel) for event in events]

    def events_of_change(self, message: Message, before: Message, channel: Channel) -> list[Parcel]:
        """What the app is told of an edit."""
        return self._if_heard(channel, self._payloads.changed_event(message, before, channel))

    def events_of_deletion(self, before: Message, channel: Channel) -> list[Parcel]:
        """What the app is told of a deletion."""
        return self._if_heard(channel, self._payloads.deleted_event(before, channel))

    def parcel(self, event: JsonObject, channel: Channel | None = None) -> Parcel:
        """An event, wrapped and ready to go."""
        payload = self._payloads.event(event, channel)
        return Parcel(Kind.EVENT, event["type"], payload, payload["event_id"])

    async def deliver(self, parcels: Sequence[Parcel]) -> list[Delivery]:
        """Hand events over, all at once, until Slack has its acks or has given up."""
        return list(await asyncio.gather(*(self._post.hand_over_event(parcel) for parcel in parcels)))

    def tell_app(self, parcels: Sequence[Parcel]) -> None:
        """Hand events over while nobody waits."""
        for parcel in parcels:
            self._post.in_background(self._post.hand_over_event(parcel))

    def _if_heard(self, channel: Channel, event: JsonObject) -> list[Parcel]:
        heard = self._app.bot_user_id in channel.members and self._app.receives(MESSAGE_EVENT[channel.kind])
        return [self.parcel(event, channel)] if heard else []

    def _message(self, channel: Channel, author: SlackMember, draft: Draft) -> Message:
        ours = author.id == self._app.bot_user_id
        return Message(
            channel=channel.id,
            ts=self._ids.ts(),
            user=author.id,
            team=author.team_id,
            text=draft.text or "",
            blocks=tuple(normalised(draft.blocks or ())),
            bot_id=self._app.bot_id if ours else None,
            thread_ts=draft.thread_ts,
            metadata=draft.metadata or None,
            client_msg_id=None if ours else str(uuid4()),
            unfurl_links=draft.unfurl_links,
            unfurl_media=draft.unfurl_media,
        )
