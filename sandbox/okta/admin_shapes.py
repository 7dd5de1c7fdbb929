"""The JSON of administrator roles, of what they are limited to, of grants and of API tokens, after Okta's own examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.okta.principals import UNUSED_LIFE
from sandbox.okta.shapes import ORG_ID, seconds
from sandbox.people import okta_id

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.catalogue import App
    from sandbox.okta.admins import Admins, CustomRole
    from sandbox.okta.principals import Principal

_PATHS = {"USER": "/api/v1/users", "GROUP": "/api/v1/groups", "CLIENT": "/oauth2/v1/clients"}


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role that somebody holds.

    Attributes:
        kind: the type of a standard role, or the id of a custom one.
        holder: USER, GROUP or CLIENT.
    """

    kind: str
    holder: str
    holder_id: str

    @property
    def id(self) -> str:
        """The assignment's id."""
        return okta_id("irb" if self.kind.startswith("cr0") else "ra1", f"{self.kind}:{self.holder_id}")


def assignment_json(one: Assignment, admins: Admins, base: str, created: datetime) -> dict[str, Any]:
    """A role that somebody holds."""
    custom = admins.custom.get(one.kind)
    shown: dict[str, Any] = {
        "id": one.id,
        "label": admins.role(one.kind).label,
        "type": "CUSTOM" if custom else one.kind,
        "status": "ACTIVE",
        "created": seconds(created),
        "lastUpdated": seconds(created),
        "assignmentType": one.holder,
        "_links": {"assignee": {"href": f"{base}{_PATHS[one.holder]}/{one.holder_id}"}},
    }
    if custom is not None:
        shown |= {"role": custom.id, "resource-set": custom.resource_set}
        shown["_links"] |= _custom_links(custom, one, f"{base}/api/v1/iam")
    return shown


def _custom_links(custom: CustomRole, one: Assignment, iam: str) -> dict[str, Any]:
    resources = f"{iam}/resource-sets/{custom.resource_set}"
    return {
        "role": {"href": f"{iam}/roles/{custom.id}"},
        "resource-set": {"href": resources},
        "permissions": {"href": f"{iam}/roles/{custom.id}/permissions"},
        "member": {"href": f"{resources}/bindings/{custom.id}/members/{one.id}"},
    }


def app_target_json(app: App, base: str, created: datetime) -> dict[str, Any]:
    """An app to which a role is limited. Only one that is not in Okta's catalogue has an `id`."""
    shown = {"name": app.name, "displayName": app.label, "status": app.status, "lastUpdated": seconds(created)}
    if app.in_catalogue:
        return shown | {"_links": {"self": {"href": f"{base}/api/v1/catalog/apps/{app.name}"}}}
    return shown | {"id": app.id, "_links": {"self": {"href": f"{base}/api/v1/apps/{app.id}"}}}


def permissions_json(custom: CustomRole, base: str) -> dict[str, Any]:
    """The permissions of a custom role, in an object."""
    here, at = f"{base}/api/v1/iam/roles/{custom.id}", seconds(custom.created)
    permissions = [
        {
            "label": label,
            "created": at,
            "lastUpdated": at,
            "_links": {"role": {"href": here}, "self": {"href": f"{here}/permissions/{label}"}},
        }
        for label in custom.permissions
    ]
    return {"permissions": permissions}


def assignee_json(user_id: str, base: str) -> dict[str, Any]:
    """Somebody who has a role."""
    here = f"{base}/api/v1/users/{user_id}"
    links = {"self": {"href": here}, "roles": {"href": f"{here}/roles"}}
    return {"id": user_id, "orn": f"orn:okta:{ORG_ID}:users:{user_id}", "_links": links}


def grant_json(client_id: str, scope: str, base: str, created: datetime, *, embeds: bool) -> dict[str, Any]:
    """A scope that is granted to an app; `embeds` shows the scope once more, as `expand=scope` does."""
    grant_id, app = okta_id("oag", f"{client_id}:{scope}"), f"{base}/api/v1/apps/{client_id}"
    shown: dict[str, Any] = {
        "id": grant_id,
        "status": "ACTIVE",
        "created": seconds(created),
        "lastUpdated": seconds(created),
        "issuer": base,
        "clientId": client_id,
        "scopeId": scope,
        "source": "ADMIN",
        "_links": {
            "app": {"href": app, "title": client_id},
            "self": {"href": f"{app}/grants/{grant_id}", "hints": {"allow": ["GET", "DELETE"]}},
            "client": {"href": f"{base}/oauth2/v1/clients/{client_id}", "title": client_id},
        },
    }
    return shown | {"_embedded": {"scope": {"id": scope}}} if embeds else shown


def api_token_json(token: Principal, base: str) -> dict[str, Any]:
    """An API token, of which nobody ever sees the secret again."""
    shown: dict[str, Any] = {
        "id": token.id,
        "name": token.name,
        "userId": token.owner_id,
        "clientName": "Okta API",
        "tokenWindow": f"P{UNUSED_LIFE.days}D",
        "network": {"connection": "ANYWHERE"},
        "created": seconds(token.created),
        "lastUpdated": seconds(token.expires - UNUSED_LIFE),
        "expiresAt": seconds(token.expires),
        "_links": {
            "self": {"href": f"{base}/api/v1/api-tokens/{token.id}", "hints": {"allow": ["GET", "DELETE"]}},
            "user": {"href": f"{base}/api/v1/users/{token.owner_id}", "hints": {"allow": ["GET"]}},
        },
    }
    return shown
