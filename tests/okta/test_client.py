"""Every call of the client against the twin: what it reads, what it changes, and how Okta refuses it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta.client import OktaClient
from okta.errors import (
    Executed,
    FeatureDisabledError,
    InvalidRequestError,
    InvalidTokenError,
    NotFoundError,
    NotPermittedError,
    StateConflictError,
)
from okta.models import Provider, Status
from okta.search import eq
from sandbox.okta import Org
from sandbox.people import BOT_OWNER, STAR, okta_id
from tests.okta.clients import TOKEN, Bearer, connect
from tests.okta.properties import patient
from tests.okta.wire import said, wire

MAYA = okta_id("00u", STAR)
BLOCKED = okta_id("00u", "yusuf.demir@northwind.example")
FROM_AD = okta_id("00u", "diego.santos@northwind.example")
NOT_LOCKED = okta_id("00u", "ben.osei@northwind.example")
SUSPENDED = okta_id("00u", "omar.haddad@northwind.example")
ADMIN = okta_id("00u", "grace.adeyemi@northwind.example")
ADMIN_BY_GROUP = okta_id("00u", "ruth.mensah@northwind.example")

HELP_DESK = pytest.mark.parametrize("roles", [{"HELP_DESK_ADMIN"}])


@pytest.mark.parametrize("key", [STAR, STAR.upper(), "maya.okafor"])
async def test_a_user_is_read_by_login(okta: OktaClient, key: str) -> None:
    """In any case, and by the part before the @ alone."""
    maya = await okta.user(key)

    assert maya.id == MAYA
    assert maya.status == Status.LOCKED_OUT
    assert maya.provider == Provider.OKTA
    assert (maya.profile.login, maya.profile.email, maya.profile.name) == (STAR, STAR, "Maya Okafor")


async def test_a_user_is_read_by_id(okta: OktaClient) -> None:
    """With the times, and with what Okta offers to do now."""
    maya = await okta.user(MAYA)

    assert "unlock" in maya.operations
    assert maya.status_changed
    assert maya.last_login
    assert maya.created
    assert maya.created < maya.status_changed
    assert maya.transitioning_to_status is None


async def test_a_directory_user_shows_where_the_password_is(okta: OktaClient) -> None:
    """And neither when it was changed, nor an unlock that Okta would not do."""
    diego = await okta.user(FROM_AD)

    assert diego.provider == Provider.ACTIVE_DIRECTORY
    assert diego.credentials.provider.name == "northwind.example"
    assert diego.password_changed is None
    assert "unlock" not in diego.operations


async def test_nobody_is_not_found(okta: OktaClient) -> None:
    """The error says what was called and which request it was, and not who was looked for."""
    with pytest.raises(NotFoundError) as caught:
        await okta.user("nobody@northwind.example")

    error = caught.value
    assert (error.operation, error.status, error.code) == ("user", 404, "E0000007")
    assert error.request_id
    assert str(error) == f"user: not there, or not visible, HTTP 404, E0000007, request {error.request_id}"


@pytest.mark.parametrize("key", ["", ".", "..", "me"])
async def test_what_is_no_user_is_not_asked_for(okta: OktaClient, org: Org, key: str) -> None:
    """Each would be another path than that of a user; nothing is sent."""
    calls = [okta.user, okta.blocks, okta.groups, okta.roles, okta.unlock, okta.clear_sessions]
    for call in calls:
        with pytest.raises(InvalidRequestError):
            await call(key)

    assert org.calls == []


@patient
@given(
    st.text(st.characters(codec=None), min_size=1)
    | st.sampled_from(["../groups", "a?b=c", "a#b", "%2e%2e", "a;b", "\ud800"])
)
async def test_a_login_never_becomes_another_path(login: str) -> None:
    """Whatever stands in it is one segment below the users."""
    async with wire() as server, connect(server.url) as okta:
        try:
            await okta.unlock(login)
        except InvalidRequestError:
            assert login in {".", "..", "me"}
            return

    (asked,) = server.asked
    assert re.fullmatch(r"/api/v1/users/[^/?#;]+/lifecycle/unlock", asked.target)


async def test_me_is_the_owner_of_the_token(okta: OktaClient) -> None:
    """A token needs no right to read that."""
    assert (await okta.me()).profile.login == BOT_OWNER


async def test_a_user_who_is_active_and_blocked(okta: OktaClient) -> None:
    """The status shows nothing of it; the blocks do."""
    yusuf = await okta.user(BLOCKED)
    (block,) = await okta.blocks(yusuf.id)

    assert yusuf.status == Status.ACTIVE
    assert block.type == "DEVICE_BASED"
    assert block.on_unknown_devices
    assert await okta.blocks(ADMIN) == ()


async def test_blocks_without_the_feature(okta: OktaClient, org: Org) -> None:
    """Okta's 401 there is not about the token, and is not taken for it."""
    org.settings.user_blocks = False

    with pytest.raises(FeatureDisabledError) as caught:
        await okta.blocks(BLOCKED)

    assert (caught.value.status, caught.value.code) == (401, "E0000015")
    assert (await okta.user(BLOCKED)).status == Status.ACTIVE


async def test_groups_of_a_user(okta: OktaClient) -> None:
    """Of each kind, with and without a description."""
    groups = await okta.groups(FROM_AD)

    assert [(group.profile.name, group.type) for group in groups] == [
        ("Everyone", "BUILT_IN"),
        ("Warehouse", "OKTA_GROUP"),
        ("northwind.example\\Warehouse Staff", "APP_GROUP"),
    ]
    assert groups[0].profile.description == "All users in your organization"
    assert groups[1].profile.description is None
    assert all(group.id.startswith("00g") for group in groups)


async def test_roles_of_a_user(okta: OktaClient) -> None:
    """Those held directly and those by a group; most people have none."""
    (direct,) = await okta.roles(ADMIN)
    (by_group,) = await okta.roles(ADMIN_BY_GROUP)

    assert (direct.type, direct.assignment_type, direct.status) == ("SUPER_ADMIN", "USER", "ACTIVE")
    assert (by_group.type, by_group.assignment_type) == ("HELP_DESK_ADMIN", "GROUP")
    assert by_group.label == "Help Desk Administrator"
    assert await okta.roles(MAYA) == ()


@HELP_DESK
async def test_a_help_desk_token_may_not_read_roles(okta: OktaClient) -> None:
    """Which is no reason to think that somebody has none."""
    with pytest.raises(NotPermittedError) as caught:
        await okta.roles(MAYA)

    assert (caught.value.status, caught.value.code) == (403, "E0000006")
    assert caught.value.missing_scopes == frozenset()


@HELP_DESK
@pytest.mark.parametrize("user_id", [MAYA, BLOCKED])
async def test_unlock(okta: OktaClient, org: Org, user_id: str) -> None:
    """Locked out, or active and blocked: afterwards neither, done once."""
    await okta.unlock(user_id)

    unlocked = await okta.user(user_id)
    assert unlocked.status == Status.ACTIVE
    assert await okta.blocks(user_id) == ()
    assert [(effect.kind, effect.user_id) for effect in org.effects] == [("unlock", unlocked.id)]


@HELP_DESK
@pytest.mark.parametrize("user_id", [NOT_LOCKED, SUSPENDED, FROM_AD])
async def test_unlock_of_who_cannot_be_unlocked(okta: OktaClient, org: Org, user_id: str) -> None:
    """Not locked, suspended, or locked by a directory: surely nothing was done."""
    with pytest.raises(StateConflictError) as caught:
        await okta.unlock(user_id)

    assert (caught.value.status, caught.value.code, caught.value.executed) == (403, "E0000032", Executed.NO)
    assert org.effects == []


async def test_unlock_of_a_directory_user_where_the_org_allows_it(okta: OktaClient, org: Org) -> None:
    """Okta's own lock goes; what the directory holds, Okta does not know."""
    org.settings.directory_unlock = True

    await okta.unlock(FROM_AD)

    assert (await okta.user(FROM_AD)).status == Status.ACTIVE
    assert org.user(FROM_AD).locked_in_directory


@HELP_DESK
async def test_unlock_of_an_administrator(okta: OktaClient, org: Org) -> None:
    """A help desk token does not reach one."""
    org.lock(ADMIN)

    with pytest.raises(NotPermittedError) as caught:
        await okta.unlock(ADMIN)

    assert caught.value.executed is Executed.NO
    assert org.effects == []


async def test_clear_sessions(okta: OktaClient, org: Org) -> None:
    """None is left; a second time there is nothing to do, and that is no error."""
    org.sign_in(ADMIN)

    await okta.clear_sessions(ADMIN)
    await okta.clear_sessions(ADMIN)

    assert org.user(ADMIN).sessions == 0
    assert [effect.kind for effect in org.effects] == ["sessions"]


@pytest.mark.parametrize("pipeline", ["idx", "v1"])
async def test_organization(url: str, org: Org, pipeline: str) -> None:
    """For anybody, whatever the token; which engine it is can be told."""
    org.settings.pipeline = pipeline
    org.revoke(TOKEN)

    async with connect(url) as okta:
        organization = await okta.organization()

    assert organization.pipeline == pipeline
    assert organization.id.startswith("00o")


async def test_organization_is_read_without_the_token() -> None:
    """An address that is not Okta's does not get to see it."""
    async with wire() as server, connect(server.url) as okta:
        await okta.organization()
        await okta.me()

    public, signed = server.asked
    assert public.all("authorization") == []
    assert signed.all("authorization") == [f"SSWS {TOKEN}"]


async def test_a_token_that_was_revoked(okta: OktaClient, org: Org) -> None:
    """Is refused as our own credential, on reads and writes alike; nothing was done."""
    org.revoke(TOKEN)

    for call in (okta.user, okta.unlock):
        with pytest.raises(InvalidTokenError) as caught:
            await call(MAYA)
        assert (caught.value.status, caught.value.code, caught.value.executed) == (401, "E0000011", Executed.NO)
        assert caught.value.advice.endswith("make a new one")


async def test_an_access_token_without_the_scope(url: str, org: Org) -> None:
    """Okta names the scope in a header and sends no body; the error has it, so that the fix can be told."""
    org.add_bearer("ReadingOnly", scopes={"okta.users.read"}, roles={"HELP_DESK_ADMIN"})

    async with connect(url, auth=Bearer("ReadingOnly")) as okta:
        maya = await okta.user(STAR)
        with pytest.raises(NotPermittedError) as caught:
            await okta.unlock(maya.id)

    assert (caught.value.status, caught.value.code, caught.value.executed) == (403, "insufficient_scope", Executed.NO)
    assert caught.value.missing_scopes == {"okta.users.manage"}


async def test_an_access_token_that_has_expired(url: str) -> None:
    """OAuth's name for it means the same as Okta's code."""
    async with connect(url, auth=Bearer("Unknown")) as okta:
        with pytest.raises(InvalidTokenError):
            await okta.user(STAR)


async def test_a_read_only_client_reads_and_does_not_write(url: str, org: Org) -> None:
    """Refused before anything is sent, by the name of the call."""
    async with connect(url, read_only=True) as okta:
        maya = await okta.user(STAR)
        for call in (okta.unlock, okta.clear_sessions):
            with pytest.raises(Exception, match=f"^{call.__name__}: refused, since only reading is allowed$") as caught:
                await call(maya.id)
            assert caught.value.executed is Executed.NO  # type: ignore[attr-defined]  # the match says which error it is

    assert [call.method for call in org.calls] == ["GET"]


async def test_an_expression_that_is_too_long_for_an_address(okta: OktaClient, org: Org) -> None:
    """Is our own fault, and fails as every other call does."""
    with pytest.raises(InvalidRequestError):
        _ = [user async for user in okta.users(search=eq("profile.email", "x" * 70_000))]

    assert org.calls == []


async def test_what_okta_calls_wrong_is_our_fault(okta: OktaClient) -> None:
    """With Okta's own words for it, kept apart from the message."""
    with pytest.raises(InvalidRequestError) as caught:
        _ = [user async for user in okta.users(search=eq("profile.nonsense", "x"))]

    assert (caught.value.status, caught.value.code) == (400, "E0000031")
    assert caught.value.told.untrusted_summary == "Invalid search criteria."
    assert "nonsense" in caught.value.told.untrusted_causes[0]
    assert "nonsense" not in str(caught.value)


async def test_each_request_is_signed_and_named() -> None:
    """With one user agent, one host, and no cookie of an earlier answer."""
    async with wire(said(200, "{}", ("Set-Cookie", "sid=1; Path=/"))) as server, connect(server.url) as okta:
        await okta.me()
        await okta.unlock("00u1")

    for asked in server.asked:
        assert asked.all("user-agent") == ["unlatch/test"]
        assert asked.all("accept") == ["application/json"]
        assert asked.all("host") == [server.url.removeprefix("http://")]
        assert asked.all("cookie") == []
    assert [(asked.method, asked.target) for asked in server.asked] == [
        ("GET", "/api/v1/users/me"),
        ("POST", "/api/v1/users/00u1/lifecycle/unlock"),
    ]
