"""Every endpoint in every outcome, held against Okta's published description of its API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sandbox.clock import Clock
from sandbox.okta import Fault, Org, okta_app
from sandbox.okta.admin_shapes import Assignment
from sandbox.okta.authorization import INTROSPECT_PATH, TOKEN_PATH
from sandbox.okta.routes import ROUTES
from sandbox.people import BOT_OWNER, STAR, Group, okta_id
from sandbox.serve import serve
from tests.okta.receiver import willing
from tests.okta.wire import wire
from tests.sandbox.okta.api import ADMIN, Api, client
from tests.sandbox.okta.assertions import APP, PUBLIC, form, proof
from tests.sandbox.okta.challenges import every_challenge
from tests.sandbox.okta.description import DEFECTS, Problem, judge, problems, scopes
from tests.sandbox.okta.hooks import hook_of, wanted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sandbox.okta.routes import Route

NOBODY = "00uNobodyHasThisIdAtAll"

WHOM = {
    "activate": "nina.petrova",
    "reactivate": "tom.becker",
    "suspend": "jonas.lindqvist",
    "unsuspend": "omar.haddad",
    "deactivate": "omar.haddad",
    "unlock": "maya.okafor",
    "expire_password": "ruth.mensah",
    "expire_password_with_temp_password": "ruth.mensah",
    "reset_password": "maya.okafor",
    "reset_factors": "maya.okafor",
}
"""Somebody for whom each lifecycle operation is legal."""

NOT_WHOM = dict.fromkeys(WHOM, "victor.lang") | {"activate": "jonas.lindqvist"}
"""Somebody for whom it is not."""

_QUERIES: dict[str, dict[str, str]] = {
    "/api/v1/users/{id}/lifecycle/reset_password": {"sendEmail": "false"},
    "/api/v1/policies": {"type": "PASSWORD"},
}
"""What an endpoint does not do without."""

CUSTOM = "Front Desk"
_OF_THE_APP = Assignment("HELP_DESK_ADMIN", "CLIENT", APP)

_MAKING_HOOKS = {("POST", "/api/v1/eventHooks"), ("PUT", "/api/v1/eventHooks/{eventHookId}")}

_WITH_BODY = ("POST", "/api/v1/apps/{appId}/users")
"""What wants to be told whom."""

ALL_WAYS = (
    "/api/v1/groups?q=cust&limit=1&expand=stats",
    "/api/v1/groups?q=cust&after=made-up",
    '/api/v1/groups?search=profile.name co "o"&limit=2',
    '/api/v1/groups?filter=type eq "APP_GROUP"&expand=stats',
    '/api/v1/groups?filter=profile.name eq "x"',
    '/api/v1/groups?filter=id eq "1"&search=id eq "1"',
    f"/api/v1/groups/{okta_id('00g', Group.IT)}/owners?limit=1",
    "/api/v1/apps?q=sales&limit=1&useOptimization=true",
    '/api/v1/apps?filter=status eq "ACTIVE"',
    '/api/v1/apps?filter=label eq "x"',
    "/api/v1/apps?q=sales&after=made-up",
    f"/api/v1/apps/{okta_id('0oa', 'Salesforce')}/groups?limit=5",
    f"/api/v1/apps/{okta_id('0oa', 'Staff Handbook')}",
    f"/api/v1/users/{STAR}/linkedObjects/nothing",
    f"/api/v1/users/{STAR}/linkedObjects/subordinate",
    "/api/v1/users/jonas.lindqvist/linkedObjects/subordinate",
    "/api/v1/policies",
    "/api/v1/policies?type=KING",
    "/api/v1/policies?type=MFA_ENROLL",
    "/api/v1/policies?type=PASSWORD&limit=1&status=ACTIVE&q=Fin",
    "/api/v1/policies?type=PASSWORD&after=made-up",
    '/api/v1/users?search=status eq "ACTIVE"&sortBy=profile.lastName&sortOrder=desc&limit=2',
    '/api/v1/users?filter=status eq "LOCKED_OUT"&fields=id,status,profile:(login,email)',
    "/api/v1/users?q=ma&limit=3",
    "/api/v1/users?search=profile.nothing eq 1",
    "/api/v1/users?filter=status eq",
    '/api/v1/users?filter=lastUpdated gt "yesterday"',
    '/api/v1/users?filter=id eq "1"&search=id eq "1"',
    "/api/v1/users?after=made-up",
    "/api/v1/users/me?expand=blocks",
    "/api/v1/logs",
    "/api/v1/logs?limit=1",
    "/api/v1/logs?limit=0&sortOrder=DESCENDING",
    "/api/v1/logs?since=2020-01-01T00:00:00Z",
    "/api/v1/logs?since=never",
    '/api/v1/logs?filter=eventType eq "user.account.lock"&q=lock&since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z',
    '/api/v1/logs?filter=published eq "x"',
    f"/oauth2/v1/clients/{APP}/roles/{_OF_THE_APP.id}/targets/groups?limit=1",
    f"/oauth2/v1/clients/{APP}/roles/{_OF_THE_APP.id}/targets/groups?after=made-up",
    f"/oauth2/v1/clients/{APP}/roles/{Assignment('APP_ADMIN', 'CLIENT', APP).id}/targets/catalog/apps?limit=1",
    f"/oauth2/v1/clients/{APP}/roles/nothing/targets/groups",
    "/oauth2/v1/clients/nothing/roles",
    "/api/v1/groups/nothing/roles",
    f"/api/v1/groups/{okta_id('00g', Group.OKTA_ADMINS)}/roles",
    "/api/v1/iam/roles/nothing/permissions",
    "/api/v1/iam/assignees/users?limit=1",
    "/api/v1/iam/assignees/users?after=made-up",
    f"/api/v1/apps/{APP}/grants?expand=scope",
    "/api/v1/apps/nothing/grants",
    "/api/v1/api-tokens/nothing",
    "/api/v1/nothing/of/the/kind",
)


class Outcomes:
    """An org whose answers are collected, conforming or not; a receiver of event hooks listens at `hook_url`."""

    def __init__(self, org: Org, url: str, http: httpx.AsyncClient, hook_url: str) -> None:
        self.org = org
        self._hook_url = hook_url
        self.admin = Api(http, f"SSWS {ADMIN}")
        self._url = url
        self._http = http

    async def as_caller(self, authorization: str | None, route: Route, whom: str) -> httpx.Response:
        """The endpoint as somebody else calls it."""
        return await self._ask(route, self._id(whom), authorization)

    async def all_of(self, route: Route) -> None:
        """The endpoint in each outcome it can have."""
        whom, not_whom = self._somebody(route)
        await self._refused(route, whom)
        await self._failing(route, whom)
        for user in self.org.users() if route.of_user and route.method == "GET" else ():
            await self._ask(route, user.id)
        for user_id in (self._id(not_whom), self._id(whom), self._id(whom)):
            await self._ask(route, user_id)

    async def _ask(self, route: Route, user_id: str, authorization: str | None = f"SSWS {ADMIN}") -> httpx.Response:
        caller = Api(self._http, authorization)
        if route.path == TOKEN_PATH:
            return await caller.http.post(route.path, data=form(APP, f"{self._url}{route.path}", self.org.clock.now()))
        if route.path == INTROSPECT_PATH:
            self.org.add_bearer("shown", scopes=["okta.users.read"], roles=(), client=APP)
            asked = form(APP, f"{self._url}{route.path}", self.org.clock.now()) | {"token": "shown"}
            return await caller.http.post(route.path, data=asked)
        body: dict[str, Any] | None = {"id": user_id} if (route.method, route.path) == _WITH_BODY else None
        if (route.method, route.path) in _MAKING_HOOKS:
            body = wanted("" if user_id == self._id("victor.lang") else "Signal", self._hook_url)
        return await caller.send(route.method, self._path(route, user_id), body=body, **_QUERIES.get(route.path, {}))

    def _path(self, route: Route, user_id: str) -> str:
        """A path of the route that leads somewhere, if there is somewhere to lead."""
        factors = next((user.factors for user in self.org.users() if user.id == user_id), ())
        factor = next(iter(factors), None)
        names = {"id": user_id, "userId": user_id, "factorId": factor.id if factor else "opfGone"}
        app, group = self.org.apps.named("Salesforce").id, okta_id("00g", Group.CUSTOMER_CARE)
        names |= {"userIdOrLogin": user_id, "relationshipName": "manager", "appId": app, "groupId": group}
        names |= {"clientId": APP, "roleIdOrLabel": CUSTOM, "apiTokenId": okta_id("00T", ADMIN)}
        in_person = Assignment("USER_ADMIN", "USER", user_id) if "/users/" in route.path else _OF_THE_APP
        names |= {"roleAssignmentId": in_person.id}
        names |= {"policyId": next(iter(self.org.policies)).id, "transactionId": "v2mst.gone"}
        names["eventHookId"] = self._hook(route, user_id) if "{eventHookId}" in route.path else ""
        if factor is not None and factor.type == "push" and "{transactionId}" in route.path:
            user, now = self.org.user(user_id), self.org.clock.now()
            push = self.org.verifier.ask(user, factor, now, timedelta(minutes=5), numbers=True, agent="pytest")
            names["transactionId"] = push.id
        return route.path.format_map(names)

    def _hook(self, route: Route, user_id: str) -> str:
        """A hook for which the operation is legal, unless the user is somebody for whom none is."""
        if user_id == NOBODY:
            return "whoNobodyHasThisId"
        legal = user_id != self._id("victor.lang")
        hook_url = self._hook_url if legal else "https://receiver.example/"
        hook = hook_of(hook_url, active=not (legal and route.method == "DELETE"))
        return self.org.hooks.keep(hook).id

    def _id(self, handle: str) -> str:
        return self.org.user(f"{handle}@northwind.example").id

    def _somebody(self, route: Route) -> tuple[str, str]:
        operation = route.path.rpartition("/")[2]
        return WHOM.get(operation, "jonas.lindqvist"), NOT_WHOM.get(operation, "victor.lang")

    async def _refused(self, route: Route, whom: str) -> None:
        self.org.add_bearer("nothing", scopes=(), roles=())  # anew: over all the routes more than its hour goes by
        for authorization in (None, "Basic x", "SSWS unknown", "Bearer unknown", "Bearer nothing", "SSWS nothing"):
            await self.as_caller(authorization, route, whom)
        await self._ask(route, NOBODY)
        await self.admin.send("PATCH", self._path(route, self._id(whom)))

    async def _failing(self, route: Route, whom: str) -> None:
        user_id = self._id(whom)
        for fault in (
            Fault.CONCURRENCY,
            Fault.ERROR_500,
            Fault.UNAVAILABLE_503,
            Fault.READ_ONLY_503,
            Fault.GATEWAY_502,
        ):
            self.org.faults.order("*", "**", fault)
            await self._ask(route, user_id)
        self.org.faults.order("*", "**", Fault.RATE_LIMIT, seconds=60)
        await self._ask(route, user_id)
        self.org.clock.advance(timedelta(seconds=61))


def _new_org() -> Org:
    org = Org(Clock())
    org.add_token(ADMIN, roles={"SUPER_ADMIN"}, owner="grace.adeyemi@northwind.example")
    org.add_token("nothing", roles=())
    custom = org.add_custom_role(CUSTOM, ["okta.users.read", "okta.users.lifecycle.unlock"])
    held = ("HELP_DESK_ADMIN", "APP_ADMIN", custom.id)
    org.add_service_app(
        APP,
        [PUBLIC],
        scopes=["okta.users.read"],
        roles=held,
        groups=[Group.IT],
        apps=["Salesforce", "Payroll"],
        dpop=False,
    )
    org.give_role("jonas.lindqvist@northwind.example", "USER_ADMIN", groups=[Group.STORES], apps=["Payroll"])
    org.give_role("jonas.lindqvist@northwind.example", custom.id)
    org.settings.pipeline = "v1"  # forgot_password is for Classic Engine alone
    for login in (STAR, BOT_OWNER):
        org.sign_in(login)
        org.sign_in_fails(login)
    org.clock.advance(timedelta(minutes=1))
    return org


@pytest.fixture
async def outcomes() -> AsyncIterator[Outcomes]:
    """An org with something of everything; an answer that does not conform fails the test."""
    org = _new_org()
    async with wire(willing) as receiver, serve(okta_app(org)) as url, client(url) as http:
        yield Outcomes(org, url, http, receiver.url)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_outcome_of_an_endpoint_conforms(outcomes: Outcomes, route: Route) -> None:
    """Granted, refused for each reason there is, and failing: status, body and parameters are as described."""
    await outcomes.all_of(route)

    statuses = {call.status for call in outcomes.org.calls}
    assert {429, 500, 503} <= statuses
    assert statuses & {200, 201, 204}
    if route.scope is not None:
        assert {401, 403} <= statuses


@pytest.mark.parametrize("path", ALL_WAYS)
async def test_every_way_to_ask_conforms(outcomes: Outcomes, path: str) -> None:
    """Each parameter, used well and badly."""
    answer = await outcomes.admin.get(path)

    assert answer.status_code in {200, 400, 404}


async def test_every_challenge_conforms(outcomes: Outcomes) -> None:
    """Codes and pushes, in each way they can end."""
    await every_challenge(outcomes.org, outcomes.admin)

    assert {201, 403, 404, 423, 429} <= {call.status for call in outcomes.org.calls}


async def every_way_to_a_token(org: Org, http: httpx.AsyncClient) -> None:
    """Refused for want of everything, of a proof, of a nonce, of a scope; granted; used without its proof; and asked about by nobody."""
    org.service_apps[APP].dpop = True
    url = f"{http.base_url.copy_with(path=TOKEN_PATH)}"

    async def ask(scope: str = "okta.users.read", **headers: str) -> httpx.Response:
        return await http.post(url, data=form(APP, url, org.clock.now(), scope=scope), headers=headers)

    await http.post(url, data={})
    await http.post(url, data={"grant_type": "client_credentials"})
    await http.post(url, json={})
    await ask()
    await ask(DPoP=proof("POST", url, org.clock.now()))
    nonce = org.proofs.nonce(org.clock.now())
    await ask("okta.logs.read", DPoP=proof("POST", url, org.clock.now(), nonce=nonce))
    org.service_apps[APP].networks = False
    await ask()
    org.service_apps[APP].networks = True
    granted = await ask(DPoP=proof("POST", url, org.clock.now(), nonce=nonce))
    for scheme in ("Bearer", "DPoP"):
        await Api(http, f"{scheme} {granted.json()['access_token']}").users()
    await http.post(INTROSPECT_PATH, data={"token": "x"})


async def test_every_way_to_a_token_conforms(outcomes: Outcomes) -> None:
    """In OAuth's words at the token endpoint, in Okta's at the others."""
    await every_way_to_a_token(outcomes.org, outcomes.admin.http)

    assert [call.status for call in outcomes.org.calls] == [400, 401, 400, 400, 400, 400, 403, 200, 400, 401, 401]


async def test_every_listed_defect_is_still_needed() -> None:
    """What Okta has mended, and what the twin no longer answers, leaves the list."""
    org = _new_org()
    org.settings.auto_unlock_minutes = 1
    org.lock("clara.novak@northwind.example")
    org.clock.advance(timedelta(minutes=5))
    found: set[Problem] = set()

    async def collect(response: httpx.Response) -> None:
        await response.aread()
        found.update(problems(response.request, response))

    hooks: Any = {"response": [collect]}
    async with (
        wire(willing) as receiver,
        serve(okta_app(org)) as url,
        httpx.AsyncClient(base_url=url, event_hooks=hooks) as http,
    ):
        everything = Outcomes(org, url, http, receiver.url)
        for route in ROUTES:
            org.add_bearer("nothing", scopes=(), roles=())  # one of an hour ago is void
            await everything.all_of(route)
        org.clock.advance(timedelta(minutes=1))
        for path in ALL_WAYS:
            await everything.admin.get(path)
        await every_challenge(org, everything.admin)
        await every_way_to_a_token(org, http)

    assert list(_idle(found)) == []


def _idle(found: set[Problem]) -> Iterator[str]:
    for defect in DEFECTS:
        seen = {problem.where for problem in found if defect.excuses(problem)}
        yield from (f"{defect.kind} {where}: {defect.reason}" for where in defect.where - seen)
        doers = {problem.operation for problem in found if defect.excuses(problem)}
        yield from (f"{defect.kind} {operation}: {defect.reason}" for operation in defect.operations - doers)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_scope_of_an_endpoint_is_the_described_one(route: Route) -> None:
    """An access token that Okta would refuse is refused here, by the path's name in the description."""
    described = scopes(route.method, route.path)

    if (route.of_user and route.path.endswith("/deactivate")) or (
        route.method == "DELETE" and route.path.endswith("/{transactionId}")
    ):
        assert described is None  # the first is left out of the part that is kept here, the second is a link alone
        assert route.scope == "okta.users.manage"
    elif route.path == INTROSPECT_PATH:
        assert (described, route.scope) == (None, None)  # left out as well; what it does is in RFC 7662
    elif route.path == TOKEN_PATH:
        assert (described, route.scope) == (set(), None)  # how a client shows who it is is no scope
    elif route.path.endswith("/me"):
        assert described is None
        assert {route.scope} == scopes(route.method, "/api/v1/users/{id}")
    else:
        assert described == ({route.scope} if route.scope else set())


def _answer(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


@pytest.mark.parametrize(
    ("path", "answer", "where"),
    [
        ("/api/v1/users/00u1", _answer(200, {"id": 5}), "id"),
        ("/api/v1/users/00u1", _answer(200, {"created": "yesterday"}), "created"),
        ("/api/v1/users/00u1", _answer(200, {"status": "GONE"}), "status"),
        ("/api/v1/users/00u1", _answer(200, {"invented": 1}), "invented"),
        ("/api/v1/users/00u1", _answer(200, {"credentials": {"provider": {"kind": 1}}}), "credentials.provider.kind"),
        ("/api/v1/users/00u1", _answer(418, {"errorCode": "E1"}), "418"),
        ("/api/v1/users/00u1", httpx.Response(200), "200"),
        ("/api/v1/users?serach=x", _answer(200, []), "serach"),
        ("/api/v1/users?limit=some", _answer(200, []), "limit"),
        ("/api/v1/users", _answer(200, [{"profile": {"login": None}}, {"profile": {}}]), "[].profile.login"),
        ("/api/v1/nowhere", _answer(200, {}), "nowhere"),
        ("/api/v1/users/00u1", _answer(403, {"errorCauses": {}}), "errorCauses"),
    ],
)
def test_the_judge_sees(path: str, answer: httpx.Response, where: str) -> None:
    """A judge that lets everything pass would make every test above worthless."""
    found = judge(httpx.Request("GET", f"http://127.0.0.1{path}"), answer)

    assert where in {problem.where for problem in found}
