"""The cast has a face for each case that the bot has to tell apart."""

from collections import Counter

import pytest

from sandbox.clock import Clock
from sandbox.okta import Org
from sandbox.okta.lifecycle import unlockable
from sandbox.people import EMPLOYEES, GROUP_ROLES, SLACK_MEMBERS, STAR, Employee, Provider, Status
from sandbox.twin import twin


def _those(**wanted: object) -> list[Employee]:
    return [one for one in EMPLOYEES if all(getattr(one, name) == value for name, value in wanted.items())]


@pytest.mark.parametrize("status", Status)
def test_every_status_has_somebody(status: Status) -> None:
    """All eight that Okta has."""
    assert _those(status=status)


@pytest.mark.parametrize("provider", [Provider.OKTA, Provider.ACTIVE_DIRECTORY, Provider.LDAP, Provider.FEDERATION])
def test_every_kind_of_directory_has_somebody(provider: Provider) -> None:
    """Okta itself, AD, LDAP, and another identity provider."""
    assert _those(provider=provider)


def test_the_particular_cases_have_somebody() -> None:
    """Admins by themselves and by a group, one address for two, factors none and one, a block, a lock in the directory alone."""
    addresses = Counter(one.address for one in EMPLOYEES)

    assert [one.handle for one in EMPLOYEES if one.roles] == ["grace.adeyemi"]
    assert [one.handle for one in EMPLOYEES if GROUP_ROLES.keys() & set(one.groups)] == ["ruth.mensah"]
    assert [address for address, number in addresses.items() if number > 1] == ["store.milano@northwind.example"]
    assert [one for one in _those(status=Status.ACTIVE, provider=Provider.OKTA) if not one.factors and one.in_slack]
    assert [one for one in _those(status=Status.ACTIVE, provider=Provider.OKTA) if len(one.factors) == 1]
    assert _those(blocked=True, status=Status.ACTIVE)
    assert _those(locked_in_directory=True, status=Status.ACTIVE)
    assert _those(status=Status.LOCKED_OUT, provider=Provider.OKTA)[0].login == STAR
    assert 15 <= len(EMPLOYEES) <= 20


def test_the_factors_have_their_cases() -> None:
    """An old phone with a key beside it, FastPass, a lone text message; a question for all who have a password here but one."""
    org = Org(Clock())
    by_handle = {user.login.partition("@")[0]: user for user in org.users()}

    jonas = [(one.type, one.device) for one in by_handle["jonas.lindqvist"].factors]
    assert jonas == [
        ("push", "Jonas's iPhone 8"),
        ("token:software:totp", "Jonas's iPhone 8"),
        ("webauthn", "MacBook Touch ID"),
    ]
    assert "signed_nonce" in [one.type for one in by_handle["grace.adeyemi"].factors]
    (text,), recovery = by_handle["clara.novak"].factors, by_handle["clara.novak"].recovery
    assert recovery is not None
    assert (text.type, text.profile) == ("sms", {"phoneNumber": recovery.phone})
    lacking = [user.login for user in org.users() if user.password_changed and user.recovery is None]
    assert lacking == ["ben.osei@northwind.example"]
    ids = [one.id for user in org.users() for one in user.factors]
    assert len(set(ids)) == len(ids)


def test_nobody_is_two() -> None:
    """Ids, logins, names and Slack accounts are one person's."""
    for values in (
        [one.id for one in EMPLOYEES],
        [one.login for one in EMPLOYEES],
        [one.name for one in EMPLOYEES],
        [member.id for member in SLACK_MEMBERS],
        [member.handle for member in SLACK_MEMBERS],
    ):
        assert len(set(values)) == len(values)


def test_managers_are_of_the_cast() -> None:
    """And each name has a given name in front."""
    handles = {one.handle for one in EMPLOYEES}

    assert {one.manager for one in EMPLOYEES} - {None} <= handles
    assert all(one.name.startswith(f"{one.first_name} ") for one in EMPLOYEES)


def test_a_history_fits_its_status() -> None:
    """Nobody has signed in who was never active; whoever has a password here has a time for it; the lock is in the log."""
    org = Org(Clock())

    for user in org.users():
        never = user.status in {"STAGED", "PROVISIONED"}
        assert (user.last_login is None) == never
        assert (user.activated is None) == never
        assert user.sessions == (1 if user.status == "ACTIVE" else 0)
    locked = [user.id for user in org.users() if user.status == "LOCKED_OUT"]
    assert sorted(entry["actor"]["id"] for entry in org.log) == sorted(locked)
    assert len([user for user in org.users() if unlockable(user, directory_unlock=False)]) == 3


async def test_the_bots_own_token_can_be_changed_under_it() -> None:
    """The handles of the journeys."""
    async with twin() as world:
        tokens = world.org.principals
        assert world.employee("UMAYA") is world.employee(STAR)
        now = world.clock.now()
        world.set_roles({"READ_ONLY_ADMIN"})
        assert tokens.caller("SSWS 00TwinServiceAccountToken", now).roles == frozenset({"READ_ONLY_ADMIN"})
        with pytest.raises(ValueError, match="KING"):
            world.set_roles({"KING"})
        world.revoke_token()
        with pytest.raises(KeyError):
            world.set_roles(set())
        with pytest.raises(LookupError):
            world.employee("nobody")
