"""Whatever is changed in the audit is found, in the store and in an export, and what is unchanged is not accused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.anchors import Anchor, signed
from bot.audit import Entry, Event, Scribe
from bot.audit_export import Seal, export, is_unbroken, line, read, sealed
from bot.audit_trail import Stored, pages, tell
from bot.audit_verify import Anchored, Verdict, verify_export, verify_store
from bot.chain import GENESIS, Head, follow
from bot.keys import Keys
from bot.model import State
from bot.store import Store
from sandbox.clock import Clock
from tests.bot.maya import moved, received
from tests.scribe import SCRIBE

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
OTHER = Scribe(b"the key of whoever would like to be us")


def chain(bodies: list[bytes], base: Head) -> list[Stored]:
    """Entries as they lie in the store, after a head."""
    links = accumulate(bodies, follow, initial=base.link)
    return [
        Stored("", str(base.seq + at), prev, body)
        for at, (prev, body) in enumerate(zip(links, bodies, strict=False), 1)
    ]


def head(entries: list[Stored], base: Head) -> Head:
    """Where they end."""
    return Head(int(entries[-1].seq), follow(entries[-1].prev, entries[-1].body)) if entries else base


def exported(entries: list[Stored], base: Head, scribe: Scribe = SCRIBE) -> list[str]:
    """The lines of an export."""
    return [*map(line, entries), msgspec.json.encode(sealed(base, head(entries, base), NOW, scribe)).decode()]


def judged(lines: list[str], *anchors: Anchor) -> Verdict:
    """What is said of it."""
    return verify_export(read(lines), SCRIBE, Anchored(anchors))


bases = st.builds(Head, st.integers(0, 10**6), st.binary(min_size=32, max_size=32).map(bytes.hex))
bodies = st.lists(st.binary(max_size=60), min_size=1, max_size=12)


@given(bodies=bodies, base=bases, at=st.integers(0, 12))
def test_what_is_unchanged_is_not_accused(bodies: list[bytes], base: Head, at: int) -> None:
    """Whatever the entries hold, wherever they begin; and an anchor out of their midst agrees."""
    entries = chain(bodies, base)
    known = signed(head(entries[:at], base), NOW, SCRIBE)

    verdict = judged(exported(entries, base), known)

    assert verdict.faults == []
    assert (verdict.count, verdict.last) == (len(bodies), base.seq + len(bodies))


def test_an_export_of_nothing_is_one() -> None:
    """And cannot be made of one that was more."""
    entries = chain([b"one"], Head())

    assert judged(exported([], Head())).faults == []
    assert judged(exported(entries, Head())[1:]).faults == ["the entries that the seal speaks of are missing"]


Change = Callable[[list[str], int, int], list[str]]


def _with(lines: list[str], at: int, **fields: object) -> list[str]:
    return [*lines[:at], json.dumps(json.loads(lines[at]) | fields), *lines[at + 1 :]]


def _body(lines: list[str], at: int) -> str:
    return str(json.loads(lines[at])["entry"])


def _ending_otherwise(text: str) -> str:
    return text[:-1] + ("!" if text.endswith("?") else "?")


def _relinked(lines: list[str], entries: int, at: int) -> list[str]:
    """One is changed, and every link after it made anew, as only the end cannot be."""
    parts = [each for each in read(lines) if isinstance(each, Stored)]
    first = Head(int(parts[0].seq) - 1, parts[0].prev)
    changed = [each.body + b"!" if number == at else each.body for number, each in enumerate(parts)]
    return [*map(line, chain(changed, first)), *lines[entries:]]


CHANGES: dict[str, Change] = {
    "a changed entry": lambda lines, _, at: _with(lines, at, entry=_body(lines, at) + " "),
    "an emptied entry": lambda lines, _, at: _with(lines, at, entry=_ending_otherwise(_body(lines, at))),
    "a changed number": lambda lines, _, at: _with(lines, at, seq=json.loads(lines[at])["seq"] + 1),
    "a changed link": lambda lines, _, at: _with(lines, at, prev="ab" * 32),
    "a link that is none": lambda lines, _, at: _with(lines, at, prev="no link"),
    "a missing line": lambda lines, _, at: [*lines[:at], *lines[at + 1 :]],
    "a line twice": lambda lines, _, at: [*lines[: at + 1], *lines[at:]],
    "a line at the wrong place": lambda lines, entries, at: (
        [
            *lines[:at],
            *lines[at + 1 : entries],
            lines[at],
            *lines[entries:],
        ]
        if at + 1 < entries
        else [lines[at], *lines[:at], *lines[at + 1 :]]
        if at
        else lines[1:]
    ),
    "garbage in between": lambda lines, _, at: [*lines[:at], "x", *lines[at:]],
    "the end cut off": lambda lines, entries, at: [*lines[:at], *lines[entries:]],
    "the end cut off with the seal": lambda lines, _, at: lines[:at],
    "the beginning cut off": lambda lines, _, at: lines[at + 1 :],
    "no seal": lambda lines, entries, _: lines[:entries],
    "something after the seal": lambda lines, _, at: [*lines, lines[at]],
    "everything written anew": _relinked,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@given(bodies=bodies, base=bases, data=st.data())
def test_whatever_is_changed_is_found(change: Change, bodies: list[bytes], base: Head, data: st.DataObject) -> None:
    """In an export, by nothing but the key."""
    lines = exported(chain(bodies, base), base)
    at = data.draw(st.integers(0, len(bodies) - 1))

    assert judged(change(lines, len(bodies), at)).faults


@given(bodies=bodies, base=bases)
def test_what_another_has_sealed_is_not_ours(bodies: list[bytes], base: Head) -> None:
    """Whoever writes everything anew can make every link, and not the seal."""
    (fault,) = judged(exported(chain(bodies, base), base, OTHER)).faults

    assert "not made with this key" in fault


@given(bodies=bodies, base=bases, data=st.data())
def test_two_exports_cannot_be_put_together(bodies: list[bytes], base: Head, data: st.DataObject) -> None:
    """The seal of one says where it begins as well as where it ends."""
    entries = chain([*bodies, b"one more"], base)
    at = data.draw(st.integers(1, len(bodies)))
    later = exported(entries[at:], head(entries[:at], base))

    assert judged([*exported(entries, base)[:-1], later[-1]]).faults
    assert judged([*later[:-1], exported(entries, base)[-1]]).faults


@given(bodies=bodies, base=bases)
def test_an_anchor_knows_of_what_was_cut_off(bodies: list[bytes], base: Head) -> None:
    """Even if whoever cut it off had the key, and sealed it again."""
    entries = chain([*bodies, b"the embarrassing end"], base)
    known = signed(head(entries, base), NOW, SCRIBE)

    (fault,) = judged(exported(entries[:-1], base), known).faults

    assert "cut off at the end: the anchor of 2026-11-27 09:00:00Z knows of them" in fault


def test_a_seal_of_one_use_is_of_none_for_another() -> None:
    """An anchor is no seal, although the same key has made both."""
    anchor = signed(Head(3, GENESIS), NOW, SCRIBE)

    assert not is_unbroken(Seal(NOW, (3, GENESIS), (3, GENESIS), SCRIBE.id, anchor.mac), SCRIBE)


async def lying(redis: Redis) -> list[Stored]:
    """What lies in the store."""
    return [each async for page in pages(redis, Keys()) for each in page]


async def three(store: Store, clock: Clock) -> None:
    """Three entries."""
    record = await received(store, clock)
    record = await moved(store, record, State.ASKING, clock)
    await moved(store, record, State.CANCELLED, clock)


async def test_the_store_itself_can_be_looked_at(store: Store, redis: Redis, clock: Clock) -> None:
    """And what is exported from it can be anywhere else, by whoever has the key."""
    await three(store, clock)
    lines: list[str] = []

    verdict = await verify_store(redis, Keys(), SCRIBE, Anchored())
    count = await export(redis, Keys(), SCRIBE, clock, lines.append)

    assert (verdict.faults, verdict.count, verdict.first, verdict.last) == ([], 3, 1, 3)
    assert (count, judged(lines).faults) == (3, [])
    assert not any("maya" in each.lower() for each in lines)


async def test_names_go_along_if_they_are_wanted(store: Store, redis: Redis, clock: Clock) -> None:
    """And cannot be put on anybody else."""
    await three(store, clock)
    lines: list[str] = []

    await export(redis, Keys(), SCRIBE, clock, lines.append, names=True)

    assert any("maya.lindqvist@northwind.example" in each for each in lines)
    assert judged(lines).faults == []
    changed = [each.replace("maya.lindqvist", "ben.osei") for each in lines]
    assert any("does not stand for the name" in fault for fault in judged(changed).faults)


async def test_an_entry_taken_out_of_the_store_is_missed(store: Store, redis: Redis, clock: Clock) -> None:
    """Wherever it stood."""
    await three(store, clock)
    first, second, third = await lying(redis)
    del first

    await redis.xdel(Keys().audit, second.id)
    assert (await verify_store(redis, Keys(), SCRIBE, Anchored())).faults == ["entry 2 is missing"]
    await redis.xdel(Keys().audit, third.id)
    (fault,) = (await verify_store(redis, Keys(), SCRIBE, Anchored())).faults
    assert fault == "entries 2 to 3 are cut off at the end: the store knows of them"


async def test_what_somebody_else_put_there_is_found(store: Store, redis: Redis, clock: Clock) -> None:
    """With or without a number."""
    await three(store, clock)
    await redis.xadd(Keys().audit, {"entry": "{}"})
    await redis.xadd(Keys().audit, {"seq": "2", "prev": GENESIS, "entry": "{}"})

    first, second = (await verify_store(redis, Keys(), SCRIBE, Anchored())).faults

    assert "was not written by the bot" in first
    assert "entry 2 is there again" in second


async def test_a_beginning_that_is_too_young_to_go_is_missed(store: Store, redis: Redis, clock: Clock) -> None:
    """Entries are let go when they are old, and an anchor knows how old they are."""
    record = await received(store, clock)
    known = Anchored((signed(Head.read(await redis.get(Keys().audit_head)), clock.now(), SCRIBE),))  # type: ignore[arg-type]
    await moved(store, await moved(store, record, State.ASKING, clock), State.CANCELLED, clock)
    for each in (await lying(redis))[:2]:
        await redis.xdel(Keys().audit, each.id)

    long_ago, later = clock.now() - timedelta(days=1), clock.now() + timedelta(seconds=1)
    (fault,) = (await verify_store(redis, Keys(), SCRIBE, known, kept_since=long_ago)).faults
    assert "entries 2 to 2 are missing at the beginning, although they are kept longer" in fault
    assert (await verify_store(redis, Keys(), SCRIBE, known, kept_since=later)).faults == []


async def test_a_head_that_was_overwritten_is_said_to_be(store: Store, redis: Redis, clock: Clock) -> None:
    """It is no reason to look at nothing."""
    await three(store, clock)
    await redis.set(Keys().audit_head, "gone")

    faults = (await verify_store(redis, Keys(), SCRIBE, Anchored())).faults

    assert faults == ["how far the audit has come cannot be read from the store: it was overwritten"]


async def test_nothing_is_no_fault(redis: Redis) -> None:
    """Nobody has asked for anything yet."""
    verdict = await verify_store(redis, Keys(), SCRIBE, Anchored())

    assert (verdict.faults, verdict.count) == ([], 0)


def test_an_entry_names_what_it_is_about_and_nobody() -> None:
    """Each digest is of the key, the field's value and nothing else."""
    entry = Entry(event=Event.DONE, at=NOW, request="r1", actor="UMAYA", subject="00u1", subject_login="maya@x")
    body = msgspec.msgpack.decode(SCRIBE.sheet(entry))[1]

    assert json.loads(body) == {
        "event": "request:done",
        "at": "2026-11-27T09:00:00Z",
        "request": "r1",
        "actor": SCRIBE.name("UMAYA"),
        "subject": SCRIBE.name("00u1"),
        "subject_login": SCRIBE.name("maya@x"),
    }


async def test_a_name_that_somebody_put_there_is_none(store: Store, redis: Redis, clock: Clock) -> None:
    """Nobody is framed with another's digest: it is not shown, and found."""
    await three(store, clock)
    await redis.set(Keys().audit_name(SCRIBE.name("UMAYA")), "UINNOCENT")
    lines: list[str] = []

    await tell(redis, Keys(), SCRIBE, lines.append)
    (fault,) = (await verify_store(redis, Keys(), SCRIBE, Anchored())).faults

    assert not any("UINNOCENT" in each for each in lines)
    assert any(f"#{SCRIBE.name('UMAYA')[:8]}" in each for each in lines)
    assert f"the digest {SCRIBE.name('UMAYA')[:8]} does not stand for the name" in fault
