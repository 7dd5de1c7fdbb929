"""A way to a Redis server that can be taken away: refused, or held up so that what was sent arrives later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import unquote, urlsplit


class Relay:
    """Carries bytes between the bot and the server at a Unix socket."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        self._through = asyncio.Event()
        self._through.set()

    def cut(self) -> None:
        """Break every connection, and every further one, as a server does that is not there."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Let everything through again."""
        self._is_cut = False
        self._through.set()

    def hold(self) -> None:
        """Take what is sent and pass it on only when mended, as a server does that is frozen."""
        self._through.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        self._writers.add(writer)
        try:
            if self._is_cut:
                writer.transport.abort()
                return
            there, back = await asyncio.open_unix_connection(self._path)
            self._writers.add(back)
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
            self._writers.discard(back)
        finally:
            self._writers.discard(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                await self._through.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def relayed(url: str) -> AsyncIterator[tuple[Relay, str]]:
    """A relay to the server at this address, and the address to use instead."""
    relay = Relay(unquote(urlsplit(url).path))
    server = await asyncio.start_server(relay.carry, "127.0.0.1", 0)
    try:
        yield relay, f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()
        relay.mend()
        relay.cut()
