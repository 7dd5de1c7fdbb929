"""One exchange with Okta: a request out when it may go, an answer or an error of ours back.

The one place where failures are mapped, and where calls wait, are repeated if that is safe, and share an answer.
"""

import asyncio
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import random
from typing import Any

import httpx

from okta import retry
from okta.answers import is_page
from okta.auth import SIGNING
from okta.budget import Reading
from okta.errors import (
    BadLinkError,
    Executed,
    InvalidRequestError,
    Limited,
    LostAnswerError,
    OktaError,
    RateLimitedError,
    UnreachableError,
)
from okta.mapping import error_of, reading_of, request_id_of
from okta.pace import Gate, Ledger, Memory
from okta.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of Okta.

    Attributes:
        operation: the method of the client.
        url: a path, or a whole address of our org.
        bucket: what it counts towards.
        asks: whether it changes nothing, though it is no GET.
    """

    operation: str
    method: str
    url: str
    bucket: str
    params: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    signed: bool = True
    asks: bool = False

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET" and not self.asks


@dataclass(frozen=True, slots=True)
class Exchange:
    """How one attempt went, for whoever measures: nothing in it is about a person.

    Attributes:
        status: of the answer; None if none came.
        error: the kind of error that it was, if it was one.
        waited: seconds until it went out.
        took: seconds from then on.
    """

    operation: str
    bucket: str
    background: bool
    attempt: int
    status: int | None
    error: str | None
    waited: float
    took: float


class Exchanges:
    """Exchanges with one org.

    Args:
        http: made by `okta.transport.build_http`, whose base address is the org's. Not closed here.
        auth: how requests prove who we are.
        time_limit: seconds that one call may take in all, its waits and repetitions included; in the background, that one
            request may take from when it goes out.
        ledger: keeps what is left of each rate limit; one of this client's own unless it is given.
        attempts: how often a call is tried at most, where that is safe.
        on_exchange: told of every attempt, shortly after it has ended; what it raises does not hurt the call.
        gate: through which requests go out, shared by all clients of a process; one of this client's own unless it is given.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        auth: httpx.Auth,
        *,
        time_limit: float,
        ledger: Ledger | None = None,
        attempts: int = retry.ATTEMPTS,
        on_exchange: Callable[[Exchange], object] | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._http = http
        self._auth = auth
        self._time_limit = time_limit
        self._ledger = Memory() if ledger is None else ledger
        self._attempts = attempts
        self._on_exchange = on_exchange
        self._gate = Gate() if gate is None else gate
        self._sharing: Sharing[httpx.Response | OktaError] = Sharing()
        self._background = False
        self._on_written: Callable[[str], object] | None = None

    def noting(self, on_written: Callable[[str], object]) -> "Exchanges":
        """The same, that tells somebody Okta's id of each write that is answered, whatever the answer."""
        other = copy(self)
        other._on_written = on_written  # noqa: SLF001 - our own
        return other

    def in_background(self) -> "Exchanges":
        """The same, for work that nobody waits for: it takes what people leave over, however long that lasts."""
        other = copy(self)
        other._background = True  # noqa: SLF001 - our own
        return other

    @property
    def is_plain(self) -> bool:
        """Whether the org is reached without TLS, as only a twin on this machine is."""
        return self._http.base_url.scheme == "http"

    def own(self, operation: str, link: str) -> str:
        """A link from an answer, if it leads to our org: our credential goes nowhere else.

        Raises:
            BadLinkError: it does not.
        """
        try:
            url = httpx.URL(link)
        except httpx.InvalidURL:
            raise BadLinkError(operation) from None
        home = self._http.base_url
        # The raw host, since not every name that begins with xn-- can be decoded.
        if (url.scheme, url.raw_host, url.port) != (home.scheme, home.raw_host, home.port) or url.userinfo:
            raise BadLinkError(operation)
        return str(url)

    async def send(self, request: Request) -> httpx.Response:
        """Send a request as soon as it may go out; answers a success.

        Raises:
            OktaError: everything else.
        """
        if request.writes:
            outcome = await self._outcome(request, _nobody)
            request_id = outcome.request_id if isinstance(outcome, OktaError) else request_id_of(outcome)
            if request_id is not None and self._on_written is not None:
                self._on_written(request_id)
        else:
            params = tuple((request.params or {}).items())
            key = (self._background, request.operation, request.url, params)
            outcome = await self._sharing.read(key, partial(self._outcome, request))
        if isinstance(outcome, OktaError):
            raise outcome.again() from outcome.__cause__
        return outcome

    async def _outcome(self, request: Request, leaves: Callable[[], None]) -> httpx.Response | OktaError:
        """Try, and try again where that is safe and there is time for it."""
        now = asyncio.get_running_loop().time
        deadline = now() + self._time_limit
        attempt = 1
        while True:
            outcome = await self._attempt(request, attempt, deadline, leaves)
            if not isinstance(outcome, OktaError) or attempt == self._attempts:
                return outcome
            pause = retry.pause(outcome, attempt, writes=request.writes, random=random)
            if pause is None or not (self._background or now() + pause < deadline):
                return outcome
            await asyncio.sleep(pause)
            attempt += 1

    async def _attempt(
        self, request: Request, attempt: int, deadline: float, leaves: Callable[[], None]
    ) -> httpx.Response | OktaError:
        now = asyncio.get_running_loop().time
        asked = now()
        if (refusal := await self._admission(request, deadline)) is not None:
            return refusal
        sent, reading = now(), None
        try:
            leaves()
            outcome = await self._once(request, sent + self._time_limit if self._background else deadline)
            reading = self._heard(request.operation, outcome)
        finally:
            self._gate.leave()
            self._ledger.learn(request.bucket, reading)
        if self._on_exchange is not None:
            status = outcome.answer.status_code if outcome.answer is not None else None
            error = type(outcome.result).__name__ if isinstance(outcome.result, OktaError) else None
            spent = (sent - asked, now() - sent)
            told = Exchange(request.operation, request.bucket, self._background, attempt, status, error, *spent)
            asyncio.get_running_loop().call_soon(self._on_exchange, told)
        return outcome.result

    async def _admission(self, request: Request, deadline: float) -> OktaError | None:
        """Wait until the request may go out; or the error if that comes too late for somebody who waits."""
        now = asyncio.get_running_loop().time
        while (wait := await self._ledger.take(request.bucket, background=self._background)) > 0:
            if not self._background and now() + wait >= deadline:
                after = timedelta(seconds=wait)
                return RateLimitedError(request.operation, limited=Limited.BUCKET, retry_after=after)
            await asyncio.sleep(wait)
        if self._gate.enters(background=self._background):
            return None
        entered = False
        try:
            async with asyncio.timeout_at(None if self._background else deadline):
                await self._gate.enter(background=self._background)
                entered = True
        except TimeoutError:
            return RateLimitedError(request.operation, limited=Limited.CONCURRENCY)
        finally:
            if not entered:
                self._ledger.learn(request.bucket, None)
        return None

    def _heard(self, operation: str, outcome: "_Outcome") -> Reading | None:
        """Take note of what an answer says of the limits."""
        error = outcome.result
        if isinstance(error, RateLimitedError) and error.limited is not Limited.BUCKET:
            if error.limited is Limited.CONCURRENCY:
                self._gate.narrow()
            return None  # such an answer's headers are about something else
        if outcome.answer is None:
            return None
        self._gate.answered()
        return reading_of(operation, outcome.answer.headers)

    async def _once(self, request: Request, until: float) -> "_Outcome":
        try:
            sent = self._http.build_request(
                request.method,
                request.url,
                params=request.params,
                json=request.body,
                extensions={"operation": request.operation},
            )
        except (httpx.InvalidURL, UnicodeEncodeError):  # half of a surrogate pair is no text that could be sent
            return _Outcome(InvalidRequestError(request.operation))
        if asyncio.get_running_loop().time() >= until:
            # A worker that was stalled on its way here: nobody waits any more, and others may have concluded that this was
            # never sent. The limit below would only end it at its first pause, which may come after it has gone out.
            return _Outcome(UnreachableError(request.operation))
        cause: Exception | None = None
        failure: OktaError
        try:
            async with asyncio.timeout_at(until):
                answer = await self._http.send(sent, auth=self._auth if request.signed else None)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            cause, failure = error, UnreachableError(request.operation)
        except (httpx.RequestError, TimeoutError) as error:
            cause = error if isinstance(error, httpx.RequestError) else None
            unsure = request.writes and SIGNING not in sent.extensions
            failure = LostAnswerError(request.operation, executed=Executed.UNKNOWN if unsure else Executed.NO)
        except OktaError as error:
            # Without its way here, which leads through frames that hold the token.
            failure = error.with_traceback(None)
        else:
            if answer.is_success and not is_page(answer):
                return _Outcome(answer, answer)
            return _Outcome(error_of(request.operation, answer, writes=request.writes), answer)
        failure.__cause__ = cause
        return _Outcome(failure)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one attempt comes to, and the answer behind it, if one came."""

    result: httpx.Response | OktaError
    answer: httpx.Response | None = None


def _nobody() -> None:
    """Nobody joins a write."""
