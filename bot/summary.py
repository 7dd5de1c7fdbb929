"""What settings amount to, for a person to read."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from bot.rules import Check, Delivery, FactorRules, LastFactor, PasswordRules, ProofRules, ProtectRules, Rules
from bot.settings import Settings
from bot.settings.okta import Credential, Okta
from bot.settings.tables import Mail

_ON_DIRECTORIES: Final = {
    True: "true: people with a password in AD or LDAP are unlocked in Okta",
    False: "false: people with a password in AD or LDAP get directions",
}


_DELIVERIES: Final = {
    Delivery.EMAIL: "Okta mails the link",
    Delivery.LINK: "the link is shown in Slack, once",
}

_LAST: Final = {LastFactor.WARN: "the last one with a warning", LastFactor.REFUSE: "never the last one"}

_ON_SESSIONS: Final = {True: "Okta sessions are ended", False: "Okta sessions stay"}

UNPROVEN: Final = (
    "taking over an account must never be one stolen Slack session away; set proof.reset_password and proof.reset_mfa to"
    ' "factor", so that people prove that it is them'
)
"""Why a capability that is set to act only guides, for whoever set it so."""

UNMAILED: Final = "the owner of an account could not be told of it: set [mail], or mail.notices"

UNPROTECTED: Final = (
    "administrators' accounts must be told from others': give [okta.roles] a credential that may read roles, or set"
    ' protect.check = "listed-only" to do without'
)
"""The same, where that is what is missing."""


def summary(settings: Settings, takes_over: frozenset[str]) -> Sequence[tuple[str, str]]:
    """Names and what stands behind them, in the order of what matters; no secret.

    `takes_over` is as in `Settings.rules`.
    """
    rules = settings.rules(durable=True, takes_over=takes_over)
    web = f"signed HTTP, listening on {settings.web.host}, port {settings.web.port}"
    return (
        ("Slack", "Socket Mode" if settings.slack.mode == "socket" else web),
        ("Okta", f"{settings.okta.org_url}, people are found by {settings.identity_attribute}"),
        ("Okta sign-in", _sign_in(settings.okta)),
        *((name, _mode(rules, name)) for name in sorted(rules.modes)),
        ("proof", _proof(rules.proof)),
        ("never touched", _protection(rules.protect)),
        ("owners are told", _mail(settings.mail)),
        ("security is told", settings.slack.security_channel or "no: set slack.security_channel"),
        ("directory_unlock", _ON_DIRECTORIES[settings.directory_unlock]),
        ("password reset", _password(rules.password)),
        ("MFA reset", _factors(rules.factors)),
        ("confirm_minutes", str(settings.confirm_minutes)),
        ("company", settings.company),
        ("store", f"embedded, in {settings.data_dir.absolute()}" if settings.redis_url is None else "your Redis"),
        ("words", settings.language + (f", and your own in {settings.words_dir}" if settings.words_dir else "")),
        ("links", _links(settings.links.given())),
    )


def _mail(mail: Mail) -> str:
    if mail.host is not None:
        return f"by mail from {mail.sender}, through {mail.host}, port {mail.port} ({mail.security})"
    return "no, as mail.notices says" if mail.notices == "none" else "no: set [mail]"


def _sign_in(okta: Okta) -> str:
    """By what, for each purpose; a service app by its name, which is no secret."""
    ways = {"": okta, "what only reads: ": okta.reader, "administrator roles: ": okta.roles}
    return "; ".join(purpose + _way(credential) for purpose, credential in ways.items() if credential.is_given)


def _way(credential: Credential) -> str:
    if credential.client_id is None:
        return "API token"
    keys = [f"{key.algorithm}{f' ({key.kid})' if key.kid else ''}" for key in credential.signing_keys()]
    return f"service app {credential.client_id} with {' and '.join(keys)}"


def _proof(rules: ProofRules) -> str:
    asked = ", ".join(sorted(name for name in rules.required if rules.needs_factor(name)))
    hours = rules.fresh // timedelta(hours=1)
    means = " or ".join(sorted(rules.methods))
    return (
        f"a factor ({means}, set up at least {hours} hours ago) for {asked}" if asked else "a Slack session is enough"
    )


def _protection(rules: ProtectRules) -> str:
    listed = [*(f"the group {name}" for name in sorted(rules.groups)), *sorted(rules.logins)]
    who = (["administrators, by their roles in Okta"] if rules.check is Check.ROLES else []) + listed
    if who:
        return ", ".join(who)
    return "nobody is listed" if rules.check else "nobody yet: set [okta.roles], or protect.check"


def _links(given: Mapping[str, str]) -> str:
    names = ", ".join(given) or "none"
    if "help_desk" in given:
        return names
    return f"{names}; people are told to contact IT, with no way to do so: set links.help_desk"


def _mode(rules: Rules, name: str) -> str:
    mode = rules.mode(name)
    if mode is rules.modes[name]:
        return str(mode)
    if rules.read_only:
        return f"{mode} (read only)"
    return f"{mode} (set to act, but {held_back(rules, name)})"


def held_back(rules: Rules, name: str) -> str:
    """Why a capability that is set to act only guides, where that is a matter of what else is set."""
    if name in rules.unproven:
        return UNPROVEN
    return UNPROTECTED if name in rules.unprotected else UNMAILED


def _password(rules: PasswordRules) -> str:
    minutes = ", ".join(str(span // timedelta(minutes=1)) for span in rules.look_after)
    mail = "; mail is behind Okta, so no activation mail either" if rules.mail_behind_okta else ""
    return f"{_DELIVERIES[rules.delivery]}{mail}; {_ON_SESSIONS[rules.end_sessions]}; looked at after {minutes} minutes"


def _factors(rules: FactorRules) -> str:
    kinds = "of every type" if rules.types is None else f"of {', '.join(sorted(rules.types))}"
    number = "several at once" if rules.several else "one at a time"
    return f"{number}, {kinds}; {_LAST[rules.last]}; {_ON_SESSIONS[rules.end_sessions]}"
