"""A worker is killed, stopped or told to end at every await point of a request; the promises hold at each of them."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from sandbox.okta import Fault
from tests.kill.case import ASKS, NOT_LOCKED, UNLOCKED, Case
from tests.kill.lane import FAIR, Lane, Weather, lane
from tests.kill.nursery import Fate, MortalWorker
from tests.kill.worker import PACE

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]

LANES: Final = 4

PROMPT: Final = 10.0
"""Seconds within which a worker that is told to end has finished what it had in hand, on a machine that is busy."""

ASKING: Final = 1
CONFIRMED: Final = 2
"""The version a request has when the person asks, and when they confirm."""

CUT: Final = Weather(Fault.CUT_AFTER)
STALL: Final = Weather(Fault.STALL, PACE.okta_limit + 0.6)
SLOW: Final = Weather(Fault.STALL_AFTER, PACE.okta_limit - 0.2)


async def sweep(home: Path, run: Callable[[Lane, int], Awaitable[Case]]) -> list[Case]:
    """Run a case for N = 1, 2, 3, …, in several lanes, until each lane has had one that was over before its N."""

    async def every(start: int, here: Lane) -> list[Case]:
        cases = []
        for at in count(start, LANES):
            cases.append(await run(here, at))
            if not cases[-1].where:
                break
        return cases

    async with AsyncExitStack() as stack:
        folders = [home / str(number) for number in range(LANES)]
        lanes = [await stack.enter_async_context(lane(folder)) for folder in folders]
        found = await asyncio.gather(*(every(number, here) for number, here in enumerate(lanes, start=1)))
    return sorted((case for cases in found for case in cases), key=lambda case: case.fate.at)


def reached(cases: list[Case], least: int, *files: str) -> None:
    """That the sweep went where it should: at least so many points, and some in each of these files."""
    places = [case.where for case in cases if case.where]
    assert len(places) >= least, places
    assert all(any(file in place for place in places) for file in files), "\n".join(places)


async def killed(here: Lane, case: Case, worker: MortalWorker) -> None:
    """The worker is gone; a healthy one comes by."""
    assert await worker.has_ended() == -signal.SIGKILL, case
    async with here.healthy():
        await here.settled(case)


async def stopped(here: Lane, case: Case, worker: MortalWorker) -> None:
    """The worker stands still for as long as a healthy one needs to finish, and then goes on where it was."""
    async with here.healthy():
        await here.settled(case)
        worker.tell(signal.SIGCONT)
        worker.tell(signal.SIGTERM)
        assert await worker.has_ended() == 0, case
        await here.settled(case)


async def told_to_end(here: Lane, case: Case, worker: MortalWorker) -> None:
    """The worker finishes by itself, and soon."""
    async with asyncio.timeout(PROMPT):
        assert await worker.has_ended() == 0, case
    assert await here.rests(case), case


AFTERWARDS: Final = {signal.SIGKILL: killed, signal.SIGSTOP: stopped, signal.SIGTERM: told_to_end}


async def write(here: Lane, fate: Fate, weather: Weather) -> Case:
    """From the press of Confirm on, the worker is under its fate."""
    case = here.begin(fate)
    async with here.nursery.worker(fate) as worker:
        await here.ask(case)
        await here.confirm(case, weather)
        if await here.hurt(case, worker):
            await AFTERWARDS[fate.number](here, case, worker)
        else:
            worker.tell(signal.SIGTERM)
            assert await worker.has_ended() == 0, case
    if weather.fault is Fault.STALL:
        await here.stalled_no_more(case)
    await here.end(case)
    return case


@pytest.mark.parametrize(
    ("number", "weather", "ends"),
    [
        pytest.param(signal.SIGKILL, FAIR, (UNLOCKED,), id="killed"),
        pytest.param(signal.SIGKILL, CUT, (UNLOCKED,), id="killed while the answer is lost"),
        pytest.param(signal.SIGKILL, SLOW, (UNLOCKED,), id="killed while the answer takes long"),
        pytest.param(signal.SIGKILL, STALL, (UNLOCKED, NOT_LOCKED), id="killed while the effect comes too late"),
        pytest.param(signal.SIGSTOP, FAIR, (UNLOCKED,), id="stopped for longer than its lease"),
        pytest.param(signal.SIGTERM, FAIR, (UNLOCKED,), id="told to end"),
    ],
)
async def test_a_write_at_every_await(
    number: signal.Signals, weather: Weather, ends: tuple[str, ...], tmp_path: Path
) -> None:
    """One effect, never two, and one card that tells what is true, wherever it happened."""
    cases = await sweep(tmp_path, lambda here, at: write(here, Fate(at, number, CONFIRMED), weather))

    problems = [problem for case in cases for problem in case.problems(*ends)]
    assert not problems, "\n".join(problems)
    reached(cases, 15, "steps.py", "store.py", "transport.py")
    assert {case.effects for case in cases} == {("unlock",)}


async def question(here: Lane, at: int) -> Case:
    """From the message on, the worker is to be killed; in the end the person has the card."""
    case = here.begin(Fate(at, signal.SIGKILL, ASKING))
    async with here.nursery.worker(case.fate) as worker:
        await here.ask(case)
        if await here.hurt(case, worker, asking=True):
            assert await worker.has_ended() == -signal.SIGKILL, case
            async with here.healthy():
                await here.asked(case)
        else:
            worker.tell(signal.SIGTERM)
            assert await worker.has_ended() == 0, case
    await here.end(case)
    return case


async def test_a_question_at_every_await(tmp_path: Path) -> None:
    """Whatever happens between the message and the card, there is one card, and nothing else."""
    cases = await sweep(tmp_path, question)

    problems = [problem for case in cases for problem in case.problems(ASKS)]
    assert not problems, "\n".join(problems)
    reached(cases, 10, "store.py", "transport.py", "messenger.py")
    assert {(case.effects, case.status) for case in cases} == {((), "LOCKED_OUT")}
