"""Who the token is, and a door into Socket Mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.slack.members import HOME

if TYPE_CHECKING:
    from sandbox.slack.methods.call import Args
    from sandbox.slack.records import JsonObject
    from sandbox.slack.workspace import Workspace


def auth_test(ws: Workspace, _args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/auth.test."""
    return {
        "url": f"https://{HOME.domain}.slack.com/",
        "team": HOME.name,
        "user": ws.bot.handle,
        "team_id": HOME.id,
        "user_id": ws.app.bot_user_id,
        "bot_id": ws.app.bot_id,
        "is_enterprise_install": False,
    } | ({"enterprise_id": ws.enterprise_id} if ws.enterprise_id else {})


def connections_open(ws: Workspace, _args: Args) -> JsonObject:
    """https://docs.slack.dev/reference/methods/apps.connections.open."""
    base = ws.address.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={ws.sockets.issue_ticket()}&app_id={ws.app.app_id}"}
