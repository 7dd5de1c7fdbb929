"""Nothing is sent to Okta under a hold that is lost."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.errors import LeaseLostError
from bot.ports import Lease

T = TypeVar("T")


async def if_held(lease: Lease, send: Callable[[], Awaitable[T]]) -> T:
    """Send, unless the lease is lost.

    Asked in the task of the write itself: nothing is awaited between this and the start of the client's own time limit, so
    that a worker that is stalled until others have concluded that its write never landed does not send it after all.

    Raises:
        LeaseLostError: it is lost; nothing was sent.
    """
    if not lease.held():
        raise LeaseLostError
    return await send()
