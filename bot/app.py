"""The composition root: the only place that makes HTTP clients, the Redis client and Bolt, and hands them down.

What is made here is closed here, in the opposite order. One process can be the Slack edge, a worker, or both; they
share nothing but Redis.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import aiohttp
from redis.asyncio import Redis
from redis.exceptions import RedisError
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot import engine
from bot.allowance import SharedLedger
from bot.bells import Lane
from bot.capability import Registry
from bot.credentials import Clients, clients, scopes_needed
from bot.engine import Lasting
from bot.errors import StartError
from bot.flow import Flow
from bot.identity import Identifier
from bot.interpret import Interpreter
from bot.jobs import Jobs
from bot.keys import Keys
from bot.model import Home
from bot.outbox import Outbox
from bot.passcodes import Passcodes
from bot.ports import Clock
from bot.preflight import keep_apart, look_at_okta, warn_of_unproven
from bot.proofs import Proofs
from bot.protection import Guard
from bot.rules import Mode, Rules
from bot.settings import Known, Settings
from bot.show import Showing
from bot.slack.bolt import bolt
from bot.slack.edge import Edge
from bot.slack.members import SlackMembers
from bot.slack.messenger import SlackMessenger
from bot.slack.sign_in import sign_in
from bot.slack.web import LIMIT, silent, web_client
from bot.steps import Steps
from bot.stopping import stop_signals, stopped
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

NOTES: Final = 4
"""How many notes a process tells at once."""


@dataclass(frozen=True, slots=True)
class Running:
    """A bot at work.

    Attributes:
        flow: what the workers call.
        okta: the clients that it uses.
        rules: what is in force.
        request_url: where Slack's requests are taken in, in HTTP mode.
        tasks: what must not end while the bot runs.
    """

    flow: Flow
    okta: Clients
    rules: Rules
    request_url: str | None
    tasks: tuple[asyncio.Task[None], ...]


def known() -> Known:
    """What settings may name, and what they cannot switch on by themselves."""
    found = handlers.find()
    takes_over = frozenset(name for name, capability in found.items() if capability.takes_over)
    return Known(frozenset(found), languages(), takes_over)


@asynccontextmanager
async def bot(
    settings: Settings, *, clock: Clock | None = None, edge: bool = True, worker: bool = True, pace: Pace = USUAL
) -> AsyncIterator[Running]:
    """Run the bot until the context ends.

    Args:
        settings: what the administrator decided.
        clock: where the time comes from; the machine's unless given.
        edge: whether to take in what Slack delivers.
        worker: whether to carry requests.
        pace: how patient to be; the same for all processes that share a Redis.

    Raises:
        StartError: Slack refuses us, cannot be reached, the store is another bot's, or the port is taken.
        EngineError: Redis cannot be used.
        SettingsError: the settings name a capability or language that there is not.
        WordsError: the words cannot be used.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        parts = await _Parts.make(settings, clock, pace, stack)
        tasks = []
        request_url = None
        if worker:
            tasks.append(await stack.enter_async_context(_working(parts, clock, pace)))
        if edge:
            task, request_url = await _edge(settings, parts, clock, stack)
            tasks.append(task)
        yield Running(parts.flow, parts.okta, parts.rules, request_url, tuple(tasks))


async def run(settings: Settings, *, edge: bool = True, worker: bool = True) -> None:
    """Run the bot until the process is told to end.

    Raises:
        StartError: as `bot`, and likewise the others.
    """
    with stop_signals() as told:
        async with bot(settings, edge=edge, worker=worker) as running:
            log.info("%s is running: %s", "Unlatch" if worker else "The Slack edge", _summary(running.rules))
            if running.request_url:
                log.info("Slack's requests are taken in at %s", running.request_url)
            looking = asyncio.create_task(look_at_okta(running.okta, settings.okta))
            try:
                await stopped(told, *running.tasks)
            finally:
                looking.cancel()
                await asyncio.wait({looking})


@dataclass(frozen=True, slots=True)
class _Parts:
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
    outbox: Outbox | None

    @classmethod
    async def make(cls, settings: Settings, clock: Clock, pace: Pace, stack: AsyncExitStack) -> "_Parts":
        shared = None if isinstance(clock, SystemClock) else lambda: clock.now().timestamp()
        registry = handlers.find()
        there_is = known()
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
        okta = made.acting
        channel = settings.slack.security_channel
        store = Store(redis, keys, clock, sweep=pace.sweep, audit_life=settings.audit_life(), tells=channel is not None)
        cards = Cards(words, rules, settings.links.given(), settings.company)
        messenger = SlackMessenger(web, session, authorized.bot_user_id or "", close=words.text("common.close"))
        outbox = Outbox(redis, keys, messenger, cards, clock, channel=channel) if channel else None
        showing = Showing(store=store, messenger=messenger, cards=cards)
        identity = Identifier(SlackMembers(web), okta, home, attribute=settings.identity_attribute)
        guard = Guard(okta, made.roles, rules.protect)
        steps = Steps(
            store=store, okta=okta, rules=rules, showing=showing, clock=clock, landed=pace.landed, guard=guard
        )
        tally = Tally(redis, keys, clock)
        proofs = Proofs(store=store, okta=okta, tally=tally, rules=rules, clock=clock)
        passcodes = Passcodes(
            store=store, okta=okta, tally=tally, proofs=proofs, messenger=messenger, cards=cards, clock=clock
        )
        flow = Flow(
            store=store,
            okta=okta,
            identity=identity,
            registry=registry,
            rules=rules,
            steps=steps,
            proofs=proofs,
            guard=guard,
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
        )


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


@asynccontextmanager
async def _working(parts: _Parts, clock: Clock, pace: Pace) -> AsyncIterator[asyncio.Task[None]]:
    make = partial(Jobs, parts.redis, parts.reader, parts.keys, clock=clock, lease=pace.lease, sweep=pace.sweep)
    jobs = [make(handle=parts.flow.advance, buried=parts.flow.bury)]
    if parts.outbox is not None:
        lane = Lane(parts.keys.notes, parts.keys.notes_due, NOTES, parts.keys.note(""))
        jobs.append(make(handle=parts.outbox.deliver, buried=parts.outbox.bury, lane=lane))
    task = asyncio.create_task(_run_all(jobs))
    try:
        yield task
    finally:
        for one in jobs:
            one.stop()
        await asyncio.wait({task})


async def _run_all(jobs: list[Jobs]) -> None:
    async with asyncio.TaskGroup() as running:
        for one in jobs:
            running.create_task(one.run())


async def _edge(
    settings: Settings, parts: _Parts, clock: Clock, stack: AsyncExitStack
) -> tuple[asyncio.Task[None], str | None]:
    """Take in what Slack delivers, by one of the two ways; only what is needed for it is imported."""
    edge = Edge(
        store=parts.store,
        interpreter=Interpreter(parts.registry),
        messenger=parts.messenger,
        cards=parts.cards,
        passcodes=parts.passcodes,
        clock=clock,
    )
    stack.push_async_callback(edge.drained)
    app = bolt(edge, parts.authorized, silent("slack_bolt"))
    secret = settings.slack.signing_secret
    if settings.slack.mode == "http" and secret is not None:
        from bot.serving import serving
        from bot.slack.http import PATH, SlackHttp

        asgi = SlackHttp(app, signing_secret=secret.get_secret_value(), clock=clock, healthy=_healthy(parts.redis))
        task, address = await stack.enter_async_context(serving(asgi, settings.web.host, settings.web.port))
        return task, f"{address}{PATH}"
    token = settings.slack.app_token
    if token is None:
        raise StartError("slack.app_token is needed in socket mode")
    from bot.slack.socket import SocketMode

    mode = SocketMode(app, token.get_secret_value(), parts.web)
    return await stack.enter_async_context(mode.connected()), None


def _healthy(redis: Redis) -> Callable[[], Awaitable[bool]]:
    async def healthy() -> bool:
        try:
            await redis.ping()
        except (RedisError, OSError):
            return False
        return True

    return healthy


def _summary(rules: Rules) -> str:
    modes = ", ".join(f"{name} {rules.mode(name)}" for name in sorted(rules.modes) if rules.mode(name) is not Mode.OFF)
    return f"{modes or 'nothing is switched on'}{' (read only)' if rules.read_only else ''}"
