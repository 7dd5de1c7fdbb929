"""The tables of the settings, and what of one value follows from another: tokens that are mixed up or missing in a mode."""

import re
from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bot.rules import (
    Delivery,
    FactorRules,
    LastFactor,
    PasswordRules,
)
from bot.settings.values import (
    FACTOR_TYPES,
    LONGEST_LOOK,
    TABLE,
    ApiUrl,
    AuditKey,
    Channel,
    FactorTypes,
    Link,
    Minutes,
    Token,
    is_loopback,
)


class Slack(BaseModel):
    """How the bot meets Slack."""

    model_config = TABLE

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

    security_channel: Channel | None = Field(
        None,
        description="the id of the channel in which your security team is told of what is odd, such as C0123456789 (in the"
        " channel's details, at the bottom); invite the bot there",
    )

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


class Web(BaseModel):
    """Where the bot listens in http mode."""

    model_config = TABLE

    host: str = Field("127.0.0.1", description="the address to listen on; 0.0.0.0 is every one of this machine")
    port: int = Field(8080, ge=0, le=65_535, description="the port to listen on, at most 65535; 0 takes a free one")


class Links(BaseModel):
    """Addresses to which messages lead, as buttons."""

    model_config = TABLE

    portal: Link | None = Field(None, description="where your people sign in")
    unlock: Link | None = Field(None, description="where people unlock their account themselves")
    reset: Link | None = Field(None, description="where people choose a new password themselves")
    enroll: Link | None = Field(None, description="where people set up their sign-in methods")
    help_desk: Link | None = Field(None, description="whoever helps where the bot cannot; may be mailto:")

    def given(self) -> dict[str, str]:
        """Those that are set, by name."""
        return self.model_dump(exclude_none=True)


class ResetPassword(BaseModel):
    """How passwords are reset."""

    model_config = TABLE

    delivery: Delivery = Field(
        Delivery.EMAIL, description='"email" (Okta mails the link) or "link" (the bot shows it in Slack, once)'
    )
    mail_behind_okta: bool = Field(
        default=False, description="true if people can only read their mail after they have signed in to Okta"
    )
    end_sessions: bool = Field(default=True, description="true if a reset shall end the person's Okta sessions")
    look_after_minutes: Minutes = Field(
        (2, 5, 10),
        description="the minutes after which the bot looks whether a new password was chosen: one to five whole numbers"
        f" from 1 to {LONGEST_LOOK}, each greater than the one before, such as [2, 5, 10], in the environment 2,5,10",
    )

    @field_validator("mail_behind_okta")
    @classmethod
    def _is_mail_in_reach(cls, behind: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic calls it
        if behind and info.data.get("delivery") is Delivery.EMAIL:
            raise ValueError(
                "whoever cannot sign in to Okta could not open the mail with the link. Set reset_password.delivery ="
                ' "link", so that the bot shows it in Slack'
            )
        return behind

    def rules(self) -> PasswordRules:
        """The same for decisions."""
        return PasswordRules(
            delivery=self.delivery,
            mail_behind_okta=self.mail_behind_okta,
            end_sessions=self.end_sessions,
            look_after=tuple(timedelta(minutes=minutes) for minutes in self.look_after_minutes),
        )


class ResetMfa(BaseModel):
    """How sign-in methods are removed, so that they can be set up again."""

    model_config = TABLE

    several: bool = Field(default=False, description="true if people may remove more than one at once")
    types: FactorTypes | None = Field(
        None,
        description=f"a list of what may be removed, by Okta's factorType: one or more of {', '.join(FACTOR_TYPES)}",
    )
    last_factor: LastFactor = Field(
        LastFactor.WARN, description='"warn" (the last one that the bot can see is removed, with a warning) or "refuse"'
    )
    end_sessions: bool = Field(
        default=False, description="true if the person's Okta sessions shall be ended after a removal"
    )

    def rules(self) -> FactorRules:
        """The same for decisions."""
        return FactorRules(
            several=self.several,
            types=None if self.types is None else frozenset(self.types),
            last=self.last_factor,
            end_sessions=self.end_sessions,
        )


class Mail(BaseModel):
    """The mail server through which the owner of an account is told what was done to it."""

    model_config = TABLE

    notices: Literal["mail", "none"] = Field(
        "mail",
        description='"none" if you have decided that nobody is mailed; as long as it is "mail" and mail.host is not set,'
        " passwords and sign-in methods are only guided",
    )
    host: str | None = Field(None, description="your mail server, such as smtp.example.com")
    port: int = Field(587, ge=1, le=65_535, description="its port, at most 65535; 465 goes with tls")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description='"starttls", "tls" or, for a server on this machine alone, "none"'
    )
    sender: str | None = Field(None, description="the address that mail comes from, such as unlatch@example.com")
    user: str | None = Field(None, description="the name to sign in with, if the server wants one")
    password: SecretStr | None = Field(None, description="the password that belongs to mail.user")

    @field_validator("security")
    @classmethod
    def _is_not_read_by_others(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and (host := info.data.get("host")) is not None and not is_loopback(host):
            raise ValueError("what is mailed must not be read on its way: set starttls or tls")
        return security

    @field_validator("sender")
    @classmethod
    def _is_needed_with_a_host(cls, sender: str | None, info: ValidationInfo) -> str | None:
        if sender is None and info.data.get("host") is not None:
            raise PydanticCustomError("missing", "needed with a host")
        if sender is not None and not re.fullmatch(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", sender, re.ASCII):
            raise ValueError("it is no address; it looks like unlatch@example.com")
        return sender

    @field_validator("password")
    @classmethod
    def _belongs_to_a_user(cls, password: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (password is None) != (info.data.get("user") is None):
            raise ValueError("mail.user and mail.password go together")
        return password


class Audit(BaseModel):
    """How it can be proved afterwards what happened."""

    model_config = TABLE

    key: AuditKey | None = Field(
        None,
        description="a secret of at least 32 characters that proves that the audit is unchanged and keeps the people in it"
        " from being named; the same for all processes. Needed with redis_url. Make one with: openssl rand -hex 32",
    )
    anchors: Literal["auto", "file", "log", "off"] = Field(
        "auto",
        description='where it is written down, signed, how far the audit has come: in a "file" in data_dir, in the "log",'
        ' or "off"; "auto" is a file with the embedded store, else the log',
    )
    anchor_minutes: int = Field(
        60, ge=1, le=1_440, description="after how many minutes that is done again, at most 1440 (a day)"
    )
