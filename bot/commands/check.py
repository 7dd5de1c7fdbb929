"""`unlatch check`: what the settings amount to."""

from argparse import Namespace
from typing import Final

from bot.commands.common import OK, settings_of

ABOUT: Final = """\
Read the settings and say what they amount to, or everything that is wrong with them at once.
Neither Slack nor Okta is asked, and no secret is shown.
"""


def run(given: Namespace) -> int:
    """Say what the settings amount to."""
    from bot.parts import known
    from bot.summary import summary
    from templates.words import load

    settings = settings_of(given.config)
    load(settings.language, settings.words_dir)
    print("ok: the settings can be used.")
    for name, what in summary(settings, known().takes_over):
        print(f"  {name:<18}{what}")
    return OK
