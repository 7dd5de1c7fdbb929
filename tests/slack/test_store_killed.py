"""A store that is really killed, and put back by the bot's own launcher."""

import asyncio
import os
import signal
from functools import partial
from pathlib import Path

import pytest

from bot import engine
from sandbox.slack import Person
from tests.world import World, world


async def _kill(url: str) -> None:
    redis = engine.connect(url)
    try:
        os.kill((await redis.info("server"))["process_id"], signal.SIGKILL)
    finally:
        await redis.aclose()


async def _works(running: World) -> None:
    jonas = running.person("UJONAS")
    await jonas.dm("hello")
    await running.card(jonas, "How can I help?")


def _answered(running: World, person: Person) -> bool:
    return bool(running.cards(person) or running.whispers(person))


@pytest.mark.kill
@pytest.mark.parametrize("http", [False, True])
async def test_what_was_taken_in_survives_and_what_comes_meanwhile_is_taken_in(tmp_path: Path, *, http: bool) -> None:
    """Killed between the card and the press, which waits for the new server and is carried out once."""
    async with engine.embedded(tmp_path) as url, world(url, http=http) as running:
        maya = running.person("UMAYA")
        await maya.dm("I'm locked out")
        card = await running.card(maya, "Unlock your account?")

        await _kill(url)
        press, command = await asyncio.gather(maya.press(card.ts, "confirm"), maya.command("help-me-in"))
        await running.until(lambda: running.status("maya.okafor") == "ACTIVE", "the unlock")
        await running.until(lambda: len(running.cards(maya)) == 2, "the answer to the command")
        await _works(running)

        assert press.acked
        assert command is not None
        assert command.acked
        assert running.effects == ["unlock"]
        assert running.whispers(maya) == []


@pytest.mark.kill
async def test_killed_again_and_again_every_message_is_answered_or_refused(tmp_path: Path) -> None:
    """Nobody who writes is left without a word, and nobody gets two."""
    async with engine.embedded(tmp_path) as url, world(url) as running:
        people = [running.person(user_id) for user_id in ("UJONAS", "UCLARA", "UBEN", "UGRACE", "URUTH", "UPRIYA")]
        for person in people:
            writing = asyncio.create_task(person.dm("hello"))
            await _kill(url)
            await writing
            await running.until(partial(_answered, running, person), "an answer or a refusal")
        await running.person("UMAYA").dm("hello")
        await running.card(running.person("UMAYA"), "How can I help?")

        assert all(len(running.cards(person)) <= 1 for person in people)
