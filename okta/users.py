"""Looking users up."""

from okta.calls import PAGE, Listing, Part
from okta.models import Block, Group, User
from okta.search import Expression


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
