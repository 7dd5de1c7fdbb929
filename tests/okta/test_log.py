"""The System Log: following it with its cursor, and looking into a span of it."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta.client import OktaClient
from okta.errors import BadLinkError, InvalidRequestError, NotPermittedError
from okta.models import DebugContext, Entity, LogEvent, Outcome, Result, Severity
from okta.reading import read_many
from okta.search import eq
from sandbox.okta import Org
from sandbox.people import STAR, okta_id
from tests.okta.clients import connect
from tests.okta.properties import patient
from tests.okta.wire import said, wire

LOCKS = eq("eventType", "user.account.lock")
MAYA = okta_id("00u", STAR)
BEN = "ben.osei@northwind.example"
CLARA = "clara.novak@northwind.example"


async def test_the_log_is_followed(okta: OktaClient, org: Org) -> None:
    """Each event once, in order, with nothing between two of them; Okta shows them late."""
    begun = await okta.log(since=org.clock.now())
    org.lock(BEN)
    too_early = await okta.log(cursor=begun.cursor)
    org.clock.advance(org.log.lag)
    first = await okta.log(cursor=too_early.cursor)
    org.lock(CLARA)
    org.clock.advance(org.log.lag)
    second = await okta.log(cursor=first.cursor)
    nothing = await okta.log(cursor=second.cursor)

    assert begun.events == too_early.events == nothing.events == ()
    assert [event.actor.alternate_id for event in (*first.events, *second.events)] == [BEN, CLARA]
    assert nothing.cursor == second.cursor


async def test_an_event(okta: OktaClient, org: Org) -> None:
    """What an unlock leaves in the log."""
    before = org.clock.now().replace(microsecond=0)
    await okta.unlock(MAYA)
    org.clock.advance(org.log.lag)

    (event,) = (await okta.log(since=before, matching=eq("eventType", "user.account.unlock_by_admin"))).events

    assert event.uuid
    assert event.published
    assert event.published >= before
    assert event.event_type == "user.account.unlock_by_admin"
    assert event.display_message == "Unlock user account by administrator"
    assert event.target
    assert [(target.type, target.id, target.alternate_id) for target in event.target] == [("User", MAYA, STAR)]
    assert event.actor.display_name == "Unlatch Service"
    assert event.outcome
    assert (event.outcome.result, event.outcome.reason) == ("SUCCESS", None)


async def test_an_event_without_a_target(okta: OktaClient) -> None:
    """Okta names the locked person as the actor, and sends null for the target."""
    events = (await okta.log(matching=LOCKS & eq("actor.alternateId", STAR))).events

    assert [(event.actor.alternate_id, event.target) for event in events] == [(STAR, None)]


async def test_a_page_ends_where_it_is_told(okta: OktaClient) -> None:
    """And the cursor goes on from there."""
    everything = (await okta.log(matching=LOCKS)).events
    page = await okta.log(matching=LOCKS, limit=2)
    rest = await okta.log(cursor=page.cursor)

    assert len(page.events) == 2
    assert (page.events + rest.events)[: len(everything)] == everything


async def test_a_moment_of_any_zone_is_sent_as_utc() -> None:
    """In the one form that Okta reads, to the millisecond."""
    since = datetime(2026, 11, 23, 9, 55, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
    async with wire() as server, connect(server.url) as okta:
        link = ("Link", f'<{server.url}/api/v1/logs?after=1>; rel="next"')
        server.answers[:] = [said(200, "[]", link)]
        await okta.log(since=since)
        await okta.log(since=since.astimezone(UTC))

    assert {asked.target for asked in server.asked} == {
        "/api/v1/logs?sortOrder=ASCENDING&limit=1000&since=2026-11-23T08%3A55%3A00.123Z"
    }


async def test_a_cursor_that_leads_elsewhere_is_not_followed(okta: OktaClient, org: Org) -> None:
    """Not even one that was kept somewhere since the last time."""
    with pytest.raises(BadLinkError):
        await okta.log(cursor="https://elsewhere.example/api/v1/logs?after=1")

    assert org.calls == []


async def test_a_cursor_that_okta_does_not_know(okta: OktaClient, url: str) -> None:
    """Is refused rather than taken for a beginning."""
    with pytest.raises(InvalidRequestError) as caught:
        await okta.log(cursor=f"{url}/api/v1/logs?after=nonsense")

    assert caught.value.code == "E0000029"


async def test_an_answer_without_a_cursor() -> None:
    """The old one stays good; without one, following would begin from the start again and again."""
    async with wire(said(200, "[]")) as server, connect(server.url) as okta:
        cursor = f"{server.url}/api/v1/logs?after=1"
        assert (await okta.log(cursor=cursor)).cursor == cursor
        with pytest.raises(BadLinkError):
            await okta.log()


DAY: Final = timedelta(days=1)
NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def test_a_span_of_the_log(okta: OktaClient, org: Org) -> None:
    """Over pages of any size, either way round, and nothing from before or after it."""
    await okta.unlock(MAYA)
    org.clock.advance(timedelta(minutes=5))
    since = org.clock.now()
    for login in (BEN, CLARA, STAR):
        org.lock(login)
        org.clock.advance(timedelta(minutes=1))
    until = org.clock.now()
    org.clock.advance(timedelta(minutes=1))
    org.lock("ruth.mensah@northwind.example")
    org.clock.advance(timedelta(minutes=5))

    for limit in (1, 2, 3, 1000):
        there = okta.events(since, until, matching=LOCKS, limit=limit)
        assert [event.actor.alternate_id async for event in there] == [BEN, CLARA, STAR]
        back = okta.events(since, until, matching=LOCKS, newest_first=True, limit=limit)
        assert [event.actor.alternate_id async for event in back] == [STAR, CLARA, BEN]
    first = await anext(okta.events(since, until, matching=LOCKS, limit=2).pages())
    assert [event.actor.alternate_id async for event in okta.events(since, until, cursor=first.cursor)] == [STAR]
    assert [event async for event in okta.events(until, since)] == []


async def test_a_span_too_long_ago(okta: OktaClient, org: Org) -> None:
    """Okta refuses it, and so it refuses a condition that it does not know."""
    now = org.clock.now()
    refused = {
        "E0000053": okta.events(now - 200 * DAY, now),
        "E0000031": okta.events(now - DAY, now, matching=eq("published", "x")),
    }
    for code, span in refused.items():
        with pytest.raises(InvalidRequestError) as caught:
            await anext(aiter(span))
        assert caught.value.code == code


@pytest.mark.parametrize("roles", [{"HELP_DESK_ADMIN"}])
async def test_a_role_that_sees_no_log(okta: OktaClient, org: Org) -> None:
    """It is told so."""
    with pytest.raises(NotPermittedError):
        await anext(aiter(okta.events(org.clock.now() - DAY, org.clock.now())))


async def test_a_span_is_asked_for_in_utc() -> None:
    """With everything that makes the query a bounded one."""
    since = datetime(2026, 11, 23, 9, 55, 0, 123_456, tzinfo=timezone(timedelta(hours=1)))
    async with wire(said(200, "[]")) as server, connect(server.url) as okta:
        assert [event async for event in okta.events(since, since + DAY, newest_first=True)] == []

    assert [asked.target for asked in server.asked] == [
        "/api/v1/logs?since=2026-11-23T08%3A55%3A00.123Z&until=2026-11-24T08%3A55%3A00.123Z&sortOrder=DESCENDING&limit=1000"
    ]


async def test_what_our_own_token_did(okta: OktaClient, org: Org) -> None:
    """It is told by the token's id, and where it came from."""
    before = org.clock.now()
    await okta.unlock(MAYA)
    org.clock.advance(DAY)

    kind = eq("eventType", "user.account.unlock_by_admin")
    (event,) = [event async for event in okta.events(before - DAY, org.clock.now(), matching=kind)]

    assert event.api_token_id
    assert (event.transaction.type, event.transaction.id) == ("WEB", event.debug_context.plain["requestId"])
    assert event.client.user_agent
    assert event.client.user_agent.raw_user_agent == "unlatch/test"
    assert event.client.ip_address == "127.0.0.1"
    assert [hop.ip for hop in event.ip_chain] == ["127.0.0.1"]
    assert event.severity == Severity.INFO
    assert event.outcome
    assert event.outcome.result == Result.SUCCESS
    assert event.authentication_context.external_session_id == f"trs{event.transaction.id}"
    assert event.debug_context.plain["requestUri"] == f"/api/v1/users/{MAYA}/lifecycle/unlock"


FULL: Final[dict[str, Any]] = {
    "uuid": "1",
    "published": "2026-11-23T08:55:00.000Z",
    "eventType": "user.session.start",
    "legacyEventType": "core.user_auth.login_failed",
    "severity": "WARN",
    "outcome": {"result": "DENY", "reason": "Sign-on policy evaluation resulted in DENY"},
    "client": {
        "userAgent": {"rawUserAgent": "Mozilla/5.0", "os": "Mac OS X", "browser": "CHROME"},
        "geographicalContext": {"city": "Kraków", "country": "Poland", "geolocation": {"lat": 50.06, "lon": 19.94}},
        "device": "Computer",
        "zone": "Office",
        "ipAddress": "198.51.100.7",
    },
    "securityContext": {
        "asNumber": 64500,
        "asOrg": "example",
        "isProxy": False,
        "userBehaviors": [{"name": "New City", "result": "POSITIVE"}],
    },
    "debugContext": {"debugData": {"behaviors": {"New City": "POSITIVE"}, "risk": "{level=LOW}", "n": 1, "no": None}},
    "transaction": {"type": "WEB", "id": "w1", "detail": {}},
    "request": {"ipChain": [{"ip": "198.51.100.7", "geographicalContext": {"country": "Poland"}, "version": "V4"}]},
    "authenticationContext": {"externalSessionId": "s1", "authenticationStep": 0},
}


async def test_all_that_an_event_tells() -> None:
    """Also where live orgs send other kinds than the description has."""
    async with wire(said(200, json.dumps([FULL]))) as server, connect(server.url) as okta:
        (event,) = [event async for event in okta.events(NOON - DAY, NOON)]

    client = event.client
    assert client.geographical_context
    assert (client.geographical_context.city, client.geographical_context.country) == ("Kraków", "Poland")
    assert client.user_agent
    assert (client.user_agent.os, client.user_agent.browser) == ("Mac OS X", "CHROME")
    assert (client.device, client.zone, client.ip_address) == ("Computer", "Office", "198.51.100.7")
    security = event.security_context
    assert (security.as_number, security.as_org, security.is_proxy) == (64500, "example", False)
    assert event.debug_context.plain == {
        "behaviors": '{"New City": "POSITIVE"}',
        "risk": "{level=LOW}",
        "n": "1",
        "no": "null",
    }
    assert event.outcome == Outcome(Result.DENY, "Sign-on policy evaluation resulted in DENY")
    assert event.severity == Severity.WARN
    assert event.legacy_event_type == "core.user_auth.login_failed"
    assert event.ip_chain[0].geographical_context
    assert event.ip_chain[0].geographical_context.country == "Poland"
    assert event.authentication_context.external_session_id == "s1"
    assert event.api_token_id is None


def test_an_event_of_a_hook() -> None:
    """It has the addresses in another place."""
    (event,) = read_many(b'[{"client":{"ipChain":[{"ip":"198.51.100.7"}]},"request":{"ipChain":[]}}]', LogEvent)

    assert [hop.ip for hop in event.ip_chain] == ["198.51.100.7"]


ODD: Final[list[Any]] = [None, [], {}, "text", 7, True, [None], [[]], {"target": {}}]


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize("name", sorted(FULL.keys() - {"uuid"}))
async def test_an_odd_part_of_an_event_costs_that_part_alone(name: str, odd: object) -> None:
    """Null for what does not apply, and other kinds than described: the page is read, and the rest of the event."""
    sent = [{**FULL, name: odd, "actor": {"id": "00u1", "type": "User"}}, FULL]
    async with wire(said(200, json.dumps(sent))) as server, connect(server.url) as okta:
        first, second = [event async for event in okta.events(NOON - DAY, NOON)]

    assert (first.uuid, first.actor) == ("1", Entity("00u1", "User"))
    assert second == read_many(json.dumps([FULL]).encode(), LogEvent)[0]


def test_debug_data_that_is_none() -> None:
    """There is nothing to show."""
    assert DebugContext().plain == {}


NAMES: Final = st.sampled_from(
    [
        *("uuid", "published", "eventType", "severity", "actor", "target", "outcome", "client", "transaction", "id"),
        *("detail", "requestApiTokenId", "debugContext", "debugData", "securityContext", "asNumber", "isProxy", "ip"),
        *("request", "ipChain", "geographicalContext", "city", "userAgent", "os", "authenticationContext", "type"),
    ]
)
ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@patient
@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=8) | ANYTHING, max_size=4))
def test_any_json_is_an_event(sent: list[Any]) -> None:
    """As many as were sent, and whatever is asked of one has an answer that can be sent on."""
    events = read_many(json.dumps(sent).encode(), LogEvent)

    assert len(events) == len(sent)
    for event in events:
        assert isinstance(event, LogEvent)
        assert all(isinstance(text, str) for text in event.debug_context.plain.values())
        assert isinstance(event.ip_chain, tuple)
        assert isinstance(event.api_token_id, str | None)
        repr(event).encode()
