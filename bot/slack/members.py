"""Who the people of the workspace are, asked of Slack at the moment it matters."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.model import Member
from bot.ports import MemberLookupError
from bot.slack import answers

_SLACKBOT = "USLACKBOT"  # is_bot is false for it


class SlackMembers:
    """The port `bot.capability.Members` over `users.info`; nothing is remembered."""

    def __init__(self, web: AsyncWebClient) -> None:
        self._web = web

    async def member(self, user_id: str) -> Member:
        """Read the member now.

        Raises:
            MemberLookupError: Slack did not answer, or answered with an error.
        """
        try:
            answer = await self._web.users_info(user=user_id)
        except answers.UNAVAILABLE as error:
            raise MemberLookupError(answers.reason(error)) from error
        user = answer.get("user")
        if not isinstance(user, dict) or user.get("id") != user_id:
            raise MemberLookupError("an answer about somebody else")
        return member_of(user)


def member_of(user: dict[str, Any]) -> Member:
    """Slack's user object reduced to what identity rests on (https://docs.slack.dev/reference/objects/user-object)."""
    profile: dict[str, Any] = user.get("profile") or {}
    grid: dict[str, Any] = user.get("enterprise_user") or {}
    return Member(
        user_id=str(user["id"]),
        team_id=user.get("team_id"),
        enterprise_id=grid.get("enterprise_id"),
        email=profile.get("email"),
        email_confirmed=user.get("is_email_confirmed") is True,
        deleted=bool(user.get("deleted")),
        bot=bool(user.get("is_bot")) or user["id"] == _SLACKBOT,
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=bool(user.get("is_stranger")),
    )
