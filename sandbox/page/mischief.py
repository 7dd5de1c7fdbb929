"""What a visitor can do to break it: each entry puts one fault of the twin on order, for the requests to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sandbox.okta.faults import Fault as OktaFault
from sandbox.slack import Fault as SlackFault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.okta import Org
    from sandbox.slack import Workspace

_API: Final = "/api/**"
_PEOPLE: Final = "/api/v1/users/**"
_CHANGES: Final = "POST|DELETE"


class Trouble(Protocol):
    """What goes wrong."""

    def order(self, org: Org, workspace: Workspace) -> None:
        """Let it happen to what comes next."""

    def left(self, org: Org, workspace: Workspace) -> int:
        """To how many requests it is still to happen."""

    def take_back(self, org: Org, workspace: Workspace) -> None:
        """Let it not happen after all."""


@dataclass(frozen=True, slots=True)
class _AtOkta:
    """A fault of Okta's. Ordered again, it begins anew."""

    fault: OktaFault
    method: str = "*"
    path: str = _API
    times: int = 1
    seconds: float = 30.0

    def order(self, org: Org, workspace: Workspace) -> None:
        self.take_back(org, workspace)
        org.faults.order(self.method, self.path, self.fault, times=self.times, seconds=self.seconds)

    def left(self, org: Org, _workspace: Workspace) -> int:
        return org.faults.left(self.fault)

    def take_back(self, org: Org, _workspace: Workspace) -> None:
        org.faults.clear(self.fault)


class _AtSlack:
    """Slack refuses what the bot says next."""

    def order(self, _org: Org, workspace: Workspace) -> None:
        workspace.faults.clear()
        for method in ("chat.postMessage", "chat.update"):
            workspace.faults.order(method, SlackFault.server_error(503))

    def left(self, _org: Org, workspace: Workspace) -> int:
        return workspace.faults.left

    def take_back(self, _org: Org, workspace: Workspace) -> None:
        workspace.faults.clear()


class _HangUp:
    """Slack's connections break; that is over at once."""

    def order(self, _org: Org, workspace: Workspace) -> None:
        workspace.drop_sockets()

    def left(self, _org: Org, _workspace: Workspace) -> int:
        return 0

    def take_back(self, org: Org, workspace: Workspace) -> None:
        """A connection that was cut is not mended by anybody but the bot."""


@dataclass(frozen=True, slots=True)
class Mischief:
    """One way to make trouble. `about` says what it does, and for how long; `told` is what the visitor reads once it is on order."""

    label: str
    about: str
    told: str
    trouble: Trouble


MISCHIEF: Final[Mapping[str, Mischief]] = {
    "okta-slow": Mischief(
        "Okta is slow",
        "Each of the next six answers takes 4 seconds.",
        "Okta takes 4 seconds for each of the next six answers.",
        _AtOkta(OktaFault.STALL_AFTER, times=6, seconds=4),
    ),
    "okta-down": Mischief(
        "Okta is down",
        "The next three requests to Okta get a 503.",
        "Okta answers the next three requests with a 503.",
        _AtOkta(OktaFault.UNAVAILABLE_503, times=3),
    ),
    "answer-lost": Mischief(
        "Lose the answer",
        "The next change is made, but the connection breaks before the answer.",
        "Okta will make the next change and then break the connection.",
        _AtOkta(OktaFault.CUT_AFTER, _CHANGES, _PEOPLE),
    ),
    "request-lost": Mischief(
        "Lose the request",
        "The connection breaks before Okta makes the next change.",
        "The next change will not reach Okta.",
        _AtOkta(OktaFault.CUT_BEFORE, _CHANGES, _PEOPLE),
    ),
    "okta-busy": Mischief(
        "Okta says “too many requests”",
        "The next request gets a 429 that holds for 20 seconds.",
        "Okta answers the next request with a 429.",
        _AtOkta(OktaFault.RATE_LIMIT, seconds=20),
    ),
    "slack-trouble": Mischief(
        "Slack refuses a message",
        "The bot's next message, and its next change of one, get a 503.",
        "Slack answers the bot's next message with a 503.",
        _AtSlack(),
    ),
    "socket-dropped": Mischief(
        "Slack hangs up",
        "The bot's connection breaks now, without a goodbye. A press at that moment fails, as in Slack.",
        "The bot's connection to Slack is cut. A press before it is back fails, as in Slack.",
        _HangUp(),
    ),
}
"""By name, in the order of the menu."""
