"""Groups as values, and their JSON, as recorded in the tests of Okta's Python SDK 3.4.6 (https://pypi.org/project/okta/)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.catalogue import DESCRIPTIONS, OWNERS, login
from sandbox.okta.shapes import seconds
from sandbox.people import EMPLOYEES, GROUP_ROLES, Group, okta_id

if TYPE_CHECKING:
    from datetime import datetime

OKTA_GROUP, APP_GROUP, BUILT_IN = "OKTA_GROUP", "APP_GROUP", "BUILT_IN"


@dataclass(frozen=True, slots=True, kw_only=True)
class OktaGroup:
    """One group, at one moment; who is in it, the users themselves know.

    Attributes:
        type: OKTA_GROUP, APP_GROUP (imported, so that members are not changed here) or BUILT_IN.
        roles: types of the administrator roles that its members have by it.
        owners: ids of people and groups.
    """

    name: str
    type: str
    created: datetime
    members_updated: datetime
    description: str | None = None
    roles: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The group's id."""
        return okta_id("00g", self.name)


def group(name: str, created: datetime) -> OktaGroup:
    """A group of the cast, or one of Okta's own kind that a test invents."""
    kinds: dict[str, str] = {Group.EVERYONE: BUILT_IN, Group.AD_WAREHOUSE: APP_GROUP}
    roles = next((roles for holder, roles in GROUP_ROLES.items() if holder == name), ())
    return OktaGroup(
        name=str(name),
        type=kinds.get(name, OKTA_GROUP),
        created=created,
        members_updated=created,
        description=DESCRIPTIONS.get(name),
        roles=roles,
        owners=tuple(_owner(owner) for owner in OWNERS.get(name, ())),
    )


def _owner(name: str) -> str:
    return okta_id("00u", login(name)) if name in {someone.handle for someone in EMPLOYEES} else okta_id("00g", name)


def group_json(one: OktaGroup, base: str, stats: dict[str, Any] | None = None) -> dict[str, Any]:
    """A group. Okta answers `null` for a description that nobody wrote."""
    from_ad = one.type == APP_GROUP
    profile: dict[str, Any] = {"name": one.name, "description": one.description}
    if from_ad:
        domain, _, account = one.name.partition("\\")
        profile |= {
            "samAccountName": account,
            "windowsDomainQualifiedName": one.name,
            "dn": f"CN={account},DC={domain}",
        }
    shown = {
        "id": one.id,
        "created": seconds(one.created),
        "lastUpdated": seconds(one.created),
        "lastMembershipUpdated": seconds(one.members_updated),
        "objectClass": ["okta:windows_security_principal" if from_ad else "okta:user_group"],
        "type": one.type,
        "profile": profile,
        "_links": {
            "users": {"href": f"{base}/api/v1/groups/{one.id}/users"},
            "apps": {"href": f"{base}/api/v1/groups/{one.id}/apps"},
        },
    }
    return shown if stats is None else shown | {"_embedded": {"stats": stats}}


def owner_json(owner_id: str, name: str, at: datetime) -> dict[str, Any]:
    """An owner that Okta itself knows."""
    return {
        "id": owner_id,
        "type": "USER" if owner_id.startswith("00u") else "GROUP",
        "resolved": True,
        "originType": "OKTA_DIRECTORY",
        "displayName": name,
        "lastUpdated": seconds(at),
    }
