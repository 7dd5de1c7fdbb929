"""The write: a fence before it, one call to Okta, and a look at what really happened after it.

A step that was begun and whose outcome is not known is never simply run again. The subject is read, and the step's own
check says whether the effect is there; only a certain "no" leads back to the top of the pipeline, where everything is
decided anew. So a lost answer, a killed worker and a healthy one go the same way from `CHECKING` on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from bot import policy, trouble
from bot.capability import Account, Capability, Facts, Happened, Protection
from bot.errors import HeldBackError, LeaseLostError, SubjectBusyError
from bot.facts import gather
from bot.identity import Identifier
from bot.leases import if_held
from bot.limits import Limits
from bot.model import Fence, Heard, Record, Request, State
from bot.ports import Clock, Lease
from bot.protection import Guard
from bot.rules import Mode, Rule, Rules
from bot.saying import Say
from bot.show import Showing
from bot.store import Store
from okta.client import OktaClient
from okta.errors import Executed, LostAnswerError, NotFoundError, OktaError, StateConflictError
from okta.models import OneTimeLink, User

Run = Callable[[], Awaitable[OneTimeLink | None]]
"""A step's write, bound to the account that it is made to."""

STEP_LIMIT: Final = timedelta(seconds=30)
"""After this a begun step is looked into by whoever comes by; longer than the client's own time limit."""

BUSY_WAIT: Final = timedelta(seconds=2)

LOOKS: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30))
"""Waits between looks for an effect that Okta accepted or may have accepted, a minute in all; then it is unknown."""

HANDING_OVER: Final = timedelta(seconds=20)
"""How long to try to show somebody their one-time link."""

HANDED_OVER: Final = timedelta(seconds=30)
"""For so long nobody else concludes from a request whose link is being shown that it was lost; longer than the above."""

FOLLOW_AGAIN: Final = timedelta(minutes=5)
"""When to look again whether a person did their part, where Okta could not be asked."""

FOLLOW_FOR: Final = timedelta(days=8)
"""After so long nobody looks any more, whatever Okta says: a day longer than links live by Okta's default."""


class Steps:
    """Takes the steps of a plan, each fenced.

    Args:
        okta: the client that writes. In read-only mode its transport refuses, whatever was decided.
        rules: what the administrator decided.
        landed: how long after its fence a write of which nothing was heard has landed or never will. Until then, not to
            see its effect is no "no".
        guard: says whether an account may be written to.
        limits: say whether it may be once more.
        identity: says whether anything may be done for whoever asked.
    """

    def __init__(
        self,
        *,
        store: Store,
        okta: OktaClient,
        rules: Rules,
        showing: Showing,
        clock: Clock,
        landed: timedelta,
        guard: Guard,
        limits: Limits,
        identity: Identifier,
    ) -> None:
        self._store = store
        self._rules = rules
        self._landed = landed
        self._guard = guard
        self._limits = limits
        self._identity = identity
        self._okta = okta
        self._showing = showing
        self._clock = clock

    async def begin(
        self,
        record: Record,
        request: Request,
        capability: Capability,
        facts: Facts,
        *,
        rules: tuple[Rule, ...],
        lease: Lease,
    ) -> Record:
        """Fence the next step of `request` and take it, if nobody else is writing to the subject."""
        if self._rules.mode(capability.name) is not Mode.ACT:
            raise RuntimeError(f"{capability.name} may not act, and was about to")
        now = self._clock.now()
        step = capability.plan(request.offered)[request.step]
        token, attempt = uuid4().hex, request.tries + 1
        fence = Fence(token, lease.bell, request.step, attempt, now, step.before(facts), name=step.name)
        to = replace(request, state=State.ACTING, due=now + STEP_LIMIT, fence=fence, say=Say("common.working"))
        try:
            record = await self._store.move(record, replace(to, delivered=False), rules=rules)
        except SubjectBusyError:
            waiting = replace(request, state=State.DEFERRED, due=now + BUSY_WAIT, say=Say("common.busy"))
            return await self._store.move(record, waiting)
        ids: list[str] = []
        run = partial(step.run, Account(self._okta.noting(ids.append), facts.user.id))
        write = asyncio.create_task(self._write(lease, run, facts.user, capability, request))
        return await self._take(record, capability, write, ids)

    async def recover(self, record: Record) -> Record:
        """Take over a step whose holder is gone: nothing is known of it but its fence."""
        return await self._look(record, Heard.NOTHING)

    async def _write(
        self, lease: Lease, run: Run, user: User, capability: Capability, request: Request
    ) -> OneTimeLink | None:
        """Write, if that may be at this very moment: to this account, and once more.

        Raises:
            HeldBackError: it may not, or that could not be found out; nothing was written.
            LeaseLostError: nothing was written either.
        """
        try:
            async with asyncio.timeout(self._landed.total_seconds() / 4):
                protection = await self._guard.look(user)
        except (OktaError, TimeoutError) as error:
            raise HeldBackError(error) from error
        if protection is not Protection.NONE:
            raise HeldBackError
        if not capability.alarms and await self._identity.is_frozen(request.actor):
            raise HeldBackError
        if not await self._limits.spend(capability, request, user.id):
            raise HeldBackError
        return await if_held(lease, run)

    async def _take(
        self, record: Record, capability: Capability, write: asyncio.Task[OneTimeLink | None], ids: list[str]
    ) -> Record:
        await self._showing.meanwhile(record, write)
        record = _named(record, ids)
        try:
            link = write.result()
        except LeaseLostError:
            # Somebody else may have taken the request over while we were away; then what they find, they settle.
            return await self._not_done(record, capability, None)
        except HeldBackError as held_back:
            if held_back.error is None:
                return await self._decide_anew(record)
            return await self._not_done(record, capability, _asked_in_vain(held_back.error))
        except OktaError as error:
            return await self._failed(record, capability, error)
        if link is not None:
            return await self._hand_over(record, link)
        return await self._look(record, Heard.ACCEPTED)

    async def _failed(self, record: Record, capability: Capability, error: OktaError) -> Record:
        if error.executed is Executed.UNKNOWN:
            return await self._look(record, Heard.NOTHING)
        if isinstance(error, StateConflictError | NotFoundError):
            # Perhaps somebody else has done it already.
            return await self._look(record, Heard.DECLINED)
        return await self._not_done(record, capability, error)

    async def _decide_anew(self, record: Record) -> Record:
        to = replace(record.request, state=State.DEFERRED, due=self._clock.now(), fence=None)
        return await self._store.move(record, to)

    async def _hand_over(self, record: Record, link: OneTimeLink) -> Record:
        """Show the person their link. It is nowhere but here; whoever takes over from us can only say that it is lost."""
        record = await self._look(record, Heard.ACCEPTED, wait=HANDED_OVER)
        delivered = False
        with suppress(TimeoutError):
            async with asyncio.timeout(HANDING_OVER.total_seconds()):
                delivered = await self._showing.hand_over(record, link)
        return await self._store.move(record, replace(record.request, due=self._clock.now(), delivered=delivered))

    async def _look(self, record: Record, heard: Heard, *, wait: timedelta = timedelta(0)) -> Record:
        request = record.request
        fence = replace(request.fence, heard=heard) if request.fence else None
        to = replace(request, state=State.CHECKING, due=self._clock.now() + wait, fence=fence, looks=0)
        return await self._store.move(record, to)

    async def check(self, record: Record, capability: Capability) -> Record:
        """Find out whether the fenced step happened, and go on from what is true."""
        request = record.request
        fence, subject = request.fence, request.subject
        if fence is None or subject is None:
            raise RuntimeError(f"request {request.id} is being checked without a fence or a subject")
        try:
            facts = await self._read(capability, subject.okta_id)
        except OktaError as error:
            if isinstance(error, NotFoundError) and fence.heard is Heard.DECLINED:
                return await self._not_done(record, capability, error)
            return await self._look_again(record, capability)
        return await self._judge(record, capability, facts, fence)

    async def _judge(self, record: Record, capability: Capability, facts: Facts, fence: Fence) -> Record:
        step = capability.plan(record.request.offered)[fence.step]
        match step.happened(facts, fence):
            case Happened.YES:
                return await self._done(record, capability, facts, fence)
            case Happened.NO if fence.heard is Heard.DECLINED:
                return await self._settle_short(record, capability, Say("trouble.okta_refused"))
            case Happened.NO if fence.heard is Heard.NOTHING and self._clock.now() >= fence.at + self._landed:
                return await self._not_done(record, capability, None)
            case Happened.UNKNOWN if fence.heard is Heard.NOTHING and step.converges:
                return await self._not_done(_unsure(record), capability, None)
        return await self._look_again(record, capability)

    async def follow(self, record: Record, capability: Capability) -> Record:
        """Look whether the person did their part, and say what is true now."""
        request, now = record.request, self._clock.now()
        if request.subject is None or request.acted_at is None:
            raise RuntimeError(f"request {request.id} is being followed without a subject or a beginning")
        over = now >= request.acted_at + FOLLOW_FOR
        try:
            facts = await self._read(capability, request.subject.okta_id)
        except OktaError:
            if over:
                say = trouble.followed_no_more(request)
                return await self._store.move(record, replace(request, state=State.DONE, due=None, say=say))
            return await self._store.move(record, replace(request, due=now + FOLLOW_AGAIN))
        # Whatever window there was has said what it had to say.
        request = replace(request, looks=request.looks + 1, window=None)
        return await self._conclude(record, request, capability, facts)

    async def _read(self, capability: Capability, okta_id: str) -> Facts:
        account = Account(self._okta, okta_id)
        return await gather(capability.needs, account, await account.user())

    async def _done(self, record: Record, capability: Capability, facts: Facts, fence: Fence) -> Record:
        """The effect is there: on to the next step, or say what is true."""
        request = replace(record.request, fence=None, before=fence.before, acted_at=fence.at, unsure=False)
        following = fence.step + 1
        if following < len(capability.plan(request.offered)):
            to = replace(request, state=State.DEFERRED, due=self._clock.now(), step=following, tries=0)
            return await self._store.move(record, to)
        return await self._conclude(record, replace(request, looks=0), capability, facts)

    async def _conclude(self, record: Record, request: Request, capability: Capability, facts: Facts) -> Record:
        found = capability.conclude(facts, request, self._rules, self._clock.now())
        state = State.FOLLOWING if found.again else State.DONE
        say = replace(found.say, offers=policy.offered(found.say.offers, self._rules))
        return await self._store.move(record, replace(request, state=state, due=found.again, say=say))

    async def _not_done(self, record: Record, capability: Capability, error: OktaError | None) -> Record:
        """Nothing was changed, or doing it again is the same: decide anew after a while, or give up and say so."""
        request = record.request
        course = trouble.course(error, request.tries, self._clock.now())
        if course.again is None:
            return await self._settle_short(record, capability, course.say if error else Say("trouble.okta_silent"))
        to = replace(request, state=State.DEFERRED, due=course.again, fence=None, tries=request.tries + 1)
        return await self._store.move(record, replace(to, say=trouble.waiting(request, course.say)))

    async def _look_again(self, record: Record, capability: Capability) -> Record:
        request = record.request
        if request.looks >= len(LOOKS):
            return await self._settle(record, State.UNKNOWN, trouble.unknown(capability, request))
        now = self._clock.now()
        due = now + LOOKS[request.looks]
        if request.fence is not None and now < (landed := request.fence.at + self._landed):
            due = min(due, landed)  # the first look that can tell for certain is not put off
        to = replace(request, due=due, looks=request.looks + 1, say=Say("common.checking"))
        return await self._store.move(record, to)

    async def _settle_short(self, record: Record, capability: Capability, say: Say) -> Record:
        return await self._settle(record, *trouble.short_of(capability, record.request, State.FAILED, say))

    async def _settle(self, record: Record, state: State, say: Say) -> Record:
        return await self._store.move(record, replace(record.request, state=state, due=None, fence=None, say=say))


def _named(record: Record, ids: list[str]) -> Record:
    """The record with Okta's id of the write behind its fence, if there was an answer."""
    fence = record.request.fence
    if fence is None or not ids:
        return record
    return replace(record, request=replace(record.request, fence=replace(fence, okta_request=ids[-1])))


def _asked_in_vain(error: Exception) -> OktaError:
    """Why it could not be found out whether an account is protected; no answer in time is one that was lost."""
    return error if isinstance(error, OktaError) else LostAnswerError("roles")


def _unsure(record: Record) -> Record:
    """The record of a step that may be done already and is done again all the same."""
    return replace(record, request=replace(record.request, unsure=True))
