"""Whether each capability can do what its mode says. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.capability import Capability
from bot.doctor.findings import Area, Finding, Mark
from bot.doctor.okta import ASSIGN, ENOUGH, LABELS, Sight
from bot.rules import Mode, Rules

SCOPES: Final = "Admin Console > Applications > your app > Okta API Scopes"

UNPROVEN: Final = (
    "set to act, but only directions are given: nobody's identity is proven yet beyond their Slack session, and this"
    " could hand over an account"
)


def judge(capabilities: Iterable[Capability], rules: Rules, sight: Sight, *, app: bool) -> tuple[Finding, ...]:
    """What each amounts to, in the order given.

    Args:
        capabilities: all that there are.
        rules: what was decided, with what was found out of the store.
        sight: what was seen of Okta.
        app: whether the bot signs in as a service app, which needs scopes besides a role.
    """
    return tuple(finding for capability in capabilities for finding in _judge(capability, rules, sight, app=app))


def _judge(capability: Capability, rules: Rules, sight: Sight, *, app: bool) -> Iterator[Finding]:
    name, mode = capability.name, rules.mode(capability.name)
    if mode is Mode.OFF:
        yield _finding(name, Mark.NOTE, "off")
        return
    needed = capability.guide_scopes | (capability.scopes if mode is Mode.ACT else frozenset())
    if missing := needed & sight.refused:
        what = f"the app lacks {', '.join(sorted(missing))}"
        yield _finding(name, Mark.PROBLEM, what, f"{SCOPES}: grant {', '.join(sorted(missing))}")
    elif not sight.signed_in:
        yield _finding(name, Mark.PROBLEM, "does not work while the bot cannot sign in to Okta", "see Okta above")
    elif mode is not Mode.ACT:
        yield _finding(name, *_why_guided(name, rules))
    else:
        yield _able(capability, sight, app=app)


def _why_guided(name: str, rules: Rules) -> tuple[Mark, str, str]:
    if rules.modes.get(name) is Mode.GUIDE:
        return Mark.OK, "gives directions, as set", ""
    if rules.read_only:
        return Mark.NOTE, "set to act, but only directions are given, since read_only is true", ""
    if name in rules.unproven:
        return Mark.NOTE, UNPROVEN, ""
    what = "set to act, but only directions are given, since the store may forget what it acknowledged"
    return Mark.WARNING, what, "see Store above"


def _able(capability: Capability, sight: Sight, *, app: bool) -> Finding:
    """Of one that acts."""
    name = capability.name
    if not capability.acts:
        return _finding(name, Mark.OK, "on; it only reads and tells")
    roles = " or ".join(sorted(LABELS.get(role, role) for role in capability.roles))
    needs = f"needs {roles}" + (f" and the scope {', '.join(sorted(capability.scopes))}" if app else "")
    if sight.reads.get("users") is False or (sight.roles is not None and not sight.roles & (ENOUGH | {"CUSTOM"})):
        return _finding(name, Mark.PROBLEM, f"cannot act: it {needs}", f"{ASSIGN}: give the credential {roles}")
    if sight.roles is not None and sight.roles & ENOUGH:
        return _finding(name, Mark.OK, f"acts; it {needs}, which is there")
    what = f"acts; it {needs}; whether the role is there shows only when it writes"
    return _finding(name, Mark.UNKNOWN, what, f"look at {ASSIGN}")


def _finding(name: str, mark: Mark, what: str, fix: str = "") -> Finding:
    return Finding(Area.CAPABILITIES, name, mark, what, fix)
