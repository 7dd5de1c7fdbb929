"""Faults on order: what the client sees of each, and whether the effect happens all the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from sandbox.okta import Fault
from sandbox.people import EMPLOYEES
from tests.sandbox.okta.api import code, until

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

MAYA, JONAS = EMPLOYEES[0], EMPLOYEES[1]
UNLOCK: Final = "/api/v1/users/*/lifecycle/unlock"

REFUSED: Final = {
    Fault.RATE_LIMIT: (429, "E0000047"),
    Fault.CONCURRENCY: (429, "E0000047"),
    Fault.ERROR_500: (500, "E0000009"),
    Fault.UNAVAILABLE_503: (503, "E0000181"),
    Fault.READ_ONLY_503: (503, "E0000010"),
}
GATEWAY: Final = {Fault.GATEWAY_502: (502, False), Fault.GATEWAY_504: (504, True)}
CUT: Final = {Fault.CUT_BEFORE: False, Fault.CUT_AFTER: True}
STALLED: Final = {Fault.STALL: False, Fault.STALL_AFTER: True}


def test_the_tables_are_whole() -> None:
    """A fault that joins has to be told here."""
    assert {*REFUSED, *GATEWAY, *CUT, *STALLED} == set(Fault)


@pytest.mark.parametrize(("fault", "refusal"), REFUSED.items())
async def test_refusals_have_no_effect(
    org: Org, api: Api, clock: Clock, fault: Fault, refusal: tuple[int, str]
) -> None:
    """Okta's own words, nothing done, and the next one passes once it may."""
    org.faults.order("POST", UNLOCK, fault)

    assert code(await api.act(MAYA.id, "unlock")) == refusal
    assert org.effects == []
    clock.advance(timedelta(minutes=1))
    assert (await api.act(MAYA.id, "unlock")).is_success


@pytest.mark.parametrize(("fault", "outcome"), GATEWAY.items())
async def test_gateways_speak_html(org: Org, api: Api, fault: Fault, outcome: tuple[int, bool]) -> None:
    """502: it never arrived. 504: it arrived, and was done."""
    org.faults.order("POST", UNLOCK, fault)

    answer = await api.act(MAYA.id, "unlock")

    assert answer.status_code == outcome[0]
    assert answer.headers["content-type"] == "text/html"
    assert bool(org.effects) is outcome[1]


@pytest.mark.parametrize(("fault", "done"), CUT.items())
async def test_a_connection_breaks(org: Org, api: Api, fault: Fault, *, done: bool) -> None:
    """Before the effect or after it; the client cannot tell which."""
    org.faults.order("POST", UNLOCK, fault)

    with pytest.raises(httpx.RemoteProtocolError):
        await api.act(MAYA.id, "unlock")

    assert bool(org.effects) is done
    assert [(call.method, call.status) for call in org.calls] == [("POST", None)]
    assert (await api.user(MAYA.id)).json()["status"] == ("ACTIVE" if done else "LOCKED_OUT")


@pytest.mark.parametrize(("fault", "at_once"), STALLED.items())
async def test_an_answer_is_late(org: Org, api: Api, clock: Clock, fault: Fault, *, at_once: bool) -> None:
    """The effect happens at the beginning of the wait or at its end."""
    org.faults.order("POST", UNLOCK, fault, seconds=3600)
    waiting = asyncio.create_task(api.act(MAYA.id, "unlock"))
    await until(lambda: bool(org.calls) and (bool(org.effects) or not at_once))

    assert bool(org.effects) is at_once
    assert not waiting.done()
    clock.advance(timedelta(hours=1))

    assert (await waiting).is_success
    assert [effect.kind for effect in org.effects] == ["unlock"]


@pytest.mark.parametrize("fault", STALLED)
async def test_giving_up_does_not_take_it_back(org: Org, api: Api, clock: Clock, fault: Fault) -> None:
    """The client has gone; Okta does it nevertheless."""
    org.faults.order("POST", UNLOCK, fault, seconds=3600)
    waiting = asyncio.create_task(api.act(MAYA.id, "unlock"))
    await until(lambda: bool(org.calls))
    waiting.cancel()
    clock.advance(timedelta(hours=1))
    await until(lambda: bool(org.effects))

    assert org.user(MAYA.id).status == "ACTIVE"


async def test_a_late_request_is_judged_when_it_is_carried_out(org: Org, api: Api, clock: Clock) -> None:
    """Somebody else was faster during the stall."""
    org.faults.order("POST", UNLOCK, Fault.STALL, seconds=3600)
    waiting = asyncio.create_task(api.act(MAYA.id, "unlock"))
    await until(lambda: bool(org.calls))
    await api.act(MAYA.id, "unlock")
    clock.advance(timedelta(hours=1))

    assert code(await waiting) == (403, "E0000032")
    assert len(org.effects) == 1


async def test_orders_are_for_what_they_name(org: Org, api: Api) -> None:
    """Method and path, as often as ordered, the first ordered first; `*` is one segment, `**` anything."""
    org.faults.order("POST", UNLOCK, Fault.ERROR_500, times=2)
    org.faults.order("*", "/api/v1/users/*", Fault.UNAVAILABLE_503)
    org.faults.order("*", "/api/v1/**", Fault.READ_ONLY_503)

    statuses = [
        (await api.act(MAYA.id, "unlock")).json()["errorCode"],
        (await api.user(MAYA.id)).json()["errorCode"],
        (await api.act(MAYA.id, "unlock")).json()["errorCode"],
        (await api.get(f"/api/v1/users/{MAYA.id}/groups")).json()["errorCode"],
    ]

    assert statuses == ["E0000009", "E0000181", "E0000009", "E0000010"]
    assert (await api.act(MAYA.id, "unlock")).is_success


async def test_orders_can_be_called_off(org: Org, api: Api) -> None:
    """All of them at once."""
    org.faults.order("*", "**", Fault.ERROR_500, times=100)
    org.faults.clear()

    assert (await api.user(MAYA.id)).is_success


async def test_maintenance(org: Org, api: Api) -> None:
    """Okta can be read and not written, until it can."""
    org.settings.read_only = True

    assert (await api.user(MAYA.id)).is_success
    assert (await api.users(search="id pr")).is_success
    for answer in (
        await api.act(MAYA.id, "unlock"),
        await api.act(JONAS.id, "suspend"),
        await api.end_sessions(JONAS.id),
    ):
        assert code(answer) == (503, "E0000010")
    assert org.effects == []
    org.settings.read_only = False
    assert (await api.act(MAYA.id, "unlock")).is_success


async def test_calls_are_kept_as_they_came(org: Org, api: Api) -> None:
    """With the query as it was sent, and the status of the answer."""
    await api.users(search='profile.email eq "a b"')
    await api.act(JONAS.id, "unlock")

    assert [(call.method, call.path, call.status) for call in org.calls] == [
        ("GET", "/api/v1/users", 200),
        ("POST", f"/api/v1/users/{JONAS.id}/lifecycle/unlock", 403),
    ]
    assert org.calls[0].query in {"search=profile.email%20eq%20%22a%20b%22", "search=profile.email+eq+%22a+b%22"}
