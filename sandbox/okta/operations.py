"""Carrying out an operation on a user: at once or later, with its event and its effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.okta.events import Origin, app, person
from sandbox.okta.lifecycle import check
from sandbox.okta.records import Effect
from sandbox.people import Provider, Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.okta.http import Request
    from sandbox.okta.lifecycle import Operation
    from sandbox.okta.org import Org
    from sandbox.okta.users import User


def carry_out(
    org: Org,
    request: Request,
    name: str,
    *,
    then: Callable[[datetime], None] | None = None,
    always: bool = False,
    **fields: Any,
) -> None:
    """Carry out a lifecycle operation, at once or, if it takes time, later.

    Args:
        org: where.
        request: for whom, and by whom.
        name: of the operation.
        then: follows when it is done.
        always: whether it has an effect even if the user looks as before.
        fields: what changes besides the status.

    Raises:
        OktaError: it is not legal now.
    """
    user = request.user
    operation = check(user, name, org.settings)
    if operation.takes_time:
        _begin(org, request, operation, fields, then)
    else:
        org.change(user.id, **({} if operation.to is None else {"status": operation.to}), **fields)
        org.record(operation.event_type, origin(org, request), user)
        if then is not None:
            then(org.clock.now())
    if always or operation.to != user.status or any(getattr(user, field) != value for field, value in fields.items()):
        org.took_effect(Effect(name, user.id, request.at))


def origin(org: Org, request: Request) -> Origin:
    """The caller of a request as the System Log has it."""
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


def destination(user: User, operation: Operation) -> Status:
    """Activated people choose a password first, unless another directory checks it."""
    if operation.to is Status.PROVISIONED and user.provider != Provider.OKTA:
        return Status.ACTIVE
    if operation.to is None:
        raise LookupError("an operation without a status takes no time")
    return operation.to


def _begin(
    org: Org,
    request: Request,
    operation: Operation,
    fields: dict[str, Any],
    then: Callable[[datetime], None] | None,
) -> None:
    """Start a change that ends later, unless somebody puts the user into another status meanwhile."""
    user, by = request.user, origin(org, request)
    to = destination(user, operation)
    org.change(user.id, transitioning_to=to)

    def finish(at: datetime) -> None:
        if org.user(user.id).transitioning_to != to:
            return
        activated = {"activated": at} if to is Status.ACTIVE else {}
        org.change_at(at, user.id, status=to, transitioning_to=None, **activated, **fields)
        org.record(operation.event_type, by, user, at=at)
        if then is not None:
            then(at)

    org.later(request.at + org.settings.activation_lag, finish)
