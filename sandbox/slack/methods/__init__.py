"""The Web API methods this workspace answers, with Slack's own names, rate tiers and scopes.

Tiers follow https://docs.slack.dev/apis/web-api/rate-limits and each method's page; a method that is not here is `unknown_method`.
"""

from collections.abc import Mapping

from sandbox.slack.limits import Tier
from sandbox.slack.methods import auth, chat, conversations, users, views
from sandbox.slack.methods.call import Args, Method

__all__ = ["METHODS", "Args", "Method"]

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")

METHODS: Mapping[str, Method] = {
    "apps.connections.open": Method(auth.connections_open, Tier.THREE, app_token=True),
    "auth.test": Method(auth.auth_test, Tier.SPECIAL, takes_json=True),
    "chat.delete": Method(chat.delete, Tier.THREE, ("chat:write",), takes_json=True),
    "chat.postEphemeral": Method(chat.post_ephemeral, Tier.FOUR, ("chat:write",), takes_json=True),
    "chat.postMessage": Method(chat.post_message, Tier.SPECIAL, ("chat:write",), takes_json=True),
    "chat.update": Method(chat.update, Tier.THREE, ("chat:write",), takes_json=True),
    "conversations.history": Method(conversations.history, Tier.THREE, _HISTORY),
    "conversations.info": Method(conversations.info, Tier.THREE, _READ),
    "conversations.open": Method(
        conversations.open_conversation, Tier.THREE, ("im:write", "mpim:write"), takes_json=True
    ),
    "conversations.replies": Method(conversations.replies, Tier.THREE, _HISTORY),
    "users.info": Method(users.info, Tier.FOUR, ("users:read",)),
    "users.list": Method(users.list_users, Tier.TWO, ("users:read",)),
    "users.lookupByEmail": Method(users.lookup_by_email, Tier.THREE, ("users:read.email",)),
    "views.open": Method(views.open_view, Tier.FOUR, takes_json=True),
    "views.publish": Method(views.publish, Tier.FOUR, takes_json=True),
    "views.push": Method(views.push, Tier.FOUR, takes_json=True),
    "views.update": Method(views.update, Tier.FOUR, takes_json=True),
}
