"""Identical reads share an exchange, and never one that went out before the question."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from okta.client import OktaClient
from okta.errors import NotFoundError
from okta.sharing import Sharing
from sandbox.okta import Fault, Org
from tests.okta.clients import connect
from tests.okta.properties import patient

MAYA = "maya.okafor@northwind.example"


@dataclass(slots=True)
class Server:
    """Answers each request with the step at which it went out."""

    step: int = 0
    sent: list[int] = field(default_factory=list)
    open: list[asyncio.Event] = field(default_factory=list)

    async def send(self, leaves: Callable[[], None]) -> int:
        """A request, which is answered when the test says so."""
        leaves()
        at, answered = self.step, asyncio.Event()
        self.sent.append(at)
        self.open.append(answered)
        await answered.wait()
        return at


async def turns() -> None:
    """Let everything go on that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def play(steps: list[str]) -> tuple[list[tuple[int, int]], Server]:
    """Ask, answer and give up as told; for each who got an answer when they asked, and when it went out."""
    sharing, server = Sharing[int](), Server()
    asked: list[tuple[int, asyncio.Task[int]]] = []
    for step in steps:
        server.step += 1
        if step == "ask":
            asked.append((server.step, asyncio.create_task(sharing.read("key", server.send))))
        elif step == "answer" and server.open:
            server.open.pop(0).set()
        elif step == "cancel" and asked:
            asked[len(asked) // 2][1].cancel()
        await turns()
    while any(not task.done() for _, task in asked):
        server.step += 1
        for answered in server.open:
            answered.set()
        server.open.clear()
        await turns()
    return [(at, task.result()) for at, task in asked if not task.cancelled()], server


@patient
@given(st.lists(st.sampled_from(["ask", "ask", "answer", "cancel"]), max_size=30))
def test_nobody_gets_an_answer_that_is_older_than_their_question(steps: list[str]) -> None:
    """Whoever asks, gives up and is answered, in whichever order; and there is never more than one that waits behind one."""
    answered, server = asyncio.run(play(steps))

    assert all(went_out >= asked for asked, went_out in answered)
    assert len(server.sent) <= steps.count("ask")


async def test_many_at_once_are_one_exchange(org: Org, okta: OktaClient) -> None:
    """All get the same answer."""
    found = await asyncio.gather(*(okta.user(MAYA) for _ in range(500)))

    assert {user.profile.login for user in found} == {MAYA}
    assert len([call for call in org.calls if call.path.startswith("/api/v1/users/")]) == 1


async def test_who_comes_while_it_is_away_shares_the_next(org: Org, okta: OktaClient) -> None:
    """A write may have been between the two."""
    org.faults.order("GET", "**", Fault.STALL, seconds=0.2)
    first = asyncio.create_task(okta.user(MAYA))
    while not org.calls:  # noqa: ASYNC110 - the twin has no event for it
        await asyncio.sleep(0.005)
    late = await asyncio.gather(*(okta.user(MAYA) for _ in range(20)), first)

    assert len(late) == 21
    assert len(org.calls) == 2


async def test_different_reads_share_nothing(org: Org, okta: OktaClient) -> None:
    """Nor do reads and writes."""
    await asyncio.gather(okta.user(MAYA), okta.user("jonas.lindqvist@northwind.example"), okta.blocks(MAYA))

    assert len(org.calls) == 3


async def test_an_error_is_everybodys_own(okta: OktaClient) -> None:
    """So that nobody's traceback grows by the others'."""
    failed = await asyncio.gather(*(okta.user("nobody@northwind.example") for _ in range(3)), return_exceptions=True)

    assert {type(error) for error in failed} == {NotFoundError}
    assert len({id(error) for error in failed}) == 3


async def test_one_who_gives_up_takes_nobody_along(org: Org, url: str) -> None:
    """And a read that nobody waits for any more is given up too."""
    org.faults.order("GET", "**", Fault.STALL, seconds=0.1)
    async with connect(url) as okta:
        gone, stays = (asyncio.create_task(okta.user(MAYA)) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).profile.login == MAYA
        assert gone.cancelled()
        assert len(org.calls) == 1

        alone = asyncio.create_task(okta.blocks(MAYA))
        await asyncio.sleep(0)
        alone.cancel()
        assert (await okta.user(MAYA)).profile.login == MAYA
