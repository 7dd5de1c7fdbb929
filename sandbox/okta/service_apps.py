"""Apps that sign in as themselves, by an assertion signed with their private key (RFC 7523)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import jwt

from sandbox.okta.errors import OAuthError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")

UNCHECKED: Final[Any] = {f"verify_{claim}": False for claim in ("exp", "iat", "nbf", "aud", "sub", "jti")}
"""What the library would check by the machine's time, or not as Okta does."""

LONGEST_LIFE: Final = timedelta(hours=1)
"""Of an assertion."""


@dataclass(slots=True)
class ServiceApp:
    """A service app.

    Attributes:
        public_keys: JWKs; an assertion names one by its `kid`, and need not where there is only one.
        scopes: that are granted.
        roles: administrator roles, to which the tokens given from now on are limited.
        group_ids: what its group-limited roles are limited to; None is no limit.
        app_ids: what its role of an Application Administrator is limited to; None is no limit.
        dpop: whether its tokens must be bound to a key.
        active: whether it may be used.
        networks: whether it may be used from here.
        used: the `jti` of assertions that were shown.
    """

    client_id: str
    public_keys: list[dict[str, str]]
    scopes: set[str]
    roles: frozenset[str]
    group_ids: frozenset[str] | None
    app_ids: frozenset[str] | None = None
    dpop: bool = True
    active: bool = True
    networks: bool = True
    used: set[str] = field(default_factory=set)

    def check(self, assertion: str, audience: str, now: datetime) -> None:
        """Let the app pass if the assertion is its own, for this endpoint, of this time, and new.

        Raises:
            OAuthError: invalid_client.
        """
        claims = self._verified(assertion)
        if claims.get("aud") not in (audience, [audience]):
            raise _refused("The audience claim for client_assertion must be the endpoint invoked for the request.")
        expires, issued = claims.get("exp"), claims.get("iat", 0)
        if not isinstance(expires, int) or not isinstance(issued, int) or expires <= now.timestamp():
            raise _refused("The client_assertion token is expired.")
        if expires > (now + LONGEST_LIFE).timestamp():
            raise _refused("The client_assertion token has an expiration too far into the future.")
        if issued > now.timestamp():
            raise _refused("The client_assertion token was issued in the future.")
        used = claims.get("jti")
        if used in self.used:
            raise _refused("The client_assertion token has already been used.")
        if isinstance(used, str):
            self.used.add(used)

    def _verified(self, assertion: str) -> dict[str, Any]:
        kid = jwt.get_unverified_header(assertion).get("kid")
        fitting = [key for key in self.public_keys if key.get("kid") == kid]
        keys = self.public_keys if kid is None and len(self.public_keys) == 1 else fitting
        if not keys or (kid is None and len(self.public_keys) > 1):
            raise _refused("The client_assertion JWT kid is invalid.")
        try:
            claims: dict[str, Any] = jwt.decode(
                assertion, jwt.PyJWK(keys[0], _algorithm(assertion)), ALGORITHMS, UNCHECKED
            )
        except jwt.PyJWTError as error:
            raise _refused("The client_assertion signature is invalid.") from error
        return claims


def client_of(assertion: str) -> str:
    """Whose assertion this claims to be.

    Raises:
        OAuthError: invalid_client, it is no assertion or names two.
    """
    try:
        _algorithm(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError) as error:
        raise _refused("The client_assertion is not a JWT that can be read.") from error
    if not isinstance(claims.get("iss"), str) or claims["iss"] != claims.get("sub"):
        raise _refused("The issuer and the subject of the client_assertion must be the client_id.")
    return str(claims["iss"])


def _algorithm(assertion: str) -> str:
    """How it is signed.

    Raises:
        jwt.PyJWTError: in no way that Okta takes.
    """
    algorithm = jwt.get_unverified_header(assertion).get("alg")
    if algorithm not in ALGORITHMS:
        raise jwt.InvalidAlgorithmError
    return str(algorithm)


def _refused(description: str) -> OAuthError:
    return OAuthError("invalid_client", description)
