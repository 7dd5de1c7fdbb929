"""Answer "I can't sign in": read how the account stands, say so, and offer the step that fits.

It writes nothing itself; what it offers is another capability, which decides for itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.capability import Capability, Conclusion, Facts, Finding, Fit, Need, no_steps
from bot.conditions import Condition, condition, state_of_account
from bot.model import Request
from bot.rules import Rules
from bot.saying import Say

_UNABLE: Final = (
    r"(can'?t|cannot|can not|unable to|couldn'?t|not able to|(won'?t|doesn'?t|not) let(ting)? me|trouble|problems?|issues?|"
    r"difficult(y|ies)|fail(s|ed|ing)? to)"
)

_BROKEN: Final = (
    r"(fail(s|ed|ing|ure)?|broken|not working|(does not|doesn'?t|won'?t|did not|didn'?t) work|problems?|trouble|errors?|"
    r"issues?|rejected|denied|refused|loops?)"
)

_UNLOCKABLE: Final = frozenset({Condition.LOCKED, Condition.LOCKED_IN_DIRECTORY, Condition.BLOCKED})


def applies(facts: Facts, _form: Mapping[str, str], rules: Rules) -> Finding:
    """Never more than telling, with the instructions in place of an offer that would not act for this person."""
    found = condition(facts)
    if found is Condition.LOCKED_IN_DIRECTORY and not rules.directory_unlock:
        return Finding(Fit.TELL, Say(f"unlock_account.guide.{found}"))
    instructions = Say(f"unlock_account.guide.{found}") if found in _UNLOCKABLE else None
    return Finding(Fit.TELL, state_of_account(facts), instead=instructions)


def conclude(facts: Facts, _request: Request, _rules: Rules, _now: datetime) -> Conclusion:
    """How the account stands."""
    return Conclusion(state_of_account(facts))


CAPABILITY = Capability(
    name="sign_in_help",
    subcommand="help-me-in",
    asks=(
        rf"\b{_UNABLE}\b[^.!?]*\b((sign|log)(ging|ing)?[- ]?(in|on|into)(?! (password|pw|pwd|name)\b)|get(ting)? (back )?(in|into)|access my account)\b",
        rf"\b(sign|log)(ging|ing)?[- ]?(in|on)\b[^.!?]*\b{_BROKEN}\b",
        r"^\W*(sign|log)[- ]?(in|on)\W*((help|please|pls)\W*)*$",
        r"\bhelp\b[^.!?]{0,20}\b(sign|log)(ging|ing)?[- ]?(in|on)\b",
        # How things stand: the answer begins with just that.
        r"\b(am i|is my (account|user|login|profile)|(whether|if) (i'?m|i am|my (account|user|login) is))\b[^.!?]{0,20}\b(locked|blocked|active|disabled|ok|okay)\b",
        r"\b(something|what)('s| is) wrong with my (account|login|user)\b",
    ),
    rank=90,
    needs=frozenset({Need.BLOCKS}),
    applies=applies,
    plan=no_steps,
    conclude=conclude,
)
