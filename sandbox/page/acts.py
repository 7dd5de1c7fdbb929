"""What a visitor can do as the person they picked, one JSON body each; the doing is `sandbox.slack.Person`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from msgspec import Meta, Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.slack import Person, Workspace

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
Text: TypeAlias = Annotated[str, Meta(max_length=12_000)]
Value: TypeAlias = str | int | list[str] | None
"""A choice, a text, a moment in seconds, several choices, or nothing."""


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing a person does in Slack."""

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:
        """Do it; what the page is told of it.

        Raises:
            NotPossibleError: Slack's clients don't let this person do it.
        """
        raise NotImplementedError


class Say(Act, frozen=True):
    """Send what is in the composer. As in Slack, a slash in front makes it a command; the bot's name in front mentions the bot."""

    channel: Id
    text: Text

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:
        """Write, mention or command."""
        text = self.text.strip()
        if text.startswith("/"):
            command, _, words = text.partition(" ")
            await person.command(words, channel=self.channel, command=command)
            return {}
        called, _, rest = text.partition(" ")
        if called.rstrip(",:").lower() == f"@{ws.app.name}".lower():
            await person.mention(self.channel, rest)
        else:
            await person.post(self.channel, text)
        return {}


class Press(Act, frozen=True):
    """Press a button in a message (`where` is its ts) or in a view (its id)."""

    where: Id
    action_id: Id
    block_id: Id | None = None
    channel: Id | None = None

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:  # noqa: ARG002 - the shape of every act
        """Press it."""
        await person.press(self.where, self.action_id, channel=self.channel, block_id=self.block_id)
        return {}


class Select(Act, frozen=True):
    """Choose in a menu, or type into a field."""

    where: Id
    action_id: Id
    value: Value
    block_id: Id | None = None
    channel: Id | None = None

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:  # noqa: ARG002 - the shape of every act
        """Choose it."""
        await person.select(self.where, self.action_id, self.value, channel=self.channel, block_id=self.block_id)
        return {}


class Suggest(Act, frozen=True):
    """Ask the app what a menu with external options offers for a text."""

    where: Id
    action_id: Id
    text: Annotated[str, Meta(max_length=75)]
    block_id: Id | None = None
    channel: Id | None = None

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:  # noqa: ARG002 - the shape of every act
        """Ask; the options."""
        place = {"channel": self.channel, "block_id": self.block_id}
        return {"options": await person.suggest(self.where, self.action_id, self.text, **place)}


class Submit(Act, frozen=True):
    """Fill in the open modal, by `block_id`, and submit it."""

    view_id: Id
    values: dict[Id, Value] = field(default_factory=dict)

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:  # noqa: ARG002 - the shape of every act
        """Submit; the errors to show, by `block_id`."""
        return {"errors": await person.submit(self.view_id, self.values)}


class Close(Act, frozen=True):
    """Close the open modal, or with `everything` also those below it."""

    view_id: Id
    everything: bool = False

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:  # noqa: ARG002 - the shape of every act
        """Close it."""
        await person.close(self.view_id, everything=self.everything)
        return {}


class OpenHome(Act, frozen=True):
    """Open the bot's Home tab."""

    async def by(self, person: Person, ws: Workspace) -> Mapping[str, Any]:  # noqa: ARG002 - the shape of every act
        """Open it."""
        await person.open_home()
        return {}


ACTS: Final[Mapping[str, type[Act]]] = {
    "say": Say,
    "press": Press,
    "select": Select,
    "suggest": Suggest,
    "submit": Submit,
    "close": Close,
    "open-home": OpenHome,
}
"""By the last word of the path."""
