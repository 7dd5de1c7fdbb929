"""Okta's API as typed coroutines over an HTTP client that is handed in; the one place where its failures become errors of ours.

Every call names its operation, and says whether it writes: from that follows what a lost answer means. Nothing is
repeated here. Whoever may repeat a call knows more than this module does.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from okta.errors import (
    BadLinkError,
    Executed,
    InvalidRequestError,
    LostAnswerError,
    OktaError,
    UnreachableError,
)
from okta.mapping import error_of
from okta.models import Block, Group, LogEvent, LogPage, Organization, Role, User
from okta.reading import UnreadableError, read_many, read_one
from okta.search import Expression

TIME_LIMIT: Final = 10.0
"""Seconds that one request may take in all, waits for a connection and a token included."""

PAGE: Final = 200
"""Records to ask for per page: the most that every list allows."""

LOG_PAGE: Final = 1000
"""Events to ask for per page of the System Log: the most it allows."""

R = TypeVar("R", bound=msgspec.Struct)


class OktaClient:
    """Calls to one org, each made exactly once.

    Args:
        http: made by `okta.transport.build_http`, whose base address is the org's. Not closed here.
        auth: how requests prove who we are, e.g. `okta.auth.SSWS`.
        time_limit: seconds that one request may take in all.

    Every method raises an `OktaError` when it fails; its `executed` says whether a write may have been done.
    Operations are those of https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/ and its
    neighbours.
    """

    def __init__(self, http: httpx.AsyncClient, auth: httpx.Auth, *, time_limit: float = TIME_LIMIT) -> None:
        self._http = http
        self._auth = auth
        self._time_limit = time_limit

    async def organization(self) -> Organization:
        """What the org tells everybody about itself; needs no credential."""
        answer = await self._send("organization", "GET", "/.well-known/okta-organization", signed=False)
        return _one("organization", answer, Organization)

    async def me(self) -> User:
        """The owner of the API token."""
        return _one("me", await self._send("me", "GET", "/api/v1/users/me"), User)

    async def user(self, id_or_login: str) -> User:
        """A user as of now, by id or login. A login that holds a `/` can be read by id only."""
        return _one("user", await self._send("user", "GET", _user("user", id_or_login)), User)

    async def users(
        self, *, search: Expression | None = None, matching: Expression | None = None, limit: int = PAGE
    ) -> AsyncIterator[User]:
        """Find users page by page, deactivated ones included where there is a condition.

        Lists come from a replica that lags behind, by about a second or more; read a hit by id before acting on it.

        Args:
            search: a condition on any attribute; Okta takes it or `matching`, not both.
            matching: Okta's `filter`, a condition on few attributes, in which case matters.
            limit: users per page, 200 at most.
        """
        conditions = {"search": search, "filter": matching}
        params = {name: str(condition) for name, condition in conditions.items() if condition is not None}
        async for user in self._pages("users", "/api/v1/users", params | {"limit": str(limit)}, User):
            yield user

    async def blocks(self, user_id: str) -> tuple[Block, ...]:
        """What blocks a user from signing in although the status is ACTIVE.

        Raises:
            FeatureDisabledError: the org does not have the feature.
        """
        return _many("blocks", await self._send("blocks", "GET", _user("blocks", user_id, "/blocks")), Block)

    async def groups(self, user_id: str) -> tuple[Group, ...]:
        """The groups a user is in."""
        return tuple([group async for group in self._pages("groups", _user("groups", user_id, "/groups"), {}, Group)])

    async def roles(self, user_id: str) -> tuple[Role, ...]:
        """The admin roles a user holds, directly and by groups. Few credentials may read them: `NotPermittedError`."""
        return _many("roles", await self._send("roles", "GET", _user("roles", user_id, "/roles")), Role)

    async def unlock(self, user_id: str) -> None:
        """Unlock a user who is LOCKED_OUT, or ACTIVE and blocked from unknown devices; the password stays.

        Raises:
            StateConflictError: there is nothing to unlock, or Okta does not unlock users of this kind.
        """
        await self._send("unlock", "POST", _user("unlock", user_id, "/lifecycle/unlock"))

    async def clear_sessions(self, user_id: str) -> None:
        """End a user's Okta sessions. Those of the apps they opened go on."""
        await self._send("clear_sessions", "DELETE", _user("clear_sessions", user_id, "/sessions"))

    async def log(
        self,
        *,
        cursor: str | None = None,
        since: datetime | None = None,
        matching: Expression | None = None,
        limit: int = LOG_PAGE,
    ) -> LogPage:
        """Read on in the System Log, in the order in which Okta stored the events, which is not that of `published`.

        There is always a cursor to read on from; an empty page means that nothing has happened since
        (https://developer.okta.com/docs/reference/system-log-query/).

        Args:
            cursor: from the page before; the other arguments then count no more.
            since: where to begin without a cursor; Okta's own default is a week ago.
            matching: only these events.
            limit: events per page, 1000 at most.
        """
        if cursor is not None:
            answer = await self._send("log", "GET", self._own("log", cursor))
        else:
            params = {"sortOrder": "ASCENDING", "limit": str(limit)}
            if since is not None:
                params["since"] = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            if matching is not None:
                params["filter"] = str(matching)
            answer = await self._send("log", "GET", "/api/v1/logs", params)
        following = _next(answer) or cursor
        if following is None:
            raise BadLinkError("log")
        return LogPage(_many("log", answer, LogEvent), following)

    async def _pages(self, operation: str, path: str, params: Mapping[str, str], kind: type[R]) -> AsyncIterator[R]:
        """The records of all pages. An empty page may have a next one."""
        answer = await self._send(operation, "GET", path, params)
        been = {str(answer.request.url)}
        while True:
            for record in _many(operation, answer, kind):
                yield record
            link = _next(answer)
            if link is None:
                return
            following = self._own(operation, link)
            if following in been:
                raise BadLinkError(operation)
            been.add(following)
            answer = await self._send(operation, "GET", following)

    def _own(self, operation: str, link: str) -> str:
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

    async def _send(
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
            async with asyncio.timeout(self._time_limit):
                answer = await self._http.request(
                    method,
                    path,
                    params=params,
                    auth=self._auth if signed else None,
                    extensions={"operation": operation},
                )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            cause, failure = error, UnreachableError(operation)
        except httpx.InvalidURL:
            failure = InvalidRequestError(operation)
        except (httpx.RequestError, TimeoutError) as error:
            cause = error if isinstance(error, httpx.RequestError) else None
            failure = LostAnswerError(operation, executed=Executed.UNKNOWN if writes else Executed.NO)
        else:
            if answer.is_success and not _is_page(answer):
                return answer
            failure = error_of(operation, answer, writes=writes)
        # Raised out here, since the way of a TimeoutError leads through frames that show the credential.
        raise failure from cause


def _user(operation: str, id_or_login: str, below: str = "") -> str:
    """The path of a user, or of something `below` it.

    Raises:
        InvalidRequestError: it would be another path: that of all users, of the token's owner, or of a folder above. A
            user whose id could not be read has an empty one.
    """
    if id_or_login in {"", ".", "..", "me"}:
        raise InvalidRequestError(operation)
    # Half of a surrogate pair becomes bytes that are no text, and so nobody's login.
    return f"/api/v1/users/{quote(id_or_login, safe='', errors='surrogatepass')}{below}"


def _is_page(answer: httpx.Response) -> bool:
    """Whether a person was to read this: it is from a portal or a gateway, for Okta's API has no pages."""
    return "html" in answer.headers.get("content-type", "").lower()


def _next(answer: httpx.Response) -> str | None:
    """The link to the next page. Okta repeats the `Link` header rather than joining the links in one."""
    return answer.links.get("next", {}).get("url")


def _one(operation: str, answer: httpx.Response, kind: type[R]) -> R:
    try:
        return read_one(answer.content, kind)
    except UnreadableError:
        failure = _unreadable(operation, answer)
    raise failure  # out here, since what led to it shows the body


def _many(operation: str, answer: httpx.Response, kind: type[R]) -> tuple[R, ...]:
    try:
        return read_many(answer.content, kind)
    except UnreadableError:
        failure = _unreadable(operation, answer)
    raise failure


def _unreadable(operation: str, answer: httpx.Response) -> OktaError:
    """A success whose body is not what Okta sends: a portal or a gateway has answered in its place."""
    return error_of(operation, answer, writes=False)
