"""Searches over many pages: all of them, each once, and only at the address our credential is for."""

import json

import pytest

from okta.calls import MOST_EMPTY
from okta.client import OktaClient
from okta.errors import BadLinkError, Executed, InvalidRequestError
from okta.search import Expression, eq
from sandbox.okta import Org
from sandbox.people import STAR
from tests.okta.clients import connect
from tests.okta.wire import Asked, Wire, said, wire

SHARED = eq("profile.email", "store.milano@northwind.example")
CARE = eq("profile.department", "Customer Care")
ANY = eq("status", "ACTIVE")


async def walk(okta: OktaClient, found: list[str]) -> None:
    """Put the ids that a search finds into `found`, one by one."""
    async for user in okta.users(search=ANY):
        found.append(user.id)  # noqa: PERF401 - what was found before an error counts


async def logins(okta: OktaClient, search: Expression = ANY, limit: int = 200) -> list[str]:
    """The logins that a search finds."""
    return [user.profile.login async for user in okta.users(search=search, limit=limit)]


def page(*ids: str, next_: str | None = None) -> bytes:
    """A page of users, with Okta's two `Link` headers."""
    links = [("Link", '<http://127.0.0.1/api/v1/users?limit=1>; rel="self"')]
    if next_ is not None:
        links.append(("Link", f'<{next_}>; rel="next"'))
    return said(200, json.dumps([{"id": id_} for id_ in ids]), *links)


async def test_a_search_finds_everybody(okta: OktaClient) -> None:
    """Both people with one address, and those who have left."""
    assert set(await logins(okta, SHARED)) == {"marco.rossi@northwind.example", "sofia.rossi@northwind.example"}
    assert "victor.lang@northwind.example" in await logins(okta, CARE)


async def test_nobody_is_found(okta: OktaClient, org: Org) -> None:
    """No error, no second page."""
    assert await logins(okta, eq("profile.email", "nobody@northwind.example")) == []
    assert len(org.calls) == 1


async def test_a_filter_finds_by_exact_case(okta: OktaClient) -> None:
    """Okta's `filter` knows few attributes, and pages like a search."""
    exact, other_case = eq("profile.login", STAR), eq("profile.login", STAR.upper())

    assert [user.profile.login async for user in okta.users(matching=exact, limit=1)] == [STAR]
    assert [user async for user in okta.users(matching=other_case)] == []


async def test_a_filter_beside_a_search_is_refused(okta: OktaClient) -> None:
    """Okta takes one of them."""
    with pytest.raises(InvalidRequestError):
        _ = [user async for user in okta.users(search=ANY, matching=ANY)]


async def test_without_a_condition_those_who_left_are_left_out(okta: OktaClient) -> None:
    """A plain list holds everybody who could sign in again."""
    found = [user.profile.login async for user in okta.users()]

    assert STAR in found
    assert "victor.lang@northwind.example" not in found


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 200])
async def test_pages_of_any_size_hold_the_same_people(okta: OktaClient, org: Org, limit: int) -> None:
    """A full last page has a next one that is empty."""
    found = await logins(okta, CARE, limit)

    assert sorted(found) == [
        f"{name}@northwind.example"
        for name in ("clara.novak", "jonas.lindqvist", "maya.okafor", "victor.lang", "yusuf.demir")
    ]
    assert len(org.calls) == 5 // limit + 1


async def test_an_empty_page_in_the_middle_is_not_the_end() -> None:
    """Okta may send one."""
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [
            page("00u1", next_=f"{server.url}/api/v1/users?after=1"),
            page(next_=f"{server.url}/api/v1/users?after=2"),
            page("00u3"),
        ]
        found = [user.id async for user in okta.users(search=ANY)]

    assert found == ["00u1", "00u3"]


async def test_a_cursor_goes_back_as_it_came() -> None:
    """Encoded anew it would be another one; and every page is signed."""
    cursor = "/api/v1/users?after=a%2Fb%3D%3D+c%20d&limit=1&search=x%22%C3%A9"
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [page("00u1", next_=server.url + cursor), page("00u2")]
        assert len(await logins(okta)) == 2

    assert server.asked[1].target == cursor
    assert server.asked[1].all("authorization") == server.asked[0].all("authorization") != []


@pytest.mark.parametrize("length", [1, 2, 3])
async def test_a_circle_is_left(length: int) -> None:
    """The people found so far are given out, and then an error instead of an endless walk."""
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [
            page(f"00u{number}", next_=f"{server.url}/api/v1/users?after={number % length}")
            for number in range(1, 3 * length + 1)
        ]
        found: list[str] = []
        with pytest.raises(BadLinkError) as caught:
            await walk(okta, found)

    assert len(found) == len(server.asked) == length + 1
    assert (caught.value.operation, caught.value.executed) == ("users", Executed.NO)


async def test_a_page_that_is_its_own_next() -> None:
    """Is read once."""
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [page("00g1", next_=f"{server.url}/api/v1/users/00u1/groups")]
        with pytest.raises(BadLinkError):
            await okta.groups("00u1")

    assert len(server.asked) == 1


async def test_a_long_link() -> None:
    """It repeats the whole search, which may be long."""
    cursor = "/api/v1/users?after=1&search=" + "x" * 30_000
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [page("00u1", next_=server.url + cursor), page("00u2")]
        assert len(await logins(okta)) == 2

    assert server.asked[1].target == cursor


def foreign(home: Wire, other: Wire) -> dict[str, str]:
    """Links that lead away from `home`, by what is wrong with them."""
    address = home.url.removeprefix("http://")
    return {
        "another port": f"{other.url}/api/v1/users",
        "another scheme": f"https://{address}/api/v1/users",
        "another host": f"http://localhost:{address.partition(':')[2]}/api/v1/users",
        "a name in front": f"http://{address}@{other.url.removeprefix('http://')}/api/v1/users",
        "a user": f"http://maya@{address}/api/v1/users",
        "a password": f"http://maya:secret@{address}/api/v1/users",
        "no origin": "/api/v1/users?after=1",
        "no scheme": f"//{other.url.removeprefix('http://')}/api/v1/users",
        "no address": "",
        "a file": "file:///etc/passwd",
        "a port that is none": "http://127.0.0.1:x/",
        "a host that is none": "http://[::1/",
        "a name that cannot be decoded": "https://xn--a/api/v1/users",
    }


@pytest.mark.parametrize("wrong", foreign(Wire("http://127.0.0.1:1", []), Wire("http://127.0.0.1:2", [])))
async def test_a_link_that_leads_away_is_not_followed(wrong: str) -> None:
    """Our credential goes to no other place, and nothing at all is sent there."""
    async with wire() as home, wire() as other, connect(home.url) as okta:
        home.answers[:] = [page("00u1", next_=foreign(home, other)[wrong]), page("00u2")]
        with pytest.raises(BadLinkError):
            await logins(okta)

    assert len(home.asked) == 1
    assert other.asked == []


async def test_groups_are_paged_too() -> None:
    """A member of many groups is not a member of the first page only."""
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [page("00g1", next_=f"{server.url}/api/v1/users/00u1/groups?after=1"), page("00g2")]
        groups = await okta.groups("00u1")

    assert [group.id for group in groups] == ["00g1", "00g2"]
    assert [asked.target for asked in server.asked] == [
        "/api/v1/users/00u1/groups",
        "/api/v1/users/00u1/groups?after=1",
    ]


async def test_empty_pages_without_end_are_left() -> None:
    """Each has another link to the next."""

    def more(asked: Asked) -> bytes:
        number = int(asked.target.rpartition("=")[2]) if "after" in asked.target else 0
        return said(200, "[]", ("Link", f'<{server.url}/api/v1/users?after={number + 1}>; rel="next"'))

    async with wire(more) as server, connect(server.url) as okta:
        with pytest.raises(BadLinkError):
            _ = [user async for user in okta.users()]
        assert len(server.asked) == MOST_EMPTY
