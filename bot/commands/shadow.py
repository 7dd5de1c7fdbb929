"""`unlatch shadow report`: what would have happened if what is in shadow had acted."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.commands.common import OK, asking, config_option, settings_of, store, to_the_end

if TYPE_CHECKING:
    from bot.shadow_report import Shadowed

ABOUT: Final = """\
Show what would have been done and refused by the capabilities that are set to "shadow": they give
directions to people, as "guide" does, and record what they would have decided if they acted.

When the report holds no surprise, set the capability to "act".
"""

LONGEST: Final = 3_650


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
    parser.add_argument(
        "action", nargs="?", choices=("report",), default="report", help="what to do; report, if not said"
    )
    parser.add_argument("--days", type=_days, default=30, metavar="N", help="how far to look back; 30, if not said")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    config_option(parser)


def _days(text: str) -> int:
    days = int(text) if text.isdecimal() else 0
    if not 1 <= days <= LONGEST:
        raise ArgumentTypeError(f"it is a number of days from 1 to {LONGEST}")
    return days


def run(given: Namespace) -> int:
    """Show the report."""
    settings = settings_of(given.config)
    in_shadow = sorted(name for name, mode in settings.capabilities.items() if mode == "shadow")
    with store(settings) as url:
        found, unreadable = to_the_end(_report(url, given.days))
    if unreadable:
        print(f"unlatch: {unreadable} entries cannot be read, and are not counted", file=sys.stderr)
    if given.json:
        from bot.shadow_report import plain

        print(json.dumps(plain(found), indent=2))
        return OK
    if not found:
        print(f"Within {given.days} days nobody has asked for anything that is in shadow.")
        now = f"In shadow now: {', '.join(in_shadow)}." if in_shadow else 'Nothing is: set a capability to "shadow".'
        print(now)
    for name, each in sorted(found.items()):
        print(f"{name}: {each.asked} requests that it fits, by {len(each.people)} people, within {given.days} days")
        for words, count in each.outcomes.most_common():
            print(f"  {count:>6}  {words}")
    return OK


async def _report(url: str, days: int) -> "tuple[dict[str, Shadowed], int]":
    from bot.keys import Keys
    from bot.parts import SystemClock
    from bot.shadow_report import report

    async with asking(url) as redis:
        return await report(redis, Keys(), SystemClock().now() - timedelta(days=days))
