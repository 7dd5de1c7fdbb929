"""Whose manager is who: one live user, or a named reason."""

from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta.client import OktaClient
from okta.errors import BadLinkError, NotFoundError
from okta.managers import NoManager, manager
from okta.models import Profile, User
from sandbox.okta import Org
from sandbox.people import STAR, okta_id
from tests.okta.clients import connect
from tests.okta.properties import patient
from tests.okta.wire import said, wire


def login(handle: str) -> str:
    """A login of the cast."""
    return f"{handle}@northwind.example"


JONAS: Final = okta_id("00u", login("jonas.lindqvist"))
CLARA: Final = login("clara.novak")


async def ask(okta: OktaClient, who: str, **how: str) -> str:
    """The id of somebody's manager, or why there is none."""
    found = await manager(okta, await okta.user(who), **how)
    return found.id if isinstance(found, User) else found


async def test_a_link_decides_where_there_is_one(okta: OktaClient) -> None:
    """Without one the text does, which for Clara names another."""
    assert await ask(okta, CLARA, relationship="manager") == JONAS
    assert await ask(okta, CLARA) == okta_id("00u", STAR)
    assert await ask(okta, STAR, relationship="manager") == JONAS
    assert len(await okta.linked_objects(JONAS, "subordinate")) == 2
    with pytest.raises(NotFoundError):
        await ask(okta, CLARA, relationship="boss")


async def test_the_relationships_of_the_org(okta: OktaClient) -> None:
    """Both ends."""
    [one] = await okta.linked_object_definitions()

    assert (one.primary.name, one.associated.name) == ("manager", "subordinate")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (JONAS, JONAS),
        (login("JONAS.lindqvist"), JONAS),
        (f" {JONAS} ", JONAS),
        ("jonas.lindqvist", NoManager.NOT_FOUND),  # a short name is no login
        ("", NoManager.NONE_GIVEN),
        ("  ", NoManager.NONE_GIVEN),
        (None, NoManager.NONE_GIVEN),
        ("me", NoManager.NOT_FOUND),
        ("..", NoManager.NOT_FOUND),
        ("a/b?c", NoManager.NOT_FOUND),
        (login("victor.lang"), NoManager.NOT_FOUND),  # has left
        (STAR, NoManager.ITSELF),
    ],
)
async def test_what_the_profile_says(okta: OktaClient, org: Org, text: str | None, expected: str) -> None:
    """An id, a login, or something that names nobody."""
    org.change(STAR, profile={"managerId": text})

    assert await ask(okta, STAR) == expected


async def test_an_attribute_where_it_is_no_id_and_no_login(okta: OktaClient, org: Org) -> None:
    """As after an import of employee numbers: of those who are still here, exactly one."""
    number = org.user(JONAS).profile["employeeNumber"]
    org.change(STAR, profile={"managerId": number})
    victor = login("victor.lang")
    org.change(victor, profile={"employeeNumber": "X9"})
    org.change(CLARA, profile={"managerId": "X9"})
    org.clock.advance(timedelta(seconds=5))  # searches see it now

    assert await ask(okta, STAR) == NoManager.NOT_FOUND
    assert await ask(okta, STAR, attribute="employeeNumber") == JONAS
    assert await ask(okta, STAR, attribute="costCenter") == NoManager.NOT_FOUND
    assert await ask(okta, CLARA, attribute="employeeNumber") == NoManager.NOT_FOUND
    with pytest.raises(ValueError, match="not the name"):
        await ask(okta, STAR, attribute='x" or id pr')


async def test_an_attribute_that_several_have(okta: OktaClient, org: Org) -> None:
    """None of them is a guess."""
    org.change(STAR, profile={"managerId": "Customer Care"})

    assert await ask(okta, STAR, attribute="department") == NoManager.SEVERAL


async def test_whoever_has_just_left_is_no_manager(okta: OktaClient, org: Org) -> None:
    """The list still has them; the read by id does not."""
    org.change(STAR, profile={"managerId": org.user(JONAS).profile["employeeNumber"]})
    org.set_status(JONAS, "DEPROVISIONED")

    assert await ask(okta, STAR, attribute="employeeNumber") == NoManager.NOT_FOUND


async def test_a_link_to_several(url: str) -> None:
    """Of a relationship whose other end was named by mistake."""
    async with connect(url) as okta:
        assert await ask(okta, JONAS, relationship="subordinate") == NoManager.SEVERAL


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/v1/users/00u1",
        "{url}/api/v1/users/00u1/factors",
        "{url}/api/v1/users/..",
        "{url}/api/v1/groups/00g1",
        "{url}/api/v1/users/00u1%2Fx",
        "",
    ],
)
async def test_a_link_that_leads_elsewhere_is_no_user(link: str) -> None:
    """It is not left out either: who looks for exactly one must not miss that there were two."""
    async with wire() as server, connect(server.url) as okta:
        href = link.format(url=server.url)
        server.answers[:] = [said(200, f'[{{"_links":{{"self":{{"href":"{href}"}}}}}}]')]
        with pytest.raises(BadLinkError):
            await okta.linked_objects("00u2", "manager")


async def test_custom_attributes(okta: OktaClient, org: Org) -> None:
    """By their own names, of any type; the fields of every profile are read without."""
    org.change(STAR, profile={"badge": 7, "teams": ["a"]})

    held = await okta.attributes(STAR)
    assert (held["badge"], held["teams"]) == (7, ["a"])
    profile = (await okta.user(STAR)).profile
    assert (profile.department, profile.title, profile.timezone) == (
        "Customer Care",
        "Customer Care Lead",
        "Europe/Amsterdam",
    )
    assert profile.manager_id == login("jonas.lindqvist")
    assert profile.employee_number


@given(text=st.text())
@patient
async def test_no_text_is_a_manager_by_chance(text: str) -> None:
    """Whatever an import left, Okta's answer counts only if it is who was named."""
    answer = said(200, '{"id":"00uOther","status":"ACTIVE","profile":{"login":"other@northwind.example"}}')
    async with wire(answer) as server, connect(server.url) as okta:
        found = await manager(okta, User(id="00u1", profile=Profile(login="a", manager_id=text)))

    assert found in {NoManager.NONE_GIVEN, NoManager.NOT_FOUND}
