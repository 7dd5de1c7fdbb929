"""The key of the audit: given, or made once for the embedded store, and never one that others have."""

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import audit_key
from bot.errors import StartError
from tests.world import world


def test_it_is_made_once(tmp_path: Path) -> None:
    """For its owner alone; every later start finds the same."""
    key = audit_key.made(None, tmp_path)

    assert len(key) == 64
    assert audit_key.made(None, tmp_path) == audit_key.key_of(None, tmp_path) == key
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [(audit_key.FILE, 0o600)]


def test_what_a_killed_start_left_is_not_taken_for_a_key(tmp_path: Path) -> None:
    """A key is there whole or not at all."""
    (tmp_path / "audit.new").write_text("12")

    assert len(audit_key.made(None, tmp_path)) == 64


def test_one_that_is_given_is_the_one(tmp_path: Path) -> None:
    """Nothing is made then."""
    assert audit_key.made(SecretStr("k" * 32), tmp_path) == b"k" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "mode", "why"),
    [(None, 0, "cannot be read from"), ("k" * 64, 0o640, "chmod 600"), ("k" * 31, 0o600, "damaged")],
)
def test_one_that_is_of_no_use_is_refused(tmp_path: Path, content: str | None, mode: int, why: str) -> None:
    """With what to do, and without the key."""
    if content:
        (tmp_path / audit_key.FILE).write_text(content)
        (tmp_path / audit_key.FILE).chmod(mode)

    with pytest.raises(StartError, match=why) as caught:
        audit_key.key_of(None, tmp_path)

    assert "kkk" not in str(caught.value)


def test_a_folder_that_takes_none_is_told(tmp_path: Path) -> None:
    """The bot does not start without."""
    (tmp_path / "file").touch()

    with pytest.raises(StartError, match="cannot be written to"):
        audit_key.made(None, tmp_path / "file")


def written(home: Path) -> list[bytes]:
    """What lies there, but for the key itself."""
    return [file.read_bytes() for file in home.rglob("*") if file.is_file() and file.name != audit_key.FILE]


async def test_the_bot_makes_it_beside_its_own_store_and_tells_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It lies neither in the store's files nor in the log."""
    caplog.set_level(logging.DEBUG)
    async with world("", data_dir=tmp_path, audit={}) as bot:
        maya = bot.person("UMAYA")
        await maya.dm("I'm locked out")
        await bot.card(maya, "Unlock your account?")

    key = (tmp_path / audit_key.FILE).read_text()
    assert key not in caplog.text
    assert any(b"request:received" in content for content in written(tmp_path))
    assert not any(key.encode() in content for content in written(tmp_path))
