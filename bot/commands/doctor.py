"""`unlatch doctor`: how everything stands, live."""

import logging
import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from bot.commands.common import NOT_AS_TOLD, OK, REFUSED, config_option, settings_of, to_the_end

ABOUT: Final = """\
Look at the store, Slack and Okta as they are now, and say how each stands and what to put right,
and where. Nothing is changed and nothing is posted: Okta sees only reads (and, for a service app,
the requests for a token and about it). No secret is shown.

It ends with 0 if all is well (warnings may be shown), with 1 if something does not work or is
unsafe, and with 2 if it could not look: the settings cannot be used, or nothing answers.
"""


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
    parser.add_argument("--json", action="store_true", help="the same as one JSON document")
    config_option(parser)


def run(given: Namespace) -> int:
    """Look, and say what to put right."""
    from bot.doctor.findings import Mark, as_json, as_text, verdict
    from bot.doctor.look import look
    from bot.parts import SystemClock
    from bot.settings.sources import no_colour

    settings = settings_of(given.config)
    logging.basicConfig(level=logging.CRITICAL)
    reached, findings = to_the_end(look(settings, SystemClock().now))
    colours = sys.stdout.isatty() and not no_colour()
    print(as_json(findings) if given.json else as_text(findings, colours=colours))
    if not reached:
        return REFUSED
    return OK if verdict(findings) is Mark.OK else NOT_AS_TOLD
