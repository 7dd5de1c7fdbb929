"""Gathering calls: everyone gets their own answer, idle calls do not wait, errors reach whoever they concern."""

import asyncio

import pytest

from bot.batch import AT_ONCE, IN_FLIGHT, Batch


async def test_each_caller_gets_the_answer_to_its_own_item() -> None:
    """Under load the calls are sent in few lists, none longer than the limit."""
    sent: list[list[int]] = []

    async def double(items: list[int]) -> list[int]:
        sent.append(items)
        await asyncio.sleep(0)
        return [item * 2 for item in items]

    batch = Batch(double)
    answers = await asyncio.gather(*(batch(item) for item in range(500)))

    assert answers == [item * 2 for item in range(500)]
    assert max(map(len, sent)) <= AT_ONCE
    assert len(sent) < 20


async def test_an_idle_call_goes_out_alone_and_at_once() -> None:
    """Nothing is held back in the hope of company."""
    sent: list[list[int]] = []

    async def note(items: list[int]) -> list[int]:
        sent.append(items)
        return items

    batch = Batch(note)
    await batch(1)
    await batch(2)

    assert sent == [[1], [2]]


async def test_an_error_reaches_every_caller_of_its_list_and_no_other() -> None:
    """A list that failed does not spoil the next."""
    begun, held = asyncio.Event(), asyncio.Event()

    async def fail_first(items: list[str]) -> list[str]:
        if items == ["bad"]:
            begun.set()
            await held.wait()
            raise ConnectionError
        return items

    batch = Batch(fail_first)
    bad = asyncio.create_task(batch("bad"))
    await begun.wait()
    good = await batch("good")
    held.set()

    assert good == "good"
    with pytest.raises(ConnectionError):
        await bad
    assert await batch("again") == "again"


async def test_no_more_lists_are_under_way_than_allowed() -> None:
    """The limit keeps the server's queue short, so that lists grow instead."""
    under_way = most = 0

    async def slow(items: list[int]) -> list[int]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return items

    batch = Batch(slow)
    await asyncio.gather(*(batch(item) for item in range(AT_ONCE * 4)))

    assert most == IN_FLIGHT


async def test_a_caller_that_left_spoils_nothing() -> None:
    """A cancelled caller's item is sent all the same; the others get their answers."""
    release = asyncio.Event()

    async def wait(items: list[int]) -> list[int]:
        await release.wait()
        return items

    batch = Batch(wait)
    leaving, staying = asyncio.create_task(batch(1)), asyncio.create_task(batch(2))
    await asyncio.sleep(0)
    leaving.cancel()
    release.set()

    assert await staying == 2


async def test_who_is_answered_and_comes_back_at_once_is_not_forgotten() -> None:
    """With one list at a time, the next call may come before the task of the last one counts as done."""

    async def same(items: list[int]) -> list[int]:
        return items

    batch = Batch(same, in_flight=1)
    async with asyncio.timeout(5):
        assert [await batch(number) for number in range(50)] == list(range(50))
