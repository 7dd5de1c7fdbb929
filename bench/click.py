"""From the press of Confirm to the moment the write reaches Okta: the bot against a bare Bolt listener.

    python -m bench.click [--clicks 100]

Both do what has to be asked before a write (who the presser is in Slack, and how the account stands in Okta, now). The
bare listener asks and writes, and that is all: nothing is stored, fenced, deduplicated or kept through a crash. The
outside world is the twin in the same process, so its answers take part of the time; the time in which one of them was
being made is taken off and shown apart, and what remains is the bot's own share.
Goal: p50 under 15 ms.
"""

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bench.outside import LOGIN, Outside, outside
from bot import app
from bot.serving import serving
from bot.settings import Settings
from bot.slack.http import PATH, SlackHttp
from okta.auth import SSWS
from okta.client import OktaClient
from okta.transport import build_http
from sandbox.slack.writing import Draft
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET

WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Click:
    """One click, in milliseconds: until the write reached Okta, and the part of it spent on others' answers."""

    total: float
    waits: float

    @property
    def own(self) -> float:
        """What is left."""
        return self.total - self.waits


async def click(world: Outside, ts: str) -> Click:
    """Press Confirm and wait until the write has been answered."""
    written = asyncio.Event()
    world.twin.org.after_effect(written.set)
    begun = time.perf_counter()
    pressing = asyncio.create_task(world.maya.press(ts, "confirm"))
    await written.wait()
    await pressing
    found: list[float] = []
    while not found:
        await asyncio.sleep(0.001)
        found = [came for path, came, _ in world.okta.spans if path.endswith("/unlock") and came > begun]
    return Click((found[0] - begun) * 1000, world.waits(begun, found[0]) * 1000)


@asynccontextmanager
async def ours(world: Outside, folder: Path) -> AsyncIterator[None]:
    """The bot, over signed HTTP, with its embedded store."""
    slack = {"mode": "http", "bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "signing_secret": SIGNING_SECRET}
    settings = Settings(
        slack=slack | {"api_url": f"{world.twin.slack_url}/api/"},
        okta={"org_url": world.twin.okta_url, "api_token": API_TOKEN},
        web={"port": 0},
        data_dir=folder,
    )
    async with app.bot(settings) as running:
        world.twin.workspace.request_url = running.request_url
        yield


@asynccontextmanager
async def bare(world: Outside, _folder: Path) -> AsyncIterator[None]:
    """A Bolt listener that asks what has to be asked, and writes."""
    logger = logging.getLogger("bench.bolt")
    logger.setLevel(logging.CRITICAL)
    okta_url, slack_url = world.twin.okta_url, world.twin.slack_url
    async with aiohttp.ClientSession() as session, build_http(okta_url, user_agent="bench") as http:
        web = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack_url}/api/", session=session)
        okta = OktaClient(http, SSWS(API_TOKEN))
        bolt = AsyncApp(client=web, logger=logger, request_verification_enabled=False, process_before_response=True)
        listening = asyncio.Event()

        @bolt.action("confirm")
        async def confirm(ack: Any, body: dict[str, Any]) -> None:
            await ack()
            asyncio.get_running_loop().create_task(act(body["user"]["id"])).add_done_callback(lambda _: listening.set())

        async def act(user_id: str) -> None:
            _, user = await asyncio.gather(web.users_info(user=user_id), okta.user(LOGIN))
            await okta.blocks(user.id)
            await okta.unlock(user.id)

        async def healthy() -> bool:
            return True

        asgi = SlackHttp(bolt, signing_secret=SIGNING_SECRET, clock=world.twin.clock, healthy=healthy)
        async with serving(asgi, "127.0.0.1", 0) as (_, address):
            world.twin.workspace.request_url = f"{address}{PATH}"
            yield


async def our_card(world: Outside) -> str:
    """A card of the bot that waits for its Confirm."""
    await world.maya.dm("I'm locked out")
    return (await world.card("Unlock your account?")).ts


async def bare_card(world: Outside) -> str:
    """A message with the button, without a bot."""
    workspace = world.twin.workspace
    button = {"type": "button", "action_id": "confirm", "text": {"type": "plain_text", "text": "Go"}, "value": "v"}
    blocks = json.loads(json.dumps([{"type": "actions", "elements": [button]}]))
    channel = workspace.open_im(world.maya.member)
    return workspace.writer.write(channel, workspace.bot, Draft(text="card", blocks=blocks)).ts


async def measure(which: str, clicks: int) -> list[Click]:
    """Some clicks of one kind, the first few not counted."""
    served, card = (ours, our_card) if which == "ours" else (bare, bare_card)
    found = []
    with tempfile.TemporaryDirectory(prefix="unlatch-bench-") as folder:
        async with outside() as world, served(world, Path(folder)):
            for _ in range(WARM_UP + clicks):
                if world.twin.org.user(LOGIN).status != "LOCKED_OUT":
                    world.twin.org.lock(LOGIN)
                    world.twin.clock.advance(world.twin.org.replicas.lag)
                found.append(await click(world, await card(world)))
                if which == "ours":
                    await world.card("Your account is unlocked")
    return found[WARM_UP:]


def main() -> None:
    """Measure both and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clicks", type=int, default=100)
    clicks = parser.parse_args().clicks
    medians = {}
    for which in ("bare", "ours"):
        found = asyncio.run(measure(which, clicks))
        totals = sorted(one.total for one in found)
        medians[which] = median(one.own for one in found)
        print(
            f"{which:5}  press to write  p50 {median(totals):6.2f}  p99 {totals[int(len(totals) * 0.99) - 1]:6.2f} ms,"
            f"  of which others' answers p50 {median(one.waits for one in found):6.2f},  own share p50 {medians[which]:6.2f}",
            flush=True,
        )
    print(f"\nown share, ours / bare: {medians['ours'] / medians['bare']:.2f}")


if __name__ == "__main__":
    main()
