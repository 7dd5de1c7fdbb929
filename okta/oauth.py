"""Signing in as a service app of Okta: OAuth 2.0 client credentials with a private key, and DPoP where Okta wants it.

The token is fetched over the transport of the call that needs it, kept, and renewed before it ends by one caller while
the others go on with it or wait. What Okta refuses is remembered for a moment, so that a wrong setting does not become
a storm of token requests.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from okta.auth import SIGNING
from okta.errors import InvalidTokenError, NotPermittedError, OktaError, RateLimitedError, SignInError, SignInProblem
from okta.introspection import Asking, TokenStatus, ask
from okta.keys import SigningKey
from okta.mapping import challenge_of, error_of, told_by
from okta.scopes import NEEDED
from okta.sign_in import App, Refusal, Steps, Token, ahead_of, problem_of

MARGIN: Final = timedelta(minutes=5)
"""How long before its end a token is renewed; a short-lived one after half of its life."""

HOLD: Final = timedelta(minutes=1)
"""How long a refusal is taken as the answer to further calls."""

BRIEF: Final = timedelta(milliseconds=250)
"""How long an answer of no use, or none, is taken for the answer to further calls: crowds come back together."""

NEW: Final = timedelta(seconds=10)
"""How long a token that is refused is not given up for another."""

_MOST_KEYS: Final = 2

_REFUSALS: Final = frozenset({400, 401})
"""The statuses of a token or a proof that is not taken (RFC 6750, section 3.1; RFC 9449, section 7.1)."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Purse:
    """One token, for one set of scopes.

    Attributes:
        optional: whether only those calls fail that need these scopes, when they are not granted.
        renew_at: when a token that still holds is to be renewed.
        held_until: until when `refusal` is the answer.
        failure: why the last request for a token got no answer of use.
        failures: how often that has happened.
    """

    scopes: frozenset[str]
    optional: bool
    token: Token | None = None
    renew_at: datetime = _NEVER
    refusal: Refusal | None = None
    held_until: datetime = _NEVER
    failure: OktaError | None = None
    failures: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def keep(self, token: Token) -> Token:
        """Take a new token."""
        self.token, self.refusal, self.failure = token, None, None
        self.renew_at = token.expires_at - min(MARGIN, token.life / 2)
        return token

    def spare(self, token: Token, now: datetime) -> Token:
        """Go on with a token, and do not ask for another at once."""
        self.renew_at = now + (token.expires_at - now) / 2
        return token

    def hold(self, refusal: Refusal, now: datetime) -> None:
        """Remember that there is no token."""
        self.refusal, self.held_until = refusal, now + HOLD

    def fail(self, failure: OktaError, now: datetime) -> OktaError:
        """Note that Okta could not tell, and do not ask it again at once; or not before it has said, if it has."""
        told = failure.retry_after if isinstance(failure, RateLimitedError) else None
        self.failure, self.failures = failure, self.failures + 1
        self.held_until = now + (BRIEF if told is None else min(told, HOLD))
        return failure

    def shared(self, failures: int, now: datetime) -> OktaError | None:
        """The failure that came while somebody waited who had seen so many before, or that still holds."""
        holds = self.refusal is None and now < self.held_until
        return self.failure.again() if self.failure is not None and (holds or self.failures != failures) else None

    def good(self, now: datetime) -> Token | None:
        """The token, if it holds."""
        return self.token if self.token is not None and now < self.token.expires_at else None

    def fresh(self, now: datetime) -> Token | None:
        """The token, if it holds and need not be renewed yet."""
        return self.good(now) if now < self.renew_at else None

    def ready(self, now: datetime) -> Token | None:
        """A token to go on with: a fresh one, or one that somebody else is just renewing."""
        return self.good(now) if self.lock.locked() else self.fresh(now)

    def held(self, now: datetime) -> Refusal | None:
        """The refusal of a moment ago."""
        return self.refusal if now < self.held_until else None


class OAuth(httpx.Auth):
    """A service app (https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/).

    Args:
        client_id: the app's.
        keys: its private key; or two, in whichever order, while one takes the other's place.
        scopes: what every call needs to be granted; asked for together.
        optional: scopes that may be missing, such as those of `okta.scopes.OPTIONAL`. Each is asked for by itself, when a
            call first needs it, for one that is not granted fails the whole request.
        now: the time, aware.

    Raises:
        ValueError: there is no client id, no scope, or not one or two keys.

    Besides what a call may fail with anyway, it raises `SignInError` when Okta does not let the app in, and
    `NotPermittedError` when a call needs an optional scope that is not granted.
    """

    def __init__(
        self,
        client_id: str,
        keys: Iterable[SigningKey],
        scopes: Iterable[str],
        *,
        optional: Iterable[str] = (),
        now: Callable[[], datetime],
    ) -> None:
        keys, needed = tuple(keys), frozenset(scopes)
        if not (client_id and needed and 1 <= len(keys) <= _MOST_KEYS):
            raise ValueError("signing in needs a client id, at least one scope, and one private key or two")
        self._client_id = client_id
        self._app = App(client_id, keys, now)
        self._now = now
        self._needed = _Purse(needed, optional=False)
        self._optional = {scope: _Purse(frozenset({scope}), optional=True) for scope in set(optional) - needed}

    def __repr__(self) -> str:
        return f"OAuth({self._client_id!r}, …)"

    async def introspect(self, http: httpx.AsyncClient, *, time_limit: float = 10.0) -> TokenStatus:
        """What Okta says of the access token with which most calls go out; one is fetched if there is none.

        Args:
            http: made by `okta.transport.build_http`; one that only reads will do.
            time_limit: seconds that it may take in all.

        Raises:
            SignInError: Okta does not let the app in, or does not tell it of its token.
            OktaError: Okta is not able to answer now.
        """
        return await ask(http, Asking(self._app, self), time_limit=time_limit)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sign a request, and sign it once more if Okta wants another token or another nonce.

        Raises:
            OktaError: there is no token, so that the request was not sent or surely not carried out.
        """
        purse = self._optional.get(NEEDED.get(_operation(request), ""), self._needed)
        seen = set[str]()
        while True:
            token = purse.ready(self._now())
            if token is None:
                request.extensions[SIGNING] = True
                failures = purse.failures
                async with purse.lock:
                    renewing = self._renewed(purse, request, failures)
                    step = _following(renewing)
                    while isinstance(step, httpx.Request):
                        answer = yield step
                        await answer.aread()
                        step = _following(renewing, answer)
                token = step
            self._sign(request, token)
            request.extensions.pop(SIGNING, None)
            answer = yield request
            await answer.aread()
            why = self._again(purse, request, answer, token)
            if why is None:
                return
            if why in seen or (why == "token" and self._is_new(token)):
                raise self._refused_for_good(request, answer)
            seen.add(why)

    def _renewed(
        self, purse: _Purse, request: httpx.Request, failures: int
    ) -> Generator[httpx.Request, httpx.Response, Token]:
        """A token that need not be renewed; one that still holds is good enough while Okta gives no other.

        Of those who have waited for each other one asks, and the others share what it heard, also where that is nothing;
        `failures` is what the purse had seen of them before.

        Raises:
            OktaError: there is none.
        """
        now = self._now()
        if (token := purse.fresh(now)) is not None:
            return token  # whoever had the lock before has renewed it
        failure: OktaError
        if (held := purse.held(now)) is not None:
            failure = _failure(purse, held, request)
        elif (shared := purse.shared(failures, now)) is not None:
            failure = shared
        else:
            try:
                outcome = yield from self._ask(purse, request)
            except OktaError as error:
                failure = purse.fail(error.with_traceback(None), now)
            else:
                if isinstance(outcome, Token):
                    return purse.keep(outcome)
                purse.hold(outcome, now)
                failure = _failure(purse, outcome, request)
        if (token := purse.good(self._now())) is None:
            raise failure
        return purse.spare(token, now)

    def _ask(self, purse: _Purse, request: httpx.Request) -> Steps:
        outcome = yield from self._app.obtain(request, purse.scopes)
        if isinstance(outcome, Refusal) and len(outcome.scopes) > 1:
            outcome = yield from self._named(request, outcome)
        return outcome

    def _named(self, request: httpx.Request, refusal: Refusal) -> Generator[httpx.Request, httpx.Response, Refusal]:
        """Which scope it is that is not granted, by asking for each alone: Okta does not name it."""
        missing = set[str]()
        for scope in sorted(refusal.scopes):
            outcome = yield from self._app.obtain(request, frozenset({scope}))
            if isinstance(outcome, Refusal) and outcome.problem is SignInProblem.SCOPE:
                missing.add(scope)
        return Refusal(refusal.problem, refusal.told, scopes=frozenset(missing) or refusal.scopes)

    def _sign(self, request: httpx.Request, token: Token) -> None:
        """Put a token on a request, with a proof made for it alone."""
        prover = self._app.prover
        bound = token.bound and prover is not None
        request.headers["Authorization"] = f"{'DPoP' if bound else 'Bearer'} {token.value}"
        if bound and prover is not None:
            request.headers["DPoP"] = prover.proof(request.method, request.url, self._now(), token=token.value)

    def _again(self, purse: _Purse, request: httpx.Request, answer: httpx.Response, token: Token) -> str | None:
        """Why a request is to be signed anew, if it is. Okta has then refused it unread, also a write."""
        prover = self._app.prover
        if prover is not None:
            prover.learn(answer, from_api=True)
        if answer.status_code not in _REFUSALS:
            return None  # also what a server says that has failed: it may have carried the request out before
        if challenge_of(answer).get("error") == "use_dpop_nonce":
            return "nonce"
        error = error_of(_operation(request), answer, writes=False)
        if not isinstance(error, InvalidTokenError) or error.code is None:
            return None
        if purse.token is token and not self._is_new(token):
            purse.token = None
        return "token"

    def _is_new(self, token: Token) -> bool:
        """Whether a token has just been made, so that another one would be taken no better."""
        return self._now() < token.asked_at + NEW

    def _refused_for_good(self, request: httpx.Request, answer: httpx.Response) -> SignInError:
        told = told_by(answer)
        told = replace(told, code=challenge_of(answer).get("error", told.code))
        ahead = ahead_of(answer, self._now())
        problem = problem_of(told, ahead)
        if problem not in {SignInProblem.CLOCK, SignInProblem.PROOF}:
            problem = SignInProblem.TOKEN
        ahead = ahead if problem is SignInProblem.CLOCK else None
        return SignInError(_operation(request), told, problem=problem, ahead=ahead)


def _failure(purse: _Purse, refusal: Refusal, request: httpx.Request) -> OktaError:
    """What a call fails with when its token is refused."""
    if purse.optional and refusal.problem is SignInProblem.SCOPE:
        return NotPermittedError(_operation(request), refusal.told, missing_scopes=refusal.scopes)
    return refusal.error(_operation(request))


def _operation(request: httpx.Request) -> str:
    return str(request.extensions.get("operation", request.method))


def _following(
    renewing: Generator[httpx.Request, httpx.Response, Token], answer: httpx.Response | None = None
) -> httpx.Request | Token:
    """What is to be sent next, or the token that all of it was for."""
    try:
        return renewing.send(answer)  # type: ignore[arg-type]  # None starts a generator
    except StopIteration as done:
        token: Token = done.value
        return token
