"""What the authorization server says of a token, held against RFC 7662, for Okta's description as it is kept here leaves it out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.okta.authorization import INTROSPECT_PATH, TOKEN_PATH
from sandbox.okta.possession import thumbprint
from sandbox.okta.principals import BEARER_LIFE
from tests.sandbox.okta.assertions import APP, PUBLIC, assertion, form, proof

if TYPE_CHECKING:
    import httpx

    from sandbox.okta import Org

OTHER: Final = "0oaAnotherOfTheTests"
SCOPES: Final = ("okta.logs.read", "okta.users.read")

FIELDS: Final[dict[str, type]] = {
    "active": bool,
    "scope": str,
    "client_id": str,
    "username": str,
    "token_type": str,
    "exp": int,
    "iat": int,
    "nbf": int,
    "sub": str,
    "aud": str,
    "iss": str,
    "jti": str,
}
"""RFC 7662, section 2.2, with the JSON type of each."""


@pytest.fixture(autouse=True)
def apps(org: Org) -> None:
    """Two service apps."""
    for client in (APP, OTHER):
        org.add_service_app(client, [PUBLIC], scopes=SCOPES, roles=(), dpop=False)


def endpoint(http: httpx.AsyncClient, path: str = INTROSPECT_PATH) -> str:
    """An address of the org."""
    return str(http.base_url.copy_with(path=path))


async def token(org: Org, http: httpx.AsyncClient, client: str = APP) -> str:
    """An access token."""
    at, now = endpoint(http, TOKEN_PATH), org.clock.now()
    bound = org.service_apps[client].dpop
    headers = {"DPoP": proof("POST", at, now, nonce=org.proofs.nonce(now))} if bound else {}
    answer = await http.post(at, data=form(client, at, now, scope=" ".join(SCOPES)), headers=headers)
    return str(answer.json()["access_token"])


async def ask(org: Org, http: httpx.AsyncClient, shown: str, client: str = APP, **how: Any) -> httpx.Response:
    """Introspection by a client."""
    at = endpoint(http)
    asked = form(client, at, org.clock.now(), **how) | {"token": shown}
    return await http.post(at, data=asked)


@pytest.mark.parametrize("dpop", [False, True])
async def test_a_good_token_is_told_in_the_words_of_the_rfc(org: Org, http: httpx.AsyncClient, dpop: bool) -> None:  # noqa: FBT001 - a parameter
    """And the key it is bound to in those of RFC 9449, section 6.2; no proof is needed to ask."""
    org.service_apps[APP].dpop = dpop
    answer = await ask(org, http, await token(org, http))
    told = answer.json()
    bound = told.pop("cnf", None)

    assert answer.status_code == 200
    assert {name: type(value) for name, value in told.items()} == {name: FIELDS[name] for name in told}
    assert (told["active"], told["client_id"], told["scope"]) == (True, APP, "okta.logs.read okta.users.read")
    assert told["exp"] - told["iat"] == BEARER_LIFE.total_seconds()
    assert told["iss"] == told["aud"] == endpoint(http, "").rstrip("/")
    assert told["token_type"] == ("DPoP" if dpop else "Bearer")
    assert bound == ({"jkt": thumbprint(PUBLIC)} if dpop else None)


@pytest.mark.parametrize("why", ["unknown", "another's", "revoked", "too old", "an API token"])
async def test_of_any_other_token_nothing_is_told(org: Org, http: httpx.AsyncClient, why: str) -> None:
    """Not even why."""
    shown = await token(org, http, OTHER if why == "another's" else APP)
    match why:
        case "unknown":
            shown += "x"
        case "revoked":
            org.revoke_app_tokens(APP)
        case "too old":
            org.clock.advance(BEARER_LIFE + timedelta(seconds=1))
        case "an API token":
            shown = "00TestSuperAdministrator"
    answer = await ask(org, http, shown)

    assert (answer.status_code, answer.json()) == (200, {"active": False})


@pytest.mark.parametrize(
    "how",
    [
        {"key": ec.generate_private_key(ec.SECP256R1())},
        {"kid": "another"},
        {"aud": "http://127.0.0.1/oauth2/v1/token"},
        {"exp": 1},
        {"exp": 9_999_999_999},
        {"jti": "once"},
        {"iss": OTHER},
    ],
    ids="-".join,
)
async def test_only_a_good_assertion_is_taken(org: Org, http: httpx.AsyncClient, how: dict[str, Any]) -> None:
    """Signed with the app's key, for this endpoint, of this time, and not shown before: RFC 7662, section 2.1."""
    shown = await token(org, http)
    if "jti" in how:
        assert (await ask(org, http, shown, **how)).status_code == 200
    answer = await ask(org, http, shown, **how)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_an_assertion_is_good_for_one_endpoint(org: Org, http: httpx.AsyncClient) -> None:
    """Shown at the token endpoint, it is no use here."""
    at, now = endpoint(http, TOKEN_PATH), org.clock.now()
    once = assertion(APP, at, now, jti="once")
    kind = form(APP, at, now)["client_assertion_type"]
    asked = {"token": "x", "client_assertion_type": kind, "client_assertion": once}

    assert (await http.post(endpoint(http), data=asked)).status_code == 401


async def test_who_asks_for_nothing_or_shows_nothing_is_refused(org: Org, http: httpx.AsyncClient) -> None:
    """In OAuth's words."""
    nothing = await ask(org, http, "")
    nobody = await http.post(endpoint(http), data={"token": await token(org, http)})
    org.service_apps[APP].active = False
    inactive = await ask(org, http, "x")

    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    assert (inactive.status_code, inactive.json()["error"]) == (401, "invalid_client")
