"""The state of an account as it matters to its owner, judged from facts alone; the words for it are in `templates`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from bot.capability import Facts
from bot.saying import Say
from okta.models import Provider, Status


class Condition(StrEnum):
    """The state of an Okta account as it matters to its owner; each value names words in `templates`.

    Status alone does not tell: who manages the password decides what can be done, and an ACTIVE account can be blocked
    on unknown devices (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/).
    """

    ACTIVE = "active"
    ACTIVE_IN_DIRECTORY = "active_in_directory"
    ACTIVE_FEDERATED = "active_federated"
    BLOCKED = "blocked"
    LOCKED = "locked"
    LOCKED_IN_DIRECTORY = "locked_in_directory"
    LOCKED_FEDERATED = "locked_federated"
    PASSWORD_EXPIRED = "password_expired"  # noqa: S105 - the name of a status, not a secret
    RECOVERY = "recovery"
    SUSPENDED = "suspended"
    STAGED = "staged"
    PROVISIONED = "provisioned"
    DEPROVISIONED = "deprovisioned"
    UNRECOGNISED = "unrecognised"


DIRECTORIES: Final = frozenset({Provider.ACTIVE_DIRECTORY, Provider.LDAP})
FEDERATED: Final = frozenset({Provider.FEDERATION, Provider.SOCIAL})

_BY_STATUS: Final[Mapping[str, Condition]] = {
    Status.PASSWORD_EXPIRED: Condition.PASSWORD_EXPIRED,
    Status.RECOVERY: Condition.RECOVERY,
    Status.SUSPENDED: Condition.SUSPENDED,
    Status.STAGED: Condition.STAGED,
    Status.PROVISIONED: Condition.PROVISIONED,
    Status.DEPROVISIONED: Condition.DEPROVISIONED,
}


def condition(facts: Facts) -> Condition:
    """Judge the facts. A status that this version does not know is never taken for a known one."""
    user = facts.user
    if user.status == Status.LOCKED_OUT:
        return _managed(user.provider, Condition.LOCKED, Condition.LOCKED_IN_DIRECTORY, Condition.LOCKED_FEDERATED)
    if user.status != Status.ACTIVE:
        return _BY_STATUS.get(user.status, Condition.UNRECOGNISED)
    if any(block.on_unknown_devices for block in facts.blocks or ()):
        return Condition.BLOCKED
    return _managed(user.provider, Condition.ACTIVE, Condition.ACTIVE_IN_DIRECTORY, Condition.ACTIVE_FEDERATED)


_OFFERS: Final[Mapping[Condition, tuple[str, ...]]] = {
    Condition.ACTIVE: ("reset_password", "reset_mfa"),
    Condition.LOCKED: ("unlock_account",),
    Condition.LOCKED_IN_DIRECTORY: ("unlock_account",),
    Condition.BLOCKED: ("unlock_account",),
    Condition.PASSWORD_EXPIRED: ("reset_password",),
    Condition.RECOVERY: ("reset_password",),
    Condition.PROVISIONED: ("reset_password",),
}
"""What may help next, by the names of capabilities; those that are off are left out by whoever shows it."""


def state_of_account(facts: Facts) -> Say:
    """How the account stands, in plain words, with what may be offered next."""
    found = condition(facts)
    return Say(f"conditions.{found}", offers=_OFFERS.get(found, ()))


def _managed(provider: str, okta: Condition, directory: Condition, federated: Condition) -> Condition:
    if provider in DIRECTORIES:
        return directory
    return federated if provider in FEDERATED else okta
