"""Password policies as they are read, and as they work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox.people import EMPLOYEES, Group, Provider, okta_id
from tests.sandbox.okta.api import code, link, login

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

JONAS = EMPLOYEES[1]
NAMES = ["Finance", "Active Directory Policy", "LDAP Policy", "Default Policy"]


async def test_password_policies_are_listed_by_priority(api: Api) -> None:
    """The default one, which is Okta's own, is the last; with what a bot has to know."""
    policies = (await api.get("/api/v1/policies", type="PASSWORD")).json()
    finance, *_, default = policies

    assert [(one["name"], one["priority"]) for one in policies] == list(zip(NAMES, range(1, 5), strict=True))
    assert [one["system"] for one in policies] == [False, False, False, True]
    assert finance["conditions"] == {
        "people": {"groups": {"include": [okta_id("00g", Group.FINANCE)]}},
        "authProvider": {"provider": "OKTA"},
    }
    assert finance["settings"]["password"]["age"]["maxAgeDays"] == 90
    assert default["settings"]["recovery"]["factors"]["okta_email"]["properties"]["recoveryToken"] == {
        "tokenLifetimeMinutes": 60
    }
    assert default["settings"]["password"]["lockout"]["maxAttempts"] == 5


async def test_the_list_has_pages_and_a_filter(api: Api) -> None:
    """`next` goes on where the page ended."""
    found: list[str] = []
    following: str | None = "/api/v1/policies?type=PASSWORD&limit=3"
    while following:
        answer = await api.get(following)
        found += [one["name"] for one in answer.json()]
        following = link(answer, "next")

    assert found == NAMES
    assert [p["name"] for p in (await api.get("/api/v1/policies", type="PASSWORD", q="Fin")).json()] == ["Finance"]
    assert (await api.get("/api/v1/policies", type="PASSWORD", status="INACTIVE")).json() == []
    assert (await api.get("/api/v1/policies", type="MFA_ENROLL")).json() == []


async def test_a_type_has_to_be_named_and_known(api: Api) -> None:
    """One code for each mistake."""
    assert code(await api.get("/api/v1/policies")) == (400, "E0000028")
    assert code(await api.get("/api/v1/policies", type="KING")) == (400, "E0000001")
    assert code(await api.get("/api/v1/policies", type="PASSWORD", after="x")) == (400, "E0000029")


async def test_the_rule_says_who_may_help_themselves(org: Org, api: Api) -> None:
    """What a bot that only guides has to know before it points to the sign-in page."""
    policy = org.policies.change("Finance", self_service_reset=False, self_service_unlock=True)
    (rule,) = (await api.get(f"/api/v1/policies/{policy.id}/rules")).json()

    assert {name: action["access"] for name, action in rule["actions"].items()} == {
        "passwordChange": "ALLOW",
        "selfServicePasswordReset": "DENY",
        "selfServiceUnlock": "ALLOW",
    }
    assert (await api.get(f"/api/v1/policies/{policy.id}")).json()["name"] == "Finance"
    for path in ("/api/v1/policies/00pNone", "/api/v1/policies/00pNone/rules"):
        assert code(await api.get(path)) == (404, "E0000007")
    with pytest.raises(KeyError):
        org.policies.change("None")


@pytest.mark.parametrize(
    ("handle", "provider", "name"),
    [
        ("helen.brandt", None, "LDAP Policy"),
        ("lena.fischer", None, "Finance"),
        ("lena.fischer", Provider.IMPORT, "Finance"),
        ("lena.fischer", Provider.ACTIVE_DIRECTORY, "Active Directory Policy"),
        ("diego.santos", None, "Active Directory Policy"),
        ("jonas.lindqvist", None, "Default Policy"),
        ("aiko.tanaka", None, "Default Policy"),
    ],
)
def test_the_first_policy_that_fits_is_the_persons(org: Org, handle: str, provider: str | None, name: str) -> None:
    """By group and by where the password is checked."""
    user = org.user(login(handle))
    if provider is not None:
        user = org.change(user.id, provider=provider)

    assert org.policies.of(user).name == name


async def test_a_password_expires_at_the_next_sign_in(org: Org, clock: Clock) -> None:
    """Okta sweeps nobody: until then the status says ACTIVE. Then the person chooses another."""
    org.policies.change("Default Policy", max_age_days=61)
    assert org.sign_in(JONAS.login)
    clock.advance(timedelta(days=1))
    assert org.user(JONAS.login).status == "ACTIVE"
    assert not org.sign_in(JONAS.login)
    assert org.user(JONAS.login).status == "PASSWORD_EXPIRED"
    org.choose_password(JONAS.login, "Correct-Horse-7")

    assert org.sign_in(JONAS.login)
