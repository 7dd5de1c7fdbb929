"""At the start: one store for one workspace and one org, and a warning about a token that may do everything."""

import logging
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot import app
from bot.errors import StartError
from bot.keys import Keys
from bot.preflight import look_at_okta
from bot.settings import Settings
from sandbox.twin import API_TOKEN, APP_TOKEN, BOT_TOKEN, Twin, twin
from tests.doctor.outside import service_app
from tests.scribe import AUDIT_KEY
from tests.world import world


def settings(outside: Twin, **more: Any) -> Settings:
    """The bot between the two halves of `outside`."""
    slack = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api_url": f"{outside.slack_url}/api/"}
    okta = {"org_url": outside.okta_url, "api_token": API_TOKEN}
    return Settings(**{"slack": slack, "okta": okta, "audit": {"key": AUDIT_KEY}, **more})


async def test_a_redis_of_another_bot_is_left_alone(redis: Redis, redis_url: str) -> None:
    """Neither is anything carried out that the other was asked for, nor anything stored there."""
    async with twin() as outside, twin() as other:
        async with app.bot(settings(outside, redis_url=redis_url), worker=False):
            await outside.person("UMAYA").dm("I'm locked out")
        before = await redis.dbsize()

        with pytest.raises(StartError, match="belongs to an Unlatch of another Slack workspace or Okta org") as caught:
            async with app.bot(settings(other, redis_url=redis_url)):
                pass

        assert await redis.dbsize() == before
        assert not other.org.calls
        assert not other.workspace.sockets.connections
    assert "another database number in redis_url will do" in str(caught.value)
    assert redis_url not in str(caught.value)


async def test_an_embedded_store_of_another_bot_is_left_alone(tmp_path: Path) -> None:
    """With the setting that gives this one its own; the server ends with the attempt."""
    async with twin() as outside, twin() as other:
        async with app.bot(settings(outside, data_dir=tmp_path)):
            pass
        with pytest.raises(StartError, match="Choose another data_dir"):
            async with app.bot(settings(other, data_dir=tmp_path)):
                pass
        async with app.bot(settings(outside, data_dir=tmp_path)):
            pass


async def test_an_org_under_a_new_address_can_be_taken_on(redis: Redis, redis_url: str) -> None:
    """As the refusal says: nothing but the mark stands in the way. It says nothing of whom it stands for."""
    async with twin() as outside, twin() as moved:
        async with app.bot(settings(outside, redis_url=redis_url), worker=False):
            assert await redis.strlen(Keys().installation) == 64
        with pytest.raises(StartError, match=f"delete the key {Keys().installation}"):
            async with app.bot(settings(moved, redis_url=redis_url), worker=False):
                pass
        await redis.delete(Keys().installation)
        async with app.bot(settings(moved, redis_url=redis_url), worker=False):
            pass


async def test_processes_of_one_bot_share_its_redis(redis_url: str, redis: Redis) -> None:
    """However many there are."""
    del redis
    async with world(redis_url, worker=False) as running, app.bot(running.settings, edge=False):
        maya = running.person("UMAYA")
        await maya.dm("I'm locked out")
        await running.card(maya, "Unlock your account?")


@pytest.mark.parametrize(("owner", "warned"), [("grace.adeyemi", True), ("unlatch.service", False)])
async def test_the_token_of_a_super_administrator_is_warned_of(
    redis: Redis, redis_url: str, caplog: pytest.LogCaptureFixture, owner: str, *, warned: bool
) -> None:
    """It opens far more than the bot needs; what is left alone is a token that may not even read roles."""
    del redis
    caplog.set_level(logging.INFO)
    async with twin() as outside:
        outside.org.add_token(
            API_TOKEN, owner=f"{owner}@northwind.example", roles=None if warned else ["HELP_DESK_ADMIN"]
        )
        async with app.bot(made := settings(outside, redis_url=redis_url)) as running:
            await look_at_okta(running.okta, made.okta)

    assert f"Okta knows the bot as {owner}@northwind.example" in caplog.text
    assert ("is a super administrator's" in caplog.text) == warned


async def test_a_void_token_is_told_with_the_way_to_a_new_one(
    redis: Redis, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever makes it owns it."""
    del redis
    async with twin() as outside:
        outside.revoke_token()
        async with app.bot(made := settings(outside, redis_url=redis_url)) as running:
            await look_at_okta(running.okta, made.okta)

    assert "Okta does not accept okta.api_token: the API token was revoked, or not used for 30 days" in caplog.text


async def test_each_credential_is_looked_at_when_the_bot_starts(
    redis: Redis, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A mighty app, and credentials of their own that Okta does not take."""
    async with twin() as outside:
        app_given = service_app(outside, roles=["SUPER_ADMIN"], scopes={"okta.users.manage", "okta.roles.read"})
        stale = service_app(outside, client_id="0oaReader", number=2, scopes={"okta.users.read", "okta.logs.read"})
        okta = {"org_url": outside.okta_url, **app_given, "reader": stale}
        async with app.bot(made := settings(outside, redis_url=redis_url, okta=okta)) as running:
            outside.org.service_apps["0oaReader"].active = False
            await look_at_okta(running.okta, made.okta)
    assert "is a super administrator's: whoever gets hold of it owns your org" in caplog.text
    assert "Okta does not accept okta.reader: there is no such app, or it is not active" in caplog.text

    await redis.flushall()
    async with twin() as outside:
        seer = service_app(outside, client_id="0oaSeer", number=2, scopes={"okta.logs.read"})
        okta = {"org_url": outside.okta_url, "api_token": API_TOKEN, "roles": seer}
        async with app.bot(made := settings(outside, redis_url=redis_url, okta=okta)) as running:
            await look_at_okta(running.okta, made.okta)
    assert "Okta does not accept okta.roles: grant the missing scopes" in caplog.text
