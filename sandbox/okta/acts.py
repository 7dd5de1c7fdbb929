"""What each writing endpoint does to a user, and what the System Log says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.okta.http import Answer, json_answer
from sandbox.okta.links import Purpose
from sandbox.okta.mail import MailKind
from sandbox.okta.operations import carry_out, origin
from sandbox.okta.records import Effect
from sandbox.okta.shapes import single_user_json
from sandbox.people import Provider

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.http import Request
    from sandbox.okta.org import Org


def activate(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/activate: done a little later, then mailed; without mail the link is in the answer.

    Whose password is elsewhere has none to choose, and gets no mail.
    """
    told = not request.switch("sendEmail", default=True)
    mails = not told and request.user.provider == Provider.OKTA
    carry_out(org, request, "activate", then=(lambda at: _mail_activation(org, request, at)) if mails else None)
    return _activation(org, request) if told else json_answer({})


def reactivate(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/reactivate: the status stays, the old link is void; mailed only if asked for."""
    mails = request.switch("sendEmail", default=False)
    carry_out(org, request, "reactivate", then=(lambda at: _mail_activation(org, request, at)) if mails else None)
    return json_answer({}) if mails else _activation(org, request)


def suspend(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/suspend."""
    return _done(org, request, "suspend", sessions=0)


def unsuspend(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/unsuspend."""
    return _done(org, request, "unsuspend")


def unlock(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/unlock: same password; a lock in the directory stays."""
    return _done(org, request, "unlock", blocked=None, failed_sign_ins=0)


def deactivate(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/deactivate: done a little later."""
    return _done(org, request, "deactivate", sessions=0, password_changed=None)


def expire_password(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/expire_password: the one that answers with the user."""
    carry_out(org, request, "expire_password")
    now = org.user(request.user.id)
    return json_answer(single_user_json(now, request.base, org.settings))


def clear_sessions(org: Org, request: Request) -> Answer:
    """DELETE /api/v1/users/{id}/sessions."""
    user = request.user
    if user.sessions:
        org.change(user.id, sessions=0)
    org.record("user.session.clear", origin(org, request), user)
    if user.sessions:
        org.took_effect(Effect("sessions", user.id, request.at))
    return Answer(204)


def _done(org: Org, request: Request, name: str, **fields: Any) -> Answer:
    carry_out(org, request, name, **fields)
    return json_answer({})


def _activation(org: Org, request: Request) -> Answer:
    link, token = _activation_link(org, request, request.at)
    return json_answer({"activationUrl": link, "activationToken": token})


def _mail_activation(org: Org, request: Request, at: datetime) -> None:
    link, _ = _activation_link(org, request, at)
    org.post.send(MailKind.ACTIVATION, request.user, at, link=link)


def _activation_link(org: Org, request: Request, at: datetime) -> tuple[str, str]:
    token = org.make_link(Purpose.ACTIVATE, request.user, at)
    path = f"welcome/{token}" if org.settings.pipeline == "v1" else f"tokens/{token}/verify"
    return f"{request.base}/{path}", token
