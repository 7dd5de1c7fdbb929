"""Remove factors that a person can no longer use, such as those of a lost phone, so that they can be set up anew.

Only the person's own, each by its id and each a step of its own, so that a half-done reset is told as such. Okta lists only
what the policy in force shows to whoever asks, so the words say "the ones I can see". Removing Okta Verify's push or FastPass
removes all of Okta Verify with it
(https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/, operation unenrollFactor).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from bot.capability import Account, Capability, Conclusion, Facts, Finding, Fit, Happened, Need, Step
from bot.conditions import FEDERATED, state_of_account
from bot.factor_labels import label, labels
from bot.methods import is_okta_verify
from bot.model import Fence, Heard, Request
from bot.rules import LastFactor, Rules
from bot.saying import Choice, Choices, Phrase, Say
from okta.models import Factor, Status

_NAME: Final = "reset_mfa"

_NEW_PHONE: Final = "new_phone"

_NOT_IN_USE: Final = frozenset({Status.STAGED, Status.PROVISIONED, Status.SUSPENDED, Status.DEPROVISIONED})
"""The statuses of people who cannot sign in whatever their factors are."""

_TAKES_ALL: Final = frozenset({"push", "signed_nonce"})

_ON_PHONES: Final = frozenset({"push", "signed_nonce", "token:software:totp", "sms", "call"})
"""The types of what is on a phone, or may be; Google's codes have the type of Okta Verify's."""

_BESIDE: Final = {Status.LOCKED_OUT: "locked", Status.RECOVERY: "recovery"}
"""What keeps people out whatever their factors are, and needs saying, by status."""

_ID: Final = re.compile(r"[!-~]{1,100}")
"""An id that a button can carry and a form can hold; Okta's are twenty letters and digits."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A factor that is to be removed: its id, and what a person calls it, for it cannot be read any more afterwards."""

    id: str
    label: Phrase


def applies(facts: Facts, form: Mapping[str, str], rules: Rules) -> Finding:
    """Offers what the person chose of their factors, or the choice."""
    if facts.user.status in _NOT_IN_USE:
        return Finding(Fit.TELL, state_of_account(facts))
    guide = _guide(facts, form)
    if facts.factors is None:
        return Finding(Fit.GUIDE, guide)
    active = tuple(factor for factor in facts.factors if factor.is_active and _ID.fullmatch(factor.id))
    if not active:
        is_federated = facts.user.provider in FEDERATED
        return Finding(Fit.GUIDE, guide) if is_federated else Finding(Fit.TELL, Say(f"{_NAME}.none"))
    allowed = tuple(
        factor for factor in active if rules.factors.types is None or factor.factor_type in rules.factors.types
    )
    if not allowed:
        return Finding(Fit.GUIDE, Say(f"{_NAME}.not_these", lists={"chosen": labels(active)}))
    return _chosen_of(allowed, active, form, status=facts.user.status, rules=rules, guide=guide)


def _guide(facts: Facts, form: Mapping[str, str]) -> Say:
    """The directions for whoever signs in as these facts say. The factors of AD- and LDAP-managed people are Okta's too."""
    if facts.user.provider in FEDERATED:
        return Say(f"{_NAME}.guide.federated")
    return Say(f"{_NAME}.guide.{'new_phone' if form.get('door') == _NEW_PHONE else 'okta'}")


def _chosen_of(
    allowed: tuple[Factor, ...],
    active: tuple[Factor, ...],
    form: Mapping[str, str],
    *,
    status: str,
    rules: Rules,
    guide: Say,
) -> Finding:
    """What was chosen, or the choice if it is not one of those that are there."""
    is_phone = form.get("door") == _NEW_PHONE
    if is_phone:
        allowed = tuple(factor for factor in allowed if factor.factor_type in _ON_PHONES)
        if not allowed:
            return Finding(Fit.TELL, Say(f"{_NAME}.no_phone"))
    if "chosen" not in form:
        return _choice(_NEW_PHONE if is_phone else "which", allowed, rules, guide)
    ids = form["chosen"].split()
    chosen = tuple(factor for factor in allowed if factor.id in ids)
    if not ids:
        return _choice("nothing_chosen", allowed, rules, guide)
    if len(chosen) < len(set(ids)) or (len(chosen) > 1 and not rules.factors.several):
        return _choice("gone", allowed, rules, guide)
    return _offer(chosen, active, status, rules, guide)


def _choice(words: str, allowed: tuple[Factor, ...], rules: Rules, guide: Say) -> Finding:
    options = tuple(Choice(factor.id, label(factor)) for factor in allowed)
    say = Say(f"{_NAME}.choose.{words}", choices=Choices(options, several=rules.factors.several))
    return Finding(Fit.CHOOSE, say, instead=guide)


def _offer(chosen: tuple[Factor, ...], active: tuple[Factor, ...], status: str, rules: Rules, guide: Say) -> Finding:
    removed = _removed_by(chosen, active)
    with_it = tuple(factor for factor in removed if factor not in chosen)
    last = len(removed) == len(active)
    if last and rules.factors.last is LastFactor.REFUSE:
        return Finding(Fit.GUIDE, Say(f"{_NAME}.last_refused", lists={"chosen": labels(removed)}))
    steps = tuple(_Chosen(factor.id, label(factor)) for factor in _in_order(chosen))
    ends = rules.factors.end_sessions
    notes: Mapping[str, object] = {"with_it": with_it, "last": last, "sessions": ends, **_beside(status)}
    say = Say(
        f"{_NAME}.confirm",
        lists={"chosen": labels(chosen), "with_it": labels(with_it)},
        notes=tuple(f"{_NAME}.note.{name}" for name, holds in notes.items() if holds),
    )
    sessions = "end" if rules.factors.end_sessions else "keep"
    # What goes without a step of its own, chosen or not: whether it went is to be seen afterwards.
    unaided = (_Chosen(one.id, label(one)) for one in removed if one.id not in {step.id for step in steps})
    form = {"factors": _written(steps), "with_it": _written(unaided), "sessions": sessions}
    return Finding(Fit.ACT, say, guide, form, frozenset(factor.id for factor in removed))


def _beside(status: str) -> Mapping[str, bool]:
    """The note on what else keeps the person out."""
    return {note: status == found for found, note in _BESIDE.items()}


def _removed_by(chosen: Sequence[Factor], active: Sequence[Factor]) -> tuple[Factor, ...]:
    """What is gone when these are removed: push and FastPass take all of Okta Verify with them."""
    takes_all = any(factor.factor_type in _TAKES_ALL and factor.provider == "OKTA" for factor in chosen)
    return tuple(factor for factor in active if factor in chosen or (takes_all and is_okta_verify(factor)))


def _in_order(chosen: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """The factors to remove, without those that go with another of them."""
    taker = next((factor for factor in chosen if factor.provider == "OKTA" and factor.factor_type in _TAKES_ALL), None)
    return tuple(factor for factor in chosen if taker is None or factor is taker or not is_okta_verify(factor))


def _written(chosen: Iterable[_Chosen]) -> str:
    """Factors as a value of a form."""
    return json.dumps([[one.id, one.label.words, dict(one.label.values)] for one in chosen])


def _read(written: str) -> tuple[_Chosen, ...]:
    """The inverse of `_written`."""
    return tuple(_Chosen(found, Phrase(words, values)) for found, words, values in json.loads(written))


async def _remove(account: Account, *, factor_id: str) -> None:
    await account.remove_factor(factor_id)


async def _clear_sessions(account: Account) -> None:
    await account.clear_sessions()


def _is_there(facts: Facts, *, factor_id: str) -> Mapping[str, str]:
    there = any(factor.id == factor_id for factor in facts.factors or ())
    return {"factor": factor_id, "there": "yes" if there else "no"}


def _is_gone(facts: Facts, fence: Fence) -> Happened:
    """Whether the factor is no longer listed; where the list cannot be read, only Okta's own word counts."""
    if facts.factors is None:
        return Happened.YES if fence.heard is Heard.ACCEPTED else Happened.UNKNOWN
    return Happened.NO if _is_there(facts, factor_id=fence.before["factor"])["there"] == "yes" else Happened.YES


def _nothing(_facts: Facts) -> Mapping[str, str]:
    return {}


def _heard(_facts: Facts, fence: Fence) -> Happened:
    """Sessions cannot be seen: only Okta's own word tells."""
    words = {Heard.ACCEPTED: Happened.YES, Heard.DECLINED: Happened.NO}
    return words.get(fence.heard, Happened.UNKNOWN)


def plan(offered: Mapping[str, str]) -> tuple[Step, ...]:
    """One write for each factor, and one for the sessions."""
    removals = tuple(
        Step(
            "remove_factor",
            partial(_remove, factor_id=one.id),
            partial(_is_there, factor_id=one.id),
            _is_gone,
        )
        for one in _read(offered["factors"])
    )
    sessions = Step("clear_sessions", _clear_sessions, _nothing, _heard, converges=True)
    return (*removals, sessions) if offered["sessions"] == "end" else removals


def tally(request: Request) -> Mapping[str, tuple[Phrase, ...]]:
    """What of the plan is done, which step was begun, and what is left with it."""
    steps = [one.label for one in _read(request.offered["factors"])]
    if request.offered["sessions"] == "end":
        steps.append(Phrase(f"{_NAME}.sessions"))
    return {
        "done": tuple(steps[: request.step]),
        "now": tuple(steps[request.step : request.step + 1]),
        "left": tuple(steps[request.step :]),
    }


def conclude(facts: Facts, request: Request, _rules: Rules, _now: datetime) -> Conclusion:
    """What is gone, what went with it as far as can be seen, and how to go on."""
    with_it = _read(request.offered["with_it"])
    staying = {factor.id for factor in facts.factors or ()}
    stayed = staying.intersection(one.id for one in with_it)
    notes: Mapping[str, object] = {
        "went_with_it": with_it and facts.factors is not None and not stayed,
        "stayed": stayed,
        "sessions_ended": request.offered["sessions"] == "end",
        "none_left": facts.factors is not None and not staying,
        **_beside(facts.user.status),
    }
    done = tuple(one.label for one in _read(request.offered["factors"]))
    return Conclusion(
        Say(
            f"{_NAME}.done",
            lists={"done": done, "with_it": tuple(one.label for one in with_it)},
            notes=tuple(f"{_NAME}.note.{name}" for name, holds in notes.items() if holds),
        )
    )


_THING: Final = (
    r"(mfa|2fa|two[- ]factor|multi[- ]?factor|second factor|okta verify|verify app|authenticat(or|ion)( app)?|security key|"
    r"yubi ?key|fast ?pass|factors?|google auth\w*)"
)
_PHONE: Final = r"(phone|iphone|android|mobile|handy|cell ?(phone)?|smartphone|telephone|handset|device)"

CAPABILITY = Capability(
    name=_NAME,
    subcommand="mfa",
    asks=(
        rf"(?<!don't )(?<!not )\b(re-?set(ting)?|remove|re-?enrol+|re-?register|set ?up|replace|clear|unlink|lost|broken|stolen|change)\b[^.!?]{{0,30}}\b{_THING}\b",
        rf"\b{_THING}\b[^.!?]{{0,30}}\b(re-?set|lost|gone|broken|stolen|(does not|doesn'?t|won'?t|not) work(ing)?|reinstall(ed)?|re-?enrol+)\b",
        rf"\b(lost|broke|broken|stolen|dropped|smashed|wiped)\b[^.!?]{{0,20}}\b{_PHONE}\b",
        rf"\bmy {_PHONE}\b[^.!?]{{0,20}}\b(is|was|got|has been)\b[^.!?]{{0,12}}\b(lost|gone|broken|stolen|dead|wiped)\b",
        r"\b(don'?t|do not|can'?t|cannot|not) (get|receive|getting|receiving|approve|see)\b[^.!?]{0,25}\b(push(es)?|codes?|prompts?|notifications?)\b",
        r"^\W*(mfa|2fa|okta verify)\W*((help|please|pls|reset)\W*)*$",
    ),
    doors={
        _NEW_PHONE: (
            rf"\b(new|another|replacement|different|changed|switched|upgraded|got a)\b[^.!?]{{0,20}}\b{_PHONE}\b(?! (number|call|plan|case))",
            rf"\b(moved?|moving|transfer\w*|migrat\w*)\b[^.!?]{{0,30}}\b{_PHONE}\b",
            r"\b(neues handy|nuevo (móvil|teléfono)|novo (celular|telefone)|nouveau (téléphone|portable))\b",
        )
    },
    rank=30,
    covers=frozenset({"sign_in_help"}),
    needs=frozenset({Need.FACTORS}),
    writes=frozenset({"remove_factor"}),
    extras=frozenset({"clear_sessions"}),
    takes_over=True,
    applies=applies,
    plan=plan,
    conclude=conclude,
    tally=tally,
)
