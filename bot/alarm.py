"""Somebody says that it was not them: from then on nothing is done for whoever uses their Slack account.

The pin is frozen whatever Okta says, and so before Okta is asked. What waits for the person is taken back; whatever of it goes
on all the same meets the frozen pin at its next step.
"""

from collections.abc import Iterable

from bot.model import Actor, Input, Request, Signal
from bot.pins import Pins
from bot.ports import Clock
from bot.store import Store


class Alarm:
    """Stops everything for one person.

    Args:
        store: has their requests.
        pins: say who they are.
        capabilities: the names of what they may have asked for.
        clock: says when.
    """

    def __init__(self, store: Store, pins: Pins, capabilities: Iterable[str], clock: Clock) -> None:
        self._store = store
        self._pins = pins
        self._capabilities = tuple(capabilities)
        self._clock = clock

    async def sound(self, request: Request, slack: str) -> None:
        """Freeze the Slack user's pin in the name of this request, and cancel what waits for them.

        To be called again does no harm. Somebody who is frozen already stays so, for the reason that they were.

        Raises:
            StoreUnavailableError: the store cannot be asked; it is called again.
        """
        if await self._pins.freeze(slack, request.id):
            await self._stop(request.actor, request.id)

    async def _stop(self, actor: Actor, but: str) -> None:
        for waiting in await self._store.waiting(actor.user_id, self._capabilities):
            if waiting != but:
                given = Input(Signal.CANCEL, actor, self._clock.now())
                await self._store.signal(waiting, given, key=f"alarm:{but}:{waiting}")
