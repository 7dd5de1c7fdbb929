"""One exchange with Okta: a request out, an answer or an error of ours back. The one place where failures are mapped.

Nothing is repeated here. Whoever may repeat a call knows more than this module does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from okta.auth import SIGNING
from okta.errors import (
    BadLinkError,
    Executed,
    InvalidRequestError,
    LostAnswerError,
    OktaError,
    UnreachableError,
)
from okta.mapping import error_of
from okta.reading import UnreadableError, read_many, read_one

R = TypeVar("R", bound=msgspec.Struct)

PAGE: Final = 200
"""Records to ask for per page: the most that every list allows."""

WORDS: Final = {True: "true", False: "false"}
"""How a switch is written in a query."""


class Calls:
    """Exchanges with one org, each made exactly once.

    Args:
        http: made by `okta.transport.build_http`, whose base address is the org's. Not closed here.
        auth: how requests prove who we are, e.g. `okta.auth.SSWS`.
        time_limit: seconds that one request may take in all.

    A path is given as in Okta's description, with `{}` in the place of each of the `names` that follow it.
    """

    def __init__(self, http: httpx.AsyncClient, auth: httpx.Auth, time_limit: float) -> None:
        self._http = http
        self._auth = auth
        self._time_limit = time_limit

    @property
    def is_plain(self) -> bool:
        """Whether the org is reached without TLS, as only a twin on this machine is."""
        return self._http.base_url.scheme == "http"

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

        return Listing(self, operation, kind, begin)

    async def follow(self, operation: str, link: str) -> httpx.Response:
        """Read what a link leads to that an answer held.

        Raises:
            BadLinkError: it does not lead to our org.
        """
        return await self._exchange(operation, "GET", self.own(operation, link))

    def own(self, operation: str, link: str) -> str:
        """A link from an answer, if it leads to our org: our credential goes nowhere else.

        Raises:
            BadLinkError: it does not.
        """
        try:
            url = httpx.URL(link)
        except httpx.InvalidURL:
            raise BadLinkError(operation) from None
        home = self._http.base_url
        # The raw host, since not every name that begins with xn-- can be decoded.
        if (url.scheme, url.raw_host, url.port) != (home.scheme, home.raw_host, home.port) or url.userinfo:
            raise BadLinkError(operation)
        return str(url)

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
        return await self._exchange(operation, method, url, params=params, body=body, signed=signed)

    async def _exchange(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        signed: bool = True,
    ) -> httpx.Response:
        writes = method != "GET"
        cause: Exception | None = None
        failure: OktaError
        try:
            request = self._http.build_request(
                method, url, params=params, json=body, extensions={"operation": operation}
            )
        except httpx.InvalidURL:
            raise InvalidRequestError(operation) from None
        try:
            async with asyncio.timeout(self._time_limit):
                answer = await self._http.send(request, auth=self._auth if signed else None)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            cause, failure = error, UnreachableError(operation)
        except (httpx.RequestError, TimeoutError) as error:
            cause = error if isinstance(error, httpx.RequestError) else None
            unsure = writes and SIGNING not in request.extensions
            failure = LostAnswerError(operation, executed=Executed.UNKNOWN if unsure else Executed.NO)
        except OktaError as error:
            # Without its way here, which leads through frames that hold the token.
            failure = error.with_traceback(None)
        else:
            if answer.is_success and not _is_page(answer):
                return answer
            failure = error_of(operation, answer, writes=writes)
        # Raised out here, since the way of a TimeoutError leads through frames that show the credential.
        raise failure from cause


class Page(msgspec.Struct, Generic[R], frozen=True):
    """A page of a list, and the cursor from which to read on; None at the end."""

    records: tuple[R, ...]
    cursor: str | None


class Listing(Generic[R]):
    """A list that is read as one goes through it, record by record or page by page; each pass reads it anew.

    Args:
        calls: what reads the pages.
        operation: whose pages they are.
        kind: of record.
        begin: reads the first page.
    """

    def __init__(
        self, calls: Calls, operation: str, kind: type[R], begin: Callable[[], Awaitable[httpx.Response]]
    ) -> None:
        self._calls = calls
        self._operation = operation
        self._kind = kind
        self._begin = begin

    async def __aiter__(self) -> AsyncIterator[R]:
        """The records of all pages."""
        async for page in self.pages():
            for record in page.records:
                yield record

    async def pages(self) -> AsyncIterator[Page[R]]:
        """The pages. An empty one may have a next one.

        Raises:
            BadLinkError: the link to the next page leads away from our org, or in a circle.
        """
        answer = await self._begin()
        been = {str(answer.request.url)}
        while True:
            link = following_page(answer)
            yield Page(many(self._operation, answer, self._kind), link)
            if link is None:
                return
            following = self._calls.own(self._operation, link)
            if following in been:
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


def following_page(answer: httpx.Response) -> str | None:
    """The link to the next page. Okta repeats the `Link` header rather than joining the links in one."""
    return answer.links.get("next", {}).get("url")


def one(operation: str, answer: httpx.Response, kind: type[R], *, writes: bool = False) -> R:
    """The record that an answer holds. An answer to a write that cannot be read is lost, and the write may be done.

    Raises:
        LostAnswerError: it holds none.
    """
    try:
        return read_one(answer.content, kind)
    except UnreadableError:
        failure = _unreadable(operation, answer, writes=writes)
    raise failure  # out here, since what led to it shows the body


def many(operation: str, answer: httpx.Response, kind: type[R]) -> tuple[R, ...]:
    """The records that an answer holds.

    Raises:
        LostAnswerError: it holds no list of records.
    """
    try:
        return read_many(answer.content, kind)
    except UnreadableError:
        failure = _unreadable(operation, answer)
    raise failure


def _is_page(answer: httpx.Response) -> bool:
    """Whether a person was to read this: it is from a portal or a gateway, for Okta's API has no pages."""
    return "html" in answer.headers.get("content-type", "").lower()


def _unreadable(operation: str, answer: httpx.Response, *, writes: bool = False) -> OktaError:
    """A success whose body is not what Okta sends: a portal or a gateway has answered in its place."""
    return error_of(operation, answer, writes=writes)
