"""The bot signed in to Okta as a service app, with tokens bound to a key as Okta sets it; seen through the front door."""

import logging
from typing import Any

import pytest
from redis.asyncio import Redis

from bot import app
from bot.preflight import look_at_okta
from bot.settings import Settings
from okta.errors import NotPermittedError, ReadOnlyError
from okta.models import Status
from sandbox.people import STAR
from sandbox.twin import APP_TOKEN, BOT_TOKEN, Twin, twin
from tests.okta.apps import APP, pem, private, public
from tests.scribe import AUDIT_KEY
from tests.world import World, world

PEM = pem(private("ES256", 1))
OTHER = pem(private("ES256", 2))
SIGNS_IN = {"client_id": APP, "private_key": PEM, "key_id": "key-1"}
READER, ROLES = "0oaReader", "0oaRoles"


def register(outside: Twin, client_id: str, scopes: set[str], *roles: str, number: int = 1) -> None:
    """Have the org know an app."""
    key = public(private("ES256", number), kid=f"key-{number}")
    outside.org.add_service_app(client_id, [key], scopes=scopes, roles=roles)


def settings(outside: Twin, redis_url: str, **okta: Any) -> Settings:
    """The bot's, with this way of signing in."""
    slack = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": f"{outside.slack_url}/api/"}
    return Settings(
        slack=slack, okta={"org_url": outside.okta_url} | okta, redis_url=redis_url, audit={"key": AUDIT_KEY}
    )


async def unlock_maya(bot: World) -> None:
    """The main job."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Your account is unlocked")


async def test_an_account_is_unlocked(redis: Redis, redis_url: str) -> None:
    """With the one scope that is needed for it."""
    del redis
    async with world(redis_url, signs_in=SIGNS_IN) as bot:
        register(bot.twin, APP, {"okta.users.manage"}, "HELP_DESK_ADMIN")
        await unlock_maya(bot)

        assert bot.effects == ["unlock"]
        assert bot.status("maya.okafor") == Status.ACTIVE


async def test_a_key_is_changed_without_an_outage(redis: Redis, redis_url: str) -> None:
    """The settings hold both while Okta has first the old one, then both, then the new one alone."""
    del redis
    both = SIGNS_IN | {"other_private_key": OTHER, "other_key_id": "key-2"}
    async with world(redis_url, signs_in=both) as bot:
        register(bot.twin, APP, {"okta.users.manage"}, "HELP_DESK_ADMIN", number=2)
        await unlock_maya(bot)

        assert bot.effects == ["unlock"]


async def test_read_only_asks_for_no_more_than_reading(redis: Redis, redis_url: str) -> None:
    """The app needs no scope to write, and is not let in with one that it does not have."""
    del redis
    async with world(redis_url, signs_in=SIGNS_IN, read_only=True) as bot:
        register(bot.twin, APP, {"okta.users.read"}, "READ_ONLY_ADMIN")
        maya = bot.person("UMAYA")
        await maya.dm("I'm locked out")
        await bot.card(maya, "How to unlock your account")

        assert {call.path for call in bot.twin.org.calls if call.method != "GET"} == {"/oauth2/v1/token"}


async def test_each_purpose_signs_in_for_itself(redis: Redis, redis_url: str) -> None:
    """What reads by itself, or reads roles, could not write; and roles are read without a powerful writer."""
    del redis
    signs_in = SIGNS_IN | {
        "reader": {"client_id": READER, "private_key": PEM},
        "roles": {"client_id": ROLES, "private_key": PEM},
    }
    async with twin() as outside:
        register(outside, APP, {"okta.users.manage"}, "HELP_DESK_ADMIN")
        register(outside, READER, {"okta.users.read", "okta.logs.read"}, "READ_ONLY_ADMIN")
        register(outside, ROLES, {"okta.roles.read"}, "SUPER_ADMIN")
        maya = outside.org.user(STAR)
        async with app.bot(settings(outside, redis_url, **signs_in), clock=outside.clock) as running:
            assert (await running.okta.reading.user(maya.id)).id == maya.id
            assert (await running.okta.reading.log()).cursor
            assert await running.okta.roles.roles(maya.id) == ()
            for client in (running.okta.reading, running.okta.roles):
                with pytest.raises(ReadOnlyError):
                    await client.unlock(maya.id)
            with pytest.raises(NotPermittedError, match=r"okta\.roles\.read|roles"):
                await running.okta.acting.roles(maya.id)
        done = [call for call in outside.org.calls if call.path.startswith("/api") and call.status == 200]

    (reader,) = {call.principal for call in done if call.path == "/api/v1/logs"}
    (of_roles,) = {call.principal for call in done if call.path.endswith("/roles")}
    assert reader != of_roles
    assert not outside.org.effects


async def test_without_credentials_of_their_own_the_main_one_serves(redis: Redis, redis_url: str) -> None:
    """And all the same they cannot write."""
    del redis
    async with twin() as outside:
        register(outside, APP, {"okta.users.manage", "okta.logs.read"}, "SUPER_ADMIN")
        maya = outside.org.user(STAR)
        async with app.bot(settings(outside, redis_url, **SIGNS_IN), clock=outside.clock) as running:
            assert (await running.okta.reading.log()).cursor
            with pytest.raises(ReadOnlyError):
                await running.okta.reading.unlock(maya.id)
            with pytest.raises(NotPermittedError) as refused:
                await running.okta.roles.roles(maya.id)

    assert refused.value.missing_scopes == {"okta.roles.read"}


@pytest.mark.parametrize("change", ["no such app", "another key", "a scope is missing", "none"])
async def test_the_start_says_how_it_stands(
    redis: Redis, redis_url: str, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By name, with what to do, and without anything that is secret."""
    del redis
    caplog.set_level(logging.INFO)
    async with twin() as outside:
        if change != "no such app":
            scopes = {"okta.users.read"} if change == "a scope is missing" else {"okta.users.manage"}
            register(outside, APP, scopes, "HELP_DESK_ADMIN", number=2 if change == "another key" else 1)
        made = settings(outside, redis_url, **SIGNS_IN)
        async with app.bot(made, clock=outside.clock) as running:
            await look_at_okta(running.okta, made.okta)

    said = {
        "no such app": f"Okta does not accept the app {APP}: there is no such app, or it is not active",
        "another key": "the app has no public key of this id",
        "a scope is missing": "grant the missing scopes to the app, under Okta API Scopes (okta.users.manage)",
        "none": f"Okta knows the bot as the app {APP}",
    }
    assert said[change] in caplog.text
    assert PEM.splitlines()[1] not in caplog.text
