"""From the settings of Okta to clients that sign in there: one for each purpose, with no more power than it needs."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from bot import VERSION
from bot.capability import Capability
from bot.rules import Mode, Rules
from bot.settings.okta import Credential, Okta
from okta.auth import SSWS
from okta.client import OktaClient
from okta.oauth import OAuth
from okta.pace import Gate, Ledger
from okta.scopes import LOGS, OPTIONAL, ROLES, covers, scopes_for
from okta.transport import build_http

READ: Final = "okta.users.read"
"""The scope without which nobody can be found, and so nothing be done."""


@dataclass(frozen=True, slots=True)
class Clients:
    """One org, for each purpose by a client of its own. Those that only read could not write whatever they were told.

    Attributes:
        acting: for what people ask.
        reading: for what the bot reads by itself, while nobody waits.
        roles: for who is an administrator.
    """

    acting: OktaClient
    reading: OktaClient
    roles: OktaClient


def scopes_needed(capabilities: Iterable[Capability], rules: Rules) -> frozenset[str]:
    """The scopes that what is switched on needs, as its mode is; `.manage` includes `.read`."""
    needed = {READ}
    for capability in capabilities:
        mode = rules.mode(capability.name)
        if mode is not Mode.OFF:
            needed |= capability.guide_scopes
        if mode is Mode.ACT:
            needed |= capability.scopes | scopes_for(rules.proof.operations(capability.name))
        if mode is Mode.SHADOW and rules.proof.needs_factor(capability.name):
            needed |= scopes_for({"factors"})
    return frozenset(scope for scope in needed if not covers(needed - {scope}, scope))


def sign_in(
    credential: Credential, scopes: Iterable[str], *, now: Callable[[], datetime], optional: Iterable[str] = ()
) -> httpx.Auth:
    """How requests with a credential prove who we are; with that of a service app, for these scopes and no others.

    What serves some purpose only, or is `optional`, is asked for by itself when it is first needed, since one scope that
    is not granted fails the whole request.
    """
    if credential.client_id is None:
        return SSWS(credential.api_token.get_secret_value() if credential.api_token else "")
    wanted = frozenset(scopes)
    sure = wanted - OPTIONAL or wanted
    return OAuth(credential.client_id, credential.signing_keys(), sure, optional={*wanted - sure, *optional}, now=now)


@asynccontextmanager
async def clients(
    okta: Okta,
    scopes: Iterable[str],
    *,
    read_only: bool,
    now: Callable[[], datetime],
    time_limit: float,
    attempts: int,
    ledger: Callable[[str], Ledger],
) -> AsyncIterator[Clients]:
    """Make the clients; their connections are closed with the context.

    Args:
        okta: where the org is and the credentials.
        scopes: what the main credential is for, besides what a purpose without a credential of its own adds.
        read_only: whether none of them shall be able to write.
        now: the time.
        time_limit: seconds that one call may take in all.
        attempts: how often a call is tried at most, where that is safe.
        ledger: keeps what is left of the rate limits of a credential, whose name, no secret, it is given.
    """
    aside = {LOGS: okta.reader, ROLES: okta.roles}
    main = sign_in(okta, {*scopes, *(scope for scope, own in aside.items() if not own.is_given)}, now=now)
    reader = sign_in(okta.reader, {READ, LOGS}, now=now) if okta.reader.is_given else main
    roles = sign_in(okta.roles, {ROLES}, now=now) if okta.roles.is_given else main
    agent, gate = f"unlatch/{VERSION}", Gate()
    async with (
        build_http(okta.org_url, user_agent=agent, read_only=read_only) as http,
        build_http(okta.org_url, user_agent=agent, read_only=True) as reading,
    ):
        yield Clients(
            *(
                OktaClient(
                    over, auth, time_limit=time_limit, attempts=attempts, ledger=ledger(_name(credential)), gate=gate
                )
                for over, auth, credential in (
                    (http, main, okta),
                    (reading, reader, okta.reader if okta.reader.is_given else okta),
                    (reading, roles, okta.roles if okta.roles.is_given else okta),
                )
            )
        )


def _name(credential: Credential) -> str:
    """What all processes with the same credential call it, and nobody could sign in with."""
    if credential.client_id is not None:
        return credential.client_id
    token = credential.api_token.get_secret_value() if credential.api_token else ""
    return hashlib.sha256(f"unlatch allowance {token}".encode()).hexdigest()[:16]
