"""Password policies and their rules: what a password has to be renewed for, and who may help themselves.

Whatever a policy does not say is None, and so never mistaken for a 0, which has a meaning of its own.
"""

from enum import StrEnum

import msgspec

from okta.models.base import Moment, Record


class AuthProvider(StrEnum):
    """Whose passwords a policy is about."""

    OKTA = "OKTA"
    ACTIVE_DIRECTORY = "ACTIVE_DIRECTORY"
    LDAP = "LDAP"
    ANY = "ANY"


class Access(StrEnum):
    """Whether people may do something for themselves."""

    ALLOW = "ALLOW"
    DENY = "DENY"


class Selection(Record, frozen=True):
    """Ids that a condition takes in, and those that it leaves out; None where it does not speak of them."""

    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None


class People(Record, frozen=True):
    """Whom a condition is about, by ids of groups and of users."""

    groups: Selection = Selection()
    users: Selection = Selection()


class ProviderCondition(Record, frozen=True):
    """Whose passwords; compare `provider` with `AuthProvider`. `include` names directories, where it is not all."""

    provider: str = ""
    include: tuple[str, ...] | None = None


class PolicyConditions(Record, frozen=True):
    """For whom a policy is."""

    people: People = People()
    auth_provider: ProviderCondition = ProviderCondition()


class PasswordAge(Record, frozen=True):
    """How long a password is good.

    Attributes:
        max_age_days: 0 for ever.
        expire_warn_days: so long before people are warned by Okta; 0 for never.
    """

    max_age_days: int | None = None
    expire_warn_days: int | None = None
    min_age_minutes: int | None = None
    history_count: int | None = None


class Lockout(Record, frozen=True):
    """When somebody is locked out, and for how long.

    Attributes:
        max_attempts: 0 for never.
        auto_unlock_minutes: 0 for until somebody unlocks them.
        user_lockout_notification_channels: such as EMAIL.
    """

    max_attempts: int | None = None
    auto_unlock_minutes: int | None = None
    show_lockout_failures: bool | None = None
    user_lockout_notification_channels: tuple[str, ...] | None = None


class PasswordSettings(Record, frozen=True):
    """What holds of passwords."""

    age: PasswordAge = PasswordAge()
    lockout: Lockout = Lockout()


class _RecoveryToken(Record, frozen=True):
    token_lifetime_minutes: int | None = None


class _RecoveryProperties(Record, frozen=True):
    recovery_token: _RecoveryToken = _RecoveryToken()


class RecoveryFactor(Record, frozen=True):
    """A way to recover; `status` says whether it is in use."""

    status: str = ""
    properties: _RecoveryProperties = _RecoveryProperties()


class RecoveryFactors(Record, frozen=True):
    """Ways to recover. Okta tells a life of their links for mails alone."""

    okta_email: RecoveryFactor = msgspec.field(name="okta_email", default=RecoveryFactor())
    okta_sms: RecoveryFactor = msgspec.field(name="okta_sms", default=RecoveryFactor())
    okta_call: RecoveryFactor = msgspec.field(name="okta_call", default=RecoveryFactor())


class Recovery(Record, frozen=True):
    """How people recover."""

    factors: RecoveryFactors = RecoveryFactors()


class PolicySettings(Record, frozen=True):
    """What a policy sets."""

    password: PasswordSettings = PasswordSettings()
    recovery: Recovery = Recovery()


class PasswordPolicy(Record, frozen=True):
    """A password policy. The first by priority whose conditions somebody fits, and one of whose rules fits too, is theirs.

    Attributes:
        priority: 1 is first.
        system: whether it is Okta's default one, which is the last, and for everybody.
    """

    id: str = ""
    type: str = ""
    name: str = ""
    status: str = ""
    priority: int | None = None
    system: bool = False
    created: Moment | None = None
    last_updated: Moment | None = None
    conditions: PolicyConditions = PolicyConditions()
    settings: PolicySettings = PolicySettings()

    @property
    def is_active(self) -> bool:
        """Whether it is in use."""
        return self.status == "ACTIVE"

    @property
    def recovery_minutes(self) -> int | None:
        """How long a link to recover by is good."""
        return self.settings.recovery.factors.okta_email.properties.recovery_token.token_lifetime_minutes


class RuleAction(Record, frozen=True):
    """Whether something may be done; compare `access` with `Access`."""

    access: str = ""

    @property
    def granted(self) -> bool | None:
        """Whether it is; None where Okta did not say."""
        return {"ALLOW": True, "DENY": False}.get(self.access)


class RuleActions(Record, frozen=True):
    """What people may do for themselves."""

    password_change: RuleAction = RuleAction()
    self_service_password_reset: RuleAction = RuleAction()
    self_service_unlock: RuleAction = RuleAction()


class NetworkCondition(Record, frozen=True):
    """From where; `connection` is ANYWHERE, ZONE and others, and the ids are those of zones."""

    connection: str = ""
    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None


class RuleConditions(Record, frozen=True):
    """For whom, and from where, a rule is."""

    people: People = People()
    network: NetworkCondition = NetworkCondition()


class PolicyRule(Record, frozen=True):
    """A rule of a password policy; the first by priority whose conditions fit counts."""

    id: str = ""
    name: str = ""
    status: str = ""
    priority: int | None = None
    system: bool = False
    conditions: RuleConditions = RuleConditions()
    actions: RuleActions = RuleActions()

    @property
    def is_active(self) -> bool:
        """Whether it is in use."""
        return self.status == "ACTIVE"
