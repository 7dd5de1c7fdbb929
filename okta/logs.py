"""The System Log."""

from datetime import UTC, datetime
from typing import Final

from okta.answers import following_page, many
from okta.calls import Part
from okta.errors import BadLinkError
from okta.models import LogEvent, LogPage
from okta.search import Expression

LOG_PAGE: Final = 1000
"""Events to ask for per page of the System Log: the most it allows."""


class Logs(Part):
    """The System Log."""

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
            answer = await self._calls.follow("log", cursor)
        else:
            params = {"sortOrder": "ASCENDING", "limit": str(limit)}
            if since is not None:
                params["since"] = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            if matching is not None:
                params["filter"] = str(matching)
            answer = await self._calls.send("log", "GET", "/api/v1/logs", params=params)
        following = following_page(answer) or cursor
        if following is None:
            raise BadLinkError("log")
        return LogPage(many("log", answer, LogEvent), following)
