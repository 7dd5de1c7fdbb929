"""`unlatch run`, `unlatch web` and `unlatch worker`: the bot, whole or in parts."""

import logging
from argparse import Namespace
from typing import TYPE_CHECKING, Final

from bot.commands.common import OK, RefusedError, settings_of, to_the_end

if TYPE_CHECKING:
    from bot.settings import Settings

RUN: Final = """\
Run the bot: take in what people ask in Slack, and carry it out. This is all that a company of
thousands needs. It goes on until it is stopped with Ctrl-C or SIGTERM.
"""

WEB: Final = """\
Only take in what Slack sends over HTTP, and leave the work to "unlatch worker". Start as many
as you like behind a load balancer. Needs slack.mode = "http" and redis_url.
"""

WORKER: Final = """\
Only carry out what was taken in by "unlatch run" or "unlatch web". Start as many as you like.
Needs redis_url, the Redis that all of them share.
"""

LOG_FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

OURS: Final = ("bot", "handlers", "okta", "templates")


def run(given: Namespace) -> int:
    """Take in what people ask, and carry it out."""
    return _serve(settings_of(given.config), edge=True, worker=True)


def web(given: Namespace) -> int:
    """Only take in."""
    settings = _shared(settings_of(given.config))
    if settings.slack.mode != "http":
        raise RefusedError(
            '"unlatch web" takes in what Slack sends over HTTP. Set slack.mode = "http", or use "unlatch run"'
            " for Socket Mode."
        )
    return _serve(settings, edge=True, worker=False)


def worker(given: Namespace) -> int:
    """Only carry out."""
    return _serve(_shared(settings_of(given.config)), edge=False, worker=True)


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
    to_the_end(run(settings, edge=edge, worker=worker))
    return OK
