"""Slack's payloads, read into what matters of them. Pure, and total: what is not as it should be reads as None.

The sender is always the *actor's* own ids. In a channel shared with another company the envelope names the
installation, and `team` in a press names the app's workspace (https://docs.slack.dev/apis/slack-connect); neither says
where the sender is from.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.model import Actor, Card, Place, Surface

JsonObject = Mapping[str, Any]

_SUBTYPES: Final = frozenset({"file_share", "thread_broadcast"})
"""Beside none, those of messages that a person wrote; the others tell of edits, joins and the like."""

_MENTION: Final = re.compile(r"<@(?P<id>[A-Z0-9]+)(?:\|[^>]*)?>")

_SLACKBOT: Final = "USLACKBOT"

_MOST_CHOSEN: Final = 100

_LONGEST: Final = 2_000
"""Characters of an id, a key or an address; Slack's are far shorter."""


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
        chosen: the values of the boxes that are ticked in that message.
        key: what Slack's redeliveries of it have in common.
    """

    actor: Actor
    action: str
    value: str
    card: Card
    response_url: str | None
    key: str
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submitted:
    """Somebody typed something in a window.

    Attributes:
        window: the name of the window.
        carries: what the window was made with; it carries no authority.
        typed: what they typed.
        key: what Slack's redeliveries of it have in common.
    """

    actor: Actor
    window: str
    carries: str
    typed: str = field(repr=False)
    key: str


def asked_in_event(payload: JsonObject) -> Asked | None:
    """What somebody wrote in a direct message or with a mention (https://docs.slack.dev/apis/events-api)."""
    event, key = payload.get("event"), _word(payload, "event_id")
    if not isinstance(event, dict) or key is None:
        return None
    surface = _surface(event)
    user, channel, text = _word(event, "user"), _word(event, "channel"), event.get("text", "")
    if surface is None or user in {None, _SLACKBOT} or channel is None or not isinstance(text, str):
        return None
    place = Place(surface, channel=channel, thread_ts=_word(event, "thread_ts"))
    return Asked(_author(payload, event, user), place, _without_us(text, payload), key)


def asked_by_command(form: JsonObject) -> Asked | None:
    """What somebody wrote behind the slash command; only members of the installing workspace have it."""
    user, key, text = _word(form, "user_id"), _word(form, "trigger_id"), form.get("text")
    if user is None or key is None:
        return None
    actor = Actor(user, team_id=_word(form, "team_id"), enterprise_id=_word(form, "enterprise_id"))
    place = Place(Surface.COMMAND, channel=_word(form, "channel_id"), response_url=_word(form, "response_url"))
    return Asked(actor, place, text if isinstance(text, str) else "", key)


def pressed(payload: JsonObject) -> Pressed | None:
    """Which button somebody pressed (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""
    match payload:
        case {"user": dict(user), "container": dict(container), "actions": [dict(element)]}:
            who, key, action = _word(user, "id"), _word(payload, "trigger_id"), _word(element, "action_id")
            channel, ts = _word(container, "channel_id"), _word(container, "message_ts")
            if who and key and action and channel and ts:
                actor, card = _actor(who, _word(user, "team_id")), Card(channel, ts)
                url = _word(payload, "response_url")
                return Pressed(actor, action, _word(element, "value") or "", card, url, key, _ticked(payload))
    return None


def submitted(payload: JsonObject) -> Submitted | None:
    """What somebody typed (https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload)."""
    match payload:
        case {
            "user": dict(user),
            "view": {
                "callback_id": "field",
                "external_id": str(),
                "private_metadata": str(),
                "state": {"values": {"field": {"field": {"value": str(typed)}}}},
            } as view,
        } if len(typed) <= _LONGEST:
            who, key = _word(user, "id"), _word(payload, "trigger_id")
            window, carries = _word(view, "external_id"), _word(view, "private_metadata")
            if who and key and window and carries:
                return Submitted(_actor(who, _word(user, "team_id")), window, carries, typed, key)
    return None


def _ticked(payload: JsonObject) -> tuple[str, ...]:
    """The values of all ticked boxes of a message (`state.values`, by block and action)."""
    match payload.get("state"):
        case {"values": dict(blocks)}:
            entries = [entry for block in blocks.values() if isinstance(block, dict) for entry in block.values()]
        case _:
            return ()
    lists = [entry.get("selected_options") for entry in entries if isinstance(entry, dict)]
    options = [option for one in lists if isinstance(one, list) for option in one if isinstance(option, dict)]
    return tuple(value for option in options if (value := _word(option, "value")) is not None)[:_MOST_CHOSEN]


def _surface(event: JsonObject) -> Surface | None:
    """Where a message was written, if a person wrote it to the bot."""
    subtype = event.get("subtype")
    if event.get("bot_id") or not (subtype is None or (isinstance(subtype, str) and subtype in _SUBTYPES)):
        return None
    if event.get("type") == "app_mention":
        return Surface.MENTION
    return Surface.DM if event.get("type") == "message" and event.get("channel_type") == "im" else None


def _author(payload: JsonObject, event: JsonObject, user: str) -> Actor:
    """The author's own team, which among strangers only the inner event tells."""
    teams = (_word(event, name) for name in ("user_team", "source_team", "team"))
    author = _actor(user, next((team for team in teams if team), None))
    if payload.get("is_ext_shared_channel") is not False:
        return author
    # Among ourselves only: the workspace that the app is installed in, or one of the same enterprise.
    enterprise = _word(payload, "enterprise_id") or _word(payload, "context_enterprise_id")
    team_id = author.team_id or (None if author.enterprise_id else _word(payload, "team_id"))
    return Actor(user, team_id=team_id, enterprise_id=author.enterprise_id or enterprise)


def _actor(user: str, team: str | None) -> Actor:
    """On Enterprise Grid, Slack may give the enterprise's id where a workspace's belongs."""
    if team is not None and team.startswith("E"):
        return Actor(user, enterprise_id=team)
    return Actor(user, team_id=team)


def _without_us(text: str, payload: JsonObject) -> str:
    """A message without the mention that made it reach us; of anybody else it says that there is one."""
    match payload.get("authorizations"):
        case [{"user_id": str(us)}, *_]:
            return _MENTION.sub(lambda mention: " " if mention["id"] == us else "@somebody", text).strip()
    return _MENTION.sub(" ", text).strip()


def _word(values: JsonObject, name: str) -> str | None:
    """An id, a key or an address: text that every system takes as it is, and never the empty one."""
    value = values.get(name)
    fits = isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= _LONGEST
    return value if fits else None
