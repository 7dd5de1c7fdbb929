"""What the doctor says of Okta: the org, each credential, and what it may do."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.doctor.credential import judge_scopes, judge_token
from bot.doctor.findings import Mark
from bot.doctor.look import look
from bot.doctor.slack import sent_at
from okta.models import ApiToken
from sandbox.okta import Fault
from sandbox.people import Status
from sandbox.twin import API_TOKEN, Twin, twin
from tests.doctor.outside import found, service_app, settings
from tests.okta.wire import said, wire

SEER = "0oaWhoSeesRoles"


@pytest.fixture
async def outside() -> AsyncIterator[Twin]:
    """The twin; the token's owner is Help Desk Administrator."""
    async with twin() as running:
        yield running


@pytest.fixture
def store(redis: Redis, redis_url: str) -> str:
    """An empty store."""
    del redis
    return redis_url


@pytest.mark.parametrize(
    ("role", "people", "able", "like"),
    [
        ("HELP_DESK_ADMIN", Mark.OK, Mark.UNKNOWN, "Help Desk"),
        ("USER_ADMIN", Mark.OK, Mark.UNKNOWN, "Group Administrator"),
        ("ORG_ADMIN", Mark.OK, Mark.UNKNOWN, "Organization Administrator"),
        ("READ_ONLY_ADMIN", Mark.OK, Mark.UNKNOWN, "Read-only Administrator"),
        ("APP_ADMIN", Mark.OK, Mark.UNKNOWN, "Application Administrator"),
        ("GROUP_MEMBERSHIP_ADMIN", Mark.OK, Mark.UNKNOWN, "Group Membership Administrator"),
        ("REPORT_ADMIN", Mark.PROBLEM, Mark.PROBLEM, "Report Administrator"),
        ("API_ACCESS_MANAGEMENT_ADMIN", Mark.PROBLEM, Mark.PROBLEM, "API Access Management Administrator"),
    ],
)
async def test_a_role_shows_by_what_it_may_read(
    outside: Twin, store: str, *, role: str, people: Mark, able: Mark, like: str
) -> None:
    """And what only a write would show is not claimed."""
    outside.set_roles({role})
    said = await found(outside, store)

    assert said["Okta/reading people"].mark is people
    assert said["Capabilities/unlock_account"].mark is able
    assert said["Okta/admin roles"].mark is Mark.UNKNOWN
    assert like in said["Okta/admin roles"].what


async def test_no_role_at_all(outside: Twin, store: str) -> None:
    """Okta takes the token, and lets it see nobody."""
    outside.set_roles(())
    said = await found(outside, store)

    assert said["Okta/reading people"].mark is Mark.PROBLEM
    assert "give it Help Desk Administrator" in said["Okta/reading people"].fix


async def test_a_super_administrator_is_a_problem(outside: Twin, store: str) -> None:
    """Everything works, and far too much would."""
    outside.org.add_token(API_TOKEN, owner="grace.adeyemi@northwind.example")
    said = await found(outside, store)

    assert said["Okta/admin roles"].mark is Mark.PROBLEM
    assert "Help Desk Administrator" in said["Okta/admin roles"].fix
    assert said["Capabilities/unlock_account"].mark is Mark.OK
    assert said["Okta/administrators"].mark is Mark.OK
    assert said["Okta/API token's age"].mark is Mark.OK


async def test_a_token_that_ends_soon(outside: Twin, store: str) -> None:
    """Nobody has used it for long; this look itself does."""
    outside.org.add_token(API_TOKEN, owner="grace.adeyemi@northwind.example")
    outside.clock.advance(timedelta(days=25))
    said = await found(outside, store)

    assert said["Okta/API token's age"].what.startswith("made 25 days ago")


async def test_a_refused_token_is_told_with_the_fix(outside: Twin, store: str) -> None:
    """Where to make another."""
    outside.revoke_token()
    said = await found(outside, store)

    assert said["Okta/API token"].mark is Mark.PROBLEM
    assert "Security > API > Tokens" in said["Okta/API token"].fix
    assert said["Capabilities/unlock_account"].mark is Mark.PROBLEM


async def test_the_owner_of_the_token_is_not_active(outside: Twin, store: str) -> None:
    """It still works; that may end."""
    outside.org.set_status("unlatch.service@northwind.example", Status.PASSWORD_EXPIRED)
    said = await found(outside, store)

    assert said["Okta/API token"].mark is Mark.WARNING
    assert "PASSWORD_EXPIRED" in said["Okta/API token"].what


async def test_okta_is_not_there(outside: Twin, store: str) -> None:
    """And the rest is looked at all the same."""
    said = await found(outside, store, okta={"org_url": "http://127.0.0.1:1", "api_token": API_TOKEN})

    assert said["Okta/org"].mark is Mark.PROBLEM
    assert "okta.org_url" in said["Okta/org"].fix
    assert said["Slack/bot token"].mark is Mark.OK
    assert said["Capabilities/unlock_account"].what == "does not work while the bot cannot sign in to Okta"


@pytest.mark.parametrize("status", [200, 403, 502])
async def test_a_proxy_answers_in_place_of_okta(outside: Twin, store: str, status: int) -> None:
    """With a page of its own."""
    page = said(status, "<!DOCTYPE html><html><body>Sign in to the proxy</body></html>", kind="text/html")
    async with wire(page) as server:
        told = await found(outside, store, okta={"org_url": server.url, "api_token": API_TOKEN})

    assert told["Okta/org"].mark is Mark.PROBLEM
    assert "proxy" in told["Okta/org"].what + told["Okta/org"].fix
    assert "Sign in to the proxy" not in told["Okta/org"].what


async def test_something_else_answers(outside: Twin, store: str) -> None:
    """In JSON, but not as an org does."""
    async with wire(said(200, "{}")) as server:
        told = await found(outside, store, okta={"org_url": server.url, "api_token": API_TOKEN})

    assert told["Okta/org"].mark is Mark.PROBLEM
    assert [one for one in told if one.startswith("Okta/")] == ["Okta/org", "Okta/clock"]


async def test_okta_is_down_after_it_has_shown_itself(outside: Twin, store: str) -> None:
    """Then nobody can tell whether it takes the credential."""
    outside.org.faults.order("GET", "/api/**", Fault.UNAVAILABLE_503, times=99)
    said = await found(outside, store)

    assert said["Okta/org"].mark is Mark.OK
    assert said["Okta/API token"].mark is Mark.PROBLEM
    assert "in a while" in said["Okta/API token"].fix


@pytest.mark.parametrize("minutes", [7, -7])
async def test_a_clock_that_is_wrong(outside: Twin, store: str, minutes: int) -> None:
    """By how much, and what comes of it."""
    made = settings(outside, redis_url=store)
    _, findings = await look(made, lambda: outside.clock.now() + timedelta(minutes=minutes))
    off = {item.area: item for item in findings if item.name == "clock"}

    assert {area: item.mark for area, item in off.items()} == {
        "Store": Mark.WARNING,
        "Slack": Mark.PROBLEM,
        "Okta": Mark.WARNING,
    }
    sign = "+" if minutes > 0 else "-"
    assert all(f" by {sign}4" in item.what and "NTP" in item.fix for item in off.values())


async def test_a_service_app_that_has_what_it_needs(outside: Twin, store: str) -> None:
    """Signed in, bound to its key, and nothing besides."""
    app = service_app(outside)
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app})

    assert said[f"Okta/service app {app['client_id']}"].mark is Mark.OK
    assert said["Okta/DPoP"].mark is Mark.OK
    assert said["Okta/scopes"].mark is Mark.UNKNOWN
    assert said["Capabilities/unlock_account"].mark is Mark.UNKNOWN


async def test_a_service_app_whose_tokens_are_not_bound(outside: Twin, store: str) -> None:
    """Whoever steals one can use it."""
    app = service_app(outside, dpop=False)
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app})

    assert said["Okta/DPoP"].mark is Mark.WARNING
    assert "require proof of possession" in said["Okta/DPoP"].fix


ALL_SEEN = {"okta.users.manage", "okta.appGrants.read", "okta.roles.read"}


@pytest.mark.parametrize(
    ("more", "mark", "named"),
    [
        (set(), Mark.OK, ""),
        ({"okta.groups.manage", "okta.apps.manage"}, Mark.WARNING, "okta.apps.manage, okta.groups.manage"),
        ({"okta.devices.read"}, Mark.NOTE, "okta.devices.read"),
    ],
)
async def test_a_service_app_that_is_granted_too_much(
    outside: Twin, store: str, more: set[str], mark: Mark, named: str
) -> None:
    """What is not needed is named; what only reads is worth a note."""
    app = service_app(outside, scopes=ALL_SEEN | more, roles=["SUPER_ADMIN"])
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app})

    assert said["Okta/scopes"].mark is mark
    assert named in said["Okta/scopes"].what
    assert said["Okta/admin roles"].mark is Mark.PROBLEM


async def test_what_an_app_is_granted_may_show_to_another_alone(outside: Twin, store: str) -> None:
    """The one that sees roles, if it is let see that too; and how old an API token is."""
    seer = service_app(
        outside,
        client_id=SEER,
        number=2,
        scopes={"okta.roles.read", "okta.appGrants.read", "okta.apiTokens.read"},
        roles=["SUPER_ADMIN"],
    )
    app = service_app(outside, scopes={"okta.users.manage", "okta.apps.manage"}, groups=["IT"])
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app, "roles": seer})
    assert said["Okta/scopes"].mark is Mark.WARNING
    assert "okta.apps.manage" in said["Okta/scopes"].fix
    assert said["Okta/groups"].mark is Mark.NOTE

    said = await found(outside, store, okta={"org_url": outside.okta_url, "api_token": API_TOKEN, "roles": seer})
    assert said["Okta/API token's age"].mark is Mark.OK


async def test_custom_roles_are_judged_by_their_permissions(outside: Twin, store: str) -> None:
    """As far as those can be read."""
    custom = outside.org.add_custom_role("Unlockers", ["okta.users.read", "okta.users.lifecycle.unlock"])
    app = service_app(outside, roles=[custom.id])
    seer = service_app(outside, client_id=SEER, number=2, scopes={"okta.roles.read"}, roles=["SUPER_ADMIN"])
    okta = {"org_url": outside.okta_url, **app, "roles": seer}
    said = await found(outside, store, okta=okta, capabilities={"reset_password": "act"})

    assert said["Okta/admin roles"].what == "a custom role"
    assert said["Capabilities/unlock_account"].mark is Mark.OK
    assert said["Capabilities/reset_password"].mark is Mark.PROBLEM
    outside.org.faults.order("GET", "/api/v1/iam/**", Fault.ERROR_500, times=9)
    said = await found(outside, store, okta=okta, capabilities={"reset_password": "act"})
    assert said["Capabilities/unlock_account"].mark is Mark.UNKNOWN


@pytest.mark.parametrize(
    ("created", "ends", "mark"),
    [(None, None, Mark.UNKNOWN), (3, None, Mark.OK), (3, 27, Mark.OK), (25, 5, Mark.WARNING)],
)
def test_the_age_of_a_token(created: int | None, ends: int | None, mark: Mark) -> None:
    """In days; its end is near, far, or unknown."""
    now = datetime(2026, 3, 2, tzinfo=UTC)
    token = ApiToken(
        created=None if created is None else now - timedelta(days=created),
        expires_at=None if ends is None else now + timedelta(days=ends),
    )

    assert judge_token(token, now).mark is mark
    assert judge_token(None, now).mark is Mark.UNKNOWN


async def test_a_service_app_without_a_scope_is_told_which(outside: Twin, store: str) -> None:
    """By name, at the sign-in and at what needs it."""
    app = service_app(outside, scopes={"okta.users.read"})
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app})

    assert said["Capabilities/unlock_account"].mark is Mark.PROBLEM
    assert "okta.users.manage" in said["Capabilities/unlock_account"].fix
    assert said[f"Okta/service app {app['client_id']}"].mark is Mark.PROBLEM


@pytest.mark.parametrize(
    ("roles", "mark", "able", "note"),
    [
        (["HELP_DESK_ADMIN"], Mark.OK, Mark.OK, "Okta's activation mail again"),
        (["USER_ADMIN"], Mark.OK, Mark.OK, None),
        (["HELP_DESK_ADMIN", "APP_ADMIN"], Mark.WARNING, Mark.OK, "Okta's activation mail again"),
        (["READ_ONLY_ADMIN"], Mark.OK, Mark.PROBLEM, None),
        ([], Mark.PROBLEM, Mark.PROBLEM, None),
    ],
)
async def test_roles_are_seen_by_a_credential_of_their_own(
    outside: Twin, store: str, *, roles: list[str], mark: Mark, able: Mark, note: str | None
) -> None:
    """So that the one that acts need not be able to see them."""
    outside.set_roles(())
    outside.org.change("unlatch.service@northwind.example", roles=tuple(roles))
    outside.org.set_roles(API_TOKEN, roles)
    seer = service_app(outside, client_id=SEER, number=2, scopes={"okta.roles.read"}, roles=["SUPER_ADMIN"])
    okta: dict[str, Any] = {"org_url": outside.okta_url, "api_token": API_TOKEN, "roles": seer}
    said = await found(outside, store, okta=okta, capabilities={"reset_password": "act"})

    assert said["Okta/admin roles"].mark is mark
    assert said["Okta/administrators"].mark is Mark.OK
    assert said["Capabilities/unlock_account"].mark is able
    assert (said["Capabilities/reset_password"].mark is Mark.NOTE) == (note is not None)
    assert (note or "") in said["Capabilities/reset_password"].what


async def test_a_reader_that_may_read(outside: Twin, store: str) -> None:
    """And one that may not: with what it lacks."""
    reader = service_app(
        outside, client_id=SEER, number=2, scopes={"okta.users.read", "okta.logs.read"}, roles=["READ_ONLY_ADMIN"]
    )
    okta: dict[str, Any] = {"org_url": outside.okta_url, "api_token": API_TOKEN, "reader": reader}
    assert (await found(outside, store, okta=okta))["Okta/okta.reader"].mark is Mark.OK

    outside.org.service_apps[SEER].scopes.remove("okta.logs.read")
    said = await found(outside, store, okta=okta)
    assert said["Okta/okta.reader"].mark is Mark.PROBLEM
    assert "okta.logs.read" in said["Okta/okta.reader"].fix

    outside.org.service_apps[SEER].active = False
    said = await found(outside, store, okta=okta)
    assert said["Okta/okta.reader"].mark is Mark.PROBLEM
    assert "not active" in said["Okta/okta.reader"].fix


@pytest.mark.parametrize("role", ["SUPER_ADMIN", "ORG_ADMIN"])
async def test_what_a_token_has_no_scope_for_says_nothing_of_the_role(outside: Twin, store: str, role: str) -> None:
    """A mighty app with few scopes does not look like a Help Desk Administrator."""
    app = service_app(outside, roles=[role])
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app})

    assert "could be" not in said["Okta/admin roles"].what
    assert "Okta/reading groups" not in said


async def test_a_credential_for_roles_that_is_refused(outside: Twin, store: str) -> None:
    """Is a problem, and not as if there were none."""
    seer = service_app(outside, client_id=SEER, number=2, scopes={"okta.roles.read"}, roles=["SUPER_ADMIN"])
    okta: dict[str, Any] = {"org_url": outside.okta_url, "api_token": API_TOKEN, "roles": seer}
    assert (await found(outside, store, okta=okta))["Okta/okta.roles"].mark is Mark.OK

    outside.org.service_apps[SEER].active = False
    said = await found(outside, store, okta=okta)
    assert said["Okta/okta.roles"].mark is Mark.PROBLEM
    assert "not active" in said["Okta/okta.roles"].fix


@pytest.mark.parametrize("purpose", ["reader", "roles"])
async def test_a_credential_of_its_own_that_could_do_everything(outside: Twin, store: str, purpose: str) -> None:
    """An API token has no scopes that hold it back."""
    outside.org.add_token("00MightyToken", owner="grace.adeyemi@northwind.example")
    okta: dict[str, Any] = {
        "org_url": outside.okta_url,
        "api_token": API_TOKEN,
        purpose: {"api_token": "00MightyToken"},
    }
    if purpose == "reader":
        okta["roles"] = service_app(
            outside, client_id=SEER, number=2, scopes={"okta.roles.read"}, roles=["SUPER_ADMIN"]
        )
    said = await found(outside, store, okta=okta)

    assert said[f"Okta/okta.{purpose}: admin roles"].mark is Mark.PROBLEM


async def test_limits_that_cannot_be_seen_are_not_taken_for_none(outside: Twin, store: str) -> None:
    """The bot may see few people, and nobody knows."""
    app = service_app(outside, groups=["IT"])
    seer = service_app(outside, client_id=SEER, number=2, scopes={"okta.roles.read"}, roles=["SUPER_ADMIN"])
    okta = {"org_url": outside.okta_url, **app, "roles": seer}
    outside.org.faults.order("GET", "/oauth2/v1/clients/*/roles/**", Fault.ERROR_500, times=9)
    said = await found(outside, store, okta=okta)

    assert said["Okta/groups"].mark is Mark.UNKNOWN


async def test_a_custom_role_that_allows_too_much(outside: Twin, store: str) -> None:
    """By the permissions that the bot has no business with."""
    custom = outside.org.add_custom_role("All", ["okta.users.manage", "okta.groups.manage", "okta.apps.manage"])
    app = service_app(outside, roles=[custom.id])
    seer = service_app(outside, client_id=SEER, number=2, scopes={"okta.roles.read"}, roles=["SUPER_ADMIN"])
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app, "roles": seer})

    assert said["Okta/permissions"].mark is Mark.WARNING
    assert "okta.apps.manage, okta.groups.manage" in said["Okta/permissions"].what
    assert said["Okta/groups"].mark is Mark.UNKNOWN


async def test_a_credential_that_sees_nobody(outside: Twin, store: str) -> None:
    """Okta allows the question, and shows no one: everybody would be told that they are not in Okta."""
    app = service_app(outside, groups=["A group without people"])
    said = await found(outside, store, okta={"org_url": outside.okta_url, **app})

    assert said["Okta/reading people"].mark is Mark.PROBLEM
    assert "nobody is visible" in said["Okta/reading people"].what
    assert said["Capabilities/unlock_account"].mark is Mark.PROBLEM


def test_scopes_that_are_missing() -> None:
    """Although the app has signed in, by the token of before."""
    assert judge_scopes(frozenset(), frozenset({"okta.users.manage"})).mark is Mark.PROBLEM


@pytest.mark.parametrize(
    "date",
    ["Mon, 02 Mar 2026 08:55:00 -0000", "Mon, 02 Mar 2026 08:55:00", "x", "Mon, 02 Mar 99999999999 08:55:00 GMT", ""],
)
def test_a_time_that_cannot_be_read_is_none(date: str) -> None:
    """Without a zone nobody knows when it was."""
    assert sent_at({"Date": date}) is None
