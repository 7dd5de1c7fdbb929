"""Event hooks: Okta sends what happens in the org to an address of ours, at once and at least once.

https://developer.okta.com/docs/concepts/event-hooks/. By default only super administrators may look at hooks or change them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from okta.answers import one
from okta.calls import Part
from okta.errors import HookNotVerifiedError, InvalidRequestError, OktaError, StateConflictError
from okta.models import EventHook

MOST_TYPES: Final = 300
"""Types of event that one hook may deliver."""

_HOOKS: Final = "/api/v1/eventHooks"
_HOOK: Final = f"{_HOOKS}/{{}}"


class _Hidden(str):
    """Text that goes out as it is, and does not show itself to whoever prints what was sent."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


@dataclass(frozen=True, slots=True)
class WantedHook:
    """What an event hook is to be.

    Attributes:
        name: what the console calls it.
        event_types: from 1 to 300, each of those that hooks may deliver.
        uri: where deliveries go. Okta takes `https` alone.
        header: the name of the header that is to hold the secret.
        secret: the header's whole value, of Basic authentication with its scheme. Never shown by this object.

    Raises:
        ValueError: a value could not be what it is to be. The message does not repeat the secret.
    """

    name: str
    event_types: tuple[str, ...]
    uri: str
    header: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("an event hook has a name")
        if not 1 <= len(self.event_types) <= MOST_TYPES:
            raise ValueError(f"an event hook delivers from 1 to {MOST_TYPES} types of event")
        if not (self.header.isascii() and self.header.replace("-", "").replace("_", "").isalnum()):
            raise ValueError("the name of a header is made of letters, digits and hyphens")
        if not (self.secret.isascii() and self.secret.isprintable() and self.secret.strip() == self.secret != ""):
            raise ValueError("the secret of an event hook is printable ASCII text")

    @property
    def body(self) -> dict[str, Any]:
        """What Okta is told."""
        auth = {"type": "HEADER", "key": self.header, "value": _Hidden(self.secret)}
        return {
            "name": self.name,
            "events": {"type": "EVENT_TYPE", "items": list(self.event_types)},
            "channel": {"type": "HTTP", "version": "1.0.0", "config": {"uri": self.uri, "authScheme": auth}},
        }


class EventHooks(Part):
    """Hooks, and the way from a new one to one that delivers: create it, then verify it.

    A change may take minutes to show in what is delivered.
    """

    async def event_hooks(self) -> tuple[EventHook, ...]:
        """All hooks of the org, in use or not; there are no pages."""
        return await self._calls.many("event_hooks", EventHook, _HOOKS)

    async def event_hook(self, hook_id: str) -> EventHook:
        """A hook as of now.

        Raises:
            NotFoundError: there is none of this id.
        """
        return await self._calls.one("event_hook", EventHook, _HOOK, hook_id)

    async def create_event_hook(self, wanted: WantedHook) -> EventHook:
        """Make a hook: active, and unverified, so that nothing is delivered yet.

        Whoever lost the answer looks for the hook in the list first, since the same again makes a second one.

        Raises:
            InvalidRequestError: Okta takes no hook like this, or the org has 25 active ones.
        """
        answer = await self._calls.send("create_event_hook", "POST", _HOOKS, body=wanted.body)
        return one("create_event_hook", answer, EventHook, writes=True)

    async def replace_event_hook(self, hook_id: str, wanted: WantedHook) -> EventHook:
        """Make another hook of one. Filters, a description and further headers that somebody has given it are gone.

        Another address, header or secret makes it unverified: nothing is delivered until it is verified again.

        Raises:
            NotFoundError: there is none of this id.
            InvalidRequestError: Okta takes no hook like this.
        """
        answer = await self._calls.send("replace_event_hook", "PUT", _HOOK, hook_id, body=wanted.body)
        return one("replace_event_hook", answer, EventHook, writes=True)

    async def delete_event_hook(self, hook_id: str) -> None:
        """Delete a hook, which cannot be undone.

        Raises:
            NotFoundError: there is none of this id.
            StateConflictError: it is active; deactivate it first.
        """
        with _refused_as(StateConflictError):
            await self._calls.send("delete_event_hook", "DELETE", _HOOK, hook_id)

    async def activate_event_hook(self, hook_id: str) -> EventHook:
        """Put a hook into use; it delivers if it is verified as well. An active one stays as it is.

        Raises:
            NotFoundError: there is none of this id.
            StateConflictError: the org has 25 active hooks, and cannot have more.
        """
        with _refused_as(StateConflictError):
            return await self._move("activate_event_hook", "activate", hook_id)

    async def deactivate_event_hook(self, hook_id: str) -> EventHook:
        """Take a hook out of use; what happens meanwhile is never delivered. An inactive one stays as it is.

        Raises:
            NotFoundError: there is none of this id.
        """
        return await self._move("deactivate_event_hook", "deactivate", hook_id)

    async def verify_event_hook(self, hook_id: str) -> EventHook:
        """Have Okta ask the receiver whether it expects this hook; it must be there, and answer the challenge in 3 seconds.

        Okta asks twice before it gives up, so the answer may take more than 6 seconds.

        Raises:
            NotFoundError: there is none of this id.
            HookNotVerifiedError: the receiver did not answer, or not as it should.
        """
        with _refused_as(HookNotVerifiedError):
            return await self._move("verify_event_hook", "verify", hook_id)

    async def _move(self, operation: str, word: str, hook_id: str) -> EventHook:
        answer = await self._calls.send(operation, "POST", f"{_HOOK}/lifecycle/{word}", hook_id)
        return one(operation, answer, EventHook, writes=True)


@contextmanager
def _refused_as(kind: type[OktaError]) -> Iterator[None]:
    """Where a request without a body is refused as invalid, the only thing that can be wrong is the state of the hook."""
    try:
        yield
    except InvalidRequestError as error:
        if error.status is None:
            raise
        raise kind(error.operation, error.told, executed=error.executed) from error
