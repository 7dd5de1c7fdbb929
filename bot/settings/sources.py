"""Where settings come from: the file, the environment, and how the two are laid one over the other.

The only reader of either. What is read is plain values, a dict for each table; `bot.settings` judges them.
"""

import logging
import os
import re
import stat
import tomllib
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic_settings import BaseSettings, EnvSettingsSource

from bot.errors import Problem, SettingsError

log = logging.getLogger(__name__)

FILE: Final = Path("unlatch.toml")
"""Read from the working directory where no other file is named."""

PREFIX: Final = "UNLATCH_"
"""What every variable in the environment begins with; tables are joined by two underscores."""

PLAIN: Final = "REDIS_URL"
"""The one variable without the prefix, since that is what hosting services call it."""

_CLUSTER: Final = re.compile(r"(.*_)?(service_(host|port)|port_\d+_(tcp|udp|sctp))(_.*)?")


def given(table: Mapping[str, Any]) -> dict[str, Any]:
    """The values that are not empty, without blanks around them."""
    tidy = {
        name: given(value) if isinstance(value, Mapping) else value.strip() if isinstance(value, str) else value
        for name, value in table.items()
    }
    return {name: value for name, value in tidy.items() if value is not None and value != ""}


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, table by table; where both have a value, that of `above`."""
    both = {
        name: merged(below[name], value) if isinstance(value, dict) and isinstance(below.get(name), dict) else value
        for name, value in above.items()
    }
    return {**below, **both}


def read(file: Path, *, secrets: Iterable[str]) -> dict[str, Any]:
    """What the file holds.

    Args:
        file: where it is.
        secrets: the settings, by dotted name, for whose sake nobody else may read it; if others may, that is logged.

    Raises:
        SettingsError: it cannot be read, or is not TOML.
    """
    try:
        table = tomllib.loads(file.read_text("utf-8"))
        mode = file.stat().st_mode
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise SettingsError([Problem(str(file), "is not text in UTF-8; save it as such")]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem(str(file), f"is not TOML: {error}. Texts need quotes around them")]) from None
    warn_of(file, mode, secret=any(_holds(table, name) for name in secrets))
    return table


def warn_of(file: Path, mode: int, *, secret: bool) -> None:
    """Whoever may read the file has what it opens; whoever may write it says where our tokens are sent."""
    if mode & (stat.S_IRGRP | stat.S_IROTH) and secret:
        log.warning("%s holds secrets, and others on this machine can read it. Run: chmod 600 %s", file, file)
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        log.warning("others on this machine can change %s, and so what the bot does. Run: chmod go-w %s", file, file)


def _holds(table: object, name: str) -> bool:
    for part in name.split("."):
        if not isinstance(table, dict) or part not in table:
            return False
        table = table[part]
    return table != ""


def environment(settings: type[BaseSettings]) -> dict[str, Any]:
    """What the environment says, misspelt names included, so that they are told like those in the file.

    Args:
        settings: the class whose fields are looked for.
    """
    variables = {name: value for name, value in os.environ.items() if value}  # noqa: TID251 - the one place
    plain = {"redis_url": variables[PLAIN]} if PLAIN in variables else {}
    return plain | dict(_misspelt(variables, settings.model_fields)) | EnvSettingsSource(settings)()


def _misspelt(variables: Mapping[str, str], known: Container[str]) -> Iterator[tuple[str, str]]:
    for name, value in variables.items():
        own = name.upper().removeprefix(PREFIX).lower()
        if name.upper() == own.upper() or own.split("__")[0] in known or _is_cluster(own, value):
            continue
        yield own.replace("__", "."), value


def _is_cluster(name: str, value: str) -> bool:
    """Whether Kubernetes set it, for a service that is called like the bot.

    See https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables.
    """
    return bool(_CLUSTER.fullmatch(name)) or value.startswith(("tcp://", "udp://", "sctp://"))


def no_colour() -> bool:
    """Whether whoever is at the terminal wants no colours (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))  # noqa: TID251 - the one place
