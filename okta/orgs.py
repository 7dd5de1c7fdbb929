"""The org itself."""

from okta.answers import one
from okta.calls import Part
from okta.models import Organization


class Orgs(Part):
    """What an org says of itself."""

    async def organization(self) -> Organization:
        """What the org tells everybody about itself; needs no credential."""
        answer = await self._calls.send("organization", "GET", "/.well-known/okta-organization", signed=False)
        return one("organization", answer, Organization)
