"""Looking users up."""

import re
from collections.abc import Mapping
from typing import Any, Final

import httpx

from okta.calls import PAGE, Listing, Part
from okta.errors import BadLinkError
from okta.models import AppLink, Attributes, Block, Group, LinkedObjectDefinition, LinkedUser, User
from okta.search import Expression

_USER: Final = re.compile(r"/api/v1/users/(\w{1,64})", re.ASCII)


class Users(Part):
    """Users, and what belongs to one."""

    async def me(self) -> User:
        """The owner of the API token."""
        return await self._calls.one("me", User, "/api/v1/users/me")

    async def user(self, id_or_login: str) -> User:
        """A user as of now, by id or login. A login that holds a `/` can be read by id only."""
        return await self._calls.one("user", User, "/api/v1/users/{}", id_or_login)

    def users(
        self,
        *,
        search: Expression | None = None,
        matching: Expression | None = None,
        limit: int = PAGE,
        cursor: str | None = None,
    ) -> Listing[User]:
        """Find users page by page, deactivated ones included where there is a condition.

        Lists come from a replica that lags behind, by about a second or more; read a hit by id before acting on it.

        Args:
            search: a condition on any attribute; Okta takes it or `matching`, not both.
            matching: Okta's `filter`, a condition on few attributes, in which case matters.
            limit: users per page, 200 at most.
            cursor: of a page before, to read on from; the other arguments then count no more.
        """
        conditions = {"search": search, "filter": matching}
        params = {name: str(condition) for name, condition in conditions.items() if condition is not None}
        params["limit"] = str(limit)
        return self._calls.listing("users", User, "/api/v1/users", params=params, cursor=cursor)

    async def blocks(self, user_id: str) -> tuple[Block, ...]:
        """What blocks a user from signing in although the status is ACTIVE.

        Raises:
            FeatureDisabledError: the org does not have the feature.
        """
        return await self._calls.many("blocks", Block, "/api/v1/users/{}/blocks", user_id)

    async def groups(self, user_id: str) -> tuple[Group, ...]:
        """The groups a user is in."""
        listing = self._calls.listing("groups", Group, "/api/v1/users/{}/groups", user_id)
        return tuple([group async for group in listing])

    async def attributes(self, id_or_login: str) -> Mapping[str, Any]:
        """A user's whole profile, custom attributes included, by their names in Okta. Directory text of any type.

        A read of its own, so that lists of users do not carry what hardly anybody wants.
        """
        return (await self._calls.one("attributes", Attributes, "/api/v1/users/{}", id_or_login)).profile

    async def app_links(self, user_id: str) -> tuple[AppLink, ...]:
        """The tiles on a user's dashboard, for apps assigned in person and by groups."""
        listing = self._calls.listing("app_links", AppLink, "/api/v1/users/{}/appLinks", user_id)
        return tuple([link async for link in listing])

    async def linked_objects(self, user_id: str, relationship: str) -> tuple[str, ...]:
        """The ids of the users to whom one end of a relationship, such as `manager`, links a user; none if it is not set.

        Raises:
            BadLinkError: a link leads to something else than a user of our org.
            NotFoundError: there is no such user, or the org has no such relationship.
        """
        found = await self._calls.many(
            "linked_objects", LinkedUser, "/api/v1/users/{}/linkedObjects/{}", user_id, relationship
        )
        return tuple(self._id_in("linked_objects", linked.links.self_.href) for linked in found)

    async def linked_object_definitions(self) -> tuple[LinkedObjectDefinition, ...]:
        """The relationships that the org has defined between users."""
        return await self._calls.many(
            "linked_object_definitions", LinkedObjectDefinition, "/api/v1/meta/schemas/user/linkedObjects"
        )

    def _id_in(self, operation: str, link: str) -> str:
        """The id in a link to a user of our org.

        Raises:
            BadLinkError: it leads elsewhere.
        """
        user = _USER.fullmatch(httpx.URL(self._calls.own(operation, link)).path)
        if user is None:
            raise BadLinkError(operation)
        return user.group(1)
