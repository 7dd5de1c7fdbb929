"""The JSON of apps and assignments, after Okta's own examples and the answers recorded in the tests of its Python SDK 3.4.6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.okta.shapes import seconds
from sandbox.people import okta_id

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.catalogue import App
    from sandbox.okta.apps import AppUser

_BOOKMARK = {"requestIntegration": False, "url": "https://handbook.northwind.example"}
_LEFT_OUT = {"accessibility", "visibility", "features"}
"""What `useOptimization` saves. Okta does not say which properties it is."""


def app_json(app: App, base: str, created: datetime, *, optimized: bool = False) -> dict[str, Any]:
    """An app."""
    bookmark = app.sign_on_mode == "BOOKMARK"
    here = f"{base}/api/v1/apps/{app.id}"
    shown: dict[str, Any] = {
        "id": app.id,
        "name": app.name,
        "label": app.label,
        "status": app.status,
        "lastUpdated": seconds(created),
        "created": seconds(created),
        "accessibility": {"selfService": False},
        "visibility": {"autoSubmitToolbar": False, "hide": {"iOS": False, "web": False}},
        "features": list(app.features),
        "signOnMode": app.sign_on_mode,
        "credentials": {"userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"}, "signing": {}},
        "settings": {"app": _BOOKMARK} if bookmark else {},
        "_links": {"users": {"href": f"{here}/users"}, "groups": {"href": f"{here}/groups"}},
    }
    return {name: value for name, value in shown.items() if name not in _LEFT_OUT} if optimized else shown


def app_user_json(one: AppUser, login: str, base: str) -> dict[str, Any]:
    """Somebody's assignment; its `id` is the user's."""
    links = {
        "app": {"href": f"{base}/api/v1/apps/{one.app_id}"},
        "user": {"href": f"{base}/api/v1/users/{one.user_id}"},
    }
    shown: dict[str, Any] = {
        "id": one.user_id,
        "created": seconds(one.created),
        "lastUpdated": seconds(one.status_changed),
        "scope": one.scope,
        "status": one.status,
        "statusChanged": seconds(one.status_changed),
        "passwordChanged": None,
        "syncState": one.sync_state,
        "credentials": {"userName": login},
        "profile": {},
        "_links": links,
    }
    if one.external_id is not None:
        shown |= {"externalId": one.external_id, "lastSync": seconds(one.last_sync)}
    return shown


def app_group_json(app_id: str, group_id: str, priority: int, base: str, at: datetime) -> dict[str, Any]:
    """A group's assignment; its `id` is the group's."""
    here = f"{base}/api/v1/apps/{app_id}"
    return {
        "id": group_id,
        "priority": priority,
        "lastUpdated": seconds(at),
        "profile": {},
        "_links": {
            "app": {"href": here},
            "self": {"href": f"{here}/groups/{group_id}"},
            "group": {"href": f"{base}/api/v1/groups/{group_id}"},
        },
    }


def app_link_json(app: App, one: AppUser, label: str, number: int, base: str) -> dict[str, Any]:
    """A tile on the dashboard; its `id` is the user's."""
    return {
        "id": one.user_id,
        "label": label,
        "linkUrl": f"{base}/home/{app.name}/{app.id}/{okta_id('aln', f'{app.id}{label}')}",
        "logoUrl": f"{base}/img/logos/{app.name}.png",
        "appName": app.name,
        "appInstanceId": app.id,
        "appAssignmentId": one.id,
        "credentialsSetup": False,
        "hidden": False,
        "sortOrder": number,
    }
