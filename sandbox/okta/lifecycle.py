"""The legal changes of a user's status, in one table, and what Okta says to the others.

Statuses and operations: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserLifecycle/. Where Okta does not say
from which statuses an operation is legal (expire_password, reset_password), the twin allows those whose recorded answers carried the link,
and for reset_password also those in which a password exists that nobody can use; a PROVISIONED user has none yet, and is activated again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.okta.errors import OktaError
from sandbox.okta.users import UNKNOWN_DEVICES
from sandbox.people import Provider, Status

if TYPE_CHECKING:
    from sandbox.okta.records import Settings
    from sandbox.okta.users import User


@dataclass(frozen=True, slots=True)
class Operation:
    """One lifecycle operation.

    Attributes:
        legal_from: the statuses it may start from.
        to: the status it leads to; None where the status stays.
        refusal: what Okta answers from any other status.
        event_type: what the System Log says of it.
        takes_time: whether the change is asynchronous, with `transitioningToStatus` meanwhile.
    """

    legal_from: frozenset[str]
    to: Status | None
    refusal: tuple[str, str, str]
    event_type: str
    takes_time: bool = False


def _from(*statuses: Status) -> frozenset[str]:
    return frozenset(statuses)


_WRONG_STATUS = ("E0000038", "", "")
_S = Status

OPERATIONS: dict[str, Operation] = {
    "activate": Operation(
        _from(_S.STAGED, _S.DEPROVISIONED),
        _S.PROVISIONED,
        ("E0000016", "", ""),
        "user.lifecycle.activate",
        takes_time=True,
    ),
    "reactivate": Operation(_from(_S.PROVISIONED, _S.RECOVERY), None, _WRONG_STATUS, "user.lifecycle.reactivate"),
    "suspend": Operation(
        _from(_S.ACTIVE),
        _S.SUSPENDED,
        ("E0000001", "suspendUser", "Cannot suspend a user that is not active"),
        "user.lifecycle.suspend",
    ),
    "unsuspend": Operation(
        _from(_S.SUSPENDED),
        _S.ACTIVE,
        ("E0000001", "unsuspendUser", "Cannot unsuspend a user that is not suspended"),
        "user.lifecycle.unsuspend",
    ),
    "unlock": Operation(
        _from(_S.LOCKED_OUT),
        _S.ACTIVE,
        ("E0000032", "", "The user is not locked out."),
        "user.account.unlock_by_admin",
    ),
    "expire_password": Operation(
        _from(_S.ACTIVE, _S.PASSWORD_EXPIRED), _S.PASSWORD_EXPIRED, _WRONG_STATUS, "user.account.expire_password"
    ),
    "reset_password": Operation(
        _from(_S.ACTIVE, _S.PASSWORD_EXPIRED, _S.LOCKED_OUT, _S.RECOVERY),
        _S.RECOVERY,
        _WRONG_STATUS,
        "user.account.reset_password",
    ),
    "expire_password_with_temp_password": Operation(
        _from(_S.ACTIVE, _S.PASSWORD_EXPIRED), _S.PASSWORD_EXPIRED, _WRONG_STATUS, "user.account.expire_password"
    ),
    "reset_factors": Operation(
        frozenset(Status) - {_S.DEPROVISIONED}, None, _WRONG_STATUS, "user.mfa.factor.reset_all"
    ),
    "deactivate": Operation(
        frozenset(Status) - {_S.DEPROVISIONED},
        _S.DEPROVISIONED,
        _WRONG_STATUS,
        "user.lifecycle.deactivate",
        takes_time=True,
    ),
}

_EXPIRE = {"expire_password", "expire_password_with_temp_password"}

_SIGNED_IN = (
    "suspend",
    "resetPassword",
    "forgotPassword",
    "expirePassword",
    "changeRecoveryQuestion",
    "resetFactors",
    "changePassword",
    "deactivate",
)

LINKS: dict[str, tuple[str, ...]] = {
    # Recorded for ACTIVE, PASSWORD_EXPIRED (which shows `suspend`, though Okta allows it for ACTIVE only), STAGED (which shows no
    # `deactivate`, though it works) and SUSPENDED; the rest follows from what is legal. `unlock` is not here: see `unlockable`.
    Status.ACTIVE: _SIGNED_IN,
    Status.PASSWORD_EXPIRED: _SIGNED_IN,
    Status.STAGED: ("activate", "resetFactors"),
    Status.SUSPENDED: ("unsuspend", "resetFactors", "deactivate"),
    Status.PROVISIONED: ("reactivate", "resetFactors", "deactivate"),
    Status.RECOVERY: ("reactivate", "resetPassword", "resetFactors", "deactivate"),
    Status.LOCKED_OUT: ("resetPassword", "resetFactors", "deactivate"),
    Status.DEPROVISIONED: ("activate",),
}
"""The link relations of a single read, by status."""


def unlockable(user: User, *, directory_unlock: bool) -> bool:
    """Whether `unlock` does something: locked out, or ACTIVE and blocked from unknown devices.

    The API supports Okta-sourced accounts only. An org may be one of those whose administrators unlock accounts of a directory in Okta;
    accounts without a password in Okta stay out of it.
    """
    if user.passwordless or (user.from_directory and not directory_unlock):
        return False
    return user.status == Status.LOCKED_OUT or (user.status == Status.ACTIVE and user.blocked == UNKNOWN_DEVICES)


def resettable(user: User, settings: Settings) -> bool:
    """Whether a single read offers `resetPassword`: the password is Okta's, or the org's directory agent resets it there."""
    return not user.passwordless and (settings.directory_reset or not user.from_directory)


def forgettable(user: User, settings: Settings) -> bool:
    """Whether `forgot_password` has what it needs besides a status: a question to answer, and Classic Engine, where it is asked.

    Recorded users without a question do not have the link.
    """
    return user.recovery is not None and resettable(user, settings) and settings.pipeline == "v1"


def check(user: User, name: str, settings: Settings) -> Operation:
    """The operation, if it is legal for this user now.

    Raises:
        OktaError: as Okta refuses it.
    """
    operation = OPERATIONS[name]
    _check_password(user, name, settings)
    if user.transitioning_to is not None:
        raise OktaError("E0000107" if user.transitioning_to == Status.DEPROVISIONED else "E0000112")
    code, subject, cause = operation.refusal
    if name == "unlock":
        if unlockable(user, directory_unlock=settings.directory_unlock):
            return operation
        locked_in_okta = user.status == Status.LOCKED_OUT
        raise OktaError(code, causes=() if locked_in_okta else (cause,))
    if user.status not in operation.legal_from or (name in _EXPIRE and user.passwordless):
        raise OktaError(code, subject, causes=(cause,) if cause else ())
    return operation


def _check_password(user: User, name: str, settings: Settings) -> None:
    """Whether Okta has, or can reach, the password that is to be replaced.

    Okta does not say how it refuses people of a directory whose agent may not reset passwords; E0000017 is the code named after it. A
    federated person it does not refuse: the call turns them into one with a password in Okta.
    """
    from_elsewhere = user.from_directory and not settings.directory_reset
    cannot = {
        "reset_password": from_elsewhere or user.provider == Provider.SOCIAL,
        "expire_password_with_temp_password": from_elsewhere,
    }
    if cannot.get(name, False):
        raise OktaError("E0000017")
