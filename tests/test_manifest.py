"""The app's manifest is one that Slack takes, and asks for what the code uses and nothing else."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from slack_sdk.web.async_client import AsyncWebClient

import handlers
from bot.slack.http import PATH
from bot.slack.payloads import asked_in_event
from bot.slack.sign_in import SCOPES
from sandbox.slack import AppConfig
from sandbox.twin import INSTALLED

ROOT = Path(__file__).parents[1]

TEXT = (ROOT / "manifest.yml").read_text("utf-8")

MANIFEST: dict[str, Any] = yaml.safe_load(TEXT)

SCOPE_OF = {
    "apps_connections_open": None,  # the app-level token's, connections:write
    "auth_test": None,
    "chat_postEphemeral": "chat:write",
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "conversations_history": "im:history",
    "conversations_open": "im:write",
    "users_info": "users:read",
    "views_open": None,  # the press's trigger is enough
    "views_update": None,
}
"""The bot scope that each Web API method needs where the bot uses it: in direct messages
(https://docs.slack.dev/reference/methods). A method that is not here has to be looked up before it is used."""

SCOPE_OF_EVENT = {"app_mention": "app_mentions:read", "message.im": "im:history"}
"""The same for events (https://docs.slack.dev/reference/events)."""

EVENTS = {
    "app_mention": {"type": "app_mention", "channel_type": "channel"},
    "message.im": {"type": "message", "channel_type": "im"},
    "message.channels": {"type": "message", "channel_type": "channel"},
    "message.groups": {"type": "message", "channel_type": "group"},
    "message.mpim": {"type": "message", "channel_type": "mpim"},
    "app_home_opened": {"type": "app_home_opened"},
    "reaction_added": {"type": "reaction_added"},
}
"""What tells the events apart that Slack could send."""


def methods() -> Iterator[str]:
    """Every method of the Web API that the code calls."""
    known = {name for name in dir(AsyncWebClient) if re.fullmatch(r"[a-z]+_[a-zA-Z_]+", name)} - {"api_call"}
    for file in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in known:
                yield node.func.attr


def taken_in(kind: str) -> bool:
    """Whether the edge makes a request of an event."""
    event = {"user": "UMAYA", "channel": "C1", "text": "unlock", "team": "T1", **EVENTS[kind]}
    return asked_in_event({"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": event}) is not None


def test_slack_takes_it() -> None:
    """It is valid by Slack's own schema (tests/data/slack-manifest.NOTICE)."""
    schema = json.loads((ROOT / "tests" / "data" / "slack-manifest.schema.json").read_text("utf-8"))

    jsonschema.Draft7Validator(schema).validate(MANIFEST)


def test_its_form_for_http_is_taken_too() -> None:
    """As the comments in it say: three addresses, and Socket Mode off."""
    text, times = re.subn(r"# (?=(request_)?url: )", "", TEXT)
    manifest = yaml.safe_load(text.replace("socket_mode_enabled: true", "socket_mode_enabled: false"))
    schema = json.loads((ROOT / "tests" / "data" / "slack-manifest.schema.json").read_text("utf-8"))

    jsonschema.Draft7Validator(schema).validate(manifest)
    settings = manifest["settings"]
    urls = {
        manifest["features"]["slash_commands"][0]["url"],
        settings["event_subscriptions"]["request_url"],
        settings["interactivity"]["request_url"],
    }
    assert times == 3
    assert {url.removeprefix("https://unlatch.example.com") for url in urls} == {PATH}


def test_scopes_are_those_the_code_needs() -> None:
    """No more: each one is something an administrator has to trust the bot with."""
    reads_addresses = '"email"' in (ROOT / "bot" / "slack" / "members.py").read_text("utf-8")
    needed = {SCOPE_OF[method] for method in methods()} | {SCOPE_OF_EVENT[kind] for kind in EVENTS if taken_in(kind)}
    needed |= {"commands"} | ({"users:read.email"} if reads_addresses else set())

    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed - {None}


def test_scopes_are_those_that_are_checked_at_the_start() -> None:
    """An app installed from an older manifest is told so."""
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == SCOPES
    assert MANIFEST["oauth_config"]["scopes"].keys() == {"bot"}


def test_every_method_in_the_table_is_used() -> None:
    """So that the table does not grow old."""
    assert set(methods()) == SCOPE_OF.keys()


def test_events_are_those_the_edge_takes_in() -> None:
    """Slack would send others for nothing."""
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == {kind for kind in EVENTS if taken_in(kind)}


def test_one_command_with_every_word_that_may_follow() -> None:
    """In the order in which capabilities are shown."""
    (command,) = MANIFEST["features"]["slash_commands"]
    capabilities = handlers.find().values()
    words = {capability.subcommand for capability in capabilities}
    words |= {door.replace("_", "-") for capability in capabilities for door in capability.doors}

    assert command["command"] == "/unlatch"
    assert set(re.findall(r"[\w-]+", command["usage_hint"])) == words


def test_people_can_write_to_the_bot_and_press_its_buttons() -> None:
    """The messages tab is open; the home tab stays closed while there is nothing in it."""
    home = MANIFEST["features"]["app_home"]

    assert (home["messages_tab_enabled"], home["messages_tab_read_only_enabled"]) == (True, False)
    assert home["home_tab_enabled"] is False
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_the_twin_installs_the_app_as_it_asks() -> None:
    """So that every journey runs with the permissions and events of the manifest, and no others."""
    assert AppConfig.from_manifest(MANIFEST) == INSTALLED
