"""One exchange with Okta: a request out, an answer or an error of ours back. The one place where failures are mapped.

Nothing is repeated here. Whoever may repeat a call knows more than this module does.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

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


class Calls:
    """Exchanges with one org, each made exactly once.

    Args:
        http: made by `okta.transport.build_http`, whose base address is the org's. Not closed here.
        auth: how requests prove who we are, e.g. `okta.auth.SSWS`.
        time_limit: seconds that one request may take in all.
    """

    def __init__(self, http: httpx.AsyncClient, auth: httpx.Auth, time_limit: float) -> None:
        self._http = http
        self._auth = auth
        self._time_limit = time_limit

    @property
    def is_plain(self) -> bool:
        """Whether the org is reached without TLS, as only a twin on this machine is."""
        return self._http.base_url.scheme == "http"

    async def pages(self, operation: str, path: str, params: Mapping[str, str], kind: type[R]) -> AsyncIterator[R]:
        """The records of all pages. An empty page may have a next one."""
        answer = await self.send(operation, "GET", path, params)
        been = {str(answer.request.url)}
        while True:
            for record in many(operation, answer, kind):
                yield record
            link = following_page(answer)
            if link is None:
                return
            following = self.own(operation, link)
            if following in been:
                raise BadLinkError(operation)
            been.add(following)
            answer = await self.send(operation, "GET", following)

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
        params: Mapping[str, str] | None = None,
        *,
        signed: bool = True,
    ) -> httpx.Response:
        """Send one request; answers a success.

        Raises:
            OktaError: everything else.
        """
        writes = method != "GET"
        cause: Exception | None = None
        failure: OktaError
        try:
            request = self._http.build_request(method, path, params=params, extensions={"operation": operation})
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
