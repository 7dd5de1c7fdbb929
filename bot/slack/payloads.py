"""Slack's payloads, read into what matters of them. Pure, and total: what is not as it should be reads as None.

The sender is always the *actor's* own ids. In a channel shared with another company the envelope names the
installation, and `team` in a press names the app's workspace (https://docs.slack.dev/apis/slack-connect); neither says
where the sender is from.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.model import Actor, Card, Place, Surface

JsonObject = Mapping[str, Any]

_SUBTYPES: Final = frozenset({None, "file_share", "thread_broadcast"})
"""Messages that a person wrote; the others tell of edits, joins and the like."""

_MENTION: Final = re.compile(r"<@[A-Z0-9]+(\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody wrote something to the bot.

    Attributes:
        key: what Slack's redeliveries of it have in common.
    """

    actor: Actor
    place: Place
    text: str
    key: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button.

    Attributes:
        value: what the button carried; it names a request and carries no authority.
        card: the message that holds the button.
        key: what Slack's redeliveries of it have in common.
    """

    actor: Actor
    action: str
    value: str
    card: Card
    response_url: str | None
    key: str


def asked_in_event(payload: JsonObject) -> Asked | None:
    """What somebody wrote in a direct message or with a mention (https://docs.slack.dev/apis/events-api)."""
    event, key = payload.get("event"), payload.get("event_id")
    if not isinstance(event, dict) or not isinstance(key, str):
        return None
    surface = _surface(event)
    user, channel, text = event.get("user"), event.get("channel"), event.get("text", "")
    if surface is None or not (isinstance(user, str) and isinstance(channel, str) and isinstance(text, str)):
        return None
    place = Place(surface, channel=channel, thread_ts=_text(event, "thread_ts"))
    return Asked(_author(payload, event, user), place, _MENTION.sub(" ", text).strip(), key)


def asked_by_command(form: JsonObject) -> Asked | None:
    """What somebody wrote behind the slash command; only members of the installing workspace have it."""
    user, key = form.get("user_id"), form.get("trigger_id")
    if not isinstance(user, str) or not isinstance(key, str):
        return None
    actor = Actor(user, team_id=_text(form, "team_id"), enterprise_id=_text(form, "enterprise_id"))
    place = Place(Surface.COMMAND, channel=_text(form, "channel_id"), response_url=_text(form, "response_url"))
    return Asked(actor, place, _text(form, "text") or "", key)


def pressed(payload: JsonObject) -> Pressed | None:
    """Which button somebody pressed (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""
    match payload:
        case {
            "user": {"id": str(user), "team_id": str(team)},
            "trigger_id": str(key),
            "container": {"channel_id": str(channel), "message_ts": str(ts)},
            "actions": [{"action_id": str(action)} as element],
        }:
            actor, card = _actor(user, team), Card(channel, ts)
            return Pressed(actor, action, _text(element, "value") or "", card, _text(payload, "response_url"), key)
    return None


def _surface(event: JsonObject) -> Surface | None:
    """Where a message was written, if a person wrote it to the bot."""
    if event.get("bot_id") or event.get("subtype") not in _SUBTYPES:
        return None
    if event.get("type") == "app_mention":
        return Surface.MENTION
    return Surface.DM if event.get("type") == "message" and event.get("channel_type") == "im" else None


def _author(payload: JsonObject, event: JsonObject, user: str) -> Actor:
    """The author's own team, which among strangers only the inner event tells."""
    for name in ("user_team", "source_team", "team"):
        team = event.get(name)
        if isinstance(team, str) and team:
            author = _actor(user, team)
            break
    else:
        author = Actor(user)
    if payload.get("is_ext_shared_channel") is not False:
        return author
    # Among ourselves only: the workspace that the app is installed in, or one of the same enterprise.
    enterprise = _text(payload, "enterprise_id") or _text(payload, "context_enterprise_id")
    team_id = author.team_id or (None if author.enterprise_id else _text(payload, "team_id"))
    return Actor(user, team_id=team_id, enterprise_id=author.enterprise_id or enterprise)


def _actor(user: str, team: str) -> Actor:
    """On Enterprise Grid, Slack may give the enterprise's id where a workspace's belongs."""
    return Actor(user, enterprise_id=team) if team.startswith("E") else Actor(user, team_id=team)


def _text(values: JsonObject, name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) and value else None
