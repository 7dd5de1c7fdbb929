"""The bot's own edge as a server: signature, Bolt, record and doorbell on the disk before the acknowledgement.

Composed as `bot.app` does it, but for signing in to Slack, which happens once at the start.
"""

import logging
import os
import sys
from pathlib import Path

from redis.asyncio import Redis
from slack_bolt.authorization import AuthorizeResult

import handlers
from bench.load import SECRET
from bot import engine
from bot.audit import Scribe
from bot.interpret import Interpreter
from bot.keys import Keys
from bot.model import Actor, Card, Place
from bot.parts import SystemClock
from bot.passcodes import Passcodes
from bot.ports import View
from bot.proofs import Proofs
from bot.rules import Rules
from bot.serving import serving
from bot.slack.bolt import bolt
from bot.slack.edge import Edge
from bot.slack.http import SlackHttp
from bot.stopping import stop_signals, stopped
from bot.store import Store
from bot.tally import Tally
from okta.auth import SSWS
from okta.client import OktaClient
from okta.transport import build_http
from templates.cards import Cards
from templates.words import load


class Mute:
    """A messenger for an edge that has nothing to say."""

    async def post(self, request_id: str, to: Actor, view: View, *, place: Place, search: bool) -> Card:
        """Never called here."""
        raise NotImplementedError

    async def update(self, card: Card, view: View) -> None:
        """Never called here."""
        raise NotImplementedError

    async def open_window(self, trigger: str, window: str, view: View) -> bool:
        """Never called here."""
        raise NotImplementedError

    async def fill(self, window: str, view: View) -> bool:
        """Never called here."""
        raise NotImplementedError

    async def tell(self, channel: str, view: View) -> None:
        """Never called here."""
        raise NotImplementedError

    async def whisper(self, place: Place, to: Actor, text: str) -> bool:
        """Only called where a request could not be stored, which the measurement counts by its own means."""
        del place, to, text
        return True


def _edge(redis: Redis, clock: SystemClock) -> Edge:
    """The edge; what people type in windows is not measured, so the Okta behind it is nowhere."""
    store, keys, messenger, cards, rules = (
        Store(redis, Keys(), clock, scribe=Scribe(b"key")),
        Keys(),
        Mute(),
        Cards(load(), Rules()),
        Rules(),
    )
    okta, tally = (
        OktaClient(build_http("http://127.0.0.1:9", user_agent="bench"), SSWS("unused")),
        Tally(redis, keys, clock),
    )
    proofs = Proofs(store=store, okta=okta, tally=tally, rules=rules, clock=clock)
    passcodes = Passcodes(
        store=store, okta=okta, tally=tally, proofs=proofs, messenger=messenger, cards=cards, clock=clock
    )
    return Edge(
        store=store,
        interpreter=Interpreter(handlers.find()),
        messenger=messenger,
        cards=cards,
        passcodes=passcodes,
        clock=clock,
    )


async def serve(port: int, folder: Path) -> None:
    """Serve until told to end."""
    clock = SystemClock()
    with stop_signals() as told:
        async with engine.embedded(folder) as url:
            redis = engine.connect(url)
            if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
                # Beside the load, not beside the edge: what is compared is the edge's own work on a core of its own.
                os.sched_setaffinity((await redis.info("server"))["process_id"], {1})
            edge = _edge(redis, clock)
            who = AuthorizeResult(
                enterprise_id=None, team_id="T0NORTHWIND", bot_token="xoxb-bench", bot_user_id="U0BOT"
            )
            logger = logging.getLogger("bench.bolt")
            logger.setLevel(logging.CRITICAL)

            async def healthy() -> bool:
                return True

            asgi = SlackHttp(bolt(edge, who, logger), signing_secret=SECRET, clock=clock, healthy=healthy)
            async with serving(asgi, "127.0.0.1", port) as (task, _):
                await stopped(told, task)
            await redis.aclose()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
