"""Apps and who is assigned to them."""

from typing import Final

import httpx

from okta.answers import one
from okta.calls import PAGE, WORDS, Listing, Part
from okta.models import App, AppGroup, AppUser
from okta.search import Expression

APP_USERS: Final = 500
"""Assignments of users to ask for per page: the most that Okta allows."""


class Apps(Part):
    """The catalogue of apps, and assignments to them, in person and by group.

    Okta's limits are tightest here: keep what the catalogue says for a while.
    """

    def apps(
        self,
        *,
        q: str | None = None,
        matching: Expression | None = None,
        optimized: bool = False,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Listing[App]:
        """Find apps page by page.

        Args:
            q: the beginning of the label, or of the template's name.
            matching: Okta's `filter`: a condition on `id`, `status` or `name`, among few others.
            optimized: whether Okta may leave out what takes it long.
            limit: apps per page, 200 at most.
            cursor: of a page before, to read on from; the other arguments then count no more.
        """
        conditions = {"q": q, "filter": matching}
        params = {name: str(condition) for name, condition in conditions.items() if condition is not None}
        params |= {"limit": str(limit), "useOptimization": WORDS[optimized]}
        return self._calls.listing("apps", App, "/api/v1/apps", params=params, cursor=cursor)

    async def app(self, app_id: str) -> App:
        """An app as of now."""
        return await self._calls.one("app", App, "/api/v1/apps/{}", app_id)

    def app_users(self, app_id: str, *, limit: int = APP_USERS, cursor: str | None = None) -> Listing[AppUser]:
        """Who has an app, in person or by a group; 500 per page at most. Lags behind, as every list does."""
        params = {"limit": str(limit)}
        return self._calls.listing("app_users", AppUser, "/api/v1/apps/{}/users", app_id, params=params, cursor=cursor)

    async def app_user(self, app_id: str, user_id: str) -> AppUser:
        """Somebody's assignment to an app as of now.

        Raises:
            NotFoundError: they are not assigned; an app that is not there, or not visible, looks the same.
        """
        return await self._calls.one("app_user", AppUser, "/api/v1/apps/{}/users/{}", app_id, user_id)

    async def assign_app(self, app_id: str, user_id: str) -> AppUser:
        """Assign somebody to an app in person. It is theirs at once; an account in the app may take longer: see `AppUser`.

        Whoever had the app by a group keeps it from now on when they leave that group. Attributes and credentials are
        left to the app's own mapping, since Okta refuses to be told those that it maps.

        Raises:
            StateConflictError: they are assigned already (`E0000062`), or are not active (`E0000117`).
            InvalidRequestError: the app needs attributes that nothing maps.
        """
        body = {"id": user_id, "scope": "USER"}
        answer = await self._calls.send("assign_app", "POST", "/api/v1/apps/{}/users", app_id, body=body)
        return one("assign_app", answer, AppUser, writes=True)

    async def unassign_app(self, app_id: str, user_id: str, *, send_email: bool) -> None:
        """Take back somebody's assignment in person. DESTRUCTIVE, and cannot be undone.

        What Okta keeps of them for the app is lost, and the app may delete their account and its data. An app that
        somebody has by a group as well they keep.

        Args:
            app_id: which app.
            user_id: whose assignment.
            send_email: whether Okta mails administrators that the account in the app is to be removed.

        Raises:
            NotFoundError: they are not assigned.
        """
        await self._calls.send(
            "unassign_app",
            "DELETE",
            "/api/v1/apps/{}/users/{}",
            app_id,
            user_id,
            params={"sendEmail": WORDS[send_email]},
        )

    def app_groups(self, app_id: str, *, limit: int = PAGE, cursor: str | None = None) -> Listing[AppGroup]:
        """The groups assigned to an app; from 20 to 200 per page."""
        params = {"limit": str(limit)}
        return self._calls.listing(
            "app_groups", AppGroup, "/api/v1/apps/{}/groups", app_id, params=params, cursor=cursor
        )

    async def app_group(self, app_id: str, group_id: str) -> AppGroup:
        """A group's assignment to an app as of now.

        Raises:
            NotFoundError: it is not assigned; an app that is not there, or not visible, looks the same.
        """
        return await self._calls.one("app_group", AppGroup, "/api/v1/apps/{}/groups/{}", app_id, group_id)

    async def assign_app_group(self, app_id: str, group_id: str) -> AppGroup:
        """Assign a group to an app, and so all its members; the same again changes nothing."""
        answer = await self._group("assign_app_group", "PUT", app_id, group_id, body={})
        return one("assign_app_group", answer, AppGroup, writes=True)

    async def unassign_app_group(self, app_id: str, group_id: str) -> None:
        """Take an app from a group. DESTRUCTIVE for every member who has it by this group alone: see `unassign_app`."""
        await self._group("unassign_app_group", "DELETE", app_id, group_id)

    async def _group(
        self, operation: str, method: str, app_id: str, group_id: str, body: dict[str, str] | None = None
    ) -> httpx.Response:
        return await self._calls.send(operation, method, "/api/v1/apps/{}/groups/{}", app_id, group_id, body=body)
