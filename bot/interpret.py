"""Free text becomes an intent, by simple rules for now: the capability whose words occur, or a question back.

The text itself goes no further than this call. What cannot be told apart is answered with the menu, since a button is
quicker than a second guess.
"""

import re
from collections.abc import Iterable

from bot.capability import Registry
from bot.model import Intent

_LONGEST = 2_000
"""Characters of a message that are looked at; whoever needs more is pasting something."""


class Interpreter:
    """Reads messages and the text of `/unlatch`."""

    def __init__(self, registry: Registry) -> None:
        self._patterns = {
            name: re.compile("|".join(capability.asks), re.IGNORECASE) for name, capability in registry.items()
        }
        self._subcommands = {capability.subcommand: name for name, capability in registry.items()}

    def message(self, text: str) -> Intent:
        """The intent of a message; with none or more than one capability asked for, the menu.

        Being locked out is a reason for not getting in, so the more special capability wins over `sign_in_help`.
        """
        text = text[:_LONGEST].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        found = [name for name, pattern in self._patterns.items() if pattern.search(text)]
        special = [name for name in found if name != "sign_in_help"]
        return Intent(_only(special or found))

    def command(self, text: str) -> Intent:
        """The intent of what followed `/unlatch`: a sub-command, or else a message."""
        words = text.split()
        if words and words[0].lower() in self._subcommands:
            return Intent(self._subcommands[words[0].lower()])
        return self.message(text)


def _only(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[0] if len(found) == 1 else None
