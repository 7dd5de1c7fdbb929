"""Our client by itself, behind the interface of `bench.okta_work`; it keeps to the rate limits, but shares them with nobody."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

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
async def reader(url: str, token: str) -> AsyncIterator[Ours]:
    """Open it."""
    async with build_http(url, user_agent="unlatch/bench") as http:
        yield Ours(OktaClient(http, SSWS(token)))
