"""Okta's side of a rate limit, in a time of the test's own: several processes share what is left, and answers take a while."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from okta.budget import Budget, Reading

MINUTE: Final = 60.0


@dataclass(slots=True)
class Bucket:
    """A bucket as Okta counts it: a window begins with the first request after the one before.

    Attributes:
        ahead: seconds by which Okta's clock is ahead of the one here.
        windows: the requests served in each window that has begun.
    """

    limit: int
    ahead: float
    ends: float = 0.0
    windows: list[int] = field(default_factory=list)
    refused: int = 0

    def arrive(self, now: float) -> Reading:
        """A request comes in; what the headers of its answer say."""
        here = now + self.ahead
        if here >= self.ends:
            self.ends = here + MINUTE
            self.windows.append(0)
        if self.windows[-1] >= self.limit:
            self.refused += 1
        else:
            self.windows[-1] += 1
        return Reading(self.limit, self.limit - self.windows[-1], int(self.ends), int(self.ends) - int(here))


@dataclass(slots=True)
class Run:
    """What came of it.

    Attributes:
        used: the part of each whole window that was used.
        waits: seconds that each person waited.
    """

    used: list[float]
    refused: int
    waits: list[float]


@dataclass(slots=True)
class World:
    """Sweepers and people on one side, the bucket on the other, and what is on its way between them."""

    bucket: Bucket
    latency: float
    lost: float
    chance: random.Random
    budget: Budget = field(default_factory=Budget)
    waits: list[float] = field(default_factory=list)
    events: list[tuple[float, float, str, bool, float, Reading | None]] = field(default_factory=list)

    def plan(self, at: float, what: str, *, background: bool, since: float, reading: Reading | None = None) -> None:
        """Let something happen, for somebody who has waited since then."""
        heapq.heappush(self.events, (at, self.chance.random(), what, background, since, reading))

    def ask(self, now: float, *, background: bool, since: float, reading: Reading | None) -> None:
        """Somebody wants to send a request."""
        del reading
        self.budget, wait = self.budget.take(now, background=background)
        if wait:
            self.plan(now + wait, "ask", background=background, since=since)
            return
        if not background:
            self.waits.append(now - since)
        self.plan(now + self._way(), "arrive", background=background, since=since)

    def arrive(self, now: float, *, background: bool, since: float, reading: Reading | None) -> None:
        """Okta gets it."""
        del reading
        told = self.bucket.arrive(now)
        heard = None if self.chance.random() < self.lost else told
        self.plan(now + self._way(), "answer", background=background, since=since, reading=heard)

    def answer(self, now: float, *, background: bool, since: float, reading: Reading | None) -> None:
        """The answer is back; a sweeper goes on at once."""
        del since
        self.budget = self.budget.learn(now, reading)
        if background:
            self.plan(now + 0.001, "ask", background=True, since=now)

    def _way(self) -> float:
        return self.latency * self.chance.random()


def run(
    *,
    limit: int,
    sweepers: int,
    people: float,
    latency: float = 0.05,
    ahead: float = 1.7e9 + 0.4,
    minutes: float = 4,
    lost: float = 0.0,
    seed: int = 0,
) -> Run:
    """Sweep with so many at once, while so many people a second come in between; a part of all answers is lost."""
    chance = random.Random(seed)  # noqa: S311 - the same in every run
    world = World(Bucket(limit, ahead), latency, lost, chance)
    for _ in range(sweepers):
        world.plan(chance.random() / 100, "ask", background=True, since=0.0)
    for at in _arrivals(chance, people, minutes * MINUTE):
        world.plan(at, "ask", background=False, since=at)
    while world.events:
        now, _, what, background, since, reading = heapq.heappop(world.events)
        if now > minutes * MINUTE:
            break
        getattr(world, what)(now, background=background, since=since, reading=reading)
    bucket = world.bucket
    return Run([served / limit for served in bucket.windows[:-1]], bucket.refused, sorted(world.waits))


def _arrivals(chance: random.Random, people: float, end: float) -> Iterator[float]:
    at = 0.0
    while people and (at := at + chance.expovariate(people)) < end:
        yield at
