"""What a durable ack costs: the full edge (signature, dedupe, record and doorbell on the disk) against bare Bolt.

    python -m bench.ack [--rounds 5]

Both servers run in one process each on one core, the load generator and the store on another, with the same signed slash
commands.
Latency is taken at 200 requests per second with Poisson arrivals; rate with 64 connections that ask again at once.
Goals: p99 under 15 ms at 200 requests/s, and a rate of at least 0.55 of bare Bolt's.
"""

import argparse
import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from statistics import median

from bench.load import Result, closed_loop, connections, open_loop
from bench.machine import free_port, pin

OPEN_SECONDS = 4.0
CLOSED_SECONDS = 2.0
ARRIVALS = 200.0


@contextlib.contextmanager
def server(module: str) -> Iterator[int]:
    """One of the two servers on a core of its own; ends with the block."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="unlatch-bench-") as folder:
        command = [sys.executable, "-m", module, str(port), folder]
        process = subprocess.Popen(command, preexec_fn=lambda: pin(0))  # noqa: S603, PLW1509 - our own module; no threads yet
        try:
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


async def ready(port: int) -> None:
    """Wait until the server takes connections."""
    async with asyncio.timeout(10):
        while True:
            try:
                lines = await connections(port, 1)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                lines[0].close()
                return


async def measure(port: int) -> tuple[Result, Result]:
    """Warm up, then latency at a given rate, then the rate."""
    await ready(port)
    await closed_loop(port, 0.5, 8)
    return await open_loop(port, ARRIVALS, OPEN_SECONDS), await closed_loop(port, CLOSED_SECONDS)


def main() -> None:
    """Alternate the two servers, so that a slow minute of the machine meets both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    pin(1)
    ratios, slowest = [], []
    for number in range(1, rounds + 1):
        found: dict[str, tuple[Result, Result]] = {}
        for module in ("bench.bare", "bench.edge"):
            with server(module) as port:
                found[module] = asyncio.run(measure(port))
            opened, closed = found[module]
            print(f"round {number}  {module:10}  at {ARRIVALS:.0f}/s  {opened.line()}")
            print(f"round {number}  {module:10}  as fast   {closed.line()}", flush=True)
        ratios.append(found["bench.edge"][1].rate / found["bench.bare"][1].rate)
        slowest.append(found["bench.edge"][0].at(0.99))
    print(f"\nedge / bare Bolt, requests per second: median {median(ratios):.2f} (goal 0.55)")
    print(f"edge, ack p99 at {ARRIVALS:.0f}/s: median {median(slowest):.1f} ms (goal 15)")


if __name__ == "__main__":
    main()
