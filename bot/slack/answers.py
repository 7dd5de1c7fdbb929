"""What Slack's Web API says when it does not do what it was asked."""

from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

UNAVAILABLE: Final = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)
"""What a call raises: Slack's refusals (`SlackApiError`), and everything that keeps an answer from coming."""

PASSING: Final = frozenset(
    {
        *("ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"),
        *("team_added_to_org", "accesslimited"),
    }
)
"""Slack's words for troubles of its own, which pass."""


def passes(error: Exception) -> bool:
    """Whether the same call may well work in a while, without anybody mending anything here."""
    return not isinstance(error, SlackApiError) or code(error) in PASSING | {None}


def reason(error: Exception) -> str:
    """What to log or say of an error: Slack's own word, else its kind; its text may hold an address or a payload."""
    return (code(error) if isinstance(error, SlackApiError) else None) or type(error).__name__


def code(error: SlackApiError) -> str | None:
    """Slack's own word for what is wrong; None where the answer was not Slack's, as from a gateway."""
    data = getattr(error.response, "data", error.response)
    word = data.get("error") if isinstance(data, dict) else None
    return word if isinstance(word, str) else None


def retry_after(error: Exception) -> float:
    """Seconds that Slack asks to wait (https://docs.slack.dev/apis/web-api/rate-limits); 0 where it asks for nothing."""
    headers = getattr(error.response, "headers", {}) if isinstance(error, SlackApiError) else {}
    told = str(headers.get("Retry-After", ""))
    return float(told) if told.isascii() and told.isdigit() else 0.0
