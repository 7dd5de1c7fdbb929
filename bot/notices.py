"""What the security team and the owner of an account hear of, and are told in the same step in which it happens. Pure.

Looked for at every transition by the store itself, so that no caller can forget to tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.model import Request, State
from bot.rules import Rule


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell in the security channel.

    Attributes:
        id: what its repeats have in common.
        words: the name of the words.
        request: the reference on the card.
        who: the Slack id of whoever asked.
        login: whose account it is about; empty where that is not known.
        values: what else stands in the words.
        to: the address that it is mailed to; empty for the security channel.
    """

    id: str
    words: str
    request: str
    who: str
    login: str
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    to: str = ""


_BY_RULE: Final = {
    Rule.PROTECTED: "security.protected",
    Rule.PROTECTION_UNKNOWN: "security.protection_unknown",
}

_BY_WORDS: Final = {
    "proof.denied": "security.denied",
    "proof.too_many": "security.guessed",
    "unmatched.frozen": "security.frozen",
}


def for_security(to: Request, rules: tuple[Rule, ...], at: datetime) -> Note | None:
    """What the security team hears of a request that has got here, resting on these rules; None if nothing."""
    if Rule.SHADOW in rules:  # nobody was refused anything
        return None
    by_rule = next((_BY_RULE[rule] for rule in rules if rule in _BY_RULE), None)
    words = by_rule or _BY_WORDS.get(to.say.words if to.say else "")
    if words is None:
        return None
    login = to.subject.login if to.subject else ""
    values = {"capability": to.intent.capability or ""}
    return Note(f"{to.id}.{to.version}", words, to.id, to.actor.user_id, login, at, values)


def for_owner(before: State, to: Request, at: datetime) -> Note | None:
    """What the owner of an account is mailed of a request that has got here: that something was done, or may have been."""
    subject = to.subject
    changed = to.state in {State.PARTLY, State.UNKNOWN} or (
        to.state in {State.DONE, State.FOLLOWING} and to.acted_at is not None
    )
    if not changed or before is State.FOLLOWING or subject is None or not subject.email:
        return None
    how = State.DONE if to.state is State.FOLLOWING else to.state
    values = {"what": f"{to.intent.capability}.past.{how}", "name": subject.name}
    return Note(f"{to.id}.owner", "mail.changed", to.id, to.actor.user_id, subject.login, at, values, to=subject.email)
