"""What the administrator decided, reduced to what decisions need, and the names of the rules that they rest on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.evidence import Method


class Mode(StrEnum):
    """What the administrator lets a capability do."""

    ACT = "act"
    SHADOW = "shadow"  # guides, and records what it would have done
    GUIDE = "guide"
    OFF = "off"


class Rule(StrEnum):
    """The rules a decision can rest on; stored in the audit, named in refusals."""

    CAPABILITY_OFF = "capability_off"
    CAPABILITY_GUIDES = "capability_guides"
    READ_ONLY = "read_only"
    FITS = "fits"
    DOES_NOT_FIT = "does_not_fit"
    CONSENT_GIVEN = "consent_given"
    CONSENT_NEEDED = "consent_needed"
    CHOICE_NEEDED = "choice_needed"
    NOT_MATCHED = "not_matched"
    NOT_DURABLE = "not_durable"
    NOT_PROVEN = "not_proven"
    PROOF_NEEDED = "proof_needed"
    PROOF_GIVEN = "proof_given"
    NO_PROOF_POSSIBLE = "no_proof_possible"
    PROOF_DENIED_LATELY = "proof_denied_lately"
    BRAKE = "brake"
    SPENT = "spent"
    QUIET = "quiet"
    PROTECTED = "protected"
    PROTECTION_UNKNOWN = "protection_unknown"
    PROTECTION_UNSET = "protection_unset"
    MAIL_UNSET = "mail_unset"
    SHADOW = "shadow"
    FACTS_UNREAD = "facts_unread"


class Delivery(StrEnum):
    """How the link with which a new password is chosen reaches its owner."""

    EMAIL = "email"  # Okta mails it
    LINK = "link"  # the bot shows it to them in Slack, once


class LastFactor(StrEnum):
    """What happens where somebody asks for the removal of the last factor that can be seen."""

    WARN = "warn"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRules:
    """How passwords are reset.

    Attributes:
        delivery: how the link reaches its owner.
        mail_behind_okta: whether nobody can read their mail without signing in to Okta, so that no link may go there.
        end_sessions: whether a reset ends the Okta sessions, where Okta lets it.
        look_after: how long after a reset it is looked at whether a new password was chosen, each time later.
    """

    delivery: Delivery = Delivery.EMAIL
    mail_behind_okta: bool = False
    end_sessions: bool = True
    look_after: tuple[timedelta, ...] = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRules:
    """How factors are removed.

    Attributes:
        several: whether more than one may be chosen at once.
        types: which may be removed, by Okta's `factorType`; None for all.
        last: what happens to the last one.
        end_sessions: whether the Okta sessions are ended afterwards.
    """

    several: bool = False
    types: frozenset[str] | None = None
    last: LastFactor = LastFactor.WARN
    end_sessions: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRules:
    """How often the bot does something for one person.

    Attributes:
        per_day: the same thing within 24 hours at most.
        pause: how long after one the same is not done again.
        quiet: how long after the password was changed nothing is done that could give the account away.
    """

    per_day: int = 5
    pause: timedelta = timedelta(0)
    quiet: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeRules:
    """How much over the whole org is too much; 0 stands for no end.

    Attributes:
        within: in what time.
        resets: of what could give accounts away.
        unlocks: of the rest.
        prompts: that were answered with No.
        refusals: of those that are seldom: protected accounts, guessed codes, two claims to one account.
    """

    within: timedelta = timedelta(minutes=10)
    resets: int = 10
    unlocks: int = 50
    prompts: int = 5
    refusals: int = 20


class Check(StrEnum):
    """How administrators are recognised."""

    ROLES = "roles"  # by the admin roles that Okta shows, held directly or by a group
    LISTED_ONLY = (
        "listed-only"  # not at all, by the choice of whoever sets up the bot: only what is listed is protected
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectRules:
    """Whose accounts are never written to.

    Attributes:
        check: how administrators are recognised; None where nobody has decided that yet.
        groups: names or ids of groups whose members are protected.
        logins: Okta logins that are protected, in which `*` stands for anything.
    """

    check: Check | None = None
    groups: frozenset[str] = frozenset()
    logins: frozenset[str] = frozenset()

    @property
    def in_force(self) -> bool:
        """Whether there is anything to look for."""
        return self.check is Check.ROLES or bool(self.groups or self.logins)


class Required(StrEnum):
    """What a person must bring besides their Slack session."""

    NONE = "none"
    FACTOR = "factor"  # a factor of the Okta account


_ASKS: Final = {
    Method.PUSH: frozenset({"push"}),
    Method.CODE: frozenset({"verify_code"}),
    Method.SMS: frozenset({"challenge", "verify_code"}),
    Method.EMAIL: frozenset({"challenge", "verify_code"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRules:
    """How people prove who they are.

    Attributes:
        required: what, per capability; nothing for one that is not named.
        methods: with what.
        fresh: how long after a factor was enrolled it proves nothing.
    """

    required: Mapping[str, Required] = field(default_factory=dict)
    methods: frozenset[Method] = frozenset({Method.PUSH, Method.CODE})
    fresh: timedelta = timedelta(hours=24)

    def needs_factor(self, capability: str) -> bool:
        """Whether a capability takes a factor."""
        return self.required.get(capability) is Required.FACTOR

    def operations(self, capability: str) -> frozenset[str]:
        """What has to be asked of Okta for its proof, by the methods of `okta.client.OktaClient`."""
        if not self.needs_factor(capability):
            return frozenset()
        return frozenset({"factors"}).union(*(_ASKS[method] for method in self.methods))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the administrator decided, reduced to what `policy.decide` needs.

    Attributes:
        read_only: nothing is ever written to Okta, whatever the modes say.
        modes: per capability; one that is not named is off.
        directory_unlock: whether unlocking in Okta is offered to AD- and LDAP-managed people.
        durable: whether the store keeps what it acknowledged through a crash; without that nothing is written to Okta.
        ask_for: how long a card waits for its Confirm.
        password: how passwords are reset.
        factors: how factors are removed.
        proof: how people prove who they are.
        limits: how often anything is done for one person.
        brake: how much is too much over the whole org.
        protect: whose accounts are never written to.
        unprotected: the capabilities that only guide because nobody has decided how administrators are recognised.
        unmailed: the capabilities that only guide because the owner of an account could not be told of it.
        unproven: the capabilities that only guide because their rule asks for no proof; what they do could hand an account
            to whoever has got hold of a Slack session.
    """

    read_only: bool = False
    modes: Mapping[str, Mode] = field(default_factory=dict)
    directory_unlock: bool = False
    durable: bool = True
    ask_for: timedelta = timedelta(minutes=10)
    password: PasswordRules = PasswordRules()
    factors: FactorRules = FactorRules()
    proof: ProofRules = ProofRules()
    limits: LimitRules = LimitRules()
    brake: BrakeRules = BrakeRules()
    protect: ProtectRules = ProtectRules()
    unprotected: frozenset[str] = frozenset()
    unproven: frozenset[str] = frozenset()
    unmailed: frozenset[str] = frozenset()

    def mode(self, capability: str) -> Mode:
        """The mode in force for `capability`: only guided where it may not act, whatever the reason."""
        mode = self.modes.get(capability, Mode.OFF)
        held = self.read_only or not self.durable or capability in self.unproven | self.unprotected | self.unmailed
        return Mode.GUIDE if mode is Mode.ACT and held else mode
