"""What Okta itself says of the access token that we hold (RFC 7662; bound tokens: RFC 9449, section 6.2)."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx

from okta.answers import one, unreadable
from okta.exchange import Exchanges, Request
from okta.models import Record
from okta.pace import bucket_of
from okta.sign_in import INTROSPECT_PATH, App

OPERATION: Final = "introspect"


@dataclass(frozen=True, slots=True)
class TokenStatus:
    """An access token as Okta knows it; but never the token.

    Attributes:
        active: whether it may be used now. If not, Okta says nothing else of it.
        scopes: that it carries, which are all that it was asked for with.
        token_type: `Bearer`, or `DPoP` for one that is bound to a key.
        thumbprint: of that key (RFC 7638).
    """

    active: bool
    scopes: frozenset[str] = frozenset()
    client_id: str = ""
    token_type: str = ""
    issuer: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    thumbprint: str = ""


class _Confirmation(Record, frozen=True):
    jkt: str = ""


class _Said(Record, frozen=True, rename=None):
    active: bool | None = None
    scope: str = ""
    client_id: str = ""
    token_type: str = ""
    iss: str = ""
    iat: float | None = None
    exp: float | None = None
    cnf: _Confirmation = _Confirmation()


class Asking(httpx.Auth):
    """Has a request signed, so that there is a token, and sends one about this token in its place.

    Args:
        app: whose token it is.
        signing: signs the app's requests.
    """

    def __init__(self, app: App, signing: httpx.Auth) -> None:
        self._app = app
        self._signing = signing

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Get a token if there is none, and ask about it.

        Raises:
            OktaError: there is no token, or Okta does not tell us of it.
        """
        async with aclosing(self._signing.async_auth_flow(request)) as signing:
            step = await anext(signing)
            while step is not request:
                step = await signing.asend((yield step))
        _, _, token = request.headers["Authorization"].partition(" ")
        inquiring = self._app.inquire(request, token)
        step = next(inquiring)
        while True:
            answer = yield step
            await answer.aread()
            try:
                step = inquiring.send(answer)
            except StopIteration:
                return


async def ask(http: httpx.AsyncClient, asking: Asking, *, time_limit: float) -> TokenStatus:
    """What Okta knows of a token.

    Raises:
        OktaError: it does not tell.
    """
    exchanges = Exchanges(http, asking, time_limit=time_limit)
    bucket = bucket_of("POST", INTROSPECT_PATH)
    answer = await exchanges.send(Request(OPERATION, "POST", INTROSPECT_PATH, bucket, asks=True))
    said = one(OPERATION, answer, _Said)
    if said.active is None:
        raise unreadable(OPERATION, answer)  # the one thing that has to be there
    if not said.active:
        return TokenStatus(active=False)
    return TokenStatus(
        active=True,
        scopes=frozenset(said.scope.split()),
        client_id=said.client_id,
        token_type=said.token_type,
        issuer=said.iss,
        issued_at=_moment(said.iat),
        expires_at=_moment(said.exp),
        thumbprint=said.cnf.jkt,
    )


def _moment(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
