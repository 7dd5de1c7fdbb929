"""Our client as the bot has it, behind the interface of `bench.okta_work`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from okta.auth import SSWS
from okta.client import OktaClient
from okta.models import User
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


@asynccontextmanager
async def reader(url: str) -> AsyncIterator[Ours]:
    """Open it."""
    async with build_http(url, user_agent="unlatch/bench") as http:
        yield Ours(OktaClient(http, SSWS("00benchmark")))
