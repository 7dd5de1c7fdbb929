"""Letting somebody prove who they are with a factor: by a code, or by a push on their phone.

Whoever verifies answers for whom they ask: Okta lets any admin verify any user in its reach, and asks for no consent. All
that is sent here is sent once: Okta may have taken a code, or sent something, although no answer came.
https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/#tag/UserFactor/operation/verifyFactor
"""

import re
from datetime import timedelta
from typing import Any, Final

import httpx

from okta.answers import one
from okta.calls import Part, segment
from okta.errors import BadLinkError, Executed, LostAnswerError, OktaError
from okta.factor_errors import RejectedError, WrongCode, WrongCodeError
from okta.mapping import told_by
from okta.models import FactorResult, PushChallenge, PushResult, Verdict

_VERIFY: Final = "/api/v1/users/{}/factors/{}/verify"

_CODE: Final = re.compile(r"[!-~]{1,64}", re.ASCII)
"""What can be a code of any factor. Other digits than ASCII's are none of Okta's."""

_TRANSACTION: Final = re.compile(r"[\w=-][\w.=-]*", re.ASCII)

_WRONG: Final[dict[str, WrongCode]] = {
    FactorResult.FAILED: WrongCode.WRONG,
    FactorResult.PASSCODE_REPLAYED: WrongCode.USED,
    FactorResult.TIME_WINDOW_EXCEEDED: WrongCode.LATE,
    FactorResult.EXPIRED: WrongCode.LATE,
}
"""Refusals that come as successes."""

_RESULTS: Final[dict[str, PushResult]] = {
    FactorResult.WAITING: PushResult.WAITING,
    FactorResult.SUCCESS: PushResult.APPROVED,
    FactorResult.REJECTED: PushResult.REJECTED,
    FactorResult.TIMEOUT: PushResult.EXPIRED,
}


class Verification(Part):
    """Codes and pushes."""

    async def verify_code(self, user_id: str, factor_id: str, code: str) -> None:
        """Check a code: of an authenticator app, or one that was sent after `challenge`. That it returns is the proof.

        A code that is taken is used up. What cannot be a code is refused here, and costs no attempt.

        Raises:
            WrongCodeError: the code is not good; says whether it is wrong, used before, or too late.
            RejectedError: Okta says that the person said no.
            LockedError: the person is locked, so that no code would do.
            NotActiveError: the factor or the person is not active.
            NotFoundError: the person has no such factor.
            RateLimitedError: of PERSON, they have tried too often.
            LostAnswerError: nobody knows; the code may be used up.
        """
        if _CODE.fullmatch(code) is None:
            del code  # a traceback shows what a frame holds
            raise WrongCodeError("verify_code", why=WrongCode.WRONG)
        body = _Hidden(passCode=code)
        del code
        answer = await self._calls.send("verify_code", "POST", _VERIFY, user_id, factor_id, body=body)
        if (failure := _failure(answer)) is not None:
            raise failure

    async def challenge(self, user_id: str, factor_id: str, *, token_lifetime: timedelta | None = None) -> None:
        """Have a code sent by text message, e-mail or call, for `verify_code`.

        Args:
            user_id: to whom.
            factor_id: to which of their factors.
            token_lifetime: how long the code is good, in whole seconds, a day at most; Okta's default is five minutes.

        Raises:
            RateLimitedError: of PERSON, one was just sent, or too many today.
            LockedError: the person is locked.
            NotActiveError: the factor or the person is not active.
            InvalidRequestError: nothing can be sent for a factor of this kind.
            LostAnswerError: nobody knows; one may have been sent.
        """
        seconds = None if token_lifetime is None else {"tokenLifetimeSeconds": str(int(token_lifetime.total_seconds()))}
        answer = await self._calls.send("challenge", "POST", _VERIFY, user_id, factor_id, params=seconds)
        if _verdict("challenge", answer, writes=True).factor_result != FactorResult.CHALLENGE:
            raise _lost("challenge", answer)

    async def push(self, user_id: str, factor_id: str, *, number_matching: bool = True) -> PushChallenge:
        """Send a push to a phone; `poll_push` tells what becomes of it.

        Args:
            user_id: whose phone: the id and not the login, for the links in the answer must be this user's.
            factor_id: their Okta Verify.
            number_matching: whether the person has to choose the number that they are shown. Without it a push is
                approved by whoever is tired of pushes.

        Raises:
            BadLinkError: the answer's links are not this user's and factor's; a push may have been sent.
            LockedError: the person is locked.
            NotActiveError: the factor or the person is not active.
            RateLimitedError: of PERSON, too many.
            LostAnswerError: nobody knows; one may have been sent.
        """
        body = {"useNumberMatchingChallenge": True} if number_matching else None
        answer = await self._calls.send("push", "POST", _VERIFY, user_id, factor_id, body=body)
        told = _verdict("push", answer, writes=True)
        if told.factor_result != FactorResult.WAITING:
            raise _lost("push", answer)
        push = _challenge(user_id, factor_id, told)
        self._transaction("push", push, push.poll, executed=Executed.UNKNOWN)
        return push

    async def poll_push(self, push: PushChallenge) -> PushResult:
        """What has become of a push. Okta has no other way to hear of it; ask every few seconds, and stop at `expires_at`.

        Raises:
            BadLinkError: the link does not lead to a push of this user and factor.
            NotFoundError: the push was taken back, or is forgotten.
            LostAnswerError: nobody knows; ask again.
        """
        link = self._transaction("poll_push", push, push.poll)
        try:
            answer = await self._calls.follow("poll_push", link)
        except RejectedError:
            return PushResult.REJECTED
        result = _verdict("poll_push", answer).factor_result
        if not result:
            raise LostAnswerError("poll_push", told_by(answer))
        return _RESULTS.get(result, PushResult.FAILED)

    async def cancel_push(self, push: PushChallenge) -> None:
        """Take a push back, so that it can be approved no more.

        Raises:
            BadLinkError: Okta gave no link for it, or one to elsewhere.
            NotFoundError: it was taken back before, or is forgotten.
        """
        await self._calls.follow("cancel_push", self._transaction("cancel_push", push, push.cancel), "DELETE")

    def _transaction(self, operation: str, push: PushChallenge, link: str, *, executed: Executed = Executed.NO) -> str:
        """A link, if it leads to a push of this user and factor on our org, and to nothing else.

        Raises:
            BadLinkError: it does not.
        """
        folder = f"/api/v1/users/{segment(operation, push.user_id)}/factors/{segment(operation, push.factor_id)}"
        try:
            url = self._calls.own(operation, link)
        except BadLinkError:
            raise BadLinkError(operation, executed=executed) from None
        path = httpx.URL(url).raw_path.decode()
        start, _, transaction = path.rpartition("/")
        if start != f"{folder}/transactions" or _TRANSACTION.fullmatch(transaction) is None:
            raise BadLinkError(operation, executed=executed)
        return url


def _challenge(user_id: str, factor_id: str, told: Verdict) -> PushChallenge:
    links = told.links
    return PushChallenge(user_id, factor_id, told.expires_at, told.number, links.poll.href, links.cancel.href)


class _Hidden(dict[str, Any]):
    """A body that no `repr` shows, and so no traceback with the variables of its frames."""

    def __repr__(self) -> str:
        return "{…}"


def _verdict(operation: str, answer: httpx.Response, *, writes: bool = False) -> Verdict:
    return one(operation, answer, Verdict, writes=writes)


def _failure(answer: httpx.Response) -> OktaError | None:
    """Why an answer to a code is no proof, although its status is that of a success."""
    result = _verdict("verify_code", answer, writes=True).factor_result
    if result == FactorResult.SUCCESS:
        return None
    if result == FactorResult.REJECTED:
        return RejectedError("verify_code", told_by(answer))
    if result in _WRONG:
        return WrongCodeError("verify_code", told_by(answer), why=_WRONG[result])
    return _lost("verify_code", answer)


def _lost(operation: str, answer: httpx.Response) -> LostAnswerError:
    """Something was done, or not: the answer is none to what was asked."""
    return LostAnswerError(operation, told_by(answer), executed=Executed.UNKNOWN)
