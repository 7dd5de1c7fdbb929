"""The System Log."""

from datetime import UTC, datetime
from typing import Final

from okta.answers import following_page, many
from okta.calls import Listing, Part
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
                params["since"] = _moment(since)
            if matching is not None:
                params["filter"] = str(matching)
            answer = await self._calls.send("log", "GET", "/api/v1/logs", params=params)
        following = following_page(answer) or cursor
        if following is None:
            raise BadLinkError("log")
        return LogPage(many("log", answer, LogEvent), following)

    def events(
        self,
        since: datetime,
        until: datetime,
        *,
        matching: Expression | None = None,
        newest_first: bool = False,
        limit: int = LOG_PAGE,
        cursor: str | None = None,
    ) -> Listing[LogEvent]:
        """Look into the log for a span of time, in the order in which events happened.

        Okta stores events late, so that the last minutes may lack some: to miss none, follow the log. Of what happened
        more than 90 days ago nothing is kept.

        Args:
            since: from when on.
            until: until before when.
            matching: only these events. Okta does not look for `published` here.
            newest_first: whether the last one comes first.
            limit: events per page, 1000 at most.
            cursor: of a page before, to read on from; the other arguments then count no more.

        Raises:
            InvalidRequestError: `since` is more than 180 days ago, or the condition is none that the log knows.
        """
        params = {
            "since": _moment(since),
            "until": _moment(until),
            "sortOrder": "DESCENDING" if newest_first else "ASCENDING",
            "limit": str(limit),
        }
        if matching is not None:
            params["filter"] = str(matching)
        return self._calls.listing("events", LogEvent, "/api/v1/logs", params=params, cursor=cursor)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
