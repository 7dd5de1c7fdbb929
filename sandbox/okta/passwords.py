"""What makes a password acceptable. The org keeps digests alone, and no message says the password back."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.okta.policies import PasswordPolicy
    from sandbox.okta.users import User

SHORTEST_PART: Final = 4
"""Parts of a login that are shorter may be in a password (https://help.okta.com/en-us/content/topics/security/policies/about-password-policies.htm)."""

LONGEST: Final = 72
"""Okta takes no more characters."""

_DELIMITERS: Final = re.compile(r"[.,\-_#@]+")


def digest(user_id: str, password: str) -> str:
    """What is remembered of a password; the twin's passwords open nothing else, so no slow hash is needed."""
    return hashlib.sha256(f"{user_id}:{password}".encode("utf-8", "surrogatepass")).hexdigest()


def broken_rules(password: str, user: User, policy: PasswordPolicy) -> list[str]:
    """In which ways a password is not what the policy wants, each as a sentence; empty for a good one."""
    wanted = (
        (policy.min_lower, sum(letter.islower() for letter in password), "a lower case letter"),
        (policy.min_upper, sum(letter.isupper() for letter in password), "an upper case letter"),
        (policy.min_number, sum(letter.isdigit() for letter in password), "a number"),
        (policy.min_symbol, sum(not letter.isalnum() for letter in password), "a symbol"),
    )
    broken = [f"At least {least} of: {what}." for least, found, what in wanted if found < least]
    if not policy.min_length <= len(password) <= LONGEST:
        broken.insert(0, f"At least {policy.min_length} and at most {LONGEST} characters.")
    if policy.exclude_username and _has_any(password, _DELIMITERS.split(user.login)):
        broken.append("No parts of your username.")
    names = [str(user.profile.get(name) or "") for name in policy.exclude]
    if any(name.lower() in password.lower() for name in names if name):
        broken.append("Neither your first name nor your last name.")
    if policy.history and digest(user.id, password) in user.passwords[-policy.history :]:
        broken.append(f"None of your last {policy.history} passwords.")
    return broken


def _has_any(password: str, parts: list[str]) -> bool:
    return any(part.lower() in password.lower() for part in parts if len(part) >= SHORTEST_PART)
