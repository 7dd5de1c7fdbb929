"""The bot between the two halves of the twin, as the tests meet it: people act in Slack, Okta's state tells what happened."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from bot import app
from bot.parts import Pace
from bot.settings import Settings
from sandbox.slack import Message, Person
from sandbox.slack.interactions import Target, act, submit
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Twin, twin
from tests.scribe import AUDIT_KEY

PATIENCE: Final = 10.0
"""Seconds until a test gives up waiting for the bot."""

SECURITY: Final = "C0SECURITY"
"""The channel in which the security team is told."""

STEP: Final = timedelta(seconds=0.5)
"""How far the clock jumps at a time where time has to pass."""

SECRETS: Final = (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, API_TOKEN, AUDIT_KEY)


SENDER: Final = "unlatch@northwind.example"
"""Where the bot's mail comes from."""

NO_PROOF: Final = {"reset_password": "none", "reset_mfa": "none"}
"""What is not about proof does without; an org on this machine is nobody's real one."""


@dataclass(frozen=True, slots=True)
class World:
    """A running twin and a running bot."""

    twin: Twin
    settings: Settings

    def person(self, user_id: str) -> Person:
        """The hands and eyes of a member."""
        return self.twin.person(user_id)

    def status(self, login: str) -> str:
        """How an account stands in the org."""
        return str(self.twin.org.user(f"{login}@northwind.example").status)

    @property
    def effects(self) -> list[str]:
        """What the bot really changed in the org, by kind."""
        return [effect.kind for effect in self.twin.org.effects]

    @property
    def writes(self) -> list[str]:
        """The paths of every request that was not a read."""
        return [call.path for call in self.twin.org.calls if call.method != "GET"]

    def cards(self, person: Person) -> list[Message]:
        """The bot's lasting messages in a person's DM."""
        return [message for message in person.sees() if message.bot_id and not message.is_ephemeral]

    @property
    def security(self) -> list[str]:
        """What the security team reads, the newest last."""
        return [message.text for message in self.person("UGRACE").sees(SECURITY) if message.bot_id]

    def whispers(self, person: Person, channel: str | None = None) -> list[str]:
        """What the bot said to this person alone."""
        return [message.text for message in person.sees(channel) if message.is_ephemeral]

    async def until(self, true: Callable[[], Any], what: str = "what the test waits for") -> None:
        """Wait until something can be seen in Slack or Okta."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():  # noqa: ASYNC110 - no one event tells of two services and a bot
                    await asyncio.sleep(0.005)
        except TimeoutError:
            seen = [message.text for messages in self._dms() for message in messages]
            raise AssertionError(f"{what} did not come; the bot's messages are: {seen}") from None

    async def card(self, person: Person, title: str | tuple[str, ...]) -> Message:
        """Wait until the newest card of a person begins with `title`."""
        await self.until(lambda: self._newest(person).startswith(title), f"the card {title!r}")
        return self.cards(person)[-1]

    async def forge_press(self, by: str, card: Message, action_id: str) -> None:
        """Press a button of somebody else's card: what Slack would send if it let `by` see that card."""
        workspace = self.twin.workspace
        target = Target(workspace, self.person(by).member, message=card, channel=workspace.channels.get(card.channel))
        await act(target, *target.element(action_id, None), None)

    async def forge_choice(self, by: str, card: Message, value: str) -> None:
        """Press a choice that is on no card: what a forger would send, were there a way past Slack's signature."""
        workspace = self.twin.workspace
        target = Target(workspace, self.person(by).member, message=card, channel=workspace.channels.get(card.channel))
        block, element = target.element("cancel", None)
        await act(target, block, {**element, "action_id": f"choose:{value}"}, None)

    async def forge_ask(self, by: str, card: Message, name: str) -> None:
        """Press an offer as a card of another version of the bot may show it."""
        workspace = self.twin.workspace
        target = Target(workspace, self.person(by).member, message=card, channel=workspace.channels.get(card.channel))
        block, element = target.element("cancel", None)
        await act(target, block, {**element, "action_id": f"ask:{name}"}, None)

    async def forge_submit(self, by: str, view_id: str, typed: str, *, carries: str | None = None) -> None:
        """Submit a window as somebody else, or one that carries something else: what Slack never sends by itself."""
        view = next(
            view for person in self.twin.workspace.people.values() if (view := person.modal) and view.id == view_id
        )
        spec = view.spec if carries is None else {**view.spec, "private_metadata": carries}
        entry = {"type": "plain_text_input", "value": typed}
        forged = replace(view, spec=spec, inputs={"field": {"field": entry}})
        await submit(Target(self.twin.workspace, self.person(by).member, view=forged), forged)

    def channel(self, name: str) -> str:
        """The id of the channel with this name."""
        return next(channel.id for channel in self.twin.workspace.channels if channel.name == name)

    async def later(self, by: timedelta) -> None:
        """Move the clock of the whole world."""
        self.twin.clock.advance(by)

    async def card_in_time(self, person: Person, title: str | tuple[str, ...]) -> Message:
        """Let time pass, quickly, until the newest card of a person begins with `title`."""

        def passed() -> bool:
            self.twin.clock.advance(STEP)
            return self._newest(person).startswith(title)

        await self.until(passed, f"the card {title!r}")
        return self.cards(person)[-1]

    def _newest(self, person: Person) -> str:
        cards = self.cards(person)
        return cards[-1].text if cards else ""

    def _dms(self) -> list[list[Message]]:
        return [self.cards(person) for person in self.twin.workspace.people.values()]


@asynccontextmanager
async def world(
    redis_url: str,
    *,
    http: bool = False,
    worker: bool = True,
    attempts: int = 1,
    mails: bool = False,
    signs_in: Mapping[str, Any] = MappingProxyType({"api_token": API_TOKEN}),
    **settings: Any,
) -> AsyncIterator[World]:
    """Run the twin and the bot, over Socket Mode or signed HTTP, with `settings` on top of the plain ones.

    Without `worker`, what people ask is taken in and left for somebody else to carry. `attempts` is how often a call to
    Okta is tried by the client itself; `mails` gives the bot a mail server; `signs_in` is how the bot signs in there.
    """
    async with twin() as outside:
        slack = {
            "mode": "http" if http else "socket",
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "signing_secret": SIGNING_SECRET,
            "api_url": f"{outside.slack_url}/api/",
            "security_channel": SECURITY,
        }
        okta = {"org_url": outside.okta_url, **signs_in}
        plain: dict[str, Any] = {
            "slack": slack,
            "okta": okta,
            "redis_url": redis_url,
            "audit": {"key": AUDIT_KEY},
            "web": {"port": 0},
            "proof": NO_PROOF,
            "mail": {"host": "127.0.0.1", "port": outside.smtp_port, "security": "none", "sender": SENDER}
            if mails
            else {},
        }
        made = Settings(**{**plain, **settings})
        pace = Pace(okta_attempts=attempts)
        async with app.bot(made, clock=outside.clock, worker=worker, pace=pace) as running:
            if http:
                outside.workspace.request_url = running.request_url
            yield World(outside, made)
