"""What happened, in a closed vocabulary.

Every transition of a request and every signal to it has one entry, composed here and appended by the same script that
makes the transition, so that neither can exist without the other. An entry holds who, whom, what, when and which rule;
never a text somebody typed, a token or a link.

What is written is chained (`bot.chain`), and names nobody: where an entry says who and whom, it holds keyed digests, and
what they stand for lies beside the audit, where it can be deleted without a link being broken.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from bot import chain
from bot.model import Input, Request, State
from bot.rules import Rule


class Event(StrEnum):
    """`subject:action`, the only values that an entry's `event` can have."""

    RECEIVED = "request:received"
    ASKED = "request:consent-asked"
    PROVING = "request:proof-asked"
    DEFERRED = "request:deferred"
    ACTING = "step:begun"
    CHECKING = "step:checked"
    FOLLOWING = "request:followed"
    DONE = "request:done"
    PARTLY = "request:partly-done"
    REFUSED = "request:refused"
    CANCELLED = "request:cancelled"
    EXPIRED = "request:expired"
    SUPERSEDED = "request:superseded"
    FAILED = "request:failed"
    UNKNOWN = "request:outcome-unknown"
    CONFIRM_PRESSED = "signal:confirm"
    CHOICE_MADE = "signal:choose"
    CANCEL_PRESSED = "signal:cancel"
    SUPERSEDE_SENT = "signal:supersede"
    PROVE_PRESSED = "signal:prove"
    PROVED = "signal:proved"
    MISSED = "signal:missed"
    BRAKE_PULLED = "brake:pull"
    BRAKE_RELEASED = "brake:release"
    PIN_CONFIRMED = "pin:confirm"
    PIN_FORGOTTEN = "pin:forget"
    PIN_FROZEN = "pin:freeze"
    NAMES_FORGOTTEN = "names:forget"
    SETTING_CHANGED = "setting:change"


_BY_STATE = {
    State.RECEIVED: Event.RECEIVED,
    State.ASKING: Event.ASKED,
    State.PROVING: Event.PROVING,
    State.DEFERRED: Event.DEFERRED,
    State.ACTING: Event.ACTING,
    State.CHECKING: Event.CHECKING,
    State.FOLLOWING: Event.FOLLOWING,
    State.DONE: Event.DONE,
    State.PARTLY: Event.PARTLY,
    State.REFUSED: Event.REFUSED,
    State.CANCELLED: Event.CANCELLED,
    State.EXPIRED: Event.EXPIRED,
    State.SUPERSEDED: Event.SUPERSEDED,
    State.FAILED: Event.FAILED,
    State.UNKNOWN: Event.UNKNOWN,
}


OUTCOMES: Final = {
    Event.FOLLOWING: State.DONE,
    Event.DONE: State.DONE,
    Event.PARTLY: State.PARTLY,
    Event.REFUSED: State.REFUSED,
    Event.FAILED: State.FAILED,
    Event.UNKNOWN: State.UNKNOWN,
}
"""How a request can have ended that somebody wants to know of later; what waits for its person has been done."""

REFUSALS: Final = ":refused"
"""The shelf of what was refused."""

PERSONAL: Final = ("actor", "subject", "subject_login")
"""What of an entry tells who somebody is, and is written as a digest."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the audit."""

    event: Event
    at: datetime
    request: str
    origin: str = ""
    version: int = 0
    capability: str | None = None
    actor: str | None = None
    actor_team: str | None = None
    subject: str | None = None
    subject_login: str | None = None
    step: int | None = None
    does: str | None = None
    factor: str | None = None
    attempt: int | None = None
    heard: str | None = None
    okta_request: str | None = None
    delivered: bool = False
    method: str | None = None
    miss: str | None = None
    words: str | None = None
    setting: str | None = None
    was: str | None = None
    now: str | None = None
    rules: tuple[Rule, ...] = ()


def moved(request: Request, *, at: datetime, rules: tuple[Rule, ...] = ()) -> Entry:
    """The entry for `request` having reached its present state and version."""
    fence = request.fence
    return Entry(
        event=_BY_STATE[request.state],
        at=at,
        request=request.id,
        origin=request.origin,
        version=request.version,
        capability=request.intent.capability,
        actor=request.actor.user_id,
        actor_team=request.actor.team_id,
        subject=request.subject.okta_id if request.subject else None,
        subject_login=request.subject.login if request.subject else None,
        step=fence.step if fence else None,
        does=(fence.name or None) if fence else None,
        factor=fence.before.get("factor") if fence else None,
        attempt=fence.attempt if fence else None,
        heard=fence.heard if fence else None,
        okta_request=(fence.okta_request or None) if fence else None,
        delivered=request.delivered,
        method=_method(request),
        words=request.say.words if request.say else None,
        rules=rules,
    )


def owner(request: Request) -> tuple[str, str]:
    """The Okta id of whom this is to be told later, if they ask, and on which shelf it is kept.

    Empty if nothing was done, refused or tried in vain. Refusals cost nobody anything and have a shelf of their own, so that
    nobody can push out with them what was done.
    """
    did = request.acted_at is not None or request.state is not State.DONE
    if request.subject is None or not did or _BY_STATE[request.state] not in OUTCOMES:
        return "", ""
    return request.subject.okta_id, REFUSALS if request.state is State.REFUSED else ""


def signalled(request_id: str, given: Input) -> Entry:
    """The entry for a signal having arrived, whether it will be legal or not."""
    return Entry(
        event=Event(f"signal:{given.signal}"),
        at=given.at,
        request=request_id,
        actor=given.actor.user_id,
        actor_team=given.actor.team_id,
        factor=given.proof.factor_id if given.proof else given.factor_id,
        method=given.tried,
        miss=given.miss,
    )


def _method(request: Request) -> str | None:
    """With what the person has proved who they are, or is about to."""
    if request.proof is not None:
        return request.proof.method
    return request.challenge.method if request.challenge else None


class Scribe:
    """Makes of an entry what is written.

    Args:
        key: keeps what the digests stand for from being found by trying; it never lies in the store.
        life: how long an entry is kept, a little longer at most; for ever without it.
    """

    __slots__ = ("_key", "life")

    def __init__(self, key: bytes, life: timedelta | None = None) -> None:
        self._key = key
        self.life = int(life.total_seconds()) if life else ""

    def name(self, value: str) -> str:
        """The digest that stands for somebody: 128 bits, so that no two share one."""
        return self._mac("name", value)[:32]

    def sheet(self, entry: Entry, owner: str = "", shelf: str = "") -> bytes:
        """What `bot.store_scripts.NOTE` takes: the digest of the entry's bytes, these, and each name with what it is for.

        Before the names, the digest of the `owner` under which it is to be found again, if there is one, and on which shelf.
        """
        names = {field: value for field in PERSONAL if (value := getattr(entry, field))}
        digests = {field: self.name(value) for field, value in names.items()}
        body = msgspec.json.encode(msgspec.structs.replace(entry, **digests))
        told = (part for field in names for part in (digests[field], names[field]))
        found = f"{self.name(owner)}{shelf}" if owner else ""
        return msgspec.msgpack.encode([chain.digest(body), body.decode(), found, *told])

    @property
    def id(self) -> str:
        """Tells one key from another, and nothing of it."""
        return self._mac("key", "")[:8]

    def seal(self, use: str, text: str) -> str:
        """What only somebody with the key can make."""
        return self._mac(f"seal {use}", text)

    def vouches(self, use: str, text: str, seal: str) -> bool:
        """Whether it was made with this key."""
        return hmac.compare_digest(self.seal(use, text).encode(), seal.encode())

    def _mac(self, use: str, text: str) -> str:
        """HMAC-SHA-256; what is made for one use is of none for another."""
        return hmac.new(self._key, f"{use}\0{text}".encode(), hashlib.sha256).hexdigest()
