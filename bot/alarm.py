"""Somebody says that it was not them: from then on nothing is done for whoever uses their Slack account.

The pin is frozen whatever Okta says, and so before Okta is asked. What waits for the person is taken back; whatever of it goes
on all the same meets the frozen pin at its next step.
"""

from collections.abc import Iterable

from bot.capability import Happening
from bot.history import History
from bot.model import Actor, Input, Request, Signal
from bot.notices import Note
from bot.pins import Pins
from bot.ports import Clock
from bot.store import Store


class Alarm:
    """Stops everything for one person, and has security told.

    Args:
        store: has their requests.
        pins: say who they are.
        history: knows what was done for them.
        capabilities: the names of what they may have asked for.
        clock: says when.
    """

    def __init__(
        self, store: Store, pins: Pins, history: History, *, capabilities: Iterable[str], clock: Clock
    ) -> None:
        self._store = store
        self._pins = pins
        self._history = history
        self._capabilities = tuple(capabilities)
        self._clock = clock

    async def sound(self, request: Request, slack: str) -> bool:
        """Freeze the Slack user's pin, and cancel what waits for them; False if there is none, or IT has let them go on since.

        To be called again does no harm. Somebody who is frozen for another reason stays so for that one.

        Raises:
            StoreUnavailableError: the store cannot be asked; it is called again.
        """
        pin = await self._pins.find(slack)
        if pin is None:
            return False
        past, now = await self._history.of(pin.okta_id), self._clock.now()
        values = {"done": "\n".join(map(_line, past)), "pin": slack}
        note = Note(
            f"{request.id}.alarm", "security.not_me", request.id, request.actor.user_id, pin.address, now, values
        )
        if not await self._pins.freeze(slack, request.id, note):
            return False
        await self._stop(request.actor, request.id)
        return True

    async def _stop(self, actor: Actor, but: str) -> None:
        for waiting in await self._store.waiting(actor.user_id, self._capabilities):
            if waiting != but:
                given = Input(Signal.CANCEL, actor, self._clock.now())
                await self._store.signal(waiting, given, key=f"alarm:{but}:{waiting}")


def _line(past: Happening) -> str:
    """As the security team reads it, with the reference under which the audit has the rest."""
    return f"• {past.at:%Y-%m-%d %H:%M} UTC: {past.capability} {past.state}, reference {past.request}"
