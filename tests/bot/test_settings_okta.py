"""How the bot may sign in to Okta: by token or as a service app, for each purpose; and what is said of what is not usable."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import Settings
from bot.summary import summary
from tests.okta.apps import jwk, pem, private

PEM = pem(private("ES256", 1))
OTHER = jwk(private("RS256"), kid="other")
SLACK = {"bot_token": "xoxb-1", "app_token": "xapp-1"}
ORG = "https://acme.okta.com"
APP = {"client_id": "0oaBot", "private_key": PEM}


def plain(**okta: Any) -> Settings:
    """Settings with this table."""
    return Settings(slack=SLACK, okta={"org_url": ORG} | okta)


def told(**okta: Any) -> str:
    """What is said of a table that is not usable; never what stood in it."""
    with pytest.raises(SettingsError) as caught:
        plain(**okta)
    said = str(caught.value)
    assert "MIG" not in said
    assert "BEGIN PRIVATE KEY-----\n" not in said
    return said


def test_a_service_app_needs_no_token() -> None:
    """Its client id and one key are enough."""
    okta = plain(**APP).okta

    (key,) = okta.signing_keys()
    assert (okta.client_id, okta.api_token, key.algorithm, key.kid) == ("0oaBot", None, "ES256", None)
    assert not okta.reader.is_given
    assert not okta.roles.is_given


def test_two_keys_stand_side_by_side() -> None:
    """The one in use first; a JWK may bring its id, and the setting outweighs it."""
    first, second = plain(**APP, key_id="first", other_private_key=OTHER).okta.signing_keys()
    _, named = plain(**APP, other_private_key=OTHER, other_key_id="second").okta.signing_keys()

    assert (first.kid, second.kid, named.kid) == ("first", "other", "second")


def test_each_purpose_may_have_a_credential_of_its_own() -> None:
    """Of either kind."""
    okta = plain(api_token="00abc", reader=APP, roles={"api_token": "00roles"}).okta

    assert okta.reader.client_id == "0oaBot"
    assert okta.roles.api_token is not None
    assert okta.roles.api_token.get_secret_value() == "00roles"


def test_a_key_may_stand_in_a_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And whoever else can read it is told of."""
    file = tmp_path / "okta.pem"
    file.write_text(PEM)
    file.chmod(0o600)
    assert plain(client_id="0oaBot", private_key=str(file)).okta.signing_keys()[0].algorithm == "ES256"
    assert caplog.text == ""

    file.chmod(0o644)
    plain(client_id="0oaBot", private_key=str(file))
    assert f"chmod 600 {file}" in caplog.text


def test_a_key_may_stand_in_one_line() -> None:
    """As files for an environment have it."""
    line = PEM.strip().replace("\n", "\\n")

    assert "\n" not in line
    assert plain(client_id="0oaBot", private_key=line).okta.signing_keys()


@pytest.mark.parametrize(
    ("okta", "setting", "why"),
    [
        ({}, "okta.api_token", "missing. It is an API token"),
        ({}, "okta.api_token", "by client_id and private_key"),
        ({"client_id": "0oaBot"}, "okta.private_key", "missing. It is the private key of the service app"),
        ({"client_id": "0oaBot", "private_key": ""}, "okta.private_key", "missing"),
        (APP | {"api_token": "00abc"}, "okta.api_token", "there is a client_id as well"),
        (APP | {"client_id": "0oa Bot"}, "okta.client_id", "Copy it again"),
        (APP | {"key_id": "<kid>"}, "okta.key_id", "Copy it again"),
        ({"api_token": "00abc", "private_key": PEM}, "okta.private_key", "give its client_id too"),
        ({"api_token": "00abc", "other_private_key": PEM}, "okta.other_private_key", "there is no private_key"),
        (APP | {"private_key": "MIGHAgEAMB"}, "okta.private_key", "nor a file that can be read"),
        (APP | {"private_key": "/"}, "okta.private_key", "Is a directory"),
        (APP | {"private_key": "~nobody-has-this-name/x"}, "okta.private_key", "not a name of a file"),
        (APP | {"private_key": "MIG\0"}, "okta.private_key", "not a name of a file"),
        (APP | {"private_key": PEM[:90]}, "okta.private_key", "a private key is a PEM text"),
        (APP | {"private_key": "{}"}, "okta.private_key", "a private key is a PEM text"),
        ({"api_token": "00abc", "reader": {"client_id": "0oaRead"}}, "okta.reader.private_key", "missing"),
        ({"api_token": "00abc", "roles": {"private_key": PEM}}, "okta.roles.private_key", "give its client_id too"),
        ({"api_token": "00abc", "roles": {"api_tokn": "x"}}, "okta.roles.api_tokn", "there is no such setting"),
        ({"api_token": "00abc", "reader": "00abc"}, "okta.reader", "not usable. It is a table"),
    ],
)
def test_what_is_not_usable_is_told(okta: dict[str, Any], setting: str, why: str) -> None:
    """By its name, with what to do."""
    said = told(**okta)

    assert f"{setting} (UNLATCH_{setting.replace('.', '__').upper()}): " in said
    assert why in said


def test_a_wrong_key_says_nothing_of_a_token() -> None:
    """One mistake, one line."""
    assert len(told(client_id="0oaBot", private_key="nothing").splitlines()) == 1
    assert len(told(client_id="0oa Bot", private_key=PEM).splitlines()) == 1


def test_no_key_shows() -> None:
    """In whatever way settings are printed."""
    made = plain(**APP, other_private_key=OTHER)

    shown = f"{made!r}{made!s}{made.model_dump()}{made.model_dump_json()}{made.okta.signing_keys()!r}"
    assert all(line not in shown for line in PEM.splitlines())
    assert OTHER[20:60] not in shown


def test_the_summary_says_how_the_bot_signs_in() -> None:
    """For each purpose that has a credential of its own, and without anything secret."""
    token = plain(api_token="00abc")
    app = plain(**APP, key_id="first", other_private_key=OTHER, reader={"api_token": "00read"}, roles=APP)

    assert dict(summary(token, frozenset()))["Okta sign-in"] == "API token"
    assert dict(summary(app, frozenset()))["Okta sign-in"] == (
        "service app 0oaBot with ES256 (first) and RS256 (other); what only reads: API token; administrator roles:"
        " service app 0oaBot with ES256"
    )
