"""The app as installed in the pretend workspace: its ids, scopes, subscribed events and commands.

Slack delivers and permits only what the manifest asked for, so a bot that forgets an event or a scope must notice it here and not in
production. `AppConfig.from_manifest` reads the real manifest, which keeps the two from drifting apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from sandbox.slack.records import JsonObject

DEFAULT_SCOPES = frozenset(
    {"app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read", "users:read.email"}
)
DEFAULT_EVENTS = frozenset({"app_home_opened", "app_mention", "message.im", "app_uninstalled", "tokens_revoked"})

# What an event type needs before Slack sends it, https://docs.slack.dev/reference/events
EVENT_SCOPES: Mapping[str, str] = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "user_change": "users:read",
    "team_join": "users:read",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; `should_escape` turns typed names and links into Slack's markup."""

    name: str
    should_escape: bool = False


@dataclass(frozen=True, slots=True)
class AppConfig:
    """One installed app."""

    name: str = "Unlatch"
    app_id: str = "A0UNLATCH"
    bot_id: str = "B0UNLATCH"
    bot_user_id: str = "U0UNLATCH"
    scopes: frozenset[str] = DEFAULT_SCOPES
    events: frozenset[str] = DEFAULT_EVENTS
    commands: Mapping[str, Command] = field(default_factory=lambda: {"/unlatch": Command("/unlatch")})
    home_tab: bool = True
    messages_tab: bool = True
    interactivity: bool = True

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Self:
        """Install the app a manifest describes (https://docs.slack.dev/reference/app-manifest)."""
        features: JsonObject = manifest.get("features", {})
        settings: JsonObject = manifest.get("settings", {})
        home: JsonObject = features.get("app_home", {})
        commands = [
            Command(c["command"], should_escape=c.get("should_escape", False))
            for c in features.get("slash_commands", ())
        ]
        return cls(
            name=manifest["display_information"]["name"],
            scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
            commands={command.name: command for command in commands},
            home_tab=home.get("home_tab_enabled", False),
            messages_tab=home.get("messages_tab_enabled", True)
            and not home.get("messages_tab_read_only_enabled", False),
            interactivity=settings.get("interactivity", {}).get("is_enabled", False),
        )

    def receives(self, event: str) -> bool:
        """Whether an event type (`message.im`, `app_mention`, …) is subscribed and its scope granted."""
        scope = EVENT_SCOPES.get(event)
        return event in self.events and (scope is None or scope in self.scopes)
