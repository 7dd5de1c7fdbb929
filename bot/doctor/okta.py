"""How the Okta side stands: the org, the credential, and what it may do. Only reads, and the request for a token."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx

from bot.doctor.findings import Area, Finding, Mark
from bot.doctor.slack import sent_at
from okta.client import OktaClient
from okta.errors import InvalidTokenError, NotPermittedError, OktaError, SignInError
from okta.models import Organization, Role, User

SKEW: Final = timedelta(minutes=1)
"""From here on it is worth a word. Okta takes a signed request to sign in only while it is fresh."""

NEEDED_ROLE: Final = "HELP_DESK_ADMIN"

LABELS: Final = {
    "SUPER_ADMIN": "Super Administrator",
    "ORG_ADMIN": "Organization Administrator",
    "USER_ADMIN": "Group Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "APP_ADMIN": "Application Administrator",
    "READ_ONLY_ADMIN": "Read-only Administrator",
    "REPORT_ADMIN": "Report Administrator",
    "API_ACCESS_MANAGEMENT_ADMIN": "API Access Management Administrator",
}
"""What the Admin Console calls the standard roles."""

ENOUGH: Final = frozenset({"HELP_DESK_ADMIN", "USER_ADMIN", "ORG_ADMIN", "SUPER_ADMIN"})
"""The standard roles that may unlock, and reset passwords and factors.

https://help.okta.com/en-us/content/topics/security/administrators-admin-comparison.htm
"""

HARMLESS: Final = frozenset({"HELP_DESK_ADMIN", "READ_ONLY_ADMIN", "REPORT_ADMIN", "CUSTOM"})
"""The roles that give nothing that the bot has no use for; a custom role cannot be judged by its kind."""

ASSIGN: Final = "Admin Console > Security > Administrators > Administrators"
TOKENS: Final = "Admin Console > Security > API > Tokens"


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen.

    Attributes:
        findings: the lines about Okta.
        reached: whether anything answered.
        roles: the types of the credential's admin roles; None where they cannot be read.
        reads: by operation, whether it may be read; None where that was not seen.
        refused: scopes that the app asked for and was not granted.
        signed_in: whether Okta took the credential.
    """

    findings: tuple[Finding, ...]
    reached: bool
    roles: frozenset[str] | None = None
    reads: Mapping[str, bool | None] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    signed_in: bool = False


def judge_roles(roles: frozenset[str], *, acts: bool) -> tuple[Finding, ...]:
    """Pure; what the credential's roles say, where they can be read.

    Args:
        roles: their types.
        acts: whether anything that is switched on writes to Okta.
    """
    if "SUPER_ADMIN" in roles:
        return (
            _finding(
                "admin roles",
                Mark.PROBLEM,
                "Super Administrator: whoever gets hold of the credential owns the whole org",
                "let the bot sign in by an account of its own that is Help Desk Administrator alone",
            ),
        )
    if not roles:
        fix = f"{ASSIGN} > Add administrator: give it Help Desk Administrator"
        return (_finding("admin roles", Mark.PROBLEM, "none, so it may read and change nobody", fix),)
    found = []
    named = ", ".join(sorted(LABELS.get(role, role) for role in roles))
    if acts and not roles & (ENOUGH | {"CUSTOM"}):
        fix = f"{ASSIGN}: give it Help Desk Administrator"
        found.append(_finding("admin roles", Mark.PROBLEM, f"{named}: too little for what is switched on", fix))
    if excess := sorted(LABELS.get(role, role) for role in roles - HARMLESS):
        what = f"more than the bot needs: {', '.join(excess)}"
        found.append(_finding("admin roles", Mark.WARNING, what, f"{ASSIGN}: take these away; {_least(acts)} will do"))
    return tuple(found) or (_finding("admin roles", Mark.OK, named),)


def _least(acts: bool) -> str:  # noqa: FBT001 - of one argument
    return "Help Desk Administrator" if acts else "Read-only Administrator"


def judge_clock(ours: datetime, theirs: datetime | None) -> Finding:
    """Pure; whether this machine and Okta agree on the time."""
    if theirs is None:
        return _finding("clock", Mark.UNKNOWN, "Okta's answer does not say the time")
    ahead = ours - theirs
    if abs(ahead) <= SKEW:
        return _finding("clock", Mark.OK, "this machine and Okta agree on the time")
    what = (
        f"the clock of this machine differs from Okta's by {ahead.total_seconds():+.0f} s; signing in as a service app"
    )
    return _finding(
        "clock", Mark.WARNING, f"{what} fails, and times on cards are wrong", "have this machine set its clock by NTP"
    )


def judge_engine(org: Organization) -> Finding:
    """Pure; whose address it is."""
    engine = {"idx": "Identity Engine", "v1": "Classic Engine"}.get(org.pipeline)
    if not org.id:
        what = "something answers, but not as an Okta org does; it may be a proxy's page"
        return _finding("org", Mark.PROBLEM, what, "correct okta.org_url, or let this machine reach it past the proxy")
    return _finding("org", Mark.OK, f"{org.id}, {engine or 'an engine that it does not tell'}")


async def look(
    http: httpx.AsyncClient, client: OktaClient, *, app: str | None, acts: bool, now: Callable[[], datetime]
) -> Sight:
    """Ask Okta; `app` is the service app's client id, None for an API token, and `acts` as in `judge_roles`."""
    try:
        org = await client.organization()
    except OktaError as error:
        fix = "let this machine reach okta.org_url over HTTPS (DNS, proxy, firewall), or correct it"
        return Sight((_finding("org", Mark.PROBLEM, f"{error.meaning}", fix),), reached=error.status is not None)
    found = [judge_engine(org), judge_clock(now(), await _time(http))]
    try:
        me = await _who(client, app)
    except OktaError as error:
        refused = error.missing_scopes if isinstance(error, SignInError) else frozenset()
        return Sight((*found, _refused(error, app)), reached=True, refused=refused)
    found.append(_known(me, app))
    roles = await _roles(client, me) if me is not None and app is None else None
    if roles is None:
        found.append(_unseen())
    else:
        found += judge_roles(roles, acts=acts)
    reads = await _probes(client, me)
    found += [_probe(name, allowed) for name, allowed in reads.items()]
    return Sight(tuple(found), reached=True, roles=roles, reads=reads, signed_in=True)


async def _time(http: httpx.AsyncClient) -> datetime | None:
    try:
        return sent_at((await http.get("/.well-known/okta-organization")).headers)
    except httpx.HTTPError:
        return None


async def _who(client: OktaClient, app: str | None) -> User | None:
    """The owner of the token; for an app anybody whom it may read, since it is no user itself."""
    if app is None:
        return await client.me()
    try:
        return await _anybody(client)
    except NotPermittedError:
        return None


async def _anybody(client: OktaClient) -> User | None:
    """The first of whom it may see, or None where it may see nobody."""
    async for page in client.users(limit=1).pages():
        return next(iter(page.records), None)
    return None


def _refused(error: OktaError, app: str | None) -> Finding:
    name = "API token" if app is None else f"service app {app}"
    if isinstance(error, InvalidTokenError):
        fix = error.advice if app else f"{error.advice} ({TOKENS} > Create token)"
        return _finding(name, Mark.PROBLEM, "Okta does not accept it", fix)
    what = f"whether Okta accepts it cannot be told: {error.meaning}"
    return _finding(name, Mark.PROBLEM, what, 'ask again with "unlatch doctor" in a while')


def _known(me: User | None, app: str | None) -> Finding:
    if app is not None:
        return _finding(f"service app {app}", Mark.OK, "signed in")
    login = me.profile.login if me is not None else ""
    return _finding("API token", Mark.OK, f"it is {login}'s; a token that nobody uses for 30 days expires")


async def _roles(client: OktaClient, me: User) -> frozenset[str] | None:
    try:
        return frozenset(role.type for role in await client.roles(me.id) if _counts(role))
    except OktaError:
        return None


def _counts(role: Role) -> bool:
    return role.status in {"", "ACTIVE"}


def _unseen() -> Finding:
    what = "the credential may not read its own, as is usual for all but Super Administrators"
    return _finding("admin roles", Mark.UNKNOWN, what, f"look at {ASSIGN}; Help Desk Administrator is enough")


async def _probes(client: OktaClient, me: User | None) -> Mapping[str, bool | None]:
    """What may be read, found out by reading it."""
    reads: dict[str, bool | None] = {"users": await _may(lambda: _anybody(client))}
    if me is not None:
        reads["factors"] = await _may(lambda: client.factors(me.id))
    reads["log"] = await _may(lambda: client.log(limit=1))
    return reads


async def _may(read: Callable[[], Awaitable[object]]) -> bool | None:
    try:
        await read()
    except (NotPermittedError, InvalidTokenError):
        return False
    except OktaError:
        return None
    return True


_PROBES: Final = {
    "users": ("reading people", Mark.PROBLEM, "nobody can be found without it"),
    "factors": ("reading sign-in methods", Mark.WARNING, "an MFA reset cannot show what there is"),
    "log": ("reading the System Log", Mark.NOTE, "nothing that is switched on needs it today"),
}


def _probe(name: str, allowed: bool | None) -> Finding:  # noqa: FBT001 - the finding itself
    title, mark, what = _PROBES[name]
    if allowed:
        return _finding(title, Mark.OK, "allowed")
    if allowed is None:
        return _finding(title, Mark.UNKNOWN, "Okta gave no answer of use")
    fix = "" if mark is Mark.NOTE else f"{ASSIGN}: give it Help Desk Administrator"
    return _finding(title, mark, f"not allowed; {what}", fix)


def _finding(name: str, mark: Mark, what: str, fix: str = "") -> Finding:
    return Finding(Area.OKTA, name, mark, what, fix)
