"""What Slack's Web API says when it does not do what it was asked."""

from slack_sdk.errors import SlackApiError


def code(error: SlackApiError) -> str | None:
    """Slack's own word for what is wrong; None where the answer was not Slack's, as from a gateway."""
    data = getattr(error.response, "data", error.response)
    word = data.get("error") if isinstance(data, dict) else None
    return word if isinstance(word, str) else None


def retry_after(error: SlackApiError) -> float:
    """Seconds that Slack asks to wait (https://docs.slack.dev/apis/web-api/rate-limits); 0 where it asks for nothing."""
    told = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return float(told) if told.isascii() and told.isdigit() else 0.0
