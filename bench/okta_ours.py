"""Our client as the bot has it, behind the interface of `bench.okta_work`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from bot import engine
from bot.allowance import SharedLedger
from bot.keys import Keys
from okta.auth import SSWS
from okta.client import OktaClient
from okta.models import User
from okta.search import eq
from okta.transport import build_http


@dataclass(frozen=True, slots=True)
class Ours:
    """Reads with our client."""

    client: OktaClient

    async def pages(self) -> AsyncIterator[Sequence[User]]:
        """All users, page by page."""
        async for page in self.client.users().pages():
            yield page.records

    async def user(self, user_id: str) -> User:
        """One user."""
        return await self.client.user(user_id)

    async def background(self) -> AsyncIterator[Sequence[User]]:
        """All users, one on a page, while nobody waits for them."""
        async for page in self.client.in_background().users(limit=1).pages():
            yield page.records

    async def find(self, address: str) -> Sequence[User]:
        """Who has this e-mail address."""
        return [user async for user in self.client.users(search=eq("profile.email", address))]


@asynccontextmanager
async def reader(url: str, token: str, redis_url: str | None = None) -> AsyncIterator[Ours]:
    """Open it; with the address of a Redis, the rate limits are shared there with others."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(build_http(url, user_agent="unlatch/bench"))
        ledger = None
        if redis_url is not None:
            redis = engine.connect(redis_url)
            stack.push_async_callback(redis.aclose)
            ledger = SharedLedger(redis, partial(Keys().allowance, "bench"))
        yield Ours(OktaClient(http, SSWS(token), ledger=ledger))
