"""The endpoints of authenticators: what an org of Identity Engine offers, and what somebody has enrolled in it.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserAuthenticatorEnrollments/. Both are of limited
availability. An enrolment is what the factors of one authenticator on one device are together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sandbox.okta.errors import OktaError
from sandbox.okta.http import json_answer
from sandbox.okta.shapes import seconds
from sandbox.people import Status, okta_id

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.factors import Factor
    from sandbox.okta.http import Answer, Request
    from sandbox.okta.org import Org


class _Authenticator(NamedTuple):
    key: str
    type: str
    name: str

    @property
    def id(self) -> str:
        """Okta's id of it."""
        return okta_id("aut", self.key)


_PASSWORD: Final = _Authenticator("okta_password", "password", "Password")
_VERIFY: Final = _Authenticator("okta_verify", "app", "Okta Verify")
_EMAIL: Final = _Authenticator("okta_email", "email", "Email")
_PHONE: Final = _Authenticator("phone_number", "phone", "Phone")
_KEY: Final = _Authenticator("webauthn", "security_key", "Security Key or Biometric")

_OFFERED: Final = (_EMAIL, _PASSWORD, _PHONE, _KEY, _VERIFY)
_BY_FACTOR: Final = {"email": _EMAIL, "sms": _PHONE, "webauthn": _KEY}
_SHOWN: Final = frozenset({"email", "phoneNumber"})
_WITHOUT_PASSWORD: Final = frozenset({Status.STAGED, Status.PROVISIONED})


def list_authenticators(org: Org, request: Request) -> Answer:
    """GET /api/v1/authenticators."""
    _demand_feature(org)
    when = seconds(org.created)
    return json_answer(
        [
            {
                "type": one.type,
                "id": one.id,
                "key": one.key,
                "status": "ACTIVE",
                "name": one.name,
                "created": when,
                "lastUpdated": when,
                "_links": {"self": _link(f"{request.base}/api/v1/authenticators/{one.id}", "GET", "PUT")},
            }
            for one in _OFFERED
        ]
    )


def list_enrollments(org: Org, request: Request) -> Answer:
    """GET …/authenticator-enrollments: a list, as in Okta's example, though the description declares one object."""
    _demand_feature(org)
    user = request.user
    found: dict[str, dict[str, Any]] = {}
    if user.status not in _WITHOUT_PASSWORD:
        found[""] = _enrollment(_PASSWORD, request, "", user.created)
    for factor in user.factors:
        authenticator = _BY_FACTOR.get(factor.type, _VERIFY)
        where = f"{authenticator.key} {factor.device}"
        found[where] = _enrollment(authenticator, request, where, factor.created) | _profile(factor)
    return json_answer(list(found.values()))


def _enrollment(authenticator: _Authenticator, request: Request, where: str, made: datetime | None) -> dict[str, Any]:
    user = f"{request.base}/api/v1/users/{request.user.id}"
    enrollment_id = okta_id("eae", f"{request.user.login} {where or authenticator.key}")
    return {
        "type": authenticator.type,
        "id": enrollment_id,
        "key": authenticator.key,
        "status": "ACTIVE",
        "name": authenticator.name,
        "created": seconds(made),
        "lastUpdated": seconds(made),
        "_links": {
            "self": _link(f"{user}/authenticator-enrollments/{enrollment_id}", "GET", "DELETE"),
            "user": _link(user, "GET"),
            "authenticator": _link(f"{request.base}/api/v1/authenticators/{authenticator.id}", "GET"),
        },
    }


def _profile(factor: Factor) -> dict[str, Any]:
    shown = {name: value for name, value in factor.profile.items() if name in _SHOWN}
    return {"profile": shown} if shown else {}


def _link(href: str, *allow: str) -> dict[str, Any]:
    return {"href": href, "hints": {"allow": list(allow)}}


def _demand_feature(org: Org) -> None:
    if not org.settings.authenticator_lists:
        raise OktaError("E0000015")
