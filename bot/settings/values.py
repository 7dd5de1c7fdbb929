"""How a single value must look to be taken.

What is checked here can be told from a value alone, and is what people really get wrong: tokens that are pasted with a
word before them or left as in the example, addresses that cannot work, and lists that hold something else.
"""

import re
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr
from redis.asyncio.connection import parse_url

from bot.evidence import Method
from okta.transport import normal_base_url

TABLE: Final = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)
"""How every table is read: nothing unknown, and no value in an error."""

LONGEST_LINK: Final = 3_000
"""Characters in a button's address (https://docs.slack.dev/reference/block-kit/block-elements/button-element)."""

SHORTEST_KEY: Final = 32
"""Characters of the key of the audit."""

LONGEST_LOOK: Final = 1_440
"""Minutes after a reset, a day, within which the looks at it can be set."""

FactorType = Literal[
    "push",
    "signed_nonce",
    "token:software:totp",
    "webauthn",
    "u2f",
    "sms",
    "call",
    "email",
    "question",
    "token",
    "token:hardware",
    "token:hotp",
    "web",
]
"""Okta's `factorType` (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/)."""

FACTOR_TYPES: Final[tuple[str, ...]] = get_args(FactorType)
"""The same as values, those most in use first."""


def _token(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            "it holds a character that no such secret has: a blank, a line break, or the … of an example. Copy it"
            " again, without any word before it"
        )
    return secret


def _audit_key(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_KEY:
        raise ValueError(f"it is shorter than {SHORTEST_KEY} characters. Make one with: openssl rand -hex 32")
    return secret


def _redis_url(secret: SecretStr) -> SecretStr:
    try:
        parse_url(secret.get_secret_value())
    except ValueError:
        # Its text may quote a part of the address, and so of the password in it.
        raise ValueError(
            "it cannot be read as an address. It looks like redis://user:password@host:6379/0 (rediss:// for TLS,"
            " unix:///path for a socket), with special characters in the password percent-encoded"
        ) from None
    return secret


def _link(text: str) -> str:
    is_mail = text.startswith("mailto:") and "@" in text
    if not (is_mail or _is_web(text)) or any(character.isspace() for character in text):
        raise ValueError("it must begin with https:// (or be mailto: and an e-mail address), without blanks")
    if len(text) > LONGEST_LINK:
        raise ValueError(f"it is longer than the {LONGEST_LINK} characters that Slack takes")
    return text


def _api_url(text: str) -> str:
    if not _is_web(text):
        raise ValueError("it must begin with https://, as in https://slack.com/api/")
    return text.rstrip("/") + "/"


def _channel(text: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9]{6,20}", text):
        raise ValueError("it is the channel's id, such as C0123456789, and not its name: see the channel's details")
    return text


def _folder(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("it begins with ~ and a name that nobody on this machine has") from None


def _is_web(text: str) -> bool:
    """Whether nobody on the way can change what comes from there: https, or http on this machine, as the twin's."""
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname)))


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine, as far as its name tells: what a look-up might answer is no evidence.

    Nor is an IPv4 address in the clothes of an IPv6 one, which Python takes for either with its version.
    """
    try:
        address = ip_address(host or "")
    except ValueError:
        return host == "localhost"
    return address.is_loopback and getattr(address, "ipv4_mapped", None) is None


def _listed(value: object) -> object:
    """A list, also where it is given as a text with commas, as in the environment."""
    items = value.split(",") if isinstance(value, str) else value
    return [item.strip() if isinstance(item, str) else item for item in items] if isinstance(items, list) else items


def _ascending(minutes: tuple[int, ...]) -> tuple[int, ...]:
    if any(one >= other for one, other in pairwise(minutes)):
        raise ValueError("each number must be greater than the one before, as in [2, 5, 10]")
    return minutes


Token = Annotated[SecretStr, AfterValidator(_token)]
AuditKey = Annotated[Token, AfterValidator(_audit_key)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
OrgUrl = Annotated[str, AfterValidator(normal_base_url)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
Link = Annotated[str, AfterValidator(_link)]
Minutes = Annotated[
    tuple[Annotated[int, Field(ge=1, le=LONGEST_LOOK)], ...],
    Field(min_length=1, max_length=5),
    AfterValidator(_ascending),
    BeforeValidator(_listed),
]
FactorTypes = Annotated[tuple[FactorType, ...], Field(min_length=1), BeforeValidator(_listed)]
Methods = Annotated[tuple[Method, ...], Field(min_length=1), BeforeValidator(_listed)]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_listed)]
Channel = Annotated[str, AfterValidator(_channel)]
Folder = Annotated[Path, AfterValidator(_folder)]
