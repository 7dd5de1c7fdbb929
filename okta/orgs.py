"""The org itself."""

from okta.answers import one, unreadable
from okta.calls import Part
from okta.models import OpenIdConfiguration, Organization, OrgSettings, PublicKey, Record


class _Keys(Record, frozen=True):
    keys: tuple[PublicKey, ...] | None = None


class Orgs(Part):
    """What an org and its authorization server say of themselves."""

    async def organization(self) -> Organization:
        """What the org tells everybody about itself; needs no credential."""
        answer = await self._calls.send("organization", "GET", "/.well-known/okta-organization", signed=False)
        return one("organization", answer, Organization)

    async def org_settings(self) -> OrgSettings:
        """The name of the org and where its people get help (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/OrgSettingGeneral/)."""
        return await self._calls.one("org_settings", OrgSettings, "/api/v1/org")

    async def openid_configuration(self) -> OpenIdConfiguration:
        """What the authorization server tells everybody about itself; needs no credential, and counts towards no limit."""
        path = "/.well-known/openid-configuration"
        answer = await self._calls.send("openid_configuration", "GET", path, signed=False)
        return one("openid_configuration", answer, OpenIdConfiguration)

    async def keys(self) -> tuple[PublicKey, ...]:
        """The keys with which the authorization server signs tokens; needs no credential, and counts towards no limit.

        Raises:
            LostAnswerError: there is no list of keys in the answer, so it is not Okta's.
        """
        answer = await self._calls.send("keys", "GET", "/oauth2/v1/keys", signed=False)
        found = one("keys", answer, _Keys).keys
        if found is None:
            raise unreadable("keys", answer)
        return found
