"""Every way in which a call to Okta can fail, one class per question that a caller asks.

    OktaError
    ├── UnreachableError      no connection stood, so surely nothing was done
    ├── LostAnswerError       the request went out and no answer of use came back: a write may have been done
    ├── ReadOnlyOrgError      Okta is in maintenance: reads work, the write was not done
    ├── RateLimitedError      not now; says which limit it is, and when to come back
    ├── InvalidTokenError     our own credential is refused: stop, and tell an administrator
    │   └── SignInError       no access token is to be had, or none is taken; says which of the reasons it is
    ├── NotPermittedError     the credential's admin role, its targets or its scopes do not reach this far
    ├── NotFoundError         not there, or not visible to our credential; the two look alike
    ├── FeatureDisabledError  the org does not have the feature; nothing is wrong with the credential
    ├── StateConflictError    the account's present state does not allow the operation
    ├── HookNotVerifiedError  the receiver of an event hook did not answer Okta's challenge
    ├── InvalidRequestError   the request itself is wrong
    ├── BadLinkError          a link to follow leads away from our org, or in a circle; it was not followed
    └── ReadOnlyError         our own transport refused to write; not a byte was sent

Those of verifying a factor are in `okta.factor_errors`. All say whether a write may have been done (`executed`). Okta's sentences may repeat what a user typed
(https://developer.okta.com/docs/reference/error-codes/), so they are kept out of `str()` and `repr()`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final, Self


class Executed(StrEnum):
    """Whether a write may have been done although the call failed. A failed read has done nothing: NO."""

    NO = "no"
    UNKNOWN = "unknown"


class Limited(StrEnum):
    """Which of Okta's limits a 429 belongs to (https://developer.okta.com/docs/reference/rate-limits/)."""

    BUCKET = "bucket"  # requests per minute to a group of endpoints, shared by the whole org
    CONCURRENCY = "concurrency"  # requests at the same moment, org-wide
    PERSON = "person"  # text messages, calls, e-mails or passcodes of one person


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an answer says of a failure; all of it is absent where none came.

    Attributes:
        status: the HTTP status.
        code: Okta's error code (`E0000032`) or OAuth's (`insufficient_scope`); None if the answer names none, and then
            it need not be Okta's own.
        request_id: `X-Okta-Request-Id`, for a talk with Okta's support.
        untrusted_summary: Okta's sentence. It may hold what a user typed: escape it, and do not log it.
        untrusted_causes: the sentences of `errorCauses`; the same care.
    """

    status: int | None = None
    code: str | None = None
    request_id: str | None = None
    untrusted_summary: str = ""
    untrusted_causes: tuple[str, ...] = ()


class OktaError(Exception):
    """A call to Okta failed.

    Attributes:
        operation: the method of the client that was called, such as `unlock`.
        executed: whether a write may have been done nevertheless.
        told: what the answer said, if one came.
    """

    meaning: ClassVar[str] = "Okta answered with an error"

    def __init__(self, operation: str, told: Told | None = None, *, executed: Executed = Executed.NO) -> None:
        self.operation = operation
        self.told = told or Told()
        self.executed = executed
        details = (
            f"HTTP {self.status}" if self.status else None,
            self.code,
            f"request {self.request_id}" if self.request_id else None,
        )
        super().__init__(", ".join((f"{operation}: {self.meaning}", *filter(None, details))))

    def again(self) -> Self:
        """The same error for another of several who share it, so that its traceback is theirs alone."""
        own = self.__class__.__new__(self.__class__)
        own.__dict__.update(self.__dict__)
        own.args = self.args
        return own

    @property
    def status(self) -> int | None:
        """The HTTP status, or None without an answer."""
        return self.told.status

    @property
    def code(self) -> str | None:
        """Okta's or OAuth's error code, or None."""
        return self.told.code

    @property
    def request_id(self) -> str | None:
        """Okta's id of the request, or None."""
        return self.told.request_id


class UnreachableError(OktaError):
    """No connection to Okta stood, so surely nothing was done."""

    meaning = "Okta cannot be reached"


class LostAnswerError(OktaError):
    """The request went out, but no answer of use came: none, a 5xx, a gateway's page, or one that cannot be read."""

    meaning = "no usable answer came back"


class ReadOnlyOrgError(OktaError):
    """Okta is in read-only mode (503 `E0000010`): reads work, the write was surely not done."""

    meaning = "Okta is in read-only mode"


class RateLimitedError(OktaError):
    """A limit is used up; the request was surely not executed.

    Attributes:
        limited: which limit. `PERSON` must not hold up anybody else, and `CONCURRENCY` asks for fewer requests at once.
        reset_at: when the bucket is filled again, by Okta's clock; None for the other two limits, of which Okta does
            not say it.
        retry_after: the same as a delay, measured by the answer's own `Date`, so that no clock of ours matters.
    """

    meaning = "a rate limit is used up"

    def __init__(
        self,
        operation: str,
        told: Told | None = None,
        *,
        limited: Limited,
        reset_at: datetime | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        self.limited = limited
        self.reset_at = reset_at
        self.retry_after = retry_after
        super().__init__(operation, told)


class InvalidTokenError(OktaError):
    """Our own credential is refused (401 `E0000011`). Asking again does not help; an administrator must look.

    Okta says the same of a token that was revoked, of one that nobody used for 30 days, and of one whose owner is gone.
    """

    meaning = "Okta refuses the credential"

    @property
    def advice(self) -> str:
        """What an administrator can do."""
        return (
            "the API token was revoked, or not used for 30 days, or its owner is deactivated; sign in as the bot's service"
            " account and make a new one"
        )


class SignInProblem(StrEnum):
    """Why a service app gets no access token, or one that is not taken. `SignInError` says what to do."""

    SIGNATURE = "signature"  # the private key does not belong to the public one
    KEY_ID = "key_id"  # Okta has no key of this id
    CLIENT = "client"  # Okta has no such app, or it is off
    SCOPE = "scope"  # a scope is not granted
    CLOCK = "clock"  # our time is not Okta's
    PROOF = "proof"  # a proof of possession (DPoP) is not taken
    NETWORK = "network"  # the app may not be used from here
    TOKEN = "token"  # noqa: S105 - a token that was just made is refused
    OTHER = "other"  # `code` is all that is known


_ADVICE: Final = {
    SignInProblem.SIGNATURE: "the private key does not fit the public key that the app has; register its public key",
    SignInProblem.KEY_ID: "the app has no public key of this id; register the key, or correct its `kid`",
    SignInProblem.CLIENT: "there is no such app, or it is not active; check the client id and the Okta address",
    SignInProblem.SCOPE: "grant the missing scopes to the app, under Okta API Scopes",
    SignInProblem.CLOCK: "this machine's clock differs from Okta's; have it set by NTP",
    SignInProblem.PROOF: "Okta does not take the proof of possession (DPoP); check that nothing between changes the address",
    SignInProblem.NETWORK: "the app may not be used from this network; check its network zones",
    SignInProblem.TOKEN: "Okta refuses an access token that it has just given; check that the app is active",
    SignInProblem.OTHER: "check the app's sign-in settings: client authentication by public key, client credentials",
}


class SignInError(InvalidTokenError):
    """Okta gives the service app no access token, or does not take the one it gave. Surely nothing was done.

    Attributes:
        problem: why.
        missing_scopes: the scopes that are not granted, where that is why.
        ahead: by how much our clock is ahead of Okta's, where that is why and the answer told its time.
    """

    meaning = "Okta does not let the app sign in"

    def __init__(
        self,
        operation: str,
        told: Told | None = None,
        *,
        problem: SignInProblem,
        missing_scopes: frozenset[str] = frozenset(),
        ahead: timedelta | None = None,
    ) -> None:
        self.problem = problem
        self.missing_scopes = missing_scopes
        self.ahead = ahead
        super().__init__(operation, told)

    @property
    def advice(self) -> str:
        """What an administrator can do."""
        named = f" ({', '.join(sorted(self.missing_scopes))})" if self.missing_scopes else ""
        off = f" ({self.ahead.total_seconds():+.0f} s)" if self.ahead is not None else ""
        return f"{_ADVICE[self.problem]}{named}{off}"

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.advice}"


class NotPermittedError(OktaError):
    """The credential's admin role, its targets or its scopes do not reach this far, or the account is a protected admin's.

    Attributes:
        missing_scopes: the OAuth scopes that would help, where Okta names them.
    """

    meaning = "the credential has no right to this"

    def __init__(
        self,
        operation: str,
        told: Told | None = None,
        *,
        executed: Executed = Executed.NO,
        missing_scopes: frozenset[str] = frozenset(),
    ) -> None:
        self.missing_scopes = missing_scopes
        super().__init__(operation, told, executed=executed)


class NotFoundError(OktaError):
    """Not there, or outside what our credential may see; Okta does not tell the two apart."""

    meaning = "not there, or not visible"


class FeatureDisabledError(OktaError):
    """The org does not have the feature (401 `E0000015`). It looks like a bad token and is none."""

    meaning = "the org does not have this feature"


class StateConflictError(OktaError):
    """The account's present state does not allow the operation; `code` says more."""

    meaning = "the present state does not allow it"


class HookNotVerifiedError(OktaError):
    """Okta called the receiver of an event hook, and got no answer, or not the one that it wants; nothing is delivered.

    The receiver answers a GET within 3 seconds by 200 and the JSON `{"verification": …}` with the value of the header
    `x-okta-verification-challenge`. Okta's own words on what it got are in `told`.
    """

    meaning = "the receiver of the event hook did not answer Okta's challenge as it should"


class InvalidRequestError(OktaError):
    """The request itself is wrong, which is a fault of ours."""

    meaning = "the request is not valid"


class BadLinkError(OktaError):
    """A link to follow leads away from our org, or in a circle. It was not followed."""

    meaning = "a link leads elsewhere"


class ReadOnlyError(OktaError):
    """Our own read-only transport refused to write. Not a byte was sent."""

    meaning = "refused, since only reading is allowed"
