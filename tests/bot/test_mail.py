"""Letters reach a real mail server, and what it answers is understood."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import AuthResult, LoginPassword
from hypothesis import given
from hypothesis import strategies as st

from bot import mail
from bot.mail import Letter, Server, Smtp
from bot.ports import NotShownError, UndeliverableError
from sandbox.smtp import Mailroom, serve_mail

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
"""The server of the tests does not count TLS from the first byte on as TLS."""

LETTER = Letter(
    "r1.owner", "maya@northwind.example", "Your account", "Hello Maya,\n\nöffnen.\n", datetime(2026, 11, 27, tzinfo=UTC)
)
SENDER = "unlatch@northwind.example"
PASSWORD = "correct horse battery"


def server(port: int, security: str = "none", **more: str) -> Server:
    """A server on this machine."""
    return Server(host="localhost", port=port, security=security, sender=SENDER, **more)


@pytest.fixture
def mailroom() -> Mailroom:
    """Where it goes."""
    return Mailroom()


@asynccontextmanager
async def secured(mailroom: Mailroom, *, at_once: bool) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """A server with a certificate and a user; the port, and whom to trust."""
    authority = trustme.CA()
    ours, theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(ours)
    authority.configure_trust(theirs)

    def checks(_server: object, _session: object, _envelope: object, _mechanism: object, said: Any) -> AuthResult:
        known = isinstance(said, LoginPassword) and (said.login, said.password) == (b"unlatch", PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    options: dict[str, Any] = {"auth_required": True, "authenticator": checks}
    options |= {"auth_require_tls": False} if at_once else {"tls_context": ours, "require_starttls": True}
    async with serve_mail(mailroom, tls=ours if at_once else None, **options) as port:
        yield port, theirs


async def test_a_letter_arrives_as_it_was_written(mailroom: Mailroom) -> None:
    """From whom, to whom, and once, however often it is sent."""
    async with serve_mail(mailroom) as port:
        for _ in range(2):
            await Smtp(server(port)).send(LETTER)

    (received,) = mailroom.received
    assert (received.sender, received.to, received.subject) == (SENDER, LETTER.to, LETTER.subject)
    assert received.text == LETTER.text
    assert received.headers["message-id"] == "<r1.owner.unlatch@northwind.example>"
    assert received.headers["auto-submitted"] == "auto-generated"
    assert mailroom.taken == 2


@pytest.mark.parametrize("at_once", [True, False])
async def test_it_is_encrypted_and_signed_in_to(mailroom: Mailroom, *, at_once: bool) -> None:
    """By either way; a server that cannot show who it is gets nothing."""
    async with secured(mailroom, at_once=at_once) as (port, trust):
        known = server(port, "tls" if at_once else "starttls", user="unlatch", password=PASSWORD)
        await Smtp(known, trust=trust).send(LETTER)
        with pytest.raises(NotShownError):
            await Smtp(known).send(LETTER)

    assert len(mailroom.received) == 1


async def test_a_wrong_password_is_somebodys_to_mend(mailroom: Mailroom) -> None:
    """It is not the letter's fault; nothing of it is said."""
    async with secured(mailroom, at_once=True) as (port, trust):
        wrong = server(port, "tls", user="unlatch", password="wrong horse")
        with pytest.raises(UndeliverableError, match="does not let us in: 535") as caught:
            await Smtp(wrong, trust=trust).send(LETTER)

    assert not caught.value.for_good
    assert "wrong horse" not in f"{caught.value!r} {wrong!r}"


async def test_a_server_that_does_not_encrypt_gets_nothing(mailroom: Mailroom) -> None:
    """Where it was to be encrypted."""
    async with serve_mail(mailroom) as port:
        with pytest.raises(NotShownError):
            await Smtp(server(port, "starttls")).send(LETTER)

    assert mailroom.taken == 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("451 4.3.0 try again later", NotShownError),
        ("421 4.3.2 closing", NotShownError),
        ("552 5.2.2 the box is full", UndeliverableError),
        ("550 5.7.1 we do not take this from you", UndeliverableError),
        ("554 no", UndeliverableError),
    ],
)
async def test_what_the_server_answers_is_understood(mailroom: Mailroom, answer: str, kind: type[Exception]) -> None:
    """Later, or when somebody has mended something."""
    mailroom.answers.append(answer)
    async with serve_mail(mailroom) as port:
        with pytest.raises(kind) as caught:
            await Smtp(server(port)).send(LETTER)

    assert not getattr(caught.value, "for_good", False)


@pytest.mark.parametrize(
    ("answer", "for_good"),
    [
        ("550 5.1.1 nobody has this address", True),
        ("550 no such user here", True),
        ("554 5.7.1 relay access denied", False),
        ("550 5.7.1 not from you", False),
        ("554 relay access denied", False),
    ],
)
async def test_only_an_address_that_nobody_has_is_not_tried_again(
    mailroom: Mailroom, answer: str, *, for_good: bool
) -> None:
    """A server that is set up wrongly loses no letter; and no address is named where it is logged."""
    mailroom.refused[LETTER.to] = answer
    async with serve_mail(mailroom) as port:
        with pytest.raises(UndeliverableError) as caught:
            await Smtp(server(port)).send(LETTER)

    assert caught.value.for_good is for_good
    assert LETTER.to not in str(caught.value)


async def test_a_server_that_hangs_leaves_room_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only so many letters wait for it; the next ones are put off at once."""
    monkeypatch.setattr(mail, "LIMIT", 0.3)
    met: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _reader, writer: met.append(writer), "127.0.0.1", 0)
    async with silent:
        smtp = Smtp(server(silent.sockets[0].getsockname()[1]))
        said = await asyncio.gather(*(smtp.send(LETTER) for _ in range(mail.MOST + 3)), return_exceptions=True)
        for writer in met:
            writer.close()
            await writer.wait_closed()

    assert [str(error) for error in said].count("busy") == 3
    assert len(met) == mail.MOST


async def test_a_server_that_is_not_there_or_says_nothing(
    unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried again later."""
    with pytest.raises(NotShownError) as caught:
        await Smtp(server(unused_tcp_port)).send(LETTER)
    assert caught.value.wait == timedelta(seconds=30)

    monkeypatch.setattr(mail, "LIMIT", 0.1)
    met: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_server(lambda _reader, writer: met.append(writer), "127.0.0.1", 0)
    async with silent:
        with pytest.raises(NotShownError):
            await Smtp(server(silent.sockets[0].getsockname()[1])).send(LETTER)
        (writer,) = met
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("to", ["", "maya", "maya@x\r\nBcc: eve@x", "maya@x\nSubject: hi", "a@b, c@d"])
async def test_what_is_no_address_goes_nowhere(mailroom: Mailroom, to: str) -> None:
    """A directory holds what its many writers put there."""
    async with serve_mail(mailroom) as port:
        with pytest.raises(UndeliverableError) as caught:
            await Smtp(server(port)).send(Letter("r1", to, "s", "t", LETTER.at))

    assert caught.value.for_good
    assert mailroom.taken == 0


@given(subject=st.text(max_size=80))
def test_no_text_becomes_a_header(subject: str) -> None:
    """Whatever stands in a name."""
    letter = Letter("r1", "maya@northwind.example", subject, "text", LETTER.at)
    try:
        composed = Smtp(server(1))._composed(letter)
    except UndeliverableError:
        return

    assert [name for name in composed if name.lower() in {"bcc", "cc", "reply-to"}] == []
    assert composed["To"] == "maya@northwind.example"
    assert len(composed.get_all("Subject", [])) == 1
