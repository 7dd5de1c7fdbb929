"""What the workspace keeps and shows to tests: messages, views, recorded calls and deliveries, all frozen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]


class Transport(StrEnum):
    """How Slack reaches the app."""

    SOCKET = "socket_mode"
    HTTP = "http"


class Kind(StrEnum):
    """What is delivered, in the words of Socket Mode's envelopes."""

    EVENT = "events_api"
    INTERACTIVE = "interactive"
    COMMAND = "slash_commands"
    RAW = "raw"  # a test's own bytes


class Outcome(StrEnum):
    """How one try of a delivery ended."""

    ACKED = "acked"
    SENT = "sent"  # a test's own text over a WebSocket, which nothing acknowledges
    TIMEOUT = "timeout"  # no answer within 3 s
    HTTP_ERROR = "http_error"  # answered, but not with a 2xx
    CONNECTION_FAILED = "connection_failed"  # nobody to connect to, or the connection broke
    TOO_MANY_REDIRECTS = "too_many_redirects"


@dataclass(frozen=True, slots=True)
class Edited:
    """Who changed a message last, and when (a Slack timestamp)."""

    user: str
    ts: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message as one channel holds it; `addressee` is set on an ephemeral one, which nobody else sees."""

    channel: str
    ts: str
    user: str
    team: str
    text: str
    blocks: tuple[JsonObject, ...] = ()
    bot_id: str | None = None
    thread_ts: str | None = None
    edited: Edited | None = None
    metadata: JsonObject | None = None
    addressee: str | None = None
    client_msg_id: str | None = None
    unfurl_links: bool = False
    unfurl_media: bool = True

    @property
    def is_ephemeral(self) -> bool:
        """Whether only `addressee` sees it."""
        return self.addressee is not None

    @property
    def elements(self) -> Iterator[tuple[str, JsonObject]]:
        """Every interactive element with the id of its block."""
        return interactive_elements(self.blocks)

    @property
    def action_ids(self) -> list[str]:
        """The `action_id` of every button and menu, in order."""
        return [element["action_id"] for _, element in self.elements]


@dataclass(frozen=True, slots=True)
class View:
    """A modal or a Home tab as Slack keeps it; `spec` is what the app sent, with the ids Slack added."""

    id: str
    owner: str
    team: str
    spec: JsonObject
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    app_installed_team_id: str = ""
    inputs: Mapping[str, Mapping[str, JsonObject]] = field(default_factory=dict)

    @property
    def blocks(self) -> list[JsonObject]:
        """The blocks, each with its `block_id`."""
        blocks: list[JsonObject] = self.spec["blocks"]
        return blocks

    @property
    def callback_id(self) -> str:
        """The app's own name for this kind of view."""
        return str(self.spec.get("callback_id", ""))

    @property
    def title(self) -> str:
        """The title's words; a Home tab has none."""
        return str(self.spec.get("title", {}).get("text", ""))

    @property
    def elements(self) -> Iterator[tuple[str, JsonObject]]:
        """Every interactive element with the id of its block."""
        return interactive_elements(self.blocks)


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call the app made. `args` never holds the token; `error` is None when Slack answered `ok: true`."""

    method: str
    args: JsonObject
    error: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One try of Slack to hand something to the app.

    `name` is the event type, the command or the interaction type; `key` what the app deduplicates by (`event_id` or `trigger_id`);
    `body` the exact bytes sent (the envelope in Socket Mode); `answer` what came back in the ack.
    """

    kind: Kind
    name: str
    transport: Transport
    outcome: Outcome
    attempt: int
    latency_ms: float
    key: str
    body: str
    at: datetime
    status: int | None = None
    answer: Any = None

    @property
    def acked(self) -> bool:
        """Whether the app took it in time."""
        return self.outcome is Outcome.ACKED


def interactive_elements(blocks: Sequence[JsonObject]) -> Iterator[tuple[str, JsonObject]]:
    """Yield `(block_id, element)` for all elements that carry an `action_id`."""
    for block in blocks:
        candidates = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        for element in candidates:
            if isinstance(element, dict) and "action_id" in element:
                yield block["block_id"], element
