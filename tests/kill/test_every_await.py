"""A worker is killed, stopped or told to end at every await point of a request; the promises hold at each of them.

The sweep over an unlock goes to every point. The others have many more of them, and take every k-th, beginning at one
that the sweep's own name decides; `make kill ARGS=--every-await` leaves out none.
"""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from typing import Final

import pytest
import pytest_asyncio

from sandbox.okta import Fault
from tests.kill import errands, weather
from tests.kill.case import Case
from tests.kill.errands import Errand
from tests.kill.lane import Lane, lane
from tests.kill.nursery import Fate, MortalWorker
from tests.kill.weather import FAIR, Weather

pytestmark = [pytest.mark.kill, pytest.mark.timeout(3600), pytest.mark.asyncio(loop_scope="module")]

LANES: Final = 6

PROMPT: Final = 10.0
"""Seconds within which a worker that is told to end has finished what it had in hand, on a machine that is busy."""

ASKING: Final = 1
CHOSEN: Final = 2
"""The version a request has when the person asks, and when they have chosen something."""

Run = Callable[[Lane, int], Awaitable[Case]]

_FATES: Final = {signal.SIGKILL: "killed", signal.SIGSTOP: "stopped beyond its lease", signal.SIGTERM: "told to end"}


@dataclass(frozen=True, slots=True)
class Sweep:
    """One errand under one fate and weather.

    Attributes:
        step: of the points, every such one is taken.
    """

    errand: Errand
    number: signal.Signals = signal.SIGKILL
    weather: Weather = FAIR
    step: int = 1

    def __str__(self) -> str:
        return f"{self.errand.name}: {_FATES[self.number]}, {self.weather.name}"

    @property
    def ends(self) -> tuple[str, ...]:
        """How the card may begin in the end."""
        errand, fault = self.errand, self.weather.fault
        if fault is Fault.READ_ONLY_503:
            return (errands.PARTLY, errands.UNKNOWN_PARTLY)
        return (*errand.told, *errand.unknown, *(errand.late if fault is Fault.STALL else ()))

    def points(self, step: int) -> Iterator[int]:
        """The points to go to, without an end."""
        first = random.Random(str(self)).randrange(step)  # noqa: S311 - no secret: the same in every run
        return count(1 + first, step)


class Worlds:
    """The worlds of the errand that is swept; the sweeps over one errand come one after the other, and share them.

    Unless one fails: what it has left behind is nobody else's concern.
    """

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory
        self._stack = AsyncExitStack()
        self._made: tuple[Errand, tuple[Lane, ...]] | None = None

    async def sweep(self, errand: Errand, points: Iterator[int], run: Run) -> list[Case]:
        """Go to the points, in several lanes, until each lane has had a case that was over before."""

        async def every(here: Lane) -> list[Case]:
            await here.clear()
            cases = []
            for at in points:
                cases.append(await run(here, at))
                if not cases[-1].where:
                    break
            return cases

        try:
            async with asyncio.TaskGroup() as group:  # the first that fails ends the others
                lanes = [group.create_task(every(here)) for here in await self._of(errand)]
        except BaseException:
            await self.close()
            raise
        return sorted((case for each in lanes for case in each.result()), key=lambda case: case.fate.at)

    async def _of(self, errand: Errand) -> tuple[Lane, ...]:
        """Those that there are, or new ones in place of another errand's."""
        if self._made is None or self._made[0] != errand:
            await self.close()
            folders = [self._factory.mktemp("lane") for _ in range(LANES)]
            lanes = [await self._stack.enter_async_context(lane(folder, errand)) for folder in folders]
            self._made = errand, tuple(lanes)
        return self._made[1]

    async def close(self) -> None:
        """End them."""
        self._made = None
        await self._stack.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Worlds]:
    """Where all sweeps take place."""
    made = Worlds(tmp_path_factory)
    yield made
    await made.close()


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
    assert await here.rests(case), str(case)


AFTERWARDS: Final = {signal.SIGKILL: killed, signal.SIGSTOP: stopped, signal.SIGTERM: told_to_end}


async def write(here: Lane, at: int, what: Sweep) -> Case:
    """From the press of Confirm on, the worker is under its fate."""
    fate = Fate(at, what.number, what.errand.confirmed)
    case = here.begin(fate, what.weather)
    async with here.nursery.worker(fate) as worker:
        await here.ask(case)
        await here.confirm(case)
        if await here.hurt(case, worker):
            await AFTERWARDS[fate.number](here, case, worker)
        else:
            worker.tell(signal.SIGTERM)
            assert await worker.has_ended() == 0, case
    await here.stalled_no_more(case)
    await here.end(case)
    return case


async def question(here: Lane, at: int) -> Case:
    """From the message on, the worker is to be killed; in the end the person has the card."""
    case = here.begin(Fate(at, signal.SIGKILL, ASKING))
    async with here.nursery.worker(case.fate) as worker:
        await here.ask(case)
        await to_the_card(here, case, worker)
    await here.end(case)
    return case


async def choice(here: Lane, at: int) -> Case:
    """The same from the press of a choice on."""
    case = here.begin(Fate(at, signal.SIGKILL, CHOSEN))
    async with here.nursery.worker(case.fate) as worker:
        await here.ask(case)
        await here.asked(case)
        await here.choose(case)
        await to_the_card(here, case, worker)
    await here.end(case)
    return case


async def to_the_card(here: Lane, case: Case, worker: MortalWorker) -> None:
    """Whatever becomes of the worker, the request comes to rest with a question."""
    if await here.hurt(case, worker, asking=True):
        assert await worker.has_ended() == -signal.SIGKILL, case
        async with here.healthy():
            await here.asked(case)
    else:
        worker.tell(signal.SIGTERM)
        assert await worker.has_ended() == 0, case


def sweeps(errand: Errand, step: int, *weathers: Weather) -> list[Sweep]:
    """An errand under every fate in fair weather, and killed in each of the others."""
    fair = [Sweep(errand, number, step=step) for number in _FATES]
    return [*fair, *(Sweep(errand, weather=bad, step=step) for bad in weathers)]


def killed_in(errand: Errand, step: int, *weathers: Weather) -> list[Sweep]:
    """An errand of somebody whose worker is killed, in each of these weathers."""
    return [Sweep(errand, weather=bad, step=step) for bad in weathers]


PROMPTLY: Final = (weather.cut(), weather.slow())
LATE: Final = weather.late()
SLACKS: Final = (weather.SHUT, weather.BLIND)
EACH: Final = (*(weather.cut(step) for step in range(3)), weather.slow(1))
HALF: Final = (weather.down(1), weather.down(2))

SWEEPS: Final = (
    *sweeps(errands.UNLOCKING, 1, *PROMPTLY, LATE),
    *sweeps(errands.RESET_BY_EMAIL, 4, *PROMPTLY),
    *killed_in(errands.RESET_BY_EMAIL, 7, LATE),
    *sweeps(errands.RESET_BY_LINK, 1),
    *killed_in(errands.RESET_BY_LINK, 3, *PROMPTLY),
    *killed_in(errands.RESET_BY_LINK, 7, LATE, *SLACKS),
    *sweeps(errands.FORGOT_BY_EMAIL, 4, *PROMPTLY),
    *killed_in(errands.FORGOT_BY_EMAIL, 8, LATE),
    *sweeps(errands.FORGOT_BY_LINK, 4, *PROMPTLY),
    *killed_in(errands.FORGOT_BY_LINK, 8, LATE, *SLACKS),
    *sweeps(errands.REACTIVATION, 5, *PROMPTLY),
    *killed_in(errands.REACTIVATION, 9, LATE),
    *sweeps(errands.FACTORS, 5),
    *killed_in(errands.FACTORS, 6, *EACH),
    *killed_in(errands.FACTORS, 11, LATE, weather.late(1)),
    *killed_in(errands.FACTORS, 17, *HALF),
)


async def test_a_question_at_every_await(worlds: Worlds) -> None:
    """Whatever happens between the message and the card, there is one card, and nothing else."""
    cases = await worlds.sweep(errands.UNLOCKING, count(1), question)

    problems = [problem for case in cases for problem in case.problems(errands.ASKS)]
    assert not problems, "\n".join(problems)
    reached(cases, 10, "store.py", "transport.py", "show.py")
    assert {(case.effects, case.status) for case in cases} == {((), "LOCKED_OUT")}


@pytest.mark.parametrize("what", SWEEPS, ids=str)
async def test_a_write_at_every_await(worlds: Worlds, what: Sweep, pytestconfig: pytest.Config) -> None:
    """Each effect once, never twice, and one card that tells what is true, wherever it happened."""
    step = 1 if pytestconfig.getoption("every_await") else what.step
    cases = await worlds.sweep(what.errand, what.points(step), lambda here, at: write(here, at, what))

    problems = [problem for case in cases for problem in case.problems(*what.ends)]
    assert not problems, "\n".join(problems)
    reached(cases, max(1, 15 // step), *(("steps.py", "store.py", "transport.py") if step == 1 else ()))


async def test_a_choice_at_every_await(worlds: Worlds) -> None:
    """What was ticked is asked for, once, and not done."""
    cases = await worlds.sweep(errands.FACTORS, count(1), choice)

    problems = [problem for case in cases for problem in case.problems(errands.FACTORS.asks)]
    assert not problems, "\n".join(problems)
    reached(cases, 10, "store.py", "transport.py", "show.py")
    assert {case.effects for case in cases} == {()}
