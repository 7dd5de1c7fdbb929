"""What event hooks deliver: the envelope, second attempts, and how a test delays, doubles, disorders and loses it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.okta.hook_calls import PATIENCE
from sandbox.okta.hooks import Fate
from sandbox.people import STAR
from sandbox.serve import serve
from tests.okta.receiver import SECRET, willing
from tests.okta.wire import CUT, SILENCE, Wire, said, wire
from tests.sandbox.okta.api import login, until
from tests.sandbox.okta.hooks import LOCKED, UNLOCKED, hook_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.usefixtures("http")  # the org is served

JONAS, CLARA, BEN = login("jonas.lindqvist"), login("clara.novak"), login("ben.osei")


@pytest.fixture
async def receiver() -> AsyncIterator[Wire]:
    """What takes every delivery."""
    async with wire(willing) as running:
        yield running


@pytest.fixture(autouse=True)
def hooked(org: Org, receiver: Wire) -> str:
    """The id of a hook for locks, whose receiver is `receiver`."""
    return org.hooks.keep(hook_of(receiver.url, verified=True)).id


def envelopes(receiver: Wire) -> list[dict[str, Any]]:
    """What has arrived."""
    return [json.loads(asked.body) for asked in receiver.asked]


def arrived(receiver: Wire) -> list[list[str]]:
    """The people of whom each delivery told."""
    return [[entry["actor"]["alternateId"] for entry in told["data"]["events"]] for told in envelopes(receiver)]


async def test_an_event_is_delivered(org: Org, receiver: Wire, hooked: str) -> None:
    """At once, in Okta's envelope, with the secret; before readers of the System Log see it."""
    org.lock(JONAS)
    await org.hooks.idle()

    (asked,), (told,) = receiver.asked, envelopes(receiver)
    assert (asked.method, asked.target, asked.all("x-hook-secret")) == ("POST", "/", [SECRET])
    assert asked.all("content-type") == ["application/json"]
    fixed = {"eventType": "com.okta.event_hook", "eventTypeVersion": "1.0", "cloudEventsVersion": "0.1"}
    fixed |= {"contentType": "application/json", "source": f"https://northwind.example/api/v1/eventHooks/{hooked}"}
    (delivery,), entry = org.hooks.deliveries, org.log[-1]
    fixed |= {"eventId": delivery.event_id, "eventTime": told["eventTime"]}
    assert told.items() >= fixed.items()
    (event,) = told["data"]["events"]
    assert (event["uuid"], event["eventType"]) == (entry["uuid"], LOCKED)
    assert event["client"]["ipChain"] == entry["request"]["ipChain"]
    assert "request" not in event
    assert event["insertionTimestamp"] == entry["published"]
    assert (delivery.hook_id, delivery.events, delivery.attempt) == (hooked, (entry["uuid"],), 1)
    assert (delivery.fate, delivery.status) == (Fate.DELIVERED, 204)
    assert SECRET not in repr(org.hooks.deliveries)


async def test_what_happens_together_is_delivered_together(org: Org, receiver: Wire) -> None:
    """Several events in one request; what happens later comes in another."""
    org.lock(JONAS)
    org.lock(CLARA)
    await org.hooks.idle()
    org.lock(BEN)
    await org.hooks.idle()

    assert arrived(receiver) == [[JONAS, CLARA], [BEN]]


async def test_only_what_was_subscribed_is_delivered(org: Org, receiver: Wire) -> None:
    """And only by a hook that is active and verified."""
    org.sign_in(STAR)
    for active, verified in ((False, True), (True, False)):
        org.hooks.keep(hook_of(receiver.url, active=active, verified=verified))
        org.lock(JONAS)
        org.set_status(JONAS, "ACTIVE")
    await org.hooks.idle()

    assert receiver.asked == []
    assert org.hooks.deliveries == []


async def test_a_type_that_is_not_eligible_is_never_delivered(org: Org, receiver: Wire) -> None:
    """Not even to a hook that names it; the failure to deliver is of such a type, or one would bring forth the next."""
    both = (UNLOCKED, "event_hook.delivery")
    org.hooks.keep(replace(hook_of(receiver.url, verified=True), event_types=(LOCKED, *both)))
    receiver.answers[:] = [said(400)]
    org.lock(JONAS)
    await org.hooks.idle()

    assert arrived(receiver) == [[JONAS]]
    assert org.log[-1]["eventType"] == "event_hook.delivery"


async def test_every_hook_has_its_own_deliveries(org: Org, receiver: Wire) -> None:
    """One that fails does not hold up another."""
    async with wire(said(500)) as broken:
        org.hooks.keep(replace(hook_of(broken.url, verified=True), id="whoBroken"))
        org.lock(JONAS)
        await org.hooks.idle()

    assert arrived(receiver) == [[JONAS]]
    assert sorted(one.fate for one in org.hooks.deliveries) == [Fate.DELIVERED, Fate.FAILED, Fate.FAILED]


@pytest.mark.parametrize(
    ("answers", "fates"),
    [
        ([said(503), said(200)], [Fate.FAILED, Fate.DELIVERED]),
        ([CUT, said(200)], [Fate.UNREACHABLE, Fate.DELIVERED]),
        ([said(500)], [Fate.FAILED, Fate.FAILED]),
        ([CUT], [Fate.UNREACHABLE, Fate.UNREACHABLE]),
        ([said(401)], [Fate.REFUSED]),
        ([said(302, b"", ("Location", "/elsewhere"))], [Fate.REFUSED]),
    ],
)
async def test_a_failed_delivery_is_tried_once_more(
    org: Org, receiver: Wire, answers: list[bytes], fates: list[Fate]
) -> None:
    """In the same envelope; one that is refused is not. What fails for good is in the System Log."""
    receiver.answers[:] = answers
    org.lock(JONAS)
    await org.hooks.idle()

    assert [one.fate for one in org.hooks.deliveries] == fates
    assert [one.attempt for one in org.hooks.deliveries] == [1, 2][: len(fates)]
    assert arrived(receiver) == [[JONAS]] * len(fates)
    assert len({told["eventId"] for told in envelopes(receiver)}) == 1
    lost = [entry for entry in org.log if entry["eventType"] == "event_hook.delivery"]
    assert [entry["outcome"]["result"] for entry in lost] == ([] if fates[-1] is Fate.DELIVERED else ["FAILURE"])
    assert all(entry["target"][0]["type"] == "EventHook" for entry in lost)


async def test_a_receiver_has_three_seconds(org: Org, receiver: Wire) -> None:
    """By the twin's clock; then comes the second attempt."""
    receiver.answers[:] = [SILENCE, willing]
    org.lock(JONAS)
    await until(lambda: len(receiver.asked) == 1)
    assert org.hooks.deliveries == []
    org.clock.advance(PATIENCE)
    await org.hooks.idle()

    assert [(one.fate, one.status) for one in org.hooks.deliveries] == [(Fate.TIMEOUT, None), (Fate.DELIVERED, 204)]
    assert arrived(receiver) == [[JONAS]] * 2


async def test_a_hook_that_ends_meanwhile_delivers_no_more(org: Org, receiver: Wire) -> None:
    """Not even a second attempt."""
    receiver.answers[:] = [SILENCE, willing]
    org.lock(JONAS)
    await until(lambda: len(receiver.asked) == 1)
    org.hooks.by_id.clear()
    org.clock.advance(PATIENCE)
    await org.hooks.idle()

    assert arrived(receiver) == [[JONAS]]


async def test_events_are_gathered(org: Org, receiver: Wire) -> None:
    """For as long as a test wants."""
    org.settings.hook_gathering = timedelta(minutes=1)
    org.settings.hook_backwards = True
    for who in (JONAS, CLARA):
        org.lock(who)
        await asyncio.sleep(0)
        org.clock.advance(timedelta(seconds=20))
    assert receiver.asked == []
    org.clock.advance(timedelta(seconds=20))
    await org.hooks.idle()

    assert arrived(receiver) == [[CLARA, JONAS]]


async def test_a_delivery_may_overtake_another(org: Org, receiver: Wire) -> None:
    """When the one before is delayed."""
    org.settings.hook_delay = timedelta(minutes=1)
    org.lock(JONAS)
    made = org.clock.now()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    org.settings.hook_delay = timedelta()
    org.lock(CLARA)
    await until(lambda: len(org.hooks.deliveries) == 1)
    org.clock.advance(timedelta(minutes=1))
    await org.hooks.idle()

    assert arrived(receiver) == [[CLARA], [JONAS]]
    assert org.clock.now() - made >= timedelta(minutes=1)


async def test_a_delivery_may_come_twice_or_never(org: Org, receiver: Wire) -> None:
    """Each copy in an envelope of its own, so that only the events show that they are the same."""
    org.settings.hook_copies = 2
    org.lock(JONAS)
    await org.hooks.idle()
    assert arrived(receiver) == [[JONAS]] * 2
    assert len({told["eventId"] for told in envelopes(receiver)}) == 2
    assert len({told["data"]["events"][0]["uuid"] for told in envelopes(receiver)}) == 1

    org.settings.hook_copies = 0
    org.lock(CLARA)
    await org.hooks.idle()
    assert len(receiver.asked) == 2
    assert org.log[-1]["eventType"] == LOCKED


@pytest.fixture
def lone() -> Org:
    """An org that is not served yet."""
    return Org(Clock())


async def test_nothing_is_delivered_but_while_the_org_is_served(lone: Org, receiver: Wire) -> None:
    """Before and after; and nothing is made up for."""
    lone.hooks.keep(hook_of(receiver.url, verified=True))
    lone.lock(JONAS)
    for who in (CLARA, BEN):
        async with serve(okta_app(lone)):
            lone.lock(who)
            await lone.hooks.idle()
        lone.set_status(JONAS, "ACTIVE")
        lone.lock(JONAS)

    assert arrived(receiver) == [[CLARA], [BEN]]
    with pytest.raises(LookupError):
        await lone.hooks.challenge(hook_of(receiver.url))


async def test_deliveries_end_with_the_server(lone: Org, receiver: Wire) -> None:
    """What is on its way, delayed or being gathered is given up; no task and no connection is left."""
    lone.hooks.keep(hook_of(receiver.url, verified=True))
    receiver.answers[:] = [SILENCE]
    before = asyncio.all_tasks()
    async with serve(okta_app(lone)):
        lone.lock(JONAS)
        await until(lambda: len(receiver.asked) == 1)
        lone.settings.hook_delay = timedelta(minutes=1)
        lone.lock(CLARA)
        await asyncio.sleep(0)
        lone.settings.hook_gathering = timedelta(minutes=1)
        lone.lock(BEN)

    await until(lambda: asyncio.all_tasks() <= before)  # the receiver sees that its caller has left
    assert lone.hooks.deliveries == []
    assert len(receiver.asked) == 1
    await lone.hooks.idle()


async def test_an_org_is_served_once_at_a_time(org: Org) -> None:
    """Else nobody could say from where it delivers."""
    with pytest.raises(RuntimeError):
        async with serve(okta_app(org)):
            pass
    org.lock(JONAS)
    await org.hooks.idle()
    assert len(org.hooks.deliveries) == 1
