"""Okta's API as typed coroutines over an HTTP client that is handed in.

Every call names its operation, and says whether it writes: from that follows what a lost answer means. Nothing is
repeated here. Whoever may repeat a call knows more than this module does.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import httpx

from okta.calls import Calls, following_page, many, one
from okta.errors import BadLinkError, Executed, InvalidRequestError, LostAnswerError
from okta.models import Block, Factor, Group, LinkAnswer, LogEvent, LogPage, OneTimeLink, Organization, Role, User
from okta.search import Expression

TIME_LIMIT: Final = 10.0
"""Seconds that one request may take in all, waits for a connection and a token included."""

PAGE: Final = 200
"""Records to ask for per page: the most that every list allows."""

LOG_PAGE: Final = 1000
"""Events to ask for per page of the System Log: the most it allows."""

_ADDRESS: Final = re.compile(r"""https?://(?:(?![<>|"\\])[!-~]){1,2000}""")
"""An address that can be shown as a link: nothing in it ends the link, or the line."""

_WORDS: Final = {True: "true", False: "false"}


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
        self._calls = Calls(http, auth, time_limit)

    async def organization(self) -> Organization:
        """What the org tells everybody about itself; needs no credential."""
        answer = await self._calls.send("organization", "GET", "/.well-known/okta-organization", signed=False)
        return one("organization", answer, Organization)

    async def me(self) -> User:
        """The owner of the API token."""
        return one("me", await self._calls.send("me", "GET", "/api/v1/users/me"), User)

    async def user(self, id_or_login: str) -> User:
        """A user as of now, by id or login. A login that holds a `/` can be read by id only."""
        return one("user", await self._calls.send("user", "GET", _user("user", id_or_login)), User)

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
        async for user in self._calls.pages("users", "/api/v1/users", params | {"limit": str(limit)}, User):
            yield user

    async def blocks(self, user_id: str) -> tuple[Block, ...]:
        """What blocks a user from signing in although the status is ACTIVE.

        Raises:
            FeatureDisabledError: the org does not have the feature.
        """
        return many("blocks", await self._calls.send("blocks", "GET", _user("blocks", user_id, "/blocks")), Block)

    async def groups(self, user_id: str) -> tuple[Group, ...]:
        """The groups a user is in."""
        return tuple(
            [group async for group in self._calls.pages("groups", _user("groups", user_id, "/groups"), {}, Group)]
        )

    async def roles(self, user_id: str) -> tuple[Role, ...]:
        """The admin roles a user holds, directly and by groups. Few credentials may read them: `NotPermittedError`."""
        return many("roles", await self._calls.send("roles", "GET", _user("roles", user_id, "/roles")), Role)

    async def unlock(self, user_id: str) -> None:
        """Unlock a user who is LOCKED_OUT, or ACTIVE and blocked from unknown devices; the password stays.

        Raises:
            StateConflictError: there is nothing to unlock, or Okta does not unlock users of this kind.
        """
        await self._calls.send("unlock", "POST", _user("unlock", user_id, "/lifecycle/unlock"))

    async def reset_password(self, user_id: str, *, send_email: bool, revoke_sessions: bool) -> OneTimeLink | None:
        """Make a user's password void at once; until a new one is chosen by a link the user is in RECOVERY.

        Both parameters are always sent, since Okta's defaults have changed.

        Args:
            user_id: whose.
            send_email: whether Okta mails the link; without that it is answered.
            revoke_sessions: whether the user's Okta sessions end too.

        Raises:
            StateConflictError: not in this status, or the password is a directory's.
        """
        params = {"sendEmail": _WORDS[send_email], "revokeSessions": _WORDS[revoke_sessions]}
        path = _user("reset_password", user_id, "/lifecycle/reset_password")
        return await self._recover("reset_password", path, params)

    async def forgot_password(self, user_id: str, *, send_email: bool) -> OneTimeLink | None:
        """Have a link made with which another password is chosen; status and password stay until then.

        Raises:
            StateConflictError: the user is not ACTIVE, has no recovery question, or the org is on Identity Engine.
        """
        params = {"sendEmail": _WORDS[send_email]}
        path = _user("forgot_password", user_id, "/credentials/forgot_password")
        return await self._recover("forgot_password", path, params)

    async def reactivate(self, user_id: str) -> None:
        """Have the activation mail sent again to a user who has not set up their account.

        Raises:
            StateConflictError: the user is not PROVISIONED (nor in RECOVERY).
        """
        path = _user("reactivate", user_id, "/lifecycle/reactivate")
        await self._calls.send("reactivate", "POST", path, {"sendEmail": _WORDS[True]})

    async def factors(self, user_id: str) -> tuple[Factor, ...]:
        """A user's factors, as far as the enrolment policy that applies to *our* request shows them."""
        return many("factors", await self._calls.send("factors", "GET", _user("factors", user_id, "/factors")), Factor)

    async def remove_factor(self, user_id: str, factor_id: str) -> None:
        """Unenrol a factor. Okta Verify's `push` and `signed_nonce` take the rest of Okta Verify with them.

        Raises:
            NotFoundError: the user has no such factor, or has it no more.
        """
        below = f"/factors/{_segment('remove_factor', factor_id)}"
        await self._calls.send("remove_factor", "DELETE", _user("remove_factor", user_id, below))

    async def clear_sessions(self, user_id: str) -> None:
        """End a user's Okta sessions. Those of the apps they opened go on."""
        await self._calls.send("clear_sessions", "DELETE", _user("clear_sessions", user_id, "/sessions"))

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
            answer = await self._calls.send("log", "GET", self._calls.own("log", cursor))
        else:
            params = {"sortOrder": "ASCENDING", "limit": str(limit)}
            if since is not None:
                params["since"] = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            if matching is not None:
                params["filter"] = str(matching)
            answer = await self._calls.send("log", "GET", "/api/v1/logs", params)
        following = following_page(answer) or cursor
        if following is None:
            raise BadLinkError("log")
        return LogPage(many("log", answer, LogEvent), following)

    async def _recover(self, operation: str, path: str, params: Mapping[str, str]) -> OneTimeLink | None:
        """Ask for a one-time link; None if it is sent by mail.

        Raises:
            LostAnswerError: there is no link in the answer that a person could open.
        """
        answer = await self._calls.send(operation, "POST", path, params)
        if params["sendEmail"] == _WORDS[True]:
            return None
        link = self._link_in(operation, answer)
        del answer  # a traceback shows what a frame holds
        if link is None:
            raise LostAnswerError(operation, executed=Executed.UNKNOWN)
        return link

    def _link_in(self, operation: str, answer: httpx.Response) -> OneTimeLink | None:
        """The link in an answer, if it is an address, and nothing that a message would show as something else."""
        url = one(operation, answer, LinkAnswer, writes=True).reset_password_url or ""
        fits = _ADDRESS.fullmatch(url) and (url.startswith("https:") or self._calls.is_plain)
        return OneTimeLink(url) if fits else None


def _user(operation: str, id_or_login: str, below: str = "") -> str:
    """The path of a user, or of something `below` it.

    Raises:
        InvalidRequestError: it would be another path: that of all users, of the token's owner, or of a folder above. A
            user whose id could not be read has an empty one.
    """
    if id_or_login == "me":
        raise InvalidRequestError(operation)
    return f"/api/v1/users/{_segment(operation, id_or_login)}{below}"


def _segment(operation: str, name: str) -> str:
    """A name as one segment of a path.

    Raises:
        InvalidRequestError: it would lead to a folder above, or to the one itself.
    """
    if name in {"", ".", ".."}:
        raise InvalidRequestError(operation)
    # Half of a surrogate pair becomes bytes that are no text, and so nobody's login.
    return quote(name, safe="", errors="surrogatepass")
