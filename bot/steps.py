"""The write: a fence before it, one call to Okta, and a look at what really happened after it.

A step that was begun and whose outcome is not known is never simply run again. The subject is read, and the step's own
check says whether the effect is there; only a certain "no" leads back to the top of the pipeline, where everything is
decided anew. So a lost answer, a killed worker and a healthy one go the same way from `CHECKING` on.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import uuid4

from bot import trouble
from bot.capability import Account, Capability, Clock, Facts, Happened, Lease
from bot.errors import SubjectBusyError
from bot.facts import gather
from bot.model import Fence, Heard, Record, Request, Rule, Say, State
from bot.show import Showing
from bot.store import Store
from okta.client import OktaClient
from okta.errors import Executed, OktaError, StateConflictError

STEP_LIMIT: Final = timedelta(seconds=30)
"""After this a begun step is looked into by whoever comes by; longer than the client's own time limit."""

BUSY_WAIT: Final = timedelta(seconds=2)

LOOKS: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30))
"""Waits between looks for an effect that Okta accepted or may have accepted, a minute in all; then it is unknown."""


class Steps:
    """Takes the steps of a plan, each fenced.

    Args:
        okta: the client that writes. In read-only mode its transport refuses, whatever was decided.
        landed: how long after its fence a write of which nothing was heard has landed or never will. Until then, not to
            see its effect is no "no".
    """

    def __init__(self, *, store: Store, okta: OktaClient, showing: Showing, clock: Clock, landed: timedelta) -> None:
        self._store = store
        self._landed = landed
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
        now = self._clock.now()
        step = capability.plan(request.intent.form)[request.step]
        fence = Fence(uuid4().hex, lease.bell, request.step, request.tries + 1, now, step.before(facts))
        to = replace(request, state=State.ACTING, due=now + STEP_LIMIT, fence=fence, say=Say("common.working"))
        try:
            record = await self._store.move(record, to, rules=rules)
        except SubjectBusyError:
            waiting = replace(request, state=State.DEFERRED, due=now + BUSY_WAIT, say=Say("common.busy"))
            return await self._store.move(record, waiting)
        if not lease.held():
            # Somebody else may have taken the request over while we were away; then what they find, they settle.
            return await self._not_done(record, None)
        return await self._take(record, asyncio.ensure_future(step.run(Account(self._okta, facts.user.id))))

    async def recover(self, record: Record) -> Record:
        """Take over a step whose holder is gone: nothing is known of it but its fence."""
        return await self._look(record, Heard.NOTHING)

    async def _take(self, record: Record, write: asyncio.Task[None]) -> Record:
        await self._showing.meanwhile(record, write)
        try:
            write.result()
        except OktaError as error:
            if error.executed is Executed.UNKNOWN:
                return await self._look(record, Heard.NOTHING)
            if isinstance(error, StateConflictError):
                return await self._look(record, Heard.DECLINED)
            return await self._not_done(record, error)
        return await self._look(record, Heard.ACCEPTED)

    async def _look(self, record: Record, heard: Heard) -> Record:
        request = record.request
        fence = replace(request.fence, heard=heard) if request.fence else None
        to = replace(request, state=State.CHECKING, due=self._clock.now(), fence=fence, looks=0)
        return await self._store.move(record, to)

    async def check(self, record: Record, capability: Capability) -> Record:
        """Find out whether the fenced step happened, and go on from what is true."""
        request = record.request
        fence, subject = request.fence, request.subject
        if fence is None or subject is None:
            raise RuntimeError(f"request {request.id} is being checked without a fence or a subject")
        account = Account(self._okta, subject.okta_id)
        try:
            facts = await gather(capability, account, await account.user())
        except OktaError:
            return await self._look_again(record, capability)
        plan = capability.plan(request.intent.form)
        match plan[fence.step].happened(facts, fence.before):
            case Happened.YES if fence.step + 1 < len(plan):
                to = replace(request, state=State.DEFERRED, due=self._clock.now(), fence=None, step=fence.step + 1)
                return await self._store.move(record, replace(to, tries=0))
            case Happened.YES:
                return await self._settle(record, State.DONE, capability.conclude(facts, fence.before))
            case Happened.NO if fence.heard is Heard.DECLINED:
                return await self._settle(record, short_of(request), Say("trouble.okta_refused"))
            case Happened.NO if fence.heard is Heard.NOTHING and self._clock.now() >= fence.at + self._landed:
                return await self._not_done(record, None)
        return await self._look_again(record, capability)

    async def _not_done(self, record: Record, error: OktaError | None) -> Record:
        """Surely nothing was changed: decide anew after a while, or give up and say so."""
        request = record.request
        course = trouble.course(error, request.tries, self._clock.now())
        if course.again is None:
            say = course.say if error else Say("trouble.okta_silent")
            return await self._settle(record, short_of(request), say)
        to = replace(request, state=State.DEFERRED, due=course.again, fence=None, tries=request.tries + 1)
        return await self._store.move(record, replace(to, say=course.say))

    async def _look_again(self, record: Record, capability: Capability) -> Record:
        request = record.request
        if request.looks >= len(LOOKS):
            return await self._settle(record, State.UNKNOWN, Say(f"{capability.name}.unknown"))
        now = self._clock.now()
        due = now + LOOKS[request.looks]
        if request.fence is not None and now < (landed := request.fence.at + self._landed):
            due = min(due, landed)  # the first look that can tell for certain is not put off
        to = replace(request, due=due, looks=request.looks + 1, say=Say("common.checking"))
        return await self._store.move(record, to)

    async def _settle(self, record: Record, state: State, say: Say) -> Record:
        return await self._store.move(record, replace(record.request, state=state, due=None, fence=None, say=say))


def short_of(request: Request) -> State:
    """How a plan ends that stops here: with nothing changed, or half done."""
    return State.PARTLY if request.step else State.FAILED
