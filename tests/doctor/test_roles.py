"""What the doctor knows of admin roles, held against an org that enforces them, and what it makes of it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.doctor.credential import judge_roles
from bot.doctor.findings import Mark, verdict
from bot.doctor.roles import LABELS, PERMISSIONS, SEEN, STANDARD, SUPER, Held, fitting, least
from handlers import find
from okta.client import OktaClient
from okta.errors import NotPermittedError
from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.serve import serve
from tests.okta.clients import TOKEN, connect

EVERYTHING = sorted(STANDARD[SUPER])


def _id(org: Org, handle: str) -> str:
    return org.user(f"{handle}@northwind.example").id


def _attempts(okta: OktaClient, org: Org) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Each operation on somebody for whom it is legal."""
    jonas, maya, tom = (_id(org, handle) for handle in ("jonas.lindqvist", "maya.okafor", "tom.becker"))
    clara = _id(org, "clara.novak")
    factor, code, message = org.user(jonas).factors[0].id, org.user(jonas).factors[1].id, org.user(clara).factors[0].id

    async def first(listing: Any) -> None:
        async for _ in listing.pages():
            return

    return {
        "users": lambda: first(okta.users(limit=1)),
        "user": lambda: okta.user(jonas),
        "blocks": lambda: okta.blocks(jonas),
        "factors": lambda: okta.factors(jonas),
        "roles": lambda: okta.roles(jonas),
        "log": lambda: okta.log(limit=1),
        "password_policies": okta.password_policies,
        "find_groups": lambda: first(okta.find_groups(limit=1)),
        "apps": lambda: first(okta.apps(limit=1)),
        "push": lambda: okta.push(jonas, factor),
        "verify_code": lambda: okta.verify_code(jonas, code, org.phones.code(jonas)),
        "challenge": lambda: okta.challenge(clara, message),
        "unlock": lambda: okta.unlock(maya),
        "forgot_password": lambda: okta.forgot_password(jonas, send_email=True),
        "remove_factor": lambda: okta.remove_factor(jonas, factor),
        "clear_sessions": lambda: okta.clear_sessions(jonas),
        "reset_password": lambda: okta.reset_password(jonas, send_email=True, revoke_sessions=False),
        "reactivate": lambda: okta.reactivate(tom),
    }


async def _allowed(roles: list[str]) -> set[str]:
    """What an org allows to a token with these roles."""
    org = Org(Clock())
    org.settings.pipeline = "v1"  # where links for forgotten passwords are to be had
    org.add_token(TOKEN, roles=roles)
    allowed = set()
    async with serve(okta_app(org)) as url, connect(url) as okta:
        attempts = _attempts(okta, org)
        assert sorted(attempts) == EVERYTHING
        for name, attempt in attempts.items():
            try:
                await attempt()
            except NotPermittedError:
                continue
            allowed.add(name)
    return allowed


@pytest.mark.parametrize("role", STANDARD)
async def test_a_standard_role_allows_what_is_known_of_it(role: str) -> None:
    """No more, and no less."""
    assert await _allowed([role]) == STANDARD[role]


def test_each_capability_has_a_least_role() -> None:
    """Which is not Super Administrator."""
    for capability in find().values():
        assert least(capability.reads | capability.writes) in {"HELP_DESK_ADMIN", "READ_ONLY_ADMIN"}
        assert capability.reads | capability.writes | capability.extras <= STANDARD[SUPER]


ROLES = st.frozensets(st.sampled_from([*STANDARD, "CUSTOM", "A_NEW_ONE"]))
NEEDED = st.frozensets(st.sampled_from(EVERYTHING))
CUSTOM = st.none() | st.frozensets(st.sampled_from([*PERMISSIONS, "okta.new"]))


@given(roles=ROLES, permissions=CUSTOM, needed=NEEDED, acts=st.booleans())
def test_roles_are_judged_by_what_is_needed(
    roles: frozenset[str], permissions: frozenset[str] | None, needed: frozenset[str], *, acts: bool
) -> None:
    """None and Super Administrator are problems; what is too much has a fix; nothing needed is called too much."""
    held = Held(roles, permissions)
    said = judge_roles(held, needed, acts=acts)

    assert all(item.fix for item in said if item.mark in {Mark.PROBLEM, Mark.WARNING})
    assert (verdict(said) is Mark.PROBLEM) == (not roles or SUPER in roles)
    left = Held(roles - held.excess(needed), permissions)
    great = bool(roles & {SUPER, "ORG_ADMIN"})
    assert great or all(left.allows(one) == held.allows(one) for one in needed if held.allows(one) is not None)


@given(roles=st.sampled_from(list(STANDARD)), unseen=st.frozensets(st.sampled_from(sorted(SEEN))))
def test_a_role_fits_what_it_may_read(roles: str, unseen: frozenset[str]) -> None:
    """Also where something could not be tried."""
    seen = {operation: None if operation in unseen else operation in STANDARD[roles] for operation in SEEN}

    assert roles in fitting(seen)


def test_what_no_one_role_may_read_fits_none() -> None:
    """Such as sign-in methods without people."""
    assert fitting({"users": False, "factors": True}) == ()


@given(needed=NEEDED)
def test_the_least_role_allows_all_of_it(needed: frozenset[str]) -> None:
    """And it has a name in the console."""
    assert needed <= STANDARD[least(needed)]
    assert least(needed) in LABELS
