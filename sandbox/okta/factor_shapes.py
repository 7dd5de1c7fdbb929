"""The JSON of factors, of challenges, and of push transactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.okta.factors import SIGNED_NONCE
from sandbox.okta.shapes import seconds
from sandbox.okta.verification import PushResult

if TYPE_CHECKING:
    from sandbox.okta.factors import Factor
    from sandbox.okta.users import User
    from sandbox.okta.verification import Push

_VENDORS: Final = {"FIDO": "FIDO"}


def factor_json(factor: Factor, user: User, base: str) -> dict[str, Any]:
    """An enrolled factor. Numbers and addresses are not masked: Okta leaves that to its callers."""
    links: dict[str, Any] = {
        "self": {"href": _href(factor, user, base), "hints": {"allow": ["GET", "DELETE"]}},
        "user": {"href": f"{base}/api/v1/users/{user.id}", "hints": {"allow": ["GET"]}},
    }
    if factor.status == "ACTIVE" and factor.type != SIGNED_NONCE:
        links["verify"] = _verify(factor, user, base)
    return {
        "id": factor.id,
        "factorType": factor.type,
        "provider": factor.provider,
        "vendorName": _VENDORS.get(factor.provider, factor.provider),
        "status": factor.status,
        "created": seconds(factor.created),
        "lastUpdated": seconds(factor.created),
        "profile": dict(factor.profile),
        "_links": links,
    }


def challenge_json(factor: Factor, user: User, base: str) -> dict[str, Any]:
    """A code is on its way."""
    shown = {"factorResult": "CHALLENGE", "_links": _again(factor, user, base)}
    return shown if factor.type == "email" else shown | {"profile": dict(factor.profile)}


def push_json(push: Push, factor: Factor, user: User, base: str, *, polled: bool) -> dict[str, Any]:
    """A push as it stands; the number is in the first answer already."""
    if push.result is PushResult.SUCCESS:
        return {"factorResult": push.result}
    whose = {"profile": {"credentialId": factor.profile["credentialId"]}} if polled else {}
    if push.result is not PushResult.WAITING:
        return {"factorResult": push.result, **whose, "_links": _again(factor, user, base)}
    here = f"{_href(factor, user, base)}/transactions/{push.id}"
    shown: dict[str, Any] = {
        "factorResult": push.result,
        "expiresAt": seconds(push.expires),
        **whose,
        "_links": {
            "poll": {"href": here, "hints": {"allow": ["GET"]}},
            "cancel": {"href": here, "hints": {"allow": ["DELETE"]}},
        },
    }
    return shown if push.answer is None else shown | {"_embedded": {"challenge": {"correctAnswer": push.answer}}}


def _again(factor: Factor, user: User, base: str) -> dict[str, Any]:
    return {
        "verify": _verify(factor, user, base),
        "factor": {"href": _href(factor, user, base), "hints": {"allow": ["GET", "DELETE"]}},
    }


def _verify(factor: Factor, user: User, base: str) -> dict[str, Any]:
    return {"href": f"{_href(factor, user, base)}/verify", "hints": {"allow": ["POST"]}}


def _href(factor: Factor, user: User, base: str) -> str:
    return f"{base}/api/v1/users/{user.id}/factors/{factor.id}"
