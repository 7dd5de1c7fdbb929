"""Who may do what: tokens, scopes, administrator roles, groups that limit them, and accounts that are protected."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.okta.principals import BEARER_LIFE, UNUSED_LIFE
from sandbox.okta.rights import ROLES, Right
from sandbox.okta.routes import ROUTES
from sandbox.people import BOT_OWNER, EMPLOYEES, STAR, Group, Status, okta_id
from tests.sandbox.okta.api import ADMIN, Api, code, handles, login
from tests.sandbox.okta.conftest import LAG

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from sandbox.clock import Clock
    from sandbox.okta import Org

MAYA, JONAS = EMPLOYEES[0], EMPLOYEES[1]

DEMANDS: Final[dict[Right, tuple[str, str]]] = {
    Right.VIEW_USERS: ("GET", f"/api/v1/users/{MAYA.id}"),
    Right.VIEW_ROLES: ("GET", f"/api/v1/users/{MAYA.id}/roles"),
    Right.VIEW_CREDENTIALS: ("GET", "/api/v1/api-tokens"),
    Right.VIEW_LOGS: ("GET", "/api/v1/logs"),
    Right.VIEW_ORG: ("GET", "/api/v1/org"),
    Right.UNLOCK: ("POST", f"/api/v1/users/{MAYA.id}/lifecycle/unlock"),
    Right.CLEAR_SESSIONS: ("DELETE", f"/api/v1/users/{MAYA.id}/sessions"),
    Right.EXPIRE_PASSWORD: ("POST", f"/api/v1/users/{JONAS.id}/lifecycle/expire_password"),
    Right.LIFECYCLE: ("POST", f"/api/v1/users/{JONAS.id}/lifecycle/suspend"),
    Right.RESET_PASSWORD: ("POST", f"/api/v1/users/{JONAS.id}/lifecycle/reset_password?sendEmail=true"),
    Right.VIEW_FACTORS: ("GET", f"/api/v1/users/{JONAS.id}/factors"),
    Right.RESET_FACTORS: ("POST", f"/api/v1/users/{JONAS.id}/lifecycle/reset_factors"),
    Right.VERIFY_FACTORS: ("POST", f"/api/v1/users/{JONAS.id}/factors/{{push}}/verify"),
    Right.VIEW_POLICIES: ("GET", "/api/v1/policies?type=PASSWORD"),
    Right.VIEW_AUTHENTICATORS: ("GET", "/api/v1/authenticators"),
    Right.VIEW_GROUPS: ("GET", "/api/v1/groups"),
    Right.MANAGE_MEMBERS: ("PUT", f"/api/v1/groups/{okta_id('00g', Group.FINANCE)}/users/{MAYA.id}"),
    Right.VIEW_APPS: ("GET", "/api/v1/apps"),
    Right.ASSIGN_APPS: ("PUT", f"/api/v1/apps/{okta_id('0oa', 'Payroll')}/groups/{okta_id('00g', Group.STORES)}"),
    Right.MANAGE_HOOKS: ("GET", "/api/v1/eventHooks"),
}
"""A request that each right is needed for, and that is legal."""

_ALL = frozenset(Right)
_FACTORS = frozenset({Right.VIEW_FACTORS, Right.RESET_FACTORS, Right.VERIFY_FACTORS})
MAY: Final[dict[str, frozenset[Right]]] = {
    "SUPER_ADMIN": _ALL,
    "ORG_ADMIN": _ALL - {Right.VIEW_ROLES, Right.VIEW_CREDENTIALS, Right.MANAGE_HOOKS},
    "USER_ADMIN": _FACTORS
    | {Right.VIEW_USERS, Right.UNLOCK, Right.EXPIRE_PASSWORD, Right.LIFECYCLE, Right.RESET_PASSWORD}
    | {Right.VIEW_GROUPS, Right.MANAGE_MEMBERS},
    "HELP_DESK_ADMIN": _FACTORS | {Right.VIEW_USERS, Right.UNLOCK, Right.CLEAR_SESSIONS, Right.RESET_PASSWORD},
    "GROUP_MEMBERSHIP_ADMIN": frozenset({Right.VIEW_USERS, Right.VIEW_GROUPS, Right.MANAGE_MEMBERS}),
    "APP_ADMIN": frozenset({Right.VIEW_USERS, Right.VIEW_LOGS, Right.VIEW_GROUPS, Right.VIEW_APPS, Right.ASSIGN_APPS}),
    "READ_ONLY_ADMIN": frozenset(
        {Right.VIEW_USERS, Right.VIEW_LOGS, Right.VIEW_ORG, Right.VIEW_FACTORS, Right.VIEW_POLICIES}
        | {Right.VIEW_GROUPS, Right.VIEW_APPS}
    ),
    "REPORT_ADMIN": frozenset({Right.VIEW_LOGS}),
    "API_ACCESS_MANAGEMENT_ADMIN": frozenset(),
}
"""Okta's comparison table of administrator roles, as far as the twin goes."""


def test_the_tables_are_whole() -> None:
    """A role or a right that joins has to be told here."""
    assert DEMANDS.keys() == set(Right)
    assert MAY.keys() == ROLES.keys()


@pytest.mark.parametrize(("role", "right"), [*product(MAY, Right)])
async def test_every_role_with_every_right(org: Org, as_role: Callable[..., Api], role: str, right: Right) -> None:
    """Allowed or 403, and nothing happens on a 403."""
    method, path = DEMANDS[right]
    push = org.user(JONAS.id).factors[0].id
    answer = await as_role(role).send(method, path.format(push=push))

    if right in MAY[role]:
        assert answer.is_success, answer.text
    else:
        assert code(answer) == (403, "E0000006")
        assert org.effects == []


@pytest.mark.parametrize("right", [Right.VIEW_FACTORS, Right.RESET_PASSWORD])
async def test_an_org_may_withhold_a_right(org: Org, as_role: Callable[..., Api], right: Right) -> None:
    """Where Okta is silent a bot has to be ready for either; super administrators keep it."""
    org.settings.withheld = frozenset({right})
    method, path = DEMANDS[right]

    assert code(await as_role("HELP_DESK_ADMIN", "ORG_ADMIN").send(method, path)) == (403, "E0000006")
    assert (await as_role("SUPER_ADMIN").send(method, path)).is_success


async def test_roles_add_up(as_role: Callable[..., Api]) -> None:
    """What Help Desk lacks, Report has; nobody without a role may do anything."""
    both, none = as_role("HELP_DESK_ADMIN", "REPORT_ADMIN"), as_role()

    assert (await both.logs()).is_success
    assert (await both.act(MAYA.id, "unlock")).is_success
    assert code(await none.users()) == (403, "E0000006")


ADMIN_ROUTES = [route for route in ROUTES if route.scope is not None]


@pytest.mark.parametrize(
    ("authorization", "status", "error"),
    [
        (None, 403, "E0000005"),
        ("", 403, "E0000005"),
        (ADMIN, 403, "E0000005"),
        (f"Basic {ADMIN}", 403, "E0000005"),
        (f"ssws {ADMIN}", 403, "E0000005"),
        (f"SSWS{ADMIN}", 403, "E0000005"),
        ("SSWS", 401, "E0000011"),
        ("SSWS 00TWrong", 401, "E0000011"),
        (f"SSWS  {ADMIN}", 401, "E0000011"),
        (f"SSWS {ADMIN.lower()}", 401, "E0000011"),
        (f"Bearer {ADMIN}", 401, "E0000011"),
        ("Bearer wrong", 401, "E0000011"),
        ("SSWS access-token", 401, "E0000011"),
    ],
)
async def test_who_shows_no_good_token_stays_out(
    org: Org, http: httpx.AsyncClient, authorization: str | None, status: int, error: str
) -> None:
    """At every endpoint but the public one; a refused bearer token is told how to show a good one."""
    org.add_bearer("access-token", scopes=["okta.users.manage"], roles=["SUPER_ADMIN"])
    caller = Api(http, authorization)

    for route in ADMIN_ROUTES:
        answer = await caller.send(route.method, route.path.replace("{id}", MAYA.id).replace("{userId}", MAYA.id))
        assert code(answer) == (status, error), route
        is_challenged = answer.headers.get("www-authenticate", "").startswith('Bearer error="invalid_token"')
        assert is_challenged == ((authorization or "").startswith("Bearer"))
    assert (await caller.get("/.well-known/okta-organization")).is_success
    assert org.effects == []
    assert {call.principal for call in org.calls} == {""}


async def test_a_revoked_token_is_void(org: Org, api: Api) -> None:
    """From then on."""
    assert (await api.user("me")).is_success
    org.revoke(ADMIN)

    assert code(await api.user("me")) == (401, "E0000011")


async def test_a_token_dies_with_the_account_of_its_maker(org: Org, api: Api) -> None:
    """Deactivation does it; a lock does not."""
    org.lock(BOT_OWNER)
    assert (await api.user("me")).is_success
    org.set_status(BOT_OWNER, Status.DEPROVISIONED)

    assert code(await api.user("me")) == (401, "E0000011")


async def test_a_token_that_is_not_used_for_a_month_is_void(api: Api, clock: Clock) -> None:
    """Each use starts the month anew, even one that is refused."""
    for _ in range(3):
        clock.advance(UNUSED_LIFE - timedelta(minutes=1))
        assert code(await api.user("nobody")) == (404, "E0000007")
    clock.advance(UNUSED_LIFE)

    assert code(await api.user("me")) == (401, "E0000011")


async def test_an_access_token_lives_an_hour_however_much_it_is_used(
    org: Org, http: httpx.AsyncClient, clock: Clock
) -> None:
    """Unlike an API token."""
    org.add_bearer("access-token", scopes=["okta.users.read"], roles=["READ_ONLY_ADMIN"])
    caller = Api(http, "Bearer access-token")
    clock.advance(BEARER_LIFE - timedelta(minutes=1))
    assert (await caller.user(STAR)).is_success
    clock.advance(timedelta(minutes=1))

    answer = await caller.user(STAR)

    assert code(answer) == (401, "E0000011")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


async def test_an_api_token_may_do_what_its_maker_may_now(org: Org, http: httpx.AsyncClient) -> None:
    """Roles are looked up at each request."""
    org.add_token("00TOfGrace", owner="grace.adeyemi@northwind.example")
    org.add_token("00TOfRuth", owner="ruth.mensah@northwind.example")
    grace, ruth = Api(http, "SSWS 00TOfGrace"), Api(http, "SSWS 00TOfRuth")

    assert (await ruth.act(MAYA.id, "unlock")).is_success
    assert code(await ruth.logs()) == (403, "E0000006")
    assert (await grace.logs()).is_success
    org.change("grace.adeyemi@northwind.example", roles=())
    assert code(await grace.logs()) == (403, "E0000006")
    assert (await grace.user("me")).json()["profile"]["login"] == "grace.adeyemi@northwind.example"


@pytest.mark.parametrize("route", ADMIN_ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_an_access_token_needs_the_scope(org: Org, http: httpx.AsyncClient, route: object) -> None:
    """403 without a body; the header says which scope. Every other scope does not help, the role neither."""
    assert isinstance(route, type(ROUTES[0]))
    assert route.scope is not None
    others = {other.scope for other in ADMIN_ROUTES if other.scope} - {
        route.scope,
        route.scope.replace(".read", ".manage"),
    }
    org.add_bearer("access-token", scopes=others, roles=["SUPER_ADMIN"])
    path = route.path.replace("{id}", JONAS.id).replace("{userId}", JONAS.id)

    answer = await Api(http, "Bearer access-token").send(route.method, path)

    assert (answer.status_code, answer.content) == (403, b"")
    told = answer.headers["www-authenticate"]
    assert told.startswith("Bearer ")
    assert f'scope="{route.scope}"' in told
    assert 'error="insufficient_scope"' in told
    assert org.effects == []


async def test_scope_and_role_must_both_allow(org: Org, http: httpx.AsyncClient) -> None:
    """`.manage` includes `.read`; a scope that no role backs is worth nothing."""
    org.add_bearer("strong", scopes=["okta.users.manage"], roles=["HELP_DESK_ADMIN"])
    org.add_bearer("weak", scopes=["okta.users.manage", "okta.logs.read"], roles=["READ_ONLY_ADMIN"])
    strong, weak = Api(http, "Bearer strong"), Api(http, "Bearer weak")

    assert (await strong.user(STAR)).is_success
    assert code(await weak.act(MAYA.id, "unlock")) == (403, "E0000006")
    assert (await weak.logs()).is_success
    assert (await strong.act(MAYA.id, "unlock")).is_success


async def test_a_service_app_is_nobody(org: Org, http: httpx.AsyncClient) -> None:
    """`me` is for API tokens."""
    org.add_bearer("access-token", scopes=["okta.users.read"], roles=["SUPER_ADMIN"])

    assert code(await Api(http, "Bearer access-token").user("me")) == (404, "E0000007")


@pytest.mark.parametrize("role", [name for name, role in ROLES.items() if role.by_group and role.rights])
async def test_groups_hide_everybody_else(org: Org, as_role: Callable[..., Api], role: str) -> None:
    """By id, by login, in every list, for reading and for acting: as if the others were not there."""
    caller = as_role(role, groups=[Group.CUSTOMER_CARE])
    priya = org.user(login("priya.raman"))
    care = {one.handle for one in EMPLOYEES if one.department is Group.CUSTOMER_CARE}

    for key in (priya.id, priya.login, "priya.raman"):
        assert code(await caller.user(key)) == (404, "E0000007")
    assert code(await caller.get(f"/api/v1/users/{priya.id}/groups")) == (404, "E0000007")
    if Right.UNLOCK in ROLES[role].rights:
        assert code(await caller.act(priya.id, "unlock")) == (404, "E0000007")
        assert (await caller.act(MAYA.id, "unlock")).is_success
    assert set(handles(await caller.users(search="id pr"))) == care
    assert handles(await caller.users(q="priya")) == []
    assert (await caller.user(STAR)).is_success
    assert (await caller.user("me")).is_success


async def test_whoever_joins_a_group_comes_into_reach(org: Org, as_role: Callable[..., Api], clock: Clock) -> None:
    """At once by id, later in lists."""
    caller = as_role("HELP_DESK_ADMIN", groups=[Group.FINANCE])
    org.join(STAR, Group.FINANCE)

    assert (await caller.user(MAYA.id)).is_success
    assert "maya.okafor" not in handles(await caller.users(search="id pr"))
    clock.advance(LAG)
    assert "maya.okafor" in handles(await caller.users(search="id pr"))


async def test_a_wide_role_widens_what_is_seen_and_no_more(as_role: Callable[..., Api]) -> None:
    """Read-only sees all; the limited Help Desk still acts on its groups alone, and then it is 403."""
    caller = as_role("READ_ONLY_ADMIN", "HELP_DESK_ADMIN", groups=[Group.FINANCE])

    assert (await caller.user(MAYA.id)).is_success
    assert code(await caller.act(MAYA.id, "unlock")) == (403, "E0000006")


@pytest.mark.parametrize(
    ("role", "ordinary", "lesser_admin", "super_admin"),
    [
        ("SUPER_ADMIN", True, True, True),
        ("ORG_ADMIN", True, True, False),
        ("HELP_DESK_ADMIN", True, False, False),
        ("USER_ADMIN", True, False, False),
    ],
)
async def test_administrators_are_protected(
    org: Org, as_role: Callable[..., Api], role: str, *, ordinary: bool, lesser_admin: bool, super_admin: bool
) -> None:
    """From those below them, whether they have the role themselves or by a group; they can still be seen."""
    caller = as_role(role)
    whom = {"jonas.lindqvist": ordinary, "ruth.mensah": lesser_admin, "grace.adeyemi": super_admin}

    for handle, allowed in whom.items():
        user = org.change(login(handle), status=Status.LOCKED_OUT)
        assert (await caller.user(user.id)).is_success
        answer = await caller.act(user.id, "unlock")
        if allowed:
            assert answer.is_success
        else:
            assert code(answer) == (403, "E0000006")
            assert org.user(user.id).status == "LOCKED_OUT"


async def test_the_log_names_who_did_it(org: Org, http: httpx.AsyncClient) -> None:
    """For an API token its maker and the token's id, for a service app the app."""
    token = org.add_token("00TOfRuth", owner="ruth.mensah@northwind.example")
    bearer = org.add_bearer("access-token", scopes=["okta.users.manage"], roles=["SUPER_ADMIN"])
    await Api(http, "SSWS 00TOfRuth").act(MAYA.id, "unlock")
    await Api(http, "Bearer access-token").act(JONAS.id, "suspend")

    by_ruth, by_app = org.log[-2:]

    assert by_ruth["actor"]["alternateId"] == "ruth.mensah@northwind.example"
    assert by_ruth["transaction"]["detail"] == {"requestApiTokenId": token.id}
    assert by_ruth["target"][0]["id"] == MAYA.id
    assert by_app["actor"]["id"] == by_app["client"]["id"] == bearer.id
    assert by_app["transaction"]["detail"] == {}
    assert {call.principal for call in org.calls} == {token.id, bearer.id}
    assert all("00TOfRuth" not in repr(entry) for entry in (*org.log, *org.calls))


@pytest.mark.parametrize("make", ["add_token", "add_bearer"])
def test_a_token_with_a_role_that_okta_lacks_is_a_mistake(org: Org, make: str) -> None:
    """Better said than granted."""
    more: dict[str, list[str]] = {"scopes": []} if make == "add_bearer" else {}

    with pytest.raises(ValueError, match="KING"):
        getattr(org, make)("token", roles=["KING"], **more)
