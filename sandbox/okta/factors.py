"""What somebody proves themselves with besides the password: an enrolled factor as a value, and those the cast starts with.

Types, providers and the fields of each profile: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sandbox.people import Status, okta_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sandbox.people import Employee

PUSH: Final = "push"
TOTP: Final = "token:software:totp"
SIGNED_NONCE: Final = "signed_nonce"
WEBAUTHN: Final = "webauthn"
SHOWN: Final = frozenset({"ACTIVE", "PENDING_ACTIVATION"})
"""The statuses of enrolled factors; any other means that there is nothing enrolled yet or any more."""


class _Kind(NamedTuple):
    prefix: str
    provider: str
    name: str


_KINDS: Final = {
    PUSH: _Kind("opf", "OKTA", "Okta Verify push"),
    TOTP: _Kind("ost", "OKTA", "Okta Verify code"),
    SIGNED_NONCE: _Kind("crp", "OKTA", "Okta FastPass"),
    "sms": _Kind("mbl", "OKTA", "Text message"),
    "email": _Kind("emf", "OKTA", "E-mail"),
    WEBAUTHN: _Kind("fwf", "FIDO", "Security key"),
}
_OKTA_VERIFY: Final = frozenset({PUSH, TOTP, SIGNED_NONCE})

PHONES: Final = {
    "jonas.lindqvist": "Jonas's iPhone 8",
    "grace.adeyemi": "Grace's Pixel 9",
    "diego.santos": "Diego's Galaxy S23",
    "ruth.mensah": "Ruth's Pixel 8",
}
"""What a phone is called, by handle; anybody else's is an iPhone 15."""

_KEYS: Final = {"jonas.lindqvist": "MacBook Touch ID", "grace.adeyemi": "YubiKey 5C NFC"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One enrolled factor.

    Attributes:
        type: Okta's `factorType`.
        name: what a person calls this kind.
        device: the name of the phone or key it lives on; None where it lives on none. Okta itself names it in some profiles only.
        secret: what a code is made from.
    """

    id: str
    type: str
    provider: str
    name: str
    created: datetime
    status: str = "ACTIVE"
    device: str | None = None
    profile: Mapping[str, Any] = field(default_factory=dict)
    secret: bytes = field(default=b"", repr=False)

    @property
    def in_okta_verify(self) -> bool:
        """Whether it is a part of the Okta Verify app."""
        return self.provider == "OKTA" and self.type in _OKTA_VERIFY

    @property
    def label(self) -> str:
        """Kind and device, for the page."""
        return f"{self.name} ({self.device})" if self.device else self.name


def enrolled(
    kind: str, login: str, created: datetime, *, device: str | None = None, contact: str = "", series: str = ""
) -> Factor:
    """A new active factor.

    Args:
        kind: Okta's `factorType`.
        login: whose it is.
        created: when.
        device: the phone or key.
        contact: the number or address of a factor that sends something.
        series: tells a factor from an earlier one on the same device.
    """
    known = _KINDS[kind]
    return Factor(
        id=okta_id(known.prefix, f"{login}:{kind}:{device}:{series}"),
        type=kind,
        provider=known.provider,
        name=known.name,
        created=created,
        device=device,
        profile=_profile(kind, login, device or "", contact),
        secret=secrets.token_bytes(20) if kind == TOTP else b"",
    )


def going_with(factor: Factor, factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """What is removed with a factor, itself included: `push` and `signed_nonce` take all of Okta Verify with them, its code goes alone."""
    takes_all = factor.in_okta_verify and factor.type != TOTP
    return tuple(one for one in factors if one.id == factor.id or (takes_all and one.in_okta_verify))


def phone_of(person: Employee) -> str:
    """What somebody's phone is called."""
    return PHONES.get(person.handle, f"{person.first_name}'s iPhone 15")


def seeded(person: Employee, created: datetime, address: str, number: str) -> tuple[Factor, ...]:
    """The factors somebody of the cast starts with; whoever never had an account or has left has none."""
    if person.status in {Status.STAGED, Status.PROVISIONED, Status.DEPROVISIONED}:
        return ()
    phone = phone_of(person)
    devices = {WEBAUTHN: _KEYS.get(person.handle, "YubiKey 5 NFC"), "sms": None, "email": None}
    contacts = {"sms": number, "email": address}
    return tuple(
        enrolled(kind, person.login, created, device=devices.get(kind, phone), contact=contacts.get(kind, ""))
        for kind in person.factors
    )


def _profile(kind: str, login: str, device: str, contact: str) -> dict[str, Any]:
    """Okta Verify's code carries the login alone: which phone it is on, Okta does not say."""
    if kind == "sms":
        return {"phoneNumber": contact}
    if kind == "email":
        return {"email": contact}
    if kind == WEBAUTHN:
        return {"credentialId": secrets.token_urlsafe(32), "authenticatorName": device}
    if kind == TOTP:
        return {"credentialId": login}
    apple = "iPhone" in device
    return {
        "credentialId": login,
        "deviceType": "SmartPhone_IPhone" if apple else "SmartPhone_Android",
        "name": device,
        "platform": "IOS" if apple else "ANDROID",
        "version": "18.0.0" if apple else "15",
    }
