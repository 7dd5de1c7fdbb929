"""The pipeline with nobody but the test to carry requests, so that it can be stopped between any two steps."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis

from bot import app
from bot.flow import Flow
from bot.keys import Keys
from bot.parts import Pace
from sandbox.slack import Fault as SlackFault
from sandbox.slack import Person
from tests.world import World, world


@dataclass(frozen=True, slots=True)
class Grip:
    """A hold on a doorbell as a test wants it."""

    bell: str = "1-0"
    redelivered: bool = False
    certain: bool = True

    def held(self) -> bool:
        """Whether it is certain."""
        return self.certain


class Bench:
    """A bot that takes requests in and leaves them lying, and as many processes to carry them as a test asks for."""

    def __init__(self, running: World, redis: Redis, flows: list[Flow]) -> None:
        self.world = running
        self.flows = flows
        self.redis = redis

    async def requests(self) -> list[str]:
        """The ids of all requests."""
        prefix = Keys().record("").encode()
        keys = cast("list[bytes]", await self.redis.keys(prefix + b"*"))
        return [key.removeprefix(prefix).decode() for key in keys]

    async def only(self) -> str:
        """The id of the one request there is."""
        (request_id,) = await self.requests()
        return request_id

    async def bell(self) -> str:
        """The newest doorbell, which nobody takes off."""
        ((entry, _),) = cast("list[tuple[bytes, object]]", await self.redis.xrevrange(Keys().bells, count=1))
        return entry.decode()

    async def take_off(self, bell: str) -> None:
        """Take a doorbell off, as is done when an attempt is over."""
        await self.redis.xdel(Keys().bells, bell)

    async def advance(self, grip: Grip | None = None) -> None:
        """Let the first process look at the one request."""
        await self.flows[0].advance(await self.only(), 1, grip or Grip())

    async def asked(self, person: Person, text: str = "I'm locked out") -> str:
        """Let somebody ask, and carry it as far as it goes; the ts of their card."""
        await person.dm(text)
        await self.advance()
        return self.world.cards(person)[-1].ts

    def stall_next_update(self) -> Callable[[], bool]:
        """Let Slack take an hour over the next change of a card; answers whether that is under way."""
        faults = self.world.twin.workspace.faults
        faults.order("chat.update", SlackFault.stall(3600))
        return lambda: not faults._orders["chat.update"]

    def changes(self) -> int:
        """How many times a card was drawn anew."""
        return sum(call.method == "chat.update" for call in self.world.twin.workspace.calls)

    def opened(self) -> int:
        """How many windows were opened."""
        return sum(call.method == "views.open" for call in self.world.twin.workspace.calls)

    def title(self, person: Person) -> str:
        """What the newest card of a person is called."""
        return self.world.cards(person)[-1].text.partition("\n")[0]


@asynccontextmanager
async def running_bench(redis_url: str, redis: Redis, settings: dict[str, Any]) -> AsyncIterator[Bench]:
    """A bot that only takes in, and three processes that could carry what it took."""
    async with world(redis_url, worker=False, **settings) as running, AsyncExitStack() as stack:
        pace = Pace(okta_attempts=1)
        processes = [
            app.bot(running.settings, clock=running.twin.clock, edge=False, worker=False, pace=pace) for _ in range(3)
        ]
        flows = [(await stack.enter_async_context(process)).flow for process in processes]
        yield Bench(running, redis, flows)
