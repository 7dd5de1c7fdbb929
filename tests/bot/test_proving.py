"""Proof of person when processes die: at every point, and without a prompt too many or an effect without a proof."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import pytest

from sandbox.okta import Fault
from sandbox.okta.verification import Push
from sandbox.slack import Person
from tests.bot.bench import Bench, Grip

JONAS: Final = "jonas.lindqvist@northwind.example"
VERIFY: Final = "/api/v1/users/*/factors/*/verify"
ASKED: Final = "Is it really you?"
DONE: Final = "Your password is reset"


@pytest.fixture
def settings() -> dict[str, Any]:
    """A password takes a factor."""
    return {"capabilities": {"reset_password": "act"}, "proof": {"reset_password": "factor"}}


def pushes(bench: Bench) -> list[Push]:
    """What waits on the phone."""
    return bench.world.twin.org.phones.pushes(JONAS)


def sent(bench: Bench) -> int:
    """How many prompts were sent."""
    return sum(effect.startswith("challenge:") for effect in bench.world.effects)


def resets(bench: Bench) -> int:
    """How many passwords were reset."""
    return bench.world.effects.count("reset_password")


async def confirmed(bench: Bench) -> Person:
    """Jonas has confirmed, and is asked for a proof."""
    jonas = bench.world.person("UJONAS")
    await jonas.press(await bench.asked(jonas, "I forgot my password"), "confirm")
    await bench.advance()
    assert bench.title(jonas) == ASKED
    return jonas


async def press_prompt(bench: Bench, jonas: Person) -> None:
    """Jonas wants a prompt."""
    card = bench.world.cards(jonas)[-1]
    await jonas.press(card.ts, next(action for action in card.action_ids if action.startswith("prove:push")))


async def interrupted(bench: Bench, after: int) -> bool:
    """Let a process die at its n-th turn of the loop; whether it got to the end before."""
    request_id = await bench.only()
    task = asyncio.create_task(bench.flows[0].advance(request_id, 1, Grip("7-0")))
    for _ in range(after):
        if task.done():
            break
        await asyncio.sleep(0)
    is_through = task.done()
    task.cancel()
    await asyncio.wait({task})
    return is_through


async def test_a_process_that_dies_while_it_sends_a_prompt(bench: Bench) -> None:
    """Another one does not send it again: the person is told that the last attempt counts for nothing, and begins anew."""
    jonas = await confirmed(bench)
    await press_prompt(bench, jonas)
    bench.world.twin.org.faults.order("POST", VERIFY, Fault.STALL_AFTER, seconds=3600)
    request_id = await bench.only()
    gone = asyncio.create_task(bench.flows[0].advance(request_id, 1, Grip("7-0")))
    await bench.world.until(lambda: sent(bench) == 1, "the prompt")
    gone.cancel()
    await asyncio.wait({gone})

    await bench.flows[1].advance(request_id, 1, Grip("7-0", redelivered=True))

    assert bench.title(jonas) == ASKED
    assert "I lost track of the last attempt" in bench.world.cards(jonas)[-1].text
    assert sent(bench) == 1
    bench.world.twin.org.phones.approve(pushes(bench)[0].id, pushes(bench)[0].answer)
    await bench.flows[1].advance(request_id, 1, Grip())
    assert resets(bench) == 0


async def test_a_hold_that_is_lost_sends_no_prompt(bench: Bench) -> None:
    """Whoever has it now does, once the person asks again."""
    jonas = await confirmed(bench)
    await press_prompt(bench, jonas)

    await bench.advance(Grip(certain=False))

    assert sent(bench) == 0
    assert "I lost track" in bench.world.cards(jonas)[-1].text


@pytest.mark.parametrize("step", range(1, 400, 19))
async def test_a_process_that_dies_anywhere(bench: Bench, step: int) -> None:
    """While it sends, or while it looks: one prompt is sent for one press, and one password is reset for one approval."""
    jonas = await confirmed(bench)
    request_id = await bench.only()
    await press_prompt(bench, jonas)
    await interrupted(bench, step)
    await bench.flows[1].advance(request_id, 1, Grip("7-0", redelivered=True))
    assert sent(bench) <= 1
    if not bench.title(jonas).startswith("Choose "):
        await press_prompt(bench, jonas)
        await bench.flows[1].advance(request_id, 1, Grip("8-0"))
    push = pushes(bench)[-1]
    assert bench.title(jonas) == f"Choose {push.answer} on your phone"

    bench.world.twin.org.phones.approve(push.id, push.answer)
    await interrupted(bench, step)
    await bench.world.later(timedelta(seconds=31))
    for bell in range(9, 12):
        await bench.flows[1].advance(request_id, 1, Grip(f"{bell}-0", redelivered=True))
        await bench.world.later(timedelta(seconds=31))

    assert bench.title(jonas) == DONE
    assert resets(bench) == 1


async def test_three_processes_look_at_one_approval(bench: Bench) -> None:
    """It is heard once, and one password is reset."""
    jonas = await confirmed(bench)
    request_id = await bench.only()
    await press_prompt(bench, jonas)
    await bench.advance()
    (push,) = pushes(bench)
    bench.world.twin.org.phones.approve(push.id, push.answer)

    await asyncio.gather(*(flow.advance(request_id, 1, Grip()) for flow in bench.flows))
    await bench.advance()

    assert bench.title(jonas) == DONE
    assert (sent(bench), resets(bench)) == (1, 1)


async def test_a_cancel_beats_an_approval_that_nobody_has_looked_at(bench: Bench) -> None:
    """Nothing is done for somebody who has said that it shall not be."""
    jonas = await confirmed(bench)
    await press_prompt(bench, jonas)
    await bench.advance()
    (push,) = pushes(bench)
    bench.world.twin.org.phones.approve(push.id, push.answer)
    await jonas.press(bench.world.cards(jonas)[-1].ts, "cancel")

    await bench.advance()

    assert bench.title(jonas) == "Cancelled"
    assert resets(bench) == 0


async def test_an_approval_after_the_offers_end_does_nothing(bench: Bench) -> None:
    """It came too late, and the card says so."""
    jonas = await confirmed(bench)
    await bench.world.later(timedelta(minutes=8))
    await press_prompt(bench, jonas)
    await bench.advance()
    (push,) = pushes(bench)
    await bench.world.later(timedelta(minutes=3))
    bench.world.twin.org.phones.approve(push.id, push.answer)

    await bench.advance()

    assert bench.title(jonas) == "This offer has expired"
    assert resets(bench) == 0
