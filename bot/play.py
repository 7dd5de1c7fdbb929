"""Stories that play in the terminal, without a browser: somebody asks, the bot answers, and Okta shows what happened.

A story is judged by the twin, not by the bot: how often Okta really changed something, and how the account stands.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from textwrap import indent
from typing import Final

import aiohttp

from bot.demo import playground
from sandbox.okta.mail import MailKind
from sandbox.okta.users import User
from sandbox.people import EMPLOYEES, GROUP_ROLES, STAR, Employee, Provider, Status
from sandbox.slack import Message, Person
from sandbox.twin import Twin
from templates.words import load

PATIENCE: Final = 20.0
"""Seconds that a story waits for the bot."""

NEW_PASSWORD: Final = "Quiet-Harbour-42-Lanterns"  # noqa: S105 - chosen by nobody, for an account that there is not

_PASSING: Final = (
    "common.received",
    "common.working",
    "common.checking",
    "common.busy",
    "trouble.waiting",
    "trouble.waiting_midway",
)

_PRESSED: Final = ("confirm", "choose:", "ask:unlock", "prove:")
"""Beginnings of what the person in a story presses, if it is there: Confirm, a choice, the step that is offered, or the way to
prove who they are."""

_OKTA_VERIFY: Final = frozenset({"push", "signed_nonce", "token:software:totp"})


class NoSuchPersonError(Exception):
    """`--as` names nobody who is in both Okta and Slack."""


@dataclass(frozen=True, slots=True)
class Account:
    """How an account stands in the org, and how often something was written to it."""

    status: str
    factors: tuple[str, ...]
    writes: int

    def __str__(self) -> str:
        return f"{self.status}; sign-in methods: {', '.join(self.factors) or 'none'}; changes by the bot: {self.writes}"


@dataclass(frozen=True, slots=True)
class Story:
    """One story.

    Attributes:
        opening: what the person writes first.
        login: who it is about unless somebody else is named.
        end: how the account stands at the end, from the person and how it stood, where the bot acts.
        by_mail: whether the person then follows the link in Okta's mail.
        chooses: the `factorType` of what they choose to be rid of, where they can; otherwise the first.
    """

    opening: str
    login: str
    end: Callable[[Employee, Account], Account]
    by_mail: bool = False
    chooses: str = ""


def _unlocked(person: Employee, before: Account) -> Account:
    """Only a lock that is Okta's to lift is lifted, once."""
    if person.provider is not Provider.OKTA or not (before.status == Status.LOCKED_OUT or person.blocked):
        return before
    return replace(before, status=Status.ACTIVE, writes=1)


def _renewed(person: Employee, before: Account) -> Account:
    """Only a password that is kept in Okta is reset, once."""
    resettable = {Status.ACTIVE, Status.LOCKED_OUT, Status.PASSWORD_EXPIRED, Status.RECOVERY}
    if person.provider is not Provider.OKTA or before.status not in resettable or _is_out_of_reach(person):
        return before
    if before.status == Status.LOCKED_OUT:
        return _unlocked(person, before)  # which has to come first
    return replace(before, status=Status.ACTIVE, writes=1) if _speaking(before.factors) else before


def _reset(person: Employee, before: Account) -> Account:
    """The chosen sign-in method is removed, and all of Okta Verify with a part of it, if another one speaks for its owner."""
    usable = {Status.ACTIVE, Status.PASSWORD_EXPIRED, Status.RECOVERY}
    if not before.factors or before.status not in usable or _is_out_of_reach(person):
        return before
    gone = "webauthn" if "webauthn" in before.factors else before.factors[0]
    with_it = _OKTA_VERIFY if gone in _OKTA_VERIFY else {gone}
    if not _speaking(tuple(kind for kind in before.factors if kind not in with_it)):
        return before
    removed = with_it if gone in {"push", "signed_nonce"} else {gone}
    return replace(before, factors=tuple(kind for kind in before.factors if kind not in removed), writes=1)


def _speaking(factors: tuple[str, ...]) -> bool:
    """Whether one of these can speak for its owner in the demo."""
    return not {"push", "token:software:totp", "sms"}.isdisjoint(factors)


def _is_out_of_reach(person: Employee) -> bool:
    """Whether the bot can't tell whose account it is, or its role does not reach that."""
    is_admin = bool(person.roles) or any(GROUP_ROLES.get(group) for group in person.groups)
    return is_admin or sum(other.address == person.address for other in EMPLOYEES) > 1


STORIES: Final = {
    "unlock": Story("I'm locked out", STAR, _unlocked),
    "password": Story("I forgot my password", "jonas.lindqvist@northwind.example", _renewed, by_mail=True),
    "mfa": Story("I lost my security key", "jonas.lindqvist@northwind.example", _reset, chooses="webauthn"),
    "help": Story("I can't log in to Okta", STAR, _unlocked),
}
"""The stories by name."""


async def play(name: str, *, read_only: bool, login: str | None) -> bool:
    """Play a story and print it; True if it ended as told.

    Raises:
        NoSuchPersonError: `login` is nobody who could ask.
    """
    story = STORIES[name]
    async with playground(read_only=read_only) as world:
        return await _Stage(world, login or story.login).perform(story, read_only=read_only)


class _Stage:
    """One person, their chat, their inbox and their account."""

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

    async def perform(self, story: Story, *, read_only: bool) -> bool:
        before = self._account()
        self._print("Okta before", f"{self._employee.login} is {before}")
        card = await self._ask(story.opening)
        while card is not None and (action := self._next_action(card, story)) is not None:
            self._print(self._employee.first_name, f"presses [{_label(card, action)}]")
            await self._person.press(card.ts, action)
            card = await self._answer(after=card)
            if card is not None and self._takes_up_the_phone():
                card = await self._answer(after=card)
        if card is not None and story.by_mail and (link := self._mailed_link()):
            card = await self._follow(link, card)
        after = self._account()
        self._print("Okta after", f"{self._employee.login} is {after}")
        expected = before if read_only else story.end(self._employee, before)
        as_told = card is not None and after == expected
        self._print("The story", "ended as told" if as_told else "did NOT end as told")
        return as_told

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

    def _next_action(self, card: Message, story: Story) -> str | None:
        """What the person presses next, if anything."""
        chosen = [f"choose:{one.id}" for one in self._user().factors if one.type == story.chooses]
        actions = [action for action in card.action_ids if action.startswith(_PRESSED)]
        return next((action for action in actions if action in chosen), actions[0] if actions else None)

    def _takes_up_the_phone(self) -> bool:
        """Answer what Okta Verify asks there, with the number that Slack shows; False if it asks nothing."""
        for push in self._world.org.phones.pushes(self._employee.login):
            self._print("The phone", f"Okta Verify asks for one of the numbers {', '.join(map(str, push.choices))}")
            self._print(self._employee.first_name, f"chooses {push.answer}")
            self._world.org.phones.approve(push.id, push.answer)
            return True
        return False

    def _mailed_link(self) -> str | None:
        """The link in the newest mail that lets the person choose a password."""
        user_id = self._world.org.user(self._employee.login).id
        kinds = {MailKind.PASSWORD_RESET, MailKind.FORGOT_PASSWORD}
        found = [mail for mail in self._world.org.mails if mail.user_id == user_id and mail.kind in kinds]
        if not found:
            return None
        self._print("Inbox", f"{found[-1].subject}\n{found[-1].text}")
        return found[-1].link

    async def _follow(self, link: str, card: Message) -> Message | None:
        """Do at the link what a person does, and let the time pass after which the bot looks."""
        self._print(self._employee.first_name, "follows the link and chooses a new password")
        form = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
        async with aiohttp.ClientSession() as browser, browser.post(link, data=form) as page:
            page.raise_for_status()
        self._world.clock.advance(timedelta(minutes=2))
        self._print("The clock", "two minutes pass")
        return await self._answer(after=card)

    def _account(self) -> Account:
        user = self._user()
        writes = sum(
            effect.user_id == user.id and not effect.kind.startswith("challenge:") for effect in self._world.org.effects
        )
        return Account(str(user.status), tuple(factor.type for factor in user.factors), writes)

    def _user(self) -> User:
        return self._world.org.user(self._employee.login)

    def _print(self, who: str, what: str, buttons: str = "") -> None:
        text = f"{what}\n{buttons}".strip()
        print(f"{who:12}  {indent(text, ' ' * 14).strip()}\n", flush=True)  # noqa: T201 - this is what it is for


def _readable(text: str) -> str:
    """Slack's markup as its clients would show it, as far as the bot uses it."""
    dated = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    return unescape(dated.replace("*", ""))


def _label(card: Message, action: str) -> str:
    return next(str(element["text"]["text"]) for _, element in card.elements if element["action_id"] == action)


def _labels(card: Message) -> str:
    return " ".join(f"[{_label(card, action)}]" for action in card.action_ids)
