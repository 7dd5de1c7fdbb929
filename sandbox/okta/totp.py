"""Codes by time, as authenticator apps make them: RFC 6238 with SHA-1, six digits, and steps of 30 seconds."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

STEP: Final = 30
"""Seconds for which a code is shown."""

DIGITS: Final = 6

ACCEPTED: Final = range(-1, 2)
"""Steps around the present one whose codes are taken: phones' clocks differ. Okta does not publish its figure."""

KNOWN: Final = range(-10, 11)
"""Steps whose codes are called late (E0000083) rather than wrong (E0000068)."""


def step_of(moment: datetime) -> int:
    """The step a moment falls into."""
    return int(moment.timestamp()) // STEP


def code(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """The code of a step (RFC 4226, section 5.3)."""
    mac = hmac.new(secret, step.to_bytes(8), hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def matching(secret: bytes, passcode: str, now: datetime) -> list[int]:
    """The steps, how far from now, whose code this is; the nearest first, usually one or none."""
    here, given = step_of(now), passcode.encode("utf-8", "surrogatepass")
    return [away for away in sorted(KNOWN, key=abs) if hmac.compare_digest(code(secret, here + away).encode(), given)]
