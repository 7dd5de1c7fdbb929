"""The demo: the real bot between an Okta org and a Slack workspace on this machine, with a page to talk in.

Nothing of the bot is different but the addresses. What it stores lies in a folder that is gone afterwards.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from bot import app
from bot.settings import Settings
from bot.stopping import stop_signals, stopped
from sandbox.page import SIGN_IN, Switch, page_app
from sandbox.people import COMPANY
from sandbox.serve import serve
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, ROLES_TOKEN, SIGNING_SECRET, Twin, twin

CAPABILITIES: Final = {
    "unlock_account": "act",
    "sign_in_help": "act",
    "account_history": "act",
    "not_me": "act",
    "reset_password": "act",
    "reset_mfa": "act",
}
"""Everything that the bot can do is to be seen; a company switches on what it wants."""

SENDER: Final = "unlatch@northwind.example"
"""Where mail to the people of the demo comes from."""

TO_TRY: Final = """
  Open {url} and pick who you are. Some things to try:

{things}

  The bot {does}. Stop with Ctrl-C.
"""

ACTING: Final = """\
    as Maya    "I'm locked out", press the button, and watch the org on the right; then Open Okta
    as Jonas   "I forgot my password", confirm, choose the number on his phone; the link in his inbox works
    as Jonas   "I lost my security key": the same, or the code that his phone shows; say No there once, too
    as Clara   "I have a new phone": her one sign-in method is what is gone, so nothing speaks for her
    as Diego   "I'm locked out": his password is kept in Active Directory, so he is told what to do
    as Priya   "I can't log in"
    as Maya    look into her inbox, then "this wasn't me": it stops, and Ruth reads why in #security
    anybody    /unlatch, or "@Unlatch unlock my account" in #general
    as Yusuf   "I'm locked out", leave the card open and press "Let 10 minutes pass": the offer expires

  The switch "Read-only" at the top starts the bot anew as one that only gives directions."""

GUIDING: Final = """\
    as Maya    "I'm locked out": directions in place of a button, and nothing changes in the org on the right
    as Jonas   "I forgot my password": the same
    as Clara   "I have a new phone": how to move to it
    as Diego   "I'm locked out": his password is kept in Active Directory, so his directions are others
    as Priya   "I can't log in"
    anybody    /unlatch, or "@Unlatch unlock my account" in #general

  The switch "Read-only" at the top starts the bot anew as one that acts."""


ROLES: Final = frozenset({"HELP_DESK_ADMIN", "USER_ADMIN"})
"""Of the bot's token: Help Desk, and Group Administrator for sending activation mails again."""


def settings_for(world: Twin, folder: Path, *, portal: str, read_only: bool = False) -> Settings:
    """The settings with which the bot runs against the twin; `portal` is where Open Okta leads."""
    return Settings(
        slack={
            "mode": "socket",
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "signing_secret": SIGNING_SECRET,
            "api_url": f"{world.slack_url}/api/",
            "security_channel": "C0SECURITY",
        },
        okta={"org_url": world.okta_url, "api_token": API_TOKEN, "roles": {"api_token": ROLES_TOKEN}},
        capabilities=CAPABILITIES,
        proof={"methods": ["push", "code", "sms"]},
        mail={"host": "127.0.0.1", "port": world.smtp_port, "security": "none", "sender": SENDER},
        read_only=read_only,
        company=COMPANY,
        data_dir=folder,
        links={"portal": portal, "help_desk": "mailto:it@northwind.example"},
    )


class _Bot:
    """The bot at work on one folder. It can be ended and started anew from any task, since a task of its own holds it.

    Attributes:
        portal: where Open Okta leads.
    """

    def __init__(self, world: Twin, folder: Path) -> None:
        self.portal = world.okta_url
        self._clock = world.clock
        self._settings = partial(settings_for, world, folder)
        self._one_at_a_time = asyncio.Lock()
        self._end = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._is_over = False

    async def start(self, *, read_only: bool) -> None:
        """End what runs, and return once the new one is at work.

        Raises:
            StartError: as `bot.app.bot`, and likewise the others.
        """
        async with self._one_at_a_time:
            await self._stop()
            if self._is_over:
                return
            ready, self._end = asyncio.Event(), asyncio.Event()
            self._work = asyncio.create_task(self._hold(ready, self._end, read_only=read_only))
            waiting = asyncio.create_task(ready.wait())
            await asyncio.wait({self._work, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if not ready.is_set():
                await self._stop()

    async def close(self) -> None:
        """End it for good."""
        self._is_over = True
        async with self._one_at_a_time:
            await self._stop()

    async def _hold(self, ready: asyncio.Event, end: asyncio.Event, *, read_only: bool) -> None:
        settings = self._settings(portal=self.portal, read_only=read_only)
        async with app.bot(settings, clock=self._clock):
            ready.set()
            await end.wait()

    async def _stop(self) -> None:
        self._end.set()
        work, self._work = self._work, None
        if work is not None:
            await work


@asynccontextmanager
async def playground(*, read_only: bool) -> AsyncIterator[Twin]:
    """The twin with the bot running against it."""
    async with twin(roles=ROLES) as world, _folder() as folder:
        settings = settings_for(world, folder, portal=world.okta_url, read_only=read_only)
        async with app.bot(settings, clock=world.clock):
            yield world


@asynccontextmanager
async def shown(*, port: int, read_only: bool) -> AsyncIterator[tuple[Twin, str]]:
    """The same with its page, on which a switch starts the bot anew; yields the page's address too.

    Raises:
        OSError: the port is taken.
    """
    async with twin(roles=ROLES) as world, _folder() as folder:
        bot = _Bot(world, folder)
        page = page_app(world.org, world.workspace, Switch(bot.start, read_only=read_only))
        async with serve(page, port=port) as url:
            bot.portal = f"{url}{SIGN_IN}"
            try:
                await bot.start(read_only=read_only)
                yield world, url
            finally:
                await bot.close()


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory(prefix="unlatch-") as folder:
        yield Path(folder)


def to_try(url: str, *, read_only: bool) -> str:
    """What a newcomer reads in the terminal."""
    does = "only gives directions" if read_only else "acts"
    return TO_TRY.format(url=url, things=GUIDING if read_only else ACTING, does=does)


async def demo(*, port: int, read_only: bool) -> None:
    """Run until stopped.

    Raises:
        OSError: the port is taken.
    """
    with stop_signals() as told:
        async with shown(port=port, read_only=read_only) as (_, url):
            print(to_try(url, read_only=read_only), flush=True)  # noqa: T201 - it speaks to a person
            await stopped(told)
