"""What the administrator decided: one frozen `Settings`, and everything that can be wrong with them.

`load` reads `unlatch.toml` and the environment, which wins. `Settings(slack={...}, okta={...})` takes the same tables as
plain values and reads nothing. Either way everything that is wrong is told at once, each with its two names and the way
to put it right, and never with the value: what stands in the wrong place may be a token.

A value that is empty counts as not given, and blanks around one, which pasting brings along, are dropped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import Problem, SettingsError
from bot.rules import Mode, Rules
from bot.settings.guards import Brake, Limits, Proof, Protect
from bot.settings.okta import Okta
from bot.settings.sources import FILE, PLAIN, PREFIX, environment, given, merged, read
from bot.settings.tables import Audit, Links, Mail, ResetMfa, ResetPassword, Slack, Web
from bot.settings.values import Folder, RedisUrl

DEFAULT_MODES: Final = {
    "unlock_account": Mode.ACT,
    "sign_in_help": Mode.ACT,
    "account_history": Mode.ACT,
    "not_me": Mode.ACT,
    "reset_password": Mode.GUIDE,
    "reset_mfa": Mode.GUIDE,
}
"""What the capabilities do unless told otherwise; one that is not here is off until it is switched on.

What could hand an account to somebody else acts only where the administrator has said so, never by an upgrade.
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What only the rest of the program knows.

    Attributes:
        capabilities: the names of those that there are.
        languages: the names of those that there are words in.
        takes_over: the capabilities whose doing could hand an account to whoever asks (`Capability.takes_over`).
    """

    capabilities: frozenset[str]
    languages: frozenset[str]
    takes_over: frozenset[str]


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class Settings(BaseSettings):
    """All settings, made of plain values, with a dict for each table.

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
        enable_decoding=False,  # a table is told apart from a text in one place, with our own words
    )

    slack: Slack = Field(description="a table of settings")
    okta: Okta = Field(description="a table of settings")
    web: Web = Field(description="a table of settings")
    reset_password: ResetPassword = Field(description="a table of settings")
    reset_mfa: ResetMfa = Field(description="a table of settings")
    proof: Proof = Field(description="a table of settings")
    protect: Protect = Field(description="a table of settings")
    limits: Limits = Field(description="a table of settings")
    brake: Brake = Field(description="a table of settings")
    links: Links = Field(description="a table of addresses")
    capabilities: Mapping[str, Mode] = Field(
        DEFAULT_MODES, description='"act", "shadow", "guide" or "off", for each capability by its name'
    )
    read_only: bool = Field(default=False, description="true if the bot shall only guide and change nothing in Okta")
    directory_unlock: bool = Field(
        default=False, description="true if people whose password is kept in AD or LDAP shall be unlocked in Okta"
    )
    confirm_minutes: int = Field(10, ge=1, le=60, description="how many minutes a card waits for its Confirm, 1 to 60")
    identity_attribute: Literal["email", "login"] = Field(
        "email", description='the Okta attribute that holds the e-mail address of Slack, "email" or "login"'
    )
    company: str = Field(
        "your company", max_length=100, description="what messages call your company, at most 100 characters"
    )
    language: str = Field("en", description="the language of the messages")
    words_dir: Folder | None = Field(None, description="a folder with words of your own, which win over the bot's")
    data_dir: Folder = Field(Path(".unlatch"), description="the folder where the embedded store keeps its files")
    redis_url: RedisUrl | None = Field(
        None, description="the address of a Redis 7 or Valkey to use in place of the embedded store"
    )
    mail: Mail = Field(description="a table of settings")
    audit: Audit = Field(description="a table of settings")
    audit_days: int = Field(
        400, ge=0, le=36_500, description="for how many days the audit is kept, at most 36500; 0 keeps it for ever"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = Field(
        "info", description='how much is logged: "debug", "info", "warning" or "error"'
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**{table: {} for table in TABLES} | given(values))
        except ValidationError as error:
            problems = map(_problem, error.errors(include_input=False, include_url=False))
            # Several mistakes in one list are told once.
            raise SettingsError(dict.fromkeys(problems)) from None

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

    @field_validator("capabilities")
    @classmethod
    def _on_top_of_defaults(cls, modes: Mapping[str, Mode]) -> Mapping[str, Mode]:
        return {**DEFAULT_MODES, **modes}

    @field_validator("audit")
    @classmethod
    def _has_key_in_common(cls, audit: Audit, info: ValidationInfo) -> Audit:
        """Those that share a store must share the key; what each makes for itself would be another's."""
        if audit.key is None and info.data.get("redis_url") is not None:
            raise PydanticCustomError("missing", "needed with a Redis that is shared", {"name": "audit.key"})
        return audit

    def check(self, known: Known) -> None:
        """Compare the names that only the rest of the program knows.

        Raises:
            SettingsError: a capability or the language is none of `known`.
        """
        if problems := tuple(_strangers(self.capabilities, self.language, known)):
            raise SettingsError(problems)

    def audit_life(self) -> timedelta | None:
        """How long the audit is kept; for ever if None."""
        return timedelta(days=self.audit_days) if self.audit_days else None

    def rules(self, *, durable: bool, takes_over: frozenset[str]) -> Rules:
        """What decisions rest on.

        Args:
            durable: whether the store keeps what it acknowledged.
            takes_over: the capabilities that only guide at a real Okta while their rule asks for no proof of who asks, or
                nobody has decided how administrators are recognised.
        """
        proof = self.proof.rules()
        protect = self.protect.rules(roles=self.okta.roles.is_given)
        held = frozenset[str]() if self.okta.is_local else takes_over
        return Rules(
            read_only=self.read_only,
            modes=self.capabilities,
            directory_unlock=self.directory_unlock,
            durable=durable,
            ask_for=timedelta(minutes=self.confirm_minutes),
            password=self.reset_password.rules(),
            factors=self.reset_mfa.rules(),
            proof=proof,
            unproven=frozenset(name for name in held if not proof.needs_factor(name)),
            limits=self.limits.rules(),
            brake=self.brake.rules(),
            protect=protect,
            unprotected=held if protect.check is None else frozenset(),
            unmailed=held if self.mail.host is None and self.mail.notices == "mail" else frozenset(),
        )


def _walk(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _walk(field.annotation, f"{above}{name}.")
        else:
            yield above + name, field


FIELDS: Final[Mapping[str, FieldInfo]] = dict(_walk(Settings))
"""Every setting by its dotted name in the file."""

TABLES: Final = (*dict.fromkeys(name.split(".")[0] for name in FIELDS if "." in name), "capabilities")
"""The tables; one that is not given is empty, so that what it lacks is told by name."""


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))


SECRETS: Final = frozenset(name for name, field in FIELDS.items() if _is_secret(field.annotation))
"""The settings whose values are never shown."""


def variable(name: str) -> str:
    """What a setting is called in the environment."""
    own = PREFIX + name.replace(".", "__").upper()
    return f"{own} or {PLAIN}" if name == "redis_url" else own


def load(path: Path | None = None, known: Known | None = None) -> Settings:
    """Read the file and the environment; a setting in the environment wins.

    Args:
        path: the file; without it `unlatch.toml` in the working directory, if there is one.
        known: the names to compare with, so that wrong ones are told together with everything else.

    Raises:
        SettingsError: the file cannot be read, or something is missing or wrong.
    """
    file = path or (FILE if FILE.exists() else None)
    values = merged(read(file, secrets=SECRETS) if file else {}, environment(Settings))
    problems = tuple(_strangers(values.get("capabilities"), values.get("language"), known)) if known else ()
    try:
        settings = Settings(**values)
    except SettingsError as error:
        raise SettingsError((*error.problems, *problems)) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _strangers(modes: object, language: object, known: Known) -> Iterator[Problem]:
    """Names that nothing in the program has."""
    for name in modes if isinstance(modes, Mapping) else ():
        if name not in known.capabilities:
            able = ", ".join(sorted(known.capabilities))
            yield Problem(_place(f"capabilities.{name}"), f"the bot has no such capability. It has {able}")
    if isinstance(language, str) and language.strip() not in {"", *known.languages}:
        able = ", ".join(sorted(known.languages))
        yield Problem(_place("language"), f"the bot has no words in it. It has {able}")


def _problem(error: ErrorDetails) -> Problem:
    """A mistake as pydantic found it, in our words."""
    # A list counts as a whole; what is found out of two tables says where it belongs.
    name = error.get("ctx", {}).get("name") or ".".join(part for part in error["loc"] if isinstance(part, str))
    field = _field(name)
    match error["type"]:
        case "missing" if field:
            what = f"missing. It is {field.description}"
        case "extra_forbidden":
            what = f"there is no such setting{_suggestion(name)}"
        case "value_error":
            what = str(error["ctx"]["error"])
        case _:
            what = f"not usable. It is {field.description if field else 'something else'}"
    return Problem(_place(name), what)


def _field(name: str) -> FieldInfo | None:
    """The setting or table of this name, or the last above it that there is."""
    found, model = None, Settings.model_fields
    for part in name.split("."):
        if part not in model:
            break
        found = model[part]
        model = getattr(found.annotation, "model_fields", {})
    return found


def _place(name: str) -> str:
    return f"{name} ({variable(name)})"


def _suggestion(name: str) -> str:
    """The setting that was probably meant: in another table, or joined with one underscore, or misspelt."""
    last = name.rpartition(".")[2]
    names = {known.replace(".", "_"): known for known in (*FIELDS, *TABLES)}
    near = [known for known in FIELDS if known.rpartition(".")[2] == last]
    near += [names[close] for close in get_close_matches(name.replace(".", "_"), names, n=1)]
    if not near:
        return ""
    if near[0] in TABLES:
        return f". Do you mean the table [{near[0]}]?"
    above = "" if "." in near[0] else ", above all tables"
    return f". Do you mean {near[0]}{above}, in the environment {variable(near[0])}?"
