"""Reading what a capability needs to know of its subject."""

from bot.capability import Account, Facts, Need
from okta.errors import FeatureDisabledError, NotPermittedError
from okta.models import Block, Factor, User


async def gather(needs: frozenset[Need], account: Account, user: User) -> Facts:
    """Complete `user`, read just now, to the facts that are needed.

    Raises:
        OktaError: something could not be read.
    """
    blocks = await _blocks(account) if Need.BLOCKS in needs else None
    factors = await _factors(account) if Need.FACTORS in needs else None
    return Facts(user, blocks, factors)


async def _factors(account: Account) -> tuple[Factor, ...] | None:
    try:
        return await account.factors()
    except NotPermittedError:
        # Whoever may only see profiles can still be told what to do.
        return None


async def _blocks(account: Account) -> tuple[Block, ...] | None:
    try:
        return await account.blocks()
    except FeatureDisabledError:
        # Orgs without device-based blocks answer 401 E0000015; that is no sign of a bad token.
        return None
