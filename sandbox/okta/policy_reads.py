"""The endpoints of policies; of the twin's org there are password policies alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.okta import cursors
from sandbox.okta.errors import OktaError
from sandbox.okta.http import Answer, json_answer, page_links
from sandbox.okta.policies import policy_json, rule_json

if TYPE_CHECKING:
    from sandbox.okta.http import Request
    from sandbox.okta.org import Org
    from sandbox.okta.policies import PasswordPolicy

MOST: Final = 200
DEFAULT_LIMIT: Final = 20

TYPES: Final = frozenset(
    {
        "ACCESS_POLICY",
        "CLIENT_UPDATE",
        "DEVICE_SIGNAL_COLLECTION",
        "ENTITY_RISK",
        "IDENTITY_CLAIM_SOURCING",
        "IDP_DISCOVERY",
        "MFA_ENROLL",
        "OKTA_SIGN_ON",
        "PASSWORD",
        "POST_AUTH_SESSION",
        "PROFILE_ENROLLMENT",
        "SESSION_VIOLATION_DETECTION",
    }
)
"""What `type` may be."""


def list_policies(org: Org, request: Request) -> Answer:
    """GET /api/v1/policies, by priority."""
    kind = request.demand("type")
    if kind not in TYPES:
        raise OktaError("E0000001", "type", causes=(f"'{kind}' is no type of policy.",))
    named = request.query.get("q", "")
    wanted = kind == "PASSWORD" and request.query.get("status", "ACTIVE") == "ACTIVE"
    fitting = [policy for policy in org.policies if wanted and policy.name.startswith(named)]
    limit = request.number("limit", most=MOST) or DEFAULT_LIMIT
    question = ("policies", kind, named, wanted)
    after = request.query.get("after")
    start = 0 if after is None else int(cursors.read(question, after)[0])
    following = cursors.write(question, (str(start + limit),)) if start + limit < len(fitting) else None
    shown = fitting[start : start + limit]
    return json_answer(
        [_json(org, request, policy) for policy in shown], headers=page_links(request, following, limit=limit)
    )


def read_policy(org: Org, request: Request) -> Answer:
    """GET /api/v1/policies/{policyId}."""
    return json_answer(_json(org, request, _policy(org, request.part(1))))


def list_rules(org: Org, request: Request) -> Answer:
    """GET /api/v1/policies/{policyId}/rules: one each."""
    return json_answer([rule_json(_policy(org, request.part(2)), request.base, org.created)])


def _json(org: Org, request: Request, policy: PasswordPolicy) -> dict[str, object]:
    priority = list(org.policies).index(policy) + 1
    return policy_json(policy, priority, request.base, org.created, org.settings)


def _policy(org: Org, policy_id: str) -> PasswordPolicy:
    for policy in org.policies:
        if policy.id == policy_id:
            return policy
    raise OktaError("E0000007", f"{policy_id} (Policy)")
