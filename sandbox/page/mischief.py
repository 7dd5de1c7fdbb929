"""What a visitor can do to break it: each entry puts one fault of the twin on order, for the requests to come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.okta.faults import Fault as OktaFault
from sandbox.slack import Fault as SlackFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.okta import Org
    from sandbox.slack import Workspace


@dataclass(frozen=True, slots=True)
class Mischief:
    """One way to make trouble. `told` is what the visitor reads once it is on order."""

    label: str
    about: str
    told: str
    order: Callable[[Org, Workspace], None]


def _okta_down(org: Org, _workspace: Workspace) -> None:
    org.faults.order("*", "/api/**", OktaFault.UNAVAILABLE_503, times=3)


def _okta_busy(org: Org, _workspace: Workspace) -> None:
    org.faults.order("*", "/api/**", OktaFault.RATE_LIMIT, seconds=20)


def _answer_lost(org: Org, _workspace: Workspace) -> None:
    org.faults.order("POST", "/api/v1/users/**", OktaFault.CUT_AFTER)


def _request_lost(org: Org, _workspace: Workspace) -> None:
    org.faults.order("POST", "/api/v1/users/**", OktaFault.CUT_BEFORE)


def _socket_dropped(_org: Org, workspace: Workspace) -> None:
    workspace.drop_sockets()


def _slack_trouble(_org: Org, workspace: Workspace) -> None:
    for method in ("chat.postMessage", "chat.update"):
        workspace.faults.order(method, SlackFault.server_error(503))


def _nothing(org: Org, workspace: Workspace) -> None:
    org.faults.clear()
    workspace.faults.clear()


MISCHIEF: Final[Mapping[str, Mischief]] = {
    "okta-down": Mischief(
        "Okta is down",
        "The next three requests to Okta get a 503.",
        "Okta answers the next three requests with a 503.",
        _okta_down,
    ),
    "okta-busy": Mischief(
        "Okta says “too many requests”",
        "The next request gets a 429 that holds for 20 seconds.",
        "Okta answers the next request with a 429.",
        _okta_busy,
    ),
    "answer-lost": Mischief(
        "Okta's answer is lost",
        "The next change is made, but the connection breaks before the answer.",
        "Okta will make the next change and then break the connection.",
        _answer_lost,
    ),
    "request-lost": Mischief(
        "The request is lost",
        "The connection breaks before Okta makes the next change.",
        "The next change will not reach Okta.",
        _request_lost,
    ),
    "slack-trouble": Mischief(
        "Slack refuses a message",
        "The bot's next message, and its next change of one, get a 503.",
        "Slack answers the bot's next message with a 503.",
        _slack_trouble,
    ),
    "socket-dropped": Mischief(
        "Slack hangs up",
        "The bot's Socket Mode connection breaks now, without a goodbye. A press at that moment fails, as in Slack.",
        "The bot's connection to Slack is cut. A press before it is back fails, as in Slack.",
        _socket_dropped,
    ),
    "nothing": Mischief(
        "Call it off", "Whatever is still on order will not happen.", "Nothing is on order any more.", _nothing
    ),
}
"""By name, in the order of the menu."""
