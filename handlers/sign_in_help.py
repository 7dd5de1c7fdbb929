"""Answer "I can't sign in": read how the account stands, say so, and offer the step that fits.

It writes nothing itself; what it offers is another capability, which decides for itself.
"""

from collections.abc import Mapping
from typing import Final

from bot.capability import Capability, Facts, Finding, Fit, Need, no_steps
from bot.conditions import Condition, condition, state_of_account
from bot.model import Rules, Say

_NEXT: Final[Mapping[Condition, str]] = {
    Condition.LOCKED: "unlock_account",
    Condition.LOCKED_IN_DIRECTORY: "unlock_account",
    Condition.BLOCKED: "unlock_account",
}


def applies(facts: Facts, _rules: Rules) -> Finding:
    """Never more than telling, with the instructions in place of an offer that may not act."""
    found = condition(facts)
    if found not in _NEXT:
        return Finding(Fit.TELL, state_of_account(facts))
    instructions = Say(f"unlock_account.guide.{found}")
    return Finding(Fit.TELL, state_of_account(facts, _NEXT[found]), instead=instructions)


def conclude(facts: Facts) -> Say:
    """How the account stands."""
    return state_of_account(facts)


CAPABILITY = Capability(
    name="sign_in_help",
    subcommand="help-me-in",
    asks=(
        r"\b(can'?t|cannot|can not|unable to|couldn'?t|not able to|won'?t let me|trouble|problems?|issues?)\b.*\b(sign|log|get)\w*[- ]?(in|on|into)\b",
        r"\b(sign|log)[- ]?(in|on)\b.*\b(fails?|failed|broken|not work|doesn'?t work|problem|trouble|help|error)",
        r"\blogin\b",
    ),
    needs=frozenset({Need.BLOCKS}),
    applies=applies,
    plan=no_steps,
    conclude=conclude,
)
