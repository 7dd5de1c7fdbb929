"""What the administrator decided: one frozen `Settings`, and the only reader of the environment and of `unlatch.toml`.

`load` reads both, the environment above the file. `Settings(slack={...}, okta={...})` takes the same tables as values
and reads nothing. Either way everything that is wrong is told at once, each with its two names and the way to put it
right, and never with the value: what stands in the wrong place may be a token.

A value that is empty counts as not given, and blanks around one, which pasting brings along, are dropped.
"""

import logging
import os
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic import ValidationInfo as Info
from pydantic import field_validator as checks
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from redis.asyncio.connection import parse_url

from bot.model import Mode, Rules
from okta.transport import normal_base_url

log = logging.getLogger(__name__)

FILE: Final = Path("unlatch.toml")
"""Read from the working directory where no other file is named."""

PREFIX: Final = "UNLATCH_"
"""What every variable in the environment begins with; tables are joined by two underscores."""

PLAIN: Final = "REDIS_URL"
"""The one variable without the prefix, since that is what hosting services call it."""

DEFAULT_MODES: Final = {"unlock_account": Mode.ACT, "sign_in_help": Mode.ACT}
"""What the capabilities do unless told otherwise; one that is not here is off until it is switched on."""

LONGEST_LINK: Final = 3_000
"""Characters in a button's address (https://docs.slack.dev/reference/block-kit/block-elements/button-element)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: its name in the file, or the file itself, and what to do, in a line without any value."""

    name: str
    what: str

    def __str__(self) -> str:
        if self.name.split(".")[0] in FIELDS:
            return f"{self.name} ({variable(self.name)}): {self.what}"
        return f"{self.name}: {self.what}"


class SettingsError(Exception):
    """The settings cannot be used; carries every problem, and reads as one line for each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Known:
    """What settings may name: the capabilities and the languages that there are."""

    capabilities: frozenset[str]
    languages: frozenset[str]


def _as_token(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            "holds a character that no such secret has: a blank, a line break, or the … of an example. Copy it again,"
            " without any word before it."
        )
    return secret


def _on_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _is_web(text: str) -> bool:
    """Whether it is an address nobody on the way can change: https, or http on this machine, as the twin's."""
    try:
        url = urlsplit(text)
        return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and _on_loopback(url.hostname)))
    except ValueError:
        return False


def _as_link(text: str) -> str:
    mail = text.startswith("mailto:") and "@" in text
    if not (mail or _is_web(text)) or any(character.isspace() for character in text):
        raise ValueError("must be an address that begins with https:// (or mailto: and an e-mail address)")
    if len(text) > LONGEST_LINK:
        raise ValueError(f"is longer than the {LONGEST_LINK} characters that Slack takes")
    return text


def _as_api_url(text: str) -> str:
    if not _is_web(text):
        raise ValueError("must begin with https://, as in https://slack.com/api/")
    return text.rstrip("/") + "/"


def _as_redis_url(secret: SecretStr) -> SecretStr:
    try:
        parse_url(secret.get_secret_value())
    except ValueError:
        raise ValueError(
            "cannot be read as an address. It looks like redis://user:password@host:6379/0 (rediss:// for TLS,"
            " unix:///path for a socket), with special characters in the password percent-encoded"
        ) from None
    return secret


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Token = Annotated[SecretStr, AfterValidator(_as_token)]
Link = Annotated[str, AfterValidator(_as_link)]
Folder = Annotated[Path, AfterValidator(Path.expanduser)]

_TABLE: Final = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


class Slack(BaseModel):
    """How the bot meets Slack."""

    model_config = _TABLE

    mode: Literal["socket", "http"] = Field(
        "socket", description='"socket" (the bot calls Slack) or "http" (Slack calls the bot)'
    )
    bot_token: Token = Field(
        description="the Bot User OAuth Token, xoxb-…, from the page OAuth & Permissions of your Slack app"
    )
    app_token: Token | None = Field(
        None,
        description="an app-level token, xapp-…, with connections:write, from the page Basic Information of your Slack"
        " app; socket mode needs it",
    )
    signing_secret: Token | None = Field(
        None,
        description="the Signing Secret from the page Basic Information of your Slack app; http mode needs it",
    )
    api_url: Annotated[str, AfterValidator(_as_api_url)] = Field(
        "https://slack.com/api/", description="where Slack's Web API is; only GovSlack and the twin have another"
    )

    @checks("bot_token")
    @classmethod
    def _is_bot_token(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if text.startswith("xapp-"):
            raise ValueError("this is the app-level token, which belongs into slack.app_token; here goes xoxb-…")
        if text.startswith("xoxe"):
            raise ValueError("this token expires within hours; turn token rotation off in your Slack app")
        if not text.startswith("xoxb-"):
            raise ValueError("must begin with xoxb-; it is the Bot User OAuth Token, not one of a user")
        return token

    @checks("app_token")
    @classmethod
    def _is_app_token(cls, token: SecretStr | None, info: Info) -> SecretStr | None:
        if token is None:
            _refuse_if(info, mode="socket")
        elif not token.get_secret_value().startswith("xapp-"):
            raise ValueError(
                "must begin with xapp-; it is made under App-Level Tokens, with the scope connections:write"
            )
        return token

    @checks("signing_secret")
    @classmethod
    def _is_signing_secret(cls, secret: SecretStr | None, info: Info) -> SecretStr | None:
        if secret is None:
            _refuse_if(info, mode="http")
        elif secret.get_secret_value().startswith(("xoxb-", "xapp-")):
            raise ValueError("this is a token; the signing secret is shown on the page Basic Information")
        return secret


def _refuse_if(info: Info, *, mode: str) -> None:
    if info.data.get("mode") == mode:
        raise PydanticCustomError("missing", "needed in this mode")


class Okta(BaseModel):
    """How the bot meets Okta."""

    model_config = _TABLE

    org_url: Annotated[str, AfterValidator(normal_base_url)] = Field(
        description="the address of your Okta org, such as https://acme.okta.com"
    )
    api_token: Token = Field(
        description="an API token made by the bot's own service account (Security > API > Tokens in the admin console)"
    )


class Web(BaseModel):
    """Where the bot listens in http mode."""

    model_config = _TABLE

    host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 is every one of this machine")
    port: int = Field(8080, ge=0, le=65_535, description="the port to listen on, up to 65535; 0 takes a free one")


class Links(BaseModel):
    """Addresses to which messages lead, as buttons."""

    model_config = _TABLE

    portal: Link | None = Field(None, description="where your people sign in")
    unlock: Link | None = Field(None, description="where they can unlock their account themselves")
    reset: Link | None = Field(None, description="where they can choose a new password themselves")
    help_desk: Link | None = Field(None, description="whoever helps where the bot cannot; mailto: will do")

    def given(self) -> dict[str, str]:
        """Those that are set, by name."""
        return self.model_dump(exclude_none=True)


class Settings(BaseSettings):
    """All settings. It is made of plain values, tables as dicts.

    Raises:
        SettingsError: something is missing or wrong.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=True,
        hide_input_in_errors=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        enable_decoding=False,
    )

    slack: Slack = Field(description="a table of settings")
    okta: Okta = Field(description="a table of settings")
    web: Web = Field(description="a table of settings")
    links: Links = Field(description="a table of addresses")
    capabilities: Mapping[str, Mode] = Field(
        DEFAULT_MODES, description='a table with "act", "guide" or "off" for each capability'
    )
    read_only: bool = Field(default=False, description="whether the bot only guides and never changes anything in Okta")
    directory_unlock: bool = Field(
        default=False, description="whether people whose password is kept in AD or LDAP are unlocked in Okta"
    )
    confirm_minutes: int = Field(10, ge=1, le=60, description="how many minutes a card waits for its Confirm, 1 to 60")
    identity_attribute: Literal["email", "login"] = Field(
        "email", description='the Okta attribute that holds the Slack e-mail address, "email" or "login"'
    )
    company: str = Field("your company", description="what messages call your company")
    language: str = Field("en", description="the language of the messages")
    words_dir: Folder | None = Field(None, description="a folder with your own words in place of the bot's")
    data_dir: Folder = Field(Path(".unlatch"), description="the folder where the embedded store keeps its files")
    redis_url: Annotated[SecretStr, AfterValidator(_as_redis_url)] | None = Field(
        None, description="the address of a Redis 7 to use instead of the embedded store"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = Field(
        "info", description='how much is logged: "debug", "info", "warning" or "error"'
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**{name: {} for name in _TABLES} | _given(values))
        except ValidationError as error:
            raise SettingsError(map(_problem, error.errors(include_input=False, include_url=False))) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the constructor was given, and nothing else; `load` reads the rest."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @checks("capabilities")
    @classmethod
    def _on_top_of_defaults(cls, modes: Mapping[str, Mode]) -> Mapping[str, Mode]:
        return {**DEFAULT_MODES, **modes}

    def check(self, known: Known) -> None:
        """Compare the names that only the rest of the program knows.

        Raises:
            SettingsError: a capability or the language is none of `known`.
        """
        if problems := tuple(_strangers(self.capabilities, self.language, known)):
            raise SettingsError(problems)

    def rules(self, *, durable: bool) -> Rules:
        """What decisions rest on; `durable` is whether the store keeps what it acknowledged."""
        return Rules(
            read_only=self.read_only,
            modes=self.capabilities,
            directory_unlock=self.directory_unlock,
            durable=durable,
            ask_for=timedelta(minutes=self.confirm_minutes),
        )


def _walk(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield above + name, field
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _walk(field.annotation, f"{above}{name}.")


FIELDS: Final[Mapping[str, FieldInfo]] = dict(_walk(Settings))
"""Every setting and table by its dotted name in the file."""

_TABLES: Final = ("slack", "okta", "web", "links")

SECRETS: Final = frozenset(
    name for name, field in FIELDS.items() if SecretStr in {field.annotation, *get_args(field.annotation)}
)
"""The settings whose values are never shown."""


def variable(name: str) -> str:
    """What a setting is called in the environment."""
    own = PREFIX + name.replace(".", "__").upper()
    return f"{own} or {PLAIN}" if name == "redis_url" else own


def load(path: Path | None = None, known: Known | None = None) -> Settings:
    """Read the file and the environment; a setting in the environment wins.

    Args:
        path: the file; without it `unlatch.toml` in the working directory, if there is one.
        known: the names to compare with, so that wrong ones are told with everything else.

    Raises:
        SettingsError: the file cannot be read, or something is missing or wrong.
    """
    file = path or (FILE if FILE.exists() else None)
    values = _merged(_read(file) if file else {}, _environment())
    problems = tuple(_strangers(values.get("capabilities"), values.get("language"), known)) if known else ()
    try:
        settings = Settings(**values)
    except SettingsError as error:
        raise SettingsError((*error.problems, *problems)) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _given(table: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not empty, without blanks around them."""
    tidy = {
        name: _given(value) if isinstance(value, Mapping) else value.strip() if isinstance(value, str) else value
        for name, value in table.items()
    }
    return {name: value for name, value in tidy.items() if value is not None and value != ""}


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(below[name], value) if isinstance(value, dict) and isinstance(below.get(name), dict) else value
        for name, value in above.items()
    }
    return {**below, **both}


def _read(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text("utf-8"))
        mode = file.stat().st_mode
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise SettingsError([Problem(str(file), "is not text in UTF-8; save it as such")]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem(str(file), f"is not TOML: {error}. Texts need quotes around them")]) from None
    if mode & stat.S_IROTH and any(_has(table, name) for name in SECRETS):
        log.warning("%s holds secrets, and everybody on this machine can read it. Run: chmod 600 %s", file, file)
    return table


def _has(table: object, name: str) -> bool:
    for part in name.split("."):
        if not isinstance(table, dict) or part not in table:
            return False
        table = table[part]
    return True


def _environment() -> dict[str, Any]:
    """What the environment says, misspelt names included, so that they are told like those in the file."""
    environment = {name: value for name, value in os.environ.items() if value}  # noqa: TID251 - the one place
    values: dict[str, Any] = {
        own: value
        for name, value in environment.items()
        if (own := _unprefixed(name))
        and own.split("__")[0] not in Settings.model_fields
        and not _is_cluster(own, value)
    }
    if PLAIN in environment:
        values["redis_url"] = environment[PLAIN]
    return values | EnvSettingsSource(Settings)()


def _unprefixed(name: str) -> str:
    return name.lower().removeprefix(PREFIX.lower()) if name.upper().startswith(PREFIX) else ""


def _is_cluster(name: str, value: str) -> bool:
    """Whether Kubernetes set it, for a service that is called like the bot.

    See https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables.
    """
    return "service_host" in name or "service_port" in name or value.startswith(("tcp://", "udp://")) or "_tcp" in name


def _strangers(modes: object, language: object, known: Known) -> Iterator[Problem]:
    """Names that nothing in the program has."""
    for name in modes if isinstance(modes, Mapping) else ():
        if name not in known.capabilities:
            able = ", ".join(sorted(known.capabilities))
            yield Problem(f"capabilities.{name}", f"the bot has no such capability. It has: {able}")
    if isinstance(language, str) and language.strip() and language.strip() not in known.languages:
        yield Problem("language", f"there are no words in it. There are: {', '.join(sorted(known.languages))}")


def _problem(error: ErrorDetails) -> Problem:
    """A mistake as pydantic found it, in words, and without the value."""
    name = ".".join(map(str, error["loc"]))
    field = FIELDS.get(name) or FIELDS.get(name.split(".")[0])
    should_be = f"It is {field.description}" if field else ""
    match error["type"]:
        case "missing":
            return Problem(name, f"is missing. {should_be}")
        case "extra_forbidden":
            return Problem(name, f"there is no such setting{_suggestion(name)}")
        case "value_error":
            return Problem(name, str(error["ctx"]["error"]))
        case _:
            return Problem(name, f"cannot be used as it is. {should_be}")


def _suggestion(name: str) -> str:
    """The setting that was probably meant; a table's name may be missing, or joined with one underscore."""
    plain = {known.replace(".", "_"): known for known in FIELDS}
    near = get_close_matches(name.replace(".", "_").strip("_"), plain, n=1)
    return f". Do you mean {plain[near[0]]}, in the environment {variable(plain[near[0]])}?" if near else ""
