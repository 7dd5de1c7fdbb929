"""The demo: the real bot between an Okta org and a Slack workspace on this machine, with a page to talk in.

Nothing of the bot is different but the addresses. What it stores lies in a folder that is gone afterwards.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot import app
from bot.settings import Settings
from bot.stopping import stop_signals, stopped
from sandbox.page import page_app
from sandbox.people import COMPANY
from sandbox.serve import serve
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Twin, twin

TO_TRY = """
  Open {url} and pick who you are. Some things to try:

    as Maya    "I'm locked out", press the button, and watch the org on the right
    as Diego   the same: his password is kept in Active Directory
    as Priya   "I can't log in"
    anybody    /unlatch, or "@Unlatch unlock my account" in #general
    somebody's card after ten minutes: move the clock on the page

  The bot{how}. Stop with Ctrl-C.
"""


def settings_for(world: Twin, folder: Path, *, read_only: bool = False) -> Settings:
    """The settings with which the bot runs against the twin."""
    return Settings(
        slack={
            "mode": "socket",
            "bot_token": BOT_TOKEN,
            "app_token": APP_TOKEN,
            "signing_secret": SIGNING_SECRET,
            "api_url": f"{world.slack_url}/api/",
        },
        okta={"org_url": world.okta_url, "api_token": API_TOKEN},
        read_only=read_only,
        company=COMPANY,
        data_dir=folder,
        links={"portal": world.okta_url, "help_desk": "mailto:it@northwind.example"},
    )


@asynccontextmanager
async def playground(*, read_only: bool) -> AsyncIterator[Twin]:
    """The twin with the bot running against it."""
    with tempfile.TemporaryDirectory(prefix="unlatch-") as folder:
        async with twin() as world, app.bot(settings_for(world, Path(folder), read_only=read_only), clock=world.clock):
            yield world


async def demo(*, port: int, read_only: bool) -> None:
    """Run until stopped.

    Raises:
        StartError: the port is taken.
    """
    with stop_signals() as told:
        async with (
            playground(read_only=read_only) as world,
            serve(page_app(world.org, world.workspace), port=port) as url,
        ):
            print(TO_TRY.format(url=url, how=" only gives directions" if read_only else " acts"), flush=True)  # noqa: T201
            await stopped(told)
