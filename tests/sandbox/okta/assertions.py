"""What a service app shows to get an access token and to use it, made with keys of the tests."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

if TYPE_CHECKING:
    from datetime import datetime

APP: Final = "0oaUnlatchOfTheTests"
KEY: Final = ec.generate_private_key(ec.SECP256R1())
PUBLIC: Final[dict[str, str]] = json.loads(ECAlgorithm.to_jwk(KEY.public_key()))
TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def assertion(client: str, url: str, now: datetime, *, key: Any = KEY, kid: str | None = None, **claims: Any) -> str:
    """An assertion that is good for five minutes; a claim that is None is left out."""
    usual = {"iss": client, "sub": client, "aud": url, "exp": int(now.timestamp()) + 300, "jti": secrets.token_hex(8)}
    told = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(told, key, algorithm="ES256", headers={"kid": kid} if kid else None)


def form(client: str, url: str, now: datetime, *, scope: str = "okta.users.read", **how: Any) -> dict[str, str]:
    """A whole token request."""
    shown = assertion(client, url, now, **how)
    return {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": TYPE,
        "client_assertion": shown,
    }


def proof(
    method: str, url: str, now: datetime, *, token: str | None = None, key: Any = KEY, header: Any = None, **claims: Any
) -> str:
    """A proof of possession; a claim or header that is None is left out."""
    usual: dict[str, Any] = {"htm": method, "htu": url, "iat": int(now.timestamp()), "jti": secrets.token_hex(8)}
    if token is not None:
        usual["ath"] = urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
    told = {name: value for name, value in (usual | claims).items() if value is not None}
    public = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return jwt.encode(told, key, algorithm="ES256", headers={"typ": "dpop+jwt", "jwk": public} | (header or {}))
