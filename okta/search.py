"""Search and filter expressions that no value can break out of.

Okta's expressions are text (https://developer.okta.com/docs/api/#filter), and values come from outside: a quote in an
e-mail address must stay a quote. An `Expression` can only be built here, so the client never takes raw text.
"""

import json
import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition; `a & b` and `a | b` join two. Made by `eq`."""

    text: str

    def __and__(self, other: "Expression") -> "Expression":
        return Expression(f"({self.text} and {other.text})")

    def __or__(self, other: "Expression") -> "Expression":
        return Expression(f"({self.text} or {other.text})")

    def __str__(self) -> str:
        return self.text


def eq(name: str, value: str) -> Expression:
    """The condition that the property `name`, such as `profile.email`, equals `value`, which may be any text.

    Raises:
        ValueError: `name` is not the name of a property.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a property: {name!r}")
    # Values are JSON strings (RFC 7644, section 3.4.2.2). What UTF-8 cannot carry, half of a surrogate pair, becomes
    # the \u escape that JSON has for it.
    quoted = json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace").decode()
    return Expression(f"{name} eq {quoted}")
