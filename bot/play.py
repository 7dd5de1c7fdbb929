"""Stories that play in the terminal, without a browser: somebody asks, the bot answers, and Okta shows what happened.

A story is judged by the twin, not by the bot: how often Okta really changed something, and how the account stands.
"""

import asyncio
import re
from dataclasses import dataclass
from html import unescape
from textwrap import indent
from typing import Final

from bot.demo import playground
from sandbox.people import STAR, Employee, Provider, Status
from sandbox.slack import Message, Person
from sandbox.twin import Twin
from templates.words import load

PATIENCE: Final = 20.0
"""Seconds that a story waits for the bot."""

OPENINGS: Final = {"unlock": "I'm locked out", "help": "I can't log in to Okta"}
"""The stories by name, each with what the person writes first."""

_PASSING: Final = ("common.received", "common.working", "common.checking", "common.busy", "trouble.waiting")


class NoSuchPersonError(Exception):
    """`--as` names nobody who is in both Okta and Slack."""


@dataclass(frozen=True, slots=True)
class Account:
    """How an account stands in the org, and how often something was written to it."""

    status: str
    writes: int


async def play(story: str, *, read_only: bool, login: str | None) -> bool:
    """Play a story and print it; True if it ended as told.

    Raises:
        NoSuchPersonError: `login` is nobody who could ask.
    """
    async with playground(read_only=read_only) as world:
        return await _Stage(world, login or STAR).perform(story, read_only=read_only)


class _Stage:
    """One person, their chat and their account."""

    def __init__(self, world: Twin, login: str) -> None:
        self._world = world
        try:
            self._employee: Employee = world.employee(login)
        except LookupError:
            raise NoSuchPersonError(login) from None
        if self._employee.slack_id is None:
            raise NoSuchPersonError(login)
        self._person: Person = world.person(self._employee.slack_id)
        passing = load()
        self._passing = tuple(passing.entry(name).title for name in _PASSING)

    async def perform(self, story: str, *, read_only: bool) -> bool:
        before = self._account()
        self._print("Okta before", f"{self._employee.login} is {before.status}")
        card = await self._ask(OPENINGS[story])
        while card is not None and (action := _next_action(card)) is not None:
            self._print(self._employee.first_name, f"presses [{_label(card, action)}]")
            await self._person.press(card.ts, action)
            card = await self._answer(after=card)
        after = self._account()
        self._print("Okta after", f"{self._employee.login} is {after.status}; changes by the bot: {after.writes}")
        as_told = card is not None and after == self._expected(before, read_only=read_only)
        self._print("The story", "ended as told" if as_told else "did NOT end as told")
        return as_told

    def _expected(self, before: Account, *, read_only: bool) -> Account:
        """Only a lock that is Okta's to lift is lifted, once, and never in read-only mode."""
        user = self._world.org.user(self._employee.login)
        okta_only = self._employee.provider is Provider.OKTA
        if read_only or not okta_only or not (before.status == Status.LOCKED_OUT or self._employee.blocked):
            return before
        return Account(str(user.status) if before.status != Status.LOCKED_OUT else Status.ACTIVE, 1)

    async def _ask(self, text: str) -> Message | None:
        self._print(self._employee.first_name, text)
        await self._person.dm(text)
        return await self._answer(after=None)

    async def _answer(self, after: Message | None) -> Message | None:
        """The bot's newest message once it is no longer about to change; None if it does not come."""
        try:
            async with asyncio.timeout(PATIENCE):
                async for _ in self._world.workspace.changes.watch():
                    said = [message for message in self._person.sees() if message.bot_id]
                    if said and self._has_settled(said[-1], after):
                        self._print("Unlatch", _readable(said[-1].text), _labels(said[-1]))
                        return said[-1]
        except TimeoutError:
            self._print("Unlatch", "(no answer)")
        return None

    def _has_settled(self, message: Message, after: Message | None) -> bool:
        unchanged = after is not None and (message.ts, message.text) == (after.ts, after.text)
        return not unchanged and not message.text.startswith(self._passing)

    def _account(self) -> Account:
        org = self._world.org
        user = org.user(self._employee.login)
        return Account(str(user.status), sum(effect.user_id == user.id for effect in org.effects))

    def _print(self, who: str, what: str, buttons: str = "") -> None:
        text = f"{what}\n{buttons}".strip()
        print(f"{who:12}  {indent(text, ' ' * 14).strip()}\n", flush=True)  # noqa: T201 - this is what it is for


def _readable(text: str) -> str:
    """Slack's markup as its clients would show it, as far as the bot uses it."""
    dated = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    return unescape(dated.replace("*", ""))


def _next_action(card: Message) -> str | None:
    """What the person in the story presses: Confirm, or the first step that is offered."""
    wanted = [action for action in card.action_ids if action == "confirm" or action.startswith("ask:unlock")]
    return wanted[0] if wanted else None


def _label(card: Message, action: str) -> str:
    return next(str(element["text"]["text"]) for _, element in card.elements if element["action_id"] == action)


def _labels(card: Message) -> str:
    return " ".join(f"[{_label(card, action)}]" for action in card.action_ids)
