"""What Okta says when somebody proves themselves with a factor."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec

from okta.models.base import Moment, Record
from okta.models.users import Link


class FactorResult(StrEnum):
    """The values of `Verdict.factor_result` that matter. SUCCESS alone is success, in these very letters."""

    SUCCESS = "SUCCESS"
    CHALLENGE = "CHALLENGE"  # a code is on its way
    WAITING = "WAITING"  # a push is
    FAILED = "FAILED"
    PASSCODE_REPLAYED = "PASSCODE_REPLAYED"
    TIME_WINDOW_EXCEEDED = "TIME_WINDOW_EXCEEDED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"
    TIMEOUT = "TIMEOUT"


class PushResult(StrEnum):
    """What has become of a push."""

    WAITING = "waiting"  # nobody has answered yet
    APPROVED = "approved"  # the one answer that proves something
    REJECTED = "rejected"  # somebody said no, or chose a wrong number
    EXPIRED = "expired"  # nobody has answered in time
    FAILED = "failed"  # it has ended in another way


@dataclass(frozen=True, slots=True)
class PushChallenge:
    """A push that is on somebody's phone.

    Attributes:
        user_id: whose phone.
        factor_id: which of their factors.
        expires_at: when it ends, by Okta's clock; None where Okta did not say.
        number: to show to the person, who chooses it on the phone; None for a push that asks for no number, be it that
            the phone's app cannot.
        poll: where Okta tells what has become of it.
        cancel: where it is taken back; empty where Okta did not say.
    """

    user_id: str
    factor_id: str
    expires_at: datetime | None
    number: int | None = field(repr=False)
    poll: str = field(repr=False)
    cancel: str = field(repr=False)


class _Challenge(Record, frozen=True):
    correct_answer: int | None = None


class _Inner(Record, frozen=True):
    challenge: _Challenge = _Challenge()


class _Factor(Record, frozen=True):
    embedded: _Inner = msgspec.field(name="_embedded", default=_Inner())


class _Embedded(Record, frozen=True):
    """The number's place in this API; `factor` has it where the authentication API does."""

    challenge: _Challenge = _Challenge()
    factor: _Factor = _Factor()


class _Links(Record, frozen=True):
    poll: Link = Link()
    cancel: Link = Link()


class Verdict(Record, frozen=True):
    """What Okta answers to a code, a request for one, a push, or a question after a push.

    Attributes:
        factor_result: compare it with `FactorResult`; empty where it could not be read.
    """

    factor_result: str = ""
    expires_at: Moment | None = None
    embedded: _Embedded = msgspec.field(name="_embedded", default=_Embedded())
    links: _Links = msgspec.field(name="_links", default=_Links())

    def __repr__(self) -> str:
        return f"Verdict({self.factor_result!r}, …)"

    @property
    def number(self) -> int | None:
        """The number to show."""
        here, there = self.embedded.challenge, self.embedded.factor.embedded.challenge
        return there.correct_answer if here.correct_answer is None else here.correct_answer
