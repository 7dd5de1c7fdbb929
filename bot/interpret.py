"""Free text becomes an intent, by simple rules for now: the capability whose words occur, or a question back.

The text itself goes no further than this call. What cannot be told apart is answered with the menu, since a button is
quicker than a second guess.
"""

import re
from collections.abc import Iterable

from bot.capability import Registry
from bot.model import Intent

_LONGEST = 500
"""Characters of a message that are looked at; whoever needs more is pasting something."""

_ADDRESS = re.compile(r"<mailto:[^>]*>|[^\s@]+@\S+")
"""An e-mail address, as Slack marks it or as it is typed; its dots and words say nothing of what is meant."""

_SOMEBODY_ELSE = re.compile(
    r"@\w"  # a mention
    r"|\b(?!let's|it's|that's|what's|who's|there's|here's|today's|everything's|okta's|slack's|windows's)"
    r"[a-z]+('s|s') (\w+ )?(account|acct|user|login|profile|password|mfa|2fa|phone)\b"
    r"|\b(his|her|their|everyone'?s|everybody'?s|every|all|another|someone else'?s) (\w+ )?"
    r"(accounts?|users?|logins?|profiles?|passwords?|mfa|2fa|factors?|phones?)\b(?<!another phone)(?<!all factors)"
    r"|\b(he|she|they)('s| is| are|'re| was| were) (\w+ )?(locked|blocked)\b"
    r"|\b(unlock|unblock) (him|her|them|everyone|everybody)\b",
    re.IGNORECASE,
)
"""Signs that a message is about another person's account, for whom nothing is ever done."""


_GREETING = re.compile(
    r"(hi|hello|hey|help|menu|start|good (morning|afternoon|evening)|what can you do|what do you do|how does this work)\b",
    re.IGNORECASE,
)
"""Beginnings of messages that ask for nothing in particular."""

NOT_UNDERSTOOD = Intent(note="not_understood")


class Interpreter:
    """Reads messages and the text of `/unlatch`."""

    def __init__(self, registry: Registry) -> None:
        self._covers = {name: capability.covers for name, capability in registry.items()}
        self._doors = {
            name: {door: _any(asks) for door, asks in capability.doors.items()} for name, capability in registry.items()
        }
        self._patterns = {
            name: _any((*capability.asks, *(one for asks in capability.doors.values() for one in asks)))
            for name, capability in registry.items()
        }
        self._subcommands = {capability.subcommand: Intent(name) for name, capability in registry.items()}
        self._subcommands |= {
            door.replace("_", "-"): Intent(name, {"door": door})
            for name, doors in self._doors.items()
            for door in doors
        }

    def message(self, text: str) -> Intent:
        """The intent of a message; with none or more than one capability asked for, or for another person, a list.

        It is the menu for whoever asked for nothing in particular, and for the others says that they were not understood.
        Being locked out is a reason for not getting in, so the more special capability wins (`Capability.covers`).
        """
        text = _ADDRESS.sub(" ", text[:_LONGEST].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
        text = " ".join(text.split())
        if not text or _GREETING.match(text):
            return self._named(text) or Intent()
        if _SOMEBODY_ELSE.search(text):
            return NOT_UNDERSTOOD
        return self._named(text) or NOT_UNDERSTOOD

    def _named(self, text: str) -> Intent | None:
        """The one capability that is asked for, with the door that it is asked for by."""
        found = {name for name, pattern in self._patterns.items() if pattern.search(text)}
        name = _only(found.difference(*(self._covers[name] for name in found)))
        if name is None:
            return None
        door = _only(door for door, pattern in self._doors[name].items() if pattern.search(text))
        return Intent(name, {"door": door} if door else {})

    def command(self, text: str) -> Intent:
        """The intent of what followed `/unlatch`: a sub-command, or else a message."""
        words = text.split()
        if words and words[0].lower() in self._subcommands:
            return self._subcommands[words[0].lower()]
        return self.message(text)


def _any(asks: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(asks), re.IGNORECASE)


def _only(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[0] if len(found) == 1 else None
