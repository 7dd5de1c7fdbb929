"""Somebody chooses a new password: whether the policy takes it, and what changes when it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.okta.errors import OktaError
from sandbox.okta.events import SYSTEM, Origin
from sandbox.okta.mail import MailKind
from sandbox.okta.passwords import broken_rules, digest
from sandbox.people import Provider, Status

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.org import Org
    from sandbox.okta.users import User


def renew(org: Org, user: User, password: str, *, at: datetime, by: Origin, event_type: str) -> User:
    """Take a new password: the person is ACTIVE, and hears of it by mail.

    Raises:
        OktaError: E0000080, the policy does not take it; `causes` has each rule that it breaks.
    """
    broken = broken_rules(password, user, org.policies.of(user))
    if broken:
        raise OktaError("E0000080", causes=tuple(broken))
    changes: dict[str, Any] = {"status": Status.ACTIVE, "failed_sign_ins": 0}
    if user.from_directory:
        changes["locked_in_directory"] = False
    else:
        changes |= {"password_changed": at, "passwords": (*user.passwords, digest(user.id, password))}
    if user.activated is None:
        changes["activated"] = at
    renewed = org.change_at(at, user.id, **changes)
    if user.provider == Provider.ACTIVE_DIRECTORY:
        org.record("system.agent.ad.reset_user_password", Origin(SYSTEM), user, at=at)
    org.record(event_type, by, user, at=at)
    org.post.send(MailKind.PASSWORD_CHANGED, user, at)
    return renewed
