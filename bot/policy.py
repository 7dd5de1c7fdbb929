"""What may be done, decided by one pure function.

`decide` sees a capability, a request, the facts read of the subject just now and the administrator's rules, and
answers with a `Decision` that names the rules it rests on. It does no I/O and knows no clock but the `now` it is
given, so every combination can be tested, and the same decision can be explained afterwards from the audit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.capability import Capability, Facts, Finding, Fit
from bot.model import Mode, Request, Rule, Rules, Say, Unmatched


class Verdict(StrEnum):
    """What the pipeline does next."""

    GUIDE = "guide"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, what to tell the person, and the rules it rests on.

    `offered` is what a Confirm of this will be a consent to.
    """

    verdict: Verdict
    say: Say
    rests_on: tuple[Rule, ...]
    offered: Mapping[str, str] = field(default_factory=dict)


def decide(capability: Capability, request: Request, facts: Facts, rules: Rules, now: datetime) -> Decision:
    """Decide what happens to `request` now.

    The same function answers a first message, a pressed Confirm and a retry after a wait: what has changed in Okta
    since the card was shown changes the answer. Consent counts for what was offered, such as this lock and no later
    one, and only for as long as the card would have waited.
    """
    mode = rules.mode(capability.name)
    if mode is Mode.OFF:
        return Decision(Verdict.REFUSE, Say("common.off"), (Rule.CAPABILITY_OFF,))
    finding = capability.applies(facts, rules)
    if finding.fit is not Fit.ACT:
        return Decision(Verdict.GUIDE, _told(capability, finding, mode, rules), (Rule.DOES_NOT_FIT,))
    if mode is Mode.GUIDE:
        instead = finding.instead or finding.say
        return Decision(Verdict.GUIDE, instead, (Rule.FITS, _why_guided(capability, rules)))
    offered = _offer(capability, request, facts, finding)
    if _consents(request, offered, rules, now):
        return Decision(Verdict.ACT, finding.say, (Rule.FITS, Rule.CONSENT_GIVEN))
    return Decision(Verdict.CONFIRM, finding.say, (Rule.FITS, Rule.CONSENT_NEEDED), offered)


def refuse_unmatched(why: Unmatched) -> Decision:
    """The refusal for somebody who is not exactly one live Okta user."""
    return Decision(Verdict.REFUSE, Say(f"unmatched.{why}"), (Rule.NOT_MATCHED,))


def offered(names: tuple[str, ...], rules: Rules) -> tuple[str, ...]:
    """Those of `names` that are not off, in their order."""
    return tuple(name for name in names if rules.mode(name) is not Mode.OFF)


def _told(capability: Capability, finding: Finding, mode: Mode, rules: Rules) -> Say:
    """What to tell when there is nothing to do here: offers that lead somewhere, or else the instructions."""
    others = tuple(name for name in finding.say.offers if name != capability.name)
    leading = tuple(name for name in others if rules.mode(name) is Mode.ACT)
    if finding.instead and (mode is Mode.GUIDE or not leading):
        return finding.instead
    return replace(finding.say, offers=offered(others, rules))


def _why_guided(capability: Capability, rules: Rules) -> Rule:
    if rules.read_only:
        return Rule.READ_ONLY
    if rules.modes.get(capability.name) is Mode.ACT:
        return Rule.NOT_DURABLE
    return Rule.CAPABILITY_GUIDES


def _offer(capability: Capability, request: Request, facts: Facts, finding: Finding) -> Mapping[str, str]:
    """What a person would consent to now: the words they read, and what the next step will be judged by."""
    step = capability.plan(request.intent.form)[request.step]
    return {"words": finding.say.words, **step.before(facts)}


def _consents(request: Request, offered: Mapping[str, str], rules: Rules, now: datetime) -> bool:
    if request.consented_at is None or now >= request.consented_at + rules.ask_for:
        return False
    # A plan that is under way was consented to as a whole.
    return request.step > 0 or request.offered == offered
