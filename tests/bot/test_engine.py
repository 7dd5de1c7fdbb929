"""How the bot meets Redis: what it says of a server's promises, and what it never says of an address."""

import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from redis.asyncio import Redis

from bot import engine
from bot.engine import Durability, EngineError, Lasting, durability, judge

GOOD = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}

TABLE = [
    (GOOD, Lasting.YES, ""),
    (GOOD | {"appendfsync": "everysec"}, Lasting.NO, "appendfsync always"),
    (GOOD | {"appendfsync": "no"}, Lasting.NO, "appendfsync always"),
    (GOOD | {"appendonly": "no"}, Lasting.NO, "appendonly yes"),
    (GOOD | {"maxmemory-policy": "allkeys-lru"}, Lasting.NO, "maxmemory-policy noeviction"),
    (GOOD | {"maxmemory-policy": "volatile-ttl"}, Lasting.NO, "maxmemory-policy noeviction"),
    # Managed services hide some or all of it: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RestrictedCommands.html
    ({}, Lasting.UNKNOWN, "Ask whoever runs it"),
    ({"maxmemory-policy": "noeviction"}, Lasting.UNKNOWN, "Ask whoever runs it"),
    ({"appendonly": "yes", "appendfsync": "always"}, Lasting.UNKNOWN, "Ask whoever runs it"),
    ({"maxmemory-policy": "volatile-lru"}, Lasting.NO, "maxmemory-policy noeviction"),
    ({"appendonly": "no"}, Lasting.NO, "appendonly yes"),
    ({"appendfsync": "everysec"}, Lasting.NO, "appendfsync always"),
]


@pytest.mark.parametrize(("settings", "lasting", "advice"), TABLE, ids=str)
def test_what_a_servers_settings_say(settings: dict[str, str], lasting: Lasting, advice: str) -> None:
    """Certain only when all of it is seen and good; otherwise with the advice that fits."""
    found = judge(settings, {"role": "master", "connected_slaves": 0, "repl_backlog_active": 0})

    assert found.lasting is lasting
    assert advice in found.reason
    assert bool(found.reason) == (lasting is not Lasting.YES)


async def test_the_embedded_server_keeps_what_it_acknowledges(redis: Redis) -> None:
    """As its launcher set it up."""
    assert await durability(redis) == Durability(Lasting.YES)


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Redis]:
    """A client that is closed afterwards."""
    redis = engine.connect(url)
    try:
        yield redis
    finally:
        await redis.aclose()


@asynccontextmanager
async def lodger(redis: Redis, url: str, *rights: str, password: str) -> AsyncIterator[Redis]:
    """A client with a name and a password, and fewer rights than the owner."""
    await redis.execute_command("ACL", "SETUSER", "lodger", "on", ">sesame", "~*", *rights)  # type: ignore[no-untyped-call] # redis-py leaves it untyped
    try:
        async with client(url.replace("unix://", f"unix://lodger:{password}@")) as lodging:
            yield lodging
    finally:
        await redis.acl_deluser("lodger")


@pytest.mark.parametrize("hidden", ["-config", "-info"])
async def test_a_server_that_does_not_show_its_settings_is_uncertain(redis: Redis, redis_url: str, hidden: str) -> None:
    """A managed one, say."""
    async with lodger(redis, redis_url, "+@all", hidden, password="sesame") as lodging:
        found = await durability(lodging)

    assert found.lasting is Lasting.UNKNOWN
    assert "Ask whoever runs it" in found.reason


async def test_a_server_that_forgets_is_found_out(redis: Redis) -> None:
    """From its own settings."""
    await redis.config_set("appendfsync", "everysec")
    try:
        found = await durability(redis)
    finally:
        await redis.config_set("appendfsync", "always")

    assert found.lasting is Lasting.NO


async def test_a_wrong_password_is_said_to_be_one_and_not_repeated(
    redis: Redis, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the error nor in what led to it."""
    caplog.set_level(logging.DEBUG)
    async with lodger(redis, redis_url, "+@all", password="swordfish") as lodging:
        with pytest.raises(EngineError, match="name or password in its address is wrong or missing") as caught:
            await durability(lodging)

    assert "swordfish" not in "".join(traceback.format_exception(caught.value)) + caplog.text


async def test_a_missing_password_is_said_to_be_one(tmp_path: Path) -> None:
    """To a server that wants one."""
    async with engine.embedded(tmp_path) as url, client(url) as redis:
        await redis.config_set("requirepass", "sesame")
        async with client(url) as stranger:
            with pytest.raises(EngineError, match="name or password in its address is wrong or missing"):
                await durability(stranger)
        await redis.config_set("requirepass", "")


@pytest.mark.parametrize("address", ["redis://lodger:swordfish@127.0.0.1:1/0", "unix://lodger:swordfish@/not/there"])
async def test_a_server_that_is_not_there_is_said_not_to_answer(address: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without the address, which holds the password."""
    caplog.set_level(logging.DEBUG)
    async with client(address) as redis:
        with pytest.raises(EngineError, match=r"does not answer at its address \(ConnectionError\)") as caught:
            await durability(redis)

    assert "swordfish" not in "".join(traceback.format_exception(caught.value)) + caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "swordfish",
        "",
        "http://lodger:swordfish@redis.example",
        "redis://lodger:sword#fish@redis.example:port/0",
        "redis://redis.example:swordfish/0",
        "redis://redis.example:6379/0?socket_timeout=swordfish",
    ],
)
@pytest.mark.parametrize("connect", [engine.connect, engine.connect_reader])
def test_an_address_that_cannot_be_read_is_not_repeated(address: str, connect: object) -> None:
    """What could not be read may be the password."""
    assert callable(connect)
    with pytest.raises(EngineError, match="cannot be read") as caught:
        connect(address)

    assert "swordfish" not in "".join(traceback.format_exception(caught.value))


async def test_a_password_with_special_characters_will_do(redis: Redis, redis_url: str) -> None:
    """Percent-encoded, as the error advises."""
    await redis.execute_command("ACL", "SETUSER", "odd", "on", ">p@ss:/#%", "~*", "+@all")  # type: ignore[no-untyped-call] # redis-py leaves it untyped
    try:
        async with client(redis_url.replace("unix://", f"unix://odd:{quote('p@ss:/#%', safe='')}@")) as odd:
            assert await odd.ping()
    finally:
        await redis.acl_deluser("odd")


async def test_the_options_of_an_address_do_not_beat_ours(redis_url: str) -> None:
    """A client that decodes would break on the first odd entry, and one that waits for ever past Slack's patience."""
    async with client(f"{redis_url}?decode_responses=true&socket_timeout=99&max_connections=1&protocol=3") as redis:
        await redis.set("key", b"\xff")
        assert await redis.get("key") == b"\xff"
        assert redis.connection_pool.max_connections > 1
        assert redis.connection_pool.connection_kwargs["socket_timeout"] == engine.SOCKET_TIMEOUT


async def test_the_readers_patience_exceeds_any_block() -> None:
    """Or redis-py would break the read off, and what was being delivered would be nobody's."""
    reader = engine.connect_reader("redis://127.0.0.1")

    assert reader.connection_pool.connection_kwargs["socket_timeout"] == engine.READ_TIMEOUT > 5


@pytest.mark.parametrize("version", ["", "6.2.14", "unstable"])
def test_a_server_that_is_too_old_is_refused(version: str) -> None:
    """Its scripts and streams lack what ours need."""
    with pytest.raises(EngineError, match=r"7\.0 or newer is needed"):
        engine._check_version(version)


@pytest.mark.parametrize("version", ["7.0.0", "7.2.4", "8.1", "10.0.1"])
def test_a_newer_server_will_do(version: str) -> None:
    """Versions are numbers, not texts."""
    engine._check_version(version)


async def test_the_engine_hands_out_what_its_users_need(tmp_path: Path) -> None:
    """They need not know whether the server is embedded."""
    async with engine.embedded(tmp_path) as url, client(url) as redis:
        assert (await durability(redis)).lasting is Lasting.YES
