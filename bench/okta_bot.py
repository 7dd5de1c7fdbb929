"""Our client as the bot has it: what is left of the rate limits is kept in Redis, for all processes."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial

from bench.okta_ours import Ours
from bot import engine
from bot.allowance import SharedLedger
from bot.keys import Keys
from okta.auth import SSWS
from okta.client import OktaClient
from okta.transport import build_http


@asynccontextmanager
async def reader(url: str, token: str, redis_url: str) -> AsyncIterator[Ours]:
    """Open it."""
    async with aclosing(engine.connect(redis_url)) as redis, build_http(url, user_agent="unlatch/bench") as http:
        ledger = SharedLedger(redis, partial(Keys().allowance, "bench"))
        yield Ours(OktaClient(http, SSWS(token), ledger=ledger))
