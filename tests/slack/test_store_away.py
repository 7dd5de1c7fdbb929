"""The store is away: whoever asks hears that nothing was done, nothing is done later, and afterwards things work again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from bot.slack import edge
from sandbox.slack import Fault, Message, Person
from templates.words import load
from tests.slack.conftest import MARKER
from tests.slack.relay import Relay, relayed
from tests.world import World, world

NOT_TAKEN = load("en").text("edge.not_taken")


@dataclass(frozen=True, slots=True)
class Fragile:
    """A bot whose store can be taken away."""

    world: World
    relay: Relay

    async def hears(self, person: Person, channel: str | None = None, times: int = 1) -> None:
        """Wait until somebody was told that nothing was taken in, so many times."""
        await self.world.until(lambda: self.world.whispers(person, channel) == [NOT_TAKEN] * times, "the refusal")

    async def works(self) -> None:
        """Wait until a new request of somebody else is answered."""
        jonas = self.world.person("UJONAS")
        await jonas.dm("hello")
        await self.world.card(jonas, "How can I help?")


@pytest.fixture(params=["socket", "http"])
async def fragile(
    request: pytest.FixtureRequest, redis_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Fragile]:
    """A bot over Socket Mode and over signed HTTP, less patient than usual, and the way to its store."""
    del redis
    monkeypatch.setattr(edge, "STORE_LIMIT", 0.6)
    async with relayed(redis_url) as (relay, url), world(url, http=request.param == "http") as running:
        yield Fragile(running, relay)
        relay.mend()


async def _asked(fragile: Fragile, maya: Person) -> Message:
    await maya.dm("I'm locked out")
    return await fragile.world.card(maya, "Unlock your account?")


async def test_whoever_asks_hears_that_nothing_was_done(fragile: Fragile) -> None:
    """A message, a mention, a command and a press, each where it was made, each acknowledged in time."""
    maya, general = fragile.world.person("UMAYA"), fragile.world.channel("general")
    card = await _asked(fragile, maya)
    fragile.relay.cut()

    message, mention, command, press = await asyncio.gather(
        maya.dm(MARKER), maya.mention(general, MARKER), maya.command("unlock"), maya.press(card.ts, "confirm")
    )
    await fragile.hears(maya, times=3)
    await fragile.hears(maya, general)

    assert message
    assert mention
    assert command is not None
    assert command.acked
    assert press.acked
    assert all(one.acked and one.attempt == 0 for one in fragile.world.twin.workspace.deliveries)
    assert maya.notices == []


async def test_nothing_of_it_is_done_later(fragile: Fragile) -> None:
    """The store is back: the press that was turned away is not carried out, and a new one is."""
    maya = fragile.world.person("UMAYA")
    card = await _asked(fragile, maya)
    fragile.relay.cut()
    await asyncio.gather(maya.press(card.ts, "confirm"), maya.dm("locked"))
    await fragile.hears(maya, times=2)

    fragile.relay.mend()
    await fragile.works()

    assert fragile.world.writes == []
    assert len(fragile.world.cards(maya)) == 1
    await maya.press(card.ts, "confirm")
    await fragile.world.card(maya, "Your account is unlocked")


async def test_a_moments_absence_costs_nobody_anything(fragile: Fragile) -> None:
    """A server that is put back within the time that Slack waits: what came meanwhile is taken in."""
    maya = fragile.world.person("UMAYA")
    card = await _asked(fragile, maya)
    fragile.relay.cut()
    asyncio.get_running_loop().call_later(0.2, fragile.relay.mend)

    press = await maya.press(card.ts, "confirm")
    await fragile.world.card(maya, "Your account is unlocked")

    assert press.acked
    assert fragile.world.effects == ["unlock"]
    assert fragile.world.whispers(maya) == []


async def test_a_slow_store_is_not_asked_twice_with_two_effects(
    fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is late, the script is sent again, and both arrive: one request."""
    monkeypatch.setattr(edge, "STORE_LIMIT", 2.0)
    maya = fragile.world.person("UMAYA")
    fragile.relay.hold()
    asyncio.get_running_loop().call_later(1.2, fragile.relay.mend)

    await maya.dm("I'm locked out")
    await fragile.world.card(maya, "Unlock your account?")
    await fragile.works()

    assert len(fragile.world.cards(maya)) == 1


async def test_a_message_that_is_neither_stored_nor_answered_comes_again(fragile: Fragile) -> None:
    """Store and Slack away together: without an acknowledgement Slack delivers it once more, and nothing is lost."""
    maya, workspace = fragile.world.person("UMAYA"), fragile.world.twin.workspace
    fragile.relay.cut()
    workspace.faults.order("chat.postEphemeral", Fault.error("internal_error"), times=1000)

    writing = asyncio.ensure_future(maya.dm("I'm locked out"))
    await fragile.world.until(lambda: workspace.deliveries or _turned_down(fragile), "the first try")
    fragile.relay.mend()
    workspace.faults.clear()
    await fragile.world.card_in_time(maya, "Unlock your account?")
    await writing

    assert len(fragile.world.cards(maya)) == 1


def _turned_down(fragile: Fragile) -> bool:
    calls = [call for call in fragile.world.twin.workspace.calls if call.method == "chat.postEphemeral"]
    return len(calls) > 5


@pytest.mark.parametrize("fragile", ["http"], indirect=True)
async def test_health_follows_the_store(fragile: Fragile) -> None:
    """A load balancer sends nobody to a door behind which nothing can be stored, however the store is away."""
    address = str(fragile.world.twin.workspace.request_url).replace("slack/events", "healthz")
    async with aiohttp.ClientSession() as session:

        async def status() -> int:
            async with session.get(address) as answer:
                return answer.status

        assert await status() == 200
        fragile.relay.cut()
        assert await status() == 503
        fragile.relay.mend()
        assert await status() == 200
        fragile.relay.hold()
        assert await status() == 503
        fragile.relay.mend()
        await fragile.works()
        assert await status() == 200


async def test_a_frozen_store_may_do_it_later_and_nobody_was_told_otherwise(fragile: Fragile) -> None:
    """What was sent to a server that hangs arrives when it goes on: the words leave that open, and the card tells."""
    maya = fragile.world.person("UMAYA")
    card = await _asked(fragile, maya)
    fragile.relay.hold()
    await maya.press(card.ts, "confirm")
    await fragile.hears(maya)

    fragile.relay.mend()
    await fragile.world.card(maya, "Your account is unlocked")

    assert fragile.world.effects == ["unlock"]
    assert "nothing was done" not in NOT_TAKEN


def test_the_usual_patience_leaves_slack_time() -> None:
    """The acknowledgement is due three seconds after Slack sent the payload."""
    assert edge.STORE_LIMIT <= 2.5


async def test_a_window_that_opens_for_nothing_says_so(redis_url: str, redis: Redis) -> None:
    """The press opened it before the store could be asked: it must not go on promising a link."""
    del redis
    settings: dict[str, Any] = {"capabilities": {"reset_password": "act"}, "reset_password": {"delivery": "link"}}
    async with relayed(redis_url) as (relay, url), world(url, **settings) as running:
        jonas = running.person("UJONAS")
        await jonas.dm("I forgot my password")
        card = await running.card(jonas, "Reset your password?")
        relay.cut()

        await jonas.press(card.ts, "confirm:window")
        await running.until(lambda: "No link here" in str(jonas.modal), "the words in the window")

        assert "I can't take requests at the moment" in str(jonas.modal)
        assert running.writes == []
        relay.mend()
