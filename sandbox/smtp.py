"""A mail server on loopback that keeps what it is given, as the inbox of whoever it is for would."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import SMTP as POLICY
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, Envelope, Session

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable


@dataclass(frozen=True, slots=True)
class Received:
    """One message, as it came.

    Attributes:
        headers: by their names in lower case.
    """

    sender: str
    to: str
    headers: dict[str, str]
    text: str

    @property
    def subject(self) -> str:
        """What it is about."""
        return self.headers["subject"]


class Mailroom:
    """Takes mail in.

    Attributes:
        received: what came, the oldest first; a copy with the same Message-ID is kept once, as mail programs show it.
        taken: how often something was taken, copies included.
        refused: what is said of an address in place of taking it, such as `550 5.1.1 nobody has this address`.
        answers: what is said to the next messages in place of taking them, such as `451 4.3.0 try again later`.
        on_mail: told of each message.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.taken = 0
        self.refused: dict[str, str] = {}
        self.answers: list[str] = []
        self.on_mail: Callable[[Received], object] = lambda _: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Whether there is such an address."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Take a message in."""
        if self.answers:
            return self.answers.pop(0)
        content = envelope.content or b""
        message = message_from_bytes(content if isinstance(content, bytes) else content.encode(), policy=POLICY)
        headers = {name.lower(): str(value) for name, value in message.items()}
        body = message.get_body()
        text = "" if body is None else str(body.get_content()).replace("\r\n", "\n")
        for to in envelope.rcpt_tos:
            self._take(Received(envelope.mail_from or "", to, headers, text))
        return "250 OK"

    def _take(self, received: Received) -> None:
        self.taken += 1
        known = {(each.to, each.headers.get("message-id")) for each in self.received}
        if (received.to, received.headers.get("message-id")) not in known:
            self.received.append(received)
            self.on_mail(received)


@asynccontextmanager
async def serve_mail(mailroom: Mailroom, *, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
    """Serve it and yield the port.

    Args:
        mailroom: takes the mail in.
        tls: spoken from the first byte on.
        options: of `aiosmtpd.smtp.SMTP`.
    """
    loop = asyncio.get_running_loop()
    connections: list[SMTP] = []

    def protocol() -> SMTP:
        connections.append(SMTP(mailroom, hostname="twin", enable_SMTPUTF8=True, loop=loop, **options))
        return connections[-1]

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        await asyncio.sleep(0)
