"""Proofs that whoever shows an access token also holds the key it is bound to (DPoP, RFC 9449)."""

import re
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

import httpx

from okta.keys import SigningKey

_NONCE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,512}", re.ASCII)
"""RFC 9449, section 8.1; the length is our own limit, since it goes into a header of each request."""

BACKDATED: Final = timedelta(seconds=10)
"""By how much a proof is older than it is: Okta takes one that is five minutes old, and none from the future."""


class Prover:
    """Makes proofs with a key of its own, which lives as long as the process.

    Attributes:
        nonces: the last one that the authorization server and the API each gave, by whether it is for the API.
    """

    __slots__ = ("_jwk", "_key", "nonces")

    def __init__(self) -> None:
        self._key = SigningKey.generate()
        self._jwk = self._key.public_jwk()
        self.nonces: dict[bool, str] = {}

    def __repr__(self) -> str:
        return "Prover(…)"

    def proof(self, method: str, url: httpx.URL, now: datetime, *, token: str | None = None) -> str:
        """A proof for one request, good once: it names the method, the address without its query, and the token if any."""
        claims = {
            "htm": method,
            "htu": target(url),
            "iat": int((now - BACKDATED).timestamp()),
            "jti": token_urlsafe(16),
        }
        if nonce := self.nonces.get(token is not None):
            claims["nonce"] = nonce
        if token is not None:
            claims["ath"] = _base64url(sha256(token.encode()).digest())
        return self._key.sign(claims, typ="dpop+jwt", jwk=self._jwk)

    def learn(self, answer: httpx.Response, *, from_api: bool) -> None:
        """Keep the nonce that an answer brings, for the proofs to come; one that could not be a nonce is none of Okta's."""
        nonce = answer.headers.get("dpop-nonce", "")
        if _NONCE.fullmatch(nonce):
            self.nonces[from_api] = nonce


def target(url: httpx.URL) -> str:
    """An address without query and fragment."""
    return str(url.copy_with(query=None, fragment=None))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
