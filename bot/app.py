"""The composition root: the only place that makes HTTP clients, the Redis client and Bolt, and hands them down.

What is made here is closed here, in the opposite order. One process can be the Slack edge, a worker, or both; they
share nothing but Redis.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.anchors import Anchoring
from bot.bells import Lane
from bot.credentials import Clients
from bot.errors import StartError
from bot.flow import Flow
from bot.interpret import Interpreter
from bot.jobs import Jobs
from bot.parts import USUAL, Pace, Parts, SystemClock
from bot.ports import Clock
from bot.preflight import look_at_okta
from bot.rules import Mode, Rules
from bot.settings import Settings
from bot.slack.bolt import bolt
from bot.slack.edge import Edge
from bot.slack.web import silent
from bot.stopping import stop_signals, stopped

log = logging.getLogger(__name__)


NOTES: Final = 8
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
        parts = await Parts.make(settings, clock, pace, stack)
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


@asynccontextmanager
async def _working(parts: Parts, clock: Clock, pace: Pace) -> AsyncIterator[asyncio.Task[None]]:
    make = partial(Jobs, parts.redis, parts.reader, parts.keys, clock=clock, lease=pace.lease, sweep=pace.sweep)
    jobs: list[Jobs | Anchoring] = [make(handle=parts.flow.advance, buried=parts.flow.bury)]
    lane = Lane(parts.keys.notes, parts.keys.notes_due, NOTES, parts.keys.note(""))
    jobs.append(make(handle=parts.outbox.deliver, buried=parts.outbox.bury, lane=lane))
    if parts.anchoring is not None:
        jobs.append(parts.anchoring)
    task = asyncio.create_task(_run_all(jobs))
    try:
        yield task
    finally:
        for one in jobs:
            one.stop()
        await asyncio.wait({task})


async def _run_all(jobs: list[Jobs | Anchoring]) -> None:
    async with asyncio.TaskGroup() as running:
        for one in jobs:
            running.create_task(one.run())


async def _edge(
    settings: Settings, parts: Parts, clock: Clock, stack: AsyncExitStack
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
