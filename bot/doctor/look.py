"""Looking at everything at once."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot import VERSION
from bot.app import known, silent
from bot.credentials import scopes_needed, sign_in
from bot.doctor import capabilities, okta, slack, store
from bot.doctor.findings import Area, Finding, Mark
from bot.keys import Keys
from bot.model import Home
from bot.preflight import owner
from bot.rules import Mode, Rules
from bot.settings import Settings
from handlers import find
from okta.client import OktaClient
from okta.transport import build_http

LIMIT: Final = aiohttp.ClientTimeout(total=10)


async def look(settings: Settings, clock: Callable[[], datetime]) -> tuple[bool, tuple[Finding, ...]]:
    """Whether anything answered at all, and what was found."""
    there_is, registry = known(), find()
    seen = await _slack(settings, clock)
    mine = owner(Home(*seen.home), settings) if seen.home else None
    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    there, stored = await store.look(url, settings.data_dir, Keys().installation, mine, clock)
    lasting = not any(item.name == "durability" and item.mark is not Mark.OK for item in stored)
    rules = settings.rules(durable=lasting, takes_over=there_is.takes_over)
    acts = any(rules.mode(name) is Mode.ACT and item.acts for name, item in registry.items())
    sight = await _okta(settings, rules, clock, acts=acts)
    able = capabilities.judge(registry.values(), rules, sight, app=settings.okta.client_id is not None)
    reached = there or seen.reached or sight.reached
    return reached, (*_settings(settings), *stored, *seen.findings, *sight.findings, *able)


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding(Area.SETTINGS, "settings", Mark.OK, "can be used")
    if settings.read_only:
        yield Finding(Area.SETTINGS, "read_only", Mark.NOTE, "true: nothing is changed in Okta")
    if "help_desk" not in settings.links.given():
        what = "not set, so people are told to contact IT with no way to do so"
        yield Finding(Area.SETTINGS, "links.help_desk", Mark.WARNING, what, "set links.help_desk")


async def _slack(settings: Settings, clock: Callable[[], datetime]) -> slack.Sight:
    async with aiohttp.ClientSession(timeout=LIMIT) as session:
        web = AsyncWebClient(
            token=settings.slack.bot_token.get_secret_value(),
            base_url=settings.slack.api_url,
            session=session,
            retry_handlers=[],
            logger=silent("slack_sdk"),
        )
        token = settings.slack.app_token.get_secret_value() if settings.slack.app_token else None
        return await slack.look(web, mode=settings.slack.mode, app_token=token, now=clock)


async def _okta(settings: Settings, rules: Rules, clock: Callable[[], datetime], *, acts: bool) -> okta.Sight:
    auth = sign_in(settings.okta, scopes_needed(find().values(), rules), now=clock)
    async with build_http(settings.okta.org_url, user_agent=f"unlatch/{VERSION}", read_only=True) as http:
        client = OktaClient(http, auth, attempts=1)
        return await okta.look(http, client, app=settings.okta.client_id, acts=acts, now=clock)
