"""Passwords that are lost: the endpoints by which an administrator resets one, or has a link made for it."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from sandbox.okta.errors import OktaError
from sandbox.okta.http import Answer, json_answer
from sandbox.okta.lifecycle import forgettable
from sandbox.okta.links import Purpose
from sandbox.okta.mail import MailKind
from sandbox.okta.operations import carry_out, origin
from sandbox.okta.passwords import digest
from sandbox.okta.records import Effect
from sandbox.people import DIRECTORY, Provider, Status

if TYPE_CHECKING:
    from sandbox.okta.http import Request
    from sandbox.okta.org import Org

_TEMPORARY = string.ascii_letters + string.digits
_TEMPORARY_LENGTH = 12


def reset_password(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/reset_password: the old password is void at once, and the person in RECOVERY until a link was used.

    A federated person becomes one with a password in Okta: that is what Okta documents for this call.
    """
    request.demand("sendEmail")
    user = request.user
    converted: dict[str, Any] = {"failed_sign_ins": 0}
    if user.provider == Provider.FEDERATION:
        converted |= {"provider": Provider.OKTA, "provider_name": DIRECTORY[Provider.OKTA]}
    told: dict[str, str] = {}

    def hand_over(_: object) -> None:
        _end_sessions(org, request)
        path = f"reset_password/{org.make_link(Purpose.RESET, user, request.at)}"
        told.update(_mailed_or_told(org, request, MailKind.PASSWORD_RESET, path))

    carry_out(org, request, "reset_password", then=hand_over, always=True, **converted)
    return json_answer(told)


def forgot_password(org: Org, request: Request) -> Answer:
    """POST …/credentials/forgot_password: a link, and nothing changes until it is used.

    Raises:
        OktaError: E0000034; it is for ACTIVE people who have set up a recovery question, in Classic Engine.
    """
    user = request.user
    if user.status != Status.ACTIVE or not forgettable(user, org.settings):
        raise OktaError("E0000034")
    path = f"signin/reset-password/{org.make_link(Purpose.FORGOT, user, request.at)}"
    told = _mailed_or_told(org, request, MailKind.FORGOT_PASSWORD, path)
    org.took_effect(Effect("forgot_password", user.id, request.at))
    return json_answer(told)


def expire_with_temp_password(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/expire_password_with_temp_password: a password that is good for choosing another."""
    user = request.user
    temporary = "".join(secrets.choice(_TEMPORARY) for _ in range(_TEMPORARY_LENGTH))
    passwords = (*user.passwords, digest(user.id, temporary))
    carry_out(
        org,
        request,
        "expire_password_with_temp_password",
        then=lambda _: _end_sessions(org, request),
        passwords=passwords,
    )
    return json_answer({"tempPassword": temporary})


def _end_sessions(org: Org, request: Request) -> None:
    if request.switch("revokeSessions", default=False):
        org.change(request.user.id, sessions=0)
        org.record("user.session.clear", origin(org, request), request.user)


def _mailed_or_told(org: Org, request: Request, kind: MailKind, path: str) -> dict[str, str]:
    link = f"{request.base}/{path}"
    if not request.switch("sendEmail", default=True):
        return {"resetPasswordUrl": link}
    org.post.send(kind, request.user, org.clock.now(), link=link)
    return {}
