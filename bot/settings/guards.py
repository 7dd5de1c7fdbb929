"""The tables of what keeps the bot from doing something: proof, protection, limits and the brake."""

from datetime import timedelta
from typing import Final

from pydantic import BaseModel, Field

from bot.evidence import Method
from bot.rules import BrakeRules, Check, LimitRules, ProofRules, ProtectRules, Required
from bot.settings.values import TABLE, Methods, Names

_REQUIRED: Final = '"factor" (people prove with a factor of their Okta account that it is them) or "none"'


class Proof(BaseModel):
    """What people must prove besides having a Slack session, and with what."""

    model_config = TABLE

    unlock_account: Required = Field(Required.NONE, description=_REQUIRED)
    not_me: Required = Field(Required.NONE, description=_REQUIRED)
    reset_password: Required = Field(Required.FACTOR, description=_REQUIRED)
    reset_mfa: Required = Field(Required.FACTOR, description=_REQUIRED)
    methods: Methods = Field(
        (Method.PUSH, Method.CODE),
        description=f"a list of what counts as proof, one or more of {', '.join(Method)}; in the environment push,code",
    )
    fresh_hours: int = Field(
        24, ge=1, le=720, description="for how many hours a newly set up factor proves nothing, 1 to 720"
    )

    def rules(self) -> ProofRules:
        """The same for decisions."""
        required = {
            "unlock_account": self.unlock_account,
            "not_me": self.not_me,
            "reset_password": self.reset_password,
            "reset_mfa": self.reset_mfa,
        }
        return ProofRules(required=required, methods=frozenset(self.methods), fresh=timedelta(hours=self.fresh_hours))


class Protect(BaseModel):
    """Whose accounts are never written to."""

    model_config = TABLE

    check: Check | None = Field(
        None,
        description='how administrators are recognised, "roles" (by the admin roles in Okta, which okta.roles may read) or'
        ' "listed-only" (not at all: only those listed here are protected)',
    )
    groups: Names = Field((), description="a list of groups, by name or id, whose members are protected")
    logins: Names = Field((), description="a list of Okta logins that are protected; * stands for anything")

    def rules(self, *, roles: bool) -> ProtectRules:
        """The same for decisions; `roles` is whether a credential that reads roles is given, which is a decision too."""
        check = self.check or (Check.ROLES if roles else None)
        return ProtectRules(check=check, groups=frozenset(self.groups), logins=frozenset(self.logins))


class Limits(BaseModel):
    """How often the bot does something for one person."""

    model_config = TABLE

    per_day: int = Field(5, ge=1, le=100, description="how often the same is done for a person within a day, 1 to 100")
    pause_minutes: int = Field(
        0, ge=0, le=1_440, description="for how many minutes after that it is not done again, at most 1440"
    )
    quiet_hours: int = Field(
        0,
        ge=0,
        le=168,
        description="for how many hours after a new password neither it nor sign-in methods are reset, at most 168",
    )

    def rules(self) -> LimitRules:
        """The same for decisions."""
        pause, quiet = timedelta(minutes=self.pause_minutes), timedelta(hours=self.quiet_hours)
        return LimitRules(per_day=self.per_day, pause=pause, quiet=quiet)


class Brake(BaseModel):
    """How much over the whole org is too much."""

    model_config = TABLE

    minutes: int = Field(10, ge=1, le=1_440, description="in how many minutes it is counted, 1 to 1440")
    resets: int = Field(
        10, ge=0, description="how many resets of passwords and sign-in methods are usual at most; 0 has no end"
    )
    unlocks: int = Field(50, ge=0, description="how many unlocks are usual at most; 0 has no end")
    prompts: int = Field(
        5, ge=0, description="how many prompts that are answered with No are usual at most; 0 has no end"
    )
    refusals: int = Field(
        20,
        ge=0,
        description="how many refusals of protected accounts, guessed codes and double claims are usual at most; 0 has no end",
    )

    def rules(self) -> BrakeRules:
        """The same for decisions."""
        return BrakeRules(
            within=timedelta(minutes=self.minutes),
            resets=self.resets,
            unlocks=self.unlocks,
            prompts=self.prompts,
            refusals=self.refusals,
        )
