"""When requests go out: at the pace of the rate limits, people before background work, and tried again where that is safe."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta import retry
from okta.client import OktaClient
from okta.errors import (
    Executed,
    InvalidTokenError,
    Limited,
    LostAnswerError,
    NotFoundError,
    OktaError,
    RateLimitedError,
    UnreachableError,
)
from okta.exchange import Exchange
from okta.pace import SPARE, WIDER_AFTER, WIDTH, Gate, Memory, bucket_of
from sandbox.okta import Fault, Org
from tests.okta.clients import connect
from tests.okta.properties import patient

MAYA = "maya.okafor@northwind.example"


def by_clock(org: Org) -> Memory:
    """A ledger in the twin's time."""
    return Memory(lambda: org.clock.now().timestamp())


@pytest.fixture
async def told(url: str, org: Org) -> AsyncIterator[tuple[OktaClient, list[Exchange]]]:
    """A client that tries thrice, and what it says of its attempts."""
    heard: list[Exchange] = []
    async with connect(url, attempts=3, ledger=by_clock(org), on_exchange=heard.append) as okta:
        yield okta, heard


@pytest.mark.parametrize(
    ("method", "path", "bucket"),
    [
        ("GET", "/api/v1/users/{}", "user"),
        ("POST", "/api/v1/users/{}", "change of a user"),
        ("GET", "/api/v1/users", "users"),
        ("POST", "/api/v1/users/{}/lifecycle/unlock", "users"),
        ("GET", "/api/v1/groups/{}", "group"),
        ("PUT", "/api/v1/groups/{}/users/{}", "groups"),
        ("GET", "/api/v1/apps/{}", "app"),
        ("GET", "/api/v1/logs", "logs"),
        ("GET", "https://acme.okta.com/api/v1/users?after=00u1&limit=200", "users"),
        ("GET", "https://acme.okta.com/api/v1/logs?after=1", "logs"),
        ("GET", "/oauth2/v1/clients/{}/roles", "clients"),
        ("GET", "/.well-known/okta-organization", "/.well-known/okta-organization"),
    ],
)
def test_what_counts_together(method: str, path: str, bucket: str) -> None:
    """As Okta has it, and the next page like the first."""
    assert bucket_of(method, path) == bucket


@pytest.mark.parametrize(
    "fault",
    [Fault.ERROR_500, Fault.UNAVAILABLE_503, Fault.GATEWAY_502, Fault.GATEWAY_504, Fault.CUT_BEFORE, Fault.CUT_AFTER],
)
async def test_a_read_is_tried_again(org: Org, told: tuple[OktaClient, list[Exchange]], fault: Fault) -> None:
    """Twice, and who waits for it notices nothing."""
    okta, heard = told
    org.faults.order("GET", "**", fault, times=2)

    assert (await okta.user(MAYA)).profile.login == MAYA
    await asyncio.sleep(0)
    assert [one.attempt for one in heard] == [1, 2, 3]
    assert [one.error for one in heard] == ["LostAnswerError", "LostAnswerError", None]
    assert heard[-1].status == 200
    assert (heard[-1].operation, heard[-1].bucket, heard[-1].background) == ("user", "user", False)


async def test_a_read_is_not_tried_for_ever(org: Org, told: tuple[OktaClient, list[Exchange]]) -> None:
    """The last error is told."""
    okta, _ = told
    org.faults.order("GET", "**", Fault.ERROR_500, times=9)

    with pytest.raises(LostAnswerError):
        await okta.user(MAYA)
    assert len(org.calls) == 3


@pytest.mark.parametrize("fault", [Fault.ERROR_500, Fault.CUT_AFTER, Fault.CUT_BEFORE, Fault.GATEWAY_504])
async def test_a_write_of_which_nothing_was_heard_is_left_alone(
    org: Org, told: tuple[OktaClient, list[Exchange]], fault: Fault
) -> None:
    """It may have been done."""
    okta, _ = told
    org.faults.order("POST", "**", fault)

    with pytest.raises(LostAnswerError):
        await okta.unlock(org.user(MAYA).id)
    assert len(org.calls) == 1


async def test_a_write_that_okta_puts_off_is_tried_again(org: Org, told: tuple[OktaClient, list[Exchange]]) -> None:
    """Too many at once: it was surely not done, and is done once."""
    okta, _ = told
    org.faults.order("POST", "**", Fault.CONCURRENCY, times=2)

    await okta.unlock(org.user(MAYA).id)

    assert [effect.kind for effect in org.effects] == ["unlock"]


async def test_nobody_waits_longer_than_their_limit(org: Org, told: tuple[OktaClient, list[Exchange]]) -> None:
    """A bucket that is empty for longer is told as such at once, and the next ask not even sent."""
    okta, _ = told
    org.faults.order("GET", "**", Fault.RATE_LIMIT, seconds=40)
    for calls in (1, 1):
        with pytest.raises(RateLimitedError) as caught:
            await okta.user(MAYA)
        assert (caught.value.limited, len(org.calls)) == (Limited.BUCKET, calls)
        assert caught.value.retry_after is not None
        assert timedelta(seconds=35) < caught.value.retry_after < timedelta(seconds=45)

    assert (await okta.blocks(MAYA)) == ()
    org.clock.advance(timedelta(seconds=45))
    assert (await okta.user(MAYA)).profile.login == MAYA


async def test_the_limit_of_one_person_holds_up_nobody(org: Org, url: str) -> None:
    """Okta's headers are about something else then."""
    async with connect(url, ledger=by_clock(org)) as okta:
        await okta.user(MAYA)
        org.limits.per_minute["users"] = 5
        users = [await okta.blocks(MAYA) for _ in range(5)]
        assert users
        with pytest.raises(RateLimitedError):
            await okta.blocks(MAYA)
        assert [call.status for call in org.calls].count(429) == 0, "the ledger knew"


async def test_background_work_leaves_room_for_people(org: Org, url: str) -> None:
    """It goes on to wait where somebody who waits is let through."""
    org.limits.per_minute["users"] = 100
    async with connect(url, ledger=by_clock(org)) as okta:
        behind = okta.in_background()
        await behind.blocks(MAYA)
        done = 0
        while True:
            try:
                async with asyncio.timeout(0.2):
                    await behind.blocks(MAYA)
            except TimeoutError:
                break
            done += 1
        assert done < 20
        assert await okta.blocks(MAYA) == ()
        assert [call.status for call in org.calls].count(429) == 0


async def test_a_hook_that_fails_hurts_no_call(url: str) -> None:
    """It is told to the loop instead."""
    said: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))

    def broken(exchange: Exchange) -> None:
        raise ValueError(exchange.operation)

    async with connect(url, on_exchange=broken) as okta:
        assert (await okta.user(MAYA)).profile.login == MAYA
        await asyncio.sleep(0)
    assert [str(context["exception"]) for context in said] == ["user"]


async def test_places_are_for_people_first() -> None:
    """Background work leaves some of them, and comes after whoever waits."""
    gate = Gate(width=6, spare=2)
    for _ in range(4):
        await gate.enter(background=True)
    behind = asyncio.create_task(gate.enter(background=True))
    await asyncio.sleep(0)
    assert not behind.done()
    for _ in range(2):
        await gate.enter(background=False)
    person = asyncio.create_task(gate.enter(background=False))
    await asyncio.sleep(0)
    gate.leave()
    await asyncio.sleep(0)
    assert person.done()
    assert not behind.done()
    for _ in range(3):
        gate.leave()
    await behind


async def test_who_gives_up_a_place_leaves_it_to_others() -> None:
    """Before it was theirs, and at the moment when it becomes theirs."""
    gate = Gate(width=1, spare=0)
    await gate.enter(background=False)
    first, second = (asyncio.create_task(gate.enter(background=False)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    third = asyncio.create_task(gate.enter(background=False))
    await asyncio.sleep(0)
    gate.leave()
    second.cancel()
    await asyncio.wait({first, second, third}, timeout=1)

    assert third.done()
    assert not third.cancelled()


async def test_fewer_go_out_when_okta_had_too_many() -> None:
    """Half of them, and slowly more again; one is always let through."""
    gate = Gate()
    gate.narrow()
    for _ in range(WIDTH // 2):
        await gate.enter(background=False)
    waiting = asyncio.create_task(gate.enter(background=False))
    await asyncio.sleep(0)
    assert not waiting.done()
    for _ in range(WIDER_AFTER):
        gate.answered()
    gate.leave()
    await waiting
    for _ in range(10):
        gate.narrow()
    assert SPARE > 1
    for _ in range(WIDTH // 2):
        gate.leave()
    await gate.enter(background=True)


class Stalled(Memory):
    """A ledger that answers when it is too late."""

    async def take(self, bucket: str, *, background: bool) -> float:
        """As `Memory.take`, after a while."""
        await asyncio.sleep(0.06)
        return await super().take(bucket, background=background)


@pytest.mark.parametrize("operation", ["user", "unlock"])
async def test_nothing_goes_out_after_its_time(org: Org, url: str, operation: str) -> None:
    """A stalled worker must not write what others have concluded was never sent."""
    async with connect(url, time_limit=0.05, ledger=Stalled()) as okta:
        with pytest.raises(UnreachableError) as caught:
            await getattr(okta, operation)(org.user(MAYA).id)

    assert caught.value.executed is Executed.NO
    assert org.calls == []


async def test_whoever_gave_up_waiting_holds_no_place() -> None:
    """However the end of the wait and a place that becomes free fall together."""
    gate = Gate(1, 0)
    await gate.enter(background=False)
    waiting = [asyncio.create_task(gate.enter(background=False)) for _ in range(3)]
    await asyncio.sleep(0)
    for one in waiting[:2]:
        one.cancel()
    gate.leave()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError, asyncio.CancelledError, type(None)]
    gate.leave()
    assert gate.enters(background=False)


async def test_an_overload_is_over_when_it_is_over(org: Org, url: str) -> None:
    """Nobody who was turned away keeps the others out."""
    async with connect(url, time_limit=0.05) as okta:
        for _ in range(5):
            wanted = [user.id for user in org.users()]
            await asyncio.gather(*(okta.user(one) for one in wanted * 2), return_exceptions=True)
        gate = okta._exchanges._gate
        assert all(gate.enters(background=False) for _ in range(WIDTH))


async def test_clients_of_one_process_share_the_gate(org: Org, url: str) -> None:
    """Okta counts what an org has on its way, whoever it is from."""
    gate = Gate()
    async with connect(url, gate=gate) as one, connect(url, gate=gate, time_limit=0.05) as other:
        assert (await one.user(MAYA)).id
        for _ in range(WIDTH):
            await gate.enter(background=False)
        with pytest.raises(RateLimitedError):
            await other.user(MAYA)
    assert len(org.calls) == 1


async def test_a_place_that_is_waited_for(org: Org, url: str) -> None:
    """The request goes out with it."""
    async with connect(url) as okta:
        gate = okta._exchanges._gate
        for _ in range(WIDTH):
            await gate.enter(background=False)
        asking = asyncio.create_task(okta.user(MAYA))
        await asyncio.sleep(0.01)
        assert org.calls == []
        gate.leave()

        assert (await asking).profile.login == MAYA


async def test_a_place_that_does_not_come_in_time(org: Org, url: str) -> None:
    """Is told as a limit: nothing was sent."""
    async with connect(url, time_limit=0.1) as okta:
        for _ in range(WIDTH):
            await okta._exchanges._gate.enter(background=False)
        with pytest.raises(RateLimitedError) as caught:
            await okta.user(MAYA)

    assert caught.value.limited is Limited.CONCURRENCY
    assert org.calls == []


@patient
@given(
    error=st.sampled_from(
        [
            UnreachableError("user"),
            LostAnswerError("user"),
            RateLimitedError("user", limited=Limited.CONCURRENCY),
            RateLimitedError("user", limited=Limited.PERSON),
            RateLimitedError("user", limited=Limited.BUCKET),
            RateLimitedError("user", limited=Limited.BUCKET, retry_after=timedelta(seconds=7)),
            InvalidTokenError("user"),
            NotFoundError("user"),
        ]
    ),
    attempt=st.integers(1, 9),
    writes=st.booleans(),
    chance=st.floats(0, 1),
)
def test_what_may_be_tried_again(error: OktaError, attempt: int, writes: bool, chance: float) -> None:  # noqa: FBT001 - a parameter of the cases above
    """A write only when Okta itself has put it off; and never without an end to the pause."""
    pause = retry.pause(error, attempt, writes=writes, random=lambda: chance)

    put_off = isinstance(error, RateLimitedError) and error.limited is not Limited.PERSON
    silent = isinstance(error, UnreachableError | LostAnswerError)
    assert (pause is not None) == (put_off or (silent and not writes))
    assert pause is None or pause in {7.0, min(pause, retry.LONGEST)}
