"""Who asks, and how their account stands: what has to be known before anything can be decided."""

from dataclasses import dataclass

from bot.alarm import Alarm
from bot.capability import Capability, Facts
from bot.identity import CouldNotLookUp, Identifier, Matched, NotMatched
from bot.model import Request
from bot.rules import Mode, Rules
from bot.sight import Sight
from okta.errors import OktaError


@dataclass(frozen=True, slots=True)
class Unseen:
    """That it could not be found out, and why.

    Attributes:
        stopped: whether nothing more is done for whoever asks all the same, since they said that it was not them.
    """

    why: NotMatched | CouldNotLookUp
    stopped: bool = False


class Lookout:
    """Looks.

    Args:
        identity: tells who an actor is.
        sight: reads what decisions rest on.
        alarm: stops everything for whoever says that it was not them.
        rules: what the administrator decided.
    """

    def __init__(self, *, identity: Identifier, sight: Sight, alarm: Alarm, rules: Rules) -> None:
        self._identity = identity
        self._sight = sight
        self._alarm = alarm
        self._rules = rules

    async def look(self, request: Request, capability: Capability) -> Facts | Unseen:
        """The facts about whoever asks, read just now.

        An alarm is sounded before Okta is asked, and once more where the person has only been pinned now.

        Raises:
            StoreUnavailableError: the store cannot be asked.
        """
        slack = self._identity.slack_of(request.actor)
        if slack is None or not capability.alarms or self._rules.mode(capability.name) is Mode.OFF:
            return await self._look(request, capability, alarm=False)
        stopped = await self._alarm.sound(request, slack)
        found = await self._look(request, capability, alarm=True)
        if isinstance(found, Unseen):
            return Unseen(found.why, stopped)
        if not stopped:
            await self._alarm.sound(request, slack)
        return found

    async def _look(self, request: Request, capability: Capability, *, alarm: bool) -> Facts | Unseen:
        identity = await self._identity.identify(request.actor, request.subject, request.proof, alarm=alarm)
        if not isinstance(identity, Matched):
            return Unseen(identity)
        try:
            return await self._sight.facts(request, capability, identity.user, identity.standing)
        except OktaError as error:
            return Unseen(CouldNotLookUp(error))
