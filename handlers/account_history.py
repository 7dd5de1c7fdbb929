"""Answer "what happened to my account?": what the bot has done for this person, out of its own audit.

It writes nothing, and reads nothing in Okta beyond whose account it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot import past
from bot.capability import Capability, Conclusion, Facts, Finding, Fit, no_steps
from bot.model import Request
from bot.rules import Rules
from bot.saying import Say

_MINE: Final = r"my (\w+ )?(account|password|login|profile|mfa|2fa|factors?|sign[- ]?in methods?)"
_CHANGED: Final = r"(reset|unlock(ed)?|chang(ed?|es|ing)|remov(ed?|es|ing)|touch(ed)?|done|did)"


def applies(facts: Facts, _form: Mapping[str, str], _rules: Rules) -> Finding:
    """Never more than telling."""
    return Finding(Fit.TELL, _told(facts))


def conclude(facts: Facts, _request: Request, _rules: Rules, _now: datetime) -> Conclusion:
    """The same."""
    return Conclusion(_told(facts))


def _told(facts: Facts) -> Say:
    if not facts.past:
        return Say("account_history.nothing")
    return Say("account_history.past", lists={"done": past.lines(facts.past)}, offers=("not_me",))


CAPABILITY = Capability(
    name="account_history",
    subcommand="history",
    asks=(
        rf"\bwhat (has |have |was |were |did )?(happen(ed)?|been|you|it|it's)\b[^.!?]{{0,20}}\b(with|to|on|in)\b[^.!?]{{0,10}}\b{_MINE}\b",
        rf"\b(who|did (you|anyone|anybody|someone|somebody)|has (anyone|anybody|someone|somebody))\b[^.!?]{{0,15}}\b{_CHANGED}\b[^.!?]{{0,15}}\b{_MINE}\b",
        r"\bmy (\w+ )?(history|activity|past requests|audit)\b",
    ),
    rank=95,
    covers=frozenset({"unlock_account", "reset_password", "reset_mfa", "sign_in_help"}),
    recalls=True,
    applies=applies,
    plan=no_steps,
    conclude=conclude,
)
