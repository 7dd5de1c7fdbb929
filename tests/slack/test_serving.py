"""The listening end: a connection on which no whole request comes is given up, and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot import serving
from tests.bot.patience import eventually

PATIENCE = 0.2

WHOLE = b"POST / HTTP/1.1\r\nHost: bot\r\nContent-Length: 2\r\n\r\nhi"

LAST = WHOLE.replace(b"Host: bot", b"Host: bot\r\nConnection: close")


async def answering(_scope: Any, receive: Any, send: Any) -> None:
    """Answer when the whole body has come."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Where the app is served, with little patience."""
    monkeypatch.setattr(serving, "PATIENCE", PATIENCE)
    async with serving.serving(answering, "127.0.0.1", 0) as (_, address):
        yield int(address.rpartition(":")[2])


async def said(port: int, *parts: bytes) -> bytes:
    """What is answered on one connection to what is sent in `parts`, up to its end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        for part in parts:
            writer.write(part)
            if part.startswith(b"POST") and part.endswith(b"hi"):
                answer += await reader.readuntil(b"done")
        async with asyncio.timeout(4):  # less than the five seconds of an idle connection
            answer += await reader.read()
    except ConnectionError:
        pass
    finally:
        writer.close()
    return answer


@pytest.mark.parametrize("begun", [b"", b"P", b"POST / HTTP/1.1\r\nHost: bot\r\nX-A", WHOLE[:-1]], ids=repr)
async def test_what_does_not_come_whole_is_given_up(port: int, begun: bytes) -> None:
    """Nothing at all, half a header, half a body; on a new connection and on one that was of use before."""
    assert await said(port, begun) == b""
    if begun:
        assert (await said(port, WHOLE, begun)).endswith(b"done")


async def test_whoever_takes_long_over_the_answer_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is for what is to come from the other side."""
    monkeypatch.setattr(serving, "PATIENCE", PATIENCE)
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        entered.set()
        await go_on.wait()
        await answering(scope, receive, send)

    async with serving.serving(slow, "127.0.0.1", 0) as (_, address):
        port = int(address.rpartition(":")[2])
        asking = asyncio.create_task(said(port, LAST))
        await entered.wait()
        begun = asyncio.get_running_loop().time()

        async def longer() -> bool:
            return asyncio.get_running_loop().time() - begun > 2 * PATIENCE

        await eventually(longer, "more time than a request has to come")
        go_on.set()

        assert (await asking).endswith(b"done")


async def test_many_that_say_half_a_word_do_not_keep_others_out(port: int) -> None:
    """And each of them is let go."""
    half = [asyncio.create_task(said(port, b"POST / HT")) for _ in range(50)]

    assert b"200 OK" in await said(port, LAST)

    assert await asyncio.gather(*half) == [b""] * 50
