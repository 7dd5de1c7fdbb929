"""How a service app asks Okta for an access token, and what the answers mean (RFC 7523; DPoP: RFC 9449).

Steps are plain generators: they yield a request and are sent its answer, so that whoever drives them decides how
requests travel. See https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/ and .../guides/dpop/.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Final, TypeAlias

import httpx
import msgspec

from okta.errors import LostAnswerError, OktaError, SignInError, SignInProblem, Told
from okta.keys import SigningKey
from okta.mapping import date_of, error_of, told_by
from okta.models import Record
from okta.proofs import Prover
from okta.reading import UnreadableError, read_one

TOKEN_PATH: Final = "/oauth2/v1/token"  # noqa: S105 - a path
"""Of the org authorization server; no other one gives out Okta's own scopes."""

INTROSPECT_PATH: Final = "/oauth2/v1/introspect"

_KIND: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

ASSERTION_LIFE: Final = timedelta(minutes=5)
"""How long an assertion would be good; Okta allows an hour."""

USUAL_LIFE: Final = timedelta(hours=1)
"""Of an access token, where an answer does not tell."""

_OFF: Final = timedelta(seconds=30)
"""How far clocks may differ until that can be why a proof is refused."""

_FAR_OFF: Final = timedelta(minutes=4)
"""How far they may differ until that can be why an assertion is."""

_PASSING: Final = frozenset({"server_error", "temporarily_unavailable"})

_PROOF_WANTED: Final = frozenset({"invalid_dpop_proof", "use_dpop_nonce"})

_KEY_PROBLEMS: Final = frozenset({SignInProblem.SIGNATURE, SignInProblem.KEY_ID, SignInProblem.OTHER})
"""With which another key may fare better."""

_TURNS: Final = 4
"""Without a proof, with one, with a nonce, and with another nonce if that one is just being replaced."""

_LONGEST: Final = 8192


@dataclass(frozen=True, slots=True)
class Token:
    """An access token.

    Attributes:
        bound: whether each request must prove that we hold our key.
        asked_at: when it was asked for, by our clock.
    """

    value: str = field(repr=False)
    bound: bool
    asked_at: datetime
    life: timedelta

    @property
    def expires_at(self) -> datetime:
        """From when on it is void, by our clock."""
        return self.asked_at + self.life


@dataclass(frozen=True, slots=True)
class Refusal:
    """Okta's word that there is no token."""

    problem: SignInProblem
    told: Told = field(repr=False)
    scopes: frozenset[str] = frozenset()
    ahead: timedelta | None = None

    def error(self, operation: str) -> SignInError:
        """What a call fails with."""
        return SignInError(operation, self.told, problem=self.problem, missing_scopes=self.scopes, ahead=self.ahead)


Outcome: TypeAlias = Token | Refusal
Steps: TypeAlias = Generator[httpx.Request, httpx.Response, Outcome]


class _Granted(Record, frozen=True):
    """The answer of the token endpoint."""

    access_token: str | None = msgspec.field(name="access_token", default=None)
    token_type: str | None = msgspec.field(name="token_type", default=None)
    expires_in: float | str | None = msgspec.field(name="expires_in", default=None)


class App:
    """A service app as Okta's authorization server knows it.

    Args:
        client_id: the app's.
        keys: one private key, or two while one takes the other's place: the other is tried when one is refused.
        now: the time.
    """

    def __init__(self, client_id: str, keys: tuple[SigningKey, ...], now: Callable[[], datetime]) -> None:
        self._client_id = client_id
        self._keys = keys
        self._now = now
        self.prover: Prover | None = None
        """Made as soon as Okta asks for proofs."""

    def obtain(self, call: httpx.Request, scopes: frozenset[str]) -> Steps:
        """Get a token for the sake of `call`, with the first of our keys that Okta takes.

        Raises:
            OktaError: Okta is not able to answer now.
        """
        outcome = yield from self._ask(call, scopes, self._keys[0])
        for other in self._keys[1:]:
            if isinstance(outcome, Token) or outcome.problem not in _KEY_PROBLEMS:
                break
            second = yield from self._ask(call, scopes, other)
            if isinstance(second, Token) or second.problem not in _KEY_PROBLEMS:
                outcome = second
                self._keys = (other, self._keys[0])
        return outcome

    def inquire(self, call: httpx.Request, token: str) -> Generator[httpx.Request, httpx.Response, None]:
        """Ask what Okta knows of one of our tokens, with the first of our keys that Okta takes.

        Raises:
            OktaError: it takes none of them, or is not able to answer now.
        """
        for key in self._keys:
            answer = yield self._inquiry(call, token, key)
            if answer.is_success:
                return
            refusal = self._refusal(call, answer, frozenset())
            if refusal.problem not in _KEY_PROBLEMS:
                break
        raise refusal.error(operation_of(call))

    def _ask(self, call: httpx.Request, scopes: frozenset[str], key: SigningKey) -> Steps:
        """Ask with one key: without a proof at first, then with one, then with Okta's nonce in it, as far as it wants."""
        turn = 1
        while True:
            at, prover, nonce = self._now(), self.prover, self._nonce
            answer = yield self._request(call, scopes, key)
            outcome = self._outcome(call, answer, scopes, at)
            wants_proof = isinstance(outcome, Refusal) and outcome.told.code in _PROOF_WANTED
            if wants_proof and self.prover is None:
                self.prover = Prover()
            if self.prover is not None:
                self.prover.learn(answer, from_api=False)
            # Somebody else may have learnt meanwhile what this request did not know.
            if not wants_proof or (prover, nonce) == (self.prover, self._nonce) or turn == _TURNS:
                return outcome
            turn += 1

    @property
    def _nonce(self) -> str | None:
        return self.prover.nonces.get(False) if self.prover is not None else None

    def _request(self, call: httpx.Request, scopes: frozenset[str], key: SigningKey) -> httpx.Request:
        """A token request, with an assertion of its own: Okta takes none a second time."""
        url = call.url.copy_with(raw_path=TOKEN_PATH.encode(), fragment=None)
        form = {"grant_type": "client_credentials", "scope": " ".join(sorted(scopes)), **self.assertion(url, key)}
        request = httpx.Request("POST", url, data=form, headers=_manners(call), extensions=_travel(call))
        if self.prover is not None:
            request.headers["DPoP"] = self.prover.proof("POST", url, self._now())
        return request

    def _inquiry(self, call: httpx.Request, token: str, key: SigningKey) -> httpx.Request:
        """A request for what is known of a token; no proof belongs to it, since the token is not used (RFC 9449, section 6.2)."""
        url = call.url.copy_with(raw_path=INTROSPECT_PATH.encode(), fragment=None)
        form = {"token": token, "token_type_hint": "access_token", **self.assertion(url, key)}
        return httpx.Request("POST", url, data=form, headers=_manners(call), extensions=_travel(call))

    def assertion(self, url: httpx.URL, key: SigningKey) -> dict[str, str]:
        """What shows at an endpoint who we are, good once."""
        # Without `iat`, which Okta does not need, a clock that is ahead by less than an hour does no harm.
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": str(url),
            "exp": int((self._now() + ASSERTION_LIFE).timestamp()),
            "jti": token_urlsafe(16),
        }
        return {"client_assertion_type": _KIND, "client_assertion": key.sign(claims)}

    def _outcome(self, call: httpx.Request, answer: httpx.Response, scopes: frozenset[str], at: datetime) -> Outcome:
        return _token(operation_of(call), answer, at) if answer.is_success else self._refusal(call, answer, scopes)

    def _refusal(self, call: httpx.Request, answer: httpx.Response, scopes: frozenset[str]) -> Refusal:
        """What an answer that is no success says of us.

        Raises:
            OktaError: it says nothing, since Okta is not able to answer now.
        """
        told = told_by(answer)
        is_final = answer.is_client_error and answer.status_code not in {408, 429} and told.code not in _PASSING
        if not is_final:
            raise passing(operation_of(call), answer)
        ahead = ahead_of(answer, self._now())
        problem = problem_of(told, ahead)
        return Refusal(
            problem,
            told,
            scopes=scopes if problem is SignInProblem.SCOPE else frozenset(),
            ahead=ahead if problem is SignInProblem.CLOCK else None,
        )


def passing(operation: str, answer: httpx.Response) -> OktaError:
    """The error for an answer that says nothing of us. Nothing was done, since the call itself has not gone out."""
    if answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return LostAnswerError(operation, told_by(answer))
    return error_of(operation, answer, writes=False)


def ahead_of(answer: httpx.Response, now: datetime) -> timedelta | None:
    """By how much our clock is ahead of the server's, if they differ by more than an answer takes."""
    date = date_of(answer.headers)
    return now - date if date is not None and abs(now - date) > _OFF else None


def problem_of(told: Told, ahead: timedelta | None) -> SignInProblem:
    """Why Okta refuses, by its code, its sentence, and where neither says more by its time."""
    sentence = told.untrusted_summary.lower()
    off = abs(ahead) if ahead is not None else timedelta()
    match told.code:
        case "consent_required" | "invalid_scope":
            return SignInProblem.SCOPE
        case "access_denied":
            return SignInProblem.NETWORK
        case "invalid_dpop_proof" | "use_dpop_nonce":
            return SignInProblem.CLOCK if off else SignInProblem.PROOF
        case "invalid_client":
            return _client_problem(sentence, off)
        case _:
            return SignInProblem.OTHER


def _client_problem(sentence: str, off: timedelta) -> SignInProblem:
    """Sentences: https://support.okta.com/help/s/article/okta-client-assertion-error-invalid-key-id and its neighbours."""
    if "expired" in sentence or "future" in sentence:
        return SignInProblem.CLOCK
    if "kid" in sentence:
        return SignInProblem.KEY_ID
    if "signature" in sentence:
        return SignInProblem.SIGNATURE
    if "client_id" in sentence or "inactive" in sentence:
        return SignInProblem.CLIENT
    return SignInProblem.CLOCK if off > _FAR_OFF else SignInProblem.OTHER


def _token(operation: str, answer: httpx.Response, at: datetime) -> Token:
    """The token in an answer.

    Raises:
        LostAnswerError: there is none in it that could stand in a header, so it is not Okta's.
    """
    try:
        granted = read_one(answer.content, _Granted)
    except UnreadableError:
        granted = _Granted()
    value = granted.access_token or ""
    if not (value.isascii() and value.isprintable() and " " not in value and 0 < len(value) <= _LONGEST):
        value = ""
    if not value:
        del granted, value  # a traceback shows what a frame holds
        raise passing(operation, answer)
    return Token(value, (granted.token_type or "").lower() == "dpop", at, _life(granted.expires_in))


def _life(seconds: float | str | None) -> timedelta:
    try:
        life = timedelta(seconds=float(seconds or 0))
    except (ValueError, OverflowError):
        return USUAL_LIFE
    return life if timedelta() < life <= timedelta(days=1) else USUAL_LIFE


def operation_of(call: httpx.Request) -> str:
    """What a request is sent for."""
    return str(call.extensions.get("operation", "token"))


def _manners(call: httpx.Request) -> dict[str, str]:
    """The headers that all requests have."""
    return {name: call.headers[name] for name in ("user-agent", "accept") if name in call.headers}


def _travel(call: httpx.Request) -> dict[str, Any]:
    """How a call travels, for a request in its service."""
    return {name: call.extensions[name] for name in ("operation", "timeout") if name in call.extensions}
