"""Which scope each operation needs, by Okta's own description."""

import inspect
from datetime import UTC, datetime

import pytest

from okta.client import OktaClient
from okta.event_hooks import WantedHook
from okta.models import PushChallenge
from okta.scopes import NEEDED, covers, scopes_for
from sandbox.okta import Org
from tests.okta.apps import register, sign_in
from tests.okta.clients import connect

OPERATIONS = {name for name, _ in inspect.getmembers(OktaClient, inspect.isfunction) if not name.startswith("_")}


ANYBODYS = {"organization", "openid_configuration", "keys"}


def test_every_operation_has_its_scope() -> None:
    """But those that anybody may call."""
    assert NEEDED.keys() == OPERATIONS - ANYBODYS - {"in_background", "noting"}


HOOK = WantedHook("Signal", ("user.account.lock",), "https://receiver.example/", "X-Hook-Secret", "secret")
DAY = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
NOTHING = frozenset(
    [
        "administrators",
        "api_tokens",
        "apps",
        "authenticators",
        "event_hooks",
        "find_groups",
        "linked_object_definitions",
        "log",
        "me",
        "org_settings",
        "password_policies",
        "users",
    ]
)
"""What wants no id."""

MORE: dict[str, tuple[object, ...]] = {
    "linked_objects": ("manager",),
    **dict.fromkeys(("factor", "remove_factor", "challenge", "push"), ("opfGone",)),
    "verify_code": ("opfGone", "123456"),
    **dict.fromkeys(("add_member", "remove_member", "app_user", "assign_app", "unassign_app"), ("00uNobody",)),
    **dict.fromkeys(("app_group", "assign_app_group", "unassign_app_group"), ("00gNothing",)),
    **dict.fromkeys((name for name in NEEDED if "role_target" in name), ("ra1Gone",)),
    "replace_event_hook": (HOOK,),
}
"""What an operation wants besides an id."""

NAMED: dict[str, dict[str, bool]] = {
    "reset_password": {"send_email": True, "revoke_sessions": True},
    "forgot_password": {"send_email": True},
    "unassign_app": {"send_email": False},
}
"""What it wants by name."""


def given(okta: OktaClient, operation: str, user_id: str) -> tuple[object, ...]:
    """What an operation is called with, on somebody for whom it is legal or not: either way it is past the check of scopes."""
    if operation == "create_event_hook":
        return (HOOK,)
    if operation == "events":
        return DAY
    if operation in {"poll_push", "cancel_push"}:
        link = f"{okta._exchanges._http.base_url}/api/v1/users/{user_id}/factors/opf1/transactions/t1"
        return (PushChallenge(user_id, "opf1", None, None, link, link),)
    return () if operation in NOTHING else (user_id, *MORE.get(operation, ()))


async def call(okta: OktaClient, operation: str, user_id: str) -> None:
    """Do it; a list is read to its end."""
    made = getattr(okta, operation)(*given(okta, operation, user_id), **NAMED.get(operation, {}))
    if hasattr(made, "__aiter__"):
        async for _ in made:
            pass
    else:
        await made


@pytest.mark.parametrize("operation", sorted(NEEDED))
async def test_the_scope_is_enough_and_needed(org: Org, url: str, operation: str) -> None:
    """The twin checks scopes as the description has them; with this one alone it never names another."""
    register(org, scopes=set(NEEDED.values()))
    user_id = org.user("maya.okafor@northwind.example").id
    only = scopes_for([operation])
    other = {"okta.devices.read"}
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
