"""Answer "this wasn't me": nothing more is done for whoever asks, at once, and their Okta sessions are ended if they confirm.

The first part is the pipeline's (`Capability.alarms`), since it must hold whatever Okta says.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot import past
from bot.capability import Account, Capability, Conclusion, Facts, Finding, Fit, Happened, Step
from bot.model import Fence, Heard, Request
from bot.rules import Rules
from bot.saying import Phrase, Say

_OPENING: Final = r"((help|hey|hi|hello|no|stop)\W+)*"
_TAKEN: Final = r"(hacked|compromised|stolen|taken over|hijacked)"
_END: Final = r"\W*((help|please|stop|at all)\W*)*$"


def applies(facts: Facts, _form: Mapping[str, str], _rules: Rules) -> Finding:
    """Whatever the account's state: its sessions can be ended."""
    lists = {"done": past.lines(facts.past) or (Phrase("not_me.none"),)}
    return Finding(Fit.ACT, Say("not_me.confirm", lists=lists), instead=Say("not_me.guide", lists=lists))


async def _end_sessions(account: Account) -> None:
    await account.clear_sessions()


def _before(_facts: Facts) -> Mapping[str, str]:
    return {}


def _happened(_facts: Facts, fence: Fence) -> Happened:
    """Sessions cannot be looked at; doing it twice is the same as once."""
    return Happened.YES if fence.heard is Heard.ACCEPTED else Happened.UNKNOWN


def plan(_offered: Mapping[str, str]) -> tuple[Step, ...]:
    """One write."""
    return (Step("clear_sessions", _end_sessions, _before, _happened, converges=True),)


def conclude(_facts: Facts, _request: Request, _rules: Rules, _now: datetime) -> Conclusion:
    """They are ended."""
    return Conclusion(Say("not_me.done"))


CAPABILITY = Capability(
    name="not_me",
    subcommand="not-me",
    asks=(
        # It stops everything at once, so it is said and nothing else: "I never did this before" asks for something.
        rf"^\W*{_OPENING}(this|that|it) (was not|wasn'?t|is not|isn'?t) me{_END}",
        rf"^\W*{_OPENING}(was not|wasn'?t|not) me{_END}",
        rf"^\W*{_OPENING}i (did not|didn'?t|never) (ask(ed)?|request(ed)?|confirm(ed)?) (for )?(this|that|it|any of (this|that)){_END}",
        rf"^\W*{_OPENING}(i think )?(someone|somebody) (else )?(is|has been|was) (in|using|on) my (\w+ )?(account|login){_END}",
        rf"^\W*{_OPENING}(someone|somebody) (else )?used my (\w+ )?(account|login){_END}",
        rf"^\W*{_OPENING}(i think )?(i|my (\w+ )?(account|login)) ((am|is|was|has been|have been|got|may be) )+{_TAKEN}{_END}",
    ),
    rank=97,
    covers=frozenset({"unlock_account", "reset_password", "reset_mfa", "sign_in_help", "account_history"}),
    writes=frozenset({"clear_sessions"}),
    recalls=True,
    alarms=True,
    applies=applies,
    plan=plan,
    conclude=conclude,
)
