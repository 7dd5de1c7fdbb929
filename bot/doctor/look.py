"""Looking at everything at once."""

from collections.abc import Callable, Iterator
from datetime import datetime

import aiohttp

from bot.capability import Registry
from bot.credentials import scopes_needed
from bot.doctor import capabilities, okta, slack, store
from bot.doctor.findings import Area, Finding, Mark
from bot.keys import Keys
from bot.model import Home
from bot.parts import known
from bot.preflight import owner
from bot.rules import Check, Mode, Rules
from bot.settings import Settings
from bot.slack.web import LIMIT, web_client
from handlers import find


async def look(settings: Settings, clock: Callable[[], datetime]) -> tuple[bool, tuple[Finding, ...]]:
    """Whether anything answered at all, and what was found."""
    there_is, registry = known(), find()
    seen = await _slack(settings, clock)
    mine = owner(Home(*seen.home), settings) if seen.home else None
    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    stored = await store.look(url, settings.data_dir, Keys().installation, mine, clock)
    rules = settings.rules(durable=stored.lasting, takes_over=there_is.takes_over)
    sight = await okta.look(settings.okta, _wanted(registry, rules), clock)
    app = settings.okta.client_id is not None
    able = capabilities.judge(registry.values(), rules, sight, app=app, store=stored.usable)
    reached = stored.reached or seen.reached or sight.reached
    return reached, (*_settings(settings), *stored.findings, *seen.findings, *sight.findings, *able)


def _wanted(registry: Registry, rules: Rules) -> okta.Wanted:
    """What the capabilities want of Okta, as their modes are."""
    operations, acts = set[str](), False
    for name, capability in registry.items():
        if rules.mode(name) is not Mode.OFF:
            operations |= capability.reads
        if rules.mode(name) is Mode.ACT and capability.acts:
            operations |= capability.writes | capability.extras | rules.proof.operations(name)
            acts = True
        if rules.mode(name) is Mode.SHADOW and capability.acts:
            operations |= {"factors"} if rules.proof.needs_factor(name) else set()
            acts = True
    needs_roles = acts and rules.protect.check is Check.ROLES
    scopes = scopes_needed(registry.values(), rules)
    return okta.Wanted(frozenset(operations), scopes, acts=acts, roles=needs_roles, groups=rules.protect.groups)


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding(Area.SETTINGS, "settings", Mark.OK, "can be used")
    if settings.read_only:
        yield Finding(Area.SETTINGS, "read_only", Mark.NOTE, "true: nothing is changed in Okta")
    if settings.mail.host is None and settings.mail.notices == "mail":
        what = "not set, so nobody is told by mail what was done to their account"
        yield Finding(Area.SETTINGS, "mail", Mark.WARNING, what, 'give [mail] a server, or set mail.notices = "none"')
    if "help_desk" not in settings.links.given():
        what = "not set, so people are told to contact IT with no way to do so"
        yield Finding(Area.SETTINGS, "links.help_desk", Mark.WARNING, what, "set links.help_desk")


async def _slack(settings: Settings, clock: Callable[[], datetime]) -> slack.Sight:
    given = settings.slack
    token = given.app_token.get_secret_value() if given.app_token else None
    secret = given.signing_secret.get_secret_value() if given.signing_secret else None
    async with aiohttp.ClientSession(timeout=LIMIT) as session:
        web = web_client(given.bot_token.get_secret_value(), given.api_url, session)
        return await slack.look(web, mode=given.mode, app_token=token, signing_secret=secret, now=clock)
