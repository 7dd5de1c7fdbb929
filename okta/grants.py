"""What credentials there are, and what they were granted. Only who may view them gets more than `NotPermittedError`."""

from okta.calls import Part
from okta.models import ApiToken, Grant


class Grants(Part):
    """Scopes of apps, and API tokens."""

    async def grants(self, app_id: str) -> tuple[Grant, ...]:
        """The scopes that an app was granted. A service app's id is its client id."""
        return await self._calls.many("grants", Grant, "/api/v1/apps/{}/grants", app_id)

    async def api_tokens(self) -> tuple[ApiToken, ...]:
        """The API tokens that are good, of everybody (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApiToken/)."""
        return await self._calls.many("api_tokens", ApiToken, "/api/v1/api-tokens")

    async def api_token(self, token_id: str) -> ApiToken:
        """An API token, by its id, which is no secret."""
        return await self._calls.one("api_token", ApiToken, "/api/v1/api-tokens/{}", token_id)
