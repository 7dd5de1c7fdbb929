"""What may be done, decided by one pure function.

`decide` sees a capability, a request, the facts read of the subject just now and the administrator's rules, and
answers with a `Decision` that names the rules it rests on. It does no I/O and knows no clock but the `now` it is
given, so every combination can be tested, and the same decision can be explained afterwards from the audit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.capability import Capability, Facts, Finding, Fit, Protection
from bot.factor_labels import label
from bot.methods import method_of, usable
from bot.model import Request, Unmatched
from bot.rules import Mode, Rule, Rules
from bot.saying import Say, Way
from okta.models import Factor, Status

UNLOCK: Final = "unlock_account"
"""What has to come first for somebody who is locked."""


class Verdict(StrEnum):
    """What the pipeline does next."""

    GUIDE = "guide"
    REFUSE = "refuse"
    CHOOSE = "choose"
    CONFIRM = "confirm"
    PROVE = "prove"
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
    one, and only for as long as the card would have waited. Proof counts for that consent and for no other.
    """
    mode = rules.mode(capability.name)
    if mode is Mode.OFF:
        return Decision(Verdict.REFUSE, Say("common.off"), (Rule.CAPABILITY_OFF,))
    if request.step:
        return _stopped(capability, facts) or _goes_on(capability, request, rules, now)
    finding = capability.applies(facts, request.intent.form, rules)
    if finding.fit not in {Fit.ACT, Fit.CHOOSE}:
        return Decision(Verdict.GUIDE, _told(capability, finding, mode, rules), (Rule.DOES_NOT_FIT,))
    instead = finding.instead or finding.say
    if mode is Mode.GUIDE:
        return Decision(Verdict.GUIDE, instead, (Rule.FITS, _why_guided(capability, rules)))
    decision = _acting(capability, request, facts, finding, rules=rules, now=now)
    if mode is Mode.SHADOW:
        return Decision(
            Verdict.GUIDE, instead, (Rule.SHADOW, *_in_the_way(capability, facts, rules), *decision.rests_on)
        )
    return _all_the_same(capability, finding, decision)


def _acting(
    capability: Capability, request: Request, facts: Facts, finding: Finding, *, rules: Rules, now: datetime
) -> Decision:
    """What happens where it may act."""
    if stopped := _stopped(capability, facts) or _too_soon(capability, facts, rules, now):
        return stopped
    say = replace(finding.say, offers=offered(finding.say.offers, rules))
    if finding.fit is Fit.CHOOSE:
        return Decision(Verdict.CHOOSE, say, (Rule.FITS, Rule.CHOICE_NEEDED))
    return _may_act(capability, request, facts, replace(finding, say=say), rules=rules, now=now)


def _in_the_way(capability: Capability, facts: Facts, rules: Rules) -> tuple[Rule, ...]:
    """What would keep one that is in shadow from acting, or would have to be proved before."""
    name = capability.name
    held = {
        Rule.NOT_PROVEN: rules.unproven,
        Rule.PROTECTION_UNSET: rules.unprotected,
        Rule.MAIL_UNSET: rules.unmailed,
    }
    ways = tuple(rule for rule, names in held.items() if name in names)
    return (*ways, Rule.PROOF_NEEDED) if facts.quarantined or rules.proof.needs_factor(name) else ways


def _all_the_same(capability: Capability, finding: Finding, decision: Decision) -> Decision:
    """What an alarm has stopped has stopped, whatever else may not be done: nobody is told that it was refused."""
    if capability.alarms and decision.verdict is Verdict.REFUSE:
        return replace(decision, verdict=Verdict.GUIDE, say=finding.instead or finding.say)
    return decision


def _stopped(capability: Capability, facts: Facts) -> Decision | None:
    """The refusal where nothing may be written: by the brake, or to an account that is protected, or may be."""
    if facts.braked and capability.takes_over:
        return Decision(Verdict.REFUSE, Say("limits.braked"), (Rule.BRAKE,))
    if facts.unread:
        return Decision(Verdict.REFUSE, Say("protection.unclear"), (Rule.FACTS_UNREAD,))
    match facts.protection:
        case Protection.NONE:
            return None
        case Protection.UNKNOWN:
            return Decision(Verdict.REFUSE, Say("protection.unclear"), (Rule.PROTECTION_UNKNOWN,))
    return Decision(Verdict.REFUSE, Say("protection.protected"), (Rule.PROTECTED,))


def _too_soon(capability: Capability, facts: Facts, rules: Rules, now: datetime) -> Decision | None:
    """The refusal where the same was done often, or just now, or the account has just got another password."""
    if facts.spent_until is not None:
        return Decision(Verdict.REFUSE, Say("limits.spent", until=facts.spent_until), (Rule.FITS, Rule.SPENT))
    changed = facts.user.password_changed
    if capability.takes_over and changed is not None and now < (over := changed + rules.limits.quiet):
        return Decision(Verdict.REFUSE, Say("limits.quiet", until=over), (Rule.FITS, Rule.QUIET))
    return None


def _may_act(
    capability: Capability, request: Request, facts: Facts, finding: Finding, *, rules: Rules, now: datetime
) -> Decision:
    """What is missing still of consent and proof, or nothing."""
    needs_factor = facts.quarantined or rules.proof.needs_factor(capability.name)
    proving = usable(facts.factors, finding.removes, rules.proof, now) if needs_factor else ()
    if needs_factor and (closed := _closed(capability, facts, proving, rules)):
        return closed
    offer = _offer(capability, facts, finding)
    if request.offered != offer or not _is_fresh(request, rules, now):
        # A window that opened with the Confirm would have to wait for the proof, and perhaps in vain.
        say = replace(finding.say, window=finding.say.window and not needs_factor)
        return Decision(Verdict.CONFIRM, say, (Rule.FITS, Rule.CONSENT_NEEDED), offer)
    if not needs_factor:
        return Decision(Verdict.ACT, finding.say, (Rule.FITS, Rule.CONSENT_GIVEN))
    if _is_proved(request, facts, proving):
        return Decision(Verdict.ACT, finding.say, (Rule.FITS, Rule.CONSENT_GIVEN, Rule.PROOF_GIVEN))
    return Decision(Verdict.PROVE, _ways(proving), (Rule.FITS, Rule.CONSENT_GIVEN, Rule.PROOF_NEEDED), offer)


def _closed(capability: Capability, facts: Facts, proving: tuple[Factor, ...], rules: Rules) -> Decision | None:
    """Why nobody could prove here who they are, if so; told before they are asked for anything."""
    if facts.barred_until is not None:
        say = Say("proof.barred", until=facts.barred_until)
        return Decision(Verdict.REFUSE, say, (Rule.FITS, Rule.PROOF_DENIED_LATELY))
    if facts.user.status == Status.LOCKED_OUT and not (facts.quarantined or rules.proof.needs_factor(UNLOCK)):
        # Okta takes no proof of somebody who is locked (E0000069).
        say = Say("proof.locked", offers=offered((UNLOCK,), rules))
        return Decision(Verdict.REFUSE, say, (Rule.FITS, Rule.NO_PROOF_POSSIBLE))
    if not proving or facts.user.status == Status.LOCKED_OUT:
        return Decision(Verdict.REFUSE, Say(f"proof.none.{capability.name}"), (Rule.FITS, Rule.NO_PROOF_POSSIBLE))
    return None


def _is_proved(request: Request, facts: Facts, proving: tuple[Factor, ...]) -> bool:
    """Whether the person has proved who they are for just this consent, with a factor that counts still."""
    proof = request.proof
    return (
        proof is not None
        and proof.consent == request.consented_at
        and proof.okta_id == facts.user.id
        and proof.factor_id in {factor.id for factor in proving}
    )


def _ways(proving: tuple[Factor, ...]) -> Say:
    ways = tuple(Way(method, one.id, label(one)) for one in proving if (method := method_of(one)))
    return Say("proof.which", ways=ways)


def refuse_unmatched(why: Unmatched, stopped: Say | None = None) -> Decision:
    """The refusal for somebody who is not exactly one live Okta user; what has `stopped` all the same is told in its place."""
    if stopped is not None:
        return Decision(Verdict.GUIDE, stopped, (Rule.NOT_MATCHED,))
    return Decision(Verdict.REFUSE, Say(f"unmatched.{why}"), (Rule.NOT_MATCHED,))


def offered(names: tuple[str, ...], rules: Rules) -> tuple[str, ...]:
    """Those of `names` that are not off, in their order."""
    return tuple(name for name in names if rules.mode(name.partition(":")[0]) is not Mode.OFF)


def _told(capability: Capability, finding: Finding, mode: Mode, rules: Rules) -> Say:
    """What to tell when there is nothing to do here: offers that lead somewhere, or else the instructions."""
    others = tuple(name for name in finding.say.offers if name != capability.name)
    leading = tuple(name for name in others if rules.mode(name) is Mode.ACT)
    if finding.instead and (mode is not Mode.ACT or not leading):
        return finding.instead
    return replace(finding.say, offers=offered(others, rules))


def _why_guided(capability: Capability, rules: Rules) -> Rule:
    """Of several reasons the one that would stay if the others were mended."""
    if rules.read_only:
        return Rule.READ_ONLY
    if rules.modes.get(capability.name) is not Mode.ACT:
        return Rule.CAPABILITY_GUIDES
    if capability.name in rules.unproven:
        return Rule.NOT_PROVEN
    if capability.name in rules.unprotected:
        return Rule.PROTECTION_UNSET
    return Rule.MAIL_UNSET if capability.name in rules.unmailed else Rule.NOT_DURABLE


def _goes_on(capability: Capability, request: Request, rules: Rules, now: datetime) -> Decision:
    """A plan under way was consented to as a whole, and its facts have changed by its own doing: it is not judged anew.

    It stops where nothing may be written any more, or where the consent has become old.
    """
    if rules.mode(capability.name) is not Mode.ACT:
        return Decision(Verdict.REFUSE, Say("common.off"), (_why_guided(capability, rules),))
    if not _is_fresh(request, rules, now):
        return Decision(Verdict.REFUSE, Say("common.expired"), (Rule.CONSENT_NEEDED,))
    return Decision(Verdict.ACT, Say("common.working"), (Rule.CONSENT_GIVEN,))


def _offer(capability: Capability, facts: Facts, finding: Finding) -> Mapping[str, str]:
    """What a person would consent to now: the words they read, what the plan is made from, and what it starts from."""
    first = capability.plan(finding.form)[0]
    read = " ".join((finding.say.words, *finding.say.notes))
    return {"words": read, **finding.form, **first.before(facts)}


def _is_fresh(request: Request, rules: Rules, now: datetime) -> bool:
    """Whether there is a consent that counts still."""
    return request.consented_at is not None and now < request.consented_at + rules.ask_for
