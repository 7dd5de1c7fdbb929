"""Which scope each operation needs, by Okta's own description."""

import inspect

import pytest

from okta.client import OktaClient
from okta.scopes import NEEDED, covers, scopes_for
from sandbox.okta import Org
from tests.okta.apps import register, sign_in
from tests.okta.clients import connect

OPERATIONS = {name for name, _ in inspect.getmembers(OktaClient, inspect.isfunction) if not name.startswith("_")}


ANYBODYS = {"organization", "openid_configuration", "keys"}


def test_every_operation_has_its_scope() -> None:
    """But those that anybody may call."""
    assert NEEDED.keys() == OPERATIONS - ANYBODYS - {"in_background"}


ARGUMENTS: dict[str, tuple[str, ...]] = {
    "linked_objects": ("manager",),
    "add_member": ("00uNobody",),
    "remove_member": ("00uNobody",),
    "app_user": ("00uNobody",),
    "assign_app": ("00uNobody",),
    "app_group": ("00gNothing",),
    "assign_app_group": ("00gNothing",),
    "unassign_app_group": ("00gNothing",),
}
"""What an operation wants besides an id."""


async def call(  # noqa: C901 - a line for each kind of call
    okta: OktaClient, operation: str, user_id: str
) -> None:
    """One operation, on somebody for whom it is legal or not: either way it is past the check of scopes."""
    match operation:
        case "users" | "find_groups" | "apps" | "administrators":
            assert [record async for record in getattr(okta, operation)()]
        case "members" | "group_apps" | "group_owners" | "app_users" | "app_groups":
            assert [record async for record in getattr(okta, operation)(user_id)]
        case _ if "role_target" in operation:
            assert [record async for record in getattr(okta, operation)(user_id, "ra1Gone")]
        case "linked_object_definitions":
            assert await okta.linked_object_definitions()
        case "unassign_app":
            await okta.unassign_app(user_id, "00uNobody", send_email=False)
        case "log" | "me" | "org_settings" | "api_tokens":
            await getattr(okta, operation)()
        case "reset_password":
            await okta.reset_password(user_id, send_email=True, revoke_sessions=True)
        case "forgot_password":
            await okta.forgot_password(user_id, send_email=True)
        case "remove_factor":
            await okta.remove_factor(user_id, "opfGone")
        case _:
            await getattr(okta, operation)(user_id, *ARGUMENTS.get(operation, ()))


@pytest.mark.parametrize("operation", sorted(NEEDED))
async def test_the_scope_is_enough_and_needed(org: Org, url: str, operation: str) -> None:
    """The twin checks scopes as the description has them; with this one alone it never names another."""
    register(org, scopes=set(NEEDED.values()))
    user_id = org.user("maya.okafor@northwind.example").id
    only = scopes_for([operation])
    other = {"okta.eventHooks.read"}
    org.service_apps["0oaUnlatchOfTheTests"].scopes |= other

    missing: list[frozenset[str]] = []
    for scopes in (only, other):
        async with connect(url, auth=sign_in(org.clock.now, scopes=scopes, optional=())) as okta:
            try:
                await call(okta, operation, user_id)
            except Exception as error:  # noqa: BLE001 - whatever it is, only the scope matters
                missing.append(getattr(error, "missing_scopes", frozenset()))
            else:
                missing.append(frozenset())
    assert missing == [frozenset(), only]


def test_no_scope_is_asked_for_that_another_includes() -> None:
    """`.manage` includes `.read`, and nothing else does."""
    assert scopes_for([]) == scopes_for(["organization"]) == frozenset()
    assert scopes_for(["user", "factors"]) == {"okta.users.read"}
    assert scopes_for(["user", "unlock", "roles"]) == {"okta.users.manage", "okta.roles.read"}
    assert covers(["okta.users.manage"], "okta.users.read")
    assert not covers(["okta.users.read"], "okta.users.manage")
    assert not covers(["okta.users.manage"], "okta.groups.read")
