"""How the Okta side stands: the org, the credentials, and what they may do. Only reads, and the requests for tokens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import httpx

from bot import VERSION
from bot.credentials import READ, sign_in
from bot.doctor import credential
from bot.doctor.credential import ASSIGN, SCOPES, enough
from bot.doctor.findings import Area, Finding, Mark
from bot.doctor.roles import SEEN, Held, fitting, named
from bot.doctor.slack import sent_at
from bot.settings.okta import Credential, Okta
from okta.client import TIME_LIMIT, OktaClient
from okta.errors import InvalidTokenError, NotFoundError, NotPermittedError, OktaError, SignInError
from okta.models import Organization, User
from okta.oauth import OAuth
from okta.scopes import API_TOKENS, APP_GRANTS, LOGS, NEEDED, ROLES, covers
from okta.transport import build_http

__all__ = ["ASSIGN", "SCOPES", "Sight", "Wanted", "judge_clock", "judge_engine", "look"]

SEEING: Final = frozenset({ROLES, APP_GRANTS, API_TOKENS})
"""Scopes that let a doctor see what it can only guess without them."""

SKEW: Final = timedelta(minutes=1)
"""From here on it is worth a word. Okta takes a signed request to sign in only while it is fresh."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the bot wants of its main credential as it is set.

    Attributes:
        operations: that its capabilities do, by the methods of `okta.client.OktaClient`.
        scopes: that they need, where it signs in as a service app.
        acts: whether any of them writes.
        roles: whether administrators must be told from other people.
        groups: those whose members are protected, by name or id.
    """

    operations: frozenset[str]
    scopes: frozenset[str]
    acts: bool
    roles: bool = False
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen.

    Attributes:
        findings: the lines about Okta.
        reached: whether anything answered.
        held: the main credential's admin roles; None where they cannot be read.
        reads: by operation, whether it may be done; None where that was not seen.
        refused: scopes that the app asked for and was not granted.
        signed_in: whether Okta took the credential.
    """

    findings: tuple[Finding, ...]
    reached: bool
    held: Held | None = None
    reads: Mapping[str, bool | None] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    signed_in: bool = False

    def allows(self, operation: str) -> bool | None:
        """Whether the main credential may do something: as tried, else as its roles say; None if neither tells."""
        tried = self.reads.get(operation)
        if tried is not None or self.held is None:
            return tried
        return self.held.allows(operation)


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


async def look(settings: Okta, wanted: Wanted, now: Callable[[], datetime]) -> Sight:
    """Ask Okta, with each credential for what it is there for."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            build_http(settings.org_url, user_agent=f"unlatch/{VERSION}", read_only=True)
        )
        desk = _Desk(http, now)
        try:
            org = await desk.client(desk.sign_in(settings, {READ})).organization()
        except OktaError as error:
            return _no_org(error)
        found = [judge_engine(org), judge_clock(now(), await _time(http))]
        if not org.id:
            return Sight(tuple(found), reached=True)
        return await _credentials(desk, settings, wanted, found)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Makes clients, all over one connection that writes nothing."""

    http: httpx.AsyncClient
    now: Callable[[], datetime]

    def sign_in(self, of: Credential, scopes: Iterable[str], *, optional: Iterable[str] = ()) -> httpx.Auth:
        return sign_in(of, scopes, optional=optional, now=self.now)

    def client(self, auth: httpx.Auth) -> OktaClient:
        return OktaClient(self.http, auth, attempts=1)


async def _credentials(desk: _Desk, settings: Okta, wanted: Wanted, found: list[Finding]) -> Sight:
    auth = desk.sign_in(settings, wanted.scopes, optional=frozenset() if settings.roles.is_given else SEEING)
    main = desk.client(auth)
    seeing = desk.client(desk.sign_in(settings.roles, {ROLES}, optional=SEEING)) if settings.roles.is_given else main
    try:
        who = await _who(main, settings.client_id)
    except OktaError as error:
        refused = error.missing_scopes if isinstance(error, SignInError) else frozenset()
        return Sight((*found, credential.refused(error, settings)), reached=True, refused=refused)
    if who is not None:
        found += await credential.look_at_token(seeing, who, desk.now())
    if isinstance(auth, OAuth):
        found += await credential.look_at_app(seeing, auth, desk.http, settings.client_id or "", wanted.scopes)
    held = await credential.held(seeing, settings.client_id or (who.id if who else ""), app=bool(settings.client_id))
    someone = who or await _someone(main)
    reads = await _probes(main, someone, wanted.scopes if settings.client_id else None)
    found += _roles(held, reads, wanted)
    found += [_probe(name, reads[name], wanted) for name in _PROBES if name in reads]
    found += await _asides(desk, settings, seeing, someone, roles=wanted.roles)
    found += [await _listed(main, group) for group in sorted(wanted.groups)]
    return Sight(tuple(found), reached=True, held=held, reads=reads, signed_in=True)


def _no_org(error: OktaError) -> Sight:
    fix = "let this machine reach okta.org_url over HTTPS (DNS, proxy, firewall), or correct it"
    return Sight((_finding("org", Mark.PROBLEM, error.meaning, fix),), reached=error.status is not None)


async def _time(http: httpx.AsyncClient) -> datetime | None:
    try:
        async with asyncio.timeout(TIME_LIMIT):
            return sent_at((await http.get("/.well-known/okta-organization")).headers)
    except (httpx.HTTPError, TimeoutError):
        return None


async def _who(client: OktaClient, app: str | None) -> User | None:
    """The owner of the token; None for an app, which is nobody, once it has signed in."""
    if app is None:
        return await client.me()
    await _someone(client)
    return None


async def _someone(client: OktaClient) -> User | None:
    """The first of whom it may see, or None where it may see nobody."""
    try:
        return await client.users(limit=1).first()
    except NotPermittedError:
        return None


def _roles(held: Held | None, reads: Mapping[str, bool | None], wanted: Wanted) -> tuple[Finding, ...]:
    if held is not None:
        return credential.judge_roles(held, wanted.operations, acts=wanted.acts)
    what = "they cannot be read, as is usual for all but Super Administrators"
    tried = {operation: reads.get(operation) for operation in SEEN}
    if None not in tried.values():
        like = " or ".join(named([role]) for role in fitting(tried))
        what += (
            f"; by what it may read it could be {like}" if like else "; what it may read fits no standard role alone"
        )
    return (_finding("admin roles", Mark.UNKNOWN, what, f"look at {ASSIGN}; {enough(acts=wanted.acts)} will do"),)


async def _probes(client: OktaClient, someone: User | None, scopes: frozenset[str] | None) -> Mapping[str, bool | None]:
    """What may be read, found out by reading it; not what a token has no scope for, for that says nothing of the role."""
    tries: dict[str, Callable[[], Awaitable[object]]] = {
        "users": lambda: client.users(limit=1).first(),
        "log": lambda: client.log(limit=1),
        "password_policies": client.password_policies,
        "find_groups": lambda: client.find_groups(limit=1).first(),
        "apps": lambda: client.apps(limit=1).first(),
    }
    if someone is not None:
        tries["factors"] = lambda: client.factors(someone.id)
    reads = {
        name: await _may(attempt) for name, attempt in tries.items() if scopes is None or covers(scopes, NEEDED[name])
    }
    return reads | ({"users": False} if reads["users"] and someone is None else {})


async def _asides(
    desk: _Desk, settings: Okta, seeing: OktaClient, someone: User | None, *, roles: bool
) -> tuple[Finding, ...]:
    """The credentials of their own: whether Okta takes them, and whether they do what they are there for, and not all."""
    found = []
    if settings.roles.is_given and someone is not None:
        found.append(await credential.aside("okta.roles", settings.roles, lambda: seeing.roles(someone.id)))
        found += await credential.great("okta.roles", settings.roles, seeing, seeing)
    if not any(finding.mark is Mark.PROBLEM for finding in found):
        found.append(await _protected(seeing, someone, needed=roles))
    if settings.reader.is_given:
        reader = desk.client(desk.sign_in(settings.reader, {READ, LOGS}))

        async def read() -> None:
            await reader.users(limit=1).first()
            await reader.log(limit=1)

        found.append(await credential.aside("okta.reader", settings.reader, read))
        found += await credential.great("okta.reader", settings.reader, reader, seeing)
    return tuple(found)


async def _may(read: Callable[[], Awaitable[object]]) -> bool | None:
    try:
        await read()
    except (NotPermittedError, InvalidTokenError):
        return False
    except OktaError:
        return None
    return True


async def _listed(client: OktaClient, group: str) -> Finding:
    """Whether there is a group that the settings name; a name that is misspelt protects nobody."""
    name = f"protected group {group}"
    try:
        there = [one async for one in client.find_groups(q=group)]
        by_name = any(one.profile.name.casefold() == group.casefold() for one in there)
        found = by_name or (await client.group(group)).id == group
    except NotFoundError:
        found = False
    except OktaError:
        return _finding(
            name, Mark.UNKNOWN, "whether there is one does not show", "see that protect.groups is spelt right"
        )
    if found:
        return _finding(name, Mark.OK, "there is one; its members' accounts stay untouched")
    return _finding(
        name, Mark.PROBLEM, "there is none, or it is not visible, so it protects nobody", "correct protect.groups"
    )


VIEWER: Final = (
    "give [okta.roles] a service app with okta.roles.read and a custom role that may only view people and roles"
    " (okta.users.read, okta.iam.read)"
)

_PROBES: Final = {
    "users": ("reading people", "nobody can be found without it"),
    "factors": ("reading sign-in methods", "an MFA reset cannot show what there is"),
    "log": ("reading the System Log", ""),
    "password_policies": ("reading password policies", ""),
    "find_groups": ("reading groups", ""),
    "apps": ("reading apps", ""),
}
"""What each is called, and what comes of its being missing."""


def _probe(name: str, allowed: bool | None, wanted: Wanted) -> Finding:  # noqa: FBT001 - the finding itself
    title, without = _PROBES[name]
    if allowed is None:
        return _finding(title, Mark.UNKNOWN, "Okta gave no answer of use")
    if name not in wanted.operations:
        return _finding(
            title, Mark.NOTE, f"{'' if allowed else 'not '}allowed; nothing that is switched on needs it today"
        )
    if allowed:
        return _finding(title, Mark.OK, "allowed")
    without = f"not allowed, or nobody is visible; {without}" if name == "users" else f"not allowed; {without}"
    mark = Mark.PROBLEM if name == "users" else Mark.WARNING
    return _finding(title, mark, without, f"{ASSIGN}: give it {enough(acts=wanted.acts)}")


async def _protected(client: OktaClient, someone: User | None, *, needed: bool) -> Finding:
    """Whether administrators can be told from other people; a problem if the settings say that they must be."""
    name = "administrators"
    allowed = None if someone is None else await _may(lambda: client.roles(someone.id))
    if allowed:
        return _finding(name, Mark.OK, "they can be told from other people")
    if allowed is None:
        return _finding(name, Mark.UNKNOWN, "whether they can be told from other people does not show")
    if needed:
        what = "they cannot be told from other people, so nothing is changed on anybody's account"
        return _finding(name, Mark.PROBLEM, what, VIEWER)
    what = "they cannot be told from other people, so Okta alone guards their accounts, by the role of the credential"
    return _finding(name, Mark.NOTE, what, f"{VIEWER}, or leave it at that")


def _finding(name: str, mark: Mark, what: str, fix: str = "") -> Finding:
    return Finding(Area.OKTA, name, mark, what, fix)
