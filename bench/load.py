"""A load generator for signed Slack requests: raw keep-alive connections on asyncio, every request its own and signed."""

import asyncio
import hashlib
import hmac
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlencode

from bench.clock import now

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Result:
    """Latencies in milliseconds, sorted, the requests per second that were answered, and how many were not 200."""

    latencies: list[float]
    rate: float
    failed: int

    def at(self, share: float) -> float:
        """The latency that `share` of the answers stay under."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]

    def line(self) -> str:
        """The result in one line."""
        answer = f"p50 {self.at(0.5):6.2f}  p99 {self.at(0.99):6.2f}  max {self.latencies[-1]:6.2f} ms"
        return f"{answer}  {self.rate:7.0f} requests/s" + (f"  {self.failed} FAILED" if self.failed else "")


def command(number: int, port: int) -> bytes:
    """One signed `/unlatch unlock` with a trigger id of its own, as bytes on the wire."""
    body = urlencode(
        {
            "token": "unused",
            "team_id": "T0NORTHWIND",
            "team_domain": "northwind",
            "channel_id": "C0GENERAL",
            "channel_name": "general",
            "user_id": "UMAYA",
            "user_name": "maya.okafor",
            "command": "/unlatch",
            "text": "unlock",
            "api_app_id": "A0UNLATCH",
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/T0NORTHWIND/1/abc",
            "trigger_id": f"{number}.{random.getrandbits(64):x}",
        }
    ).encode()
    stamp = str(int(now().timestamp()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    head = (
        f"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={digest}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One keep-alive connection; `ask` sends a request and answers the status of the response."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> int:
        """Send and read the whole response."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 : lowered.index(b"\r\n", at)]) if at >= 0 else 0
        await self._reader.readexactly(length)
        return status

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def connections(port: int, count: int = CONNECTIONS) -> list[Connection]:
    """Open `count` connections to loopback."""
    return [Connection(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(count)]


async def closed_loop(port: int, seconds: float, count: int = CONNECTIONS) -> Result:
    """As many as the server takes: each connection asks again as soon as it is answered."""
    lines = await connections(port, count)
    numbers = iter(range(10_000_000))
    latencies: list[float] = []
    failed = 0
    end = time.perf_counter() + seconds

    async def run(line: Connection) -> None:
        nonlocal failed
        while time.perf_counter() < end:
            request = command(next(numbers), port)
            begun = time.perf_counter()
            failed += await line.ask(request) != 200
            latencies.append((time.perf_counter() - begun) * 1000)

    await asyncio.gather(*(run(line) for line in lines))
    for line in lines:
        line.close()
    return Result(sorted(latencies), len(latencies) / seconds, failed)


async def open_loop(port: int, rate: float, seconds: float) -> Result:
    """Poisson arrivals at `rate` per second, whether or not earlier ones are answered: what users do."""
    lines = await connections(port)
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for line in lines:
        free.put_nowait(line)
    latencies: list[float] = []
    failed = 0

    async def one(number: int, due: float) -> None:
        nonlocal failed
        line = await free.get()
        failed += await line.ask(command(number, port)) != 200
        latencies.append((time.perf_counter() - due) * 1000)
        free.put_nowait(line)

    begun = due = time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    while due - begun < seconds:
        due += random.expovariate(rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(len(tasks), due)))
    await asyncio.gather(*tasks)
    for line in lines:
        line.close()
    return Result(sorted(latencies), len(latencies) / seconds, failed)


def medians(values: Iterable[float]) -> float:
    """The median of a few rounds."""
    return median(list(values))
