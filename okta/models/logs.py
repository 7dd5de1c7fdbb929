"""Events of the System Log.

Live events have null for whatever does not apply to them, and fields of other kinds than described
(https://github.com/okta/okta-mcp-server/pull/39).
"""

import json
from enum import StrEnum
from typing import Any

import msgspec

from okta.models.base import Moment, Record


class Severity(StrEnum):
    """How serious an event is."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class Result(StrEnum):
    """How an event ended."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    SKIPPED = "SKIPPED"
    ALLOW = "ALLOW"
    DENY = "DENY"  # a policy said no; that is no FAILURE
    CHALLENGE = "CHALLENGE"
    UNKNOWN = "UNKNOWN"
    RATE_LIMIT = "RATE_LIMIT"
    DEFERRED = "DEFERRED"
    SCHEDULED = "SCHEDULED"
    ABANDONED = "ABANDONED"
    UNANSWERED = "UNANSWERED"


class Entity(Record, frozen=True):
    """An actor or a target of a System Log event. `alternate_id` is the login where `type` is User."""

    id: str = ""
    type: str = ""
    alternate_id: str | None = None
    display_name: str | None = None


class Outcome(Record, frozen=True):
    """How an event ended; compare `result` with `Result`. `reason` is for people."""

    result: str = ""
    reason: str | None = None


class Place(Record, frozen=True):
    """Where an address is thought to be."""

    city: str | None = None
    state: str | None = None
    country: str | None = None
    postal_code: str | None = None


class UserAgent(Record, frozen=True):
    """A program, as it calls itself, and what Okta makes of that."""

    raw_user_agent: str | None = None
    os: str | None = None
    browser: str | None = None


class Hop(Record, frozen=True):
    """An address that a request came by."""

    ip: str | None = None
    geographical_context: Place | None = None


class Client(Record, frozen=True):
    """Where an event came from; nothing of it for what Okta does by itself.

    Attributes:
        id: of the OAuth app.
        device: of what kind, such as Computer.
        zone: the name of the network zone.
        ip_chain: where event hooks have what the log has in `request`.
    """

    id: str | None = None
    ip_address: str | None = None
    device: str | None = None
    zone: str | None = None
    user_agent: UserAgent | None = None
    geographical_context: Place | None = None
    ip_chain: tuple[Hop, ...] | None = None


class TransactionDetail(Record, frozen=True):
    """`request_api_token_id` is the id of the API token that was used, if one was."""

    request_api_token_id: str | None = None


class Transaction(Record, frozen=True):
    """What belongs together: the events of one request (`type` WEB) or one job (JOB) have the same `id`."""

    id: str = ""
    type: str = ""
    detail: TransactionDetail | None = None


class AuthenticationContext(Record, frozen=True):
    """How the actor had signed in; events of one session have the same `external_session_id`."""

    external_session_id: str | None = None
    root_session_id: str | None = None
    credential_type: str | None = None


class SecurityContext(Record, frozen=True):
    """Whose network the address belongs to."""

    as_number: int | None = None
    as_org: str | None = None
    isp: str | None = None
    domain: str | None = None
    is_proxy: bool | None = None


class DebugContext(Record, frozen=True):
    """What Okta adds for those who look for a fault."""

    debug_data: dict[str, Any] | None = None

    @property
    def plain(self) -> dict[str, str]:
        """All of it as text, whatever it was. Okta promises nothing about keys and values: it is to be read by people."""
        given = self.debug_data or {}
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()}


class Trace(Record, frozen=True):
    """The addresses that a request came by, the client's own first."""

    ip_chain: tuple[Hop, ...] | None = None


class LogEvent(Record, frozen=True):
    """An event of the System Log (https://developer.okta.com/docs/reference/api/event-types/).

    Attributes:
        uuid: the same event has the same one, however often it is delivered.
        published: when it happened; in a polled log not in order.
        severity: compare it with `Severity`.
        target: find an entity by its type, never by its place.
    """

    uuid: str = ""
    published: Moment | None = None
    event_type: str = ""
    legacy_event_type: str | None = None
    display_message: str | None = None
    severity: str = ""
    actor: Entity = Entity()
    target: tuple[Entity, ...] | None = None
    outcome: Outcome | None = None
    client: Client = Client()
    transaction: Transaction = Transaction()
    authentication_context: AuthenticationContext = AuthenticationContext()
    security_context: SecurityContext = SecurityContext()
    debug_context: DebugContext = DebugContext()
    request: Trace = Trace()

    @property
    def ip_chain(self) -> tuple[Hop, ...]:
        """The addresses that the request came by, from wherever Okta has put them."""
        return self.request.ip_chain or self.client.ip_chain or ()

    @property
    def api_token_id(self) -> str | None:
        """The id of the API token by which it was done, if it was by one."""
        return self.transaction.detail.request_api_token_id if self.transaction.detail else None


class LogPage(msgspec.Struct, frozen=True):
    """Events in the order in which Okta stored them, and the cursor from which to read on."""

    events: tuple[LogEvent, ...]
    cursor: str
