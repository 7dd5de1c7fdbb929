"""How often the bot does the same thing for one person, and whether the brake is on."""

from datetime import datetime, timedelta
from typing import Final

from bot.brake import Brake
from bot.capability import Capability
from bot.model import Request, State
from bot.rules import LimitRules
from bot.tally import Count, CountedBeforeError, Limit, Tally, TooManyError

DAY: Final = timedelta(days=1)


class Limits:
    """Counts what is done for each person.

    Every method raises `StoreUnavailableError` when Redis cannot be asked: what cannot be counted is not done.
    """

    def __init__(self, tally: Tally, brake: Brake, rules: LimitRules) -> None:
        self._tally = tally
        self._brake = brake
        self._limits = {Count.DAILY: Limit(rules.per_day, DAY)}
        if rules.pause:
            self._limits[Count.LATELY] = Limit(1, rules.pause)

    async def spent_until(self, capability: Capability, request: Request, okta_id: str) -> datetime | None:
        """When the same may be done for this person again; None if it may be now."""
        whom = f"{capability.name}:{okta_id}"
        found = [
            await self._tally.full_until(count, whom, limit, but=request.id) for count, limit in self._limits.items()
        ]
        return max((until for until in found if until is not None), default=None)

    async def braked(self, capability: Capability) -> bool:
        """Whether the brake stops this capability."""
        return await self._brake.holds(capability)

    async def spend(self, capability: Capability, request: Request, okta_id: str) -> bool:
        """Count a write that is about to be made; False if it may not be. A plan counts once, whatever its steps."""
        whom = f"{capability.name}:{okta_id}"
        for count, limit in self._limits.items():
            try:
                await self._tally.take(count, whom, request.id, limit)
            except CountedBeforeError:
                continue
            except TooManyError:
                return False
        return await self._brake.spend(capability, request)

    async def settle(self, request: Request) -> None:
        """Hear what has become of a request: one of which nothing came does not count, and an odd one may pull the brake."""
        if request.state is State.FAILED and request.subject is not None:
            whom = f"{request.intent.capability}:{request.subject.okta_id}"
            for count in self._limits:
                await self._tally.take_back(count, whom, request.id)
        await self._brake.heed(request)
