"""Whether a caller may do what it asks: the token, the scope, the role, and whom the role reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.okta.admins import Targets
from sandbox.okta.errors import InsufficientScopeError, OAuthError, OktaError
from sandbox.okta.groups import BUILT_IN
from sandbox.okta.principals import challenge, has_scope
from sandbox.okta.rights import Right, may_change
from sandbox.people import Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.catalogue import App
    from sandbox.okta.groups import OktaGroup
    from sandbox.okta.http import Request
    from sandbox.okta.org import Org
    from sandbox.okta.principals import Principal
    from sandbox.okta.users import User

_VIEWS = frozenset({Right.VIEW_USERS, Right.VIEW_ROLES, Right.VIEW_FACTORS})


def authenticate(org: Org, request: Request) -> Principal:
    """Who calls.

    Raises:
        OktaError: E0000005 or E0000011; the latter too when the person who made the API token has been deactivated, and when the key that an
            access token is bound to is not proved.
    """
    authorization = request.headers.get("authorization")
    principal = org.principals.caller(authorization, request.at)
    if authorization is not None and principal.thumbprint is not None:
        _prove(org, request, authorization.partition(" ")[2], principal.thumbprint)
    if principal.owner_id is not None and org.user(principal.owner_id).status == Status.DEPROVISIONED:
        raise OktaError("E0000011")
    return principal


def _prove(org: Org, request: Request, token: str, thumbprint: str) -> None:
    """Let the caller pass who holds the key that the token is bound to.

    Raises:
        OktaError: E0000011 with a challenge that says what is wrong with the proof.
    """
    try:
        org.proofs.check_bound(request, token, thumbprint, needs_nonce=org.settings.nonce_in_calls)
    except OAuthError as error:
        told = challenge("DPoP", error.body["error"], error.body["error_description"])
        raise OktaError("E0000011", headers=(*told, *error.headers)) from error


def authorize(org: Org, principal: Principal, scope: str, right: Right | None) -> None:
    """Let the caller pass if its scopes and one of its roles allow the operation at all.

    Raises:
        InsufficientScopeError: the access token lacks the scope.
        OktaError: E0000006, no role has the right.
    """
    if not has_scope(principal, scope):
        raise InsufficientScopeError(scope)
    if right is not None and not _with_right(org, principal, right):
        raise OktaError("E0000006")


def target(org: Org, principal: Principal, key: str, right: Right, *, by_id: bool = False) -> User:
    """The user whom a path names, if the caller may do this to them; `by_id` where the path takes no login.

    Raises:
        OktaError: E0000007 when there is none or the caller's groups hide them; E0000006 when the caller sees them, but may not do this.
    """
    user = _with_id(org, key) if by_id else _find(org, key)
    if user is None or not _visible(org, principal, user):
        raise OktaError("E0000007", f"{key} (User)")
    acts = right not in _VIEWS
    targets_roles = org.roles_of(user) if acts else frozenset[str]()
    roles = _with_right(org, principal, right)
    if not any(
        _reaches(org, principal, role, user) and may_change(org.admins.role(role), targets_roles) for role in roles
    ):
        raise OktaError("E0000006")
    return user


def owner(org: Org, principal: Principal) -> User:
    """Who made the API token: the `me` of a read, for which no right is needed.

    Raises:
        OktaError: E0000007 for a service app, which is nobody.
    """
    if principal.owner_id is None:
        raise OktaError("E0000007", "me (User)")
    return org.user(principal.owner_id)


def visible(org: Org, principal: Principal, users: Iterable[User]) -> list[User]:
    """Those of the users whom the caller may see."""
    return [user for user in users if _visible(org, principal, user)]


def group_target(org: Org, principal: Principal, group_id: str, right: Right) -> OktaGroup:
    """The group with this id, if the caller may do this to it; one with administrator roles only a super administrator may change.

    Raises:
        OktaError: E0000007 when there is none or the caller does not see it; E0000006 when the caller sees it, but may not do this.
    """
    group = next((one for one in groups_seen(org, principal) if one.id == group_id), None)
    if group is None:
        raise OktaError("E0000007", f"{group_id} (UserGroup)")
    changes = right is Right.MANAGE_MEMBERS
    roles = [role for role in _with_right(org, principal, right) if _reaches_group(org, principal, role, group)]
    if not roles or (changes and group.roles and "SUPER_ADMIN" not in roles):
        raise OktaError("E0000006")
    return group


def groups_seen(org: Org, principal: Principal) -> list[OktaGroup]:
    """The groups that the caller may see; Okta does not show Everyone to group administrators."""
    roles = _with_right(org, principal, Right.VIEW_GROUPS)
    return [
        group for group in org.groups.values() if any(_reaches_group(org, principal, role, group) for role in roles)
    ]


def app_target(org: Org, principal: Principal, app_id: str, right: Right) -> App:
    """The app with this id, if the caller may do this to it.

    Raises:
        OktaError: E0000007 when there is none or the caller does not see it; E0000006 when the caller sees it, but may not do this.
    """
    app = next((one for one in apps_seen(org, principal) if one.id == app_id), None)
    if app is None:
        raise OktaError("E0000007", f"{app_id} (AppInstance)")
    if not any(_reaches_app(org, principal, role, app) for role in _with_right(org, principal, right)):
        raise OktaError("E0000006")
    return app


def apps_seen(org: Org, principal: Principal) -> list[App]:
    """The apps that the caller may see."""
    roles = _with_right(org, principal, Right.VIEW_APPS)
    return [app for app in org.apps.by_id.values() if any(_reaches_app(org, principal, role, app) for role in roles)]


def _reaches_group(org: Org, principal: Principal, role: str, group: OktaGroup) -> bool:
    limits = _limits(org, principal, role)
    return (limits is None or group.id in limits) and not (role == "USER_ADMIN" and group.type == BUILT_IN)


def _with_id(org: Org, key: str) -> User | None:
    return next((user for user in org.users() if user.id == key), None)


def _find(org: Org, key: str) -> User | None:
    """By id, login, or the part of the login before the @ if only one has it. A `?` makes a login unreadable."""
    if "?" in key:
        return None
    try:
        return org.user(key)
    except KeyError:
        wanted = f"{key.lower()}@"
        found = [user for user in org.users() if user.login.lower().startswith(wanted)]
        return found[0] if len(found) == 1 else None


def _visible(org: Org, principal: Principal, user: User) -> bool:
    return any(_reaches(org, principal, role, user) for role in _with_right(org, principal, Right.VIEW_USERS))


def _reaches(org: Org, principal: Principal, role: str, user: User) -> bool:
    limits = _limits(org, principal, role)
    return limits is None or not limits.isdisjoint(user.group_ids)


def _limits(org: Org, principal: Principal, role: str) -> frozenset[str] | None:
    """The ids of the groups to which a role of the caller is limited; None for no limit."""
    if not org.admins.role(role).by_group:
        return None
    if principal.roles is not None:
        return principal.group_ids
    return _targets(org, owner(org, principal), role).group_ids or None


def _reaches_app(org: Org, principal: Principal, role: str, app: App) -> bool:
    if not org.admins.role(role).by_app:
        return True
    if principal.roles is not None:
        return principal.app_ids is None or app.id in principal.app_ids
    return app.id in (_targets(org, owner(org, principal), role).app_ids or {app.id})


def _targets(org: Org, user: User, role: str) -> Targets:
    """What a role of somebody is limited to; one that they have by a group is not."""
    by_group = {kind for group_id in user.group_ids for kind in org.roles_of_group(group_id)}
    return Targets() if role in by_group else org.admins.targets(user.id, role)


def _with_right(org: Org, principal: Principal, right: Right) -> list[str]:
    roles = principal.roles
    if roles is None:
        roles = org.roles_of(owner(org, principal))
    withheld = right in org.settings.withheld
    fitting = (role for role in roles if right in org.admins.role(role).rights)
    return [role for role in fitting if not withheld or role == "SUPER_ADMIN"]
