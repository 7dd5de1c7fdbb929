"""`unlatch demo`: the real bot between an Okta org and a Slack workspace on this machine."""

import errno
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from typing import Final

from bot.commands.common import NOT_AS_TOLD, OK, RefusedError, to_the_end

ABOUT: Final = """\
Run the real bot between an Okta org and a Slack workspace that both live on this machine,
with a page in the browser to talk in. Nothing outside is reached, and nothing stays behind.

With --play, a story is played here in the terminal instead. The command then ends with 0 if
the story ended as told, and with 1 if it did not.
"""


def options(parser: ArgumentParser) -> None:
    """What can be said with the command."""
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


def run(given: Namespace) -> int:
    """Show the page until told to end, or play a story."""
    if given.play is None and given.login is not None:
        raise RefusedError('--as says who a story is about, so it needs --play, as in "unlatch demo --play unlock"')
    if given.play is not None:
        return _play(given)
    from bot.demo import demo

    try:
        to_the_end(demo(port=given.port, read_only=given.read_only))
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

    return OK if to_the_end(play(given.play, read_only=given.read_only, login=login)) else NOT_AS_TOLD


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
