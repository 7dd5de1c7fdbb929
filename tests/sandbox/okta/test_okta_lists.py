"""The lists of users: search, filter, q and plain; pages and cursors; and how far behind they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sandbox.people import EMPLOYEES, STAR, Status
from tests.sandbox.okta.api import causes, code, handles, link, login
from tests.sandbox.okta.conftest import LAG

if TYPE_CHECKING:
    import httpx

    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

PRIYA, MAYA = EMPLOYEES[5], EMPLOYEES[0]
EVERYBODY = {employee.handle for employee in EMPLOYEES}


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ('profile.login eq "maya.okafor@northwind.example"', ["maya.okafor"]),
        ('profile.login eq "MAYA.OKAFOR@northwind.example"', ["maya.okafor"]),
        ('profile.login EQ "maya.okafor@northwind.example"', ["maya.okafor"]),
        ('profile.email eq "store.milano@northwind.example"', ["marco.rossi", "sofia.rossi"]),
        ('profile.lastName sw "ro"', ["marco.rossi", "sofia.rossi"]),
        ('profile.lastName co "OSS"', ["marco.rossi", "sofia.rossi"]),
        ('profile.lastName eq "Novak"', []),
        ('profile.lastName eq "novák"', ["clara.novak"]),
        ('status eq "recovery"', ["lena.fischer"]),
        ('status eq "DEPROVISIONED"', ["victor.lang"]),
        ('(status lt "ACTIVE" or status gt "LOCKED_OUT") and status le "PROVISIONED"', ["priya.raman", "tom.becker"]),
        ('status eq "STAGED" or status eq "RECOVERY" and profile.firstName eq "nobody"', ["nina.petrova"]),
        ('profile.managerId pr and status eq "LOCKED_OUT"', ["maya.okafor"]),
        ('profile.department eq "stores" and not_there pr', None),
        (f'id eq "{PRIYA.id}"', ["priya.raman"]),
        ('lastUpdated gt "2999-01-01T00:00:00.000Z"', []),
        ('lastUpdated lt "2999-01-01" and profile.lastName eq "Raman"', ["priya.raman"]),
        ('profile.firstName eq "a \\"quoted\\" name"', []),
        ("profile.firstName eq null and id pr", []),
        ("profile.lastName gt 5 or profile.lastName sw true", []),
        ('profile.lastName eq "Raman" and (profile.title eq "Buyer")', ["priya.raman"]),
    ],
)
async def test_search(api: Api, search: str, found: list[str] | None) -> None:
    """Values without regard to case, but with regard to accents; deactivated people too."""
    answer = await api.users(search=search)

    if found is None:
        assert code(answer) == (400, "E0000031")
    else:
        assert sorted(handles(answer)) == found


@pytest.mark.parametrize(
    "search",
    [
        'status ne "ACTIVE"',
        'not (status eq "ACTIVE")',
        'profile.title co "head"',
        'profile.Login eq "x"',
        'Profile.login eq "x"',
        'profile.email ew "example"',
        'created sw "2020"',
        'credentials.provider.type eq "OKTA"',
        'passwordChanged gt "2020-01-01T00:00:00Z"',
        "profile.email eq maya",
        "profile.email eq 'maya'",
        'profile.email eq "unclosed',
        'profile.email eq "x" and',
        '(profile.email eq "x"',
        'profile.email eq "x")',
        '(profile.email eq "x" id',
        '"x" eq profile.email',
        "profile.email",
        "eq",
        "",
        "()",
        ";",
        'id eq "' + "x" * 4096 + '"',
        "(" * 60 + 'id eq "x"' + ")" * 60,
    ],
)
async def test_a_search_that_okta_does_not_know_is_refused(api: Api, search: str) -> None:
    """By one code, whatever is wrong with it."""
    answer = await api.users(search=search)

    assert code(answer) == (400, "E0000031")
    assert causes(answer)


async def test_a_date_that_is_none_has_its_own_code(api: Api) -> None:
    """In search and filter alike."""
    assert code(await api.users(search='created gt "yesterday"')) == (400, "E0000030")
    assert code(await api.users(filter='lastUpdated gt "yesterday"')) == (400, "E0000030")
    assert code(await api.users(filter="lastUpdated gt 5")) == (400, "E0000030")


async def test_custom_attributes_are_searched_once_somebody_has_them(org: Org, api: Api) -> None:
    """Until then Okta's schema does not know them."""
    search = 'profile.badge eq "B7"'
    assert code(await api.users(search=search)) == (400, "E0000031")

    org.hire(replace(PRIYA, handle="new.person"), badge="B7", tags=[])

    assert handles(await api.users(search=search)) == ["new.person"]
    assert handles(await api.users(search="profile.tags pr")) == []
    assert len(handles(await api.users(search="id pr", sortBy="profile.tags"))) == len(EMPLOYEES) + 1


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ('status eq "RECOVERY"', ["lena.fischer"]),
        ('status eq "recovery"', []),
        ('status EQ "RECOVERY"', ["lena.fischer"]),
        ('status eq "DEPROVISIONED"', ["victor.lang"]),
        ('profile.email eq "store.milano@northwind.example"', ["marco.rossi", "sofia.rossi"]),
        ('profile.email eq "Store.Milano@northwind.example"', []),
        ('profile.firstName eq "Tom" or profile.lastName eq "Osei"', ["ben.osei", "tom.becker"]),
        ('lastUpdated ge "2999-01-01T00:00:00.000Z"', []),
        (f'id eq "{PRIYA.id}" and lastUpdated gt "2001-01-01T00:00:00.000Z"', ["priya.raman"]),
    ],
)
async def test_filter(api: Api, expression: str, found: list[str]) -> None:
    """Seven attributes, `eq` alone but for one, values with regard to case."""
    assert sorted(handles(await api.users(filter=expression))) == found


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ('profile.department eq "IT"', "E0000031"),
        ('created gt "2020-01-01T00:00:00Z"', "E0000031"),
        ('status sw "A"', "E0000031"),
        ('status gt "A"', "E0000031"),
        ('profile.login co "maya"', "E0000031"),
        ("status pr", "E0000031"),
        ('Status eq "ACTIVE"', "E0000031"),
        ('not (status eq "ACTIVE")', "E0000053"),
        ("status eq ACTIVE", "E0000053"),
        ("status", "E0000053"),
        ("", "E0000053"),
    ],
)
async def test_a_filter_that_okta_does_not_know_is_refused(api: Api, expression: str, error: str) -> None:
    """What cannot be read, and what is not supported."""
    assert code(await api.users(filter=expression)) == (400, error)


async def test_search_and_filter_do_not_go_together(api: Api) -> None:
    """Okta has a code for it."""
    both = await api.users(search='status eq "ACTIVE"', filter='status eq "ACTIVE"')

    assert code(both) == (400, "E0000033")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mA", ["marco.rossi", "maya.okafor"]),
        ("rossi", ["marco.rossi", "sofia.rossi"]),
        ("store.", ["marco.rossi", "sofia.rossi"]),
        ("okafor@", []),
        ("victor", []),
        ("Lang", []),
    ],
)
async def test_q_is_a_prefix_of_a_name_or_address(api: Api, text: str, found: list[str]) -> None:
    """Deactivated people are left out."""
    assert sorted(handles(await api.users(q=text))) == found


async def test_q_has_ten_hits_and_no_pages(api: Api) -> None:
    """Unless `limit` says otherwise, and even then there is no next page."""
    assert len(handles(await api.users(q=""))) == 10
    few = await api.users(q="", limit=3)

    assert len(handles(few)) == 3
    assert link(few, "next") is None


async def test_the_plain_list_leaves_deactivated_people_out(api: Api) -> None:
    """Search and filter do not."""
    assert set(handles(await api.users())) == EVERYBODY - {"victor.lang"}
    assert set(handles(await api.users(search="id pr"))) == EVERYBODY


async def _pages(api: Api, first: httpx.Response) -> list[httpx.Response]:
    pages = [first]
    while following := link(pages[-1], "next"):
        pages.append(await api.get(following))
    return pages


@pytest.mark.parametrize("size", [1, 3, 10, len(EMPLOYEES), 200])
async def test_pages_hold_everybody_once(api: Api, size: int) -> None:
    """A full page has a next one even if nothing is on it; both links are headers of their own."""
    first = await api.users(search="id pr", limit=size)
    pages = await _pages(api, first)
    seen = [handle for page in pages for handle in handles(page)]

    assert len(seen) == len(EMPLOYEES)
    assert set(seen) == EVERYBODY
    assert len(pages) == len(EMPLOYEES) // size + 1
    assert len(first.headers.get_list("link")) == (1 if size == 200 else 2)


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_sorting_holds_over_pages(api: Api, order: str) -> None:
    """Equals are ordered by id."""
    pages = await _pages(api, await api.users(search="id pr", limit=4, sortBy="profile.department", sortOrder=order))
    seen = [(user["profile"]["department"].lower(), user["id"]) for page in pages for user in page.json()]

    assert seen == sorted(seen, reverse=order == "desc")
    assert len(seen) == len(EMPLOYEES)


async def test_sorting_is_for_searches_only(api: Api) -> None:
    """A plain list and a filter ignore it."""
    plain, sorted_ = await api.users(), await api.users(sortBy="profile.lastName", sortOrder="desc")

    assert handles(plain) == handles(sorted_)


async def test_a_page_is_never_longer_than_200(org: Org, api: Api) -> None:
    """Whatever `limit` says."""
    for number in range(200):
        org.hire(replace(PRIYA, handle=f"number{number}"))

    pages = await _pages(api, await api.users(search="id pr", limit=1000))

    assert [len(page.json()) for page in pages] == [200, len(EMPLOYEES)]


async def test_a_cursor_outlives_the_user_it_points_at(org: Org, api: Api, clock: Clock) -> None:
    """Whoever leaves between two pages is missed, and nobody else."""
    first = await api.users(limit=5)
    org.set_status(login(handles(first)[-1]), Status.DEPROVISIONED)
    clock.advance(LAG)

    pages = await _pages(api, first)

    assert {handle for page in pages for handle in handles(page)} == EVERYBODY - {"victor.lang"}


async def test_a_cursor_is_good_for_its_own_query_alone(api: Api) -> None:
    """A client has to follow the link as it stands."""
    following = link(await api.users(search="id pr", limit=2), "next")
    assert following
    cursor = following.partition("after=")[2]

    for query in ({"search": 'id gt ""'}, {"filter": 'status eq "ACTIVE"'}, {}, {"search": "id pr", "sortBy": "id"}):
        assert code(await api.users(after=cursor, **query)) == (400, "E0000029"), query
    assert code(await api.logs(after=cursor)) == (400, "E0000029")
    assert len(handles(await api.users(search="id pr", after=cursor, limit=200))) == len(EMPLOYEES) - 2


@pytest.mark.parametrize("cursor", ["", "nonsense", "W10", "eyJhIjoxfQ", "NQ", "WyJhIiwiYiIsImMiXQ", "é", "[" * 3000])
async def test_a_made_up_cursor_is_refused(api: Api, cursor: str) -> None:
    """By users and logs alike."""
    assert code(await api.users(after=cursor)) == (400, "E0000029")
    assert code(await api.logs(after=cursor)) == (400, "E0000029")


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "1.5", "", "٣", "9" * 5000])
async def test_a_limit_is_a_number(api: Api, limit: str) -> None:
    """Of people to show, at least one."""
    assert code(await api.users(limit=limit)) == (400, "E0000001")


async def test_fields_trim_what_is_told(api: Api) -> None:
    """`id` is always there."""
    answer = await api.users(search='profile.lastName eq "Okafor"', fields="status,profile:(login,email)")

    assert answer.json() == [
        {"id": MAYA.id, "status": "LOCKED_OUT", "profile": {"login": MAYA.login, "email": MAYA.address}}
    ]


async def test_a_hit_has_no_links_to_what_may_be_done(api: Api) -> None:
    """For those the user has to be read."""
    hit = (await api.users(search=f'profile.login eq "{STAR}"')).json()[0]

    assert hit["_links"].keys() == {"self"}


async def test_lists_learn_of_a_change_later(api: Api, clock: Clock) -> None:
    """After a write through the API too: a hit is not proof."""
    locked = f'id eq "{MAYA.id}" and status eq "LOCKED_OUT"'
    assert (await api.act(MAYA.id, "unlock")).status_code == 200

    for query in ({"search": locked}, {"filter": locked}, {"q": "maya"}, {}):
        assert "LOCKED_OUT" in [u["status"] for u in (await api.users(**query)).json() if u["id"] == MAYA.id]
    assert (await api.user(MAYA.id)).json()["status"] == "ACTIVE"
    clock.advance(LAG)

    assert handles(await api.users(search=locked)) == []
    assert handles(await api.users(search=f'id eq "{MAYA.id}"')) == ["maya.okafor"]


async def test_newcomers_are_found_later(org: Org, api: Api, clock: Clock) -> None:
    """They can be read by id, and sign in, before any list has them."""
    newcomer = org.hire(replace(PRIYA, handle="new.person"), new=True)

    assert (await api.user(newcomer.id)).is_success
    assert handles(await api.users(search=f'id eq "{newcomer.id}"')) == []
    clock.advance(LAG)
    assert handles(await api.users(search=f'id eq "{newcomer.id}"')) == ["new.person"]


async def test_lists_see_changes_in_their_order(org: Org, api: Api, clock: Clock) -> None:
    """Each after its own delay."""
    half = LAG / 2
    search = f'id eq "{MAYA.id}"'
    org.set_status(STAR, Status.SUSPENDED)
    clock.advance(half)
    org.set_status(STAR, Status.ACTIVE)

    seen = []
    for _ in range(3):
        seen.append((await api.users(search=search)).json()[0]["status"])
        clock.advance(half)

    assert seen == ["LOCKED_OUT", "SUSPENDED", "ACTIVE"]
