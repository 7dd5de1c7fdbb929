"""The key of the audit: given by the administrator, or made for the embedded store in a file beside it.

It never lies in the store: whoever can change what is there cannot make a head that `unlatch audit verify` takes for ours,
nor find out by trying whom a digest stands for.
"""

import os
import secrets
import stat
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from bot.errors import StartError

FILE: Final = "audit.key"
"""In the data folder; only its owner may read it."""

SHORTEST: Final = 32
"""Bytes, as in `bot.settings.values`."""


def key_of(given: SecretStr | None, data_dir: Path) -> bytes:
    """The key: as it was given, else as it was made.

    Raises:
        StartError: there is none, or it is of no use.
    """
    return given.get_secret_value().encode() if given else read(data_dir / FILE)


def made(given: SecretStr | None, data_dir: Path) -> bytes:
    """The same; made now, if none was given or made before. Only for whoever holds the data folder against others.

    Raises:
        StartError: it cannot be made, or is of no use.
    """
    file = data_dir / FILE
    if given is None and not file.exists():
        fresh = file.with_suffix(".new")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
                out.write(secrets.token_hex(32))
                out.flush()
                os.fsync(out.fileno())
            fresh.rename(file)  # whole or not at all
        except OSError as error:
            raise StartError(f"The key of the audit cannot be written to {file}: {error.strerror}.") from None
    return key_of(given, data_dir)


def read(file: Path) -> bytes:
    """A key from a file.

    Raises:
        StartError: it is not there, too short, or others may read it.
    """
    try:
        mode = file.stat().st_mode
        key = file.read_bytes().strip()
    except OSError as error:
        raise StartError(f"The key of the audit cannot be read from {file}: {error.strerror}.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StartError(f"Others on this machine may have the key of the audit in {file}. Run: chmod 600 {file}")
    if len(key) < SHORTEST:
        raise StartError(f"The key of the audit in {file} is damaged: it is shorter than {SHORTEST} characters.")
    return key
