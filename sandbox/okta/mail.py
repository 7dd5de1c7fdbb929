"""The e-mails of the org: what each says, and when it arrives, if it does."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sandbox.okta.events import SYSTEM, Origin
from sandbox.people import COMPANY

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.org import Org
    from sandbox.okta.users import User


class MailKind(StrEnum):
    """What an e-mail is about; each has a template in Okta (https://help.okta.com/en-us/content/topics/settings/email-types.htm)."""

    ACTIVATION = "activation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind, no password
    FORGOT_PASSWORD = "forgot_password"  # noqa: S105 - the same
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the same
    FACTOR_RESET = "factor_reset"
    FACTOR_ENROLLED = "factor_enrolled"
    PASSCODE = "passcode"
    OTHER = "other"  # not from Okta


_SUBJECTS: Final = {
    MailKind.ACTIVATION: f"Welcome to {COMPANY}: activate your Okta account",
    MailKind.PASSWORD_RESET: "Your Okta password was reset by an administrator",
    MailKind.FORGOT_PASSWORD: "Okta account: reset your password",
    MailKind.PASSWORD_CHANGED: "Your Okta password was changed",
    MailKind.FACTOR_RESET: "A security method was reset on your Okta account",
    MailKind.FACTOR_ENROLLED: "A security method was added to your Okta account",
    MailKind.PASSCODE: "Your one-time verification code",
}
_TEXTS: Final = {
    MailKind.ACTIVATION: "Your account is ready. Choose a password to activate it.",
    MailKind.PASSWORD_RESET: "An administrator has reset your password. Your old one no longer works. Choose a new one.",
    MailKind.FORGOT_PASSWORD: "Somebody asked to reset your password. If it was you, choose a new one; else do nothing.",
    MailKind.PASSWORD_CHANGED: "If it was not you, call the service desk at once.",
    MailKind.FACTOR_RESET: "No longer set up: {about}. If you did not ask for it, call the service desk at once.",
    MailKind.FACTOR_ENROLLED: "Newly set up: {about}. If it was not you, call the service desk at once.",
    MailKind.PASSCODE: "Your code is {about}.",
}
_EVENTS: Final = {
    MailKind.PASSWORD_RESET: "system.email.password_reset.sent_message",
    MailKind.FORGOT_PASSWORD: "system.email.password_reset.sent_message",
    MailKind.FACTOR_RESET: "system.email.mfa_reset_notification.sent_message",
    MailKind.FACTOR_ENROLLED: "system.email.mfa_enroll_notification.sent_message",
    MailKind.PASSCODE: "system.email.send_factor_verify_message",
}


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail in an inbox.

    Attributes:
        user_id: whom it is about; two people may share an address. Empty if it is not from Okta.
        text: what it says. A passcode stands in it.
        link: where its button leads, if it has one.
        arrives: when it is in the inbox.
    """

    id: str
    kind: MailKind
    user_id: str
    to: str
    subject: str
    text: str = field(repr=False)
    link: str | None = field(repr=False)
    arrives: datetime
    sender: str = "Okta"


class Post:
    """Sends the org's mail. What is lost on the way the org does not know; its log says that it was sent."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._mails: list[Mail] = []
        self._numbers = itertools.count(1)

    def send(self, kind: MailKind, user: User, at: datetime, *, link: str | None = None, about: str = "") -> None:
        """Send an e-mail to somebody's primary address, late or into the void if the settings say so."""
        settings = self._org.settings
        if kind in _EVENTS:
            self._org.record(_EVENTS[kind], Origin(SYSTEM), user, at=at)
        if not settings.mail_arrives:
            return
        mail = Mail(
            id=f"mail{next(self._numbers)}",
            kind=kind,
            user_id=user.id,
            to=str(user.profile["email"]),
            subject=_SUBJECTS[kind],
            text=f"Hi {user.profile['firstName']}, {_TEXTS[kind].format(about=about)}",
            link=link,
            arrives=at + settings.mail_delay,
        )
        self._org.later(mail.arrives, lambda _: self._arrive(mail))
        self._org.settle()

    def deliver(self, sender: str, to: str, subject: str, text: str) -> None:
        """Put what somebody else has mailed into the same inbox, at once."""
        now, number = self._org.clock.now(), next(self._numbers)
        mail = Mail(f"mail{number}", MailKind.OTHER, "", to, subject, text, None, now, sender)
        self._org.later(now, lambda _: self._arrive(mail))
        self._org.settle()

    @property
    def arrived(self) -> tuple[Mail, ...]:
        """What is in the inboxes, in the order in which it came."""
        self._org.settle()
        return tuple(self._mails)

    def _arrive(self, mail: Mail) -> None:
        self._mails.append(mail)
        self._org.changes.touch()
