"""The machine that carries any request, whatever was asked.

What an employee can ask for lives in `handlers`, Okta's API in `okta`, the words in `templates`. This package takes a
Slack payload to a durable record, the record through one pure decision to at most one Okta write at a time, and the
true outcome back to the person.
"""

from typing import Final

VERSION: Final = "0.1.0"
