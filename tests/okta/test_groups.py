"""Groups: finding them, who is in them, and changing that."""

from datetime import timedelta
from typing import Final

import pytest

from okta.client import OktaClient
from okta.errors import InvalidRequestError, NotFoundError, NotPermittedError, StateConflictError
from okta.models import Group as OktaGroup
from okta.models import GroupType, OwnerType
from okta.search import eq
from sandbox.okta import Org
from sandbox.people import STAR, Group, okta_id
from tests.okta.clients import TOKEN, connect
from tests.okta.wire import said, wire

MAYA: Final = okta_id("00u", STAR)
BEN: Final = okta_id("00u", "ben.osei@northwind.example")
CARE, FINANCE, IT, ADMINS, FROM_AD, EVERYONE = (
    okta_id("00g", name)
    for name in (
        Group.CUSTOMER_CARE,
        Group.FINANCE,
        Group.IT,
        Group.OKTA_ADMINS,
        Group.AD_WAREHOUSE,
        Group.EVERYONE,
    )
)


async def members(okta: OktaClient, group_id: str, limit: int = 200) -> set[str]:
    """The ids of those whom the list shows."""
    return {user.id async for user in okta.members(group_id, limit=limit)}


async def test_groups_are_found(okta: OktaClient) -> None:
    """By the beginning of the name, by a search, by a filter, and all of them, over pages of any size."""
    assert [group.id async for group in okta.find_groups(q="custom")] == [CARE]
    assert [group.id async for group in okta.find_groups(search=eq("profile.name", "customer care"))] == [CARE]
    assert [group.id async for group in okta.find_groups(matching=eq("type", "APP_GROUP"))] == [FROM_AD]
    assert {group.id async for group in okta.find_groups(limit=3)} == {okta_id("00g", name) for name in Group}
    first = await anext(okta.find_groups(limit=3).pages())
    rest = {group.id async for group in okta.find_groups(cursor=first.cursor)}
    assert len(rest) == len(Group) - 3


async def test_stats_say_which_group_makes_administrators(okta: OktaClient) -> None:
    """Where they are asked for; else nobody knows."""
    stats = {group.id: group async for group in okta.find_groups(stats=True)}

    assert stats[ADMINS].has_admin_roles is True
    assert stats[CARE].has_admin_roles is False
    assert stats[CARE].embedded.stats.users_count == 5
    assert (await okta.group(ADMINS, stats=True)).has_admin_roles is True
    assert (await okta.group(ADMINS)).has_admin_roles is None


async def test_a_group_is_read(okta: OktaClient) -> None:
    """With its kind; one that is not there is not found, either way it is asked for."""
    care = await okta.group(CARE)

    assert (care.type, care.profile.name) == (GroupType.OKTA_GROUP, "Customer Care")
    assert (await okta.group(EVERYONE)).type == GroupType.BUILT_IN
    for stats in (False, True):
        with pytest.raises(NotFoundError):
            await okta.group("00gNothing", stats=stats)


async def test_membership_changes_at_once_and_lists_show_it_later(okta: OktaClient, org: Org) -> None:
    """The user's own groups are as of now; doing it again is no error and no effect."""
    for _ in range(2):
        await okta.add_member(FINANCE, MAYA)
    assert FINANCE in {group.id for group in await okta.groups(MAYA)}
    assert MAYA not in await members(okta, FINANCE)
    org.clock.advance(timedelta(seconds=5))
    assert MAYA in await members(okta, FINANCE, limit=1)

    for _ in range(2):
        await okta.remove_member(FINANCE, MAYA)
    assert MAYA in await members(okta, FINANCE)
    org.clock.advance(timedelta(seconds=5))
    assert MAYA not in await members(okta, FINANCE)
    assert [effect.kind for effect in org.effects] == [f"add:{FINANCE}", f"remove:{FINANCE}"]
    kinds = [event["eventType"] for event in org.log if event["eventType"].startswith("group.")]
    assert kinds == ["group.user_membership.add", "group.user_membership.remove"]
    assert (await okta.group(FINANCE)).last_membership_updated != (await okta.group(IT)).last_membership_updated


async def test_owners_and_apps_of_a_group(okta: OktaClient) -> None:
    """People and groups."""
    owners = [owner async for owner in okta.group_owners(CARE)]

    assert {(owner.type, owner.display_name) for owner in owners} == {
        (OwnerType.USER, "Jonas Lindqvist"),
        (OwnerType.USER, "Maya Okafor"),
    }
    assert all(owner.resolved for owner in owners)
    assert [owner.type async for owner in okta.group_owners(IT)] == [OwnerType.GROUP]
    assert {app.label async for app in okta.group_apps(CARE, limit=1)} == {"Salesforce", "Office"}


@pytest.mark.parametrize(("code", "kind"), [("E0000001", InvalidRequestError), ("E0000006", NotPermittedError)])
@pytest.mark.parametrize("group_id", [FROM_AD, EVERYONE])
async def test_members_from_elsewhere_are_not_changed_here(
    okta: OktaClient, org: Org, group_id: str, code: str, kind: type[Exception]
) -> None:
    """Okta does not say which way it refuses that."""
    org.settings.group_refusal = code

    with pytest.raises(kind):
        await okta.add_member(group_id, BEN)
    with pytest.raises(kind):
        await okta.remove_member(group_id, BEN)
    assert org.effects == []


@pytest.mark.parametrize("roles", [{"USER_ADMIN"}, {"GROUP_MEMBERSHIP_ADMIN"}, {"ORG_ADMIN"}])
async def test_only_a_super_administrator_makes_administrators(okta: OktaClient, org: Org) -> None:
    """The others change other groups."""
    with pytest.raises(NotPermittedError):
        await okta.add_member(ADMINS, MAYA)
    await okta.add_member(FINANCE, MAYA)
    assert [effect.kind for effect in org.effects] == [f"add:{FINANCE}"]


@pytest.mark.parametrize("roles", [{"USER_ADMIN"}])
async def test_a_group_administrator_does_not_see_everyone(okta: OktaClient) -> None:
    """Okta leaves that group out."""
    assert EVERYONE not in {group.id async for group in okta.find_groups()}
    with pytest.raises(NotFoundError):
        await okta.group(EVERYONE)


async def test_a_limited_administrator_reaches_its_groups_alone(org: Org, url: str) -> None:
    """Other groups and other people look as if they were not there."""
    org.add_token(TOKEN, roles={"GROUP_MEMBERSHIP_ADMIN"}, groups=[Group.CUSTOMER_CARE])
    async with connect(url) as okta:
        assert [group.id async for group in okta.find_groups()] == [CARE]
        await okta.remove_member(CARE, MAYA)
        for group_id, user_id in ((FINANCE, MAYA), (CARE, BEN)):
            with pytest.raises(NotFoundError):
                await okta.add_member(group_id, user_id)


async def test_rules_that_are_being_set_up() -> None:
    """Okta's 409 is a state that passes."""
    async with wire(said(409, '{"errorCode":"E0000249"}')) as server, connect(server.url) as okta:
        with pytest.raises(StateConflictError):
            await okta.add_member(CARE, MAYA)
    assert (server.asked[0].method, server.asked[0].target) == ("PUT", f"/api/v1/groups/{CARE}/users/{MAYA}")


@pytest.mark.parametrize("embedded", ["null", "[]", '{"stats":null}', '{"stats":{"hasAdminPrivlege":"no"}}'])
async def test_stats_that_cannot_be_read_are_unknown(embedded: str) -> None:
    """And never taken for a no."""
    body = f'[{{"id":"{CARE}","type":"NEW_KIND","_embedded":{embedded}}}]'
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        found: OktaGroup = await okta.group(CARE, stats=True)

    assert found.has_admin_roles is None
    assert found.type == "NEW_KIND"


async def test_a_filter_that_finds_another_group_finds_none() -> None:
    """A gateway's idea of an answer is not the group that was asked for."""
    async with wire(said(200, '[{"id":"00gOther"}]')) as server, connect(server.url) as okta:
        with pytest.raises(NotFoundError):
            await okta.group(CARE, stats=True)
