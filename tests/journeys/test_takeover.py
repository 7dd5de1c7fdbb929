"""A step that was begun is looked into when nobody can be at work on it any more, and not before."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot import app
from bot.keys import Keys
from bot.model import State
from bot.store import Store
from sandbox.okta import Fault
from tests.world import World

UNLOCK = "/api/v1/users/*/lifecycle/unlock"


@dataclass(frozen=True, slots=True)
class AnotherLease:
    """The hold on another bell of the same request, rung by its timer."""

    bell: str = "1-1"
    redelivered: bool = False

    def held(self) -> bool:
        """For as long as it takes."""
        return True


@pytest.mark.parametrize("gone", [False, True])
async def test_a_step_is_looked_into_once_its_bell_is_gone(bot: World, redis: Redis, *, gone: bool) -> None:
    """While the bell of whoever began it is there, others leave the step alone; its end is the end of their work."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.faults.order("POST", UNLOCK, Fault.STALL_AFTER, seconds=5)
    await maya.press(card.ts, "confirm")
    await bot.until(lambda: bot.effects, "the effect")
    request_id = card.metadata["event_payload"]["request"] if card.metadata else ""
    if gone:
        await redis.xtrim(Keys().bells, maxlen=0, approximate=False)

    async with app.bot(bot.settings, clock=bot.twin.clock, edge=False, worker=False) as other:
        await other.flow.advance(request_id, 3, AnotherLease())
    record = await Store(redis, Keys(), bot.twin.clock).load(request_id)
    await bot.later(timedelta(seconds=5))  # the answer is there
    await bot.card(maya, "Your account is unlocked")

    assert record is not None
    assert record.request.state is (State.DONE if gone else State.ACTING)
    assert len(bot.writes) == 1
