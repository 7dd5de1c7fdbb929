"""What a process of the bot is made of, put together in one place and handed down; `bot.app` sets it to work."""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import aiohttp
from redis.asyncio import Redis
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot import anchors, audit_key, engine
from bot.alarm import Alarm
from bot.allowance import SharedLedger
from bot.anchors import Anchoring
from bot.audit import Scribe
from bot.brake import Brake
from bot.capability import Registry
from bot.credentials import Clients, clients, scopes_needed
from bot.engine import Lasting
from bot.flow import Flow
from bot.history import History
from bot.identity import Identifier
from bot.keys import Keys
from bot.limits import Limits
from bot.lookout import Lookout
from bot.mail import Post, Server, Smtp
from bot.model import Home
from bot.outbox import Outbox
from bot.passcodes import Passcodes
from bot.pins import Pins
from bot.ports import Clock
from bot.preflight import keep_apart, warn_of_unproven
from bot.proofs import Proofs
from bot.protection import Guard
from bot.rules import Rules
from bot.setting_changes import note_changes
from bot.settings import Known, Settings
from bot.show import Showing
from bot.sight import Sight
from bot.slack.members import SlackMembers
from bot.slack.messenger import SlackMessenger
from bot.slack.sign_in import sign_in
from bot.slack.web import LIMIT, web_client
from bot.steps import Steps
from bot.store import Store
from bot.tally import Tally
from okta.client import TIME_LIMIT
from okta.retry import ATTEMPTS
from templates.cards import Cards
from templates.words import languages, load

log = logging.getLogger(__name__)


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one clock that everything else is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient the bot is. No setting: the figures belong together, and only tests have a reason to hurry.

    Attributes:
        lease: how soon a dead worker's requests are taken over (`bot.jobs`).
        sweep: how long an unsettled request may go without being looked at.
        okta_limit: seconds that one call to Okta may take in all.
        okta_attempts: how often a call to Okta is tried at most, where that is safe.
    """

    lease: timedelta = timedelta(seconds=5)
    sweep: timedelta = timedelta(seconds=30)
    okta_limit: float = TIME_LIMIT
    okta_attempts: int = ATTEMPTS

    @property
    def landed(self) -> timedelta:
        """After what time a write of which nothing was heard is certain to have landed, if it ever does.

        Okta states no bound. The client gives a request up after `okta_limit`; as much again goes by before it is sent,
        for a last look at whether the account is protected, is left for Okta to finish what it has begun, and once more
        for the clocks of several machines to differ.
        """
        return timedelta(seconds=4 * self.okta_limit)


USUAL: Final = Pace()


def known() -> Known:
    """What settings may name, and what they cannot switch on by themselves."""
    found = handlers.find()
    takes_over = frozenset(name for name, capability in found.items() if capability.takes_over)
    return Known(frozenset(found), languages(), takes_over)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that edge and worker share or need."""

    redis: Redis
    reader: Redis
    keys: Keys
    store: Store
    registry: Registry
    rules: Rules
    cards: Cards
    web: AsyncWebClient
    authorized: AuthorizeResult
    messenger: SlackMessenger
    okta: Clients
    flow: Flow
    passcodes: Passcodes
    outbox: Outbox
    anchoring: Anchoring | None

    @classmethod
    async def make(cls, settings: Settings, clock: Clock, pace: Pace, stack: AsyncExitStack) -> "Parts":
        """Make everything; it is closed with `stack`.

        Raises:
            StartError: as `bot.app.bot`, and likewise the others.
        """
        shared = None if isinstance(clock, SystemClock) else lambda: clock.now().timestamp()
        registry, there_is = handlers.find(), known()
        settings.check(there_is)
        words = load(settings.language, settings.words_dir)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=LIMIT))
        web = web_client(settings.slack.bot_token.get_secret_value(), settings.slack.api_url, session)
        (redis, reader, durable), authorized = await asyncio.gather(_redis(settings, stack), sign_in(web))
        home, keys = Home(authorized.team_id or "", authorized.enterprise_id), Keys()
        await keep_apart(redis, keys, home, settings)
        rules = settings.rules(durable=durable, takes_over=there_is.takes_over)
        warn_of_unproven(rules)
        making = clients(
            settings.okta,
            scopes_needed(registry.values(), rules),
            read_only=settings.read_only,
            now=clock.now,
            time_limit=pace.okta_limit,
            attempts=pace.okta_attempts,
            ledger=lambda name: SharedLedger(redis, partial(keys.allowance, name), now=shared),
        )
        made = await stack.enter_async_context(making)
        channel = settings.slack.security_channel
        scribe = await _scribe(settings, redis, keys, clock)
        okta, pins, history = (
            made.acting,
            Pins(redis, keys, clock, scribe=scribe, tells=channel is not None),
            _history(redis, keys, scribe, registry),
        )
        told = {"tells": channel is not None, "mails": settings.mail.host is not None}
        store = Store(redis, keys, clock, sweep=pace.sweep, scribe=scribe, **told)
        cards = Cards(words, rules, settings.links.given(), settings.company)
        messenger = SlackMessenger(web, session, authorized.bot_user_id or "", close=words.text("common.close"))
        outbox = Outbox(redis, keys, clock, messenger=messenger, cards=cards, channel=channel, post=_post(settings))
        showing = Showing(store=store, messenger=messenger, cards=cards)
        guard = Guard(okta, made.roles, rules.protect)
        tally = Tally(redis, keys, clock)
        limits = Limits(
            tally,
            Brake(redis, keys, tally, rules.brake, clock, tells=channel is not None, scribe=scribe),
            rules.limits,
        )
        proofs = Proofs(store=store, okta=okta, tally=tally, rules=rules, clock=clock)
        passcodes = Passcodes(
            store=store, okta=okta, tally=tally, proofs=proofs, messenger=messenger, cards=cards, clock=clock
        )
        identity = Identifier(SlackMembers(web), okta, home, pins, attribute=settings.identity_attribute)
        flow = Flow(
            store=store,
            identity=identity,
            registry=registry,
            rules=rules,
            steps=Steps(
                store=store,
                okta=okta,
                rules=rules,
                showing=showing,
                clock=clock,
                landed=pace.landed,
                guard=guard,
                limits=limits,
                identity=identity,
            ),
            proofs=proofs,
            lookout=Lookout(
                identity=identity,
                sight=Sight(okta=okta, rules=rules, guard=guard, proofs=proofs, limits=limits, history=history),
                alarm=Alarm(store, pins, history, capabilities=registry, clock=clock),
                rules=rules,
            ),
            limits=limits,
            showing=showing,
            clock=clock,
        )
        return cls(
            redis,
            reader,
            keys,
            store,
            registry,
            rules,
            cards,
            web,
            authorized,
            messenger,
            made,
            flow,
            passcodes,
            outbox,
            _anchoring(settings, redis, keys, scribe, clock),
        )


def _history(redis: Redis, keys: Keys, scribe: Scribe, registry: Registry) -> History:
    """What was done for people, by what there is that does something."""
    return History(redis, keys, scribe, told=[name for name, one in registry.items() if one.acts])


def _post(settings: Settings) -> Post | None:
    """What mails the owners of accounts, if there is a server for it."""
    mail = settings.mail
    if mail.host is None or mail.sender is None:
        return None
    password = mail.password.get_secret_value() if mail.password else None
    server = Server(
        host=mail.host, port=mail.port, security=mail.security, sender=mail.sender, user=mail.user, password=password
    )
    return Smtp(server)


async def _scribe(settings: Settings, redis: Redis, keys: Keys, clock: Clock) -> Scribe:
    """Who writes the audit, and has begun with what was changed in the settings."""
    scribe = Scribe(audit_key.made(settings.audit.key, settings.data_dir), settings.audit_life())
    await note_changes(redis, keys, scribe, settings.model_dump(), clock)
    return scribe


def _anchoring(settings: Settings, redis: Redis, keys: Keys, scribe: Scribe, clock: Clock) -> Anchoring | None:
    """What writes down how far the audit has come, where that is wanted."""
    every = timedelta(minutes=settings.audit.anchor_minutes)
    where = settings.audit.anchors
    if where == "auto":
        where = "file" if settings.redis_url is None else "log"
    if where == "off":
        return None
    put = anchors.to_log if where == "log" else partial(anchors.to_file, settings.data_dir / anchors.FILE)
    return Anchoring(redis, keys, scribe, clock, put, every=every)


async def _redis(settings: Settings, stack: AsyncExitStack) -> tuple[Redis, Redis, bool]:
    """The two clients, and whether what is written there lasts."""
    if settings.redis_url is None:
        url = await stack.enter_async_context(engine.embedded(settings.data_dir))
    else:
        url = settings.redis_url.get_secret_value()
    redis, reader = engine.connect(url), engine.connect_reader(url)
    stack.push_async_callback(redis.aclose)
    stack.push_async_callback(reader.aclose)
    found = await engine.durability(redis)
    if found.lasting is not Lasting.YES:
        log.warning("Nothing will be changed in Okta, only guided, until this is mended: %s", found.reason)
    return redis, reader, found.lasting is Lasting.YES
