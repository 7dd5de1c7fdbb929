"""The endpoints of factors: see them, remove them, and let somebody prove themselves with one."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox.okta.errors import OktaError
from sandbox.okta.factor_shapes import challenge_json, factor_json, push_json
from sandbox.okta.factors import PUSH, SHOWN, SIGNED_NONCE, WEBAUTHN, going_with
from sandbox.okta.http import Answer, json_answer
from sandbox.okta.mail import MailKind
from sandbox.okta.operations import carry_out, origin
from sandbox.okta.records import Effect
from sandbox.people import Status

if TYPE_CHECKING:
    from sandbox.okta.factors import Factor
    from sandbox.okta.http import Request
    from sandbox.okta.org import Org
    from sandbox.okta.verification import Push

DEFAULT_LIFE: Final = 300
LONGEST_LIFE: Final = 86_400
_WITH_A_PHONE: Final = frozenset({"sms", "call"})


def list_factors(org: Org, request: Request) -> Answer:
    """GET …/factors: what is enrolled, without what the policy that applies to the caller leaves out."""
    shown = [factor for factor in request.user.factors if factor.status in SHOWN]
    seen = [factor for factor in shown if factor.type not in org.settings.hidden_factors]
    return json_answer([factor_json(factor, request.user, request.base) for factor in seen])


def read_factor(_org: Org, request: Request) -> Answer:
    """GET …/factors/{factorId}."""
    return json_answer(factor_json(_factor(request, 1), request.user, request.base))


def remove_factor(org: Org, request: Request) -> Answer:
    """DELETE …/factors/{factorId}; `push` and `signed_nonce` take all of Okta Verify with them."""
    factor, user = _factor(request, 1), request.user
    if user.status == Status.DEPROVISIONED:
        raise OktaError("E0000038")
    gone = going_with(factor, user.factors)
    left = tuple(one for one in user.factors if one not in gone)
    recovery = user.recovery
    if request.switch("removeRecoveryEnrollment", default=False) and factor.type in _WITH_A_PHONE and recovery:
        recovery = replace(recovery, phone=None)
    org.change(user.id, factors=left, recovery=recovery)
    org.verifier.forget({one.id for one in gone})
    for one in gone:
        org.record(
            "user.mfa.factor.deactivate", origin(org, request), user, reason=f"User reset {_in_the_log(one)} factor"
        )
    _tell(org, request, gone)
    org.took_effect(Effect(f"factor:{factor.id}", user.id, request.at))
    return Answer(204)


def reset_factors(org: Org, request: Request) -> Answer:
    """POST …/lifecycle/reset_factors: all of them; without any there is nothing to do, and Okta documents no refusal."""
    gone = request.user.factors
    if not gone and request.user.status != Status.DEPROVISIONED:
        return json_answer({})
    carry_out(org, request, "reset_factors", then=lambda _: _tell(org, request, gone), factors=())
    org.verifier.forget({one.id for one in gone})
    return json_answer({})


def verify_factor(org: Org, request: Request) -> Answer:
    """POST …/factors/{factorId}/verify: send something, or check what came back."""
    factor, given = _factor(request, 2), request.document()
    if request.user.status == Status.LOCKED_OUT:
        raise OktaError("E0000069")
    if factor.status != "ACTIVE":
        raise OktaError("E0000180")
    if factor.type == SIGNED_NONCE:
        raise OktaError("E0000001", "factorType", causes=("FastPass cannot be verified by this API.",))
    if factor.type == PUSH:
        return _push(
            org,
            request,
            factor,
            numbers=org.settings.number_matching and given.get("useNumberMatchingChallenge") is True,
        )
    if factor.secret or "passCode" in given:
        return _check(org, request, factor, given)
    return _challenge(org, request, factor)


def read_transaction(org: Org, request: Request) -> Answer:
    """GET …/transactions/{transactionId}."""
    factor = _factor(request, 3)
    push = _transaction(org, request, factor)
    return json_answer(push_json(push, factor, request.user, request.base, polled=True))


def cancel_transaction(org: Org, request: Request) -> Answer:
    """DELETE …/transactions/{transactionId}: the `cancel` link; Okta does not say what is left, so nothing is."""
    push = _transaction(org, request, _factor(request, 3))
    org.verifier.call_off(push.id)
    org.changes.touch()
    return Answer(204)


def _push(org: Org, request: Request, factor: Factor, *, numbers: bool) -> Answer:
    agent = request.headers.get("user-agent")
    if not agent:
        raise OktaError("E0000001", "User-Agent", causes=("A push needs the header 'User-Agent'.",))
    life = org.settings.push_life
    push = org.verifier.ask(request.user, factor, request.at, life, numbers=numbers, agent=agent)
    org.record("system.push.send_factor_verify_push", origin(org, request), request.user)
    org.took_effect(Effect(f"challenge:{factor.id}", request.user.id, request.at))
    return json_answer(push_json(push, factor, request.user, request.base, polled=False), status=201)


def _check(org: Org, request: Request, factor: Factor, given: dict[str, Any]) -> Answer:
    passcode = given.get("passCode")
    if not isinstance(passcode, str) or not passcode:
        raise OktaError("E0000001", "passCode", causes=("passCode: The field cannot be left blank",))
    by = origin(org, request)
    try:
        org.verifier.check(request.user, factor, passcode, request.at)
    except OktaError:
        org.record("user.authentication.auth_via_mfa", by, request.user, result="FAILURE", reason="INVALID_CREDENTIALS")
        raise
    org.record("user.authentication.auth_via_mfa", by, request.user)
    return json_answer({"factorResult": "SUCCESS"})


def _challenge(org: Org, request: Request, factor: Factor) -> Answer:
    user = request.user
    shown = challenge_json(factor, user, request.base)
    if factor.type == WEBAUTHN:
        return json_answer(
            shown | {"_embedded": {"challenge": {"challenge": secrets.token_urlsafe(15), "extensions": {}}}}
        )
    seconds = request.number("tokenLifetimeSeconds", most=LONGEST_LIFE) or DEFAULT_LIFE
    code = org.verifier.send(factor, request.at, timedelta(seconds=seconds))
    if factor.type == "email":
        org.post.send(MailKind.PASSCODE, user, org.clock.now(), about=code)
    else:
        org.record("system.sms.send_factor_verify_message", origin(org, request), user)
    org.took_effect(Effect(f"challenge:{factor.id}", user.id, request.at))
    return json_answer(shown)


def _factor(request: Request, place: int) -> Factor:
    """The factor in the path, counted from the back.

    Raises:
        OktaError: E0000007, the person has none of this id.
    """
    wanted = request.part(place)
    for factor in request.user.factors:
        if factor.id == wanted and factor.status in SHOWN:
            return factor
    raise OktaError("E0000007", f"{wanted} (UserFactor)")


def _transaction(org: Org, request: Request, factor: Factor) -> Push:
    wanted = request.part(1)
    try:
        push = org.verifier.push(wanted, request.at)
    except KeyError:
        push = None
    if push is None or (push.user_id, push.factor_id) != (request.user.id, factor.id):
        raise OktaError("E0000007", f"{wanted} (FactorTransaction)")
    return push


def _tell(org: Org, request: Request, gone: tuple[Factor, ...]) -> None:
    org.post.send(MailKind.FACTOR_RESET, request.user, org.clock.now(), about=", ".join(one.name for one in gone))


def _in_the_log(factor: Factor) -> str:
    return f"{factor.provider}_{factor.type}".upper().replace(":", "_")
