"""The org's authorization server, as far as service apps need it: tokens, its keys, and what it says of itself.

See https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/.
"""

from __future__ import annotations

import json
import secrets
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from sandbox.okta.errors import OAuthError
from sandbox.okta.http import json_answer
from sandbox.okta.possession import thumbprint
from sandbox.okta.principals import BEARER_LIFE
from sandbox.okta.service_apps import ALGORITHMS, client_of

if TYPE_CHECKING:
    from sandbox.okta.http import Answer, Request
    from sandbox.okta.org import Org
    from sandbox.okta.service_apps import ServiceApp

TOKEN_PATH: Final = "/oauth2/v1/token"  # noqa: S105 - a path
INTROSPECT_PATH: Final = "/oauth2/v1/introspect"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def give_token(org: Org, request: Request) -> Answer:
    """POST /oauth2/v1/token, for client credentials."""
    form = request.form()
    if form.get("grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type", "The grant type in the request isn't supported.")
    app = _authenticated(org, request, form)
    made_with = None
    if app.dpop or "dpop" in request.headers:
        made_with = org.proofs.check(request, needs_nonce=True)
    scopes = _granted(app, form)
    token = _access_token(request, app, scopes, made_with)
    request.principal = org.principals.add_bearer(
        token,
        scopes=scopes,
        roles=app.roles,
        group_ids=app.group_ids,
        client=app.client_id,
        now=request.at,
        thumbprint=made_with,
        app_ids=app.app_ids,
    )
    answer = {
        "token_type": "DPoP" if made_with else "Bearer",
        "expires_in": int(BEARER_LIFE.total_seconds()),
        "access_token": token,
        "scope": " ".join(scopes),
    }
    return json_answer(answer, headers=(("dpop-nonce", org.proofs.nonce(request.at)),) if made_with else ())


def introspect(org: Org, request: Request) -> Answer:
    """POST /oauth2/v1/introspect (RFC 7662): an app learns of its own tokens alone, and of any other what it learns of a void one."""
    form = request.form()
    app = _authenticated(org, request, form)
    if not form.get("token"):
        raise OAuthError("invalid_request", "The 'token' parameter is missing.")
    token = org.principals.access_token(form["token"], app.client_id, request.at)
    if token is None:
        return json_answer({"active": False})
    told: dict[str, Any] = {
        "active": True,
        "scope": " ".join(sorted(token.scopes or ())),
        "client_id": app.client_id,
        "sub": app.client_id,
        "iss": request.base,
        "aud": request.base,
        "iat": int(token.created.timestamp()),
        "exp": int(token.expires.timestamp()),
        "token_type": "DPoP" if token.thumbprint else "Bearer",
    }
    return json_answer(told | {"cnf": {"jkt": token.thumbprint}} if token.thumbprint else told)


def read_keys(_org: Org, _request: Request) -> Answer:
    """GET /oauth2/v1/keys."""
    return json_answer({"keys": [_public_key()]})


def read_configuration(_org: Org, request: Request) -> Answer:
    """GET /.well-known/openid-configuration."""
    at = f"{request.base}/oauth2/v1"
    told = {
        "issuer": request.base,
        "authorization_endpoint": f"{at}/authorize",
        "token_endpoint": f"{request.base}{TOKEN_PATH}",
        "introspection_endpoint": f"{request.base}{INTROSPECT_PATH}",
        "jwks_uri": f"{at}/keys",
        "response_types_supported": ["token"],
        "grant_types_supported": ["client_credentials"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
    }
    return json_answer(told)


def _authenticated(org: Org, request: Request, form: dict[str, str]) -> ServiceApp:
    """The app whose assertion the form holds.

    Raises:
        OAuthError: invalid_client, or access_denied from a network it may not be used from.
    """
    if "client_assertion" not in form:
        raise OAuthError("invalid_client", "No client credentials found")
    if form.get("client_assertion_type") != _ASSERTION:
        raise OAuthError("invalid_client", "The client_assertion_type is invalid.")
    app = org.service_apps.get(client_of(form["client_assertion"]))
    if app is None or not app.active:
        raise OAuthError("invalid_client", "Invalid value for 'client_id' parameter.")
    app.check(form["client_assertion"], f"{request.base}{request.path}", request.at)
    if not app.networks:
        raise OAuthError("access_denied", "The request is made from outside the client's permitted network zones.")
    return app


def _granted(app: ServiceApp, form: dict[str, str]) -> list[str]:
    """The scopes asked for; one that is not granted spoils all."""
    scopes = form.get("scope", "").split()
    if not scopes:
        raise OAuthError("invalid_scope", "No scopes were requested.")
    if not app.scopes.issuperset(scopes):
        raise OAuthError("consent_required", "You are not allowed any of the requested scopes.")
    return scopes


def _access_token(request: Request, app: ServiceApp, scopes: list[str], made_with: str | None) -> str:
    now = int(request.at.timestamp())
    claims: dict[str, Any] = {
        "ver": 1,
        "jti": f"AT.{secrets.token_urlsafe(16)}",
        "iss": request.base,
        "aud": request.base,
        "sub": app.client_id,
        "iat": now,
        "exp": now + int(BEARER_LIFE.total_seconds()),
        "cid": app.client_id,
        "scp": scopes,
    }
    if made_with:
        claims["cnf"] = {"jkt": made_with}
    return jwt.encode(claims, _key(), algorithm="RS256", headers={"kid": _public_key()["kid"]})


@cache
def _key() -> rsa.RSAPrivateKey:
    """Made once per process, since that takes a while."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


@cache
def _public_key() -> dict[str, str]:
    whole = json.loads(RSAAlgorithm.to_jwk(_key().public_key()))
    required = {name: whole[name] for name in ("kty", "n", "e")}
    return required | {"alg": "RS256", "use": "sig", "kid": thumbprint(required)}
