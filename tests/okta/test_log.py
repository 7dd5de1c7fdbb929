"""Following the System Log with its cursor."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from okta.client import OktaClient
from okta.errors import BadLinkError, InvalidRequestError
from okta.search import eq
from sandbox.okta import Org
from sandbox.people import STAR, okta_id
from tests.okta.clients import connect
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
