"""A client of the twin's org that says nothing more than HTTP does, and looks at each answer as Okta's description does."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from tests.sandbox.okta.description import judge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

DOMAIN = "northwind.example"
ADMIN = "00TestSuperAdministrator"
"""The API token that may do everything."""

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # httpx would load the certificates of the world for each client


@dataclass(frozen=True, slots=True)
class Api:
    """The org as one caller meets it.

    Attributes:
        authorization: the header; None sends none.
    """

    http: httpx.AsyncClient
    authorization: str | None

    async def send(self, method: str, path: str, *, body: Any = None, **query: Any) -> httpx.Response:
        """One request, with a JSON body if given."""
        headers = {} if self.authorization is None else {"Authorization": self.authorization}
        return await self.http.request(method, path, params=query or None, headers=headers, json=body)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        """A read."""
        return await self.send("GET", path, **query)

    async def post(self, path: str, **query: Any) -> httpx.Response:
        """A write."""
        return await self.send("POST", path, **query)

    async def users(self, **query: Any) -> httpx.Response:
        """The list of users."""
        return await self.get("/api/v1/users", **query)

    async def user(self, key: str, **query: Any) -> httpx.Response:
        """One user by id, login or short name, encoded as a path must be."""
        return await self.get(f"/api/v1/users/{quote(key, safe='')}", **query)

    async def act(self, user_id: str, operation: str, **query: Any) -> httpx.Response:
        """A lifecycle operation."""
        return await self.post(f"/api/v1/users/{user_id}/lifecycle/{operation}", **query)

    async def factors(self, user_id: str) -> httpx.Response:
        """The user's factors."""
        return await self.get(f"/api/v1/users/{user_id}/factors")

    async def remove(self, user_id: str, factor_id: str, **query: Any) -> httpx.Response:
        """Unenroll a factor."""
        return await self.send("DELETE", f"/api/v1/users/{user_id}/factors/{factor_id}", **query)

    async def verify(self, user_id: str, factor_id: str, body: Any = None, **query: Any) -> httpx.Response:
        """Challenge, or answer one."""
        return await self.send("POST", f"/api/v1/users/{user_id}/factors/{factor_id}/verify", body=body, **query)

    async def end_sessions(self, user_id: str) -> httpx.Response:
        """The user's sessions, all of them."""
        return await self.send("DELETE", f"/api/v1/users/{user_id}/sessions")

    async def logs(self, **query: Any) -> httpx.Response:
        """The System Log."""
        return await self.get("/api/v1/logs", **query)


@asynccontextmanager
async def client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the org; an answer that Okta's description does not allow fails the test."""

    async def conforms(response: httpx.Response) -> None:
        await response.aread()
        found = judge(response.request, response)
        assert found == [], f"{found} {response.request.method} {response.request.url}: {response.text}"

    async with httpx.AsyncClient(base_url=url, verify=_NO_TLS, event_hooks={"response": [conforms]}) as http:
        yield http


async def until(holds: Callable[[], bool]) -> None:
    """Give the event loop turns until something holds; the test's own time limit ends a vain wait."""
    while not holds():  # noqa: ASYNC110 - the condition is the test's own; no one event stands for it
        await asyncio.sleep(0.001)


def code(response: httpx.Response) -> tuple[int, str]:
    """The status and Okta's code of a refusal."""
    return response.status_code, response.json()["errorCode"]


def causes(response: httpx.Response) -> list[str]:
    """The words of the `errorCauses`."""
    return [cause["errorSummary"] for cause in response.json()["errorCauses"]]


def login(handle: str) -> str:
    """The login of somebody of the cast."""
    return f"{handle}@{DOMAIN}"


def handles(response: httpx.Response) -> list[str]:
    """What stands before the @ of each login found, in the order given."""
    assert response.status_code == 200, response.text
    return [str(user["profile"]["login"]).partition("@")[0] for user in response.json()]


def link(response: httpx.Response, relation: str) -> str | None:
    """The address behind a link relation; Okta sends each in a header of its own."""
    found = [text for text in response.headers.get_list("link") if text.endswith(f'; rel="{relation}"')]
    assert len(found) <= 1
    return found[0][1:].partition(">")[0] if found else None
