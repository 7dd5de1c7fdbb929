"""Which types of event a hook may deliver.

Okta's catalogue marks them `event-hook-eligible` (https://developer.okta.com/docs/reference/api/event-types/); it has about 300 of them,
and these are the ones that the org or its bot may have to do with.
"""

from __future__ import annotations

from typing import Final


def _below(prefix: str, words: str) -> frozenset[str]:
    return frozenset(f"{prefix}.{word}" for word in words.split())


ELIGIBLE: Final = (
    _below("user.account", "lock unlock unlock_by_admin update_password reset_password update_profile")
    | _below("user.account.privilege", "grant revoke")
    | _below("user.account", "report_suspicious_activity_by_enduser")
    | _below("user.mfa.factor", "activate deactivate reset_all suspend unsuspend update")
    | _below("user.authentication", "auth_via_mfa sso")
    | _below("user.session", "start")
    | _below("user.lifecycle", "activate create deactivate suspend unsuspend reactivate delete.initiated")
    | _below("group.user_membership", "add remove")
    | _below("application.user_membership", "add remove update change_password")
    | _below("application.provision.user", "push push_profile sync reactivate")
    | _below("application.policy.sign_on", "deny_access")
    | _below("app.access_request", "request grant deny expire")
    | _below("system.email", "delivery")
    | _below("system.api_token", "create revoke request_outside_allowed_range")
)
"""What is not here is refused."""
