"""A server on loopback that answers byte for byte what a test wrote down, for all that the twin would never say."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

CUT: Final = b"cut"
"""In place of an answer: the connection is closed without one."""

SILENCE: Final = b"silence"
"""In place of an answer: nothing, for as long as the client waits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in; names of headers are in lower case, in the order in which they were sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key == name]


@dataclass(slots=True)
class Wire:
    """A running server.

    Attributes:
        url: its address.
        answers: what it will say, in this order, or what makes that of the request; the last is said again and again. See `said`.
        asked: the requests that came in whole.
    """

    url: str
    answers: list["bytes | Callable[[Asked], bytes]"]
    asked: list[Asked] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while (answer := await self._answer(reader)) != CUT:
                if answer == SILENCE:
                    await reader.read()
                    return
                writer.write(answer)
                if b"Connection: close" in answer:
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # the client has left, or spoke TLS
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        method, target, _ = first.split(" ")
        headers = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        body = await reader.readexactly(int(dict(headers).get("content-length", "0")))
        asked = Asked(method, target, headers, body)
        self.asked.append(asked)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, bytes) else answer(asked)


def said(status: int, body: str | bytes = b"", *headers: tuple[str, str], kind: str = "application/json") -> bytes:
    """An answer in the bytes of HTTP/1.1."""
    content = body.encode() if isinstance(body, str) else body
    usual = (("Content-Type", kind), ("Content-Length", str(len(content))))
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in (*usual, *headers))]
    return "\r\n".join((*lines, "", "")).encode("latin-1") + content


@asynccontextmanager
async def wire(*answers: bytes | Callable[[Asked], bytes], tls: ssl.SSLContext | None = None) -> AsyncIterator[Wire]:
    """Run a server with these answers, `{}` without any."""
    connections: set[asyncio.Task[None]] = set()
    running = Wire("", list(answers) or [said(200, "{}")])

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.create_task(running.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    running.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield running
    finally:
        server.close()
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
