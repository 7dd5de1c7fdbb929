"""The org as the web page shows it: everything at once, without the delays that Okta's own readers have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.okta.mail import Mail
    from sandbox.okta.org import Org
    from sandbox.okta.users import User
    from sandbox.okta.verification import Push

_OF_AN_EVENT = ("published", "eventType", "displayMessage", "actor", "target", "outcome")


def snapshot(org: Org) -> dict[str, Any]:
    """People as they are now, and the System Log, mails and pushes, newest last."""
    events = sorted(org.log, key=lambda entry: str(entry["published"]))
    return {
        "people": [_person(org, user) for user in org.users()],
        "mails": [_mail(mail) for mail in org.mails],
        "pushes": [_push(push) for push in org.verifier.pending(org.clock.now())],
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
        "factors": [factor.label for factor in user.factors],
        "enrolled": [
            {"id": one.id, "type": one.type, "name": one.name, "device": one.device, "status": one.status}
            for one in user.factors
        ],
        "phones": [
            {"name": device.name, "factors": list(device.factors), "code": device.code}
            for device in org.phones.devices(user.id)
        ],
        "textMessage": org.phones.text_message(user.id),
        "passwordChanged": user.password_changed and user.password_changed.isoformat(),
        "roles": sorted(org.roles_of(user)),
        "sessions": user.sessions,
    }


def _mail(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "kind": mail.kind,
        "userId": mail.user_id,
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "link": mail.link,
        "at": mail.arrives.isoformat(),
    }


def _push(push: Push) -> dict[str, Any]:
    """The numbers to choose among are on the phone; which is right is not."""
    return {
        "id": push.id,
        "userId": push.user_id,
        "device": push.device,
        "numbers": list(push.choices),
        "from": push.user_agent,
        "sent": push.sent.isoformat(),
        "expires": push.expires.isoformat(),
    }
