"""Our client of Okta against Okta's own SDK for Python: the same work on the same stub, in the same run.

    python -m bench.okta_client [--rounds 5] [--quick]

Each measurement is a process of its own on one core, the stub another one on the other; the two clients take turns. The
SDK is installed from `okta-sdk.lock` into an environment of its own, made with the first run: its package is called
`okta` too. Both run on asyncio's own event loop.
Goals: at least 25 times the SDK's users per second and at most a fifth of its memory when listing; at least 0.85 of its
rate in single reads; fewer exchanges for the same look-ups; and a sweep over a million users in less than 120 MB.
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.machine import free_port, pin
from bot import engine

ROOT: Final = Path(__file__).parent.parent
LOCK: Final = ROOT / "bench" / "okta-sdk.lock"
ENVIRONMENT: Final = ROOT / ".venv-okta-sdk"

PAGES: Final = 50
MILLION: Final = 5_000
"""Pages of 200 that hold a million users."""

SURROUNDINGS: Final = {"OKTA_TESTING_TESTINGDISABLEHTTPSCHECK": "true"}
"""The environment of the processes. The SDK takes an address without TLS only when told to."""

Figures = dict[str, Any]
Found = dict[str, list[Figures]]


def sdk_python() -> Path:
    """The interpreter that has the SDK; installed when it is not there yet, or the lock has changed."""
    python, installed = ENVIRONMENT / "bin" / "python", ENVIRONMENT / LOCK.name
    if not installed.exists() or installed.read_bytes() != LOCK.read_bytes():
        print("installing the SDK into", ENVIRONMENT.name, flush=True)
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        install: list[str | Path] = [
            python,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--quiet",
            "install",
            "--require-hashes",
        ]
        subprocess.run([*install, "-r", LOCK], check=True)  # noqa: S603 - what the lock holds
        installed.write_bytes(LOCK.read_bytes())
    return python


@contextlib.contextmanager
def stub(pages: int) -> Iterator[str]:
    """The stub on a core of its own; its address. Ends with the block."""
    port = free_port()
    command = [sys.executable, "-m", "bench.okta_stub", str(port), str(pages)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, preexec_fn=lambda: pin(0)) as process:  # noqa: S603, PLW1509 - our own module; no threads yet
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the stub did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@dataclass(frozen=True, slots=True)
class Client:
    """One of the two, and how its measurements are started."""

    name: str
    command: Sequence[str | Path] = field(compare=False)

    def does(self, work: str, *given: str) -> Figures:
        """Do one of `bench.okta_work` in a process of its own; what it took."""
        done = subprocess.run(  # noqa: S603 - our own module
            [*self.command, work, *given],
            cwd=ROOT,
            env=SURROUNDINGS,
            stdout=subprocess.PIPE,
            check=True,
            preexec_fn=lambda: pin(1),
        )
        figures: Figures = json.loads(done.stdout)
        return figures


OURS: Final = Client("ours", [sys.executable, "-m", "bench.okta_work", "bench.okta_ours"])
"""Our client by itself."""

BOT: Final = Client("bot", [sys.executable, "-m", "bench.okta_work", "bench.okta_bot"])
"""Our client as the bot has it, with what is left of the rate limits in Redis."""


def sdk() -> Client:
    """The baseline."""
    return Client("sdk", [sdk_python(), "bench/okta_work.py", "okta_sdk"])


@contextlib.contextmanager
def store() -> Iterator[str]:
    """The bot's embedded store; its address. Ends with the block."""
    with tempfile.TemporaryDirectory(prefix="unlatch-bench-") as folder, asyncio.Runner() as runner:
        embedded = engine.embedded(Path(folder))
        address = runner.run(embedded.__aenter__())
        try:
            yield address
        finally:
            runner.run(embedded.__aexit__(None, None, None))


def in_turn(rounds: int, work: str, given: dict[Client, Sequence[str]], line: Callable[[Figures], str]) -> Found:
    """Let all do the same, in turn, so that a slow minute of the machine meets them all."""
    found: Found = {}
    for number in range(1, rounds + 1):
        for client, more in given.items():
            figures = client.does(work, *more)
            found.setdefault(client.name, []).append(figures)
            print(f"round {number}  {client.name:5}  {line(figures)}", flush=True)
    return found


def ratio(found: Found, of: Callable[[Figures], float], name: str = "ours") -> float:
    """One's figure by the SDK's, each the median of its rounds."""
    return median(map(of, found[name])) / median(map(of, found["sdk"]))


def listing(rounds: int) -> None:
    """Ten thousand users, all kept."""

    def rate(figures: Figures, which: str) -> float:
        return float(figures[which]["users"] / figures[which]["seconds"])

    def line(figures: Figures) -> str:
        rates = f"{rate(figures, 'first'):8,.0f} users/s at first, {rate(figures, 'again'):8,.0f} then"
        per_page = figures["again"]["cpu"] / figures["again"]["pages"] * 1000
        return f"{rates}  {per_page:6.2f} ms of CPU per page  {figures['peak']:4.0f} MB, {figures['before']:.0f} before"

    print("\n10,000 users, 200 a page, all kept")
    with stub(PAGES) as url:
        found = in_turn(rounds, "listing", {OURS: [url], sdk(): [url]}, line)
    print(f"ours / SDK: {ratio(found, lambda figures: rate(figures, 'again')):.1f} of the users/s (goal 25)", end=", ")
    print(f"{ratio(found, lambda figures: rate(figures, 'first')):.1f} in a new process", end=", ")
    print(f"{ratio(found, lambda figures: figures['again']['cpu']):.3f} of the CPU", end=", ")
    print(f"{ratio(found, lambda figures: figures['peak']):.2f} of the memory (goal 0.20)")


def reading(rounds: int) -> None:
    """Single reads."""

    def rate(figures: Figures) -> float:
        return float(figures["reads"] / figures["seconds"])

    def line(figures: Figures) -> str:
        return f"{rate(figures):6,.0f} reads/s  {figures['cpu'] / figures['reads'] * 1000:.3f} ms of CPU per read"

    print("\n2,000 single reads, 20 at a time")
    with stub(1) as url, store() as redis:
        found = in_turn(rounds, "reading", {BOT: [url, redis], OURS: [url], sdk(): [url]}, line)
    print(f"bot / SDK: {ratio(found, rate, 'bot'):.2f} of the reads/s (goal 0.85)", end=", ")
    print(f"{ratio(found, lambda figures: figures['cpu'], 'bot'):.2f} of the CPU")
    print(f"ours / SDK: {ratio(found, rate):.2f} of the reads/s", end=", ")
    print(f"{ratio(found, lambda figures: figures['cpu']):.2f} of the CPU")


def looking_up() -> None:
    """Many requests of few people at once."""
    with stub(1) as url, store() as redis:
        for client, given in {BOT: [url, redis], sdk(): [url]}.items():
            figures = client.does("looking_up", *given)
            with urllib.request.urlopen(f"{url}/exchanges") as answer:  # noqa: S310 - the stub
                exchanges = int(answer.read())
            if client is BOT:
                print(f"\n{figures['requests']} requests of {figures['people']} people at once")
            print(f"{client.name:5}  {exchanges:4} exchanges, {figures['seconds'] * 1000:5.0f} ms")


def sweep(pages: int) -> None:
    """Far more users than memory should hold."""
    with stub(pages) as url:
        figures = OURS.does("sweep", url)
    print(f"\na sweep over {figures['users']:,} users, none kept: {figures['seconds']:.1f} s")
    print(f"ours   {figures['peak']:.0f} MB at most (goal 120); on the way: {figures['along']}")


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one round, and a short sweep: only to see that it runs")
    given = parser.parse_args()
    rounds = 1 if given.quick else given.rounds
    listing(rounds)
    reading(rounds)
    looking_up()
    sweep(MILLION // 10 if given.quick else MILLION)


if __name__ == "__main__":
    main()
