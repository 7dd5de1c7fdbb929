"""A service app's keys and ways of signing in, of the tests alone."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from okta.keys import SigningKey
from okta.oauth import OAuth
from okta.scopes import LOGS, OPTIONAL
from sandbox.clock import Clock
from sandbox.okta import Org

APP: Final = "0oaUnlatchOfTheTests"
SCOPES: Final = frozenset({"okta.users.read", "okta.users.manage"})
CURVES: Final = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def private(algorithm: str, number: int = 1) -> Private:  # noqa: ARG001 - the cache tells the numbers apart
    """A private key for an algorithm; another one for another number."""
    if algorithm in CURVES:
        return ec.generate_private_key(CURVES[algorithm])
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def pem(key: Private, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    """A private key as PEM."""
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def jwk(key: Private, **members: str) -> str:
    """A private key as a JWK, with these members besides."""
    return json.dumps(_members(key) | members)


def public(key: Private, **members: str) -> dict[str, str]:
    """The public key, as it is registered with Okta."""
    secret = {"d", "p", "q", "dp", "dq", "qi", "key_ops"}
    return {name: value for name, value in _members(key).items() if name not in secret} | members


def _members(key: Private) -> dict[str, str]:
    found: dict[str, str] = (
        RSAAlgorithm.to_jwk(key, as_dict=True)
        if isinstance(key, rsa.RSAPrivateKey)
        else ECAlgorithm.to_jwk(key, as_dict=True)
    )
    return found


def sign_in(
    now: Callable[[], datetime],
    *,
    keys: Iterable[SigningKey] = (),
    scopes: Iterable[str] = SCOPES,
    optional: Iterable[str] = OPTIONAL,
    client_id: str = APP,
) -> OAuth:
    """A way of signing in with the first key, or with others."""
    return OAuth(client_id, tuple(keys) or (key(),), scopes, optional=optional, now=now)


def key(number: int = 1, *, kid: str | None = None) -> SigningKey:
    """A key, under its own id."""
    return SigningKey(pem(private("ES256", number)), kid=kid or f"key-{number}")


def register(org: Org, *numbers: int, dpop: bool = True, scopes: Iterable[str] = (*SCOPES, LOGS)) -> None:
    """Have the org know the app, with these keys."""
    org.add_service_app(
        APP,
        [public(private("ES256", number), kid=f"key-{number}") for number in numbers or (1,)],
        scopes=scopes,
        roles={"SUPER_ADMIN"},
        dpop=dpop,
    )


def asked(org: Org) -> int:
    """How many token requests the org has got."""
    return sum(call.path == "/oauth2/v1/token" for call in org.calls)


class Skewed:
    """A clock that is ahead of another by so many seconds."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self.seconds = seconds

    def __call__(self) -> datetime:
        """Our time."""
        return datetime.fromtimestamp(self._clock.now().timestamp() + self.seconds, tz=self._clock.now().tzinfo)
