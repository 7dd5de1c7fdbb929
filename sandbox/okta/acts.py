"""What each writing endpoint does to a user, and what the System Log says of it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sandbox.okta.events import Origin, app, person
from sandbox.okta.http import Answer, json_answer
from sandbox.okta.lifecycle import check
from sandbox.okta.records import Effect
from sandbox.okta.shapes import single_user_json
from sandbox.people import Provider, Status

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.http import Request
    from sandbox.okta.lifecycle import Operation
    from sandbox.okta.org import Org
    from sandbox.okta.users import User


def activate(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/activate: done a little later; without mail the link is in the answer."""
    _do(org, request, "activate")
    return _mailed_or_told(org, request, mails=True)


def reactivate(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/reactivate: the status stays, the old link is void."""
    _do(org, request, "reactivate")
    return _mailed_or_told(org, request, mails=False)


def suspend(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/suspend."""
    return _do(org, request, "suspend", sessions=0)


def unsuspend(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/unsuspend."""
    return _do(org, request, "unsuspend")


def unlock(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/unlock: same password; a lock in the directory stays."""
    return _do(org, request, "unlock", blocked=None, failed_sign_ins=0)


def deactivate(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/deactivate: done a little later."""
    return _do(org, request, "deactivate", sessions=0, password_changed=None)


def expire_password(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/expire_password: the one that answers with the user."""
    _do(org, request, "expire_password")
    now = org.user(request.user.id)
    return json_answer(single_user_json(now, request.base, directory_unlock=org.settings.directory_unlock))


def clear_sessions(org: Org, request: Request) -> Answer:
    """DELETE /api/v1/users/{id}/sessions."""
    user = request.user
    if user.sessions:
        org.change(user.id, sessions=0)
    org.record("user.session.clear", _origin(org, request), user)
    if user.sessions:
        org.took_effect(Effect("sessions", user.id, request.at))
    return Answer(204)


def _do(org: Org, request: Request, name: str, **fields: Any) -> Answer:
    """Carry out a lifecycle operation, at once or, if it takes time, later.

    Raises:
        OktaError: it is not legal now.
    """
    user = request.user
    operation = check(user, name, directory_unlock=org.settings.directory_unlock)
    if operation.takes_time:
        _begin(org, request, operation, fields)
    else:
        org.change(user.id, **({} if operation.to is None else {"status": operation.to}), **fields)
        org.record(operation.event_type, _origin(org, request), user)
    if operation.to != user.status or any(getattr(user, field) != value for field, value in fields.items()):
        org.took_effect(Effect(name, user.id, request.at))
    return json_answer({})


def _begin(org: Org, request: Request, operation: Operation, fields: dict[str, Any]) -> None:
    """Start a change that ends later, unless somebody puts the user into another status meanwhile."""
    user, origin = request.user, _origin(org, request)
    to = _destination(user, operation)
    org.change(user.id, transitioning_to=to)

    def finish(at: datetime) -> None:
        if org.user(user.id).transitioning_to != to:
            return
        activated = {"activated": at} if to is Status.ACTIVE else {}
        org.change_at(at, user.id, status=to, transitioning_to=None, **activated, **fields)
        org.record(operation.event_type, origin, user, at=at)

    org.later(request.at + org.settings.activation_lag, finish)


def _destination(user: User, operation: Operation) -> Status:
    """Activated people choose a password first, unless another directory checks it."""
    if operation.to is Status.PROVISIONED and user.provider != Provider.OKTA:
        return Status.ACTIVE
    if operation.to is None:
        raise LookupError("an operation without a status takes no time")
    return operation.to


def _mailed_or_told(org: Org, request: Request, *, mails: bool) -> Answer:
    if request.switch("sendEmail", default=mails):
        return json_answer({})
    token = secrets.token_urlsafe(15)
    path = f"welcome/{token}" if org.settings.pipeline == "v1" else f"tokens/{token}/verify"
    return json_answer({"activationUrl": f"{request.base}/{path}", "activationToken": token})


def _origin(org: Org, request: Request) -> Origin:
    principal = request.principal
    if principal is None:
        raise LookupError("nobody writes without a token")
    owner = None if principal.owner_id is None else org.user(principal.owner_id)
    return Origin(
        actor=app(principal.id) if owner is None else person(owner),
        request_id=request.id,
        path=request.path,
        user_agent=request.headers.get("user-agent"),
        token_id=None if owner is None else principal.id,
        client_id=principal.id if owner is None else None,
    )
