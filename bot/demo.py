"""The demo: the real bot between an Okta org and a Slack workspace on this machine, with a page to talk in.

Nothing of the bot is different but the addresses. What it stores lies in a folder that is gone afterwards.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from bot import app
from bot.settings import Settings
from bot.stopping import stop_signals, stopped
from sandbox.page import SIGN_IN, page_app
from sandbox.people import COMPANY
from sandbox.serve import serve
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Twin, twin

TO_TRY: Final = """
  Open {url} and pick who you are. Some things to try:

{things}

  The bot {does}. Stop with Ctrl-C.
"""

ACTING: Final = """\
    as Maya    "I'm locked out", press the button, and watch the org on the right; then Open Okta
    as Diego   the same: his password is kept in Active Directory, so he is told what to do
    as Priya   "I can't log in"
    anybody    /unlatch, or "@Unlatch unlock my account" in #general
    as Yusuf   "I'm locked out", leave the card open and press "Let 10 minutes pass": the offer expires"""

GUIDING: Final = """\
    as Maya    "I'm locked out": directions in place of a button, and nothing changes in the org on the right
    as Diego   the same: his password is kept in Active Directory, so his directions are others
    as Priya   "I can't log in"
    anybody    /unlatch, or "@Unlatch unlock my account" in #general"""


def settings_for(world: Twin, folder: Path, *, portal: str, read_only: bool = False) -> Settings:
    """The settings with which the bot runs against the twin; `portal` is where Open Okta leads."""
    return Settings(
        slack={
            "mode": "socket",
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "signing_secret": SIGNING_SECRET,
            "api_url": f"{world.slack_url}/api/",
        },
        okta={"org_url": world.okta_url, "api_token": API_TOKEN},
        capabilities={"reset_password": "act", "reset_mfa": "act"},
        read_only=read_only,
        company=COMPANY,
        data_dir=folder,
        links={"portal": portal, "help_desk": "mailto:it@northwind.example"},
    )


@asynccontextmanager
async def playground(*, read_only: bool) -> AsyncIterator[Twin]:
    """The twin with the bot running against it."""
    async with twin() as world, _at_work(world, portal=world.okta_url, read_only=read_only):
        yield world


@asynccontextmanager
async def shown(*, port: int, read_only: bool) -> AsyncIterator[tuple[Twin, str]]:
    """The same with its page; yields the page's address too.

    Raises:
        OSError: the port is taken.
    """
    async with (
        twin() as world,
        serve(page_app(world.org, world.workspace), port=port) as url,
        _at_work(world, portal=f"{url}{SIGN_IN}", read_only=read_only),
    ):
        yield world, url


@asynccontextmanager
async def _at_work(world: Twin, *, portal: str, read_only: bool) -> AsyncIterator[None]:
    with tempfile.TemporaryDirectory(prefix="unlatch-") as folder:
        settings = settings_for(world, Path(folder), portal=portal, read_only=read_only)
        async with app.bot(settings, clock=world.clock):
            yield


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
