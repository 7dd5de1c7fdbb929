"""Proving oneself with a factor: codes by time, codes that are sent, and pushes that somebody answers on a phone.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/#tag/UserFactor/operation/verifyFactor
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.okta import totp
from sandbox.okta.errors import OktaError

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.factors import Factor
    from sandbox.okta.users import User

MOST_ATTEMPTS: Final = 5
ATTEMPTS_WINDOW: Final = timedelta(minutes=5)
"""So many codes may be tried per person (https://developer.okta.com/docs/reference/rl-additional-limits/)."""

CHOICES: Final = 3
"""Numbers among which Okta Verify lets one choose."""


class _Pace(NamedTuple):
    wait: timedelta
    refusal: str


_PACES: Final = {
    "sms": _Pace(timedelta(seconds=30), "E0000109"),
    "email": _Pace(timedelta(seconds=5), "E0000118"),
}
"""How often a code is sent."""


class PushResult(StrEnum):
    """What became of a push: `factorResult` of its transaction."""

    WAITING = "WAITING"
    SUCCESS = "SUCCESS"
    REJECTED = "REJECTED"
    TIMEOUT = "TIMEOUT"


@dataclass(frozen=True, slots=True)
class Push:
    """One question on a phone.

    Attributes:
        answer: the number that the person has been shown elsewhere; None for a plain push.
        choices: the numbers on the phone.
        user_agent: of the client that asked; the phone shows it.
    """

    id: str
    user_id: str
    factor_id: str
    device: str
    sent: datetime
    expires: datetime
    answer: int | None
    choices: tuple[int, ...]
    user_agent: str
    result: PushResult = PushResult.WAITING


@dataclass(frozen=True, slots=True)
class _Sent:
    """A code that is on its way to somebody."""

    code: str = field(repr=False)
    sent: datetime
    expires: datetime


class Verifier:
    """What was asked and answered so far; codes stay inside but for the pretend phone."""

    def __init__(self) -> None:
        self._used_steps: dict[str, int] = {}
        self._sent: dict[str, _Sent] = {}
        self._used: dict[str, str] = {}
        self._failures: dict[str, list[datetime]] = {}
        self._pushes: dict[str, Push] = {}

    def check(self, user: User, factor: Factor, passcode: str, now: datetime) -> None:
        """Take a passcode, or not.

        Raises:
            OktaError: E0000047 too many tries, E0000068 wrong, E0000082 used before, E0000083 too late.
        """
        recent = [moment for moment in self._failures.get(user.id, []) if moment > now - ATTEMPTS_WINDOW]
        if len(recent) >= MOST_ATTEMPTS:
            raise OktaError("E0000047")
        try:
            if factor.secret:
                self._check_totp(factor, passcode, now)
            else:
                self._check_sent(factor, passcode, now)
        except OktaError:
            self._failures[user.id] = [*recent, now]
            raise
        self._failures.pop(user.id, None)

    def send(self, factor: Factor, now: datetime, life: timedelta) -> str:
        """A new code for a text message or an e-mail; the one before is void.

        Raises:
            OktaError: E0000109 or E0000118, the last one is too recent.
        """
        pace = _PACES[factor.type]
        last = self._sent.get(factor.id)
        if last is not None and now < last.sent + pace.wait:
            raise OktaError(pace.refusal)
        made = _Sent(f"{secrets.randbelow(10**totp.DIGITS):0{totp.DIGITS}}", now, now + life)
        self._sent[factor.id] = made
        return made.code

    def sent_code(self, factor: Factor) -> str | None:
        """The newest code that was sent; what a phone or an inbox shows."""
        sent = self._sent.get(factor.id)
        return None if sent is None else sent.code

    def ask(self, user: User, factor: Factor, now: datetime, life: timedelta, *, numbers: bool, agent: str) -> Push:
        """Send a push."""
        choices = tuple(secrets.SystemRandom().sample(range(1, 100), CHOICES)) if numbers else ()
        push = Push(
            id=f"v2mst.{secrets.token_urlsafe(16)}",
            user_id=user.id,
            factor_id=factor.id,
            device=factor.device or "",
            sent=now,
            expires=now + life,
            answer=secrets.choice(choices) if choices else None,
            choices=choices,
            user_agent=agent,
        )
        self._pushes[push.id] = push
        return push

    def push(self, push_id: str, now: datetime) -> Push:
        """A push as it stands now.

        Raises:
            KeyError: there is none, or it was called off.
        """
        push = self._pushes[push_id]
        late = push.result is PushResult.WAITING and push.expires <= now
        return replace(push, result=PushResult.TIMEOUT) if late else push

    def pending(self, now: datetime) -> list[Push]:
        """The pushes that still wait for an answer."""
        pushes = (self.push(push_id, now) for push_id in self._pushes)
        return [push for push in pushes if push.result is PushResult.WAITING]

    def answer(self, push_id: str, *, number: int | None, yes: bool, now: datetime) -> Push:
        """What somebody taps; a wrong number is a no.

        Raises:
            ValueError: the push waits for no answer any more.
        """
        push = self.push(push_id, now)
        if push.result is not PushResult.WAITING:
            raise ValueError(f"the push is {push.result}")
        agreed = yes and number == push.answer
        self._pushes[push_id] = replace(push, result=PushResult.SUCCESS if agreed else PushResult.REJECTED)
        return self._pushes[push_id]

    def call_off(self, push_id: str) -> None:
        """Take a push back; nothing is known of it any more."""
        del self._pushes[push_id]

    def forget(self, factor_ids: set[str]) -> None:
        """Let nothing be left of factors that were removed."""
        self._sent = {key: sent for key, sent in self._sent.items() if key not in factor_ids}
        self._pushes = {key: push for key, push in self._pushes.items() if push.factor_id not in factor_ids}

    def _check_totp(self, factor: Factor, passcode: str, now: datetime) -> None:
        found = totp.matching(factor.secret, passcode, now)
        if not found:
            raise OktaError("E0000068")
        step = totp.step_of(now) + found[0]
        if step <= self._used_steps.get(factor.id, -1):
            raise OktaError("E0000082")
        if found[0] not in totp.ACCEPTED:
            raise OktaError("E0000083")
        self._used_steps[factor.id] = step

    def _check_sent(self, factor: Factor, passcode: str, now: datetime) -> None:
        sent = self._sent.get(factor.id)
        if sent is None or not compare_digest(sent.code.encode(), passcode.encode("utf-8", "surrogatepass")):
            raise OktaError("E0000082" if self._used.get(factor.id) == passcode else "E0000068")
        if sent.expires <= now:
            raise OktaError("E0000083")
        self._used[factor.id] = sent.code
        del self._sent[factor.id]
