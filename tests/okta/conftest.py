"""An org and a client of it."""

from collections.abc import AsyncIterator

import pytest

from okta.client import OktaClient
from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.serve import serve
from tests.okta.clients import TOKEN, connect


@pytest.fixture
def roles() -> set[str]:
    """The admin roles of the token; a test overrides this by parametrizing it."""
    return {"SUPER_ADMIN"}


@pytest.fixture
async def org(roles: set[str]) -> Org:
    """An org that knows the token."""
    made = Org(Clock())
    made.add_token(TOKEN, roles=roles)
    return made


@pytest.fixture
async def url(org: Org) -> AsyncIterator[str]:
    """The address at which the org is served."""
    async with serve(okta_app(org)) as address:
        yield address


@pytest.fixture
async def okta(url: str) -> AsyncIterator[OktaClient]:
    """A client of the org."""
    async with connect(url) as client:
        yield client
