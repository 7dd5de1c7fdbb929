"""Whether each capability can do what its mode says. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.capability import Capability
from bot.doctor.findings import Area, Finding, Mark
from bot.doctor.okta import ASSIGN, SCOPES, Sight
from bot.doctor.roles import LABELS, least
from bot.rules import Mode, Rules
from okta.scopes import scopes_for

UNPROVEN: Final = (
    "set to act, but only directions are given: nobody proves who they are beyond their Slack session, and this could hand"
    " over an account"
)

UNPROTECTED: Final = (
    "set to act, but only directions are given: nothing says how administrators are recognised, whose accounts must stay"
    " untouched"
)
UNPROTECTED_FIX: Final = (
    "give [okta.roles] a service app with okta.roles.read and a custom role that may only view people and roles"
    ' (okta.users.read, okta.iam.read), or set protect.check = "listed-only" to do without'
)

_WITHOUT: Final = {
    "forgot_password": "links for a forgotten password",
    "reactivate": "Okta's activation mail again",
    "clear_sessions": "an end of the sessions",
}
"""What people are not given where an operation is not allowed that only some need."""


def judge(
    capabilities: Iterable[Capability], rules: Rules, sight: Sight, *, app: bool, store: bool
) -> tuple[Finding, ...]:
    """What each amounts to, in the order given.

    Args:
        capabilities: all that there are.
        rules: what was decided, with what was found out of the store.
        sight: what was seen of Okta.
        app: whether the bot signs in as a service app, which needs scopes besides a role.
        store: whether the store is there, without which the bot does not even start.
    """
    return tuple(
        finding for capability in capabilities for finding in _judge(capability, rules, sight, app=app, store=store)
    )


def _judge(capability: Capability, rules: Rules, sight: Sight, *, app: bool, store: bool) -> Iterator[Finding]:
    name, mode = capability.name, rules.mode(capability.name)
    proves = rules.proof.operations(name) if mode is Mode.ACT else frozenset()
    needed = capability.guide_scopes | (capability.scopes if mode is Mode.ACT else frozenset()) | scopes_for(proves)
    if mode is Mode.OFF:
        yield _finding(name, Mark.NOTE, "off")
    elif not store:
        yield _finding(name, Mark.PROBLEM, "does not work without its store", "see Store above")
    elif missing := needed & sight.refused:
        what = f"the app lacks {', '.join(sorted(missing))}"
        yield _finding(name, Mark.PROBLEM, what, f"{SCOPES}: grant {', '.join(sorted(missing))}")
    elif not sight.signed_in:
        yield _finding(name, Mark.PROBLEM, "does not work while the bot cannot sign in to Okta", "see Okta above")
    elif lacking := [read for read in sorted(capability.reads) if sight.allows(read) is False]:
        yield _lacking(name, lacking, "cannot even guide", capability.reads)
    elif mode is not Mode.ACT:
        yield _finding(name, *_why_guided(name, rules))
    else:
        yield from _able(capability, sight, proves, app=app)


def _why_guided(name: str, rules: Rules) -> tuple[Mark, str, str]:
    if rules.modes.get(name) is Mode.SHADOW:
        return Mark.OK, "gives directions, and records what it would have done: unlatch shadow report", ""
    if rules.modes.get(name) is Mode.GUIDE:
        return Mark.OK, "gives directions, as set", ""
    if rules.read_only:
        return Mark.NOTE, "set to act, but only directions are given, since read_only is true", ""
    if name in rules.unproven:
        return Mark.WARNING, UNPROVEN, f'set proof.{name} = "factor"'
    if name in rules.unprotected:
        return Mark.WARNING, UNPROTECTED, UNPROTECTED_FIX
    if name in rules.unmailed:
        what = "set to act, but only directions are given, since the owner of an account could not be told of it"
        return Mark.WARNING, what, 'give [mail] a server, or set mail.notices = "none" if that is your decision'
    what = "set to act, but only directions are given, since the store may forget what it acknowledged"
    return Mark.WARNING, what, "see Store above"


def _able(capability: Capability, sight: Sight, proves: frozenset[str], *, app: bool) -> Iterator[Finding]:
    """Of one that is to act, for which people prove who they are by the operations `proves`."""
    name, writes = capability.name, capability.writes | proves
    if not capability.acts:
        yield _finding(name, Mark.OK, "on; it only reads and tells")
        return
    if lacking := [write for write in sorted(writes) if sight.allows(write) is False]:
        yield _lacking(name, lacking, "cannot act", capability.reads | writes)
        return
    role = LABELS[least(capability.reads | writes)]
    needs = f"acts; it needs {role} or more" + (f" and the scope {', '.join(sorted(capability.scopes))}" if app else "")
    if all(sight.allows(write) for write in writes):
        yield _finding(name, Mark.OK, f"{needs}, which {'are' if app else 'is'} there")
    else:
        what = f"{needs}; whether the role is there shows only when it writes"
        yield _finding(name, Mark.UNKNOWN, what, f"look at {ASSIGN}")
    for extra in sorted(capability.extras):
        if sight.allows(extra) is False:
            what = f"nobody is given {_WITHOUT[extra]}, which no role of the credential allows; they are sent to IT"
            yield _finding(name, Mark.NOTE, what, f"{ASSIGN}: {LABELS[least(frozenset({extra}))]} would allow it")


def _lacking(name: str, operations: list[str], what: str, needed: frozenset[str]) -> Finding:
    role = LABELS[least(needed)]
    return _finding(
        name,
        Mark.PROBLEM,
        f"{what}: no role of the credential allows {', '.join(operations)}",
        f"{ASSIGN}: give it {role}",
    )


def _finding(name: str, mark: Mark, what: str, fix: str = "") -> Finding:
    return Finding(Area.CAPABILITIES, name, mark, what, fix)
