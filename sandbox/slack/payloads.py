"""The shapes of what Slack sends: events and their wrapper, interactions, commands.

Keys follow https://docs.slack.dev/apis/events-api and https://docs.slack.dev/reference/interaction-payloads, traps included: in a channel
another company shares, the outer `team_id` is that company's, `team` in a message's buttons is the app's and in a modal the presser's, and
on an enterprise a person's `team_id` may be the enterprise's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.channels import ChannelKind
from sandbox.slack.ids import serial
from sandbox.slack.members import ENTERPRISE_NAME, HOME, is_external, team_of
from sandbox.slack.surfaces import view_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.people import SlackMember
    from sandbox.slack.channels import Channel
    from sandbox.slack.config import AppConfig
    from sandbox.slack.ids import Ids
    from sandbox.slack.members import Team
    from sandbox.slack.records import JsonObject, Message, View

_VERIFICATION_TOKEN = "deprecated-verification-token"  # noqa: S105  # Slack still sends it and tells apps to ignore it


def message_json(message: Message, app: AppConfig, *, metadata: bool = False) -> JsonObject:
    """A message as answers, events and interactions show it; metadata only where Slack is known to show it."""
    shown: JsonObject = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": message.team,
    }
    if message.bot_id is not None:
        shown |= {"bot_id": message.bot_id, "app_id": app.app_id, "bot_profile": _bot_profile(app)}
    optional = {
        "client_msg_id": message.client_msg_id,
        "blocks": list(message.blocks) or None,
        "thread_ts": message.thread_ts,
        "edited": {"user": message.edited.user, "ts": message.edited.ts} if message.edited else None,
        "metadata": message.metadata if metadata else None,
    }
    return shown | {key: value for key, value in optional.items() if value is not None}


def _bot_profile(app: AppConfig) -> JsonObject:
    return {"id": app.bot_id, "app_id": app.app_id, "name": app.name, "deleted": False, "team_id": HOME.id}


class Payloads:
    """Builds payloads for one installed app."""

    def __init__(self, app: AppConfig, ids: Ids, *, enterprise_id: str | None) -> None:
        self._app = app
        self._ids = ids
        self._enterprise_id = enterprise_id

    def event(self, event: Mapping[str, Any], channel: Channel | None = None) -> JsonObject:
        """The wrapper of one event; `channel` tells whether it happened among strangers."""
        shared = channel is not None and channel.is_ext_shared
        team = channel.host_team if channel is not None else HOME.id
        return {
            "token": _VERIFICATION_TOKEN,
            "team_id": team,
            "context_team_id": HOME.id,
            "context_enterprise_id": self._enterprise_id,
            "api_app_id": self._app.app_id,
            "event": dict(event),
            "type": "event_callback",
            "event_id": serial("Ev"),
            "event_time": self._ids.epoch(),
            "authorizations": [self._authorization()],
            "is_ext_shared_channel": shared,
            "event_context": serial("4-"),
        } | ({"enterprise_id": self._enterprise_id} if self._enterprise_id and team == HOME.id else {})

    def message_event(self, message: Message, channel: Channel, author: SlackMember) -> JsonObject:
        """The inner `message` event of a new message."""
        event = message_json(message, self._app) | {
            "channel": channel.id,
            "event_ts": message.ts,
            "channel_type": channel.kind.value,
        }
        return event | self._foreign(author, channel)

    def mention_event(self, message: Message, channel: Channel, author: SlackMember) -> JsonObject:
        """The inner `app_mention` event of a new message."""
        event = message_json(message, self._app) | {
            "type": "app_mention",
            "channel": channel.id,
            "event_ts": message.ts,
        }
        return event | self._foreign(author, channel)

    def changed_event(self, message: Message, before: Message, channel: Channel) -> JsonObject:
        """The inner event of an edit."""
        return self._subtype("message_changed", channel) | {
            "message": message_json(message, self._app),
            "previous_message": message_json(before, self._app),
        }

    def deleted_event(self, before: Message, channel: Channel) -> JsonObject:
        """The inner event of a deletion."""
        return self._subtype("message_deleted", channel) | {
            "deleted_ts": before.ts,
            "previous_message": message_json(before, self._app),
        }

    def home_opened(self, member: SlackMember, channel: Channel, tab: str, view: View | None) -> JsonObject:
        """The inner `app_home_opened` event; a published Home tab comes along."""
        event: JsonObject = {"type": "app_home_opened", "user": member.id, "channel": channel.id, "tab": tab}
        event["event_ts"] = self._ids.ts()
        return event | ({"view": self.view(view)} if view is not None and tab == "home" else {})

    def command(
        self, member: SlackMember, channel: Channel, *, command: str, text: str, trigger_id: str, response_url: str
    ) -> JsonObject:
        """A slash command's form."""
        name = {ChannelKind.IM: "directmessage", ChannelKind.PRIVATE: "privategroup"}.get(channel.kind, channel.name)
        payload = {
            "token": _VERIFICATION_TOKEN,
            "team_id": HOME.id,
            "team_domain": HOME.domain,
            "channel_id": channel.id,
            "channel_name": name,
            "user_id": member.id,
            "user_name": member.handle,
            "command": command,
            "text": text,
            "api_app_id": self._app.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": trigger_id,
        }
        return payload | (
            {"enterprise_id": self._enterprise_id, "enterprise_name": ENTERPRISE_NAME} if self._enterprise_id else {}
        )

    def message_interaction(self, kind: str, member: SlackMember, channel: Channel, message: Message) -> JsonObject:
        """The common part of what is done to a message's elements; an ephemeral message is not repeated in it."""
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.is_ephemeral,
        } | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
        payload = self._interaction(kind, member, HOME) | {
            "container": container,
            "channel": {
                "id": channel.id,
                "name": "privategroup" if channel.kind is ChannelKind.PRIVATE else channel.name,
            },
        }
        return payload | ({} if message.is_ephemeral else {"message": message_json(message, self._app)})

    def view_interaction(self, kind: str, member: SlackMember, view: View) -> JsonObject:
        """The common part of what is done to a view."""
        return self._interaction(kind, member, team_of(member)) | {"view": self.view(view)}

    def view(self, view: View) -> JsonObject:
        """A view as payloads and answers show it."""
        return view_json(view, app_id=self._app.app_id, bot_id=self._app.bot_id)

    def _interaction(self, kind: str, member: SlackMember, team: Team) -> JsonObject:
        enterprise = {"id": self._enterprise_id, "name": ENTERPRISE_NAME} if self._enterprise_id else None
        grid = (
            {"enterprise_id": self._enterprise_id, "enterprise_name": ENTERPRISE_NAME}
            if enterprise and team == HOME
            else {}
        )
        return {
            "type": kind,
            "user": {
                "id": member.id,
                "username": member.handle,
                "name": member.handle,
                "team_id": self._home_of(member),
            },
            "api_app_id": self._app.app_id,
            "token": _VERIFICATION_TOKEN,
            "team": {"id": team.id, "domain": team.domain} | grid,
            "enterprise": enterprise if team == HOME else None,
            "is_enterprise_install": False,
        }

    def _home_of(self, member: SlackMember) -> str:
        """A person's `team_id` in interactions: on an enterprise it may be the enterprise's id, so here it is."""
        return self._enterprise_id if self._enterprise_id and not is_external(member) else member.team_id

    def _foreign(self, author: SlackMember, channel: Channel) -> JsonObject:
        """What events add about the author where outsiders are present."""
        if not channel.is_ext_shared:
            return {}
        profile: JsonObject = {
            "name": author.handle,
            "real_name": author.real_name,
            "display_name": author.handle,
            "team": author.team_id,
        }
        profile |= {"is_restricted": author.is_restricted, "is_ultra_restricted": author.is_ultra_restricted}
        return {"user_team": self._home_of(author), "source_team": self._home_of(author), "user_profile": profile}

    def _subtype(self, subtype: str, channel: Channel) -> JsonObject:
        ts = self._ids.ts()
        return {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": channel.id,
            "channel_type": channel.kind.value,
            "ts": ts,
            "event_ts": ts,
        }

    def _authorization(self) -> JsonObject:
        return {
            "enterprise_id": self._enterprise_id,
            "team_id": HOME.id,
            "user_id": self._app.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
