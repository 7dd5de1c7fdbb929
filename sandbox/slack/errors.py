"""What can go wrong in the pretend workspace: Slack refuses a call, or a person tries what Slack's clients do not offer.

Two errors, because they reach two audiences. `ApiError` becomes the `ok: false` answer of a Web API method. `NotPossibleError` goes to
whoever plays a person: it means that no real employee could have done this, so nothing was sent to the bot.
"""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A Web API refusal: `code` is Slack's error string, `extra` the further keys of the answer."""

    def __init__(self, code: str, *, messages: Sequence[str] = (), **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra: dict[str, Any] = dict(extra)
        if messages:
            self.extra["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in messages]}


class NotPossibleError(Exception):
    """A person tried something Slack's clients do not let them do; the text says what and why."""
