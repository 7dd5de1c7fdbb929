"""The doctor between the two halves of the twin and a real store."""

from typing import Any

from bot.doctor.findings import Finding, as_json, as_text
from bot.doctor.look import look
from bot.settings import Settings
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, Twin
from tests.okta.apps import APP, pem, private, public
from tests.scribe import AUDIT_KEY
from tests.world import SECRETS

LINKS = {"help_desk": "https://help.northwind.example"}


def settings(outside: Twin, **more: Any) -> Settings:
    """The bot between the two halves."""
    slack = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": f"{outside.slack_url}/api/"}
    okta = {"org_url": outside.okta_url, "api_token": API_TOKEN}
    return Settings(**{"slack": slack, "okta": okta, "links": LINKS, "audit": {"key": AUDIT_KEY}, **more})


def service_app(outside: Twin, *, client_id: str = APP, number: int = 1, **fields: Any) -> dict[str, Any]:
    """Make a service app with what `Org.add_service_app` takes; the settings with which to sign in as it."""
    key = private("ES256", number)
    made = {"scopes": {"okta.users.manage"}, "roles": ["HELP_DESK_ADMIN"]} | fields
    outside.org.add_service_app(client_id, [public(key, kid="key")], **made)
    return {"client_id": client_id, "private_key": pem(key), "key_id": "key"}


async def found(outside: Twin, redis_url: str, **more: Any) -> dict[str, Finding]:
    """What the doctor says, by what it is about; the last of several. It shows no secret and changes nothing."""
    _, findings = await look(settings(outside, redis_url=redis_url, **more), outside.clock.now)
    for secret in (*SECRETS, *_private(more.get("okta", {}))):
        assert secret not in as_text(findings) + as_json(findings)
    asked = {call.path for call in outside.org.calls if call.method != "GET"}
    assert asked <= {"/oauth2/v1/token", "/oauth2/v1/introspect"}
    assert not outside.org.effects
    return {f"{finding.area}/{finding.name}": finding for finding in findings}


def _private(given: dict[str, Any]) -> list[str]:
    """The lines of the private keys in a table of settings, and in the tables in it."""
    tables = (given, *(table for table in given.values() if isinstance(table, dict)))
    lines = (line for table in tables for line in table.get("private_key", "").splitlines())
    return [line for line in lines if line and not line.startswith("-----")]
