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


@asynccontextmanager
async def reader(url: str) -> AsyncIterator[Sdk]:
    """Open it."""
    client = import_module("okta.client").Client({"orgUrl": url, "token": "00benchmark"})
    async with client:
        yield Sdk(client, import_module("okta.pagination").paginate_pages)
