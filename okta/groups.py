"""Groups and who is in them."""

from collections.abc import Mapping

from okta.calls import PAGE, Listing, Part
from okta.errors import NotFoundError
from okta.models import App, Group, GroupOwner, User
from okta.search import Expression, eq

_STATS = {"expand": "stats"}


class Groups(Part):
    """Groups, their members, owners and apps.

    Lists come from a replica that lags behind, so nobody can tell from one whether a change has just been made.
    """

    def find_groups(
        self,
        *,
        q: str | None = None,
        search: Expression | None = None,
        matching: Expression | None = None,
        stats: bool = False,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Listing[Group]:
        """Find groups page by page, by one of three conditions or by none. A group administrator does not see Everyone.

        Args:
            q: the beginning of the name. Okta has no pages for it: what is beyond `limit` is not found.
            search: a condition on any attribute.
            matching: Okta's `filter`: a condition on `id`, `type`, `lastUpdated` or `lastMembershipUpdated`.
            stats: whether to have members counted, and said whether the group has admin roles.
            limit: groups per page.
            cursor: of a page before, to read on from; the other arguments then count no more.
        """
        conditions = {"q": q, "search": search, "filter": matching}
        params = {name: str(condition) for name, condition in conditions.items() if condition is not None}
        params["limit"] = str(limit)
        return self._find("find_groups", params | (_STATS if stats else {}), cursor)

    async def group(self, group_id: str, *, stats: bool = False) -> Group:
        """A group as of now; with `stats` it is as old as a list is, for Okta tells them in lists only."""
        if not stats:
            return await self._calls.one("group", Group, "/api/v1/groups/{}", group_id)
        async for group in self._find("group", {"filter": str(eq("id", group_id)), **_STATS}):
            if group.id == group_id:
                return group
        raise NotFoundError("group")

    def members(self, group_id: str, *, limit: int = PAGE, cursor: str | None = None) -> Listing[User]:
        """Who is in a group. Somebody who was just added or removed may still be missing or listed."""
        params = {"limit": str(limit)}
        return self._calls.listing("members", User, "/api/v1/groups/{}/users", group_id, params=params, cursor=cursor)

    async def add_member(self, group_id: str, user_id: str) -> None:
        """Put somebody into a group. Okta says the same whether they were in it before or not.

        Where the group has admin roles, this makes an administrator: look at `Group.has_admin_roles` first.

        Raises:
            InvalidRequestError: the group is not an OKTA_GROUP, or a policy forbids it.
            NotPermittedError: the same, as Okta may say it either way; or the group has admin roles, and we do not.
        """
        await self._calls.send("add_member", "PUT", "/api/v1/groups/{}/users/{}", group_id, user_id)

    async def remove_member(self, group_id: str, user_id: str) -> None:
        """Take somebody out of a group. Okta says the same whether they were in it or not; a group rule may put them back.

        Raises:
            InvalidRequestError: as for `add_member`.
            NotPermittedError: as for `add_member`.
        """
        await self._calls.send("remove_member", "DELETE", "/api/v1/groups/{}/users/{}", group_id, user_id)

    def group_apps(self, group_id: str, *, limit: int = PAGE, cursor: str | None = None) -> Listing[App]:
        """The apps that the members of a group have by it."""
        params = {"limit": str(limit)}
        return self._calls.listing("group_apps", App, "/api/v1/groups/{}/apps", group_id, params=params, cursor=cursor)

    def group_owners(self, group_id: str, *, limit: int = PAGE, cursor: str | None = None) -> Listing[GroupOwner]:
        """Who owns a group: people, or groups of them."""
        params = {"limit": str(limit)}
        return self._calls.listing(
            "group_owners", GroupOwner, "/api/v1/groups/{}/owners", group_id, params=params, cursor=cursor
        )

    def _find(self, operation: str, params: Mapping[str, str], cursor: str | None = None) -> Listing[Group]:
        return self._calls.listing(operation, Group, "/api/v1/groups", params=params, cursor=cursor)
