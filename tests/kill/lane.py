"""A complete small world in which a worker can be hurt: a twin, a Redis, an edge, a nursery of workers.

Lanes run side by side, each with its own of everything: most of the time goes into waiting for a lease to lapse.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Final

from bot import app, engine
from bot.model import State
from bot.settings import Settings, load
from bot.states import settled
from sandbox.okta import Fault
from sandbox.slack import Message
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, Twin, twin
from tests.kill.case import Case
from tests.kill.ledger import Ledger
from tests.kill.nursery import LIMIT, Fate, MortalWorker, Nursery, nursery
from tests.kill.worker import PACE

UNLOCK: Final = "/api/v1/users/*/lifecycle/unlock"

_PEOPLE: Final = ("UMAYA", "UJONAS", "UCLARA", "UBEN")
"""Those who can be locked and unlocked. They take turns, so that nobody's direct message is posted to too fast."""

_LIMITED: Final = ("conversations.open", "conversations.history", "chat.update", "users.info", "auth.test")
"""What Slack limits by the minute, and a sweep calls more often than that."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What goes wrong besides: how Okta fares with the write, and for how many seconds."""

    fault: Fault | None = None
    seconds: float = 0.0


FAIR: Final = Weather()


@dataclass(frozen=True, slots=True)
class Lane:
    """A twin with an edge in this process, and workers in others."""

    twin: Twin
    settings: Settings
    ledger: Ledger
    nursery: Nursery
    people: Iterator[str]

    def begin(self, fate: Fate) -> Case:
        """The next person is locked out."""
        member = next(self.people)
        employee = self.twin.employee(member)
        if self.twin.org.user(employee.login).status != "LOCKED_OUT":
            self.twin.org.lock(employee.login)
        old = frozenset(message.ts for message in self.twin.person(member).sees())
        return Case(employee=employee, fate=fate, old=old, before=len(self.twin.org.effects))

    async def ask(self, case: Case) -> None:
        """The person says so."""
        await self.twin.person(case.member).dm("I'm locked out")

    async def confirm(self, case: Case, weather: Weather = FAIR) -> None:
        """The person gets the card and presses Confirm."""
        await self.asked(case)
        org = self.twin.org
        org.after_effect(lambda: case.changed.append(self.twin.clock.now()))
        if weather.fault:
            org.faults.order("POST", UNLOCK, weather.fault, seconds=weather.seconds)
        await self.twin.person(case.member).press(self.cards(case)[0].ts, "confirm")

    async def rests(self, case: Case, *, asking: bool = False) -> bool:
        """Whether the request is settled, or asking if that is what is waited for, and shown; with no doorbell left."""
        await self._read(case)
        state = case.record.request.state if case.record else State.RECEIVED
        return (state is State.ASKING if asking else settled(state)) and await self.ledger.at_rest()

    async def asked(self, case: Case) -> None:
        """Wait until the person has the card with the question, and nothing else is left to do."""
        await self.until(case, lambda: self.rests(case, asking=True), "the card")

    async def settled(self, case: Case) -> None:
        """Wait until nothing is left to do."""
        await self.until(case, lambda: self.rests(case), "the end")

    async def stalled_no_more(self, case: Case) -> None:
        """Wait until every write that Okta was late with is through."""

        async def answered() -> bool:
            return all(call.status is not None for call in self.twin.org.calls if call.method == "POST")

        await self.until(case, answered, "the end of every write in Okta")

    async def hurt(self, case: Case, worker: MortalWorker, *, asking: bool = False) -> bool:
        """Wait until the worker has been hurt, or nothing is left to do; answers whether it has been hurt."""

        async def either() -> bool:
            return bool(worker.where) or await self.rests(case, asking=asking)

        await self.until(case, either, "the point at which the worker is hurt, or the end")
        case.where = worker.where
        return bool(worker.where)

    def healthy(self) -> AbstractAsyncContextManager[object]:
        """A worker that nothing happens to."""
        return app.bot(self.settings, edge=False, pace=PACE)

    async def end(self, case: Case) -> None:
        """See how things stand, and clear away."""
        await self._look(case)
        self.twin.org.faults.clear()
        await self.ledger.forget()

    def cards(self, case: Case) -> list[Message]:
        """The bot's lasting messages to the person in this case."""
        seen = self.twin.person(case.member).sees()
        return [one for one in seen if one.bot_id and not one.is_ephemeral and one.ts not in case.old]

    async def until(self, case: Case, true: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait for something that can be seen in the store, in Slack or in Okta."""
        try:
            async with asyncio.timeout(LIMIT):
                while not await true():  # noqa: ASYNC110 - no one event tells of three services
                    await asyncio.sleep(0.01)
        except TimeoutError:
            await self._look(case)
            raise AssertionError(f"{what} did not come within {LIMIT} s. {case}") from None

    async def _look(self, case: Case) -> None:
        await self._read(case)
        org = self.twin.org
        case.status = str(org.user(case.employee.login).status)
        case.effects = tuple(effect.kind for effect in org.effects[case.before :])
        case.cards = tuple(self.cards(case))
        case.audit = await self.ledger.audit()

    async def _read(self, case: Case) -> None:
        """Read the request, which is the only one in the store."""
        case.record = next(iter(await self.ledger.records()), None)


@asynccontextmanager
async def lane(home: Path) -> AsyncIterator[Lane]:
    """Make a world whose files are in `home`, an empty folder."""
    async with AsyncExitStack() as stack:
        outside = await stack.enter_async_context(twin())
        unlimited(outside)
        url = await stack.enter_async_context(engine.embedded(home))
        file = configure(home / "unlatch.toml", outside, f'redis_url = "{url}"')
        settings = load(file)
        redis = engine.connect(url)
        stack.push_async_callback(redis.aclose)
        await stack.enter_async_context(app.bot(settings, worker=False))
        workers = await stack.enter_async_context(nursery(file))
        yield Lane(outside, settings, Ledger(redis), workers, cycle(_PEOPLE))


def unlimited(outside: Twin) -> None:
    """Let Slack take whatever comes: many people's requests are carried at once, and its pauses would be waited for."""
    for method in _LIMITED:
        outside.workspace.limits.set(method, 10_000)


def configure(file: Path, outside: Twin, top: str) -> Path:
    """Write the settings that lead to a twin."""
    file.touch(0o600)
    file.write_text(
        f'{top}\n[okta]\norg_url = "{outside.okta_url}"\napi_token = "{API_TOKEN}"\n[slack]\n'
        f'bot_token = "{BOT_TOKEN}"\napp_token = "{APP_TOKEN}"\napi_url = "{outside.slack_url}/api/"\n',
        "utf-8",
    )
    return file
