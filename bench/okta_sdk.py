"""The baseline: Okta's own SDK in its best form, behind the interface of `bench.okta_work`.

Its client keeps one session of aiohttp open (`async with Client(...)`), lists are read by its own `paginate_pages`, and
its cache and its log are off, as they are by default. It is imported by name, since in this tree `okta` is ours.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

PAGE: Final = 200


@dataclass(frozen=True)
class Sdk:
    """Reads with the SDK."""

    client: Any
    paginate: Any

    async def pages(self) -> AsyncIterator[Sequence[Any]]:
        """All users, page by page."""
        async for users, _, _ in self.paginate(self.client.list_users, limit=PAGE):
            yield users

    async def user(self, user_id: str) -> Any:
        """One user."""
        user, _, error = await self.client.get_user(user_id)
        if error is not None:
            raise RuntimeError(error)
        return user

    async def background(self) -> AsyncIterator[Sequence[Any]]:
        """All users, one on a page; there is no other way to ask when nobody waits."""
        async for users, _, _ in self.paginate(self.client.list_users, limit=1):
            yield users

    async def find(self, address: str) -> Sequence[Any]:
        """Who has this e-mail address."""
        users, _, error = await self.client.list_users(search=f'profile.email eq "{address}"')
        if error is not None:
            raise RuntimeError(error)
        return users  # type: ignore[no-any-return]  # a list


@asynccontextmanager
async def reader(url: str, token: str) -> AsyncIterator[Sdk]:
    """Open it."""
    # This release writes no space between `SSWS` and the token; the twin, which minds, is what the one here is for.
    client = import_module("okta.client").Client({"orgUrl": url, "token": f" {token}"})
    async with client:
        yield Sdk(client, import_module("okta.pagination").paginate_pages)
