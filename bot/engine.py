"""How the bot meets Redis: the clients, and whether what is written there will still be there tomorrow.

The embedded server (`bot.valkey`) is built to last. Of any other server that has to be found out, because a promise to
a person rests on it: where it is not certain, the bot gives instructions and writes nothing to Okta.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from bot.valkey import EngineError, embedded

__all__ = [
    "Durability",
    "EngineError",
    "Lasting",
    "belongs",
    "connect",
    "connect_reader",
    "durability",
    "embedded",
    "unusable",
]

CONNECTIONS: Final = 16

SOCKET_TIMEOUT: Final = 1.0
"""Seconds to wait for an answer or a free connection: less than the three that Slack waits for ours."""

READ_TIMEOUT: Final = 10.0
"""The same for blocking reads. It must exceed the longest block, or redis-py breaks the read off."""

OLDEST: Final = (7, 0)


class Lasting(StrEnum):
    """Whether a server keeps what it acknowledged through a crash."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Durability:
    """The finding about a server, and unless it is good, why and what an administrator can do."""

    lasting: Lasting
    reason: str = ""


def connect(url: str) -> Redis:
    """A client for everything but blocking reads. It answers bytes, waits about a second, and tries once.

    Scripts are repeated by those who know that it is safe. A caller beyond the last connection waits for a free one.

    Raises:
        EngineError: the address cannot be read.
    """
    return _client(url, SOCKET_TIMEOUT)


def connect_reader(url: str) -> Redis:
    """A client for blocking reads.

    Raises:
        EngineError: the address cannot be read.
    """
    return _client(url, READ_TIMEOUT)


def _client(url: str, patience: float) -> Redis:
    try:
        settings: dict[str, Any] = dict(parse_url(url))
    except ValueError:
        # Its text may quote a part of the address, and so of the password in it.
        raise EngineError(
            "The address of Redis cannot be read. It looks like redis://user:password@host:6379/0 (or rediss:// for"
            " TLS, unix:///path for a socket), with special characters in the password percent-encoded."
        ) from None
    # Ours win over the address's own options: `decode_responses` there would make one odd entry fatal to every read.
    settings |= {
        "protocol": 2,
        "decode_responses": False,
        "socket_timeout": patience,
        "socket_connect_timeout": SOCKET_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "max_connections": CONNECTIONS,
        "timeout": patience,
    }
    return Redis.from_pool(BlockingConnectionPool(**settings))


async def durability(redis: Redis) -> Durability:
    """Find out whether a server keeps what it acknowledges.

    Raises:
        EngineError: it cannot be reached, lets us not in, or is too old for the bot's scripts.
    """
    try:
        about = await redis.info("server")
        _check_version(str(about.get("redis_version", "")))
        replication = await redis.info("replication")
        settings = await redis.config_get("appendonly", "appendfsync", "maxmemory-policy")
    except ResponseError:
        return judge({})
    except (RedisError, OSError) as error:
        raise unusable(error) from error
    return judge(cast("Mapping[str, str]", settings), replication)


async def belongs(redis: Redis, key: str, owner: str) -> bool:
    """Whether the server is `owner`'s: it is marked as such, and was nobody's before or bore the same mark.

    Raises:
        EngineError: it cannot be asked, or takes no writes.
    """
    try:
        before = await redis.set(key, owner, nx=True, get=True)
    except ResponseError as error:
        raise EngineError(
            f"Redis does not take what is written to it ({type(error).__name__}). It must be one that does: a primary,"
            " with room, and rights for this user to all keys and commands."
        ) from error
    except (RedisError, OSError) as error:
        raise unusable(error) from error
    return before is None or before == owner.encode()


def unusable(error: Exception) -> EngineError:
    """What to tell an administrator of a Redis that could not be asked; without its address, which holds a password."""
    if isinstance(error.__cause__ or error, AuthenticationError):  # redis-py hides it in a ConnectionError
        return EngineError("Redis does not let us in: the name or password in its address is wrong or missing.")
    return EngineError(f"Redis does not answer at its address ({type(error).__name__}). Is it running?")


def _check_version(version: str) -> None:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        raise EngineError(f"Redis or Valkey 7.0 or newer is needed; this server is {version or 'of unknown version'}.")


def judge(settings: Mapping[str, str], replication: Mapping[str, object] | None = None) -> Durability:
    """Pure; what a server's settings say. Those of managed services are often hidden, so any may be missing.

    A replica that takes over may lack what its primary acknowledged last, whatever that had on its disk, and would
    bring back a request that was carried out already.

    Args:
        settings: of `CONFIG GET`.
        replication: the section of `INFO` of that name; None where it is not shown.

    Sources: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/,
    https://redis.io/docs/latest/develop/reference/eviction/ and
    https://redis.io/docs/latest/operate/oss_and_stack/management/replication/.
    """
    policy = settings.get("maxmemory-policy", "noeviction")
    if policy != "noeviction":
        return Durability(
            Lasting.NO, f"Redis throws data away when its memory is full ({policy}). Set maxmemory-policy noeviction."
        )
    if settings.get("appendonly", "yes") != "yes":
        return Durability(Lasting.NO, "Redis forgets its data in a crash. Set appendonly yes and appendfsync always.")
    if settings.get("appendfsync", "always") != "always":
        return Durability(Lasting.NO, "Redis may forget its last second in a crash. Set appendfsync always.")
    if len(settings) < 3 or replication is None:
        return Durability(
            Lasting.UNKNOWN,
            "Redis does not show whether it keeps its data through a crash. Ask whoever runs it for an append-only"
            " file with appendfsync always, maxmemory-policy noeviction, and no replicas.",
        )
    if not _stands_alone(replication):
        return Durability(
            Lasting.UNKNOWN,
            "Redis is replicated, or was within the last hour, and a replica that takes over may lack what was written"
            " last. Give the bot a Redis without replicas, or leave redis_url out for the embedded store.",
        )
    return Durability(Lasting.YES)


def _stands_alone(replication: Mapping[str, object]) -> bool:
    """Whether there is no replica, not even one that is away just now: a backlog is kept for those (an hour, usually)."""
    alone = {"role": "master", "connected_slaves": 0, "repl_backlog_active": 0}
    return all(replication.get(name) == value for name, value in alone.items())
