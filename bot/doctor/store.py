"""How the store stands; nothing is written there, and no server is started."""

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from redis.exceptions import RedisError

from bot import engine
from bot.doctor.findings import Area, Finding, Mark
from bot.engine import Durability, EngineError, Lasting
from bot.valkey import running

SKEW: Final = timedelta(seconds=30)

LITTLE_SPACE: Final = 512 * 1024 * 1024
NEARLY_FULL: Final = 0.8


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen.

    Attributes:
        findings: the lines about the store.
        reached: whether it answered.
        usable: whether the bot has something to work with: one that answers, or a folder in which to start its own.
        lasting: whether what it acknowledges survives a crash, so that the bot may act.
    """

    findings: tuple[Finding, ...]
    reached: bool
    usable: bool
    lasting: bool


def judge_durability(durability: Durability) -> Finding:
    """Pure; whether what was acknowledged survives a crash."""
    if durability.lasting is Lasting.YES:
        return _finding("durability", Mark.OK, "what was acknowledged is kept through a crash")
    mark = Mark.PROBLEM if durability.lasting is Lasting.NO else Mark.WARNING
    what, _, fix = durability.reason.partition(". ")
    return _finding("durability", mark, f"{what}; so the bot only gives directions and changes nothing in Okta", fix)


def judge_memory(memory: Mapping[str, Any]) -> Finding:
    """Pure; how much room is left, by the section `memory` of `INFO`."""
    used, limit = int(memory.get("used_memory", 0)), int(memory.get("maxmemory", 0))
    if not limit:
        return _finding("memory", Mark.OK, f"{_mega(used)} used, no limit set")
    what = f"{_mega(used)} of {_mega(limit)} used"
    if used < limit * NEARLY_FULL:
        return _finding("memory", Mark.OK, what)
    return _finding(
        "memory", Mark.PROBLEM if used >= limit else Mark.WARNING, what, "give Redis more: CONFIG SET maxmemory"
    )


def judge_clock(ours: datetime, theirs: datetime) -> Finding:
    """Pure; whether this machine and the store agree on the time."""
    ahead = ours - theirs
    if abs(ahead) <= SKEW:
        return _finding("clock", Mark.OK, "this machine and the store agree on the time")
    what = f"the clock of this machine differs from the store's by {ahead.total_seconds():+.0f} s"
    return _finding("clock", Mark.WARNING, what, "have both machines set their clocks by NTP")


def judge_owner(marked: bytes | str | None, owner: str | None) -> Finding:
    """Pure; whose the store is, by the mark that the first start leaves there."""
    if marked is None:
        return _finding("owner", Mark.NOTE, 'nobody\'s yet; the first "unlatch run" takes it')
    if owner is None:
        return _finding("owner", Mark.UNKNOWN, "it is some Unlatch's; whose cannot be told without Slack's answer")
    if marked in {owner, owner.encode()}:
        return _finding("owner", Mark.OK, "it belongs to this workspace and org")
    return _finding(
        "owner",
        Mark.PROBLEM,
        "it belongs to an Unlatch of another Slack workspace or Okta org; the bot will not start on it",
        "give this one a Redis of its own (another database number in redis_url will do), or another data_dir",
    )


async def look(url: str | None, data_dir: Path, key: str, owner: str | None, now: Callable[[], datetime]) -> Sight:
    """Look at it as it stands.

    Args:
        url: the address of Redis; None for the embedded store.
        data_dir: where the embedded store keeps its files.
        key: the name of the mark that says whose the store is.
        owner: what stands there if it is ours; None if that is not known.
        now: our time.
    """
    try:
        with running(data_dir) if url is None else nullcontext(url) as address:
            return await _ask(address, key, owner, now)
    except EngineError as error:
        if url is None and not _is_alive(data_dir):
            return _folder(data_dir)
        what, _, fix = str(error).removesuffix(" Is it running?").partition(". ")
        away = _finding("answers", Mark.PROBLEM, what.rstrip("."), fix or "start it, or correct redis_url (REDIS_URL)")
        return Sight((away,), reached=False, usable=False, lasting=False)


async def _ask(url: str, key: str, owner: str | None, now: Callable[[], datetime]) -> Sight:
    redis = engine.connect(url)
    try:
        durability = await engine.durability(redis)
        found = [_finding("answers", Mark.OK, f"version {(await _info(redis, 'server')).get('redis_version', '?')}")]
        found.append(judge_durability(durability))
        if memory := await _info(redis, "memory"):
            found.append(judge_memory(memory))
        try:
            seconds, micros = await redis.time()
            there = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micros)
            found += [judge_clock(now(), there), judge_owner(await redis.get(key), owner)]
        except (RedisError, OSError) as error:
            found.append(
                _finding("reads", Mark.PROBLEM, f"a read was refused ({type(error).__name__})", "check its ACL")
            )
        return Sight(tuple(found), reached=True, usable=True, lasting=durability.lasting is Lasting.YES)
    finally:
        await redis.aclose()


async def _info(redis: Any, section: str) -> Mapping[str, Any]:
    """A section of INFO, which managed services may hide."""
    try:
        return dict(await redis.info(section))
    except (RedisError, OSError):
        return {}


def _is_alive(data_dir: Path) -> bool:
    """Whether something listens on the folder, to us or not; `running` has then said why it cannot be asked."""
    if not data_dir.is_dir():
        return False
    try:
        with running(data_dir):
            return True
    except EngineError as error:
        return not str(error).startswith("No Unlatch is running")


def _folder(data_dir: Path) -> Sight:
    """Nobody is at work on the folder: whether the bot could be."""
    place = data_dir.absolute()
    nearest = next(above for above in (place, *place.parents) if above.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        what = f"the data folder {place} cannot be written by this user"
        fix = "run as the user that owns it, correct its owner, or choose another data_dir"
        return Sight((_finding("data folder", Mark.PROBLEM, what, fix),), reached=False, usable=False, lasting=False)
    free = shutil.disk_usage(nearest).free
    found = [_finding("embedded", Mark.NOTE, "it is not running; the bot starts it, and it is built to last")]
    space = _mega(free)
    if free < LITTLE_SPACE:
        found.append(_finding("data folder", Mark.WARNING, f"only {space} left for {place}", "make room on that disk"))
    else:
        found.append(_finding("data folder", Mark.OK, f"{place} can be written; {space} left"))
    return Sight(tuple(found), reached=False, usable=True, lasting=True)


def _mega(size: int) -> str:
    return f"{size / 1024 / 1024:,.0f} MB"


def _finding(name: str, mark: Mark, what: str, fix: str = "") -> Finding:
    return Finding(Area.STORE, name, mark, what, fix)
