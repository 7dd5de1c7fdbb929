"""`unlatch explain`: what would be decided, and why, without doing anything."""

import logging
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

from bot.commands.common import NOT_AS_TOLD, OK, RefusedError, config_option, settings_of, store, to_the_end

if TYPE_CHECKING:
    from bot.settings import Settings

ABOUT: Final = """\
Say what the bot would decide if this person asked for this now, once they had confirmed it, and
once they had proved who they are; each with the rules it rests on.

Okta sees only reads; nothing is sent, counted or written. It takes for granted that the person is
found from Slack, and looks at this Okta account; a choice, such as of a sign-in method, is taken as
the first that is offered. The store is read too, for what was done already and for the brake, so
the bot must be running where the store is its own.
"""


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
    parser.add_argument("login", metavar="LOGIN", help="whose account, by its Okta login or id")
    parser.add_argument("capability", metavar="CAPABILITY", help="what is asked for, such as unlock_account")
    config_option(parser)


def run(given: Namespace) -> int:
    """Say what would be decided."""
    from bot.parts import known

    settings = settings_of(given.config)
    if given.capability not in (names := known().capabilities):
        raise RefusedError(f"there is no capability {given.capability!r}. There are: {', '.join(sorted(names))}")
    logging.basicConfig(level=logging.CRITICAL)
    with store(settings) as url:
        return to_the_end(_explain(settings, url, given.login, given.capability))


async def _explain(settings: "Settings", url: str, login: str, name: str) -> int:
    from bot.errors import StoreUnavailableError
    from bot.explanation import explain
    from okta.errors import OktaError

    try:
        stages = await explain(settings, url, login, name)
    except StoreUnavailableError as error:
        from bot import engine

        raise engine.unusable(error) from error
    except OktaError as error:
        print(f"Okta does not show this account: {error}")
        return NOT_AS_TOLD
    for stage, verdict, title, rules in stages:
        print(f"{stage:<10} {verdict:<8} {title}\n{'':<19} rests on: {', '.join(rules)}")
    return OK
