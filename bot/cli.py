"""The `unlatch` command.

What a command needs is imported when it is given, so that the others, and the first acknowledgement after a start, do
not wait for it. Whatever a person can put right is told in a plain sentence; a traceback means a bug.
"""

import asyncio
import errno
import logging
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bot import VERSION
from bot.cli_texts import ABOUT, AUDIT, CHECK, DEMO, DOCTOR, RUN, WEB, WORKER

if TYPE_CHECKING:
    from bot.settings import Settings

T = TypeVar("T")

OK: Final = 0
NOT_AS_TOLD: Final = 1
REFUSED: Final = 2
INTERRUPTED: Final = 130

LOG_FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

OURS: Final = ("bot", "handlers", "okta", "templates")


class RefusedError(Exception):
    """What was asked for cannot be done as it is; the text says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; without `arguments` those of the process."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.command is None:
        parser.print_help(sys.stderr)
        return REFUSED
    try:
        return int(given.command(given))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has read enough, as `head` does; nothing may be flushed into the pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_AS_TOLD
    except _expected() as error:
        print(f"unlatch: {error}", file=sys.stderr)
        return REFUSED


def _expected() -> tuple[type[Exception], ...]:
    """What can be told in a sentence. Looked up when something has gone wrong, not before."""
    from bot.errors import StartError
    from bot.valkey import EngineError
    from templates.words import WordsError

    return (RefusedError, StartError, EngineError, WordsError)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="unlatch", description=ABOUT, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"Unlatch {VERSION}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def command(name: str, run: Callable[[Namespace], int], summary: str, about: str) -> ArgumentParser:
        added = commands.add_parser(name, help=summary, description=about, formatter_class=RawDescriptionHelpFormatter)
        added.set_defaults(command=run)
        return added

    _demo_options(command("demo", _demo, "see the bot work, on this machine alone", DEMO))
    for name, run, summary, about in (
        ("run", _run, "run the bot", RUN),
        ("web", _web, "only take in requests; one of many processes", WEB),
        ("worker", _worker, "only carry requests out; one of many processes", WORKER),
        ("check", _check, "check the settings", CHECK),
    ):
        _config_option(command(name, run, summary, about))
    _doctor_options(command("doctor", _doctor, "look at everything live, and say what to put right", DOCTOR))
    _audit_options(command("audit", _audit, "show what happened", AUDIT))
    return parser


def _config_option(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the file with the settings (unlatch.toml in this folder, if there is one); the environment wins over it",
    )


def _doctor_options(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the same as one JSON document")
    _config_option(parser)


def _audit_options(parser: ArgumentParser) -> None:
    parser.add_argument("reference", nargs="?", metavar="REFERENCE", help="the request to show; without it, all")
    parser.add_argument("--json", action="store_true", help="all that is known, one JSON object on each line")
    _config_option(parser)


def _demo_options(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8750, help="the port of the page on this machine (8750)")
    parser.add_argument("--read-only", action="store_true", help="the bot only guides and changes nothing in Okta")
    parser.add_argument("--play", choices=("unlock", "password", "mfa", "help"), help="play a story in the terminal")
    parser.add_argument(
        "--as",
        dest="login",
        metavar="LOGIN",
        help="who the story is about, such as diego.santos (Maya Okafor, who is locked out; for password and mfa Jonas Lindqvist)",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise ArgumentTypeError("a port is a number from 0 to 65535; 0 takes a free one")
    return int(text)


def _demo(given: Namespace) -> int:
    if given.play is None and given.login is not None:
        raise RefusedError('--as says who a story is about, so it needs --play, as in "unlatch demo --play unlock"')
    if given.play is not None:
        return _play(given)
    from bot.demo import demo

    try:
        _to_the_end(demo(port=given.port, read_only=given.read_only))
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise RefusedError(f"port {given.port} is taken or not allowed; choose another one with --port") from None
    return OK


def _play(given: Namespace) -> int:
    names = _playable()
    login = names.get(given.login.lower()) if given.login else None
    if given.login and login is None:
        able = ", ".join(sorted(name for name in names if "@" not in name))
        raise RefusedError(f"nobody who is in both Okta and Slack has the login {given.login}. There are: {able}")
    from bot.play import play

    return OK if _to_the_end(play(given.play, read_only=given.read_only, login=login)) else NOT_AS_TOLD


def _playable() -> Mapping[str, str]:
    """The logins of those who can ask for something, by login and by what stands before the @."""
    from sandbox.people import EMPLOYEES, SLACK_MEMBERS

    members = {member.id for member in SLACK_MEMBERS if not member.deleted}
    return {
        name: employee.login
        for employee in EMPLOYEES
        if employee.slack_id in members
        for name in (employee.handle, employee.login)
    }


def _run(given: Namespace) -> int:
    return _serve(_settings(given.config), edge=True, worker=True)


def _web(given: Namespace) -> int:
    settings = _shared(_settings(given.config))
    if settings.slack.mode != "http":
        raise RefusedError(
            '"unlatch web" takes in what Slack sends over HTTP. Set slack.mode = "http", or use "unlatch run"'
            " for Socket Mode."
        )
    return _serve(settings, edge=True, worker=False)


def _worker(given: Namespace) -> int:
    return _serve(_shared(_settings(given.config)), edge=False, worker=True)


def _shared(settings: "Settings") -> "Settings":
    """Processes that cannot meet would never carry anything out."""
    if settings.redis_url is None:
        raise RefusedError(
            'Processes that share the work need a Redis that they share: set redis_url or REDIS_URL. "unlatch run"'
            " does everything in one process and needs none."
        )
    return settings


def _serve(settings: "Settings", *, edge: bool, worker: bool) -> int:
    from bot.app import run

    logging.basicConfig(format=LOG_FORMAT, level=logging.WARNING)
    # Only ours: libraries log addresses of requests, which name people, and payloads.
    for name in OURS:
        logging.getLogger(name).setLevel(settings.log_level.upper())
    _to_the_end(run(settings, edge=edge, worker=worker))
    return OK


def _settings(config: Path | None) -> "Settings":
    from bot.app import known
    from bot.errors import SettingsError
    from bot.settings import load
    from bot.settings_sources import FILE

    try:
        return load(config, known())
    except SettingsError as error:
        unread = "" if config or FILE.exists() else f" No {FILE} in {Path.cwd()}; only the environment was read."
        problems = "".join(f"\n  {problem}" for problem in error.problems)
        raise RefusedError(
            f"the settings cannot be used; docs/settings.md explains each of them.{unread}{problems}"
        ) from None


def _check(given: Namespace) -> int:
    from bot.app import known
    from bot.summary import summary
    from templates.words import load

    settings = _settings(given.config)
    load(settings.language, settings.words_dir)
    print("ok: the settings can be used.")
    for name, what in summary(settings, known().takes_over):
        print(f"  {name:<18}{what}")
    return OK


def _doctor(given: Namespace) -> int:
    from bot.app import SystemClock
    from bot.doctor.findings import Mark, as_json, as_text, verdict
    from bot.doctor.look import look
    from bot.settings_sources import no_colour

    settings = _settings(given.config)
    logging.basicConfig(level=logging.CRITICAL)
    reached, findings = _to_the_end(look(settings, SystemClock().now))
    colours = sys.stdout.isatty() and not no_colour()
    print(as_json(findings) if given.json else as_text(findings, colours=colours))
    if not reached:
        return REFUSED
    return OK if verdict(findings) is Mark.OK else NOT_AS_TOLD


def _audit(given: Namespace) -> int:
    from bot.audit_trail import tell
    from bot.keys import Keys

    settings = _settings(given.config)
    reference = given.reference and given.reference.strip().lower()
    with _store(settings) as url:
        found = _to_the_end(tell(url, Keys().audit, print, reference=reference, whole=given.json))
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


def _store(settings: "Settings") -> AbstractContextManager[str]:
    """The address of the store, whoever runs it."""
    from bot.valkey import running

    return (
        running(settings.data_dir) if settings.redis_url is None else nullcontext(settings.redis_url.get_secret_value())
    )


def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, on uvloop where that exists."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)
