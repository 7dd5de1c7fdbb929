"""`unlatch people`: who is whom, and who is not sure to be."""

import getpass
import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from bot.commands.common import NOT_AS_TOLD, OK, asking, config_option, scribe_of, settings_of, store, to_the_end

if TYPE_CHECKING:
    from bot.pins import Pins
    from bot.settings import Settings

ABOUT: Final = """\
Show which Okta user each Slack user is, as the bot found it, and who asked and matched nobody.

  unproven      found by their e-mail address; no factor of the account has spoken for them yet
  proven        one has
  quarantined   their address is another one now: a factor has to speak before anything is done
  frozen        two lay claim to one account, or they said themselves that it was not them ("by
                themselves"): nothing is done until you decide
  unmatched     asked within the last weeks and matched no Okta user; the reason stands behind

Decide with "confirm" (this Slack user is this Okta user) and "forget" (the pin is gone, and is
made anew by whoever comes next). Both are in the audit, with the name of who did it. Of two who
are frozen, forget the wrong one first; who stopped themselves is, once confirmed, what they were
before. Exit code 1: there is nothing of the kind to decide.
"""


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
    choices = ("list", "confirm", "forget")
    parser.add_argument("action", nargs="?", choices=choices, default="list", help="what to do; list, if not said")
    parser.add_argument("slack", nargs="?", metavar="SLACK", default="", help="the Slack user, as the list shows them")
    parser.add_argument("--by", metavar="NAME", default="", help="who decides (the user of this machine, if not said)")
    parser.add_argument("--json", action="store_true", help="the list as JSON, one object on each line")
    config_option(parser)


def run(given: Namespace) -> int:
    """Show everybody, or decide."""
    settings = settings_of(given.config)
    by = given.by.strip() or getpass.getuser()
    with store(settings) as url:
        return to_the_end(_people(settings, url, given, by))


async def _people(settings: "Settings", url: str, given: Namespace, by: str) -> int:
    from bot.keys import Keys
    from bot.parts import SystemClock
    from bot.pins import Pins

    async with asking(url) as redis:
        pins = Pins(redis, Keys(), SystemClock(), scribe=scribe_of(settings))
        if given.action == "list":
            return await _list(pins, as_json=given.json)
        return await _decide(pins, given.action, given.slack, by)


async def _list(pins: "Pins", *, as_json: bool) -> int:
    lines = [
        {
            "slack": pin.slack,
            "standing": str(pin.standing),
            "okta": pin.okta_id,
            "since": f"{pin.since:%Y-%m-%d %H:%M}Z" + (" by themselves" if pin.by else ""),
        }
        async for pin in pins.all()
    ]
    lines += [
        {"slack": one.slack, "standing": "unmatched", "okta": one.why, "since": f"{one.at:%Y-%m-%d %H:%M}Z"}
        for one in await pins.strangers()
    ]
    for line in sorted(lines, key=lambda line: (line["standing"], line["slack"])):
        print(json.dumps(line) if as_json else "{standing:<12} {slack:<28} {okta:<22} since {since}".format(**line))
    if not lines and not as_json:
        print("Nobody has asked for anything yet.")
    return OK


async def _decide(pins: "Pins", action: str, slack: str, by: str) -> int:
    if await pins.decide(action, slack, by=by):
        done = "is confirmed" if action == "confirm" else "is forgotten; whoever comes next is found anew"
        print(f"{slack} {done}.")
        return OK
    pin = await pins.find(slack)
    if pin is None:
        print(f"There is no pin of {slack or 'nobody'}: name a Slack user as the list shows them.")
    else:
        print(f"Another Slack user is pinned to {pin.okta_id}. Forget the wrong one of the two first.")
    return NOT_AS_TOLD
