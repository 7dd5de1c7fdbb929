"""What the doctor and the check for protected people ask: the org, its roles, grants and tokens."""

import pytest

from okta.client import OktaClient
from okta.errors import LostAnswerError, NotPermittedError
from sandbox.okta import Org
from tests.okta.clients import connect
from tests.okta.wire import said, wire


def signed(org: Org) -> set[str]:
    """Who has called the org, by id; nobody for a call without a credential."""
    return {call.principal for call in org.calls}


async def test_the_org_says_where_its_people_get_help(okta: OktaClient) -> None:
    """What nobody filled in is None."""
    settings = await okta.org_settings()

    assert (settings.company_name, settings.subdomain, settings.status) == (
        "Northwind Outfitters",
        "northwind",
        "ACTIVE",
    )
    assert settings.end_user_support_help_url == "https://help.northwind.example"
    assert settings.support_phone_number == "+31 20 555 0100"
    assert settings.expires_at is None


@pytest.mark.parametrize("roles", [{"HELP_DESK_ADMIN"}])
async def test_a_help_desk_token_may_not_read_the_org(okta: OktaClient) -> None:
    """Though its scope would do."""
    with pytest.raises(NotPermittedError) as caught:
        await okta.org_settings()

    assert (caught.value.status, caught.value.code) == (403, "E0000006")


async def test_the_authorization_server_introduces_itself(okta: OktaClient, org: Org, url: str) -> None:
    """Without a credential, and it is ours that it speaks of."""
    said_of_itself = await okta.openid_configuration()
    (key,) = await okta.keys()

    assert said_of_itself.issuer == url
    assert said_of_itself.token_endpoint == f"{url}/oauth2/v1/token"
    assert said_of_itself.introspection_endpoint == f"{url}/oauth2/v1/introspect"
    assert said_of_itself.jwks_uri == f"{url}/oauth2/v1/keys"
    assert "private_key_jwt" in said_of_itself.token_endpoint_auth_methods_supported
    assert "private_key_jwt" in said_of_itself.introspection_endpoint_auth_methods_supported
    assert "ES256" in said_of_itself.dpop_signing_alg_values_supported
    assert "client_credentials" in said_of_itself.grant_types_supported
    assert (key.kty, key.alg, key.use, bool(key.kid)) == ("RSA", "RS256", "sig", True)
    assert signed(org) == {""}


async def test_what_everybody_may_read_counts_towards_no_limit(okta: OktaClient, org: Org) -> None:
    """However much else is counted."""
    org.limits.per_minute = dict.fromkeys(org.limits.per_minute, 1)

    for _ in range(3):
        await okta.openid_configuration()
        await okta.keys()

    assert [call.status for call in org.calls] == [200] * 6


@pytest.mark.parametrize("body", ["{}", '{"keys":null}', '{"keys":"none"}', "[]"])
async def test_keys_that_cannot_be_read_are_not_none(body: str) -> None:
    """An answer without a list of keys is not the authorization server's."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError):
            await okta.keys()
