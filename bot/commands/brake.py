"""`unlatch brake`: stop what could give accounts away, for everybody, or let it go on."""

import getpass
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from bot.commands.common import NOT_AS_TOLD, OK, asking, config_option, scribe_of, settings_of, store, to_the_end

if TYPE_CHECKING:
    from bot.brake import Brake
    from bot.settings import Settings

ABOUT: Final = """\
Show, pull or release the brake. While it is on, passwords and sign-in methods are reset for
nobody; unlocking goes on. It pulls itself when more happens than on a usual day ([brake] in the
settings), and stays on until somebody releases it.

The running bot heeds it with its next write. Both are in the audit, with the name of who did it,
and told in the security channel. Exit code 1: it was as you wanted it already.
"""


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
    parser.add_argument(
        "action", nargs="?", choices=("show", "pull", "release"), default="show", help="what to do; show, if not said"
    )
    parser.add_argument("--by", metavar="NAME", default="", help="who does it (the user of this machine, if not said)")
    parser.add_argument("--why", metavar="TEXT", default="pulled by hand", help="why it is pulled, for the others")
    config_option(parser)


def run(given: Namespace) -> int:
    """Do it, and say how things stand."""
    settings = settings_of(given.config)
    by = given.by.strip() or getpass.getuser()
    with store(settings) as url:
        done, said = to_the_end(_turn(settings, url, given.action, by, given.why))
    print(said)
    return OK if done else NOT_AS_TOLD


async def _turn(settings: "Settings", url: str, action: str, by: str, why: str) -> tuple[bool, str]:
    """Whether it is as was wanted by this, and how it is."""
    from bot.brake import Brake
    from bot.keys import Keys
    from bot.parts import SystemClock
    from bot.tally import Tally

    keys, clock = Keys(), SystemClock()
    tells = settings.slack.security_channel is not None
    async with asking(url) as redis:
        tally = Tally(redis, keys, clock)
        brake = Brake(redis, keys, tally, settings.brake.rules(), clock, tells=tells, scribe=scribe_of(settings))
        return await _turned(brake, action, by, why)


async def _turned(brake: "Brake", action: str, by: str, why: str) -> tuple[bool, str]:
    if action == "pull":
        done = await brake.pull(why, by=by)
        return done, "The brake is on." if done else "The brake was on already."
    if action == "release":
        done = await brake.release(by=by)
        return done, "The brake is off; resets go on." if done else "The brake was not on."
    found = await brake.pulled()
    return True, f"The brake is on since {found.at:%Y-%m-%d %H:%M} UTC: {found.why}." if found else "The brake is off."
