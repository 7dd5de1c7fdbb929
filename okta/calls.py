"""What the parts of the client are made with: reading a record, a list or the pages of one, and sending a change."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from okta.answers import following_page, many, one
from okta.errors import BadLinkError, InvalidRequestError
from okta.exchange import Exchanges, Request
from okta.pace import bucket_of

R = TypeVar("R", bound=msgspec.Struct)

PAGE: Final = 200
"""Records to ask for per page: the most that every list allows."""

MOST_EMPTY: Final = 20
"""Pages without a record, one after the other, after which a list is taken for one without an end."""

WORDS: Final = {True: "true", False: "false"}
"""How a switch is written in a query."""


class Calls:
    """Calls of one client.

    Args:
        exchanges: what carries them.

    A path is given as in Okta's description, with `{}` in the place of each of the `names` that follow it.
    """

    def __init__(self, exchanges: Exchanges) -> None:
        self._exchanges = exchanges

    @property
    def is_plain(self) -> bool:
        """Whether the org is reached without TLS, as only a twin on this machine is."""
        return self._exchanges.is_plain

    async def one(
        self, operation: str, kind: type[R], path: str, *names: str, params: Mapping[str, str] | None = None
    ) -> R:
        """Read one record."""
        return one(operation, await self.send(operation, "GET", path, *names, params=params), kind)

    async def many(
        self, operation: str, kind: type[R], path: str, *names: str, params: Mapping[str, str] | None = None
    ) -> tuple[R, ...]:
        """Read a list that has no pages."""
        return many(operation, await self.send(operation, "GET", path, *names, params=params), kind)

    def listing(
        self,
        operation: str,
        kind: type[R],
        path: str,
        *names: str,
        params: Mapping[str, str] | None = None,
        cursor: str | None = None,
    ) -> "Listing[R]":
        """Read a list that has pages, from its beginning or from a cursor. Nothing is sent before the first is asked for."""

        def begin() -> Awaitable[httpx.Response]:
            if cursor is not None:
                return self.follow(operation, cursor)
            return self.send(operation, "GET", path, *names, params=params)

        def read(answer: httpx.Response) -> Page[R]:
            return Page(many(operation, answer, kind), following_page(answer))

        return Listing(self, operation, begin, read)

    def enclosed(
        self,
        operation: str,
        read: Callable[[str, httpx.Response], "Page[R]"],
        path: str,
        *,
        params: Mapping[str, str] | None = None,
    ) -> "Listing[R]":
        """Read a list whose pages are objects, with the records and the link to the next one in them, by `read`."""
        return Listing(
            self, operation, partial(self.send, operation, "GET", path, params=params), partial(read, operation)
        )

    async def follow(self, operation: str, link: str, method: str = "GET") -> httpx.Response:
        """Read what a link leads to that an answer held, or do what it is for.

        Raises:
            BadLinkError: it does not lead to our org.
        """
        url = self.own(operation, link)
        return await self._exchanges.send(Request(operation, method, url, bucket_of(method, url)))

    def own(self, operation: str, link: str) -> str:
        """A link from an answer, if it leads to our org.

        Raises:
            BadLinkError: it does not.
        """
        return self._exchanges.own(operation, link)

    async def send(
        self,
        operation: str,
        method: str,
        path: str,
        *names: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        signed: bool = True,
    ) -> httpx.Response:
        """Send one request; answers a success.

        Raises:
            InvalidRequestError: one of the names would lead to another path.
            OktaError: there is no success.
        """
        url = path.format(*(segment(operation, name) for name in names))
        bucket = bucket_of(method, path)
        return await self._exchanges.send(Request(operation, method, url, bucket, params, body, signed))


class Page(msgspec.Struct, Generic[R], frozen=True):
    """A page of a list, and the cursor from which to read on; None at the end."""

    records: tuple[R, ...]
    cursor: str | None


class Listing(Generic[R]):
    """A list that is read as one goes through it, record by record or page by page; each pass reads it anew.

    Args:
        calls: what reads the pages.
        operation: whose pages they are.
        begin: asks for the first page.
        read: takes an answer for the page that it is, with the link to the next one.
    """

    def __init__(
        self,
        calls: Calls,
        operation: str,
        begin: Callable[[], Awaitable[httpx.Response]],
        read: Callable[[httpx.Response], Page[R]],
    ) -> None:
        self._calls = calls
        self._operation = operation
        self._begin = begin
        self._read = read

    async def __aiter__(self) -> AsyncIterator[R]:
        """The records of all pages."""
        async for page in self.pages():
            for record in page.records:
                yield record

    async def first(self) -> R | None:
        """The first record of the first page, or None where that has none."""
        async with aclosing(self.pages()) as pages:
            return next(iter((await anext(pages)).records), None)

    async def pages(self) -> AsyncGenerator[Page[R]]:
        """The pages. An empty one may have a next one.

        Raises:
            BadLinkError: the link to the next page leads away from our org, in a circle, or from one empty page to the next
                for ever.
        """
        answer = await self._begin()
        been, empty = {str(answer.request.url)}, 0
        while True:
            page = self._read(answer)
            empty = 0 if page.records else empty + 1
            yield page
            if page.cursor is None:
                return
            following = self._calls.own(self._operation, page.cursor)
            if following in been or empty >= MOST_EMPTY:
                raise BadLinkError(self._operation)
            been.add(following)
            answer = await self._calls.follow(self._operation, following)


class Part:
    """Some of the calls of a client. `okta.client.OktaClient` is made of such parts."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls


def segment(operation: str, name: str) -> str:
    """A name as one segment of a path.

    Raises:
        InvalidRequestError: it would lead to another path: to that of the token's owner, to a folder above, or, as the
            empty one of a record whose id could not be read, to the folder itself.
    """
    if name in {"", ".", "..", "me"}:
        raise InvalidRequestError(operation)
    # Half of a surrogate pair becomes bytes that are no text, and so nobody's login.
    return quote(name, safe="", errors="surrogatepass")
