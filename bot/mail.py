"""Mail to the owner of an account: the one way to reach them that a stolen Slack session does not lead to.

One connection for each letter: they are few, and a connection that is kept would have to be watched.
"""

import asyncio
import re
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Protocol

import aiosmtplib

from bot.ports import NotShownError, UndeliverableError

LIMIT: Final = 20.0
"""Seconds that the server has for each of its answers."""

MOST: Final = 4
"""Letters that are on their way at once, so that a server that hangs does not hold up what else is to be told."""

_PERMANENT: Final = 500
_NO_MAILBOX: Final = frozenset({550, 551, 553})
"""What a server says of an address, if it has no more exact words (RFC 5321, 4.2.3)."""

_DETAIL: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}")

AGAIN: Final = timedelta(seconds=30)
"""After how long a letter is tried again that the server did not take now."""


IN_ALL: Final = 45.0
"""Seconds that one letter may take: less than a worker gives any piece of work."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is mailed to somebody.

    Attributes:
        id: the same each time that it is tried, so that a copy can be told from another letter.
        to: their address.
    """

    id: str
    to: str
    subject: str
    text: str
    at: datetime


class Post(Protocol):
    """What takes letters."""

    async def send(self, letter: Letter) -> None:
        """Send one.

        Raises:
            UndeliverableError: it will not be taken.
            NotShownError: it is not taken now.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server, and who we are to it. Nothing of it shows the password.

    Attributes:
        security: `tls` from the first byte on, `starttls` before anything is said, or `none`, on this machine alone.
        sender: the address that letters come from.
    """

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port}, {self.security})"


class Smtp:
    """Sends letters through a server (RFC 5321, RFC 3207, RFC 4954).

    Args:
        server: which.
        trust: whom it may be certified by; those that the machine trusts, if not said.
    """

    def __init__(self, server: Server, *, trust: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._trust = trust
        self._under_way = 0

    async def send(self, letter: Letter) -> None:
        """As `Post`."""
        if self._under_way >= MOST:
            raise NotShownError("busy")
        self._under_way += 1
        try:
            async with asyncio.timeout(IN_ALL):
                await self._send(letter)
        except TimeoutError:
            raise NotShownError("TimeoutError", AGAIN) from None
        finally:
            self._under_way -= 1

    async def _send(self, letter: Letter) -> None:
        server = self._server
        try:
            await aiosmtplib.send(
                self._composed(letter),
                hostname=server.host,
                port=server.port,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                tls_context=self._trust,
                username=server.user,
                password=server.password,
                timeout=LIMIT,
            )
        except aiosmtplib.SMTPAuthenticationError as error:
            raise UndeliverableError(f"the mail server does not let us in: {error.code}") from None
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as error:
            raise _refusal(error) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            # Without its text, which may quote the address.
            raise NotShownError(type(error).__name__, AGAIN) from None

    def _composed(self, letter: Letter) -> EmailMessage:
        """The message; what does not belong in a header cannot get there.

        Raises:
            UndeliverableError: the address is none.
        """
        message = EmailMessage(policy=SMTP)
        sender = self._server.sender
        try:
            message["To"] = Address(addr_spec=letter.to)
            message["Subject"] = " ".join(letter.subject.split())
        except (MessageError, ValueError, IndexError):
            raise UndeliverableError("no address", for_good=True) from None
        message["From"] = sender
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = f"<{letter.id}.unlatch@{sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
        message.set_content(letter.text)
        return message


def _refusal(error: aiosmtplib.SMTPException) -> Exception:
    """What a server's answer means: 4yz is "not now", 5yz "not so" (RFC 5321, 4.2.1).

    Of the latter only an address that is none is for good (RFC 3463, 3.2): all else, such as that we may not send from here
    or that the box is full, is somebody's to mend.
    """
    refused = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
    if not isinstance(refused, aiosmtplib.SMTPResponseException) or refused.code < _PERMANENT:
        return NotShownError(type(error).__name__, AGAIN)
    detail = _DETAIL.match(refused.message)
    nobody = detail[0].startswith("5.1.") if detail else refused.code in _NO_MAILBOX
    is_recipient = isinstance(refused, aiosmtplib.SMTPRecipientRefused)
    return UndeliverableError(f"the mail server says {refused.code}", for_good=is_recipient and nobody)
