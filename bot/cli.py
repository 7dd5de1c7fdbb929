"""The `unlatch` command: which commands there are (`bot.commands`), and what becomes of their errors.

Whatever a person can put right is told in a plain sentence; a traceback means a bug.
"""

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot import VERSION
from bot.commands import audit, brake, check, demo, doctor, explain, people, serve, shadow
from bot.commands.common import INTERRUPTED, NOT_AS_TOLD, REFUSED, RefusedError, config_option

ABOUT: Final = """\
Unlatch helps employees help themselves to their Okta account, in Slack.

To see it work, with nothing to set up:   unlatch demo
To run it for your company:               unlatch check, then unlatch run
"""


@dataclass(frozen=True, slots=True)
class Command:
    """What can follow `unlatch`.

    Attributes:
        run: does it, and answers the exit code.
        summary: what the list of commands says of it.
        about: what its `--help` says.
        options: adds what can be said with it.
    """

    run: Callable[[Namespace], int]
    summary: str
    about: str
    options: Callable[[ArgumentParser], None] = config_option


COMMANDS: Final = {
    "demo": Command(demo.run, "see the bot work, on this machine alone", demo.ABOUT, demo.options),
    "run": Command(serve.run, "run the bot", serve.RUN),
    "web": Command(serve.web, "only take in requests; one of many processes", serve.WEB),
    "worker": Command(serve.worker, "only carry requests out; one of many processes", serve.WORKER),
    "check": Command(check.run, "check the settings", check.ABOUT),
    "doctor": Command(doctor.run, "look at everything live, and say what to put right", doctor.ABOUT, doctor.options),
    "audit": Command(audit.run, "show what happened", audit.ABOUT, audit.options),
    "shadow": Command(shadow.run, "show what would have been done by what is in shadow", shadow.ABOUT, shadow.options),
    "explain": Command(explain.run, "say what would be decided, and why", explain.ABOUT, explain.options),
    "brake": Command(brake.run, "stop all resets, or let them go on", brake.ABOUT, brake.options),
    "people": Command(
        people.run, "show who is whom, and decide where two lay claim to one", people.ABOUT, people.options
    ),
}


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
    for name, command in COMMANDS.items():
        added = commands.add_parser(
            name, help=command.summary, description=command.about, formatter_class=RawDescriptionHelpFormatter
        )
        command.options(added)
        added.set_defaults(command=command.run)
    return parser
