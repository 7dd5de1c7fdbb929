"""A private key, read from PEM or JWK, that signs JSON Web Tokens and never shows itself.

Okta takes RS256 and ES256 with their longer relatives (https://developer.okta.com/docs/guides/implement-oauth-for-okta-serviceapp/).
"""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

_Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_SHORTEST: Final = 2048
"""Bits of an RSA key, by RFC 7518."""

_RSA: Final = ("RS256", "RS384", "RS512")

_CURVES: Final = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}

_UNFIT: Final = (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm, jwt.PyJWTError, RecursionError)
"""What the libraries raise for a text that is no key."""


class KeyFormatError(ValueError):
    """A private key cannot be used; the message says what it should be, and does not repeat it."""


class SigningKey:
    """A private key.

    Args:
        text: PEM (`-----BEGIN PRIVATE KEY-----`, without a passphrase) or a JWK in JSON, RSA or EC.
        kid: the id under which Okta has the public key. A JWK may bring its own; this one outweighs it. Okta needs one
            as soon as two keys are registered.

    Raises:
        KeyFormatError: `text` is no such key.
    """

    __slots__ = ("_key", "algorithm", "kid")

    def __init__(self, text: str, *, kid: str | None = None) -> None:
        found = _read(text.strip())
        del text  # a traceback shows what a frame holds
        if found is None:
            raise KeyFormatError(
                "a private key is a PEM text (BEGIN PRIVATE KEY, no passphrase) or a JWK that holds its private part"
            )
        self._key, told = found
        self.algorithm = _algorithm(self._key, told.get("alg"))
        own = told.get("kid")
        self.kid = kid or (own if isinstance(own, str) and own else None)

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key on P-256, for proofs."""
        made = ec.generate_private_key(ec.SECP256R1())
        return cls(made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())

    def __repr__(self) -> str:
        return f"SigningKey({self.algorithm}, kid={self.kid!r}, …)"

    def public_jwk(self) -> dict[str, str]:
        """The public key as a JWK, with the members that RFC 7638 requires and no others."""
        public = self._key.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            whole = RSAAlgorithm.to_jwk(public, as_dict=True)
            return {name: whole[name] for name in ("kty", "n", "e")}
        whole = ECAlgorithm.to_jwk(public, as_dict=True)
        return {name: whole[name] for name in ("kty", "crv", "x", "y")}

    def sign(self, claims: Mapping[str, Any], **headers: Any) -> str:
        """A JWT with these claims, and with these headers besides `alg` and `kid`."""
        named = {"kid": self.kid} if self.kid else {}
        return jwt.encode(dict(claims), self._key, algorithm=self.algorithm, headers=named | headers)


def _read(text: str) -> tuple[_Key, dict[str, Any]] | None:
    """The key in `text` with what a JWK says besides it; None if there is none."""
    try:
        if not text.startswith("{"):
            return _private(load_pem_private_key(text.encode(), password=None), {})
        told = json.loads(text)
        made = ECAlgorithm.from_jwk(told) if told.get("kty") == "EC" else RSAAlgorithm.from_jwk(told)
        return _private(made, {name: told[name] for name in ("alg", "kid") if name in told})
    except _UNFIT:
        return None


def _private(key: object, told: dict[str, Any]) -> tuple[_Key, dict[str, Any]] | None:
    return (key, told) if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None


def _algorithm(key: _Key, wanted: object) -> str:
    """The algorithm that a key signs with: what its JWK says, else the shortest.

    Raises:
        KeyFormatError: none that Okta takes.
    """
    if isinstance(key, rsa.RSAPrivateKey):
        if key.key_size < _SHORTEST:
            raise KeyFormatError(f"an RSA key has {_SHORTEST} bits or more; make a longer one")
        possible: tuple[str, ...] = _RSA
    elif key.curve.name in _CURVES:
        possible = (_CURVES[key.curve.name],)
    else:
        raise KeyFormatError("an EC key is on P-256, P-384 or P-521; make one on P-256")
    chosen = wanted or possible[0]
    if chosen not in possible:
        raise KeyFormatError(f"this key signs with {' or '.join(possible)}, and its `alg` says something else")
    return str(chosen)
