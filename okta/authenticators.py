"""Authenticators, which only orgs on Identity Engine have, and of these not all: nothing may depend on them."""

from okta.answers import several
from okta.calls import Part
from okta.models import Authenticator, AuthenticatorEnrollment


class Authenticators(Part):
    """What an org offers to prove oneself with, and what of it somebody has enrolled."""

    async def authenticators(self) -> tuple[Authenticator, ...]:
        """All that the org knows, also those that are off.

        Raises:
            FeatureDisabledError: the org does not have this.
            NotFoundError: the same, where Okta says it this way.
            NotPermittedError: the scope or the role is missing.
        """
        return await self._calls.many("authenticators", Authenticator, "/api/v1/authenticators")

    async def authenticator_enrollments(self, user_id: str) -> tuple[AuthenticatorEnrollment, ...]:
        """What a user has enrolled, the password included.

        Okta's description declares one, and its example has a list of them: either is read.

        Raises:
            FeatureDisabledError: the org does not have this.
            NotFoundError: there is no such user; or the org does not have this, where Okta says it this way.
        """
        operation = "authenticator_enrollments"
        answer = await self._calls.send(operation, "GET", "/api/v1/users/{}/authenticator-enrollments", user_id)
        return several(operation, answer, AuthenticatorEnrollment)
