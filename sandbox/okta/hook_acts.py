"""The endpoints of event hooks.

Okta takes `https` alone; the twin takes `http` to this very machine as well, since its receivers are here. Its filters (an Early Access feature)
are off. With which code Okta refuses a challenge that fails, a 26th active hook or the end of an active one, it does not say; 400 is declared.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sandbox.okta.errors import OktaError
from sandbox.okta.hook_calls import HERE
from sandbox.okta.hook_types import ELIGIBLE
from sandbox.okta.hooks import MOST_ACTIVE, Channel, EventHook
from sandbox.okta.http import Answer, json_answer
from sandbox.okta.operations import origin
from sandbox.okta.records import Effect
from sandbox.okta.shapes import millis
from sandbox.people import okta_id

if TYPE_CHECKING:
    from sandbox.okta.http import Request
    from sandbox.okta.org import Org

MOST_TYPES = 300
"""Types of event of one hook."""

_HEADER: Final = re.compile(r"[\w-]{1,128}", re.ASCII)
_VALUE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")


def list_hooks(org: Org, request: Request) -> Answer:
    """GET /api/v1/eventHooks: all of them, without pages."""
    return json_answer([_json(hook, request) for hook in org.hooks.by_id.values()])


def read(org: Org, request: Request) -> Answer:
    """GET /api/v1/eventHooks/{eventHookId}."""
    return json_answer(_json(_hook(org, request, 1), request))


def create(org: Org, request: Request) -> Answer:
    """POST /api/v1/eventHooks: active at once, and delivers nothing before it is verified."""
    told = _told(request)
    _room(org)
    caller, now = request.caller, org.clock.now()
    hook_id = okta_id("who", str(org.hooks.made))
    source = f"{request.base}{request.path}/{hook_id}"
    made = EventHook(hook_id, source=source, created=now, created_by=caller.owner_id or caller.id, updated=now, **told)
    return _done(org, request, made, "created")


def replace_hook(org: Org, request: Request) -> Answer:
    """PUT /api/v1/eventHooks/{eventHookId}: with another channel it has to be verified again."""
    hook, told = _hook(org, request, 1), _told(request)
    verified = hook.verified and hook.channel == told["channel"]
    return _done(org, request, replace(hook, **told, verified=verified), "updated")


def delete(org: Org, request: Request) -> Answer:
    """DELETE /api/v1/eventHooks/{eventHookId}: of an inactive one."""
    hook = _hook(org, request, 1)
    if hook.active:
        raise _invalid("status", "The event hook must be deactivated before it is deleted.")
    _done(org, request, hook, "deleted")
    del org.hooks.by_id[hook.id]
    return Answer(204)


def activate(org: Org, request: Request) -> Answer:
    """POST /api/v1/eventHooks/{eventHookId}/lifecycle/activate."""
    hook = _hook(org, request, 3)
    if hook.active:
        return json_answer(_json(hook, request))
    _room(org)
    return _done(org, request, replace(hook, active=True), "activated")


def deactivate(org: Org, request: Request) -> Answer:
    """POST /api/v1/eventHooks/{eventHookId}/lifecycle/deactivate."""
    hook = _hook(org, request, 3)
    if not hook.active:
        return json_answer(_json(hook, request))
    return _done(org, request, replace(hook, active=False), "deactivated")


async def verify(org: Org, request: Request) -> Answer:
    """POST /api/v1/eventHooks/{eventHookId}/lifecycle/verify: calls the receiver before it answers."""
    asked = _hook(org, request, 3)
    fault = await org.hooks.challenge(asked)
    hook = _hook(org, request, 3)
    if hook.channel != asked.channel:
        fault = "The channel was changed meanwhile."
    if fault is not None:
        raise _invalid("verification", fault)
    return _done(org, request, replace(hook, verified=True), "verified")


def _done(org: Org, request: Request, hook: EventHook, word: str) -> Answer:
    """Keep a hook that was changed, and note that it was."""
    kept = org.hooks.keep(replace(hook, updated=org.clock.now()))
    org.hooks.record(f"event_hook.{word}", origin(org, request), kept)
    org.took_effect(Effect(f"hook:{word}", kept.id, request.at))
    return json_answer(_json(kept, request))


def _hook(org: Org, request: Request, part: int) -> EventHook:
    hook_id = request.part(part)
    if hook_id not in org.hooks.by_id:
        raise OktaError("E0000007", f"{hook_id} (EventHook)")
    return org.hooks.by_id[hook_id]


def _room(org: Org) -> None:
    if sum(hook.active for hook in org.hooks.by_id.values()) >= MOST_ACTIVE:
        raise _invalid("status", f"There are {MOST_ACTIVE} active event hooks already.")


def _invalid(field: str, cause: str) -> OktaError:
    return OktaError("E0000001", field, causes=(f"{field}: {cause}",))


def _told(request: Request) -> dict[str, Any]:
    """What a body says that a hook is to be."""
    told = request.document()
    name, description = told.get("name"), told.get("description")
    if not isinstance(name, str) or not name.strip():
        raise _invalid("name", "The field cannot be left blank")
    if not isinstance(description, str | None):
        raise _invalid("description", "The field is not text")
    types, channel = _types(_object(told, "events")), _channel(_object(told, "channel"))
    return {"name": name, "description": description, "event_types": types, "channel": channel}


def _types(events: dict[str, Any]) -> tuple[str, ...]:
    if events.get("type") != "EVENT_TYPE":
        raise _invalid("events.type", "The only type is 'EVENT_TYPE'")
    items = events.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_TYPES:
        raise _invalid("events.items", f"There must be from 1 to {MOST_TYPES} event types")
    if unfit := [item for item in items if not isinstance(item, str) or item not in ELIGIBLE]:
        raise _invalid("events.items", f"The event type is not eligible for event hooks: {unfit[0]}")
    if events.get("filter") is not None:
        raise _invalid("events.filter", "The feature is not enabled for the org")
    return tuple(dict.fromkeys(items))


def _channel(channel: dict[str, Any]) -> Channel:
    if (channel.get("type"), channel.get("version")) != ("HTTP", "1.0.0"):
        raise _invalid("channel", "The only type is 'HTTP', and its version '1.0.0'")
    config = _object(channel, "config")
    uri = config.get("uri")
    if not isinstance(uri, str) or not _may_be_called(uri):
        raise _invalid("channel.config.uri", "The URI is not valid; it must use HTTPS")
    headers = config.get("headers")
    if not isinstance(headers, list | None):
        raise _invalid("channel.config.headers", "The field is no list")
    scheme = _object(config, "authScheme") if config.get("authScheme") is not None else None
    if scheme is not None and scheme.get("type") != "HEADER":
        raise _invalid("channel.config.authScheme.type", "The only type is 'HEADER'")
    return Channel(uri, tuple(_header(header) for header in headers or ()), None if scheme is None else _header(scheme))


def _header(told: Any) -> tuple[str, str]:
    key, value = (told.get("key"), told.get("value")) if isinstance(told, dict) else (None, None)
    if not (isinstance(key, str) and _HEADER.fullmatch(key) and isinstance(value, str) and _VALUE.fullmatch(value)):
        raise _invalid("channel.config", "A header must have a key and a value")
    return key, value


def _may_be_called(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    written = uri.isascii() and uri.isprintable() and " " not in uri
    return written and bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in HERE))


def _object(told: dict[str, Any], name: str) -> dict[str, Any]:
    value = told.get(name)
    if not isinstance(value, dict):
        raise _invalid(name, "The field cannot be left blank")
    return value


def _json(hook: EventHook, request: Request) -> dict[str, Any]:
    """What Okta shows of a hook: never the secret, and the name of its header in lower case."""
    here, channel = f"{request.base}/api/v1/eventHooks/{hook.id}", hook.channel
    config: dict[str, Any] = {
        "uri": channel.uri,
        "headers": [{"key": key, "value": value} for key, value in channel.headers],
        "method": "POST",
    }
    if channel.auth is not None:
        config["authScheme"] = {"type": "HEADER", "key": channel.auth[0].lower()}
    links = {
        word: {"href": f"{here}/lifecycle/{word}", "hints": {"allow": ["POST"]}} for word in ("verify", "deactivate")
    }
    return {
        "id": hook.id,
        "status": "ACTIVE" if hook.active else "INACTIVE",
        "verificationStatus": "VERIFIED" if hook.verified else "UNVERIFIED",
        "name": hook.name,
        "description": hook.description,
        "created": millis(hook.created),
        "createdBy": hook.created_by,
        "lastUpdated": millis(hook.updated),
        "events": {"type": "EVENT_TYPE", "items": list(hook.event_types), "filter": None},
        "channel": {"type": "HTTP", "version": "1.0.0", "config": config},
        "_links": {"self": {"href": here}} | links,
    }
