"""Settings: read once, everything wrong told at once, and no secret in what is told."""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import handlers
from bot.errors import SettingsError
from bot.evidence import Method
from bot.rules import Delivery, FactorRules, LastFactor, Mode, PasswordRules
from bot.settings import DEFAULT_MODES, FIELDS, SECRETS, Known, Settings, load, variable
from bot.settings.values import FACTOR_TYPES, is_loopback
from templates.words import LINKS

ROOT = Path(__file__).parents[2]

SLACK = {"bot_token": "xoxb-1", "app_token": "xapp-1"}
OKTA = {"org_url": "https://acme.okta.com", "api_token": "00abc"}
KEYS = ("private_key", "other_private_key")
TAKES_OVER = frozenset({"reset_password", "reset_mfa"})
KNOWN = Known(
    frozenset({"unlock_account", "sign_in_help", "account_history", "not_me"} | TAKES_OVER),
    frozenset({"en"}),
    TAKES_OVER,
)

TOML = """
[slack]
bot_token = "xoxb-1"
app_token = "xapp-1"
[okta]
org_url = "https://acme.okta.com"
api_token = "00abc"
"""


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without settings, in a folder without a file."""
    for name in tuple(os.environ):  # noqa: TID251 - what the settings would read is taken away
        if name.upper().startswith("UNLATCH_") or name == "REDIS_URL":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def plain(**more: Any) -> Settings:
    """The least that can be used, and `more` on top, table by table."""
    tables = {"slack": SLACK | more.pop("slack", {}), "okta": OKTA | more.pop("okta", {})}
    return Settings(**tables, **more)


def told(**more: Any) -> list[str]:
    """What is said of settings that cannot be used."""
    with pytest.raises(SettingsError) as caught:
        plain(**more)
    return str(caught.value).splitlines()


def write(text: str, mode: int = 0o600) -> Path:
    """Write the file in the working directory."""
    file = Path("unlatch.toml")
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def test_the_least_is_enough() -> None:
    """Two tokens of Slack's, an address and a token of Okta's; the rest has defaults."""
    settings = plain()

    assert (settings.slack.mode, settings.okta.org_url) == ("socket", "https://acme.okta.com")
    assert settings.slack.bot_token.get_secret_value() == "xoxb-1"
    assert settings.links.given() == {}
    assert settings.redis_url is None


def test_links_that_are_set_are_given() -> None:
    """Empty ones are not; an address on this machine, such as the twin's, needs no TLS."""
    links = {
        "portal": "http://127.0.0.1:8080",
        "unlock": "http://localhost/unlock",
        "reset": "",
        "help_desk": "mailto:it@northwind.example",
    }

    assert plain(links=links).links.given() == {name: address for name, address in links.items() if address}


def test_http_mode_needs_no_app_token() -> None:
    """Each mode asks for its own secret only."""
    settings = Settings(slack={"mode": "http", "bot_token": "xoxb-1", "signing_secret": "8f7"}, okta=OKTA)

    assert settings.slack.app_token is None


def test_everything_missing_is_told_at_once() -> None:
    """One line each, with both names and where to get it."""
    with pytest.raises(SettingsError) as caught:
        Settings()

    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "slack.bot_token (UNLATCH_SLACK__BOT_TOKEN)",
        "slack.app_token (UNLATCH_SLACK__APP_TOKEN)",
        "okta.org_url (UNLATCH_OKTA__ORG_URL)",
        "okta.api_token (UNLATCH_OKTA__API_TOKEN)",
    ]
    assert all("missing. It is" in line for line in lines)


@pytest.mark.parametrize(
    ("given", "setting", "why"),
    [
        ({"slack": {"bot_token": "xapp-9"}}, "slack.bot_token", "belongs in slack.app_token"),
        ({"slack": {"bot_token": "xoxp-9"}}, "slack.bot_token", "must begin with xoxb-"),
        ({"slack": {"bot_token": "xoxe.xoxb-9"}}, "slack.bot_token", "turn token rotation off"),
        ({"slack": {"bot_token": "xoxb-…"}}, "slack.bot_token", "the … of an example"),
        ({"slack": {"bot_token": "  "}}, "slack.bot_token", "missing"),
        ({"slack": {"bot_token": 7}}, "slack.bot_token", "not usable. It is the Bot User OAuth Token"),
        ({"slack": {"app_token": "xoxb-9"}}, "slack.app_token", "must begin with xapp-"),
        ({"slack": {"app_token": None}}, "slack.app_token", "socket mode needs it"),
        ({"slack": {"mode": "http"}}, "slack.signing_secret", "http mode needs it"),
        ({"slack": {"signing_secret": "xoxb-9"}}, "slack.signing_secret", "this is a token"),
        ({"slack": {"mode": "websocket"}}, "slack.mode", '"socket" (the bot connects to Slack) or "http"'),
        ({"slack": {"api_url": "http://slack.com/api/"}}, "slack.api_url", "must begin with https://"),
        ({"okta": {"org_url": "https://acme-admin.okta.com"}}, "okta.org_url", "leave out -admin"),
        ({"okta": {"org_url": "http://acme.okta.com"}}, "okta.org_url", "must begin with https://"),
        ({"okta": {"org_url": "https://acme.okta.com/app"}}, "okta.org_url", "ends after the host name"),
        ({"okta": {"org_url": "acme"}}, "okta.org_url", "must be https:// and a host name"),
        ({"okta": {"api_token": "SSWS 00abc"}}, "okta.api_token", "without any word before it"),
        ({"web": {"port": 65_536}}, "web.port", "at most 65535"),
        ({"web": {"port": -1}}, "web.port", "at most 65535"),
        ({"links": {"portal": "http://acme.example"}}, "links.portal", "must begin with https://"),
        ({"links": {"portal": "https://"}}, "links.portal", "must begin with https://"),
        ({"links": {"portal": "https://[acme"}}, "links.portal", "must begin with https://"),
        ({"links": {"help_desk": "mailto:it"}}, "links.help_desk", "mailto: and an e-mail address"),
        ({"links": {"reset": "https://acme.example/a b"}}, "links.reset", "without blanks"),
        ({"links": {"reset": "https://acme.example/" + "a" * 3000}}, "links.reset", "3000 characters"),
        (
            {"capabilities": {"unlock_account": "on"}},
            "capabilities.unlock_account",
            '"act", "shadow", "guide" or "off"',
        ),
        ({"read_only": "perhaps"}, "read_only", "true if the bot shall only guide"),
        ({"confirm_minutes": 0}, "confirm_minutes", "1 to 60"),
        ({"confirm_minutes": 61}, "confirm_minutes", "1 to 60"),
        ({"identity_attribute": "mail"}, "identity_attribute", '"email" or "login"'),
        ({"log_level": "loud"}, "log_level", '"warning" or "error"'),
        ({"data_dir": "~nobody-has-this-name/x"}, "data_dir", "nobody on this machine"),
        ({"company": "N" * 101}, "company", "at most 100 characters"),
        ({"words_dir": 3}, "words_dir", "a folder"),
        ({"redis_url": "redis://host"}, "audit.key", "missing. It is a secret"),
        ({"redis_url": "redis://host", "audit": {"key": "k" * 31}}, "audit.key", "openssl rand -hex 32"),
        ({"redis_url": "localhost:6379"}, "redis_url", "looks like redis://"),
        ({"redis_url": "redis://host:port"}, "redis_url", "looks like redis://"),
        ({"web": "8080"}, "web", "a table"),
        ({"mail": {"host": "smtp.example.com"}}, "mail.sender", "missing"),
        ({"mail": {"sender": "Unlatch <unlatch@example.com>"}}, "mail.sender", "it looks like unlatch@example.com"),
        (
            {"mail": {"host": "smtp.example.com", "sender": "a@b.c", "security": "none"}},
            "mail.security",
            "set starttls or tls",
        ),
        ({"mail": {"user": "unlatch"}}, "mail.password", "go together"),
        ({"mail": {"password": "hunter2"}}, "mail.password", "go together"),
        ({"reset_password": {"delivery": "sms"}}, "reset_password.delivery", '"email" (Okta mails the link) or "link"'),
        ({"reset_password": {"mail_behind_okta": "x"}}, "reset_password.mail_behind_okta", "true if people can only"),
        ({"reset_password": {"mail_behind_okta": True}}, "reset_password.mail_behind_okta", "could not open the mail"),
        (
            {"reset_password": {"delivery": "email", "mail_behind_okta": True}},
            "reset_password.mail_behind_okta",
            'Set reset_password.delivery = "link"',
        ),
        ({"reset_password": {"end_sessions": "x"}}, "reset_password.end_sessions", "true if a reset shall end"),
        ({"reset_password": {"look_after_minutes": 5}}, "reset_password.look_after_minutes", "one to five whole"),
        ({"reset_password": {"look_after_minutes": [2.5]}}, "reset_password.look_after_minutes", "one to five whole"),
        ({"reset_password": {"look_after_minutes": "2;5"}}, "reset_password.look_after_minutes", "one to five whole"),
        ({"reset_password": {"look_after_minutes": [5, 5]}}, "reset_password.look_after_minutes", "be greater than"),
        ({"reset_mfa": {"several": "x"}}, "reset_mfa.several", "true if people may remove more than one"),
        ({"reset_mfa": {"types": "totp, okta"}}, "reset_mfa.types", "token:software:totp"),
        ({"reset_mfa": {"types": ["totp", 7]}}, "reset_mfa.types", "token:software:totp"),
        ({"reset_mfa": {"types": True}}, "reset_mfa.types", "one or more of push"),
        ({"reset_mfa": {"last_factor": "keep"}}, "reset_mfa.last_factor", 'or "refuse"'),
        ({"reset_mfa": {"end_sessions": "x"}}, "reset_mfa.end_sessions", "true if the person"),
        ({"links": {"enroll": "http://acme.example"}}, "links.enroll", "must begin with https://"),
    ],
)
def test_what_is_wrong_is_named_with_the_fix(given: Mapping[str, Any], setting: str, why: str) -> None:
    """One mistake gives one line that names the setting in the file and in the environment, and what to do."""
    (line,) = told(**given)

    assert line.startswith(f"{setting} ({variable(setting)}): ")
    assert why in line


@pytest.mark.parametrize(
    ("given", "suggested"),
    [
        ({"slack": {"bot_tokn": "x"}}, "slack.bot_token, in the environment UNLATCH_SLACK__BOT_TOKEN?"),
        ({"okta": {"url": "x"}}, "okta.org_url"),
        ({"readonly": True}, "read_only, above all tables"),
        ({"okta": {"read_only": True}}, "read_only, above all tables"),
        ({"bot_token": "x"}, "slack.bot_token"),
        ({"reset_password": {"mail_behind": True}}, "reset_password.mail_behind_okta"),
        ({"links": {"enrol": "https://acme.example"}}, "links.enroll"),
        ({"capability": {"unlock_account": "off"}}, "the table [capabilities]"),
        ({"link": {"portal": "https://acme.example"}}, "the table [links]"),
    ],
)
def test_a_misspelt_name_is_met_with_the_nearest(given: Mapping[str, Any], suggested: str) -> None:
    """Whether a letter is wrong or the table."""
    (line,) = told(**given)

    assert "there is no such setting. Do you mean " in line
    assert suggested in line


def test_a_name_like_no_other_is_refused_without_a_guess() -> None:
    """A bad guess would mislead."""
    assert told(zzzzzz=1) == ["zzzzzz (UNLATCH_ZZZZZZ): there is no such setting"]


def test_many_mistakes_are_told_together() -> None:
    """Nobody has to start the bot once for each."""
    lines = told(slack={"mode": "x", "bot_token": "xapp-1"}, okta={"org_url": "ftp://x"}, web={"port": "x"}, lang="en")

    assert [line.split(" ")[0] for line in lines] == [
        "slack.mode",
        "slack.bot_token",
        "okta.org_url",
        "web.port",
        "lang",
    ]


def test_names_only_the_program_knows_are_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the mistakes in the values, or by themselves."""
    write(TOML + '[capabilities]\nunlock_acount = "guide"\n')
    monkeypatch.setenv("UNLATCH_LANGUAGE", "tlh")
    capability = "capabilities.unlock_acount (UNLATCH_CAPABILITIES__UNLOCK_ACOUNT): the bot has no such capability."
    language = "language (UNLATCH_LANGUAGE): the bot has no words in it. It has en"
    unknown = [
        f"{capability} It has account_history, not_me, reset_mfa, reset_password, sign_in_help, unlock_account",
        language,
    ]

    with pytest.raises(SettingsError) as caught:
        load(known=KNOWN)
    assert str(caught.value).splitlines() == unknown

    with pytest.raises(SettingsError) as caught:
        load().check(KNOWN)
    assert str(caught.value).splitlines() == unknown

    monkeypatch.setenv("UNLATCH_OKTA__ORG_URL", "ftp://acme")
    with pytest.raises(SettingsError) as caught:
        load(known=KNOWN)
    assert len(caught.value.problems) == 3


def test_what_is_known_passes() -> None:
    """The settings as delivered name nothing unknown."""
    plain().check(KNOWN)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting by setting, in tables too."""
    write(
        'company = "Acme"\nread_only = false\n'
        + TOML
        + '[capabilities]\nunlock_account = "off"\nsign_in_help = "off"\n'
    )
    monkeypatch.setenv("UNLATCH_READ_ONLY", "true")
    monkeypatch.setenv("UNLATCH_SLACK__BOT_TOKEN", " xoxb-2\n")
    monkeypatch.setenv("UNLATCH_CAPABILITIES__UNLOCK_ACCOUNT", "guide")
    monkeypatch.setenv("UNLATCH_COMPANY", "")

    settings = load()

    assert (settings.company, settings.read_only) == ("Acme", True)
    assert settings.slack.bot_token.get_secret_value() == "xoxb-2"
    assert settings.slack.app_token is not None
    assert settings.capabilities == DEFAULT_MODES | {"unlock_account": Mode.GUIDE, "sign_in_help": Mode.OFF}


def test_the_environment_alone_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container; lower case and REDIS_URL are fine."""
    for name, value in {
        "UNLATCH_SLACK__BOT_TOKEN": "xoxb-1",
        "unlatch_slack__app_token": "xapp-1",
        "UNLATCH_OKTA__ORG_URL": "https://acme.okta.com/",
        "UNLATCH_OKTA__API_TOKEN": "00abc",
        "UNLATCH_LOG_LEVEL": "DEBUG",
        "UNLATCH_DATA_DIR": "~/unlatch",
        "REDIS_URL": "redis://plain",
        "UNLATCH_AUDIT__KEY": "k" * 32,
    }.items():
        monkeypatch.setenv(name, value)

    settings = load()

    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://plain"
    assert settings.log_level == "debug"
    assert settings.data_dir == Path.home() / "unlatch"
    monkeypatch.setenv("UNLATCH_REDIS_URL", "redis://own")
    own = load().redis_url
    assert own is not None
    assert own.get_secret_value() == "redis://own"


def test_making_settings_reads_neither_environment_nor_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo and the tests run against nobody's real Okta."""
    write("read_only = true\n")
    monkeypatch.setenv("UNLATCH_COMPANY", "Acme")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere")

    settings = plain()

    assert (settings.read_only, settings.company, settings.redis_url) == (False, "your company", None)


def test_misspelt_variables_are_told_and_those_of_kubernetes_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """One underscore in place of two is what everybody writes first; a service called unlatch is nobody's mistake."""
    write(TOML)
    for name, value in {
        "UNLATCH_SERVICE_HOST": "10.0.0.1",
        "UNLATCH_WEB_SERVICE_PORT_HTTP": "80",
        "UNLATCH_PORT": "tcp://10.0.0.1:80",
        "UNLATCH_WEB_PORT_80_TCP_ADDR": "10.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    assert load().web.port == 8080

    monkeypatch.setenv("UNLATCH_WEB_PORT", "80")
    monkeypatch.setenv("UNLATCH_SLACK__TOKEN__BOT", "xoxb-3")
    monkeypatch.setenv("UNLATCH_WEBB__PORT", "80")
    with pytest.raises(SettingsError) as caught:
        load()
    assert {str(problem).split(":")[0] for problem in caught.value.problems} == {
        "web_port (UNLATCH_WEB_PORT)",
        "slack.token (UNLATCH_SLACK__TOKEN)",
        "webb.port (UNLATCH_WEBB__PORT)",
    }
    assert str(caught.value).count("Do you mean web.port, in the environment UNLATCH_WEB__PORT?") == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[slack\n", "is not TOML: Expected ']' at the end of a table declaration (at line 1, column 7)"),
        (b"[slack]\nbot_token = xoxb-1\n", "is not TOML: Invalid value (at line 2, column 13). Texts need quotes"),
        (b'company = "Caf\xe9"\n', "is not text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(content: bytes, why: str) -> None:
    """With the line, and nothing else: what would be missing then is no news."""
    Path("own.toml").write_bytes(content)

    with pytest.raises(SettingsError) as caught:
        load(Path("own.toml"))

    assert str(caught.value).startswith(f"own.toml: {why}")
    assert len(caught.value.problems) == 1


def test_a_file_that_is_not_there_is_named() -> None:
    """If it was asked for; unlatch.toml need not exist."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml: cannot be read: No such file"):
        load(Path("nowhere.toml"))
    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory"):
        load(Path())


PLAIN = 'company = "Acme"\n[slack]\nbot_token = ""\n'


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [
        (TOML, 0o600, []),
        (TOML, 0o700, []),
        (TOML, 0o604, ["chmod 600"]),
        (TOML, 0o640, ["chmod 600"]),
        (TOML, 0o644, ["chmod 600"]),
        (TOML, 0o620, ["chmod go-w"]),
        (TOML, 0o602, ["chmod go-w"]),
        (TOML, 0o666, ["chmod 600", "chmod go-w"]),
        (PLAIN, 0o644, []),
        (PLAIN, 0o664, ["chmod go-w"]),
    ],
)
def test_a_file_open_to_others_is_warned_of(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, text: str, mode: int, told: list[str]
) -> None:
    """To read, if it holds secrets; to change, whatever it holds, since it says where tokens go. With what mends it."""
    for name in ("SLACK__BOT_TOKEN", "SLACK__APP_TOKEN", "OKTA__API_TOKEN"):
        monkeypatch.setenv(f"UNLATCH_{name}", "xapp-1" if "APP" in name else "xoxb-1")
    monkeypatch.setenv("UNLATCH_OKTA__ORG_URL", "https://acme.okta.com")

    load(write(text, mode))

    runs = [record.getMessage().partition(". Run: ")[2] for record in caplog.records]
    assert runs == [f"{command} unlatch.toml" for command in told]


def test_rules_are_what_decisions_need() -> None:
    """A capability that is not named keeps its default."""
    settings = plain(
        capabilities={"unlock_account": "guide"}, read_only=False, directory_unlock=True, confirm_minutes=3
    )

    rules = settings.rules(durable=True, takes_over=frozenset())

    assert rules.modes == DEFAULT_MODES | {"unlock_account": Mode.GUIDE}
    assert (rules.directory_unlock, rules.durable, rules.ask_for) == (True, True, timedelta(minutes=3))
    assert (rules.password, rules.factors) == (PasswordRules(), FactorRules())


def test_rules_know_how_a_password_and_factors_are_reset() -> None:
    """Every setting of the two tables arrives."""
    settings = plain(
        reset_password={"delivery": "link", "mail_behind_okta": True, "end_sessions": False, "look_after_minutes": [1]},
        reset_mfa={"several": True, "types": ["push", "sms"], "last_factor": "refuse", "end_sessions": True},
    )

    rules = settings.rules(durable=True, takes_over=frozenset())

    assert rules.password == PasswordRules(
        delivery=Delivery.LINK, mail_behind_okta=True, end_sessions=False, look_after=(timedelta(minutes=1),)
    )
    assert rules.factors == FactorRules(
        several=True, types=frozenset({"push", "sms"}), last=LastFactor.REFUSE, end_sessions=True
    )


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("durable", [True, False])
@pytest.mark.parametrize("org_url", ["https://acme.okta.com", "http://127.0.0.1:8080"])
@pytest.mark.parametrize("mode", [None, *Mode])
@pytest.mark.parametrize("takes_over", [True, False])
def test_what_is_in_force(mode: Mode | None, *, read_only: bool, durable: bool, org_url: str, takes_over: bool) -> None:
    """It acts where it is told to and nothing holds it; what is held is guided, and what is off stays off."""
    settings = plain(
        read_only=read_only, okta={"org_url": org_url}, capabilities={"unlock_account": mode} if mode else {}
    )

    rules = settings.rules(durable=durable, takes_over=frozenset({"unlock_account"} if takes_over else ()))

    told = mode or Mode.ACT  # by default
    held = read_only or not durable or (takes_over and org_url == "https://acme.okta.com")
    assert rules.mode("unlock_account") is (Mode.GUIDE if told is Mode.ACT and held else told)
    assert rules.mode("something_else") is Mode.OFF


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "[::1]", "[0:0:0:0:0:0:0:1]"])
def test_an_org_on_this_machine_is_nobodys_real_one(host: str) -> None:
    """There, what takes accounts over can be tried out."""
    for address in (f"http://{host}:8080", f"https://{host}"):
        rules = plain(okta={"org_url": address}).rules(durable=True, takes_over=TAKES_OVER)
        assert rules.unproven == frozenset()


@pytest.mark.parametrize(
    "host",
    [
        "acme.okta.com",
        "localhost.acme.com",
        "127.0.0.1.acme.com",
        "128.0.0.1",
        "10.0.0.1",
        "127.1",
        "[::2]",
        "localhost.acme",
    ],
)
def test_every_other_org_may_be_real(host: str) -> None:
    """Whatever it looks like, and wherever it would lead."""
    nothing = {"reset_password": "none", "reset_mfa": "none"}
    rules = plain(okta={"org_url": f"https://{host}"}, proof=nothing).rules(durable=True, takes_over=TAKES_OVER)

    assert rules.unproven == TAKES_OVER


def test_what_asks_for_proof_may_act() -> None:
    """Anywhere, and by default."""
    rules = plain().rules(durable=True, takes_over=TAKES_OVER)

    assert rules.unproven == frozenset()
    assert {name for name in KNOWN.capabilities if rules.proof.needs_factor(name)} == TAKES_OVER
    assert rules.proof.methods == {Method.PUSH, Method.CODE}
    assert rules.proof.fresh == timedelta(hours=24)


def test_rules_know_what_must_be_proved() -> None:
    """Every setting of the table arrives."""
    proof = {"unlock_account": "factor", "reset_password": "none", "methods": "sms, email", "fresh_hours": "48"}

    rules = plain(proof=proof).rules(durable=True, takes_over=TAKES_OVER)

    assert {name for name in KNOWN.capabilities if rules.proof.needs_factor(name)} == {"unlock_account", "reset_mfa"}
    assert rules.proof.methods == {Method.SMS, Method.EMAIL}
    assert rules.proof.fresh == timedelta(hours=48)
    assert rules.unproven == {"reset_password"}


@given(st.ip_addresses())
def test_an_address_is_of_this_machine_or_not(address: IPv4Address | IPv6Address) -> None:
    """127.0.0.0/8 and ::1, and nothing else."""
    here = address in IPv4Network("127.0.0.0/8") if address.version == 4 else address == IPv6Address("::1")

    assert is_loopback(str(address)) == here


@pytest.mark.parametrize("host", ["::ffff:127.0.0.1", "localhost.", "2130706433", "127.0.0.1.acme.okta.com", ""])
def test_what_only_looks_like_this_machine_is_a_real_org(host: str) -> None:
    """In doubt the gate stays shut."""
    assert not is_loopback(host)


MINUTES = st.lists(st.integers(-3, 1_450), max_size=7)


@given(MINUTES | MINUTES.map(sorted) | MINUTES.map(lambda minutes: sorted(set(minutes))))
def test_looks_are_one_to_five_each_later(minutes: list[int]) -> None:
    """As a list in the file or as a text in the environment, with the same answer."""
    right = (
        1 <= len(minutes) <= 5
        and all(1 <= one <= 1_440 for one in minutes)
        and all(one < other for one, other in pairwise(minutes))
    )
    for written in (minutes, ",".join(map(str, minutes)) or ",", " , ".join(map(str, minutes)) or ","):
        table = {"reset_password": {"look_after_minutes": written}}
        if right:
            assert plain(**table).reset_password.look_after_minutes == tuple(minutes)
        else:
            (line,) = told(**table)
            assert line.startswith("reset_password.look_after_minutes (UNLATCH_RESET_PASSWORD__LOOK_AFTER_MINUTES): ")
            assert "[2, 5, 10]" in line


@given(st.lists(st.sampled_from([*FACTOR_TYPES, "totp", "PUSH", ""]), max_size=5))
def test_types_are_those_of_okta(types: list[str]) -> None:
    """All of them known, and at least one: to allow none is to switch the capability off."""
    for written in (types, ",".join(types) or ",", " , ".join(types) or ","):
        table = {"reset_mfa": {"types": written}}
        if types and {*types} <= {*FACTOR_TYPES}:
            assert plain(**table).reset_mfa.types == tuple(types)
        else:
            (line,) = told(**table)
            assert line.startswith("reset_mfa.types (UNLATCH_RESET_MFA__TYPES): not usable. It is ")
            assert all(name in line for name in FACTOR_TYPES)


def test_the_types_are_those_that_okta_describes() -> None:
    """In its published API description."""
    described = json.loads((ROOT / "tests" / "data" / "okta-management.openapi.json").read_text("utf-8"))

    assert sorted(FACTOR_TYPES) == sorted(described["components"]["schemas"]["UserFactorType"]["enum"])


def test_lists_can_be_given_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """With commas; one replaces that of the file as a whole."""
    write(TOML + '[reset_password]\nlook_after_minutes = [1, 2, 3, 4]\n[reset_mfa]\ntypes = ["sms"]\n')
    assert load().reset_password.look_after_minutes == (1, 2, 3, 4)
    monkeypatch.setenv("UNLATCH_RESET_PASSWORD__LOOK_AFTER_MINUTES", "3, 30")
    monkeypatch.setenv("UNLATCH_RESET_MFA__TYPES", "push,token:software:totp")

    settings = load()

    assert settings.reset_password.look_after_minutes == (3, 30)
    assert settings.reset_mfa.types == ("push", "token:software:totp")


def test_every_capability_has_a_default_and_every_link_a_setting() -> None:
    """What the rest of the program knows is known here."""
    assert DEFAULT_MODES.keys() == handlers.find().keys()
    assert {name.removeprefix("links.") for name in FIELDS if name.startswith("links.")} == LINKS


def test_settings_do_not_change() -> None:
    """Nor do their tables."""
    settings = plain()

    with pytest.raises(ValueError, match="frozen"):
        settings.read_only = True
    with pytest.raises(ValueError, match="frozen"):
        settings.web.port = 1


MARK = "hunter2-Ω"
ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(lambda text: f"{text}{MARK}{text}")


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), ODD), ODD)
def test_no_value_is_ever_told(values: Mapping[str, str], prefix: str) -> None:
    """A value in the wrong place may be a token, so no value at all is repeated."""
    with pytest.raises(SettingsError) as caught:
        Settings(**_tables({name: value + prefix for name, value in values.items()} | {"web.port": prefix}))

    assert MARK not in f"{caught.value!s}{caught.value!r}{caught.value.__cause__!r}"


def test_no_secret_shows_in_an_error_of_syntax() -> None:
    """Whichever character is missing from the file."""
    text = TOML.replace("xoxb-1", f"xoxb-{MARK}").replace("00abc", f"00{MARK}")
    for at in range(len(text)):
        with pytest.raises(SettingsError) as caught:
            load(write(text[:at] + text[at + 1 :]))
        assert MARK not in str(caught.value)


def test_every_secret_is_known_as_one() -> None:
    """Those that the next test, and the warning about the file, are about."""
    okta = {f"okta.{of}{name}" for of in ("", "reader.", "roles.") for name in ("api_token", *KEYS)}

    assert {
        "slack.bot_token",
        "slack.app_token",
        "slack.signing_secret",
        *okta,
        "redis_url",
        "audit.key",
        "mail.password",
    } == SECRETS


SECRET = st.text("abcXYZ019-_", min_size=6).map(lambda text: f"hunter2{text}")


@given(SECRET)
def test_no_secret_shows_in_settings(secret: str) -> None:
    """Printed, in a traceback or a log, settings show stars."""
    around = {
        "slack.bot_token": "xoxb-{}",
        "slack.app_token": "xapp-{}",
        "redis_url": "redis://:{}@redis",
        "audit.key": "{:->40}",
    }
    plain = {name for name in SECRETS if not name.endswith(KEYS)}
    values = {name: around.get(name, "{}").format(secret) for name in plain}

    settings = Settings(**_tables(values | {"okta.org_url": "https://acme.okta.com", "mail.user": "unlatch"}))

    assert secret not in f"{settings!r}{settings!s}{settings.model_dump()}{settings.model_dump_json()}"
    assert settings.okta.api_token is not None
    assert settings.okta.api_token.get_secret_value() == secret


def _tables(values: Mapping[str, str]) -> dict[str, Any]:
    """Dotted names as tables."""
    tables: dict[str, Any] = {}
    for name, value in values.items():
        *above, key = name.split(".")
        table = tables
        for part in above:
            table = table.setdefault(part, {})
        table[key] = value
    return tables
