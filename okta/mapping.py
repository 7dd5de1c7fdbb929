"""What an answer that is not a success means: the one place where Okta's statuses and codes become errors of ours.

A code outweighs the status, since some statuses mislead (401 for a feature that is off, 403 for an account that is
not locked). Only Okta's own word that it refused makes a write surely not done: an answer without one of its codes
may come from a gateway that had passed the request on. Codes: https://developer.okta.com/docs/reference/error-codes/.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

import httpx
import msgspec

from okta.budget import Reading
from okta.errors import (
    Executed,
    FeatureDisabledError,
    InvalidRequestError,
    InvalidTokenError,
    Limited,
    LostAnswerError,
    NotFoundError,
    NotPermittedError,
    OktaError,
    RateLimitedError,
    ReadOnlyOrgError,
    StateConflictError,
    Told,
)
from okta.factor_errors import LockedError, NotActiveError, RejectedError, WrongCode, WrongCodeError
from okta.models import Record
from okta.reading import UnreadableError, read_one

_BY_CODE: Final[dict[str, type[OktaError]]] = {
    "E0000005": NotPermittedError,  # invalid session; also what a token of the wrong kind gets
    "E0000006": NotPermittedError,
    "E0000010": ReadOnlyOrgError,
    "E0000011": InvalidTokenError,
    "E0000015": FeatureDisabledError,
    "E0000016": StateConflictError,  # already active
    "E0000017": StateConflictError,  # the password cannot be reset
    "E0000023": StateConflictError,  # the profile is managed elsewhere
    "E0000032": StateConflictError,  # not locked
    "E0000034": StateConflictError,  # forgot-password is not allowed now
    "E0000035": StateConflictError,  # changing the password is not allowed now
    "E0000038": StateConflictError,  # not in this status
    "E0000041": InvalidRequestError,  # the app takes no credentials
    "E0000062": StateConflictError,  # assigned to the app already
    "E0000069": LockedError,
    "E0000073": RejectedError,
    "E0000074": LostAnswerError,  # a provider of texts or calls failed
    "E0000075": InvalidRequestError,  # the attribute is mapped, and not to be told
    "E0000093": StateConflictError,  # as many targets as there may be
    "E0000107": StateConflictError,  # not in the state that is expected
    "E0000112": StateConflictError,  # still being activated
    "E0000117": StateConflictError,  # not active
    "E0000119": LockedError,
    "E0000155": NotActiveError,
    "E0000180": NotActiveError,
    "E0000249": StateConflictError,  # the group's rules are still being set up
    "insufficient_scope": NotPermittedError,
    "invalid_dpop_proof": InvalidTokenError,
    "invalid_token": InvalidTokenError,
    "use_dpop_nonce": InvalidTokenError,
}

_BY_STATUS: Final[dict[int, type[OktaError]]] = {
    401: InvalidTokenError,
    403: NotPermittedError,
    404: NotFoundError,
    408: LostAnswerError,
    409: StateConflictError,
    410: NotFoundError,
    423: StateConflictError,
}

_PERSONAL_LIMITS: Final = frozenset(
    {
        *("E0000109", "E0000118", "E0000133", "E0000146", "E0000147", "E0000150", "E0000151", "E0000186"),
        *("E0000204", "E0000205"),
    }
)
"""Texts, calls and mails to one person. For two of them the status is 403."""

_WRONG_CODES: Final = {"E0000068": WrongCode.WRONG, "E0000082": WrongCode.USED, "E0000083": WrongCode.LATE}

_VERIFYING: Final = frozenset({"verify_code", "challenge", "push"})
"""Operations that Okta also counts by person."""

_PASSCODES: Final = 5
"""Passcodes of one person in `_WINDOW` and more, at most (https://developer.okta.com/docs/reference/rl-additional-limits/)."""

_WINDOW: Final = timedelta(minutes=1)
"""For which requests to a bucket are counted."""

_CODE: Final = re.compile(r"E\d{7}|[a-z][a-z_]{0,39}", re.ASCII)
_REQUEST_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_CHALLENGE: Final = re.compile(r'\b(error|scope)="([^"\\]*)"')
_SCOPE: Final = re.compile(r"[a-z][\w.:-]*", re.ASCII | re.IGNORECASE)

_BEYOND_TIME: Final = 253_402_300_800
"""The first second of the year 10000, which `datetime` does not have."""


def error_of(operation: str, answer: httpx.Response, *, writes: bool) -> OktaError:
    """The error that `answer`, which is not Okta's success, stands for. `writes` tells whether `operation` does."""
    challenge = challenge_of(answer)
    told = told_by(answer)
    unsure = Executed.UNKNOWN if writes else Executed.NO
    executed = Executed.NO if told.code else unsure
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or told.code in _PERSONAL_LIMITS:
        return _rate_limited(operation, told, answer.headers)
    if told.code in _WRONG_CODES:
        return WrongCodeError(operation, told, why=_WRONG_CODES[told.code])
    kind = _kind(answer.status_code, told.code)
    if kind is LostAnswerError:
        return LostAnswerError(operation, told, executed=unsure)
    if kind is NotPermittedError:
        scopes = frozenset(_SCOPE.findall(challenge.get("scope", "")))
        return NotPermittedError(operation, told, executed=executed, missing_scopes=scopes)
    return kind(operation, told, executed=executed)


def _kind(status: int, code: str | None) -> type[OktaError]:
    if httpx.codes.is_server_error(status) and code != "E0000010":
        return LostAnswerError  # whatever else it says: something has failed, perhaps half-way
    if code in _BY_CODE:
        return _BY_CODE[code]
    if httpx.codes.is_client_error(status):
        return _BY_STATUS.get(status, InvalidRequestError)
    return LostAnswerError


class _Cause(Record, frozen=True):
    error_summary: str = ""


class _Body(Record, frozen=True):
    """The body of an error, Okta's or OAuth's. One example in Okta's own description has a single cause in no list."""

    error_code: str | None = None
    error_summary: str | None = None
    error_causes: tuple[_Cause, ...] | _Cause | None = None
    error: str | None = None
    error_description: str | None = msgspec.field(name="error_description", default=None)


def request_id_of(answer: httpx.Response) -> str | None:
    """Okta's id of the request (`X-Okta-Request-Id`), by which its support and its System Log know it; None without one."""
    request_id = answer.headers.get("x-okta-request-id", "")
    return request_id if _REQUEST_ID.fullmatch(request_id) else None


def told_by(answer: httpx.Response) -> Told:
    """What an answer says of a failure, in its body or in its challenge."""
    body = _body(answer.content)
    code = body.error_code or body.error or challenge_of(answer).get("error", "")
    causes = (body.error_causes,) if isinstance(body.error_causes, _Cause) else body.error_causes or ()
    return Told(
        status=answer.status_code,
        code=code if _CODE.fullmatch(code) else None,
        request_id=request_id_of(answer),
        untrusted_summary=body.error_summary or body.error_description or "",
        untrusted_causes=tuple(cause.error_summary for cause in causes if cause.error_summary),
    )


def challenge_of(answer: httpx.Response) -> dict[str, str]:
    """The `error` and `scope` of an answer's `WWW-Authenticate`, as far as it has them."""
    return dict(_CHALLENGE.findall(answer.headers.get("www-authenticate", "")))


def _body(content: bytes) -> _Body:
    try:
        return read_one(content, _Body)
    except UnreadableError:
        return _Body()


def _rate_limited(operation: str, told: Told, headers: httpx.Headers) -> RateLimitedError:
    if told.code in _PERSONAL_LIMITS:
        return RateLimitedError(operation, told, limited=Limited.PERSON)
    limit = _least(headers, "x-rate-limit-limit")
    if limit == 0:
        return RateLimitedError(operation, told, limited=Limited.CONCURRENCY)
    if _least(headers, "x-rate-limit-remaining") or (operation in _VERIFYING and not _of_a_bucket(limit, headers)):
        # With requests left in the bucket, it is not the bucket that is empty.
        return RateLimitedError(operation, told, limited=Limited.PERSON)
    reset_at, date = _reset_at(headers), date_of(headers)
    lasts = max(reset_at - date, timedelta()) if reset_at and date else None
    # A window of hours is none of Okta's: a proxy has written this, or a clock is wrong.
    retry_after = lasts + timedelta(seconds=1) if lasts is not None and lasts <= 2 * _WINDOW else None
    return RateLimitedError(operation, told, limited=Limited.BUCKET, reset_at=reset_at, retry_after=retry_after)


def _of_a_bucket(limit: int | None, headers: httpx.Headers) -> bool:
    """Whether headers are about a bucket of the org's rather than about the passcodes of one person, who waits longer."""
    reset_at, date = _reset_at(headers), date_of(headers)
    return limit is not None and limit > _PASSCODES and bool(reset_at and date and reset_at - date <= _WINDOW)


def _reset_at(headers: httpx.Headers) -> datetime | None:
    reset = _least(headers, "x-rate-limit-reset")
    return datetime.fromtimestamp(reset, UTC) if reset is not None and reset < _BEYOND_TIME else None


def reading_of(operation: str, headers: httpx.Headers) -> Reading | None:
    """What an answer says of the bucket that it counted towards; None if it does not say all of it, or may be about a person."""
    limit, remaining = _least(headers, "x-rate-limit-limit"), _least(headers, "x-rate-limit-remaining")
    reset, date = _least(headers, "x-rate-limit-reset"), date_of(headers)
    if limit is None or remaining is None or reset is None or date is None:
        return None
    if operation in _VERIFYING and not _of_a_bucket(limit, headers):
        return None
    return Reading(limit, remaining, reset, reset - date.timestamp())


def _least(headers: httpx.Headers, name: str) -> int | None:
    """The least of a header's values: Okta sends one for each bucket that the request counts towards."""
    values = (value.strip() for value in headers.get(name, "").split(","))
    return min(
        (int(value) for value in values if value.isascii() and value.isdigit() and len(value) <= 12), default=None
    )


def date_of(headers: httpx.Headers) -> datetime | None:
    """When an answer was made, by the server's clock."""
    return _date(headers.get("date", ""))


@lru_cache(maxsize=16)
def _date(text: str) -> datetime | None:
    """All answers of one second have the same."""
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else None
