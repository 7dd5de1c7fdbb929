"""Okta's API as typed coroutines over an HTTP client that is handed in; each part of it stands in a module of its own.

Every call names its operation, and says whether it writes: from that follows what a lost answer means.
"""

from typing import Final

import httpx

from okta.apps import Apps
from okta.calls import Calls
from okta.factors import Factors
from okta.groups import Groups
from okta.lifecycle import Lifecycle
from okta.logs import Logs
from okta.orgs import Orgs
from okta.roles import Roles
from okta.users import Users

TIME_LIMIT: Final = 10.0
"""Seconds that one request may take in all, waits for a connection and a token included."""


class OktaClient(Orgs, Users, Lifecycle, Factors, Groups, Apps, Roles, Logs):
    """Calls to one org, each made exactly once.

    Args:
        http: made by `okta.transport.build_http`, whose base address is the org's. Not closed here.
        auth: how requests prove who we are, e.g. `okta.auth.SSWS`.
        time_limit: seconds that one request may take in all.

    Every method raises an `OktaError` when it fails; its `executed` says whether a write may have been done.
    Operations are those of https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ and its
    neighbours.
    """

    def __init__(self, http: httpx.AsyncClient, auth: httpx.Auth, *, time_limit: float = TIME_LIMIT) -> None:
        super().__init__(Calls(http, auth, time_limit))
