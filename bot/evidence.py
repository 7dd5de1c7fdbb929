"""The vocabulary of proving who one is: with what, what is on its way, and what became of it. Pure values.

A Slack session is weak evidence. What could give an account away takes a factor of that Okta account besides, and one
that neither the request itself would remove nor somebody could have enrolled a moment ago (`bot.methods` judges that).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """How somebody can prove who they are. The values are stored, audited, set and shown."""

    PUSH = "push"  # Okta Verify asks on the phone, and the number that Slack shows has to be chosen there
    CODE = "code"  # of an authenticator app: Okta Verify's or Google's
    SMS = "sms"  # a code that Okta sends in a text message
    EMAIL = "email"  # a code that Okta mails

    @property
    def is_sent(self) -> bool:
        """Whether the code has to be sent first."""
        return self in {Method.SMS, Method.EMAIL}


class Miss(StrEnum):
    """Why an attempt proved nothing."""

    WRONG = "wrong"  # not the code
    USED = "used"  # the code, once
    LATE = "late"  # the code, before
    TOO_MANY = "too_many"  # so many wrong codes that no more are looked at for a while
    DENIED = "denied"  # somebody said no on the phone, or chose a wrong number
    IGNORED = "ignored"  # nobody answered on the phone
    LOCKED = "locked"  # Okta takes no proof of somebody who is locked
    CLOSED = "closed"  # this factor cannot be used for it
    FORBIDDEN = "forbidden"  # we may not ask Okta
    LOST = "lost"  # nobody knows


GUESSES = frozenset({Miss.WRONG, Miss.USED, Miss.LATE})
"""Those after which the person simply types another code."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """A prompt on somebody's phone, or a code on its way to them.

    Attributes:
        factor_id: of which of their factors.
        number: which they have to choose on the phone; None where a code was sent.
        poll: where Okta tells what became of a push; empty where a code was sent.
        cancel: where the push is taken back; empty where Okta gave no such address.
        until: when Okta forgets it; None where it did not say.
    """

    method: Method
    factor_id: str
    number: int | None = None
    poll: str = ""
    cancel: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody has proved with a factor that they are who they say.

    Attributes:
        okta_id: whose factor it was.
        consent: when they had confirmed what it is for; a proof is for that, and for nothing that is confirmed later.
    """

    method: Method
    factor_id: str
    okta_id: str
    consent: datetime
    at: datetime
