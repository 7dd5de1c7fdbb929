"""The pretend phones: what Okta Verify and the text messages on somebody's device show, and what that person can tap."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.okta import totp
from sandbox.okta.events import by_hand
from sandbox.okta.factors import PUSH, TOTP, enrolled
from sandbox.okta.mail import MailKind
from sandbox.okta.verification import PushResult

if TYPE_CHECKING:
    from sandbox.okta.factors import Factor
    from sandbox.okta.org import Org
    from sandbox.okta.users import User
    from sandbox.okta.verification import Push

_APP = "Okta Verify"


@dataclass(frozen=True, slots=True)
class Device:
    """A phone or a key of somebody's.

    Attributes:
        factors: the `factorType` of each factor on it.
        code: what its authenticator app shows now; None where there is none.
    """

    name: str
    factors: tuple[str, ...]
    code: str | None = field(default=None, repr=False)


class Phones:
    """Everybody's devices. A push is answered by whoever has the phone in hand."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def devices(self, login_or_id: str) -> list[Device]:
        """The devices that somebody's factors live on."""
        by_name: dict[str, list[Factor]] = {}
        for factor in self._org.user(login_or_id).factors:
            if factor.device is not None:
                by_name.setdefault(factor.device, []).append(factor)
        return [
            Device(name, tuple(one.type for one in factors), self._code_of(factors))
            for name, factors in by_name.items()
        ]

    def code(self, login_or_id: str, device: str | None = None) -> str:
        """The code that the authenticator app shows now, on this device or the only one.

        Raises:
            LookupError: there is no such app.
        """
        for shown in self.devices(login_or_id):
            if device in {None, shown.name} and shown.code is not None:
                return shown.code
        raise LookupError(f"no code for {login_or_id}")

    def text_message(self, login_or_id: str) -> str | None:
        """The newest code that came as a text message."""
        texts = [factor for factor in self._org.user(login_or_id).factors if factor.type == "sms"]
        return self._org.verifier.sent_code(texts[0]) if texts else None

    def pushes(self, login_or_id: str) -> list[Push]:
        """What waits on somebody's phones for an answer, oldest first."""
        user = self._org.user(login_or_id)
        return [push for push in self._org.verifier.pending(self._org.clock.now()) if push.user_id == user.id]

    def approve(self, push_id: str, number: int | None = None) -> PushResult:
        """Tap yes, or one of the numbers; a wrong number is taken for a no, which Okta does not document.

        Raises:
            KeyError: there is no such push.
            ValueError: it waits for no answer any more.
        """
        return self._tap(push_id, number=number, yes=True)

    def deny(self, push_id: str) -> PushResult:
        """Tap "No, it's not me".

        Raises:
            KeyError: there is no such push.
            ValueError: it waits for no answer any more.
        """
        return self._tap(push_id, number=None, yes=False)

    def enrol(self, login_or_id: str, device: str) -> User:
        """Set Okta Verify up on a device: push and code. An Identity Engine org takes it on several devices.

        Raises:
            ValueError: it is set up on this device already, or on another one in a Classic org.
        """
        org, user, now = self._org, self._org.user(login_or_id), self._org.clock.now()
        there = {factor.device for factor in user.factors if factor.in_okta_verify}
        if device in there or (there and org.settings.pipeline == "v1"):
            raise ValueError(f"Okta Verify is set up on {', '.join(sorted(filter(None, there)))}")
        new = tuple(enrolled(kind, user.login, now, device=device, series=now.isoformat()) for kind in (PUSH, TOTP))
        changed = org.change(user.id, factors=(*user.factors, *new))
        by = by_hand(user, "/enroll")
        org.record("device.enrollment.create", by, user)
        for _ in new:
            org.record("user.mfa.factor.activate", by, user)
        org.post.send(MailKind.FACTOR_ENROLLED, user, now, about=f"{_APP} on {device}")
        return changed

    def _tap(self, push_id: str, *, number: int | None, yes: bool) -> PushResult:
        org = self._org
        push = org.verifier.answer(push_id, number=number, yes=yes, now=org.clock.now())
        user, by = org.user(push.user_id), by_hand(org.user(push.user_id), "/push")
        if push.result is PushResult.SUCCESS:
            org.record("user.authentication.auth_via_mfa", by, user)
        elif org.settings.pipeline == "v1":
            org.record("user.mfa.okta_verify.deny_push", by, user)
        else:
            org.record("user.authentication.auth_via_mfa", by, user, result="FAILURE", reason="INVALID_CREDENTIALS")
        return push.result

    def _code_of(self, factors: list[Factor]) -> str | None:
        step = totp.step_of(self._org.clock.now())
        return next((totp.code(one.secret, step) for one in factors if one.secret), None)
