"""All that a decision rests on, read just now: the account, whether it may be touched, and how much was done for it."""

from dataclasses import replace

from bot.capability import Account, Capability, Facts, Need
from bot.facts import gather
from bot.history import History
from bot.limits import Limits
from bot.model import Request
from bot.pins import Standing
from bot.proofs import Proofs
from bot.protection import Guard
from bot.rules import Mode, Rules
from okta.client import OktaClient
from okta.errors import OktaError
from okta.models import User


class Sight:
    """Reads facts.

    Args:
        okta: reads the account.
        rules: say what has to be read.
        guard: says whether an account may be written to.
        proofs: knows whether somebody has said no lately.
        limits: knows how much was done.
        history: knows what.
    """

    def __init__(
        self, *, okta: OktaClient, rules: Rules, guard: Guard, proofs: Proofs, limits: Limits, history: History
    ) -> None:
        self._okta = okta
        self._rules = rules
        self._guard = guard
        self._proofs = proofs
        self._limits = limits
        self._history = history

    async def facts(self, request: Request, capability: Capability, user: User, standing: Standing) -> Facts:
        """Everything that is to be known of `user`, read just now, for one who is pinned to them so.

        Raises:
            OktaError: something could not be read.
            StoreUnavailableError: something could not be counted.
        """
        mode = self._rules.mode(capability.name)
        if mode is not Mode.SHADOW:
            return await self._facts(request, capability, user, standing, acts=mode is Mode.ACT)
        try:
            return await self._facts(request, capability, user, standing, acts=True)
        except OktaError:
            # What only an act would need must not cost anybody their directions.
            facts = await self._facts(request, capability, user, standing, acts=False)
            return replace(facts, unread=True)

    async def _facts(
        self, request: Request, capability: Capability, user: User, standing: Standing, *, acts: bool
    ) -> Facts:
        acts = acts and capability.acts
        quarantined = standing is Standing.QUARANTINED
        proves = acts and (quarantined or self._rules.proof.needs_factor(capability.name))
        needs = capability.needs | ({Need.FACTORS} if proves else set())
        facts = replace(await gather(needs, Account(self._okta, user.id), user), quarantined=quarantined)
        if capability.recalls:
            # Whoever merely has the address of an account is told nothing that they have not done themselves.
            asked_by = None if standing is Standing.PROVEN else request.actor.user_id
            facts = replace(facts, past=await self._history.of(user.id, asked_by=asked_by))
        if not acts:
            return facts
        return replace(
            facts,
            protection=await self._guard.look(user),
            barred_until=await self._proofs.barred_until(user.id) if proves else None,
            spent_until=await self._limits.spent_until(capability, request, user.id),
            braked=await self._limits.braked(capability),
        )
