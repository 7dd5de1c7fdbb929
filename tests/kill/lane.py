"""A complete small world in which a worker can be hurt: a twin, a Redis, an edge, a nursery of workers.

Lanes run side by side, each with its own of everything: most of the time goes into waiting for a lease to lapse.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from bot import app, engine
from bot.model import State
from bot.settings import Settings, load
from bot.states import settled
from sandbox.okta.errors import OktaError
from sandbox.okta.factors import enrolled
from sandbox.okta.links import Purpose
from sandbox.okta.users import Recovery
from sandbox.people import Status
from sandbox.slack import Fault as Refusal
from sandbox.slack import Message
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, Twin, twin
from tests.kill.case import Case
from tests.kill.clock import FILE as CLOCK
from tests.kill.clock import SharedClock
from tests.kill.errands import Errand, named
from tests.kill.ledger import Ledger
from tests.kill.nursery import LIMIT, Fate, MortalWorker, Nursery, nursery
from tests.kill.weather import FAIR, Weather
from tests.kill.worker import PACE
from tests.scribe import AUDIT_KEY

_PEOPLE: Final = ("UMAYA", "UJONAS", "UCLARA", "UBEN")
"""Those who have a password in Okta. They take turns, so that nobody's direct message is posted to too fast."""

_LIMITED: Final = (
    "conversations.open",
    "conversations.history",
    "chat.update",
    "users.info",
    "auth.test",
    "views.open",
)
"""What Slack limits by the minute, and a sweep calls more often than that."""

_DEVICES: Final = {
    "totp": ("token:software:totp", None),
    "webauthn": ("webauthn", "YubiKey 5 NFC"),
    "push": ("push", "iPhone"),
}
"""What everybody has enrolled, by name: the kind, and on which device."""


_NO_END: Final = "[limits]\nper_day = 100\n[brake]\nresets = 0\nunlocks = 0\n"
"""A few people come more often within minutes than anybody does within a day."""


_WAITS: Final = frozenset({State.CHECKING, State.DEFERRED})
"""The states in which the bot waits for a time to come, and nobody else has to do anything."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A twin with an edge in this process, and workers in others."""

    twin: Twin
    settings: Settings
    ledger: Ledger
    nursery: Nursery
    people: Iterator[str]
    errand: Errand
    clock: SharedClock

    def begin(self, fate: Fate, weather: Weather = FAIR) -> Case:
        """The next person has a reason to ask."""
        member = next(self.people)
        employee, org = self.twin.employee(member), self.twin.org
        factors = {
            name: enrolled(kind, employee.login, org.created, device=on) for name, (kind, on) in _DEVICES.items()
        }
        usual: dict[str, Any] = {
            "factors": tuple(factors.values()),
            "sessions": 1,
            "recovery": Recovery("Where?", "There"),
        }
        before = self.errand.before
        org.change(employee.login, **usual, status=Status.ACTIVE if before is Status.LOCKED_OUT else before)
        if before is Status.LOCKED_OUT:
            org.lock(employee.login)
        person = self.twin.person(member)
        person.reload()
        return Case(
            errand=self.errand,
            employee=employee,
            fate=fate,
            weather=weather,
            old=frozenset(message.ts for message in person.sees()),
            before=len(org.effects),
            calls=len(org.calls),
            factors={name: factor.id for name, factor in factors.items()},
        )

    async def ask(self, case: Case) -> None:
        """The person says so."""
        await self.twin.person(case.member).dm(self.errand.says)

    async def confirm(self, case: Case) -> None:
        """The person gets the card, chooses where there is something to choose, and presses Confirm."""
        await self.asked(case)
        if self.errand.ticks:
            await self.choose(case)
            await self.until(case, lambda: self._offers(case), "the card with Confirm")
            await self.asked(case)
        self._brew(case)
        await self.twin.person(case.member).press(self.cards(case)[0].ts, self._button(case))

    async def choose(self, case: Case) -> None:
        """The person has the card with the choice, ticks, and goes on."""
        person, ts = self.twin.person(case.member), self.cards(case)[0].ts
        await person.select(ts, "tick:0", [case.factors[name] for name in self.errand.ticks])
        await person.press(ts, "choose")

    async def rests(self, case: Case, *, asking: bool = False) -> bool:
        """Whether the request is settled or followed, or asking if that is what is waited for, and shown.

        With no doorbell left. Where all that is left to do is to wait, time is let pass.
        """
        await self._read(case)
        request = case.record.request if case.record else None
        state = request.state if request else State.RECEIVED
        if request and request.due and state in _WAITS and await self.ledger.is_quiet() and self._is_through(case):
            self._let_pass(case, request.due)
        over = state is State.ASKING if asking else settled(state) or state is State.FOLLOWING
        return over and await self.ledger.at_rest()

    async def asked(self, case: Case) -> None:
        """Wait until the person has the card with the question, and nothing else is left to do."""
        await self.until(case, lambda: self.rests(case, asking=True), "the card")

    async def settled(self, case: Case) -> None:
        """Wait until nothing is left to do."""
        await self.until(case, lambda: self.rests(case), "the end")

    async def stalled_no_more(self, case: Case) -> None:
        """Wait until every write that Okta was late with is through."""

        async def through() -> bool:
            return self._is_through(case)

        await self.until(case, through, "the end of every write in Okta")

    async def hurt(self, case: Case, worker: MortalWorker, *, asking: bool = False) -> bool:
        """Wait until the worker has been hurt, or nothing is left to do; answers whether it has been hurt."""

        async def either() -> bool:
            return bool(worker.where) or await self.rests(case, asking=asking)

        await self.until(case, either, "the point at which the worker is hurt, or the end")
        case.where = worker.where
        return bool(worker.where)

    def healthy(self) -> AbstractAsyncContextManager[object]:
        """A worker that nothing happens to."""
        return app.bot(self.settings, clock=self.clock, edge=False, pace=PACE)

    async def end(self, case: Case) -> None:
        """See how things stand, and clear away."""
        await self._look(case)
        await self.clear()

    async def clear(self) -> None:
        """Leave nothing for the next case."""
        self.twin.org.faults.clear()
        self.twin.workspace.faults.clear()
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
                    await asyncio.sleep(0.02)
        except TimeoutError:
            await self._look(case)
            raise AssertionError(f"{what} did not come within {LIMIT} s. {case}") from None

    def _brew(self, case: Case) -> None:
        weather, org = case.weather, self.twin.org
        if weather.fault:
            write = self.errand.writes[weather.step]
            path = named(write.path, case.factors)
            org.faults.order(write.method, path, weather.fault, times=weather.times, seconds=weather.seconds)
        for method in weather.slack:
            self.twin.workspace.faults.order(method, Refusal.error("internal_error"))

    def _button(self, case: Case) -> str:
        return next((one for one in self.cards(case)[0].action_ids if one.startswith("confirm")), "")

    async def _offers(self, case: Case) -> bool:
        return bool(self._button(case))

    def _is_through(self, case: Case) -> bool:
        """Whether no write is held up in Okta. Of one whose connection was cut the twin never notes an answer."""
        writes = [call for call in self.twin.org.calls[case.calls :] if call.method != "GET"]
        return not case.weather.holds_up or all(call.status is not None for call in writes)

    def _let_pass(self, case: Case, until: datetime) -> None:
        """Let the time come. What a stopped worker has begun has its limits by the machine's clock: those are waited out."""
        fence = case.record.request.fence if case.record else None
        if case.fate.number == signal.SIGSTOP and fence and self.clock.now() < fence.at + PACE.landed:
            return
        by = until - self.clock.now()
        if by > timedelta(0):
            self.twin.clock.advance(by)
            self.clock.advance(by)

    async def _look(self, case: Case) -> None:
        await self._read(case)
        org, person = self.twin.org, self.twin.person(case.member)
        case.status = str(org.user(case.employee.login).status)
        case.effects = tuple(org.effects[case.before :])
        case.cards = tuple(self.cards(case))
        case.audit = await self.ledger.audit()
        windows = [str(person.modal.spec["blocks"])] if person.modal else []
        case.screen = (*windows, *(one.text for one in person.sees() if one.is_ephemeral and one.ts not in case.old))
        case.works = None if case.link is None else self._opens(case.link)

    def _opens(self, token: str) -> bool:
        """Whether a one-time link leads to the form for a new password."""
        try:
            self.twin.org.links.find(token, frozenset(Purpose), self.twin.clock.now())
        except OktaError:
            return False
        return True

    async def _read(self, case: Case) -> None:
        """Read the request, which is the only one in the store."""
        case.record = next(iter(await self.ledger.records()), None)


@asynccontextmanager
async def lane(home: Path, errand: Errand) -> AsyncIterator[Lane]:
    """Make a world whose files are in `home`, an empty folder."""
    async with AsyncExitStack() as stack:
        outside = await stack.enter_async_context(twin())
        unlimited(outside)
        url = await stack.enter_async_context(engine.embedded(home))
        outside.set_roles({errand.role})
        outside.org.settings.pipeline = errand.pipeline
        file = configure(
            home / "unlatch.toml", outside, f'redis_url = "{url}"\naudit.key = "{AUDIT_KEY}"', errand.tables
        )
        settings, clock = load(file), SharedClock(file.parent / CLOCK)
        redis = engine.connect(url)
        stack.push_async_callback(redis.aclose)
        await stack.enter_async_context(app.bot(settings, clock=clock, worker=False))
        workers = await stack.enter_async_context(nursery(file))
        yield Lane(outside, settings, Ledger(redis), workers, cycle(_PEOPLE), errand, clock)


def unlimited(outside: Twin) -> None:
    """Let Slack and Okta take whatever comes: a sweep asks in a minute what people ask in a day.

    Waiting for either would take longer than a worker that is told to end has.
    """
    outside.org.limits.per_minute = dict.fromkeys(outside.org.limits.per_minute, 100_000)
    for method in _LIMITED:
        outside.workspace.limits.set(method, 10_000)


def configure(file: Path, outside: Twin, top: str, tables: str = "") -> Path:
    """Write the settings that lead to a twin: what stands above all tables, and the tables that are not of Okta or Slack."""
    file.touch(0o600)
    file.write_text(
        f'{top}\n[okta]\norg_url = "{outside.okta_url}"\napi_token = "{API_TOKEN}"\n[slack]\n'
        f'bot_token = "{BOT_TOKEN}"\napp_token = "{APP_TOKEN}"\napi_url = "{outside.slack_url}/api/"\n{tables}{_NO_END}',
        "utf-8",
    )
    return file
