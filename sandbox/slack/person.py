"""One pretend person's hands and eyes: what an employee, a guest or a stranger can do in Slack's clients, and what they then see.

Every action returns when Slack has its ack or has given up. The retries of an event count, so while the app is dead an action lasts until
the clock has moved past the last of them. What no client offers raises `NotPossibleError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack import forms, interactions
from sandbox.slack.errors import NotPossibleError
from sandbox.slack.interactions import Target
from sandbox.slack.members import is_external
from sandbox.slack.methods.targets import shares_channel
from sandbox.slack.typed import escaped, typed
from sandbox.slack.writing import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.people import SlackMember
    from sandbox.slack.channels import Channel
    from sandbox.slack.records import Delivery, JsonObject, Message, View
    from sandbox.slack.workspace import Workspace


class Person:
    """The handle of one member; made by `Workspace.person`."""

    def __init__(self, ws: Workspace, user_id: str) -> None:
        self._ws = ws
        self._offered: dict[str, list[JsonObject]] = {}
        self.id = user_id
        self.errors: dict[str, str] = {}
        """The errors shown in the open modal, by block_id."""

    @property
    def member(self) -> SlackMember:
        """The account as it is now."""
        member = self._ws.members.get(self.id)
        if member is None:
            raise LookupError(self.id)
        return member

    # Eyes

    @property
    def dm_channel(self) -> str:
        """The id of the DM with the bot, opened if need be."""
        return self._dm().id

    @property
    def modal(self) -> View | None:
        """The view on top of this person's stack of modals."""
        stack = self._ws.surfaces.stack(self.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        """The bot's Home tab as published for this person."""
        return self._ws.surfaces.home(self.id)

    @property
    def notices(self) -> list[str]:
        """Texts of Slack's own this person was shown, oldest first."""
        return list(self._ws.notices.get(self.id, ()))

    def sees(self, channel: str | None = None, *, thread_ts: str | None = None) -> list[Message]:
        """What this person sees in a channel (default: the DM with the bot), oldest first, ephemeral messages to them included.

        With `thread_ts` only that thread.
        """
        place = self._channel(channel)
        messages = place.visible_to(self.id)
        return messages if thread_ts is None else [m for m in messages if thread_ts in {m.ts, m.thread_ts}]

    def reload(self) -> None:
        """Restart the client: ephemeral messages and open modals are gone."""
        for channel in self._ws.channels.of(self.id):
            gone = [ts for ts, message in channel.ephemerals.items() if message.addressee == self.id]
            for ts in gone:
                del channel.ephemerals[ts]
        self._ws.surfaces.clear(self.id)
        self._ws.changes.touch()

    # Writing

    async def dm(self, text: str, *, thread_ts: str | None = None) -> str:
        """Write to the bot; the message's ts."""
        if not self._ws.app.messages_tab:
            raise NotPossibleError("sending messages to this app has been turned off")
        return await self.post(self.dm_channel, text, thread_ts=thread_ts)

    async def post(self, channel: str, text: str, *, thread_ts: str | None = None) -> str:
        """Write in a channel; the message's ts."""
        return await self._write(channel, text, thread_ts=thread_ts)

    async def mention(self, channel: str, text: str, *, thread_ts: str | None = None) -> str:
        """Write in a channel with a mention of the bot in front; the message's ts."""
        return await self._write(channel, text, thread_ts=thread_ts, to=self._ws.app.bot_user_id)

    async def edit(self, ts: str, text: str, *, channel: str | None = None) -> None:
        """Change a message of one's own."""
        place = self._channel(channel)
        before = self._own(place, ts)
        marked, block = typed(text)
        changed = self._ws.writer.rewrite(place, before, Draft(text=marked, blocks=[block]), by=self.member)
        await self._ws.writer.deliver(self._ws.writer.events_of_change(changed, before, place))

    async def delete(self, ts: str, *, channel: str | None = None) -> None:
        """Delete a message of one's own."""
        place = self._channel(channel)
        before = self._own(place, ts)
        self._ws.writer.remove(place, before)
        await self._ws.writer.deliver(self._ws.writer.events_of_deletion(before, place))

    async def command(
        self, text: str = "", *, channel: str | None = None, command: str = "/unlatch"
    ) -> Delivery | None:
        """Type a slash command (default: in the DM with the bot); None when Slack did not pass it on to the app."""
        place = self._channel(channel)
        known = self._ws.app.commands.get(command)
        if known is None or "commands" not in self._ws.app.scopes or is_external(self.member):
            self._ws.notify(self.id, f"{command} is not a valid command.")
            return None
        words = typed(text)[0] if known.should_escape else escaped(text)
        return await interactions.command(self._ws, self.member, place, command, words.strip())

    # Pressing and filling in

    async def press(
        self, where: str, action_id: str, *, channel: str | None = None, block_id: str | None = None
    ) -> Delivery:
        """Press a button; `where` is a message's ts or a view's id."""
        target = self._target(where, channel)
        block, element = target.element(action_id, block_id)
        if "button" not in element["type"]:
            raise NotPossibleError(f"{action_id} is a {element['type']}, not a button")
        return await interactions.act(target, block, element, None)

    async def select(
        self, where: str, action_id: str, value: Any, *, channel: str | None = None, block_id: str | None = None
    ) -> Delivery | None:
        """Choose in a menu by an option's value (a list where several can be chosen), or type into a field.

        None when Slack does not tell the app before the form is submitted.
        """
        target = self._target(where, channel)
        block, element = target.element(action_id, block_id)
        entry = forms.filled(element, value, self._offered.get(action_id, ()))
        if forms.is_stateful(element):
            target = target.enter(block["block_id"], action_id, entry)
        if block["type"] == "input" and not block.get("dispatch_action", False):
            return None
        return await interactions.act(target, block, element, entry)

    async def suggest(
        self, where: str, action_id: str, text: str, *, channel: str | None = None, block_id: str | None = None
    ) -> list[JsonObject]:
        """Type into a menu with external options; the options the app offered."""
        target = self._target(where, channel)
        block, element = target.element(action_id, block_id)
        if "external" not in element["type"] or len(text) < element.get("min_query_length", 3):
            raise NotPossibleError(f"{action_id} does not ask the app for {text!r}")
        self._offered[action_id] = await interactions.suggest(target, block, element, text)
        return self._offered[action_id]

    async def submit(self, view_id: str, values: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Fill in the top modal, by action_id or block_id, and submit it; the errors shown, by block_id."""
        target = self._target(view_id, None)
        if target.view is None or not target.view.spec.get("submit"):
            raise NotPossibleError("there is nothing to submit")
        view = interactions.filled_view(self._ws, target.view, values or {}, self._offered)
        self.errors = await interactions.submit(target, view)
        return dict(self.errors)

    async def close(self, view_id: str, *, everything: bool = False) -> None:
        """Close the top modal, or with `everything` the whole stack."""
        target = self._target(view_id, None)
        if target.view is None or target.view.spec["type"] != "modal":
            raise NotPossibleError("only a modal can be closed")
        self.errors = {}
        clears = everything or target.view.spec.get("clear_on_close", False)
        views = self._ws.surfaces.clear(self.id) if clears else [self._ws.surfaces.pop(self.id)]
        self._ws.changes.touch()
        await interactions.closed(self._ws, self.member, views, is_cleared=clears)

    async def open_home(self) -> View | None:
        """Open the bot's Home tab; what is published there once the app has been told."""
        if not self._ws.app.home_tab:
            raise NotPossibleError("this app has no Home tab")
        await self._open_tab("home")
        return self.home

    async def open_messages(self) -> None:
        """Open the bot's Messages tab."""
        await self._open_tab("messages")

    # Inside

    async def _open_tab(self, tab: str) -> None:
        if self._ws.app.receives("app_home_opened"):
            event = self._ws.payloads.home_opened(self.member, self._dm(), tab, self.home)
            await self._ws.writer.deliver([self._ws.writer.parcel(event, self._dm())])

    async def _write(self, channel: str, text: str, *, thread_ts: str | None, to: str | None = None) -> str:
        place = self._channel(channel)
        if not text.strip() and to is None:
            raise NotPossibleError("an empty message cannot be sent")
        if thread_ts is not None and thread_ts not in place.messages:
            raise NotPossibleError("there is no such thread")
        marked, block = typed(text, to=to)
        message = self._ws.writer.write(place, self.member, Draft(text=marked, blocks=[block], thread_ts=thread_ts))
        await self._ws.writer.deliver(self._ws.writer.events_of_new(message, place))
        return message.ts

    def _dm(self) -> Channel:
        member = self.member
        if is_external(member) and not shares_channel(self._ws, member):
            raise NotPossibleError("the bot is not visible from outside")
        return self._ws.open_im(member)

    def _channel(self, channel_id: str | None) -> Channel:
        """A channel this person is in; every act begins here, so a deactivated person or a bot cannot act."""
        if self.member.deleted or self.member.is_bot:
            raise NotPossibleError(f"{self.id} cannot sign in to Slack")
        channel = self._dm() if channel_id is None else self._ws.channels.get(channel_id)
        if channel is None or self.id not in channel.members:
            raise NotPossibleError(f"{self.id} is not in {channel_id}")
        return channel

    def _own(self, channel: Channel, ts: str) -> Message:
        message = channel.messages.get(ts)
        if message is None or message.user != self.id:
            raise NotPossibleError("that is not this person's message")
        return message

    def _target(self, where: str, channel_id: str | None) -> Target:
        place = self._channel(channel_id)
        view = self._ws.surfaces.find(where)
        if view is not None:
            if view not in (self.modal, self.home):
                raise NotPossibleError(f"{where} is not in front of {self.id}")
            return Target(self._ws, self.member, view=view)
        message = place.find(where, self.id)
        if message is None:
            raise NotPossibleError(f"{self.id} sees no message or view {where}")
        return Target(self._ws, self.member, message=message, channel=place)
