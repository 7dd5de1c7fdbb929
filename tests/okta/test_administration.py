"""What the doctor and the check for protected people ask: the org, its roles, grants and tokens."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import pytest

from okta.client import OktaClient
from okta.errors import BadLinkError, LostAnswerError, NotFoundError, NotPermittedError
from okta.models import ApiToken, AppTarget, Role, TokenNetwork
from sandbox.okta import Org
from sandbox.okta.principals import UNUSED_LIFE
from sandbox.people import BOT_OWNER, Group, Status, okta_id
from tests.okta.apps import APP, key, private, public, sign_in
from tests.okta.clients import TOKEN, Bearer, connect
from tests.okta.wire import said, wire

GRACE, RUTH, JONAS, MAYA = (
    okta_id("00u", f"{handle}@northwind.example")
    for handle in ("grace.adeyemi", "ruth.mensah", "jonas.lindqvist", "maya.okafor")
)
ADMINS, STORES, IT = (okta_id("00g", name) for name in (Group.OKTA_ADMINS, Group.STORES, Group.IT))
PERMISSIONS: Final = ("okta.users.read", "okta.users.lifecycle.unlock")


def service_app(org: Org, *roles: str, groups: list[str] | None = None, apps: list[str] | None = None) -> None:
    """Have the org know a service app with these roles."""
    keys = [public(private("ES256", 1), kid="key-1")]
    org.add_service_app(APP, keys, scopes={"okta.users.read", "okta.logs.read"}, roles=roles, groups=groups, apps=apps)


def everything(okta: OktaClient) -> list[Callable[[], Awaitable[object]]]:
    """Every call for which one must be allowed to view administrators."""
    return [
        lambda: okta.roles(MAYA),
        lambda: okta.group_roles(ADMINS),
        lambda: okta.client_roles(APP),
        lambda: anext(aiter(okta.role_target_groups(MAYA, "ra1"))),
        lambda: anext(aiter(okta.role_target_apps(MAYA, "ra1"))),
        lambda: anext(aiter(okta.client_role_target_groups(APP, "ra1"))),
        lambda: anext(aiter(okta.client_role_target_apps(APP, "ra1"))),
        lambda: okta.role_permissions("Front Desk"),
        lambda: anext(aiter(okta.administrators())),
        lambda: okta.grants(APP),
        okta.api_tokens,
        lambda: okta.api_token("00T1"),
    ]


def signed(org: Org) -> set[str]:
    """Who has called the org, by id; nobody for a call without a credential."""
    return {call.principal for call in org.calls}


async def test_the_org_says_where_its_people_get_help(okta: OktaClient) -> None:
    """What nobody filled in is None."""
    settings = await okta.org_settings()

    assert (settings.company_name, settings.subdomain, settings.status) == (
        "Northwind Outfitters",
        "northwind",
        "ACTIVE",
    )
    assert settings.end_user_support_help_url == "https://help.northwind.example"
    assert settings.support_phone_number == "+31 20 555 0100"
    assert settings.expires_at is None


@pytest.mark.parametrize("roles", [{"HELP_DESK_ADMIN"}])
async def test_a_help_desk_token_may_not_read_the_org(okta: OktaClient) -> None:
    """Though its scope would do."""
    with pytest.raises(NotPermittedError) as caught:
        await okta.org_settings()

    assert (caught.value.status, caught.value.code) == (403, "E0000006")


async def test_the_authorization_server_introduces_itself(okta: OktaClient, org: Org, url: str) -> None:
    """Without a credential, and it is ours that it speaks of."""
    said_of_itself = await okta.openid_configuration()
    (key,) = await okta.keys()

    assert said_of_itself.issuer == url
    assert said_of_itself.token_endpoint == f"{url}/oauth2/v1/token"
    assert said_of_itself.introspection_endpoint == f"{url}/oauth2/v1/introspect"
    assert said_of_itself.jwks_uri == f"{url}/oauth2/v1/keys"
    assert "private_key_jwt" in said_of_itself.token_endpoint_auth_methods_supported
    assert "private_key_jwt" in said_of_itself.introspection_endpoint_auth_methods_supported
    assert "ES256" in said_of_itself.dpop_signing_alg_values_supported
    assert "client_credentials" in said_of_itself.grant_types_supported
    assert (key.kty, key.alg, key.use, bool(key.kid)) == ("RSA", "RS256", "sig", True)
    assert signed(org) == {""}


async def test_what_everybody_may_read_counts_towards_no_limit(okta: OktaClient, org: Org) -> None:
    """However much else is counted."""
    org.limits.per_minute = dict.fromkeys(org.limits.per_minute, 1)

    for _ in range(3):
        await okta.openid_configuration()
        await okta.keys()

    assert [call.status for call in org.calls] == [200] * 6


@pytest.mark.parametrize("body", ["{}", '{"keys":null}', '{"keys":"none"}', "[]"])
async def test_keys_that_cannot_be_read_are_not_none(body: str) -> None:
    """An answer without a list of keys is not the authorization server's."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError):
            await okta.keys()


@pytest.mark.parametrize(
    "roles", [{"HELP_DESK_ADMIN"}, {"ORG_ADMIN"}, {"READ_ONLY_ADMIN", "APP_ADMIN", "REPORT_ADMIN"}]
)
async def test_only_a_super_administrator_views_administrators(okta: OktaClient, org: Org) -> None:
    """Whoever else asks is refused, and does not take that for nobody."""
    service_app(org)
    for call in everything(okta):
        with pytest.raises(NotPermittedError) as caught:
            await call()
        assert (caught.value.status, caught.value.code) == (403, "E0000006")


async def test_without_the_scope_nobody_views_administrators(org: Org, url: str) -> None:
    """The refusal names it."""
    org.add_bearer("token", scopes=["okta.users.read"], roles=["SUPER_ADMIN"])
    named = set[str]()
    async with connect(url, auth=Bearer("token")) as okta:
        for call in everything(okta):
            with pytest.raises(NotPermittedError) as caught:
                await call()
            named |= caught.value.missing_scopes
    assert named == {"okta.roles.read", "okta.appGrants.read", "okta.apiTokens.read"}


async def test_what_is_not_there_is_not_found(okta: OktaClient, org: Org) -> None:
    """Neither a holder nor an assignment nor a role nor an app nor a token."""
    service_app(org, "HELP_DESK_ADMIN")
    for call in (
        okta.roles("00uNobody"),
        okta.group_roles("00gNothing"),
        okta.client_roles("0oaNothing"),
        anext(aiter(okta.role_target_groups(MAYA, "ra1Nothing"))),
        anext(aiter(okta.role_target_apps("00uNobody", "ra1Nothing"))),
        anext(aiter(okta.client_role_target_groups(APP, "ra1Nothing"))),
        anext(aiter(okta.client_role_target_apps("0oaNothing", "ra1Nothing"))),
        okta.role_permissions("SUPER_ADMIN"),
        okta.grants("0oaNothing"),
        okta.api_token("00TNothing"),
    ):
        with pytest.raises(NotFoundError):
            await call


async def test_roles_say_who_holds_them(okta: OktaClient, org: Org) -> None:
    """The person, a group, or a service app."""
    service_app(org, "HELP_DESK_ADMIN")
    (direct,) = await okta.roles(GRACE)
    (by_group,) = await okta.roles(RUTH)
    (of_group,) = await okta.group_roles(ADMINS)
    (of_app,) = await okta.client_roles(APP)

    assert (direct.assignment_type, direct.assignee_id, direct.is_custom) == ("USER", GRACE, False)
    assert (by_group.assignment_type, by_group.assignee_id) == ("GROUP", ADMINS)
    assert of_group == by_group
    assert (of_app.assignment_type, of_app.assignee_id, of_app.type) == ("CLIENT", APP, "HELP_DESK_ADMIN")
    assert await okta.group_roles(STORES) == ()


async def test_a_custom_role_says_what_it_allows(okta: OktaClient, org: Org) -> None:
    """By its id or its label; its type says nothing."""
    made = org.add_custom_role("Front Desk", PERMISSIONS)
    org.give_role(JONAS, made.id)

    (role,) = await okta.roles(JONAS)

    assert (role.type, role.is_custom, role.label, role.assignee_id) == ("CUSTOM", True, "Front Desk", JONAS)
    assert (role.role, role.resource_set) == (made.id, made.resource_set)
    for name in (role.role, "Front Desk"):
        assert tuple(permission.label for permission in await okta.role_permissions(name)) == PERMISSIONS


async def test_a_custom_role_allows_what_it_says(org: Org, url: str) -> None:
    """And nothing else, nobody outside its groups, and no administrator."""
    made = org.add_custom_role("Front Desk", PERMISSIONS)
    org.give_role(BOT_OWNER, made.id, groups=[Group.CUSTOMER_CARE, Group.OKTA_ADMINS])
    org.add_token(TOKEN)

    async with connect(url) as okta:
        await okta.unlock(MAYA)
        for call in (okta.clear_sessions(MAYA), okta.unlock(RUTH), okta.roles(MAYA)):
            with pytest.raises(NotPermittedError):
                await call
        with pytest.raises(NotFoundError):
            await okta.user(GRACE)

    assert [(effect.kind, effect.user_id) for effect in org.effects] == [("unlock", MAYA)]


async def test_a_role_by_a_group_is_not_limited(org: Org, url: str) -> None:
    """Whatever the same role is limited to that somebody holds in person."""
    org.give_role("ruth.mensah@northwind.example", "HELP_DESK_ADMIN", groups=[Group.STORES])
    org.add_token(TOKEN, owner="ruth.mensah@northwind.example")

    async with connect(url) as okta:
        await okta.unlock(MAYA)

    assert [effect.kind for effect in org.effects] == ["unlock"]


async def test_a_limited_app_administrator_reaches_its_apps_alone(org: Org, url: str) -> None:
    """Others look as if they were not there, or are not its to assign."""
    payroll, office = okta_id("0oa", "Payroll"), okta_id("0oa", "Office")
    org.give_role(BOT_OWNER, "APP_ADMIN", apps=["Payroll"])
    org.add_token(TOKEN)
    async with connect(url) as okta:
        assert [app.label async for app in okta.apps()] == ["Payroll"]
        await okta.assign_app(payroll, MAYA)
        for call in (okta.app(office), okta.assign_app(office, MAYA)):
            with pytest.raises(NotFoundError):
                await call
        org.give_role(BOT_OWNER, "READ_ONLY_ADMIN")
        assert (await okta.app(office)).label == "Office"
        with pytest.raises(NotPermittedError):
            await okta.assign_app(office, MAYA)

    assert [effect.kind for effect in org.effects] == [f"assign:{payroll}"]


async def test_a_limited_service_app_reaches_its_apps_alone(org: Org, url: str) -> None:
    """By the limits of its role."""
    service_app(org, "APP_ADMIN", apps=["Payroll"])
    org.service_apps[APP].scopes.add("okta.apps.read")
    async with connect(url, auth=sign_in(org.clock.now, keys=[key()], scopes=["okta.apps.read"])) as okta:
        assert [app.label async for app in okta.apps()] == ["Payroll"]


async def test_targets_of_a_user(okta: OktaClient, org: Org) -> None:
    """Groups and apps; none of them is no limit."""
    org.give_role(JONAS, "USER_ADMIN", groups=[Group.STORES, Group.IT])
    org.give_role(JONAS, "APP_ADMIN", apps=["Salesforce", "Payroll"])
    org.give_role(JONAS, "HELP_DESK_ADMIN")
    by_type = {role.type: role.id for role in await okta.roles(JONAS)}

    assert {group.id async for group in okta.role_target_groups(JONAS, by_type["USER_ADMIN"])} == {STORES, IT}
    assert [group async for group in okta.role_target_groups(JONAS, by_type["HELP_DESK_ADMIN"])] == []
    assert [app async for app in okta.role_target_apps(JONAS, by_type["USER_ADMIN"])] == []
    assert [app async for app in okta.role_target_apps(JONAS, by_type["APP_ADMIN"])] == [
        AppTarget(okta_id("0oa", "Payroll"), "northwind_payroll_1", "Payroll", "ACTIVE"),
        AppTarget("", "salesforce", "Salesforce", "ACTIVE"),
    ]


async def test_targets_of_a_service_app(okta: OktaClient, org: Org) -> None:
    """Those of each role alone; without any it reaches everybody."""
    service_app(org, "HELP_DESK_ADMIN", "APP_ADMIN", "REPORT_ADMIN", groups=[Group.STORES], apps=["Payroll"])
    by_type = {role.type: role.id for role in await okta.client_roles(APP)}

    reached = {
        kind: [
            *[group.profile.name async for group in okta.client_role_target_groups(APP, role_id)],
            *[app.display_name async for app in okta.client_role_target_apps(APP, role_id)],
        ]
        for kind, role_id in by_type.items()
    }

    assert reached == {"HELP_DESK_ADMIN": ["Stores"], "APP_ADMIN": ["Payroll"], "REPORT_ADMIN": []}
    service_app(org, "HELP_DESK_ADMIN", "APP_ADMIN")
    assert [group async for group in okta.client_role_target_groups(APP, by_type["HELP_DESK_ADMIN"])] == []
    assert [app async for app in okta.client_role_target_apps(APP, by_type["APP_ADMIN"])] == []


async def test_targets_come_in_pages(okta: OktaClient, org: Org) -> None:
    """As many as there are."""
    names = [f"Team {number:03}" for number in range(250)]
    for name in names:
        org.add_group(name)
    org.give_role(JONAS, "USER_ADMIN", groups=names)
    (role,) = await okta.roles(JONAS)

    assert {group.profile.name async for group in okta.role_target_groups(JONAS, role.id)} == set(names)
    assert sum(call.path.endswith("/targets/groups") for call in org.calls) == 2


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_administrators_over_pages_of_any_size(okta: OktaClient, org: Org, limit: int) -> None:
    """The link to the next page is in the body."""
    org.give_role(JONAS, "REPORT_ADMIN")

    assert {admin.id async for admin in okta.administrators(limit=limit)} == {GRACE, RUTH, JONAS}
    pages = [page async for page in okta.administrators(limit=limit).pages()]
    assert pages[-1].cursor is None
    assert sum(len(page.records) for page in pages) == 3
    assert pages[0].records[0].orn.endswith(f":users:{pages[0].records[0].id}")


async def test_an_org_may_leave_out_who_is_one_by_a_group(okta: OktaClient, org: Org) -> None:
    """Since Okta does not say that it does not."""
    org.settings.lists_by_group = False

    assert {admin.id async for admin in okta.administrators()} == {GRACE}


@pytest.mark.parametrize(
    "links",
    [
        '{"next":{"href":"https://a\\ud800"}}',
        '"none"',
        "[]",
        '{"next":"there"}',
        '{"next":{"href":7}}',
        '{"next":{}}',
        '{"next":[]}',
    ],
)
async def test_a_link_that_cannot_be_read_is_not_the_end(links: str) -> None:
    """A list of administrators that is cut short would leave somebody unprotected."""
    async with (
        wire(said(200, f'{{"value":[{{"id":"00u1"}}],"_links":{links}}}')) as server,
        connect(server.url) as okta,
    ):
        with pytest.raises(BadLinkError):
            assert [admin async for admin in okta.administrators()]


@pytest.mark.parametrize("end", ["", ',"_links":null', ',"_links":{}', ',"_links":{"next":null}'])
async def test_the_end_of_a_list_of_administrators(end: str) -> None:
    """In each way in which it may be told."""
    async with wire(said(200, f'{{"value":[{{"id":"00u1"}}]{end}}}')) as server, connect(server.url) as okta:
        assert [admin.id async for admin in okta.administrators()] == ["00u1"]


async def test_a_list_of_administrators_is_followed_to_our_org_alone() -> None:
    """And in no circle."""
    body = '{"value":[],"_links":{"next":{"href":"%s/api/v1/iam/assignees/users?limit=100"}}}'
    for origin in ("http://127.0.0.1:1", None):
        async with wire() as server, connect(server.url) as okta:
            server.answers[:] = [said(200, body % (origin or server.url))]
            with pytest.raises(BadLinkError):
                assert [admin async for admin in okta.administrators()]
        assert len(server.asked) == 1


@pytest.mark.parametrize("body", ["{}", "[]", '{"value":null,"permissions":null}', '{"value":{},"permissions":"all"}'])
async def test_a_list_that_cannot_be_read_is_not_empty(body: str) -> None:
    """Neither of administrators nor of permissions."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError):
            assert [admin async for admin in okta.administrators()]
        with pytest.raises(LostAnswerError):
            await okta.role_permissions("cr01")


async def test_grants_of_apps(okta: OktaClient, org: Org) -> None:
    """A service app's scopes; other apps have none."""
    service_app(org)
    grants = await okta.grants(APP)

    assert {(grant.scope_id, grant.status, grant.client_id) for grant in grants} == {
        ("okta.logs.read", "ACTIVE", APP),
        ("okta.users.read", "ACTIVE", APP),
    }
    assert await okta.grants(okta_id("0oa", "Payroll")) == ()


async def test_api_tokens(okta: OktaClient, org: Org) -> None:
    """Whose they are and until when they are good, but never what they are."""
    org.clock.advance(timedelta(days=3))
    other = org.add_token("00Other", owner="grace.adeyemi@northwind.example", name="Scripts")
    tokens = {token.name: token for token in await okta.api_tokens()}
    ours = tokens["Unlatch"]

    assert tokens.keys() == {"Unlatch", "Scripts"}
    assert (ours.user_id, ours.client_name, ours.token_window) == (org.user(BOT_OWNER).id, "Okta API", "P30D")
    assert (ours.network.connection, ours.network.include, ours.network.exclude) == ("ANYWHERE", (), ())
    assert ours.created is not None
    assert ours.last_updated is not None
    assert ours.expires_at == ours.last_updated + UNUSED_LIFE
    assert timedelta(days=2, hours=23) < ours.last_updated - ours.created < timedelta(days=3, hours=1)
    assert await okta.api_token(other.id) == tokens["Scripts"]
    assert TOKEN not in repr(tokens)


async def test_api_tokens_that_are_void_are_not_listed(okta: OktaClient, org: Org) -> None:
    """Unused for thirty days, revoked, or of somebody who has left."""
    org.add_token("00Unused", name="Unused")
    org.clock.advance(timedelta(days=20))
    await okta.me()
    org.add_token("00Revoked", name="Revoked")
    org.add_token("00Left", name="Left", owner="jonas.lindqvist@northwind.example")
    assert {token.name for token in await okta.api_tokens()} == {"Unlatch", "Unused", "Revoked", "Left"}

    org.clock.advance(timedelta(days=10, seconds=1))
    org.revoke("00Revoked")
    org.set_status(JONAS, Status.DEPROVISIONED)

    assert [token.name for token in await okta.api_tokens()] == ["Unlatch"]


async def test_odd_fields_do_not_cost_a_record() -> None:
    """A network zone of the wrong kind, a role's link that is none, a moment that is none."""
    token = '{"id":"00T1","name":"x","network":"anywhere","expiresAt":"soon"}'
    role = '{"id":"ra1","type":"NEW","assignmentType":"ROBOT","_links":{"assignee":[]},"resource-set":3}'
    async with wire(said(200, f"[{token}]"), said(200, f"[{role}]")) as server, connect(server.url) as okta:
        assert await okta.api_tokens() == (ApiToken("00T1", "x"),)
        (found,) = await okta.roles("00u1")

    assert found == Role("ra1", "NEW", assignment_type="ROBOT")
    assert found.assignee_id == ""


async def test_a_token_may_be_good_from_some_networks_alone() -> None:
    """Which zones those are is told by their ids."""
    network = '{"connection":"ZONE","include":["nzo1"],"exclude":["nzo2","nzo3"]}'
    async with wire(said(200, f'{{"id":"00T1","network":{network}}}')) as server, connect(server.url) as okta:
        token = await okta.api_token("00T1")

    assert token.network == TokenNetwork("ZONE", ("nzo1",), ("nzo2", "nzo3"))
