"""Whose accounts are never written to: administrators', and those that the administrator of the bot has listed.

Whoever could take such an account over would own the org. It is looked at with every decision, and once more between the
fence and the write, since somebody may have become an administrator meanwhile. What cannot be looked at is not written to.
"""

from fnmatch import fnmatchcase

from bot.capability import Protection
from bot.rules import Check, ProtectRules
from okta.client import OktaClient
from okta.errors import NotFoundError, NotPermittedError
from okta.models import User


class Guard:
    """Tells who is protected.

    Args:
        okta: reads people and their groups.
        roles: reads who is an administrator; a credential of its own, if one is set.
        rules: how protected people are recognised.
    """

    def __init__(self, okta: OktaClient, roles: OktaClient, rules: ProtectRules) -> None:
        self._okta = okta
        self._roles = roles
        self._rules = rules

    async def look(self, user: User) -> Protection:
        """Whether this account is protected now; it is not where nothing says how that would be seen.

        Raises:
            OktaError: it could not be found out just now. That it may not be found out is no error, but an answer.
        """
        rules = self._rules
        if any(fnmatchcase(user.profile.login.casefold(), login.casefold()) for login in rules.logins):
            return Protection.LISTED
        try:
            if rules.groups and await self._is_in_group(user.id):
                return Protection.LISTED
            if rules.check is Check.ROLES and await self._roles.roles(user.id):
                return Protection.ADMIN
        except (NotPermittedError, NotFoundError):
            # Okta does not even show people to a credential that may not see them.
            return Protection.UNKNOWN
        return Protection.NONE

    async def _is_in_group(self, user_id: str) -> bool:
        wanted = {group.casefold() for group in self._rules.groups}
        groups = await self._okta.groups(user_id)
        return any(not wanted.isdisjoint({one.id.casefold(), one.profile.name.casefold()}) for one in groups)
