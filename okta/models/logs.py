"""Events of the System Log."""

import msgspec

from okta.models.base import Moment, Record


class Entity(Record, frozen=True):
    """An actor or a target of a System Log event. `alternate_id` is the login where `type` is User."""

    id: str = ""
    type: str = ""
    alternate_id: str | None = None
    display_name: str | None = None


class Outcome(Record, frozen=True):
    """How an event ended; `result` is SUCCESS, FAILURE, DENY and others."""

    result: str = ""
    reason: str | None = None


class LogEvent(Record, frozen=True):
    """An event of the System Log (https://developer.okta.com/docs/reference/api/event-types/).

    Attributes:
        uuid: the same event has the same one, however often it is delivered.
        published: when it happened; in a polled log not in order.
        target: find an entity by its type, never by its place.
    """

    uuid: str = ""
    published: Moment | None = None
    event_type: str = ""
    display_message: str | None = None
    actor: Entity = Entity()
    target: tuple[Entity, ...] | None = None
    outcome: Outcome | None = None


class LogPage(msgspec.Struct, frozen=True):
    """Events in the order in which Okta stored them, and the cursor from which to read on."""

    events: tuple[LogEvent, ...]
    cursor: str
