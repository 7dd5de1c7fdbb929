"""Reading what a capability needs to know of its subject."""

from bot.capability import Account, Capability, Facts, Need
from okta.errors import FeatureDisabledError
from okta.models import User


async def gather(capability: Capability, account: Account, user: User) -> Facts:
    """Complete `user`, read just now, to the facts that `capability` needs.

    Raises:
        OktaError: something could not be read.
    """
    if Need.BLOCKS not in capability.needs:
        return Facts(user)
    try:
        return Facts(user, await account.blocks())
    except FeatureDisabledError:
        # Orgs without device-based blocks answer 401 E0000015; that is no sign of a bad token.
        return Facts(user)
