"""What both clients have to do, word for word the same, in a process of its own; one line of JSON says what it took.

    python -m bench.okta_work bench.okta_ours WORK URL
    python -m bench.okta_work bench.okta_bot WORK URL REDIS
    SDK_PYTHON bench/okta_work.py okta_sdk WORK URL

The first argument is a module with `reader(url, token)`, or with `reader(url, token, redis_url)`.
Nothing but the standard library is imported here, since the SDK's environment has nothing of ours, and cannot: both
packages are called `okta`.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

TOKEN: Final = "00benchmark"
PAGE: Final = 200
READS: Final = 2_000
AT_ONCE: Final = 20
REQUESTS: Final = 500
PEOPLE: Final = 25
SHARING: Final = 125.0
"""Seconds in which two minutes of Okta's pass wholly."""


class Reader(Protocol):
    """A client, as far as the work needs it."""

    def pages(self) -> AsyncIterator[Sequence[Any]]:
        """All users, page by page."""

    async def user(self, user_id: str) -> Any:
        """One user."""

    def background(self) -> AsyncIterator[Sequence[Any]]:
        """All users, one on a page, while nobody waits for them."""

    async def find(self, address: str) -> Sequence[Any]:
        """Who has this e-mail address."""


def user_id(number: int) -> str:
    """The id of a user of the stub."""
    return f"00u1a2b3c4d5{number:07}x"


def memory(which: str) -> float:
    """This process's memory in MB: `VmRSS` now, `VmHWM` at most (proc(5)); 0 where the system does not tell it this way."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(which)), 0.0)


async def listing(reader: Reader) -> dict[str, Any]:
    """All users, all kept: once in a new process, which also tells the memory, and thrice in one that has been running."""
    found = {"first": await _listed(reader), "peak": memory("VmHWM")}
    again = [await _listed(reader) for _ in range(3)]
    return {"again": sorted(again, key=lambda figures: figures["seconds"])[1], **found}


async def _listed(reader: Reader) -> dict[str, Any]:
    users: list[Any] = []
    begun, busy, pages = time.perf_counter(), time.process_time(), 0
    async for page in reader.pages():
        pages += 1
        users.extend(page)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - busy
    if len({user.profile.login for user in users}) != pages * PAGE:
        raise ValueError("somebody is missing")
    return {"users": len(users), "pages": pages, "seconds": seconds, "cpu": cpu}


async def reading(reader: Reader) -> dict[str, Any]:
    """Single reads of different people, several at a time."""

    async def some(numbers: Iterator[int]) -> None:
        for number in numbers:
            found = await reader.user(user_id(number))
            if found.id != user_id(number):
                raise ValueError(found.id)

    async def all_of(count: int) -> None:
        numbers = iter(range(count))
        await asyncio.gather(*(some(numbers) for _ in range(AT_ONCE)))

    await all_of(AT_ONCE * 5)
    begun, busy = time.perf_counter(), time.process_time()
    await all_of(READS)
    return {"reads": READS, "seconds": time.perf_counter() - begun, "cpu": time.process_time() - busy}


async def looking_up(reader: Reader) -> dict[str, Any]:
    """Many requests at once of few people, each of which looks up its person."""
    begun = time.perf_counter()
    found = await asyncio.gather(*(reader.user(user_id(number % PEOPLE)) for number in range(REQUESTS)))
    if [each.id for each in found] != [user_id(number % PEOPLE) for number in range(REQUESTS)]:
        raise ValueError("somebody was taken for somebody else")
    return {"requests": REQUESTS, "people": PEOPLE, "seconds": time.perf_counter() - begun}


async def sweep(reader: Reader) -> dict[str, Any]:
    """All users of a large org, none kept; memory along the way."""
    seen, along = 0, []
    begun = time.perf_counter()
    async for page in reader.pages():
        seen += len(page)
        if seen % 100_000 == 0:
            along.append(round(memory("VmRSS"), 1))
    return {"users": seen, "seconds": time.perf_counter() - begun, "along": along}


async def sharing(reader: Reader) -> dict[str, Any]:
    """Sweep all the time, and about once a second look up a person for somebody who waits; how long, in milliseconds."""

    async def sweeping() -> None:
        while True:
            async for _ in reader.background():
                pass

    waits: list[float] = []
    sweeper = asyncio.create_task(sweeping())
    end = time.perf_counter() + SHARING
    while time.perf_counter() < end:
        await asyncio.sleep(random.expovariate(1.0))
        begun = time.perf_counter()
        # An address that nobody else asks for, and nobody has.
        await reader.find(f"nobody.{random.getrandbits(64):x}@northwind.example")
        waits.append((time.perf_counter() - begun) * 1000)
    sweeper.cancel()
    await asyncio.wait([sweeper])
    return {"waits": waits}


WORK: Final[dict[str, Callable[[Reader], Awaitable[dict[str, Any]]]]] = {
    "listing": listing,
    "reading": reading,
    "looking_up": looking_up,
    "sweep": sweep,
    "sharing": sharing,
}


async def main(module: str, work: str, url: str, *redis: str) -> None:
    """Do one piece of work and tell what it took."""
    async with import_module(module).reader(url, TOKEN, *redis) as reader:
        at_first = memory("VmRSS")
        figures = await WORK[work](reader)
        print(json.dumps({"before": at_first, "peak": memory("VmHWM"), **figures}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
