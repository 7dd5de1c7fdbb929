"""Password policies and their rules."""

import json
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta.client import OktaClient
from okta.errors import LostAnswerError, NotFoundError, NotPermittedError
from okta.models import AuthProvider, PasswordAge, PasswordPolicy, PolicyRule, Selection
from okta.reading import read_many
from sandbox.okta import Org
from sandbox.people import Group, okta_id
from tests.okta.apps import register, sign_in
from tests.okta.clients import connect
from tests.okta.properties import patient
from tests.okta.wire import said, wire

FINANCE, EVERYONE = (okta_id("00g", name) for name in (Group.FINANCE, Group.EVERYONE))


def by_name(policies: tuple[PasswordPolicy, ...], name: str) -> PasswordPolicy:
    """The policy of this name."""
    return next(policy for policy in policies if policy.name == name)


async def test_the_policies_in_their_order(okta: OktaClient) -> None:
    """As Okta tries them; what it says of age, lockout and recovery, and for whom."""
    policies = await okta.password_policies()

    assert [policy.priority for policy in policies] == [1, 2, 3, 4]
    assert [policy.system for policy in policies] == [False, False, False, True]
    finance = by_name(policies, "Finance")
    assert finance.is_active
    assert finance.type == "PASSWORD"
    assert finance.settings.password.age == PasswordAge(90, 14, 60, 10)
    assert finance.conditions.people.groups == Selection((FINANCE,))
    assert finance.conditions.people.users == Selection()
    assert finance.conditions.auth_provider.provider == AuthProvider.OKTA
    assert finance.recovery_minutes == 60
    directory = by_name(policies, "Active Directory Policy")
    assert directory.conditions.auth_provider.provider == AuthProvider.ACTIVE_DIRECTORY
    assert directory.settings.password.age.max_age_days == 0


async def test_a_policy_is_as_it_is_set(okta: OktaClient, org: Org) -> None:
    """Also the lockout, which is the org's in the twin."""
    org.policies.change("Finance", max_age_days=30, warn_days=0, token_minutes=15)
    org.settings.max_attempts, org.settings.auto_unlock_minutes = 3, 45
    policy_id = by_name(await okta.password_policies(), "Finance").id

    policy = await okta.policy(policy_id)

    lockout = policy.settings.password.lockout
    assert (policy.settings.password.age.max_age_days, policy.settings.password.age.expire_warn_days) == (30, 0)
    assert (lockout.max_attempts, lockout.auto_unlock_minutes) == (3, 45)
    assert (lockout.show_lockout_failures, lockout.user_lockout_notification_channels) == (False, ())
    assert policy.recovery_minutes == 15
    assert policy.created
    assert org.clock.now() - policy.created < timedelta(days=3650)


async def test_the_rules_of_a_policy(okta: OktaClient, org: Org) -> None:
    """They tell whether people may help themselves."""
    org.policies.change("Finance", self_service_reset=False, self_service_unlock=True)
    policy_id = by_name(await okta.password_policies(), "Finance").id

    (rule,) = await okta.policy_rules(policy_id)

    assert (rule.priority, rule.is_active, rule.system) == (1, True, False)
    assert rule.actions.password_change.granted is True
    assert rule.actions.self_service_password_reset.granted is False
    assert rule.actions.self_service_unlock.granted is True
    assert rule.conditions.network.connection == "ANYWHERE"
    assert rule.conditions.people.users.exclude == ()


async def test_a_policy_that_is_not_there(okta: OktaClient) -> None:
    """Neither it nor its rules are found."""
    for call in (okta.policy, okta.policy_rules):
        with pytest.raises(NotFoundError):
            await call("00pNothing")


@pytest.mark.parametrize("roles", [{"HELP_DESK_ADMIN"}])
async def test_a_role_that_sees_no_policies(okta: OktaClient, org: Org) -> None:
    """Okta does not say whether the help desk does; the twin says no."""
    finance = next(iter(org.policies)).id
    for call in (okta.password_policies(), okta.policy(finance), okta.policy_rules(finance)):
        with pytest.raises(NotPermittedError) as caught:
            await call
        assert caught.value.code == "E0000006"


async def test_an_app_without_the_scope(org: Org, url: str) -> None:
    """The error names what is missing."""
    register(org, scopes={"okta.users.read"})
    async with connect(url, auth=sign_in(org.clock.now, scopes={"okta.users.read"}, optional=())) as okta:
        with pytest.raises(NotPermittedError) as caught:
            await okta.password_policies()

    assert caught.value.missing_scopes == {"okta.policies.read"}


async def test_all_pages_are_read() -> None:
    """And put in order over them; one without a priority comes before the default one alone."""
    first = [{"id": "00p4", "priority": 1, "system": True}, {"id": "00p3"}, {"id": "00p2", "priority": 2}]
    second = [{"id": "00p1", "priority": 1, "status": "INACTIVE"}]
    async with wire() as server, connect(server.url) as okta:
        link = ("Link", f'<{server.url}/api/v1/policies?after=1&type=PASSWORD>; rel="next"')
        server.answers[:] = [said(200, json.dumps(first), link), said(200, json.dumps(second))]
        policies = await okta.password_policies()

    assert [policy.id for policy in policies] == ["00p1", "00p2", "00p3", "00p4"]
    assert not policies[0].is_active
    assert [asked.target for asked in server.asked] == [
        "/api/v1/policies?type=PASSWORD&limit=200",
        "/api/v1/policies?after=1&type=PASSWORD",
    ]


async def test_rules_are_put_in_order() -> None:
    """By their priority."""
    rules = [{"id": "0pr2", "priority": 2}, {"id": "0pr1", "priority": 1, "status": "INACTIVE"}]
    async with wire(said(200, json.dumps(rules))) as server, connect(server.url) as okta:
        assert [(rule.id, rule.is_active) for rule in await okta.policy_rules("00p1")] == [
            ("0pr1", False),
            ("0pr2", False),
        ]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"settings": None},
        {"settings": {"password": None}},
        {"settings": {"password": {"lockout": {}}, "recovery": {"factors": {"okta_email": {"status": "INACTIVE"}}}}},
        {"settings": {"password": {"age": {"maxAgeDays": "90"}, "lockout": []}, "recovery": {"factors": None}}},
        {"settings": {"password": {"age": {"maxAgeDays": 90.5}}}},
        {"conditions": None},
        {"conditions": {"people": None, "authProvider": {"provider": None}}},
        {"conditions": {"people": {"groups": {"include": "00g1"}, "users": []}}},
    ],
)
async def test_what_a_policy_does_not_say_is_not_known(odd: dict[str, Any]) -> None:
    """And is never a 0, which would mean for ever, or never."""
    sent = [{"id": "00p1", "name": "Odd", "priority": 3, **odd}]
    async with wire(said(200, json.dumps(sent))) as server, connect(server.url) as okta:
        (policy,) = await okta.password_policies()

    assert (policy.id, policy.name, policy.priority) == ("00p1", "Odd", 3)
    assert policy.settings.password.age.max_age_days is None
    assert policy.settings.password.lockout.auto_unlock_minutes is None
    assert policy.recovery_minutes is None
    assert policy.conditions.people.groups.include is None
    assert policy.conditions.people.users.exclude is None


async def test_an_odd_part_does_not_cost_the_others() -> None:
    """Not even within the same settings."""
    sent = {"settings": {"password": {"age": {"maxAgeDays": 90, "historyCount": "many"}, "lockout": 7}}}
    async with wire(said(200, json.dumps(sent))) as server, connect(server.url) as okta:
        assert (await okta.policy("00p1")).settings.password.age == PasswordAge(90)


@pytest.mark.parametrize("actions", [None, [], {}, {"selfServiceUnlock": None}, {"selfServiceUnlock": {"access": "?"}}])
async def test_what_a_rule_does_not_say_is_not_known(actions: object) -> None:
    """It is neither granted nor refused."""
    sent = [{"id": "0pr1", "actions": actions, "conditions": None}]
    async with wire(said(200, json.dumps(sent))) as server, connect(server.url) as okta:
        (rule,) = await okta.policy_rules("00p1")

    assert rule.actions.self_service_unlock.granted is None
    assert rule.actions.password_change.granted is None


@pytest.mark.parametrize("body", ["{}", "null", "nonsense", "<html>"])
async def test_an_answer_that_is_no_list(body: str) -> None:
    """It is not taken for an org without policies."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError):
            await okta.password_policies()
        with pytest.raises(LostAnswerError):
            await okta.policy_rules("00p1")


NAMES: Final = st.sampled_from(
    [
        *("id", "priority", "system", "conditions", "people", "groups", "users", "include", "exclude", "authProvider"),
        *("settings", "password", "age", "maxAgeDays", "lockout", "recovery", "factors", "okta_email", "properties"),
        *("recoveryToken", "tokenLifetimeMinutes", "actions", "selfServiceUnlock", "access", "network", "connection"),
    ]
)
ANYTHING: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@patient
@given(
    st.lists(st.dictionaries(NAMES, ANYTHING, max_size=8), max_size=3), st.sampled_from([PasswordPolicy, PolicyRule])
)
def test_any_json_is_a_policy(sent: list[dict[str, Any]], kind: type[PasswordPolicy | PolicyRule]) -> None:
    """As many as were sent, and what is asked of one has an answer."""
    read = read_many(json.dumps(sent).encode(), kind)

    assert len(read) == len(sent)
    for one in read:
        assert one.is_active is False
        if isinstance(one, PasswordPolicy):
            assert type(one.recovery_minutes) in {int, type(None)}
        else:
            assert one.actions.self_service_unlock.granted in {True, False, None}
