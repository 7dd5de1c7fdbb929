"""The JSON of a System Log event (https://developer.okta.com/docs/reference/api/event-types/), with the nulls that real ones have."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.okta.shapes import millis

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.users import User

_MESSAGES = {
    "application.provision.user.push": ("Push new user to external application", None),
    "application.user_membership.add": (
        "Add user to application membership",
        "app.generic.provision.assign_user_to_app",
    ),
    "application.user_membership.remove": (
        "Remove user's application membership",
        "app.generic.provision.deassign_user_from_app",
    ),
    "device.enrollment.create": ("Enroll new device", None),
    "event_hook.activated": ("Activate event hook", None),
    "event_hook.created": ("Create event hook", None),
    "event_hook.deactivated": ("Deactivate event hook", None),
    "event_hook.deleted": ("Delete event hook", None),
    "event_hook.delivery": ("Deliver event hook", None),
    "event_hook.updated": ("Update event hook", None),
    "event_hook.verified": ("Verify event hook", None),
    "group.user_membership.add": ("Add user to group membership", "core.user_group_member.user_add"),
    "group.user_membership.remove": ("Remove user from group membership", "core.user_group_member.user_remove"),
    "system.agent.ad.reset_user_password": ("Reset user password in Active Directory", None),
    "system.email.mfa_enroll_notification.sent_message": ("Send MFA enrollment notification email", None),
    "system.email.mfa_reset_notification.sent_message": ("Send MFA reset notification email", None),
    "system.email.password_reset.sent_message": ("Send self-service password reset email", None),
    "system.email.send_factor_verify_message": ("Send email verification message", None),
    "system.push.send_factor_verify_push": ("Send push verification notification", None),
    "system.sms.send_factor_verify_message": ("Send second factor auth SMS", None),
    "user.account.expire_password": ("Expire password for user", None),
    "user.account.lock": ("Max sign in attempts exceeded", "core.user_auth.account_locked"),
    "user.account.reset_password": (
        "Fired when the user's Okta password is reset",
        "core.user.config.user_status.password_reset",
    ),
    "user.account.unlock": ("Unlock user account", None),
    "user.account.unlock_by_admin": ("Unlock user account by administrator", None),
    "user.account.update_password": ("User update password for Okta", None),
    "user.authentication.auth_via_mfa": ("Authentication of user via MFA", None),
    "user.lifecycle.activate": ("Activate Okta user", "core.user.config.user_activated"),
    "user.lifecycle.deactivate": ("Deactivate Okta user", "core.user.config.user_deactivated"),
    "user.lifecycle.reactivate": ("Reactivate Okta user", None),
    "user.lifecycle.suspend": ("Suspend Okta user", None),
    "user.lifecycle.unsuspend": ("Unsuspend Okta user", None),
    "user.mfa.factor.activate": ("Activate factor or authenticator enrollment method for user", None),
    "user.mfa.factor.deactivate": ("Reset factor or authenticator enrollment method for user", None),
    "user.mfa.factor.reset_all": ("Reset all factors or authenticator enrollments for user", None),
    "user.mfa.okta_verify.deny_push": ("User rejected Okta push verify", None),
    "user.session.clear": ("Clear user session", None),
    "user.session.start": ("User login to Okta", None),
}
_SEVERITIES = {"user.account.lock": "DEBUG"}

SYSTEM = {
    "id": "okta_system",
    "type": "SystemPrincipal",
    "alternateId": "system@okta.com",
    "displayName": "Okta System",
    "detailEntry": None,
}
"""The actor of what Okta does by itself."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from.

    Attributes:
        actor: who did it.
        request_id: the web request; None for a job of Okta's own.
        path: of the request.
        user_agent: of the client.
        token_id: the API token that was used.
        client_id: the service app, for an access token.
    """

    actor: dict[str, Any]
    request_id: str | None = None
    path: str | None = None
    user_agent: str | None = None
    token_id: str | None = None
    client_id: str | None = None


def person(user: User) -> dict[str, Any]:
    """A user as actor or target."""
    return {"id": user.id, "type": "User", "alternateId": user.login, "displayName": user.name, "detailEntry": None}


def app(client_id: str) -> dict[str, Any]:
    """A service app as actor."""
    return {
        "id": client_id,
        "type": "PublicClientApp",
        "alternateId": client_id,
        "displayName": "Service app",
        "detailEntry": None,
    }


def by_hand(user: User, path: str, user_agent: str | None = None) -> Origin:
    """Somebody who does something in person: on a page of the org, whose path is given without its token, or in Okta Verify."""
    return Origin(person(user), request_id=uuid.uuid4().hex, path=path, user_agent=user_agent or "Okta Verify")


def at_the_door(user: User, number: int) -> Origin:
    """Somebody who signs in, with a browser of their own; `number` tells one try from the next."""
    return Origin(person(user), request_id=f"authn{number}", path="/api/v1/authn", user_agent="Mozilla/5.0")


def event(
    event_type: str,
    origin: Origin,
    published: datetime,
    *,
    target: list[dict[str, Any]] | None,
    result: str = "SUCCESS",
    reason: str | None = None,
) -> dict[str, Any]:
    """One event."""
    message, legacy = _MESSAGES[event_type]
    return {
        "uuid": str(uuid.uuid4()),
        "published": millis(published),
        "eventType": event_type,
        "version": "0",
        "displayMessage": message,
        "severity": _SEVERITIES.get(event_type, "INFO"),
        "legacyEventType": legacy,
        "actor": origin.actor,
        "target": target,
        "outcome": {"result": result, "reason": reason},
        "client": _client(origin),
        "device": None,
        "authenticationContext": _authentication(origin),
        "securityContext": {"asNumber": None, "asOrg": None, "isp": None, "domain": None, "isProxy": None},
        "debugContext": {"debugData": _debug(origin)},
        "transaction": _transaction(origin),
        "request": {"ipChain": _chain(origin)},
    }


def _client(origin: Origin) -> dict[str, Any]:
    if origin.request_id is None:
        return {
            "userAgent": None,
            "zone": None,
            "device": None,
            "id": None,
            "ipAddress": None,
            "geographicalContext": None,
        }
    agent = {"rawUserAgent": origin.user_agent, "os": "Unknown", "browser": "UNKNOWN"}
    return {
        "userAgent": agent,
        "zone": None,
        "device": "Unknown",
        "id": origin.client_id,
        "ipAddress": "127.0.0.1",
        "geographicalContext": None,
    }


def _authentication(origin: Origin) -> dict[str, Any]:
    session = f"trs{origin.request_id}" if origin.token_id else "unknown"
    return {
        "authenticationProvider": None,
        "credentialProvider": None,
        "credentialType": None,
        "issuer": None,
        "interface": None,
        "authenticationStep": 0,
        "externalSessionId": session,
    }


def _debug(origin: Origin) -> dict[str, Any]:
    return (
        {}
        if origin.path is None
        else {"requestId": origin.request_id, "requestUri": origin.path, "url": f"{origin.path}?"}
    )


def _transaction(origin: Origin) -> dict[str, Any]:
    detail = {"requestApiTokenId": origin.token_id} if origin.token_id else {}
    kind = "JOB" if origin.request_id is None else "WEB"
    return {"type": kind, "id": origin.request_id or uuid.uuid4().hex, "detail": detail}


def _chain(origin: Origin) -> list[dict[str, Any]]:
    if origin.request_id is None:
        return []
    return [{"ip": "127.0.0.1", "geographicalContext": None, "version": "V4", "source": None}]
