"""The factors that users prove themselves with."""

from okta.calls import Part
from okta.models import Factor


class Factors(Part):
    """Factors of a user."""

    async def factors(self, user_id: str) -> tuple[Factor, ...]:
        """A user's factors, as far as the enrolment policy that applies to *our* request shows them."""
        return await self._calls.many("factors", Factor, "/api/v1/users/{}/factors", user_id)

    async def factor(self, user_id: str, factor_id: str) -> Factor:
        """One of a user's factors.

        Raises:
            NotFoundError: the user has no such factor, or has it no more.
        """
        return await self._calls.one("factor", Factor, "/api/v1/users/{}/factors/{}", user_id, factor_id)

    async def remove_factor(self, user_id: str, factor_id: str) -> None:
        """Unenrol a factor. Okta Verify's `push` and `signed_nonce` take the rest of Okta Verify with them.

        Raises:
            NotFoundError: the user has no such factor, or has it no more.
        """
        await self._calls.send("remove_factor", "DELETE", "/api/v1/users/{}/factors/{}", user_id, factor_id)

    async def reset_factors(self, user_id: str) -> None:
        """Unenrol all of a user's factors; whoever has none keeps none. Password and sessions stay as they are.

        Raises:
            StateConflictError: the user is deactivated.
        """
        await self._calls.send("reset_factors", "POST", "/api/v1/users/{}/lifecycle/reset_factors", user_id)
