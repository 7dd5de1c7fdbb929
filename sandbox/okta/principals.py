"""Who is calling: API tokens (`SSWS`) and access tokens of service apps (`Bearer`), with what each may do.

An API token has the roles of the person who made it and dies with that person's account. An access token needs the scope and, for the app
it was issued to, the role.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.okta.errors import OktaError
from sandbox.people import okta_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

UNUSED_LIFE = timedelta(days=30)
"""An API token that was not used for so long is void (https://developer.okta.com/docs/guides/create-an-api-token/main/)."""

BEARER_LIFE = timedelta(hours=1)
"""The fixed life of an access token of the org authorization server."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller.

    Attributes:
        id: of the API token (00T…) or of the service app (0oa…); never the secret.
        roles: administrator roles; None means those its owner has now.
        group_ids: what its group-limited roles are limited to; None is no limit.
        owner_id: the Okta user behind an API token.
        scopes: of an access token; None for an API token, which has no scopes.
        expires: when it is void, unless used before (API token) or in any case (access token).
        thumbprint: of the key that an access token is bound to; None for one that is not.
        created: when it came into being.
        name: what its maker called an API token.
        app_ids: what its app-limited roles are limited to; None is no limit.
    """

    id: str
    roles: frozenset[str] | None
    group_ids: frozenset[str] | None
    owner_id: str | None
    scopes: frozenset[str] | None
    expires: datetime
    created: datetime
    thumbprint: str | None = None
    name: str = ""
    app_ids: frozenset[str] | None = None


class Principals:
    """All tokens, by the value of the `Authorization` header."""

    def __init__(self) -> None:
        self._by_header: dict[str, Principal] = {}

    def add_token(
        self,
        token: str,
        *,
        owner_id: str,
        roles: Iterable[str] | None,
        group_ids: Iterable[str] | None,
        now: datetime,
        name: str = "",
    ) -> Principal:
        """An API token comes into being."""
        made = Principal(
            id=okta_id("00T", token),
            roles=None if roles is None else frozenset(roles),
            group_ids=None if group_ids is None else frozenset(group_ids),
            owner_id=owner_id,
            scopes=None,
            expires=now + UNUSED_LIFE,
            created=now,
            name=name,
        )
        self._by_header[f"SSWS {token}"] = made
        return made

    def add_bearer(
        self,
        token: str,
        *,
        scopes: Iterable[str],
        roles: Iterable[str],
        group_ids: Iterable[str] | None,
        client: str,
        now: datetime,
        thumbprint: str | None = None,
        app_ids: frozenset[str] | None = None,
    ) -> Principal:
        """A service app gets an access token, bound to a key if the thumbprint of one is given."""
        made = Principal(
            id=okta_id("0oa", client),
            roles=frozenset(roles),
            group_ids=None if group_ids is None else frozenset(group_ids),
            owner_id=None,
            scopes=frozenset(scopes),
            expires=now + BEARER_LIFE,
            created=now,
            thumbprint=thumbprint,
            app_ids=app_ids,
        )
        self._by_header[f"{'DPoP' if thumbprint else 'Bearer'} {token}"] = made
        return made

    def api_tokens(self, now: datetime) -> list[Principal]:
        """The API tokens that are not void."""
        return [known for known in self._by_header.values() if known.scopes is None and now < known.expires]

    def access_token(self, token: str, client: str, now: datetime) -> Principal | None:
        """An access token of a service app that is not void."""
        known = next((self._by_header[header] for header in _headers(token)[1:] if header in self._by_header), None)
        return known if known is not None and known.id == okta_id("0oa", client) and now < known.expires else None

    def set_roles(self, token: str, roles: frozenset[str]) -> None:
        """The token may do something else from now on.

        Raises:
            KeyError: there is no such token.
        """
        held = [header for header in _headers(token) if header in self._by_header]
        if not held:
            raise KeyError("no such token")
        for header in held:
            self._by_header[header] = replace(self._by_header[header], roles=roles)

    def revoke(self, token: str) -> None:
        """The token is void from now on."""
        for header in _headers(token):
            self._by_header.pop(header, None)

    def revoke_all(self, client: str) -> None:
        """All tokens of a service app are void from now on."""
        for header, known in list(self._by_header.items()):
            if known.id == okta_id("0oa", client):
                del self._by_header[header]

    def caller(self, header: str | None, now: datetime) -> Principal:
        """Who sends this `Authorization` header.

        Raises:
            OktaError: E0000005 without a header that Okta understands (https://github.com/okta/okta-powershell-cli/pull/94),
                E0000011 when the token is not valid, with status 400 for one that is bound to a key and shown as if it were not.
        """
        scheme, _, token = (header or "").partition(" ")
        if header is None or scheme not in {"SSWS", "Bearer", "DPoP"}:
            raise OktaError("E0000005")
        if scheme == "Bearer" and f"DPoP {token}" in self._by_header:
            told = challenge("DPoP", "invalid_request", "The access token is bound to a key; use the DPoP scheme.")
            raise OktaError("E0000011", headers=told, status=400)
        known = self._by_header.get(header)
        if known is None or known.expires <= now:
            told = challenge(scheme, "invalid_token", "The access token is invalid.")
            raise OktaError("E0000011", headers=() if scheme == "SSWS" else told)
        if known.scopes is None:
            known = self._by_header[header] = replace(known, expires=now + UNUSED_LIFE)
        return known


def has_scope(principal: Principal, needed: str) -> bool:
    """Whether the scope allows it; `.manage` includes `.read`. API tokens have no scopes and need none."""
    if principal.scopes is None:
        return True
    return needed in principal.scopes or needed.replace(".read", ".manage") in principal.scopes


def challenge(scheme: str, error: str, description: str) -> tuple[tuple[str, str], ...]:
    """The header that says why an access token, or the proof beside it, is not taken."""
    return (("WWW-Authenticate", f'{scheme} error="{error}", error_description="{description}"'),)


def _headers(token: str) -> tuple[str, str, str]:
    return f"SSWS {token}", f"Bearer {token}", f"DPoP {token}"
