"""The JSON of Okta's resources: users, groups, blocks, org; as recorded in the tests of Okta's Python SDK 3.4.6."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from sandbox.okta.lifecycle import LINKS, forgettable, resettable, unlockable
from sandbox.people import COMPANY, Status, okta_id

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.records import Settings
    from sandbox.okta.users import User

ORG_ID = okta_id("00o", COMPANY)
_USER_TYPE = okta_id("oty", COMPANY)
_USER_SCHEMA = okta_id("osc", COMPANY)
_CREDENTIAL_LINKS = {"resetPassword", "forgotPassword", "expirePassword", "changePassword", "changeRecoveryQuestion"}


def seconds(moment: datetime | None) -> str | None:
    """A time of a resource: Okta cuts these to the second."""
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def millis(moment: datetime) -> str:
    """A time of the System Log, to the millisecond."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def user_json(user: User, base: str) -> dict[str, Any]:
    """A user in a list: only a `self` link."""
    shown: dict[str, Any] = {
        "id": user.id,
        "status": user.status,
        "created": seconds(user.created),
        "activated": seconds(user.activated),
        "statusChanged": seconds(user.status_changed),
        "lastLogin": seconds(user.last_login),
        "lastUpdated": seconds(user.last_updated),
        "passwordChanged": seconds(user.password_changed),
        "type": {"id": _USER_TYPE},
        "profile": dict(user.profile),
        "credentials": _credentials(user),
        "_links": {"self": {"href": f"{base}/api/v1/users/{user.id}"}},
    }
    if user.transitioning_to is not None:
        shown["transitioningToStatus"] = user.transitioning_to
    return shown


def single_user_json(user: User, base: str, settings: Settings) -> dict[str, Any]:
    """A user read alone: with links to what may be done now."""
    shown = user_json(user, base)
    self_link = shown["_links"]["self"]["href"]
    links: dict[str, Any] = {
        "self": {"href": self_link},
        "schema": {"href": f"{base}/api/v1/meta/schemas/user/{_USER_SCHEMA}"},
        "type": {"href": f"{base}/api/v1/meta/types/user/{_USER_TYPE}"},
    }
    for name in _possible(user, settings):
        links[name] = {"href": f"{self_link}/{_PATHS[name]}", "method": "POST"}
    return shown | {"_links": links}


_PATHS = {
    "activate": "lifecycle/activate",
    "reactivate": "lifecycle/reactivate",
    "suspend": "lifecycle/suspend",
    "unsuspend": "lifecycle/unsuspend",
    "unlock": "lifecycle/unlock",
    "deactivate": "lifecycle/deactivate",
    "resetPassword": "lifecycle/reset_password",
    "expirePassword": "lifecycle/expire_password",
    "resetFactors": "lifecycle/reset_factors",
    "forgotPassword": "credentials/forgot_password",
    "changePassword": "credentials/change_password",
    "changeRecoveryQuestion": "credentials/change_recovery_question",
}


def _possible(user: User, settings: Settings) -> list[str]:
    """The links of the status, without those that make no sense for this user."""
    unfit = set()
    if user.passwordless:
        unfit |= _CREDENTIAL_LINKS
    if not user.factors:
        unfit.add("resetFactors")
    if not resettable(user, settings):
        unfit.add("resetPassword")
    if not forgettable(user, settings):
        unfit.add("forgotPassword")
    names = [name for name in LINKS.get(user.status, ()) if name not in unfit]
    return [*names, "unlock"] if unlockable(user, directory_unlock=settings.directory_unlock) else names


def blocks_json(user: User) -> list[dict[str, str]]:
    """How the user is blocked; see https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/."""
    if user.blocked is None or user.status != Status.ACTIVE:
        return []
    return [{"type": "DEVICE_BASED", "appliesTo": user.blocked}]


def org_json(base: str, created: datetime) -> dict[str, Any]:
    """The settings of the org, with `null` where nobody filled them in, as Okta has it."""
    return {
        "id": ORG_ID,
        "subdomain": "northwind",
        "companyName": COMPANY,
        "status": "ACTIVE",
        "expiresAt": None,
        "created": seconds(created),
        "lastUpdated": seconds(created),
        "website": "https://northwind.example",
        "phoneNumber": "",
        "endUserSupportHelpURL": "https://help.northwind.example",
        "supportPhoneNumber": "+31 20 555 0100",
        "address1": None,
        "address2": None,
        "city": "Rotterdam",
        "state": None,
        "country": "Netherlands",
        "postalCode": None,
        "_links": {
            "preferences": {"href": f"{base}/api/v1/org/preferences"},
            "contacts": {"href": f"{base}/api/v1/org/contacts"},
            "oktaCommunication": {"href": f"{base}/api/v1/org/privacy/oktaCommunication"},
            "oktaSupport": {"href": f"{base}/api/v1/org/privacy/oktaSupport"},
            "uploadLogo": {"href": f"{base}/api/v1/org/logo", "hints": {"allow": ["POST"]}},
            "logo": None,
        },
    }


def metadata_json(base: str, pipeline: str) -> dict[str, Any]:
    """What /.well-known/okta-organization tells anybody."""
    return {"id": ORG_ID, "_links": {"organization": {"href": base}}, "pipeline": pipeline}


def _credentials(user: User) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "emails": [{"value": user.profile["email"], "status": "VERIFIED", "type": "PRIMARY"}],
        "provider": {"type": user.provider, "name": user.provider_name},
    }
    if user.recovery is not None:
        shown["recovery_question"] = {"question": user.recovery.question}
    return {"password": {}} | shown if user.password_changed is not None else shown
