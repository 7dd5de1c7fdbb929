"""What there is to say of a credential: whether Okta takes it, whose it is, how old, and what it may do more than it need."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

import httpx

from bot.doctor.findings import Area, Finding, Mark
from bot.doctor.roles import BY_GROUP, PERMISSIONS, SUPER, Held, named
from bot.settings.okta import Credential
from okta.client import OktaClient
from okta.errors import InvalidTokenError, NotPermittedError, OktaError
from okta.models import ApiToken, Role, Status, User
from okta.oauth import OAuth
from okta.scopes import API_TOKENS, APP_GRANTS, LINKED_OBJECTS, LOGS, POLICIES, ROLES, covers

ASSIGN: Final = "Admin Console > Security > Administrators > Administrators"
TOKENS: Final = "Admin Console > Security > API > Tokens"
SCOPES: Final = "Admin Console > Applications > your app > Okta API Scopes"

OF_USE: Final = frozenset({ROLES, LOGS, POLICIES, LINKED_OBJECTS, APP_GRANTS, API_TOKENS})
"""Scopes that let the bot or its doctor see what they would only guess without them."""

SOON: Final = timedelta(days=7)
"""How long before the end of a token it is worth a word."""


def enough(*, acts: bool) -> str:
    """The role that will do for all that there is."""
    return "Help Desk Administrator" if acts else "Read-only Administrator"


def name_of(credential: Credential) -> str:
    """What a credential is called in a finding."""
    return "API token" if credential.client_id is None else f"service app {credential.client_id}"


def refused(error: OktaError, settings: Credential) -> Finding:
    """Why the credential cannot be used, or that it cannot be told."""
    name = name_of(settings)
    if isinstance(error, InvalidTokenError):
        fix = error.advice if settings.client_id else f"{error.advice} ({TOKENS} > Create token)"
        return _finding(name, Mark.PROBLEM, "Okta does not accept it", fix)
    if isinstance(error, NotPermittedError):
        fix = f"{ASSIGN} > Add administrator: give it {enough(acts=True)}"
        return _finding(name, Mark.PROBLEM, "Okta accepts it, and lets it do nothing", fix)
    what = f"whether Okta accepts it cannot be told: {error.meaning}"
    return _finding(name, Mark.PROBLEM, what, 'ask again with "unlatch doctor" in a while')


def judge_roles(held: Held, needed: frozenset[str], *, acts: bool) -> tuple[Finding, ...]:
    """Pure; what the credential's roles say, where they can be read.

    Args:
        held: the roles.
        needed: the operations that are needed of it.
        acts: whether anything that is switched on writes to Okta.
    """
    if SUPER in held.roles:
        what = "Super Administrator: whoever gets hold of the credential owns the whole org"
        fix = f"let the bot sign in by an account or an app of its own that is {enough(acts=acts)} alone"
        return (_finding("admin roles", Mark.PROBLEM, what, fix),)
    if not held.roles:
        fix = f"{ASSIGN} > Add administrator: give it {enough(acts=acts)}"
        return (_finding("admin roles", Mark.PROBLEM, "none, so it may read and change nobody", fix),)
    found = [*_limits(held), *_needless(held, needed)]
    excess = held.excess(needed)
    if not excess:
        return (_finding("admin roles", Mark.OK, named(held.roles)), *found)
    what = f"more than the bot needs: {named(excess)}"
    return (
        _finding(
            "admin roles", Mark.WARNING, what, f"{ASSIGN}: take away what it need not have; {enough(acts=acts)} will do"
        ),
    )


def _limits(held: Held) -> Iterator[Finding]:
    if held.limited is None:
        what = "whether the role is limited to some people cannot be seen; those outside would be invisible to the bot"
        yield _finding("groups", Mark.UNKNOWN, what, f"look at {ASSIGN}")
    elif held.limited:
        what = f"{named(held.limited)} is limited to some groups; people outside them are invisible to the bot"
        yield _finding("groups", Mark.NOTE, what)


def _needless(held: Held, needed: frozenset[str]) -> Iterator[Finding]:
    """Permissions of custom roles that change what the bot has no business with."""
    changing = {permission for permission in held.permissions or () if not permission.endswith(".read")}
    idle = sorted(permission for permission in changing if not PERMISSIONS.get(permission, frozenset()) & needed)
    if idle:
        what = f"more than the bot needs: {', '.join(idle)}"
        yield _finding(
            "permissions", Mark.WARNING, what, "Admin Console > Security > Administrators > Roles: take these away"
        )


def judge_scopes(granted: frozenset[str], needed: frozenset[str]) -> Finding:
    """Pure; what a service app is granted beside what it needs; both are names of scopes."""
    if missing := sorted(scope for scope in needed if not covers(granted, scope)):
        return _finding(
            "scopes", Mark.PROBLEM, f"missing: {', '.join(missing)}", f"{SCOPES}: grant {', '.join(missing)}"
        )
    may_read = {scope for scope in granted if scope.endswith(".read")}
    excess = granted - needed - may_read
    if excess:
        what = f"more than the bot needs: {', '.join(sorted(excess))}"
        return _finding("scopes", Mark.WARNING, what, f"{SCOPES}: revoke {', '.join(sorted(excess))}")
    idle = sorted(
        scope for scope in may_read if not any(covers({scope}, one) for one in needed) and scope not in OF_USE
    )
    if idle:
        return _finding("scopes", Mark.NOTE, f"all that are needed, and to read besides: {', '.join(idle)}")
    return _finding("scopes", Mark.OK, "those that are needed, and no others")


def judge_token(token: ApiToken | None, now: datetime) -> Finding:
    """Pure; how old an API token is, and when it ends, if Okta shows it."""
    if token is None or token.created is None:
        what = "when it was made and when it ends cannot be seen; one that nobody uses for 30 days ends"
        return _finding("API token's age", Mark.UNKNOWN, what)
    made = f"made {(now - token.created).days} days ago"
    if token.expires_at is None:
        return _finding("API token's age", Mark.OK, f"{made}; it ends when nobody uses it for 30 days")
    left = token.expires_at - now
    what = f"{made}; unless it is used it ends in {left.days} days"
    return _finding(
        "API token's age", Mark.WARNING if left < SOON else Mark.OK, what, "" if left >= SOON else "let the bot run"
    )


def judge_owner(me: User) -> Finding:
    """Pure; whose an API token is."""
    login = me.profile.login
    if me.status == Status.ACTIVE:
        return _finding("API token", Mark.OK, f"it is {login}'s, and can do what that account can")
    what = f"it is {login}'s, whose account is {me.status}; the token ends once the account is deactivated"
    return _finding("API token", Mark.WARNING, what, f"let {login} sign in, so that the account is ACTIVE again")


async def look_at_token(client: OktaClient, owner: User, now: datetime) -> tuple[Finding, ...]:
    """What there is to say of an API token that Okta takes: whose it is, and how old."""
    return judge_owner(owner), judge_token(await _token(client, owner), now)


async def look_at_app(
    client: OktaClient, auth: OAuth, http: httpx.AsyncClient, client_id: str, needed: frozenset[str]
) -> tuple[Finding, ...]:
    """What there is to say of a service app that Okta lets in: what it is granted, and whether its tokens are bound.

    Args:
        client: may see more than the app, if any does.
        auth: how the app signs in.
        http: what carries its requests.
        client_id: the app's.
        needed: the scopes that it needs.
    """
    name = f"service app {client_id}"
    return _finding(name, Mark.OK, "signed in"), await _scopes(client, client_id, needed), await _bound(auth, http)


async def _scopes(client: OktaClient, client_id: str, needed: frozenset[str]) -> Finding:
    try:
        grants = await client.grants(client_id)
    except OktaError:
        what = "those that are needed are granted; what else is granted shows only to Super Administrators"
        return _finding("scopes", Mark.UNKNOWN, what, f"look at {SCOPES}")
    return judge_scopes(frozenset(grant.scope_id for grant in grants if grant.status == "ACTIVE"), needed)


async def _bound(auth: OAuth, http: httpx.AsyncClient) -> Finding:
    """Whether an access token is of any use to who steals it."""
    name = "DPoP"
    try:
        bound = (await auth.introspect(http)).token_type == "DPoP"  # noqa: S105 - a kind of token
    except OktaError as error:
        return _finding(name, Mark.UNKNOWN, f"whether access tokens are bound to a key cannot be told: {error.meaning}")
    if bound:
        return _finding(name, Mark.OK, "access tokens are bound to a key, without which they are of no use")
    what = "access tokens are not bound to a key: whoever steals one can use it for an hour"
    fix = "Admin Console > Applications > your app > General: require proof of possession (DPoP) in token requests"
    return _finding(name, Mark.WARNING, what, fix)


async def _token(client: OktaClient, owner: User) -> ApiToken | None:
    """The token in use, if its owner has no other: Okta does not say which of several is."""
    try:
        own = [token for token in await client.api_tokens() if token.user_id == owner.id]
    except OktaError:
        return None
    return own[0] if len(own) == 1 else None


async def held(client: OktaClient, holder: str, *, app: bool) -> Held | None:
    """The admin roles of the owner of a token or of a service app, or None where they cannot be read."""
    try:
        roles = await (client.client_roles(holder) if app else client.roles(holder))
    except OktaError:
        return None
    active = tuple(role for role in roles if role.status in {"", "ACTIVE"})
    permissions: frozenset[str] | None = frozenset()
    for role in active:
        if role.is_custom and permissions is not None:
            allowed = await _permissions(client, role)
            permissions = None if allowed is None else permissions | allowed
    return Held(frozenset(role.type for role in active), permissions, await _limited(client, holder, active))


async def _permissions(client: OktaClient, role: Role) -> frozenset[str] | None:
    try:
        return frozenset(permission.label for permission in await client.role_permissions(role.role))
    except OktaError:
        return None


async def _limited(client: OktaClient, holder: str, roles: Iterable[Role]) -> frozenset[str] | None:
    """The types of those roles that are limited to groups; None if that cannot be seen of one."""
    limited = set[str]()
    for role in roles:
        of = {"USER": client.role_target_groups, "CLIENT": client.client_role_target_groups}.get(role.assignment_type)
        if of is None or role.is_custom:
            return None
        try:
            if role.type in BY_GROUP and [group async for group in of(holder, role.id)]:
                limited.add(role.type)
        except OktaError:
            return None
    return frozenset(limited)


async def aside(name: str, settings: Credential, read: Callable[[], Awaitable[object]]) -> Finding:
    """Whether a credential of its own does what it is there for."""
    try:
        await read()
    except NotPermittedError as error:
        missing = ", ".join(sorted(error.missing_scopes))
        fix = f"{SCOPES}: grant {missing}" if missing else f"{ASSIGN}: give it a role that allows it"
        return _finding(
            name, Mark.PROBLEM, f"Okta accepts the {name_of(settings)}, and does not let it read what it is for", fix
        )
    except OktaError as error:
        return Finding(Area.OKTA, name, Mark.PROBLEM, *_said(refused(error, settings)))
    return _finding(name, Mark.OK, f"the {name_of(settings)} may read what it is for")


async def great(name: str, settings: Credential, own: OktaClient, seeing: OktaClient) -> tuple[Finding, ...]:
    """That a credential of its own could do everything, if that shows; a service app is held back by its scopes."""
    if settings.client_id is not None:
        return ()
    try:
        roles = await seeing.roles((await own.me()).id)
    except OktaError:
        return ()
    if all(role.type != SUPER for role in roles):
        return ()
    what = "an API token of a Super Administrator: whoever gets hold of it owns the whole org"
    return (_finding(f"{name}: admin roles", Mark.PROBLEM, what, "use a service app with the scopes for this alone"),)


def _said(finding: Finding) -> tuple[str, str]:
    return finding.what, finding.fix


def _finding(name: str, mark: Mark, what: str, fix: str = "") -> Finding:
    return Finding(Area.OKTA, name, mark, what, fix)
