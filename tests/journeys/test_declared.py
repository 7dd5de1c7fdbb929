"""What a capability says it does in Okta is what it does there: scopes, roles and the doctor rest on it."""

import re
from typing import Any, Final

import pytest
from redis.asyncio import Redis

from handlers import find
from tests.world import World, world

OPERATIONS: Final = {
    ("GET", r"/api/v1/users"): "users",
    ("GET", r"/api/v1/users/[^/]+"): "user",
    ("GET", r"/api/v1/users/[^/]+/blocks"): "blocks",
    ("GET", r"/api/v1/users/[^/]+/factors"): "factors",
    ("POST", r"/api/v1/users/[^/]+/lifecycle/unlock"): "unlock",
    ("POST", r"/api/v1/users/[^/]+/lifecycle/reset_password"): "reset_password",
    ("POST", r"/api/v1/users/[^/]+/credentials/forgot_password"): "forgot_password",
    ("POST", r"/api/v1/users/[^/]+/lifecycle/reactivate"): "reactivate",
    ("DELETE", r"/api/v1/users/[^/]+/factors/[^/]+"): "remove_factor",
    ("DELETE", r"/api/v1/users/[^/]+/sessions"): "clear_sessions",
}
"""The operations of the client, by what the org sees of them."""

JOURNEYS: Final = {
    "unlock_account": [("UMAYA", "I'm locked out", "Unlock your account?", "Your account is unlocked")],
    "reset_password": [
        ("UJONAS", "I forgot my password", "Reset your password?", "Your password is reset"),
        ("UJONAS", "I forgot my password", "Send you a link for a new password?", "Okta has sent you a link"),
        ("UTOM", "I forgot my password", "Send your activation mail again?", "Okta has sent the activation mail again"),
    ],
    "reset_mfa": [("UJONAS", "reset my Okta Verify", "Which sign-in method", "Removed")],
    "sign_in_help": [("UJONAS", "I can't log in", "Your account is not locked", "")],
    "account_history": [("UJONAS", "What happened to my account?", "I have done nothing", "")],
    "not_me": [("UJONAS", "this wasn't me", "I have stopped", "You are signed out of Okta everywhere")],
}
"""What is asked by whom, the title of the card that comes, and that of the last one where that is another."""

SETTINGS: Final[dict[str, Any]] = {
    "capabilities": {"reset_password": "act", "reset_mfa": "act"},
    "reset_mfa": {"end_sessions": True},
}


def operations(running: World) -> set[str]:
    """What the org was asked since the bot had looked whose token it holds."""
    asked = [call for call in running.twin.org.calls if call.path.startswith("/api/") and "/users/me" not in call.path]
    return {_operation(call.method, call.path) for call in asked if not call.path.endswith("/roles")}


def _operation(method: str, path: str) -> str:
    return next(name for (verb, form), name in OPERATIONS.items() if verb == method and re.fullmatch(form, path))


async def _play(running: World, user_id: str, text: str, question: str, end: str) -> None:
    person = running.person(user_id)
    await person.dm(text)
    card = await running.card(person, question)
    if question.startswith("Which"):
        webauthn = next(
            one for one in running.twin.org.user("jonas.lindqvist@northwind.example").factors if one.type == "webauthn"
        )
        await person.press(card.ts, f"choose:{webauthn.id}")
        card = await running.card(person, "Remove this from your account?")
    if end:
        await person.press(card.ts, card.action_ids[0])
        await running.card(person, end)


@pytest.mark.parametrize("name", JOURNEYS)
async def test_a_capability_does_what_it_says_and_all_of_it(redis_url: str, redis: Redis, name: str) -> None:
    """All its ways together ask for just what is declared."""
    capability, seen = find()[name], set()
    for user_id, text, question, end in JOURNEYS[name]:
        await redis.flushall()
        async with world(redis_url, **SETTINGS) as running:
            running.twin.set_roles({"HELP_DESK_ADMIN", "USER_ADMIN"})
            running.twin.org.settings.pipeline = "v1" if question.startswith("Send you a link") else "idx"
            await _play(running, user_id, text, question, end)
            seen |= operations(running)

    assert seen == capability.reads | capability.writes | capability.extras


def test_every_capability_is_played() -> None:
    """A new one comes with its journey."""
    assert JOURNEYS.keys() == find().keys()
