"""The command is told to end in the middle of a write: it finishes that, and is gone soon, with exit code 0."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from bot import app, engine
from bot.settings import load
from sandbox.okta import Fault
from sandbox.twin import Twin, twin
from tests.bot.patience import eventually
from tests.kill.case import LINK
from tests.kill.commands import Command, command
from tests.kill.errands import RESET_BY_LINK, UNLOCKING, Errand
from tests.kill.lane import configure
from tests.scribe import AUDIT_KEY

pytestmark = [pytest.mark.kill, pytest.mark.timeout(120)]

OKTA_TAKES: Final = 1.5
"""Seconds until Okta's answer to the write is there."""

PROMPT: Final = OKTA_TAKES + 6.0
"""Seconds from the signal to the end of the process, on a machine that is busy."""


Start = Callable[[Path, Errand], AbstractAsyncContextManager[tuple[Twin, Command]]]


@asynccontextmanager
async def whole(home: Path, errand: Errand) -> AsyncIterator[tuple[Twin, Command]]:
    """A bot in one process, with its embedded server."""
    async with twin() as outside:
        file = configure(home / "unlatch.toml", outside, f'data_dir = "{home}"', errand.tables)
        async with command("run", file) as running:
            yield outside, running


@asynccontextmanager
async def worker(home: Path, errand: Errand) -> AsyncIterator[tuple[Twin, Command]]:
    """A worker alone; the edge and the server are ours."""
    async with twin() as outside, engine.embedded(home) as url:
        file = configure(
            home / "unlatch.toml", outside, f'redis_url = "{url}"\naudit.key = "{AUDIT_KEY}"', errand.tables
        )
        async with app.bot(load(file), worker=False), command("worker", file) as running:
            yield outside, running


@pytest.mark.parametrize("started", [whole, worker])
@pytest.mark.parametrize(
    ("number", "errand", "who"),
    [
        (signal.SIGTERM, UNLOCKING, "UMAYA"),
        (signal.SIGINT, UNLOCKING, "UMAYA"),
        (signal.SIGTERM, RESET_BY_LINK, "UJONAS"),
    ],
    ids=str,
)
async def test_what_was_begun_is_finished(
    started: Start, number: signal.Signals, errand: Errand, who: str, tmp_path: Path
) -> None:
    """Nobody else is there who could have finished it: the card tells of the effect when the process has gone.

    And a link is in its window, since whoever comes later can only say that it is lost.
    """
    async with started(tmp_path, errand) as (outside, running):
        person, step = outside.person(who), errand.writes[0]

        async def has_card(*titles: str) -> bool:
            return any(message.text.startswith(titles) for message in person.sees())

        await person.dm(errand.says)
        await eventually(lambda: has_card(errand.asks), "the card")
        outside.org.faults.order(step.method, step.path, Fault.STALL_AFTER, seconds=OKTA_TAKES)
        outside.org.after_effect(lambda: running.tell(number))
        card = next(message for message in person.sees() if message.text.startswith(errand.asks))
        await person.press(card.ts, card.action_ids[0])
        async with asyncio.timeout(PROMPT):
            code = await running.has_ended()

        assert code == 0, running.said
        assert "Traceback" not in running.said
        assert await has_card(*errand.done)
        assert [effect.kind for effect in outside.org.effects] == [step.effect]
        assert bool(person.modal and LINK.search(str(person.modal.blocks))) == errand.link
