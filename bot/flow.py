"""The one pipeline: `advance` takes the next durable step of a request, whatever was asked.

A request is never remembered between calls; it is read, moved by compare-and-set and shown. Whoever calls, how often
and from how many processes at once makes no difference to what happens: a transition that lost the race is read again.
Decisions are `policy`'s, writes are `steps`', words are `templates`'.
"""

import asyncio
import logging
from dataclasses import replace
from itertools import chain
from typing import Final

from bot import policy, trouble
from bot.capability import Capability, Facts, Registry
from bot.errors import StaleRecordError
from bot.identity import CouldNotLookUp, Identifier
from bot.inputs import heeding, reply, unheeded, winner
from bot.limits import Limits
from bot.lookout import Lookout, Unseen
from bot.model import Input, Intent, Record, Request, Signal, State, Subject
from bot.policy import Decision, Verdict
from bot.ports import Clock, Lease
from bot.proofs import Proofs
from bot.rules import Rules
from bot.saying import Say
from bot.show import Showing
from bot.states import TABLE, Timer, settled
from bot.steps import Steps
from bot.store import Store
from okta.errors import OktaError

log = logging.getLogger(__name__)

_STATES: Final = {
    Verdict.GUIDE: State.DONE,
    Verdict.REFUSE: State.REFUSED,
    Verdict.CHOOSE: State.ASKING,
    Verdict.CONFIRM: State.ASKING,
    Verdict.PROVE: State.PROVING,
}


class Flow:
    """Carries requests.

    Args:
        store: where requests live.
        identity: tells whether an actor is one of ours.
        registry: what can be asked for.
        rules: what the administrator decided.
        steps: takes the steps of a plan.
        proofs: lets people prove who they are.
        lookout: finds out who asks, and how their account stands.
        limits: hear what has become of requests.
        showing: keeps what the person sees in step with the record.
    """

    def __init__(
        self,
        *,
        store: Store,
        identity: Identifier,
        registry: Registry,
        rules: Rules,
        steps: Steps,
        proofs: Proofs,
        lookout: Lookout,
        limits: Limits,
        showing: Showing,
        clock: Clock,
    ) -> None:
        self._store = store
        self._identity = identity
        self._registry = registry
        self._rules = rules
        self._steps = steps
        self._proofs = proofs
        self._lookout = lookout
        self._limits = limits
        self._showing = showing
        self._clock = clock
        self._once_more: dict[str, bool] = {}

    async def advance(self, request_id: str, _version: int, lease: Lease) -> None:
        """Take a request as far as it goes now, and show where it stands.

        Of several calls in one process for the same request, as a double click makes them, one works, looks once more
        for the others, and keeps nobody waiting; between processes the store's versions decide.

        Raises:
            StoreUnavailableError: nothing was lost; the doorbell rings again.
        """
        if request_id in self._once_more:
            self._once_more[request_id] = True
            return
        try:
            self._once_more[request_id] = True
            while self._once_more[request_id]:
                self._once_more[request_id] = False
                await self._advance(request_id, lease)
        finally:
            del self._once_more[request_id]

    async def _advance(self, request_id: str, lease: Lease) -> None:
        while True:  # each turn but the last means that somebody else has moved the request
            record = await self._store.load(request_id)
            if record is None:
                return
            try:
                while (after := await self._next(record, lease)) is not None:
                    await self._proofs.let_go(record.request, after.request)
                    await self._limits.settle(after.request)
                    record = after
            except StaleRecordError:
                continue
            if record.shown != record.request.version and _is_news(record.request):
                _tell_log(record.request)
            if await self._showing.show(record):
                await self._proofs.come_back(record.request)
                return

    async def bury(self, request_id: str) -> None:
        """Give up a request whose handling keeps failing, and say so as far as that is possible."""
        record = await self._store.load(request_id)
        if record is None:
            return
        if settled(record.request.state):
            # It is its card that cannot be drawn; without this it would be tried for ever.
            await self._store.showed(record, record.card)
            return
        request = record.request
        state, say = self._given_up(request)
        to = replace(request, state=state, due=None, fence=None, say=say)
        await self._showing.show(await self._store.move(record, to))

    def _given_up(self, request: Request) -> tuple[State, Say | None]:
        if request.state is State.FOLLOWING:
            return State.DONE, trouble.followed_no_more(request)  # what was done is done, and told
        if request.fence is None:
            return self._short_of(request, State.FAILED, Say("common.broken"))
        if request.step:
            return State.UNKNOWN, trouble.unknown(self._capability(request.intent), request)
        return State.UNKNOWN, Say("common.broken_midway")

    async def _next(self, record: Record, lease: Lease) -> Record | None:
        """One transition, or None if there is none to make now."""
        if record.inbox:
            return await self._take(record, lease)
        request = record.request
        due = request.due is not None and request.due <= self._clock.now()
        match TABLE[request.state].timer:
            case Timer.WORK:
                return await self._consider(record, lease)
            case Timer.EXPIRE:
                looked = await self._proofs.look(record)
                return await self._end(record, State.EXPIRED, Say("common.expired")) if due and not looked else looked
            case Timer.RETRY if due and request.state is State.DEFERRED:
                return await self._consider(record, lease)
            case Timer.RETRY if due:
                return await self._steps.check(record, self._capability(request.intent))
            case Timer.FOLLOW if due:
                return await self._steps.follow(record, self._capability(request.intent))
            case Timer.STEP_LIMIT if due or await self._abandoned(request, lease):
                return await self._steps.recover(record)
        return None

    async def _abandoned(self, request: Request, lease: Lease) -> bool:
        """Whether the worker that fenced this step has lost its lease to us, or has given its attempt up."""
        fence = request.fence
        if fence is None or fence.bell == lease.bell:
            return fence is not None and lease.redelivered
        return not await self._store.rings(fence.bell)

    async def _take(self, record: Record, lease: Lease) -> Record:
        """Handle all that has come in: at most one input moves the request, everybody else gets a plain answer."""
        counts = winner(record)
        if counts is None:
            # Off first: if we die in between a press goes without a word, but nobody gets two.
            after = await self._store.dismiss(record)
        else:
            after = await self._heed(record, counts, lease)
        late = counts is not None and after.request.state is State.EXPIRED
        for given in unheeded(record, None if late else counts):
            await self._showing.answer(after, given, reply(after.request, given))
        return after

    async def _heed(self, record: Record, given: Input, lease: Lease) -> Record:
        request = record.request
        if given.signal is Signal.SUPERSEDE and request.state is State.FOLLOWING:
            to = replace(request, state=State.DONE, due=None, say=Say("common.followed_elsewhere"))
            return await self._store.move(record, to)
        if given.signal is Signal.SUPERSEDE:
            return await self._end(record, State.SUPERSEDED, Say("common.superseded"))
        if given.signal is Signal.CANCEL:
            return await self._end(record, State.CANCELLED, Say("common.cancelled"))
        # By when it was pressed, not by when we come round to it.
        if request.due is not None and request.due <= given.at:
            return await self._end(record, State.EXPIRED, Say("common.expired"))
        if given.signal is Signal.PROVE:
            return await self._proofs.begin(record, given, lease)
        if given.signal is Signal.MISSED:
            return await self._proofs.missed(record, given)
        return await self._consider(record, lease, given)

    async def _consider(self, record: Record, lease: Lease, given: Input | None = None) -> Record:
        """From the top: identify, gather facts, decide, and do what was decided."""
        request = record.request
        if given is not None:
            request = heeding(request, given)
        capability = self._registry.get(request.intent.capability or "")
        if capability is None:
            return await self._introduce(record, request)
        looking = asyncio.create_task(self._lookout.look(request, capability))
        await self._showing.meanwhile(record, looking)
        found = looking.result()
        if not isinstance(found, Unseen):
            return await self._decide(record, request, capability, found, lease=lease)
        stopped = Say(f"{capability.name}.stopped") if found.stopped else None
        if isinstance(found.why, CouldNotLookUp):
            return await self._wait(record, request, found.why.error, stopped)
        return await self._conclude(record, request, policy.refuse_unmatched(found.why.why, stopped))

    async def _decide(
        self, record: Record, request: Request, capability: Capability, facts: Facts, *, lease: Lease
    ) -> Record:
        user = facts.user
        request = replace(
            request, subject=Subject(user.id, user.profile.login, user.profile.name, user.profile.email or "")
        )
        decision = policy.decide(capability, request, facts, self._rules, self._clock.now())
        if decision.verdict is not Verdict.ACT:
            return await self._conclude(record, request, decision)
        rules = decision.rests_on
        return await self._steps.begin(record, request, capability, facts, rules=rules, lease=lease)

    async def _introduce(self, record: Record, request: Request) -> Record:
        """Answer somebody who asked for nothing in particular."""
        refused = await self._identity.belongs(request.actor)
        if isinstance(refused, CouldNotLookUp):
            return await self._wait(record, request, refused.error)
        if refused is not None:
            return await self._conclude(record, request, policy.refuse_unmatched(refused.why))
        ways = ((name, *(f"{name}:{door}" for door in one.doors)) for name, one in self._registry.items())
        offers = policy.offered(tuple(chain.from_iterable(ways)), self._rules)
        say = Say(f"common.{request.intent.note or 'menu'}", offers=offers)
        return await self._store.move(record, replace(request, state=State.DONE, due=None, say=say))

    async def _conclude(self, record: Record, request: Request, decision: Decision) -> Record:
        state, say = _STATES[decision.verdict], decision.say
        if state is State.ASKING:
            due = self._clock.now() + self._rules.ask_for
            if request.consented_at is not None and not (request.step or request.unsure):
                say = replace(say, notes=(*say.notes, "common.asked_again"))
            to = replace(request, due=due, tries=0, offered=decision.offered, consented_at=None, proof=None)
        elif state is State.PROVING and request.consented_at is not None:
            to = replace(request, due=request.consented_at + self._rules.ask_for, tries=0, proof=None)
        else:
            state, say = self._short_of(request, state, say)
            to = replace(request, due=None)
        return await self._store.move(
            record, replace(to, state=state, say=say, challenge=None), rules=decision.rests_on
        )

    async def _wait(
        self, record: Record, request: Request, error: OktaError | None, stopped: Say | None = None
    ) -> Record:
        course = trouble.course(error, request.tries, self._clock.now())
        state, say = State.DEFERRED, stopped or trouble.waiting(request, course.say)
        if course.again is None:
            log.error("request %s was given up: %s", request.id, error or "Slack does not say who asks")
            state, say = self._short_of(request, State.FAILED, stopped or course.say)
        to = replace(request, state=state, due=course.again, say=say, tries=request.tries + 1)
        return await self._store.move(record, to)

    async def _end(self, record: Record, state: State, say: Say) -> Record:
        request = record.request
        offers = policy.offered((request.intent.capability or "",), self._rules)
        capability = self._registry.get(request.intent.capability or "")
        if capability is not None and capability.alarms:  # what has stopped stays so, whatever becomes of the offer
            say, offers = Say(f"{capability.name}.left"), ()
        state, say = self._short_of(request, state, say)
        say = replace(say, offers=() if state is State.SUPERSEDED else offers)
        return await self._store.move(record, replace(request, state=state, due=None, challenge=None, say=say))

    def _short_of(self, request: Request, state: State, say: Say) -> tuple[State, Say]:
        # What was never begun needs no capability to be told, not even one that this version still has.
        if not (request.step or request.unsure):
            return state, say
        return trouble.short_of(self._capability(request.intent), request, state, say)

    def _capability(self, intent: Intent) -> Capability:
        return self._registry[intent.capability or ""]


def _is_news(request: Request) -> bool:
    """Whether the log is to hear of it: that it is over, or that all which was to be done for it is done."""
    return settled(request.state) or (request.state is State.FOLLOWING and not request.looks)


def _tell_log(request: Request) -> None:
    """One line for whoever is asked about the reference on a card; the audit has the rest."""
    subject = request.subject.okta_id if request.subject else "nobody known"
    what, how = request.intent.capability or "menu", request.say.words if request.say else ""
    log.info("request %s: %s %s (%s) for %s, %s", request.id, what, request.state, how, subject, request.actor.user_id)
