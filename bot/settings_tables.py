"""The tables of the settings, and how a value must look to be taken.

What is checked here can be told from a value alone, and is what people really get wrong: tokens that are mixed up,
pasted with a word before them or left as in the example, and addresses that cannot work.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from redis.asyncio.connection import parse_url

from okta.transport import normal_base_url

LONGEST_LINK: Final = 3_000
"""Characters in a button's address (https://docs.slack.dev/reference/block-kit/block-elements/button-element)."""


def _token(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            "it holds a character that no such secret has: a blank, a line break, or the … of an example. Copy it"
            " again, without any word before it"
        )
    return secret


def _redis_url(secret: SecretStr) -> SecretStr:
    try:
        parse_url(secret.get_secret_value())
    except ValueError:
        # Its text may quote a part of the address, and so of the password in it.
        raise ValueError(
            "it cannot be read as an address. It looks like redis://user:password@host:6379/0 (rediss:// for TLS,"
            " unix:///path for a socket), with special characters in the password percent-encoded"
        ) from None
    return secret


def _link(text: str) -> str:
    is_mail = text.startswith("mailto:") and "@" in text
    if not (is_mail or _is_web(text)) or any(character.isspace() for character in text):
        raise ValueError("it must begin with https:// (or be mailto: and an e-mail address), without blanks")
    if len(text) > LONGEST_LINK:
        raise ValueError(f"it is longer than the {LONGEST_LINK} characters that Slack takes")
    return text


def _api_url(text: str) -> str:
    if not _is_web(text):
        raise ValueError("it must begin with https://, as in https://slack.com/api/")
    return text.rstrip("/") + "/"


def _folder(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError("it begins with ~ and a name that nobody on this machine has") from None


def _is_web(text: str) -> bool:
    """Whether nobody on the way can change what comes from there: https, or http on this machine, as the twin's."""
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return bool(url.hostname) and (url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.hostname)))


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


Token = Annotated[SecretStr, AfterValidator(_token)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis_url)]
OrgUrl = Annotated[str, AfterValidator(normal_base_url)]
ApiUrl = Annotated[str, AfterValidator(_api_url)]
Link = Annotated[str, AfterValidator(_link)]
Folder = Annotated[Path, AfterValidator(_folder)]

_TABLE: Final = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


class Slack(BaseModel):
    """How the bot meets Slack."""

    model_config = _TABLE

    mode: Literal["socket", "http"] = Field(
        "socket", description='"socket" (the bot connects to Slack) or "http" (Slack sends requests to the bot)'
    )
    bot_token: Token = Field(
        description="the Bot User OAuth Token, xoxb-…, from the page OAuth & Permissions of your Slack app"
    )
    app_token: Token | None = Field(
        None,
        description="an app-level token, xapp-…, with the scope connections:write, from the page Basic Information of"
        " your Slack app; socket mode needs it",
    )
    signing_secret: Token | None = Field(
        None, description="the Signing Secret from the page Basic Information of your Slack app; http mode needs it"
    )
    api_url: ApiUrl = Field("https://slack.com/api/", description="where Slack's Web API is; GovSlack has another")

    @field_validator("bot_token")
    @classmethod
    def _is_bot_token(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if text.startswith("xapp-"):
            raise ValueError("this is the app-level token, which belongs in slack.app_token; here goes xoxb-…")
        if text.startswith("xoxe"):
            raise ValueError("this token is void within hours; turn token rotation off in your Slack app")
        if not text.startswith("xoxb-"):
            raise ValueError("it must begin with xoxb-; it is the Bot User OAuth Token, not one of a user")
        return token

    @field_validator("app_token")
    @classmethod
    def _is_app_token(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token is None:
            _refuse_if(info, mode="socket")
        elif not token.get_secret_value().startswith("xapp-"):
            raise ValueError("it must begin with xapp-; it is made under App-Level Tokens, with connections:write")
        return token

    @field_validator("signing_secret")
    @classmethod
    def _is_signing_secret(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if secret is None:
            _refuse_if(info, mode="http")
        elif secret.get_secret_value().startswith(("xoxb-", "xapp-")):
            raise ValueError("this is a token; the Signing Secret is on the page Basic Information of your Slack app")
        return secret


def _refuse_if(info: ValidationInfo, *, mode: str) -> None:
    """Nothing is refused where the mode itself is wrong: that is told already."""
    if info.data.get("mode") == mode:
        raise PydanticCustomError("missing", "needed in this mode")


class Okta(BaseModel):
    """How the bot meets Okta."""

    model_config = _TABLE

    org_url: OrgUrl = Field(description="the address of your Okta org, such as https://acme.okta.com")
    api_token: Token = Field(
        description="an API token of the bot's own service account. A token belongs to whoever creates it: make that"
        " account a Read-only Administrator (a Help Desk Administrator cannot create tokens), sign in as it, create the"
        " token under Security > API > Tokens, and then give the account the role it needs"
    )


class Web(BaseModel):
    """Where the bot listens in http mode."""

    model_config = _TABLE

    host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 is every one of this machine")
    port: int = Field(8080, ge=0, le=65_535, description="the port to listen on, at most 65535; 0 takes a free one")


class Links(BaseModel):
    """Addresses to which messages lead, as buttons."""

    model_config = _TABLE

    portal: Link | None = Field(None, description="where your people sign in")
    unlock: Link | None = Field(None, description="where people unlock their account themselves")
    reset: Link | None = Field(None, description="where people choose a new password themselves")
    help_desk: Link | None = Field(None, description="whoever helps where the bot cannot; may be mailto:")

    def given(self) -> dict[str, str]:
        """Those that are set, by name."""
        return self.model_dump(exclude_none=True)


class ResetPassword(BaseModel):
    model_config = _TABLE
    delivery: str = Field("email", description="x")


class ResetMfa(BaseModel):
    model_config = _TABLE
    several: bool = Field(default=False, description="x")
    types: list[str] | None = Field(None, description="x")
    last_factor: str = Field("warn", description="x")
    end_sessions: bool = Field(default=False, description="x")
