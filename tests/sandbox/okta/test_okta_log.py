"""The System Log: late, endless for a poller, and forgetful."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.okta.events import Origin, event, person
from sandbox.okta.shapes import millis
from sandbox.people import EMPLOYEES, STAR
from tests.sandbox.okta.api import ADMIN, code, link, login
from tests.sandbox.okta.conftest import LAG

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

MAYA, JONAS = EMPLOYEES[0], EMPLOYEES[1]


def _happens(org: Org, published: datetime, *, late: timedelta | None = None, handle: str = "jonas.lindqvist") -> str:
    """Somebody signs in; the uuid of the event."""
    made = event("user.session.start", Origin(person(org.user(login(handle)))), published, target=None)
    org.log.add(made, published, late=late)
    return str(made["uuid"])


def _uuids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["uuid"] for entry in answer.json()]


def _since(clock: Clock) -> str:
    return millis(clock.now())


async def test_an_event_shows_after_a_while(api: Api, clock: Clock) -> None:
    """What is not there yet may still have happened."""
    since = _since(clock)
    await api.act(MAYA.id, "unlock")

    assert _uuids(await api.logs(since=since)) == []
    clock.advance(LAG)
    events = (await api.logs(since=since)).json()

    assert [entry["eventType"] for entry in events] == ["user.account.unlock_by_admin"]
    assert [target["id"] for target in events[0]["target"]] == [MAYA.id]
    assert events[0]["outcome"]["result"] == "SUCCESS"


async def test_a_poller_gets_every_event_once_in_the_order_of_persistence(org: Org, api: Api, clock: Clock) -> None:
    """`published` may go backwards; `next` is always there, and a later page holds what came late."""
    start = clock.now()
    first = await api.logs(since=millis(start))
    expected = [
        _happens(org, start + timedelta(seconds=3), late=timedelta(seconds=1)),
        _happens(org, start + timedelta(seconds=2), late=timedelta(seconds=20)),
        _happens(org, start + timedelta(seconds=1), late=timedelta(seconds=90)),
    ]
    assert _uuids(first) == []

    seen: list[str] = []
    following = link(first, "next")
    for _ in range(5):
        assert following
        page = await api.get(following)
        seen += _uuids(page)
        following = link(page, "next")
        clock.advance(timedelta(seconds=40))

    assert seen == expected


async def test_next_of_an_empty_page_is_the_same_place(api: Api, clock: Clock) -> None:
    """A poller sleeps and asks again."""
    empty = await api.logs(since=_since(clock))
    following = link(empty, "next")
    assert following

    again = await api.get(following)

    assert link(again, "next") == following
    assert "since=" not in following
    assert link(again, "self") == following


async def test_a_bounded_query_follows_published_and_ends(org: Org, api: Api, clock: Clock) -> None:
    """And it never hears of what is persisted later, unless it is asked again."""
    start = clock.now()
    times = [start + timedelta(seconds=seconds) for seconds in (5, 3, 4, 9)]
    later, early, middle, beyond = (_happens(org, when, late=timedelta()) for when in times)
    late = _happens(org, start + timedelta(seconds=2), late=timedelta(minutes=10))
    bounds = {"since": millis(start), "until": millis(start + timedelta(seconds=8))}
    clock.advance(timedelta(minutes=1))

    forwards = await api.logs(**bounds)
    backwards = await api.logs(**bounds, sortOrder="DESCENDING")

    assert _uuids(forwards) == [early, middle, later]
    assert _uuids(backwards) == [later, middle, early]
    assert link(forwards, "next") is None
    assert beyond not in _uuids(forwards)
    clock.advance(timedelta(minutes=10))
    assert _uuids(await api.logs(**bounds)) == [late, early, middle, later]


@pytest.mark.parametrize("order", ["ASCENDING", "DESCENDING"])
async def test_a_bounded_query_has_pages(org: Org, api: Api, clock: Clock, order: str) -> None:
    """With a next link while a page is full."""
    start = clock.now()
    made = [_happens(org, start + timedelta(seconds=number), late=timedelta()) for number in range(5)]
    clock.advance(timedelta(minutes=1))
    page = await api.logs(since=millis(start), until=_since(clock), sortOrder=order, limit=2)
    pages = [_uuids(page)]
    while following := link(page, "next"):
        page = await api.get(following)
        pages.append(_uuids(page))

    wanted = made if order == "ASCENDING" else made[::-1]
    assert pages == [wanted[:2], wanted[2:4], wanted[4:]]


async def test_newest_first_is_no_poll(api: Api) -> None:
    """Without `until`, but descending: it ends."""
    answer = await api.logs(sortOrder="DESCENDING")

    assert _uuids(answer)
    assert link(answer, "next") is None


async def test_the_last_week_is_what_is_shown_unless_said_otherwise(org: Org, api: Api, clock: Clock) -> None:
    """The cast's locks are two days old."""
    assert len(_uuids(await api.logs())) == len([user for user in org.users() if user.status == "LOCKED_OUT"])
    clock.advance(timedelta(days=6))

    assert _uuids(await api.logs()) == []
    assert len(_uuids(await api.logs(since=millis(clock.now() - timedelta(days=30))))) == 4


async def test_okta_forgets_after_ninety_days(org: Org, api: Api, clock: Clock) -> None:
    """What is older is gone, whatever `since` says; further back than 180 days it may not even be asked."""
    ask = {"since": _since(clock)}
    old = _happens(org, clock.now(), late=timedelta())
    clock.advance(timedelta(days=89))
    org.add_token(ADMIN, roles={"SUPER_ADMIN"})  # the old one was not used for too long
    assert old in _uuids(await api.logs(**ask))
    clock.advance(timedelta(days=2))

    assert old not in _uuids(await api.logs(**ask))
    assert old not in _uuids(await api.logs(**ask, until=_since(clock)))
    clock.advance(timedelta(days=90))
    org.add_token(ADMIN, roles={"SUPER_ADMIN"})
    assert code(await api.logs(**ask)) == (400, "E0000053")


@pytest.mark.parametrize(
    ("expression", "handles"),
    [
        ('eventType eq "user.account.lock"', ["diego", "helen", "marco", "maya"]),
        ('eventType eq "USER.ACCOUNT.LOCK"', []),
        (f'actor.id eq "{MAYA.id}"', ["maya"]),
        (f'actor.id EQ "{MAYA.id}" and eventType sw "user."', ["maya"]),
        ('not (actor.alternateId co "a")', []),
        ('actor.alternateId ew "example" and not(actor.alternateId sw "m")', ["diego", "helen"]),
        ('outcome.result ne "FAILURE"', []),
        ("target pr", []),
        ('target.id eq "x" or outcome.reason eq "LOCKED_OUT"', ["diego", "helen", "marco", "maya"]),
        ('severity gt "A" and severity lt "E"', ["diego", "helen", "marco", "maya"]),
    ],
)
async def test_filter(api: Api, expression: str, handles: list[str]) -> None:
    """All operators, over any attribute but the time."""
    events = (await api.logs(filter=expression)).json()

    assert sorted(entry["actor"]["displayName"].partition(" ")[0].lower() for entry in events) == handles


async def test_filter_finds_targets_wherever_they_stand(api: Api, clock: Clock) -> None:
    """An attribute of an array means any of its elements."""
    await api.act(MAYA.id, "unlock")
    await api.act(JONAS.id, "suspend")
    clock.advance(LAG)

    events = (await api.logs(filter=f'target.id eq "{JONAS.id}"')).json()

    assert [entry["eventType"] for entry in events] == ["user.lifecycle.suspend"]


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ({"filter": "eventType"}, 400, "E0000053"),
        ({"filter": 'eventType eq "x'}, 400, "E0000053"),
        ({"filter": 'eventType[type eq "x"]'}, 400, "E0000053"),
        ({"filter": ""}, 400, "E0000053"),
        ({"filter": 'published gt "2020-01-01T00:00:00Z"'}, 400, "E0000031"),
        ({"filter": 'nothing eq "x"'}, 400, "E0000031"),
        ({"filter": "not " * 60 + 'eventType eq "x"'}, 400, "E0000031"),
        ({"since": "yesterday"}, 400, "E0000001"),
        ({"since": ""}, 400, "E0000001"),
        ({"until": "2020-13-01T00:00:00Z"}, 400, "E0000001"),
        ({"until": "0001-01-01T00:00:00Z"}, 400, "E0000001"),
        ({"since": "9999-12-31T23:59:59-12:00"}, 400, "E0000001"),
        ({"limit": "1001"}, 400, "E0000001"),
        ({"limit": "-1"}, 400, "E0000001"),
        ({"limit": "many"}, 400, "E0000001"),
        ({"sortOrder": "SIDEWAYS"}, 400, "E0000001"),
        ({"sortOrder": "ascending"}, 400, "E0000001"),
        ({"q": "one two three four five six seven eight nine ten eleven"}, 400, "E0000001"),
        ({"q": "x" * 41}, 400, "E0000001"),
        ({"since": "2026-01-01T00:00:00Z", "after": "x"}, 400, "E0000001"),
    ],
)
async def test_a_query_that_okta_does_not_know_is_refused(
    api: Api, query: dict[str, str], status: int, error: str
) -> None:
    """With another code for a bad time than lists of users have."""
    assert code(await api.logs(**query)) == (status, error)


async def test_q_wants_every_word(api: Api) -> None:
    """Anywhere in the event, without regard to case."""
    assert len(_uuids(await api.logs(q="MAYA lock"))) == 1
    assert _uuids(await api.logs(q="maya diego")) == []
    assert len(_uuids(await api.logs(q="a " * 10))) == 4


async def test_limit(org: Org, api: Api, clock: Clock) -> None:
    """Nothing, something, or as much as a page holds; a hundred where nothing is said."""
    start = clock.now()
    for number in range(1100):
        _happens(org, start + timedelta(milliseconds=number), late=timedelta())
    clock.advance(timedelta(minutes=1))
    ask: dict[str, Any] = {"since": millis(start)}

    none = await api.logs(**ask, limit=0)
    following = link(none, "next")
    assert following

    assert _uuids(none) == []
    assert _uuids(await api.get(following)) == []
    assert len(_uuids(await api.logs(**ask))) == 100
    assert len(_uuids(await api.logs(**ask, limit=1000))) == 1000


async def test_a_cursor_goes_on_with_the_query_it_is_of(org: Org, api: Api, clock: Clock) -> None:
    """Its filter included; another filter with it is refused."""
    first = await api.logs(filter='eventType eq "user.account.lock"', limit=2)
    following = link(first, "next")
    assert following
    cursor = following.partition("after=")[2].partition("&")[0]
    _happens(org, clock.now(), late=timedelta())
    clock.advance(timedelta(minutes=1))

    second = await api.get(following)

    assert {entry["eventType"] for entry in (*first.json(), *second.json())} == {"user.account.lock"}
    assert len({*_uuids(first), *_uuids(second)}) == 4
    assert code(await api.logs(after=cursor)) == (400, "E0000029")
    assert code(await api.logs(after="")) == (400, "E0000029")


async def test_a_lock_has_the_person_as_actor_and_no_target(api: Api) -> None:
    """As it does in live orgs; null, not an empty list."""
    (entry,) = (await api.logs(q=STAR, filter='eventType eq "user.account.lock"')).json()

    assert entry["actor"]["id"] == MAYA.id
    assert entry["target"] is None
    assert entry["outcome"] == {"result": "FAILURE", "reason": "LOCKED_OUT"}
    assert entry["transaction"]["type"] == "WEB"


async def test_what_okta_does_by_itself_has_no_client(org: Org, api: Api, clock: Clock) -> None:
    """An unlock by time."""
    org.settings.auto_unlock_minutes = 1
    org.lock(JONAS.login)
    clock.advance(timedelta(minutes=10))
    assert org.user(JONAS.id).status == "ACTIVE"

    (entry,) = (await api.logs(filter='eventType eq "user.account.unlock"')).json()

    assert entry["actor"]["type"] == "SystemPrincipal"
    assert entry["client"]["ipAddress"] is None
    assert entry["transaction"]["type"] == "JOB"


async def test_the_page_sees_the_log_without_delay(org: Org, api: Api) -> None:
    """It is the view from outside, not Okta's."""
    await api.act(MAYA.id, "unlock")

    shown = org.snapshot()

    assert shown["log"][-1]["eventType"] == "user.account.unlock_by_admin"
    assert [one["status"] for one in shown["people"] if one["login"] == STAR] == ["ACTIVE"]
    assert len(org.log[:2]) == 2
