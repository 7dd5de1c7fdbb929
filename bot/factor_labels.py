"""What a person calls a factor: its kind, and the device or the masked contact it is on, where Okta names one."""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.saying import Phrase
from okta.models import Factor, FactorProfile

_KINDS: Final[Mapping[tuple[str, str], str]] = {
    ("push", "OKTA"): "push",
    ("signed_nonce", "OKTA"): "fastpass",
    ("token:software:totp", "OKTA"): "code",
    ("token:software:totp", "GOOGLE"): "google",
    ("sms", "OKTA"): "sms",
    ("call", "OKTA"): "call",
    ("email", "OKTA"): "email",
    ("question", "OKTA"): "question",
    ("webauthn", "FIDO"): "key",
    ("u2f", "FIDO"): "key",
    ("token:hardware", "YUBICO"): "yubikey",
    ("web", "DUO"): "duo",
    ("token", "RSA"): "rsa",
    ("token", "SYMANTEC"): "symantec",
}
"""The words for a factor, by type and provider; Okta may have others (`other`)."""

_LONGEST_DEVICE: Final = 40


def labels(factors: Iterable[Factor]) -> tuple[Phrase, ...]:
    """What a person calls each of them."""
    return tuple(label(factor) for factor in factors)


def label(factor: Factor) -> Phrase:
    """What a person calls a factor, with the device or the masked contact it is on, where Okta names one."""
    kind = _KINDS.get((factor.factor_type, factor.provider))
    if kind is None:
        return Phrase("reset_mfa.factor.other", {"device": factor.factor_type[:_LONGEST_DEVICE] or "?"})
    device = _device(factor.profile)
    return Phrase(f"reset_mfa.factor.{kind}_on", {"device": device}) if device else Phrase(f"reset_mfa.factor.{kind}")


def _device(profile: FactorProfile) -> str:
    named = profile.name or profile.authenticator_name
    if named:
        return named[:_LONGEST_DEVICE]
    if profile.phone_number:
        return f"•••{profile.phone_number[-3:]}"
    name, at, domain = (profile.email or "").rpartition("@")
    return f"{name[:2]}•••{at}{domain}"[:_LONGEST_DEVICE] if at else ""
