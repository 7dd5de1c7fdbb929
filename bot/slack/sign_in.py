"""Signing in to Slack: who we are there, and whether we may do what we need."""

from typing import Final

from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StartError
from bot.slack import answers

SCOPES: Final = frozenset(
    {"app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read", "users:read.email"}
)
"""The bot scopes without which something would fail later, in front of a person; `manifest.yml` asks for the same."""


async def sign_in(web: AsyncWebClient) -> AuthorizeResult:
    """Who we are in Slack, and that we may do what we need.

    Raises:
        StartError: we may not, or Slack cannot be asked.
    """
    try:
        answer = await web.auth_test()
    except answers.UNAVAILABLE as error:
        if answers.passes(error):
            raise StartError(
                f"Slack cannot be reached ({answers.reason(error)}). Can this machine reach slack.com over HTTPS?"
            ) from None
        raise StartError(
            f"Slack does not accept slack.bot_token ({answers.reason(error)}). Copy it again from your Slack app."
        ) from None
    given = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")}
    if missing := SCOPES - given:
        raise StartError(
            f"Your Slack app lacks the scopes {', '.join(sorted(missing))}. Update it from manifest.yml and reinstall it."
        )
    return AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer["team_id"],
        bot_id=answer["bot_id"],
        bot_user_id=answer["user_id"],
        bot_token=web.token,
    )
