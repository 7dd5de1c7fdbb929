"""What is found out at the start, beyond what can be told from the settings: whose store it is, whose token."""

import asyncio
import hashlib
import logging
from contextlib import suppress
from typing import Final

from redis.asyncio import Redis

from bot import engine
from bot.credentials import Clients
from bot.errors import StartError
from bot.keys import Keys
from bot.model import Home
from bot.rules import Check, Mode, Rules
from bot.settings import Settings
from bot.settings.okta import Okta
from bot.summary import held_back
from okta.client import OktaClient
from okta.errors import InvalidTokenError, OktaError
from okta.models import User

log = logging.getLogger(__name__)

SUPER_ADMIN: Final = "SUPER_ADMIN"
"""Okta's name for the role that may do everything."""


def owner(home: Home, settings: Settings) -> str:
    """The mark by which a store shows whose it is; it tells nobody the names."""
    names = "\n".join((home.team_id, home.enterprise_id or "", settings.okta.org_url))
    return hashlib.sha256(names.encode()).hexdigest()


async def keep_apart(redis: Redis, keys: Keys, home: Home, settings: Settings) -> None:
    """See to it that one store serves one workspace and one org, or a trial would carry out what the real bot was asked.

    Raises:
        StartError: it serves others.
        EngineError: it cannot be asked, or takes no writes.
    """
    if await engine.belongs(redis, keys.installation, owner(home, settings)):
        return
    if settings.redis_url is None:
        place, other = f"The store in {settings.data_dir}", "Choose another data_dir"
    else:
        place, other = "This Redis", "Give this one a Redis of its own; another database number in redis_url will do"
    raise StartError(
        f"{place} belongs to an Unlatch of another Slack workspace or Okta org, and would mix up their requests. {other}."
        f" If only the address of your org has changed, stop every process and delete the key {keys.installation}."
    )


def warn_of_unproven(rules: Rules) -> None:
    """Say which capabilities were switched on and only guide all the same, and why; and who is protected by a list alone."""
    reasons: dict[str, list[str]] = {}
    for name in sorted(rules.unproven | rules.unprotected | rules.unmailed):
        if rules.modes.get(name) is Mode.ACT:
            reasons.setdefault(held_back(rules, name), []).append(name)
    for why, held in reasons.items():
        log.warning("%s: set to act, but only directions are given, since %s", ", ".join(held), why)
    if rules.protect.check is Check.LISTED_ONLY:
        log.warning("administrators are not looked for, as protect.check says; only listed accounts are protected")


async def look_at_okta(okta: Clients, settings: Okta) -> None:
    """Say early what would otherwise come out with the first request; nothing depends on it."""
    with suppress(asyncio.CancelledError):
        try:
            await okta.acting.organization()
            who = await _who(okta.acting, settings)
        except InvalidTokenError as error:
            means = f"the app {settings.client_id}" if settings.client_id else "okta.api_token"
            log.error("Okta does not accept %s: %s", means, error.advice)  # noqa: TRY400 - the advice says all
        except OktaError as error:
            log.warning("Okta cannot be asked yet (%s); requests wait for it", error)
        else:
            log.info("Okta knows the bot as %s", who.profile.login if who else f"the app {settings.client_id}")
            await _look_at_roles(okta.roles, who.id if who else None, settings.client_id)
            await _look_aside(okta, settings)


async def _who(okta: OktaClient, settings: Okta) -> User | None:
    """The owner of the API token; None for a service app, which is nobody, but can see people."""
    if settings.client_id is None:
        return await okta.me()
    await okta.users(limit=1).first()
    return None


async def _look_at_roles(okta: OktaClient, bot_id: str | None, client_id: str | None) -> None:
    """Warn of a credential that could do anything. Those of little might may not read roles, and need no warning."""
    with suppress(OktaError):
        roles = await (okta.roles(bot_id) if bot_id else okta.client_roles(client_id or ""))
        if any(role.type == SUPER_ADMIN for role in roles):
            log.warning(
                "%s is a super administrator's: whoever gets hold of it owns your org. Make a service account or a service"
                " app with the role Help Desk Administrator (Read-only Administrator if the bot only guides) and use that",
                "okta.api_token" if bot_id else f"the service app {client_id}",
            )


async def _look_aside(okta: Clients, settings: Okta) -> None:
    """Say of a credential of its own that Okta does not take it: what needs it would fail, and nothing else."""
    asides = (("okta.reader", settings.reader, okta.reading), ("okta.roles", settings.roles, okta.roles))
    for name, credential, client in asides:
        if not credential.is_given:
            continue
        try:
            await (client.log(limit=1) if name == "okta.reader" else client.administrators(limit=1).first())
        except InvalidTokenError as error:
            log.error("Okta does not accept %s: %s", name, error.advice)  # noqa: TRY400 - the advice says all
        except OktaError:
            continue
