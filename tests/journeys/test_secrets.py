"""Marked secrets go through everything that the bot does, and are then looked for in everything that it leaves behind.

A one-time link is in the one call that shows it to its owner; a token, a typed password and a link that came by mail are
nowhere. What is looked for and where is shown to be findable, so that not finding it means something.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from bot import engine
from bot.ports import NotShownError, UndeliverableError
from okta.errors import OktaError
from sandbox.okta import Fault
from sandbox.slack import Call, Message, Person
from sandbox.slack import Fault as SlackFault
from tests.journeys.captured import Errors, Lines, everything, where
from tests.world import SECRETS, World, world

TYPED: Final = "Tr0ub4dor-typed-by-mistake"
"""A password that people write into their messages."""

RESET: Final = "/api/v1/users/*/lifecycle/reset_password"
UNLOCK: Final = "/api/v1/users/*/lifecycle/unlock"
NEW: Final = "Correct-Horse-7-Battery"
"""What a person chooses at the link."""

MODES: Final = {"capabilities": {"reset_password": "act", "reset_mfa": "act"}}
BY_LINK: Final[dict[str, Any]] = {**MODES, "reset_password": {"delivery": "link"}}
BY_EMAIL: Final[dict[str, Any]] = {**MODES, "reset_mfa": {"several": True, "end_sessions": True}}


@dataclass(frozen=True, slots=True)
class Watched:
    """A bot whose every trace is kept."""

    world: World
    url: str
    home: Path
    lines: Lines
    errors: Errors

    async def traces(self) -> dict[str, list[str]]:
        """Everything it has left behind so far."""
        return await everything(self.url, self.home, self.world.twin.workspace, self.lines, self.errors)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """All that is logged, at every level."""
    kept, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(kept)
    root.setLevel(before)


@pytest.fixture
def errors(monkeypatch: pytest.MonkeyPatch) -> Errors:
    """All errors of Okta's and Slack's, caught or not."""
    kept = Errors()
    for kind in (OktaError, NotShownError, UndeliverableError):
        monkeypatch.setattr(kind, "__init__", kept.watched(kind))
    return kept


@asynccontextmanager
async def watched(
    home: Path, lines: Lines, errors: Errors, settings: dict[str, Any], pipeline: str = "idx"
) -> AsyncIterator[Watched]:
    """A bot with a store of its own, whose files can be read."""
    async with engine.embedded(home) as url, world(url, **settings) as running:
        running.twin.org.settings.pipeline = pipeline
        yield Watched(running, url, home, lines, errors)


def tokens(world: World) -> list[str]:
    """The secret part of every one-time link that Okta has made, whether it was mailed, shown or lost."""
    return list(world.twin.org.links._by_token)


def links(world: World) -> list[str]:
    """The links in everybody's mail."""
    return [mail.link for mail in world.twin.org.mails if mail.link]


async def confirmed(world: World, person: Person, title: str) -> Message:
    """Ask for a new password, with a password in the message, and press the button."""
    await person.dm(f"I forgot my password, I think it was {TYPED}")
    card = await world.card(person, title)
    await person.press(card.ts, card.action_ids[0])
    return card


async def nowhere_else(watching: Watched, *secrets: str) -> None:
    """No secret of the bot's own, none that was typed, and none of `secrets`, is in any place."""
    found = await watching.traces()
    assert all(found[place] for place in ("log", "audit", "store", "disk", "slack", "messages")), list(found)
    for secret in (*SECRETS, TYPED, *secrets):
        held = where(found, secret)
        assert not held, f"{secret} is in {held}"


async def only_shown(watching: Watched, person: Person, card: Message, calls: range) -> None:
    """The link is in calls that show it to its owner and in nothing else; and so it can be found."""
    (token,) = tokens(watching.world)
    found = where(await watching.traces(), token)
    assert set(found) == ({"slack"} if calls.start else set()), f"{token} is in {found}"
    holding = [call for call in watching.world.twin.workspace.calls if token in str(call.args)]
    assert len(holding) in calls
    assert all(_is_for(call, person, card) for call in holding), holding


def _is_for(call: Call, person: Person, card: Message) -> bool:
    """Whether a call shows something to a person alone: in the window of their request, or as a note to them."""
    if call.method == "views.update":
        return str(call.args["external_id"]).startswith(f"{reference(card)}.")
    to = (call.args.get("user"), call.args.get("channel"))
    return call.method == "chat.postEphemeral" and to == (person.id, person.dm_channel)


def reference(card: Message) -> str:
    """What a card calls its request."""
    found = re.search(r"Reference ([0-9a-z-]+)", card.text)
    assert found, card.text
    return found[1]


RESET_TITLE: Final = "Your password is reset"
LOST: Final = "Your password is reset, but the link may not have reached you"
REFUSED: Final = SlackFault.error("internal_error")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong while a link is made and shown, and what comes of it.

    Attributes:
        slack: what Slack does to the first call of a method.
        okta: what Okta does to the write.
        ends: how the card begins in the end.
        calls: how many calls may hold the link.
    """

    slack: tuple[tuple[str, SlackFault], ...] = ()
    okta: Fault | None = None
    ends: str = RESET_TITLE
    calls: range = range(1, 2)


TROUBLES: Final = {
    "none": Trouble(),
    "no window": Trouble((("views.open", REFUSED),), calls=range(2, 9)),
    "a window that is not filled": Trouble((("views.update", REFUSED),), calls=range(2, 3)),
    "a window that may be filled": Trouble((("views.update", SlackFault.cut_after()),), calls=range(2, 3)),
    "no window, no message": Trouble(
        (("views.open", REFUSED), ("chat.postEphemeral", REFUSED)), ends=LOST, calls=range(2, 9)
    ),
    "a card that is not drawn": Trouble((("chat.update", SlackFault.error_after()),)),
    "a lost answer": Trouble(okta=Fault.CUT_AFTER, ends=LOST, calls=range(1)),
    "an answer of a gateway": Trouble(okta=Fault.GATEWAY_504, ends=LOST, calls=range(1)),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_a_link_is_in_the_call_that_shows_it_and_nowhere_else(
    trouble: Trouble, tmp_path: Path, lines: Lines, errors: Errors
) -> None:
    """Whatever goes wrong on the way to its owner."""
    async with watched(tmp_path, lines, errors, BY_LINK) as watching:
        bot = watching.world
        jonas = bot.person("UJONAS")
        for method, fault in trouble.slack:
            bot.twin.workspace.faults.order(method, fault)
        if trouble.okta:
            bot.twin.org.faults.order("POST", RESET, trouble.okta)
        await confirmed(bot, jonas, "Reset your password?")
        card = await bot.card_in_time(jonas, trouble.ends)

        await only_shown(watching, jonas, card, trouble.calls)
        await nowhere_else(watching)
        assert bool(errors.raised) == (bool(trouble.slack) or bool(trouble.okta))


async def test_a_link_that_leaves_the_password_as_it_is(tmp_path: Path, lines: Lines, errors: Errors) -> None:
    """In Classic orgs: the same care."""
    async with watched(tmp_path, lines, errors, BY_LINK, "v1") as watching:
        jonas = watching.world.person("UJONAS")
        await confirmed(watching.world, jonas, "Make a link for a new password?")
        card = await watching.world.card_in_time(jonas, "Your link is ready")

        await only_shown(watching, jonas, card, range(1, 2))
        await nowhere_else(watching)


@pytest.mark.parametrize("fault", [None, Fault.CUT_AFTER, Fault.GATEWAY_504])
async def test_a_link_that_came_by_mail_is_nowhere(
    fault: Fault | None, tmp_path: Path, lines: Lines, errors: Errors
) -> None:
    """Okta never shows it to the bot, nor does its use."""
    async with watched(tmp_path, lines, errors, BY_EMAIL) as watching:
        bot = watching.world
        jonas = bot.person("UJONAS")
        if fault:
            bot.twin.org.faults.order("POST", RESET, fault)
        await confirmed(bot, jonas, "Reset your password?")
        await bot.card_in_time(jonas, RESET_TITLE)
        (link,) = links(bot)
        async with aiohttp.ClientSession() as browser, browser.post(link, data={"password": NEW, "again": NEW}) as page:
            assert page.status == 200
        await bot.later(timedelta(minutes=2))
        await bot.card(jonas, "Your password is changed")

        await nowhere_else(watching, NEW, *tokens(bot))


async def test_an_activation_mail_and_a_gentle_one(tmp_path: Path, lines: Lines, errors: Errors) -> None:
    """The other two operations that send a link."""
    async with watched(tmp_path, lines, errors, BY_EMAIL, "v1") as watching:
        bot = watching.world
        bot.twin.set_roles({"USER_ADMIN"})
        jonas, tom = bot.person("UJONAS"), bot.person("UTOM")
        await confirmed(bot, jonas, "Send you a link for a new password?")
        await bot.card(jonas, "Okta has sent you a link")
        await confirmed(bot, tom, "Send your activation mail again?")
        await bot.card(tom, "Okta has sent the activation mail again")

        assert len(links(bot)) == 2
        await nowhere_else(watching, *tokens(bot))


async def test_whatever_else_is_asked(tmp_path: Path, lines: Lines, errors: Errors) -> None:
    """Every other capability, on every way in, with a password in the words; and what nothing understands."""
    async with watched(tmp_path, lines, errors, BY_EMAIL) as watching:
        bot = watching.world
        maya, jonas, clara = (bot.person(one) for one in ("UMAYA", "UJONAS", "UCLARA"))
        bot.twin.org.faults.order("POST", UNLOCK, Fault.CUT_AFTER)
        await maya.dm(f"I'm locked out, {TYPED} does not work")
        await maya.press((await bot.card(maya, "Unlock your account?")).ts, "confirm")
        await bot.card_in_time(maya, "Your account is unlocked")
        await jonas.mention(bot.channel("general"), f"reset my Okta Verify, {TYPED} is my password")
        card = await bot.card(jonas, "Which sign-in method")
        factors = bot.twin.org.user("jonas.lindqvist@northwind.example").factors
        await jonas.select(card.ts, "tick:0", [factor.id for factor in factors])
        bot.twin.org.faults.order("DELETE", "/api/v1/users/*/factors/*", Fault.CUT_AFTER, times=2)
        await jonas.press(card.ts, "choose")
        await jonas.press((await bot.card(jonas, "Remove this")).ts, "confirm")
        await bot.card_in_time(jonas, "Removed")
        await clara.command(f"I can't sign in with {TYPED}")
        await bot.card(clara, "Your account")
        await clara.dm(TYPED)
        await bot.card(clara, "I didn't understand that")

        assert bot.twin.org.user("jonas.lindqvist@northwind.example").factors == ()
        await nowhere_else(watching, *(factor.secret.hex() for factor in factors if factor.secret))


async def test_what_is_there_is_found(tmp_path: Path, lines: Lines, errors: Errors) -> None:
    """The search itself: a request's reference, which is no secret, is found in each place where it belongs."""
    async with watched(tmp_path, lines, errors, BY_LINK) as watching:
        bot = watching.world
        jonas = bot.person("UJONAS")
        bot.twin.org.faults.order("POST", RESET, Fault.CUT_AFTER)
        card = await confirmed(bot, jonas, "Reset your password?")
        await bot.card(jonas, LOST)
        logging.getLogger("aiohttp.client").debug("a line of a %s", "library's")
        known = await watching.traces()

        assert set(where(known, reference(card))) == {"log", "audit", "store", "disk", "slack", "messages"}
        assert set(where(known, "LostAnswerError")) == {"errors"}
        assert set(where(known, "a line of a library's")) == {"log"}
