"""`unlatch audit`: what happened, and the proof of it."""

import getpass
import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.commands.common import (
    NOT_AS_TOLD,
    OK,
    RefusedError,
    asking,
    config_option,
    scribe_of,
    settings_of,
    store,
    to_the_end,
)

if TYPE_CHECKING:
    from bot.audit import Scribe
    from bot.audit_trail import Found
    from bot.audit_verify import Anchored, Verdict
    from bot.settings import Settings

ABOUT: Final = """\
What happened, and the proof of it (docs/audit.md).

  unlatch audit show [REFERENCE]     everything, or what became of one request
  unlatch audit export FILE          all of it in a file that can be checked anywhere
  unlatch audit verify [FILE]        whether it is still what was written, here or in an export
  unlatch audit forget NAME ...      keep what happened, and forget to whom

The embedded store can be read while the bot runs. How long entries are kept: audit_days.
Each of them has a --help of its own.
"""

SHOW: Final = """\
Show what happened: one line for everything that was asked, decided and done, the newest last.
With the reference that stands on a card, only what became of that request.

A line holds the time (UTC), the reference, the event, the Slack id of who caused it, the Okta
login of whom it is about, and the rules it rests on. With --json it holds all that is known.
Who was forgotten stands there as # and the beginning of a digest.
"""

EXPORT: Final = """\
Write all entries into a file, one on each line, with a seal at the end; "-" writes to the screen.

The file names nobody, unless --names is given: then it says at the end what each digest stands
for. It can be checked anywhere with "unlatch audit verify FILE", by whoever has the key.
"""

VERIFY: Final = """\
Check that no entry was changed, taken out, moved or put in since it was written.

Without FILE, what is in the store, against the anchors that the bot has left in its data folder
and those in each file given with --anchors: it may be a whole log with much else in it. With FILE,
an export; nothing else is needed for that but the key, from the settings or with --key-file.

Exit code: 0 everything fits, 1 something does not, 2 it could not be looked at.
"""

FORGET: Final = """\
Forget whom the entries about somebody are about. What happened stays, and still verifies.

A NAME is a Slack user id, an Okta user id or an Okta login. The names that stand with it in the
entries about the same requests are forgotten too. Whoever asks for something again is known again.
"""


_DAMAGED: Final = (
    "the audit in the store is damaged, so that it cannot be sealed. See what is wrong: unlatch audit verify"
)


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
    config_option(parser)
    parser.set_defaults(action=_show, reference=None, json=False)
    actions = parser.add_subparsers(metavar="ACTION")

    def action(name: str, run: Callable[[Namespace], int], about: str) -> ArgumentParser:
        summary = about.partition(".")[0].partition(":")[0].replace("\n", " ").lower()
        added = actions.add_parser(name, help=summary, description=about, formatter_class=RawDescriptionHelpFormatter)
        added.set_defaults(action=run)
        config_option(added, below=True)
        return added

    show = action("show", _show, SHOW)
    show.add_argument("reference", nargs="?", metavar="REFERENCE", help="the request to show; without it, all")
    show.add_argument("--json", action="store_true", help="all that is known, one JSON object on each line")
    export = action("export", _export, EXPORT)
    export.add_argument("file", metavar="FILE", help="the file to write; it must not be there yet")
    export.add_argument("--names", action="store_true", help="say at the end what each digest stands for")
    verify = action("verify", _verify, VERIFY)
    verify.add_argument("file", nargs="?", type=Path, metavar="FILE", help="an export; without it, the store")
    verify.add_argument(
        "--anchors", action="append", type=Path, default=[], metavar="FILE", help="a log or file with anchors"
    )
    verify.add_argument("--key-file", type=Path, metavar="FILE", help="holds the key of the audit, and nothing else")
    forget = action("forget", _forget, FORGET)
    forget.add_argument("names", nargs="+", metavar="NAME", help="a Slack user id, an Okta user id or a login")
    forget.add_argument("--by", metavar="NAME", default="", help="who does it (the user of this machine, if not said)")


def run(given: Namespace) -> int:
    """Do what was asked."""
    return int(given.action(given))


def _show(given: Namespace) -> int:
    settings = settings_of(given.config)
    reference = given.reference and given.reference.strip().lower()
    with store(settings) as url:
        found = to_the_end(_showing(url, scribe_of(settings), reference, whole=given.json))
    if found.unreadable:
        print(f"unlatch: {found.unreadable} entries cannot be read, and are not shown", file=sys.stderr)
    if found.shown:
        return OK
    if reference is None:
        print("unlatch: there is nothing to show: nobody has asked for anything yet", file=sys.stderr)
        return OK
    kept = f"for {settings.audit_days} days (audit_days)" if settings.audit_days else "for ever"
    print(
        f"unlatch: nothing is known under the reference {given.reference}. It is the last word of a card, and what"
        f" happened is kept {kept}.",
        file=sys.stderr,
    )
    return NOT_AS_TOLD


async def _showing(url: str, scribe: "Scribe", reference: str | None, *, whole: bool) -> "Found":
    from bot.audit_trail import tell
    from bot.keys import Keys

    async with asking(url) as redis:
        return await tell(redis, Keys(), scribe, print, reference=reference, whole=whole)


def _export(given: Namespace) -> int:
    settings = settings_of(given.config)
    scribe = scribe_of(settings)
    anchored = _anchored(settings.data_dir, (), scribe)
    with store(settings) as url, _written(given.file) as write:
        if to_the_end(_of_store(url, settings, anchored)).faults:
            raise RefusedError(_DAMAGED)
        count = to_the_end(_exported(url, scribe, write, names=given.names))
    if given.file != "-":
        print(f"{count} entries are in {given.file}. Check them anywhere: unlatch audit verify {given.file}")
    return OK


async def _exported(url: str, scribe: "Scribe", write: Callable[[str], object], *, names: bool) -> int:
    from bot.audit_export import export
    from bot.keys import Keys
    from bot.parts import SystemClock

    async with asking(url) as redis:
        try:
            return await export(redis, Keys(), scribe, SystemClock(), write, names=names)
        except ValueError:
            raise RefusedError(_DAMAGED) from None


@contextmanager
def _written(file: str) -> Iterator[Callable[[str], object]]:
    """Takes lines to a file, for its owner alone; it is there whole or not at all."""
    if file == "-":
        yield print
        return
    whole = Path(file)
    part = whole.with_name(f"{whole.name}.part")
    try:
        if whole.exists():
            raise RefusedError(f"{file} is there already. Name another file, or move it away.")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            yield lambda line: out.write(f"{line}\n")
        part.rename(whole)
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        part.unlink(missing_ok=True)


def _verify(given: Namespace) -> int:
    scribe = _verifier(given)
    if given.file is not None:
        return _told(_of_file(given.file, scribe, _anchored(None, given.anchors, scribe)))
    settings = settings_of(given.config)
    anchored = _anchored(settings.data_dir, given.anchors, scribe)
    with store(settings) as url:
        return _told(to_the_end(_of_store(url, settings, anchored)))


def _verifier(given: Namespace) -> "Scribe":
    """Who can tell what was signed with the key; an export may be looked at where there are no settings."""
    from bot.audit import Scribe
    from bot.audit_key import read

    if given.key_file is not None:
        return Scribe(read(given.key_file))
    try:
        return scribe_of(settings_of(given.config))
    except RefusedError as error:
        if given.file is None:
            raise
        raise RefusedError(
            f"the key of the audit is needed: give it with --key-file, or with the settings. {error}"
        ) from None


def _anchored(data_dir: Path | None, files: Iterable[Path], scribe: "Scribe") -> "Anchored":
    """The anchors in some files, and those that the bot has left in its data folder."""
    from bot.anchors import FILE
    from bot.audit_verify import Anchored

    ours = data_dir / FILE if data_dir else None
    try:
        return Anchored.of([*([ours] if ours and ours.exists() else []), *files], scribe)
    except OSError as error:
        raise _unreadable(error) from None


def _of_file(file: Path, scribe: "Scribe", anchored: "Anchored") -> "Verdict":
    from bot.audit_export import read
    from bot.audit_verify import verify_export

    try:
        with file.open(encoding="utf-8", errors="replace") as lines:
            return verify_export(read(lines), scribe, anchored)
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: OSError) -> RefusedError:
    return RefusedError(f"{error.filename} cannot be read: {error.strerror}.")


async def _of_store(url: str, settings: "Settings", anchored: "Anchored") -> "Verdict":
    from bot.audit_verify import verify_store
    from bot.keys import Keys
    from bot.parts import SystemClock

    life = settings.audit_life()
    since = SystemClock().now() - life if life else None
    async with asking(url) as redis:
        return await verify_store(redis, Keys(), scribe_of(settings), anchored, kept_since=since)


def _told(verdict: "Verdict") -> int:
    for fault in verdict.faults:
        print(f"{fault[:1].upper()}{fault[1:]}.")
    if verdict.faults:
        print(f"The audit is not what was written: {len(verdict.faults)} findings in {verdict.count} entries.")
        return NOT_AS_TOLD
    if not verdict.count:
        print("There are no entries yet, and nobody knows of any.")
        return OK
    print(f"All {verdict.count} entries, from {verdict.first} to {verdict.last}, hang together.")
    if verdict.anchored is None:
        print(
            "No anchor speaks for them: whoever may write to the store could have written all of it anew (docs/audit.md)."
        )
    else:
        print(f"The last that speaks for them from outside is {verdict.anchored}, at entry {verdict.anchored.seq}.")
    return OK


def _forget(given: Namespace) -> int:
    settings = settings_of(given.config)
    by = given.by.strip() or getpass.getuser()
    with store(settings) as url:
        count = to_the_end(_forgotten(url, scribe_of(settings), given.names, by))
    if not count:
        print("Nobody of that name is in the audit, or they are forgotten already.")
        return NOT_AS_TOLD
    print(f"{count} names are forgotten. What happened is still there, and still verifies.")
    return OK


async def _forgotten(url: str, scribe: "Scribe", names: list[str], by: str) -> int:
    from bot.audit_trail import forget
    from bot.keys import Keys
    from bot.parts import SystemClock

    async with asking(url) as redis:
        return await forget(redis, Keys(), scribe, names, by=by, at=SystemClock().now())
