"""Proofs of possession (DPoP, RFC 9449), checked as Okta does (https://developer.okta.com/docs/guides/dpop/)."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import jwt

from sandbox.okta.errors import OAuthError
from sandbox.okta.service_apps import ALGORITHMS, UNCHECKED

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.http import Request

OLDEST: Final = timedelta(minutes=5)
"""How old a proof may be."""

NONCE_LIFE: Final = timedelta(days=1)
NONCES_KEPT: Final = 3
"""A nonce is replaced every day, and good for three."""

_REQUIRED: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


class Proofs:
    """Checks proofs, and gives out the nonces that go into them."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._seen: set[str] = set()

    def nonce(self, at: datetime, *, days_ago: int = 0) -> str:
        """The nonce of the day."""
        day = int(at.timestamp() // NONCE_LIFE.total_seconds()) - days_ago
        return _base64url(hmac.digest(self._secret, str(day).encode(), "sha256")[:16])

    def check(self, request: Request, *, needs_nonce: bool, token: str | None = None) -> str:
        """The thumbprint of the key that the request's proof is made with.

        Args:
            request: what is to be proved.
            needs_nonce: whether a nonce must be in the proof.
            token: the access token that must be in it.

        Raises:
            OAuthError: invalid_dpop_proof or use_dpop_nonce.
        """
        claims, thumbprint = _verified(request.headers.get("dpop"))
        _fits(claims, request)
        ath = None if token is None else _base64url(sha256(token.encode()).digest())
        if claims.get("ath") != ath:
            raise _refused("The DPoP proof is made for another access token.")
        nonce, days = claims.get("nonce"), range(NONCES_KEPT)
        if nonce not in {self.nonce(request.at, days_ago=ago) for ago in days} and (needs_nonce or nonce is not None):
            raise OAuthError(
                "use_dpop_nonce",
                "Authorization server requires nonce in DPoP proof.",
                headers=(("dpop-nonce", self.nonce(request.at)),),
            )
        used = claims.get("jti")
        if not isinstance(used, str) or used in self._seen:
            raise _refused("The DPoP proof has no jti, or one that was used before.")
        self._seen.add(used)
        return thumbprint

    def check_bound(self, request: Request, token: str, bound_to: str, *, needs_nonce: bool) -> None:
        """Let a request pass whose proof is made with the key that its token is bound to.

        Raises:
            OAuthError: invalid_dpop_proof or use_dpop_nonce.
        """
        if self.check(request, token=token, needs_nonce=needs_nonce) != bound_to:
            raise _refused("The DPoP proof is made with another key than the access token's.")


def thumbprint(jwk: dict[str, Any]) -> str:
    """Of a public key, by RFC 7638."""
    required = {name: jwk[name] for name in _REQUIRED[jwk["kty"]]}
    return _base64url(sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest())


def _verified(proof: str | None) -> tuple[dict[str, Any], str]:
    if proof is None:
        raise _refused("The DPoP proof JWT header is missing.")
    try:
        header = jwt.get_unverified_header(proof)
        jwk = header["jwk"]
        fits = header["typ"] == "dpop+jwt" and header["alg"] in ALGORITHMS and "d" not in jwk
        claims = jwt.decode(proof, jwt.PyJWK(jwk, header["alg"]), ALGORITHMS, UNCHECKED)
        made_with = thumbprint(jwk)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise _refused("The DPoP proof is not one that can be read, or its signature is invalid.") from error
    if not fits:
        raise _refused("The DPoP proof is no `dpop+jwt` with a public key.")
    return claims, made_with


def _fits(claims: dict[str, Any], request: Request) -> None:
    if claims.get("htm") != request.method:
        raise _refused("The DPoP proof is made for another method.")
    if unquote(str(claims.get("htu"))) != f"{request.base}{request.path}":
        raise _refused("The DPoP proof is made for another address.")
    issued, now = claims.get("iat"), request.at.timestamp()
    if not isinstance(issued, int) or issued <= now - OLDEST.total_seconds():
        raise _refused("The DPoP proof JWT is too old.")
    if issued > now:
        raise _refused("The DPoP proof JWT was issued in the future.")


def _refused(description: str) -> OAuthError:
    return OAuthError("invalid_dpop_proof", description)


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
