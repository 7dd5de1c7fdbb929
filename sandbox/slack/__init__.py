"""A pretend Slack workspace on loopback: strict, and never kinder than the real one.

`Workspace` is the state and the controls of a test, `slack_app` the HTTP and WebSocket face the bot talks to, `Person` the hands of one
employee. An unmodified slack_sdk or slack_bolt only needs another base URL.

    ws = Workspace(clock, bot_token="xoxb-…", app_token="xapp-…", signing_secret="…")
    async with serve_slack(ws) as url:          # AsyncWebClient(base_url=f"{url}/api/")
        await ws.person("UMAYA").dm("I'm locked out")
"""

from sandbox.slack.app import serve_slack, slack_app
from sandbox.slack.config import AppConfig, Command
from sandbox.slack.errors import ApiError, NotPossibleError
from sandbox.slack.faults import Fault, FaultKind, Faults
from sandbox.slack.person import Person
from sandbox.slack.records import Call, Delivery, Edited, Kind, Message, Outcome, Transport, View
from sandbox.slack.sockets import DisconnectReason
from sandbox.slack.workspace import Workspace

__all__ = [
    "ApiError",
    "AppConfig",
    "Call",
    "Command",
    "Delivery",
    "DisconnectReason",
    "Edited",
    "Fault",
    "FaultKind",
    "Faults",
    "Kind",
    "Message",
    "NotPossibleError",
    "Outcome",
    "Person",
    "Transport",
    "View",
    "Workspace",
    "serve_slack",
    "slack_app",
]
