"""An org served on loopback, and its callers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.serve import serve
from tests.sandbox.okta.api import ADMIN, Api, client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import httpx

LAG = timedelta(minutes=5)
START = datetime(2026, 3, 2, 8, 55, tzinfo=UTC)
"""A moment, where no clock is needed."""


@pytest.fixture
def clock() -> Clock:
    """Time that a test moves."""
    return Clock()


@pytest.fixture
def lag() -> timedelta:
    """How late the org's own doings are."""
    return LAG


@pytest.fixture
def org(clock: Clock) -> Org:
    """The cast's org. Its delays are minutes, so that no test passes because the machine was slow."""
    made = Org(clock, search_lag=LAG, log_lag=LAG)
    made.settings.activation_lag = LAG
    made.add_token(ADMIN, roles={"SUPER_ADMIN"})
    return made


@pytest.fixture
async def http(org: Org) -> AsyncIterator[httpx.AsyncClient]:
    """A client that takes nothing from the org that Okta's description does not allow."""
    async with serve(okta_app(org)) as url, client(url) as made:
        yield made


@pytest.fixture
def api(http: httpx.AsyncClient) -> Api:
    """The org as a super administrator's API token meets it."""
    return Api(http, f"SSWS {ADMIN}")


@pytest.fixture
def as_role(org: Org, http: httpx.AsyncClient) -> Callable[..., Api]:
    """Makes a caller with these administrator roles, limited to groups if given."""

    def make(*roles: str, groups: list[str] | None = None) -> Api:
        token = f"00T{'-'.join(roles)}"
        org.add_token(token, roles=roles, groups=groups)
        return Api(http, f"SSWS {token}")

    return make
