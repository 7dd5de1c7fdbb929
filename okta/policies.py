"""Password policies. The scope is one that an org may leave out, and of admin roles not all may read policies."""

from math import inf

from okta.calls import PAGE, Part
from okta.models import PasswordPolicy, PolicyRule


class Policies(Part):
    """Password policies and their rules."""

    async def password_policies(self) -> tuple[PasswordPolicy, ...]:
        """All password policies, those that are off too, in the order in which Okta tries them; the default one is last.

        Raises:
            NotPermittedError: the scope or the role is missing.
        """
        params = {"type": "PASSWORD", "limit": str(PAGE)}
        pages = self._calls.listing("password_policies", PasswordPolicy, "/api/v1/policies", params=params)
        return tuple(sorted([policy async for policy in pages], key=_place))

    async def policy(self, policy_id: str) -> PasswordPolicy:
        """A policy. One of another kind comes with its name and conditions, and without settings of passwords.

        Raises:
            NotFoundError: there is none of this id.
        """
        return await self._calls.one("policy", PasswordPolicy, "/api/v1/policies/{}", policy_id)

    async def policy_rules(self, policy_id: str) -> tuple[PolicyRule, ...]:
        """The rules of a password policy, those that are off too, in the order in which Okta tries them.

        Raises:
            NotFoundError: there is no policy of this id.
        """
        pages = self._calls.listing("policy_rules", PolicyRule, "/api/v1/policies/{}/rules", policy_id)
        return tuple(sorted([rule async for rule in pages], key=_place))


def _place(one: PasswordPolicy | PolicyRule) -> tuple[bool, float]:
    """Where it stands; one whose priority is not known comes after the others."""
    return one.system, inf if one.priority is None else one.priority
