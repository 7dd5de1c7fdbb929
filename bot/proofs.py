"""Proof of who somebody is, on the worker's side: prompts on phones, codes that are sent, and what follows from an attempt.

A prompt is sent when its owner asks for one, a few times an hour at most, and shows in Slack the number that has to be chosen
on the phone. Somebody who says no on the phone did not ask: that ends the request, and for a while no proof of this person
is taken. What became of a prompt comes to the request as a signal, as what became of a typed code does (`bot.passcodes`).
"""

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot import policy
from bot.capability import Account
from bot.errors import LeaseLostError
from bot.evidence import Challenge, Method, Miss, Proof
from bot.inputs import way_of
from bot.leases import if_held
from bot.model import Input, Record, Request, Signal, State, Subject
from bot.ports import Clock, Lease
from bot.rules import Rules
from bot.saying import Say, Way
from bot.store import Store
from bot.tally import Count, CountedBeforeError, Tally, TooManyError
from okta.client import OktaClient
from okta.errors import BadLinkError, Executed, Limited, NotFoundError, NotPermittedError, OktaError, RateLimitedError
from okta.factor_errors import LockedError, NotActiveError, RejectedError
from okta.models import PushChallenge, PushResult

log = logging.getLogger(__name__)

POLL: Final = timedelta(seconds=2.5)
"""How often it is looked whether somebody has answered on their phone; Okta has no other way to tell."""

SLACK_OF_CLOCKS: Final = timedelta(seconds=30)
"""How much later than Okta's own word a prompt is taken for unanswered, since two clocks differ."""


class Proofs:
    """Sends prompts and codes, and looks what became of them.

    Args:
        okta: the client that acts.
        tally: counts prompts and refusals of them.
        rules: what the administrator decided.
    """

    def __init__(self, *, store: Store, okta: OktaClient, tally: Tally, rules: Rules, clock: Clock) -> None:
        self._store = store
        self._rules = rules
        self._okta = okta
        self._tally = tally
        self._clock = clock

    async def barred_until(self, okta_id: str) -> datetime | None:
        """Until when no proof of this person is taken, since somebody said no on their phone; None if it is."""
        return await self._tally.full_until(Count.DENIALS, okta_id)

    async def begin(self, record: Record, given: Input, lease: Lease) -> Record:
        """Send what the person chose: a prompt to their phone, or a code."""
        request = record.request
        way, subject = way_of(request, given.factor_id), _subject(request)
        if way is None:
            raise RuntimeError(f"request {request.id} offers no such way to prove anything")
        try:
            await self._tally.take(Count.PROMPTS, subject.okta_id, f"{request.id}.{request.version}")
            challenge = await if_held(lease, lambda: self._send(Account(self._okta, subject.okta_id), way))
        except TooManyError as error:
            return await self._store.move(record, _no_more_prompts(request, error.until))
        except (CountedBeforeError, LeaseLostError):
            # Another worker began this and is gone: whether it got so far as to send, nobody knows.
            return await self._store.move(record, after(request, Miss.LOST, way, self._rules))
        except OktaError as error:
            return await self._store.move(record, self._not_sent(request, error, way))
        if challenge is None:
            return await self._store.move(record, after(request, Miss.CLOSED, way, self._rules))
        words = "proof.push" if way.method is Method.PUSH else "proof.sent"
        say = Say(words, {"number": str(challenge.number)}, lists={"way": (way.label,)}, ways=_ways(request))
        return await self._store.move(record, replace(request, challenge=challenge, say=say))

    async def _send(self, account: Account, way: Way) -> Challenge | None:
        if way.method is not Method.PUSH:
            await account.challenge(way.factor_id)
            return Challenge(way.method, way.factor_id)
        push = await account.push(way.factor_id)
        if push.number is None:
            # A prompt that asks for no number is one that people approve to be left in peace.
            with suppress(OktaError):
                await account.cancel_push(push)
            return None
        return Challenge(way.method, way.factor_id, push.number, push.poll, push.cancel, push.expires_at)

    def _not_sent(self, request: Request, error: OktaError, way: Way) -> Request:
        if (miss := miss_of(error)) is not Miss.LOST:
            return after(request, miss, way, self._rules)
        if error.executed is Executed.NO:
            return replace(request, challenge=None, say=_asked_again(request, "proof.note.not_now"))
        return after(request, Miss.LOST, way, self._rules)

    async def look(self, record: Record) -> Record | None:
        """Look what became of a prompt; the record with the signal that says it, or None if nobody has answered yet."""
        request = record.request
        challenge = request.challenge
        if challenge is None or not challenge.poll:
            return None
        subject = _subject(request)
        result = await self._result(challenge, subject)
        if result is None:
            return None
        if result is Miss.DENIED:
            await self.denied(subject, request)
        given = self._signal(request, challenge, subject, result)
        await self._store.signal(request.id, given, key=f"prompt:{request.id}.{request.version}")
        return await self._store.load(request.id)

    async def denied(self, subject: Subject, request: Request) -> None:
        """Count that somebody said no."""
        log.warning("request %s: somebody said no on the phone of %s", request.id, subject.okta_id)
        with suppress(CountedBeforeError, TooManyError):
            await self._tally.take(Count.DENIALS, subject.okta_id, f"{request.id}.{request.version}")

    async def _result(self, challenge: Challenge, subject: Subject) -> Miss | PushResult | None:
        now = self._clock.now()
        over = challenge.until is not None and now >= challenge.until + SLACK_OF_CLOCKS
        try:
            result = await Account(self._okta, subject.okta_id).poll_push(_push(challenge, subject))
        except (NotFoundError, BadLinkError):
            return Miss.LOST
        except OktaError:
            return Miss.LOST if over else None
        match result:
            case PushResult.APPROVED:
                return result
            case PushResult.REJECTED:
                return Miss.DENIED
            case PushResult.EXPIRED:
                return Miss.IGNORED
            case PushResult.FAILED:
                return Miss.LOST
        return Miss.IGNORED if over else None

    def _signal(self, request: Request, challenge: Challenge, subject: Subject, result: Miss | PushResult) -> Input:
        now, consent = self._clock.now(), request.consented_at
        if isinstance(result, Miss) or consent is None:
            miss = result if isinstance(result, Miss) else Miss.LOST
            return Input(Signal.MISSED, request.actor, now, miss=miss, tried=challenge.method)
        proof = Proof(challenge.method, challenge.factor_id, subject.okta_id, consent, now)
        return Input(Signal.PROVED, request.actor, now, proof=proof, tried=challenge.method)

    async def missed(self, record: Record, given: Input) -> Record:
        """What follows from an attempt that proved nothing."""
        request = record.request
        until = None
        if given.miss is Miss.TOO_MANY:
            until = await self._tally.full_until(Count.GUESSES, _subject(request).okta_id)
        way = way_of(request, given.factor_id)
        to = after(request, given.miss or Miss.LOST, way, self._rules, until=until)
        return await self._store.move(record, to)

    async def come_back(self, request: Request) -> None:
        """See to it that a prompt is looked after soon."""
        if request.state is State.PROVING and request.challenge is not None and request.challenge.poll:
            await self._store.remind(request.id, POLL)

    async def let_go(self, before: Request, now: Request) -> None:
        """Take a prompt back that nobody waits for any more; best effort, for it runs out by itself."""
        challenge, subject = before.challenge, before.subject
        if challenge is None or challenge == now.challenge or not challenge.cancel or subject is None:
            return
        if now.proof is None and now.state is not State.REFUSED:  # else it was answered, or has run out
            with suppress(OktaError):
                await Account(self._okta, subject.okta_id).cancel_push(_push(challenge, subject))


def after(request: Request, miss: Miss, way: Way | None, rules: Rules, *, until: datetime | None = None) -> Request:
    """The request after an attempt that proved nothing: ended, or asking for another way."""
    again = (request.intent.capability or "",)
    ends = {
        Miss.DENIED: Say("proof.denied"),
        Miss.IGNORED: Say("proof.ignored", offers=again),
        Miss.LOCKED: Say("proof.locked", offers=policy.offered(("unlock_account",), rules)),
        Miss.TOO_MANY: Say("proof.too_many", until=until) if until else Say("proof.too_many_for_okta"),
    }
    if miss is Miss.FORBIDDEN:
        return replace(request, state=State.FAILED, due=None, challenge=None, say=Say("trouble.not_permitted"))
    if miss in ends:
        return replace(request, state=State.REFUSED, due=None, challenge=None, say=ends[miss])
    if miss is Miss.CLOSED:
        left = tuple(one for one in _ways(request) if one != way)
        if not left:
            return replace(request, state=State.REFUSED, due=None, challenge=None, say=Say("proof.none_left"))
        return replace(request, challenge=None, say=_asked_again(request, "proof.note.closed", left))
    return replace(request, challenge=None, say=_asked_again(request, "proof.note.lost"))


def miss_of(error: OktaError) -> Miss:
    """What an error of a prompt or a code comes to, LOST where it says nothing of the person or the factor."""
    match error:
        case LockedError():
            return Miss.LOCKED
        case NotActiveError() | NotFoundError():
            return Miss.CLOSED
        case RejectedError():
            return Miss.DENIED
        case NotPermittedError():
            return Miss.FORBIDDEN
        case RateLimitedError(limited=Limited.PERSON):
            return Miss.TOO_MANY
    return Miss.LOST


def _no_more_prompts(request: Request, until: datetime) -> Request:
    """Codes of an app can be typed still; they are no prompts."""
    left = tuple(way for way in _ways(request) if way.method is Method.CODE)
    if left:
        say = replace(_asked_again(request, "proof.note.no_more_prompts", left), until=until)
        return replace(request, challenge=None, say=say)
    say = Say("proof.too_many_prompts", until=until)
    return replace(request, state=State.REFUSED, due=None, challenge=None, say=say)


def _asked_again(request: Request, note: str, ways: tuple[Way, ...] | None = None) -> Say:
    return Say("proof.which", notes=(note,), ways=_ways(request) if ways is None else ways)


def _ways(request: Request) -> tuple[Way, ...]:
    return request.say.ways if request.say else ()


def _subject(request: Request) -> Subject:
    if request.subject is None:
        raise RuntimeError(f"request {request.id} is to be proved without a subject")
    return request.subject


def _push(challenge: Challenge, subject: Subject) -> PushChallenge:
    number, until = challenge.number, challenge.until
    return PushChallenge(subject.okta_id, challenge.factor_id, until, number, challenge.poll, challenge.cancel)
