"""`unlatch audit`: what happened."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from bot.commands.common import NOT_AS_TOLD, OK, config_option, settings_of, store, to_the_end

ABOUT: Final = """\
Show what happened: one line for everything that was asked, decided and done, the newest last.
With the reference that stands on a card, only what became of that request.

A line holds the time (UTC), the reference, the event, the Slack id of who caused it, the Okta
login of whom it is about, and the rules it rests on. With --json it holds all that is known.

The embedded store can be read while the bot runs. How long entries are kept: audit_days.
"""


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
    parser.add_argument("reference", nargs="?", metavar="REFERENCE", help="the request to show; without it, all")
    parser.add_argument("--json", action="store_true", help="all that is known, one JSON object on each line")
    config_option(parser)


def run(given: Namespace) -> int:
    """Show what happened."""
    from bot.audit_trail import tell
    from bot.keys import Keys

    settings = settings_of(given.config)
    reference = given.reference and given.reference.strip().lower()
    with store(settings) as url:
        found = to_the_end(tell(url, Keys(), print, reference=reference, whole=given.json))
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
