"""What several commands share: exit codes, the settings, the store, and the loop."""

import asyncio
from argparse import SUPPRESS, ArgumentParser
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from bot.audit import Scribe
    from bot.settings import Settings

T = TypeVar("T")

OK: Final = 0
NOT_AS_TOLD: Final = 1
REFUSED: Final = 2
INTERRUPTED: Final = 130


class RefusedError(Exception):
    """What was asked for cannot be done as it is; the text says why and what to do."""


def config_option(parser: ArgumentParser, *, below: bool = False) -> None:
    """Let the file with the settings be named; `below` a command that can be told the same."""
    parser.add_argument(
        "--config",
        type=Path,
        default=SUPPRESS if below else None,
        metavar="FILE",
        help="the file with the settings (unlatch.toml in this folder, if there is one); the environment wins over it",
    )


def settings_of(config: Path | None) -> "Settings":
    """Read the settings.

    Raises:
        RefusedError: they cannot be used.
    """
    from bot.errors import SettingsError
    from bot.parts import known
    from bot.settings import load
    from bot.settings.sources import FILE

    try:
        return load(config, known())
    except SettingsError as error:
        unread = "" if config or FILE.exists() else f" No {FILE} in {Path.cwd()}; only the environment was read."
        problems = "".join(f"\n  {problem}" for problem in error.problems)
        raise RefusedError(
            f"the settings cannot be used; docs/settings.md explains each of them.{unread}{problems}"
        ) from None


def store(settings: "Settings") -> AbstractContextManager[str]:
    """The address of the store, whoever runs it."""
    from bot.valkey import running

    return (
        running(settings.data_dir) if settings.redis_url is None else nullcontext(settings.redis_url.get_secret_value())
    )


@asynccontextmanager
async def asking(url: str) -> "AsyncIterator[Redis]":
    """A client for the store at this address.

    Raises:
        EngineError: it cannot be asked.
    """
    from redis.exceptions import RedisError

    from bot import engine
    from bot.errors import StoreUnavailableError

    redis = engine.connect(url)
    try:
        yield redis
    except (StoreUnavailableError, RedisError) as error:
        raise engine.unusable(error) from error
    finally:
        await redis.aclose()


def scribe_of(settings: "Settings") -> "Scribe":
    """Who writes the audit.

    Raises:
        StartError: the key of the audit is not there, or of no use.
    """
    from bot.audit import Scribe
    from bot.audit_key import key_of

    return Scribe(key_of(settings.audit.key, settings.data_dir), settings.audit_life())


def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, on uvloop where that exists."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)
