"""Password policies: what a password must be, how long a link lives, and who may help themselves; with their JSON.

Fields: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/. The first policy whose groups and directory fit
a person is theirs; the default one, which fits everybody, is the last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sandbox.okta.shapes import seconds
from sandbox.people import Group, Provider, okta_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sandbox.okta.records import Settings
    from sandbox.okta.users import User


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """One password policy with its one rule; the lockout figures are those of the org's settings.

    Attributes:
        groups: names of the groups it is for.
        provider: the directory it is for: OKTA, ACTIVE_DIRECTORY, LDAP, or ANY.
        system: Okta's own default, which cannot be removed.
        exclude: profile attributes that may not be part of a password.
        max_age_days: 0 means that passwords do not expire.
        history: how many earlier passwords may not be used again.
        token_minutes: the life of a recovery link. Okta documents it for mails; that it also bounds `reset_password` links is assumed.
        self_service_reset: whether people may reset their own password at the sign-in page.
        self_service_unlock: whether they may unlock themselves there.
    """

    name: str
    description: str
    groups: tuple[str, ...] = (Group.EVERYONE,)
    provider: str = "OKTA"
    system: bool = False
    min_length: int = 8
    min_lower: int = 1
    min_upper: int = 1
    min_number: int = 1
    min_symbol: int = 0
    exclude_username: bool = True
    exclude: tuple[str, ...] = ("firstName", "lastName")
    max_age_days: int = 0
    warn_days: int = 0
    min_age_minutes: int = 0
    history: int = 4
    token_minutes: int = 60
    self_service_reset: bool = True
    self_service_unlock: bool = False

    @property
    def id(self) -> str:
        """Okta's id of it."""
        return okta_id("00p", self.name)

    def fits(self, user: User) -> bool:
        """Whether it is for such a user. `IMPORT` is a password of Okta's."""
        checked_by = Provider.OKTA if user.provider == Provider.IMPORT else user.provider
        in_group = any(okta_id("00g", group) in user.group_ids for group in self.groups)
        return self.system or (in_group and self.provider in {"ANY", checked_by})


CAST: Final = (
    PasswordPolicy(
        name="Finance",
        description="Longer passwords, which expire",
        groups=(Group.FINANCE,),
        min_length=12,
        min_symbol=1,
        max_age_days=90,
        warn_days=14,
        min_age_minutes=60,
        history=10,
    ),
    PasswordPolicy(
        name="Active Directory Policy",
        description="Passwords are the directory's",
        groups=(Group.EVERYONE,),
        provider="ACTIVE_DIRECTORY",
        history=0,
        self_service_reset=False,
    ),
    PasswordPolicy(
        name="LDAP Policy",
        description="Passwords are the directory's",
        groups=(Group.EVERYONE,),
        provider="LDAP",
        history=0,
        self_service_reset=False,
    ),
    PasswordPolicy(
        name="Default Policy",
        description="The default policy applies in all situations if no other policy applies.",
        system=True,
        max_age_days=180,
        warn_days=14,
    ),
)
"""The policies of the org, by priority."""


class Policies:
    """The password policies of an org, by priority; the default one is always the last."""

    def __init__(self) -> None:
        self._all = list(CAST)

    def __iter__(self) -> Iterator[PasswordPolicy]:
        return iter(self._all)

    def of(self, user: User) -> PasswordPolicy:
        """The one that applies to a user."""
        return next(policy for policy in self._all if policy.fits(user))

    def change(self, name: str, **fields: Any) -> PasswordPolicy:
        """Change settings of a policy.

        Raises:
            KeyError: there is none of this name.
        """
        for place, policy in enumerate(self._all):
            if policy.name == name:
                self._all[place] = replace(policy, **fields)
                return self._all[place]
        raise KeyError(name)


def policy_json(policy: PasswordPolicy, priority: int, base: str, created: datetime, org: Settings) -> dict[str, Any]:
    """A policy as recorded in the tests of Okta's Python SDK."""
    href = f"{base}/api/v1/policies/{policy.id}"
    links: dict[str, Any] = {
        "self": {"href": href, "hints": {"allow": ["GET", "PUT"] if policy.system else ["GET", "PUT", "DELETE"]}},
        "rules": {"href": f"{href}/rules", "hints": {"allow": ["GET", "POST"]}},
    }
    if not policy.system:
        links["deactivate"] = {"href": f"{href}/lifecycle/deactivate", "hints": {"allow": ["POST"]}}
    return {
        "type": "PASSWORD",
        "id": policy.id,
        "status": "ACTIVE",
        "name": policy.name,
        "description": policy.description,
        "priority": priority,
        "system": policy.system,
        "conditions": {
            "people": {"groups": {"include": [okta_id("00g", group) for group in policy.groups]}},
            "authProvider": {"provider": policy.provider},
        },
        "created": seconds(created),
        "lastUpdated": seconds(created),
        "settings": {
            "password": _password_json(policy, org),
            "recovery": _recovery_json(policy),
            "delegation": {"options": {"skipUnlock": False}},
        },
        "_links": links,
    }


def _password_json(policy: PasswordPolicy, org: Settings) -> dict[str, Any]:
    return {
        "complexity": {
            "minLength": policy.min_length,
            "minLowerCase": policy.min_lower,
            "minUpperCase": policy.min_upper,
            "minNumber": policy.min_number,
            "minSymbol": policy.min_symbol,
            "excludeUsername": policy.exclude_username,
            "dictionary": {"common": {"exclude": False}},
            "excludeAttributes": list(policy.exclude),
        },
        "age": {
            "maxAgeDays": policy.max_age_days,
            "expireWarnDays": policy.warn_days,
            "minAgeMinutes": policy.min_age_minutes,
            "historyCount": policy.history,
        },
        "lockout": {
            "maxAttempts": org.max_attempts,
            "autoUnlockMinutes": org.auto_unlock_minutes,
            "userLockoutNotificationChannels": [],
            "showLockoutFailures": False,
        },
    }


def _recovery_json(policy: PasswordPolicy) -> dict[str, Any]:
    return {
        "factors": {
            "recovery_question": {"status": "ACTIVE", "properties": {"complexity": {"minLength": 4}}},
            "okta_email": {
                "status": "ACTIVE",
                "properties": {"recoveryToken": {"tokenLifetimeMinutes": policy.token_minutes}},
            },
            "okta_sms": {"status": "INACTIVE"},
            "okta_call": {"status": "INACTIVE"},
        }
    }


def rule_json(policy: PasswordPolicy, base: str, created: datetime) -> dict[str, Any]:
    """The one rule of a policy, which holds everywhere."""
    rule_id = okta_id("0pr", policy.name)
    allow = ["GET", "PUT"] if policy.system else ["GET", "PUT", "DELETE"]
    return {
        "type": "PASSWORD",
        "id": rule_id,
        "status": "ACTIVE",
        "name": f"{policy.name} rule",
        "priority": 1,
        "created": seconds(created),
        "lastUpdated": seconds(created),
        "system": policy.system,
        "conditions": {"people": {"users": {"exclude": []}}, "network": {"connection": "ANYWHERE"}},
        "actions": {
            "passwordChange": _access(allowed=True),
            "selfServicePasswordReset": _access(allowed=policy.self_service_reset),
            "selfServiceUnlock": _access(allowed=policy.self_service_unlock),
        },
        "_links": {"self": {"href": f"{base}/api/v1/policies/{policy.id}/rules/{rule_id}", "hints": {"allow": allow}}},
    }


def _access(*, allowed: bool) -> dict[str, str]:
    return {"access": "ALLOW" if allowed else "DENY"}
