"""What would be decided for a person, stage by stage: as they ask, as they confirm, and as they prove who they are.

The same pure function decides here and in the pipeline, on facts that are read in the same way; nothing is sent or counted.
"""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from bot import engine, policy
from bot.allowance import SharedLedger
from bot.audit import Scribe
from bot.audit_key import key_of
from bot.brake import Brake
from bot.capability import Capability, Facts
from bot.credentials import clients, scopes_needed
from bot.evidence import Proof
from bot.history import History
from bot.keys import Keys
from bot.limits import Limits
from bot.model import Actor, Intent, Origin, Place, Request, Surface
from bot.parts import USUAL, SystemClock, known
from bot.pins import Standing
from bot.policy import Decision, Verdict
from bot.ports import Clock
from bot.proofs import Proofs
from bot.protection import Guard
from bot.rules import Rules
from bot.settings import Settings
from bot.sight import Sight
from bot.store import Store
from bot.tally import Tally
from handlers import find
from templates.words import Words, load

_AFTER: Final = {"choose": "chosen", "confirm": "confirmed", "prove": "proved"}
"""What a person does where a decision asks for something."""


class Stage(NamedTuple):
    """One decision: when, what, in which words, and the rules it rests on."""

    stage: str
    verdict: str
    title: str
    rules: tuple[str, ...]


async def explain(settings: Settings, url: str, login: str, name: str, *, clock: Clock | None = None) -> list[Stage]:
    """What would be decided for whoever has this login, asking for the capability `name`.

    Raises:
        OktaError: the account cannot be read.
        StoreUnavailableError: the store cannot be read.
        EngineError: the store cannot be used at all.
        WordsError: the words cannot be used.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        redis = engine.connect(url)
        stack.push_async_callback(redis.aclose)
        durable = (await engine.durability(redis)).lasting is engine.Lasting.YES
        rules = settings.rules(durable=durable, takes_over=known().takes_over)
        capability, keys = find()[name], Keys()
        made = await stack.enter_async_context(
            clients(
                settings.okta,
                scopes_needed(find().values(), rules),
                read_only=True,
                now=clock.now,
                time_limit=USUAL.okta_limit,
                attempts=USUAL.okta_attempts,
                ledger=lambda who: SharedLedger(redis, partial(keys.allowance, who)),
            )
        )
        tally = Tally(redis, keys, clock)
        scribe = Scribe(key_of(settings.audit.key, settings.data_dir))
        store = Store(redis, keys, clock, scribe=scribe)
        sight = Sight(
            okta=made.acting,
            rules=rules,
            guard=Guard(made.acting, made.roles, rules.protect),
            proofs=Proofs(store=store, okta=made.acting, tally=tally, rules=rules, clock=clock),
            history=History(redis, keys, scribe, told=()),
            limits=Limits(tally, Brake(redis, keys, tally, rules.brake, clock, scribe=scribe), rules.limits),
        )
        request = _asked(capability, clock)
        facts = await sight.facts(request, capability, await made.acting.user(login), Standing.UNPROVEN)
    return _stages(capability, request, facts, rules, clock.now(), words=load(settings.language, settings.words_dir))


def _asked(capability: Capability, clock: Clock) -> Request:
    place, actor = Place(Surface.DM), Actor("nobody")
    return Request(
        id="explained",
        origin=Origin.PERSON,
        actor=actor,
        intent=Intent(capability.name),
        place=place,
        asked_at=clock.now(),
    )


def _stages(
    capability: Capability, request: Request, facts: Facts, rules: Rules, now: datetime, *, words: Words
) -> list[Stage]:
    """Each decision on the way, until there is nothing more that the person could do."""
    found = list[Stage]()
    for stage in ("asked", "chosen", "confirmed", "proved"):
        if found and stage != _AFTER.get(found[-1].verdict):
            continue
        decision = policy.decide(capability, request, facts, rules, now)
        title = words.entry(decision.say.words).title.format_map(_Dots())
        found.append(Stage(stage, str(decision.verdict), title, tuple(map(str, decision.rests_on))))
        request = _gone_along(request, decision, facts, now)
    return found


def _gone_along(request: Request, decision: Decision, facts: Facts, now: datetime) -> Request:
    """The request once the person has done what was asked of them."""
    say = decision.say
    match decision.verdict:
        case Verdict.CHOOSE if say.choices:
            form = {**request.intent.form, "chosen": say.choices.options[0].value}
            return replace(request, intent=replace(request.intent, form=form))
        case Verdict.CONFIRM:
            return replace(request, offered=decision.offered, consented_at=now)
        case Verdict.PROVE:
            best = say.ways[0]
            return replace(request, proof=Proof(best.method, best.factor_id, facts.user.id, now, now))
    return request


class _Dots(dict[str, str]):
    """What stands in a title that is told of nobody in particular."""

    def __missing__(self, key: str) -> str:
        return "…"
