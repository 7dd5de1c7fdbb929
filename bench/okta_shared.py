"""One allowance of Okta's, shared by several processes: how much of it sweeps use, and how long a person waits meanwhile.

    python -m bench.okta_shared [--sdk]

The twin lets one token have 600 requests a minute for lists of users, in real minutes. Three processes share it over
Redis; each of them sweeps in the background as fast as it may, and about once a second looks somebody up for a person
who waits, which counts towards the same allowance. With `--sdk`, the same is done with Okta's own SDK afterwards, which
shares nothing, and after a refusal waits for the next minute.
Goals: at least 95 % of the allowance used, nothing refused, and no such wait of 100 ms or more.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Final

from bench.okta_client import BOT, ROOT, SURROUNDINGS, Client, sdk
from bench.okta_work import TOKEN
from bot import engine
from sandbox.clock import Clock
from sandbox.okta import Call, Org, okta_app
from sandbox.serve import serve

PER_MINUTE: Final = 600
PROCESSES: Final = 3
WINDOW: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A minute of the twin's, and what was served and refused in it."""

    begun: datetime
    served: int = 0
    refused: int = 0


def windows(calls: Iterable[Call]) -> list[Window]:
    """The minutes, each of which begins with the first request after the one before."""
    found: list[Window] = []
    for call in calls:
        if not found or call.at >= found[-1].begun + WINDOW:
            found.append(Window(call.at))
        now, refused = found[-1], call.status == 429
        found[-1] = Window(now.begun, now.served + (not refused), now.refused + refused)
    return found


async def measure(client: Client) -> tuple[list[Window], list[float]]:
    """Run the twin, the store and the processes; the twin's minutes, and the waits in milliseconds."""
    org = Org(Clock())
    org.add_token(TOKEN, roles={"HELP_DESK_ADMIN"})
    org.limits.per_minute["users"] = PER_MINUTE
    with tempfile.TemporaryDirectory(prefix="unlatch-bench-") as folder:
        async with serve(okta_app(org)) as url, engine.embedded(Path(folder)) as redis_url:
            given = [url, redis_url] if client is BOT else [url]
            waits = await asyncio.gather(*(_shares(client, given) for _ in range(PROCESSES)))
    return windows(org.calls), [wait for each in waits for wait in each]


async def _shares(client: Client, given: Sequence[str]) -> list[float]:
    """One of the processes; how long those who waited did."""
    process = await asyncio.create_subprocess_exec(
        *client.command, "sharing", *given, cwd=ROOT, env=SURROUNDINGS, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    waits: list[float] = json.loads(said)["waits"]
    return waits


def show(found: Sequence[Window], waits: Sequence[float]) -> None:
    """Print it. The last minute was cut short, so it counts only towards what was refused."""
    whole = found[:-1]
    for number, window in enumerate(whole, 1):
        share = f"{window.served} of {PER_MINUTE} served ({window.served / PER_MINUTE:.1%})"
        print(f"minute {number}  {share}, {window.refused} refused")
    used = sum(window.served for window in whole) / (PER_MINUTE * len(whole))
    print(f"allowance used: {used:.1%} (goal 95 %)", end=", ")
    print(f"refused: {sum(window.refused for window in found)} (goal 0)")
    print(
        f"{len(waits)} people waited: median {median(waits):.1f} ms, at most {max(waits):.1f} ms (goal 100)", flush=True
    )


def main() -> None:
    """Measure ours, and the SDK if it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sdk", action="store_true", help="Okta's SDK, too")
    both = parser.parse_args().sdk
    for client in (BOT, sdk()) if both else (BOT,):
        print(f"\n{client.name}: {PROCESSES} processes, {PER_MINUTE} requests a minute between them", flush=True)
        show(*asyncio.run(measure(client)))


if __name__ == "__main__":
    main()
