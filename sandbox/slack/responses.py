"""The response address: how an app answers what somebody did, without a token and without being in the channel.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import ApiError
from sandbox.slack.interactions import show_answer
from sandbox.slack.methods.call import Args
from sandbox.slack.methods.chat import content
from sandbox.slack.writing import Draft

if TYPE_CHECKING:
    from sandbox.people import SlackMember
    from sandbox.slack.channels import Channel
    from sandbox.slack.records import Message
    from sandbox.slack.workspace import Workspace

# A worn-out address answers 404; Slack documents neither the status nor the words.
GONE = frozenset({"no_service", "expired_url", "used_url"})


@dataclass(frozen=True, slots=True)
class Place:
    """Whom and what an address answers."""

    member: SlackMember
    channel: Channel
    original: Message | None


def respond(ws: Workspace, token: str, body: Any) -> None:
    """Do what the app posted to a response address.

    Raises:
        ApiError: one of `GONE`, or what is wrong with the message.
    """
    if not isinstance(body, dict):
        raise ApiError("invalid_payload")
    place = _place(ws, token)
    if body.get("delete_original") in {True, "true"}:
        if place.original is not None:
            ws.writer.remove(place.channel, place.original)
    elif body.get("replace_original") in {True, "true"} and place.original is not None:
        _replace(ws, place, place.original, body)
    else:
        show_answer(ws, place.member, place.channel, body)


def _replace(ws: Workspace, place: Place, original: Message, body: dict[str, Any]) -> None:
    """Put new content in the place of the message that was acted on; unlike chat.update it keeps nothing."""
    text, blocks = content(Args(body))
    draft = Draft(text=text or "", blocks=blocks or [])
    changed = ws.writer.rewrite(place.channel, original, draft, by=ws.bot)
    if not original.is_ephemeral:
        ws.writer.tell_app(ws.writer.events_of_change(changed, original, place.channel))


def _place(ws: Workspace, token: str) -> Place:
    address = ws.response_urls.use(token)
    member, channel = ws.members.get(address.user), ws.channels.get(address.channel)
    if member is None or channel is None:
        raise ApiError("no_service")
    original = channel.find(address.message_ts, member.id) if address.message_ts else None
    return Place(member, channel, original)
