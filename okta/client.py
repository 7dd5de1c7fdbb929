"""Okta's API as typed coroutines over an HTTP client that is handed in; each part of it stands in a module of its own.

Every call names its operation, and says whether it writes: from that follows what a lost answer means.
"""

from collections.abc import Callable
from copy import copy
from typing import Final

import httpx

from okta.apps import Apps
from okta.authenticators import Authenticators
from okta.calls import Calls
from okta.event_hooks import EventHooks
from okta.exchange import Exchange, Exchanges
from okta.factors import Factors
from okta.grants import Grants
from okta.groups import Groups
from okta.lifecycle import Lifecycle
from okta.logs import Logs
from okta.orgs import Orgs
from okta.pace import Gate, Ledger
from okta.policies import Policies
from okta.retry import ATTEMPTS
from okta.roles import Roles
from okta.users import Users
from okta.verification import Verification

TIME_LIMIT: Final = 10.0
"""Seconds that one call may take in all, waits for a connection and a token included."""


class OktaClient(
    Orgs,
    Users,
    Lifecycle,
    Factors,
    Verification,
    Authenticators,
    Groups,
    Apps,
    Roles,
    Grants,
    Policies,
    Logs,
    EventHooks,
):
    """Calls to one org. A read may be tried again where that is safe, and a write only if Okta has put it off.

    Args:
        http: made by `okta.transport.build_http`, whose base address is the org's. Not closed here.
        auth: how requests prove who we are, e.g. `okta.auth.SSWS`.
        time_limit: seconds that one call may take in all, waits for a rate limit and repetitions included; in the
            background, that one request may take from when it goes out.
        ledger: keeps what is left of each rate limit, for all clients of one credential; without it, one of its own.
        attempts: how often a call is tried at most, where that is safe.
        on_exchange: told of every attempt, for those who measure.
        gate: through which requests go out, for all clients of one process; without it, one of its own.

    Every method raises an `OktaError` when it fails; its `executed` says whether a write may have been done.
    Operations are those of https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ and its
    neighbours.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        auth: httpx.Auth,
        *,
        time_limit: float = TIME_LIMIT,
        ledger: Ledger | None = None,
        attempts: int = ATTEMPTS,
        on_exchange: Callable[[Exchange], object] | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._exchanges = Exchanges(
            http, auth, time_limit=time_limit, ledger=ledger, attempts=attempts, on_exchange=on_exchange, gate=gate
        )
        super().__init__(Calls(self._exchanges))

    def noting(self, on_written: Callable[[str], object]) -> "OktaClient":
        """The same client, that tells somebody Okta's id (`X-Okta-Request-Id`) of each write that is answered."""
        other = copy(self)
        other._calls = Calls(self._exchanges.noting(on_written))  # noqa: SLF001 - our own
        return other

    def in_background(self) -> "OktaClient":
        """The same client for work that nobody waits for: it waits itself, as long as it takes, and people go first."""
        other = copy(self)
        other._calls = Calls(self._exchanges.in_background())  # noqa: SLF001 - our own
        return other
