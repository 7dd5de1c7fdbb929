"""Who administers what."""

from okta.calls import Part
from okta.models import Role


class Roles(Part):
    """Admin roles."""

    async def roles(self, user_id: str) -> tuple[Role, ...]:
        """The admin roles a user holds, directly and by groups. Few credentials may read them: `NotPermittedError`."""
        return await self._calls.many("roles", Role, "/api/v1/users/{}/roles", user_id)
