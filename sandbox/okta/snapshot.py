"""The org as the web page shows it: everything at once, without the delays that Okta's own readers have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.okta.org import Org
    from sandbox.okta.users import User

_OF_AN_EVENT = ("published", "eventType", "displayMessage", "actor", "target", "outcome")


def snapshot(org: Org) -> dict[str, Any]:
    """People as they are now, and the System Log, newest last."""
    events = sorted(org.log, key=lambda entry: str(entry["published"]))
    return {
        "people": [_person(org, user) for user in org.users()],
        "log": [{key: entry[key] for key in _OF_AN_EVENT} for entry in events],
    }


def _person(org: Org, user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "login": user.login,
        "name": user.name,
        "status": user.status,
        "provider": user.provider,
        "blocked": user.blocked is not None,
        "lockedInDirectory": user.locked_in_directory,
        "department": user.profile.get("department"),
        "factors": list(user.factors),
        "roles": sorted(org.roles_of(user)),
        "sessions": user.sessions,
    }
