"""Unlock an account that Okta locked after too many wrong passwords, or blocked on unknown devices.

The password stays as it is and nothing else changes. AD- and LDAP-managed people are guided unless the administrator
opts in: Okta's own lock and the directory's are two locks, and freeing one says nothing of the other
(https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserLifecycle/, operation unlockUser).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.capability import Account, Capability, Conclusion, Facts, Finding, Fit, Happened, Need, Step
from bot.conditions import Condition, condition, state_of_account
from bot.model import Fence, Request
from bot.rules import Rules
from bot.saying import Say

_NAME: Final = "unlock_account"

_ACCOUNT: Final = r"(account|acct|log-?in|user(name)?|profile|okta|windows)"

_THING: Final = (
    r"(\w+ ){0,3}(doors?|rooms?|house|office|building|desk|drawer|locker|safe|car|bike|cards?|phones?|iphone|ipad|android|"
    r"tablet|laptop|screen|keyboard|sim|files?|documents?|folders?|sheets?|cells?|pdfs?|database|table|branch|levels?)\b"
)
"""What else people lock and unlock, a few words on."""

_UNLOCKABLE: Final = {
    Condition.LOCKED: "locked",
    Condition.BLOCKED: "blocked",
    Condition.LOCKED_IN_DIRECTORY: "locked_in_directory",
}


def applies(facts: Facts, _form: Mapping[str, str], rules: Rules) -> Finding:
    """Fits a locked account that Okta can free; otherwise says how the account stands."""
    found = condition(facts)
    kind = _UNLOCKABLE.get(found)
    if kind is None:
        return Finding(Fit.TELL, state_of_account(facts))
    if found is Condition.LOCKED_IN_DIRECTORY and not rules.directory_unlock:
        return Finding(Fit.GUIDE, Say(f"{_NAME}.guide.{kind}"))
    return Finding(Fit.ACT, Say(f"{_NAME}.confirm.{kind}"), instead=Say(f"{_NAME}.guide.{kind}"))


async def _unlock(account: Account) -> None:
    await account.unlock()


def _before(facts: Facts) -> Mapping[str, str]:
    """What the lock looked like; `since` tells this lock from a later one."""
    return {"condition": condition(facts), "since": str(facts.user.status_changed)}


def _happened(facts: Facts, fence: Fence) -> Happened:
    before = fence.before
    if before["condition"] == Condition.BLOCKED and facts.blocks is None:
        return Happened.UNKNOWN
    if _before(facts) != before:
        return Happened.YES
    # Blocks have no time, and Okta may leave out that of a status: then a new one looks like the old.
    timeless = before["condition"] == Condition.BLOCKED or facts.user.status_changed is None
    return Happened.UNKNOWN if timeless else Happened.NO


def plan(_offered: Mapping[str, str]) -> tuple[Step, ...]:
    """One write."""
    return (Step(name="unlock", run=_unlock, before=_before, happened=_happened),)


def conclude(facts: Facts, request: Request, _rules: Rules, _now: datetime) -> Conclusion:
    """What is true after the unlock: free, locked or blocked again meanwhile, or in some other state."""
    return Conclusion(_outcome(facts, was=request.before["condition"]))


def _outcome(facts: Facts, *, was: str) -> Say:
    match condition(facts):
        case Condition.ACTIVE | Condition.ACTIVE_FEDERATED if was == Condition.BLOCKED:
            return Say(f"{_NAME}.done.unblocked")
        case Condition.ACTIVE | Condition.ACTIVE_FEDERATED:
            return Say(f"{_NAME}.done.unlocked")
        case Condition.ACTIVE_IN_DIRECTORY:
            return Say(f"{_NAME}.done.unlocked_in_okta")
        case Condition.BLOCKED:
            return Say(f"{_NAME}.done.blocked_again")
        case Condition.LOCKED | Condition.LOCKED_IN_DIRECTORY:
            return Say(f"{_NAME}.done.locked_again")
        case _:
            return state_of_account(facts)


CAPABILITY = Capability(
    name=_NAME,
    subcommand="unlock",
    asks=(
        # Somebody is locked out, but not "am I?", which asks how things stand, nor of a thing.
        rf"(?<!am i )(?<!not )\block(ed)?[- ]?out\b(?! of {_THING})",
        rf"\b(i'?m|i am|i was|i got|i have been|i've been|says)\b( (?!not\b)\w+){{0,2}} (locked|blocked|frozen)\b(?! (out )?of {_THING})",
        rf"(?<!is my )(?<!if my )(?<!whether my )\b{_ACCOUNT}\b[^.!?]{{0,40}}(?<!not )\b(locked|blocked|frozen|gesperrt)\b",
        r"^\W*(locked|blocked)\W*((help|please|pls|again)\W*)*$",
        # To unlock, but neither "don't" nor a thing.
        rf"(?<!no )(?<!not )(?<!don't )(?<!need to )\bun-?(lock|block)\w*\b(?! {_THING})(?! (every|all)\b)",
        r"\btoo many\b[^.!?]{0,20}\b(times|attempts|tries|passwords|log-?ins|sign-?ins)\b",
        r"\btoo often\b[^.!?]{0,20}\bwrong\b|\bwrong\b[^.!?]{0,20}\btoo (often|many times)\b",
        r"\btry again (in|for|after) \d+ (min|hour)",
        # The same in the languages that people fall back to.
        r"\b(usuario|usuário|cuenta|conta|compte|konto)\b.{0,40}\b(bloque[ao]d[oa]|bloqué|gesperrt)",
        r"\b(desbloque|débloque|entsperr|freischalt)",
        r"アカウント.{0,10}ロック",
    ),
    rank=10,
    covers=frozenset({"sign_in_help"}),
    needs=frozenset({Need.BLOCKS}),
    writes=frozenset({"unlock"}),
    applies=applies,
    plan=plan,
    conclude=conclude,
)
