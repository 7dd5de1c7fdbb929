"""The server, the bot or both are killed in the midst of many requests: nothing that was acknowledged is lost."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from redis.exceptions import RedisError

from bot import engine
from bot.errors import StoreUnavailableError
from bot.valkey import SOCKET
from sandbox.okta import Fault
from sandbox.people import Employee, Group, SlackMember, Status
from sandbox.slack import Message, Person
from sandbox.twin import Twin, twin
from tests.bot.patience import eventually
from tests.kill.commands import Command, command
from tests.kill.errands import ASKS, UNLOCK, UNLOCKED
from tests.kill.lane import configure, unlimited
from tests.kill.ledger import Ledger

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]

PEOPLE: Final = 12

LIMIT: Final = 120.0
"""Seconds until everything is settled: leases lapse meanwhile, and writes have to be waited for that may still land."""

VICTIMS: Final = (("server",), ("bot",), ("server", "bot"))


@dataclass(frozen=True, slots=True)
class Crowd:
    """Many people who are locked out, and the store that their bot runs on."""

    twin: Twin
    config: Path
    home: Path
    people: tuple[tuple[Employee, Person], ...]

    @asynccontextmanager
    async def ledger(self) -> AsyncIterator[Ledger]:
        """The store, while it is there."""
        redis = engine.connect(f"unix://{self.home / 'valkey' / SOCKET}")
        try:
            yield Ledger(redis)
        finally:
            await redis.aclose()

    def cards(self, person: Person) -> list[Message]:
        """The bot's lasting messages to somebody."""
        return [message for message in person.sees() if message.bot_id and not message.is_ephemeral]

    async def ask(self) -> None:
        """Let everybody have a card to press."""
        await asyncio.gather(*(person.dm("I'm locked out") for _, person in self.people))
        await self.rest()

    async def press(self) -> list[bool]:
        """Let everybody press Confirm at once; answers whose press was acknowledged."""
        presses = (person.press(self.cards(person)[0].ts, "confirm") for _, person in self.people)
        return [delivery.acked for delivery in await asyncio.gather(*presses)]

    async def rest(self, limit: float = LIMIT) -> None:
        """Wait until nothing is left to do, and everybody has a card."""

        async def at_rest() -> bool:
            with suppress(RedisError, StoreUnavailableError):  # the server may be on its way back
                async with self.ledger() as ledger:
                    return all(self.cards(person) for _, person in self.people) and await ledger.at_rest()
            return False

        await eventually(at_rest, "the end of every request", limit)

    def after_effects(self, number: int, act: Callable[[], None]) -> None:
        """Do something right after so many more effects, before Okta answers the last of them."""
        self.twin.org.after_effect(act if number == 1 else lambda: self.after_effects(number - 1, act))

    def judge(self, acknowledged: Iterable[bool]) -> int:
        """Compare everybody's card with their account; answers how many are unlocked."""
        effects = Counter(effect.user_id for effect in self.twin.org.effects)
        for (employee, person), acked in zip(self.people, acknowledged, strict=True):
            titles = [card.text.partition("\n")[0] for card in self.cards(person)]
            done = effects[employee.id]
            status = self.twin.org.user(employee.id).status
            expected = ([UNLOCKED], 1, "ACTIVE") if acked or done else ([ASKS], 0, "LOCKED_OUT")
            assert (titles, done, status) == expected, (employee.handle, acked)
        assert set(effects) <= {employee.id for employee, _ in self.people}
        return effects.total()


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    """The people, and a file of settings for a bot with the embedded server."""
    async with twin() as outside:
        unlimited(outside)
        people = tuple(join(outside, number) for number in range(PEOPLE))
        home = tmp_path / "data"
        yield Crowd(outside, configure(tmp_path / "unlatch.toml", outside, f'data_dir = "{home}"'), home, people)


def kill(pids: Iterable[int]) -> None:
    """End processes without any clean-up."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def join(outside: Twin, number: int) -> tuple[Employee, Person]:
    """Somebody more in both Okta and Slack, and locked out."""
    name = f"Agent{number:02}"
    employee = Employee(name.lower(), f"{name} Care", Status.LOCKED_OUT, "Customer Care Agent", Group.CUSTOMER_CARE)
    outside.org.hire(employee)
    member = SlackMember(employee.slack_id or "", employee.handle, employee.name, employee.address)
    return employee, outside.workspace.add_member(member)


@asynccontextmanager
async def again(crowd: Crowd, first: Command, victims: tuple[str, ...]) -> AsyncIterator[None]:
    """The bot started once more if it was killed, or else the one that runs."""
    if "bot" not in victims:
        await first.says("putting it back")
        yield
        return
    assert await first.has_ended() == -signal.SIGKILL
    async with command("run", crowd.config) as second:
        # The server outlives the bot, and the next bot takes it over as it is.
        assert ("took over the embedded server" in second.said) == ("server" not in victims)
        yield


@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
@pytest.mark.parametrize("effect", [1, 6])
async def test_killed_while_everybody_presses(crowd: Crowd, victims: tuple[str, ...], effect: int) -> None:
    """Whose press was acknowledged is unlocked, once; everybody else is too, or can press again."""
    async with command("run", crowd.config) as first:
        await crowd.ask()
        async with crowd.ledger() as ledger:
            pids = {"server": await ledger.server(), "bot": first.pid}
        crowd.after_effects(effect, lambda: kill(pids[victim] for victim in victims))
        acknowledged = await crowd.press()
        async with again(crowd, first, victims):
            await crowd.rest()
            async with crowd.ledger() as ledger:
                assert (await ledger.server() == pids["server"]) == ("server" not in victims)

    unlocked = crowd.judge(acknowledged)

    assert sum(acknowledged) <= unlocked <= PEOPLE
    assert unlocked >= effect
    if "bot" not in victims:
        assert (sum(acknowledged), unlocked) == (PEOPLE, PEOPLE)


async def test_a_server_that_hangs_in_the_midst_of_a_write(crowd: Crowd) -> None:
    """While Okta's answer is on its way the server says nothing for longer than anybody waits for it; then it goes on."""
    crowd.twin.org.faults.order("POST", UNLOCK, Fault.STALL_AFTER, times=PEOPLE, seconds=1.5)
    async with command("run", crowd.config) as running:
        await crowd.ask()
        async with crowd.ledger() as ledger:
            server = await ledger.server()
        crowd.after_effects(PEOPLE, lambda: os.kill(server, signal.SIGSTOP))
        acknowledged = await crowd.press()
        await running.says("StoreUnavailableError")
        os.kill(server, signal.SIGCONT)
        await crowd.rest()

    assert crowd.judge(acknowledged) == PEOPLE
    assert sum(acknowledged) == PEOPLE


@pytest.mark.parametrize("victims", VICTIMS, ids="+".join)
async def test_killed_while_everybody_writes(crowd: Crowd, victims: tuple[str, ...]) -> None:
    """Each message has one card in the end: those taken in are carried on, the others Slack delivers again."""

    async def some_have_a_card() -> bool:
        return sum(bool(crowd.cards(person)) for _, person in crowd.people) >= 3

    async with command("run", crowd.config) as first:
        async with crowd.ledger() as ledger:
            pids = {"server": await ledger.server(), "bot": first.pid}
        writing = [asyncio.create_task(person.dm("I'm locked out")) for _, person in crowd.people]
        await eventually(some_have_a_card, "some cards")
        kill(pids[victim] for victim in victims)
        async with again(crowd, first, victims):
            crowd.twin.clock.advance(timedelta(minutes=1))  # when Slack tries again
            await asyncio.gather(*writing)
            await crowd.rest()

    assert crowd.judge([False] * PEOPLE) == 0
