"""The table of Okta: where the org is, and by which of the two ways the bot signs in there, for each purpose."""

import re
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from bot.settings.sources import warn_of
from bot.settings.values import TABLE, OrgUrl, Token, is_loopback
from okta.keys import KeyFormatError, SigningKey

_ID: Final = re.compile(r"[\w.~-]{1,255}", re.ASCII)

_LONGEST_KEY: Final = 65_536


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("it is one word of letters, digits, - and _, as Okta shows it. Copy it again")
    return text


def _private_key(secret: SecretStr) -> SecretStr:
    """The key, also where its file is named; what is neither is not repeated, for it may be half of a key."""
    text = secret.get_secret_value()
    if not text.startswith(("-----BEGIN", "{")):
        text = _from_file(text)
    if "\n" not in text:
        text = text.replace("\\n", "\n")  # how one line of an environment file holds a PEM
    try:
        SigningKey(text)
    except KeyFormatError as error:
        raise ValueError(str(error)) from None
    return SecretStr(text)


def _from_file(name: str) -> str:
    try:
        path = Path(name).expanduser()
        with path.open("rb") as file:
            text = file.read(_LONGEST_KEY).decode()
        mode = path.stat().st_mode
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a name of a file, or not a text"
        raise ValueError(
            f"neither a private key (PEM, with its BEGIN line, or a JWK) nor a file that can be read: {why}"
        ) from None
    warn_of(path, mode, secret=True)
    return text.strip()


Id = Annotated[str, AfterValidator(_id)]
PrivateKey = Annotated[SecretStr, AfterValidator(_private_key)]


class _Org(BaseModel):
    org_url: OrgUrl = Field(description="the address of your Okta org, such as https://acme.okta.com")


class Credential(BaseModel):
    """How the bot proves who it is: by an API token, or as a service app with a private key."""

    model_config = TABLE

    client_id: Id | None = Field(
        default=None,
        description="the Client ID of the bot's service app (API Services); with it no API token is needed",
    )
    api_token: Token | None = Field(
        default=None,
        description="an API token of the bot's own service account. A token belongs to whoever creates it: make that"
        " account a Read-only Administrator (a Help Desk Administrator cannot create tokens), sign in as it, create the"
        " token under Security > API > Tokens, and then give the account the role it needs. Or let the bot sign in as a"
        " service app, by client_id and private_key",
    )
    private_key: PrivateKey | None = Field(
        default=None,
        description="the private key of the service app, as PEM or JWK, or the name of the file that holds it",
    )
    key_id: Id | None = Field(
        default=None, description="the key's ID (kid), as Okta shows it; needed as soon as the app has two keys"
    )
    other_private_key: PrivateKey | None = Field(
        default=None, description="a second private key, while one takes the other's place, or the name of its file"
    )
    other_key_id: Id | None = Field(default=None, description="the second key's ID (kid), as Okta shows it")

    @field_validator("api_token")
    @classmethod
    def _is_only_way(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token is not None and info.data.get("client_id") is not None:
            raise ValueError("there is a client_id as well; take one of them away: the token, or the service app")
        return token

    @field_validator("private_key")
    @classmethod
    def _is_of_app(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if key is None and info.data.get("client_id") is not None:
            raise PydanticCustomError("missing", "needed with client_id")
        if key is not None and info.data.get("client_id", ...) is None:
            raise ValueError("it belongs to a service app; give its client_id too")
        return key

    @field_validator("other_private_key")
    @classmethod
    def _is_second(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if key is not None and info.data.get("private_key", ...) is None:
            raise ValueError("it is a second key, and there is no private_key")
        return key

    @property
    def is_given(self) -> bool:
        """Whether there is one."""
        return self.api_token is not None or self.client_id is not None

    def signing_keys(self) -> tuple[SigningKey, ...]:
        """The keys of a service app, the one in use first."""
        given = ((self.private_key, self.key_id), (self.other_private_key, self.other_key_id))
        return tuple(SigningKey(key.get_secret_value(), kid=kid) for key, kid in given if key is not None)


class Okta(Credential, _Org):
    """How the bot meets Okta. Where a purpose has no credential of its own, the main one serves it."""

    reader: Credential = Field(
        default=Credential(), description="a table: the credential of what reads while nobody waits"
    )
    roles: Credential = Field(
        default=Credential(), description="a table: the credential that reads who is an administrator"
    )

    @field_validator("api_token")
    @classmethod
    def _is_there(cls, token: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if token is None and info.data.get("client_id", ...) is None:
            raise PydanticCustomError("missing", "needed without client_id")
        return token

    @property
    def is_local(self) -> bool:
        """Whether the org is on this machine, as the twin is, and so nobody's real one."""
        return is_loopback(urlsplit(self.org_url).hostname)
