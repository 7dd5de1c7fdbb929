"""What settings amount to, for a person to read."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.model import Rules
from bot.settings import Settings

_ON_DIRECTORIES: Final = {
    True: "true: people with a password in AD or LDAP are unlocked in Okta",
    False: "false: people with a password in AD or LDAP get directions",
}


def summary(settings: Settings) -> Sequence[tuple[str, str]]:
    """Names and what stands behind them, in the order of what matters; no secret."""
    rules = settings.rules(durable=True)
    web = f"signed HTTP, listening on {settings.web.host}, port {settings.web.port}"
    return (
        ("Slack", "Socket Mode" if settings.slack.mode == "socket" else web),
        ("Okta", f"{settings.okta.org_url}, people are found by {settings.identity_attribute}"),
        *((name, _mode(rules, name)) for name in sorted(rules.modes)),
        ("directory_unlock", _ON_DIRECTORIES[settings.directory_unlock]),
        ("confirm_minutes", str(settings.confirm_minutes)),
        ("company", settings.company),
        ("store", f"embedded, in {settings.data_dir.absolute()}" if settings.redis_url is None else "your Redis"),
        ("words", settings.language + (f", and your own in {settings.words_dir}" if settings.words_dir else "")),
        ("links", _links(settings.links.given())),
    )


def _links(given: Mapping[str, str]) -> str:
    names = ", ".join(given) or "none"
    if "help_desk" in given:
        return names
    return f"{names}; people are told to contact IT, with no way to do so: set links.help_desk"


def _mode(rules: Rules, name: str) -> str:
    mode = rules.mode(name)
    return str(mode) if mode is rules.modes[name] else f"{mode} (read only)"
