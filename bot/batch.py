"""Gathers calls that arrive while earlier ones are under way, so that a burst costs few round trips to Redis.

Measured reason: at the Slack edge the cost of a durable write is the client's work per command, not the disk. One
script for up to 64 arrivals cuts it by a third under load and adds nothing when idle, because the first call goes
out at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

AT_ONCE: Final = 64
IN_FLIGHT: Final = 2

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batch(Generic[Item, Answer]):
    """Calls `send` with lists of items; each caller gets the answer to its own item, or the error of its own list.

    Args:
        send: answers a list of the same length and order; never called with an empty list.
        in_flight: how many lists may be under way at once.
    """

    def __init__(self, send: Callable[[list[Item]], Awaitable[list[Answer]]], *, in_flight: int = IN_FLIGHT) -> None:
        self._send = send
        self._in_flight = in_flight
        self._waiting: deque[tuple[Item, asyncio.Future[Answer]]] = deque()
        self._under_way = 0
        self._senders: set[asyncio.Task[None]] = set()

    async def __call__(self, item: Item) -> Answer:
        """Send one item, together with others if any are waiting."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._under_way < self._in_flight:
            self._under_way += 1
            sender = asyncio.create_task(self._drain())
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        return await answer

    async def _drain(self) -> None:
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            # As a value, whatever it is: an error belongs to those who wait, and the next list is none of its business.
            (outcome,) = await asyncio.gather(self._send([item for item, _ in taken]), return_exceptions=True)
            for at, (_, waiter) in enumerate(taken):
                if waiter.done():
                    continue
                if isinstance(outcome, BaseException):
                    waiter.set_exception(outcome)
                else:
                    waiter.set_result(outcome[at])
        # At once: whoever was just answered may come back before the task counts as done.
        self._under_way -= 1
