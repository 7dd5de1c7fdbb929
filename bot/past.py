"""What was done for somebody, as the lines of a card. Pure."""

from typing import Final

from bot.capability import Happening
from bot.model import State
from bot.saying import Phrase

MOST: Final = 10
"""Lines of what was done, or may have been."""

REFUSED: Final = 3
"""Lines of what was refused: whoever is refused often must not push out with it what was done."""


def lines(past: tuple[Happening, ...]) -> tuple[Phrase, ...]:
    """The newest of both, the newest last."""
    refused = [each for each in past if each.state is State.REFUSED][-REFUSED:]
    done = [each for each in past if each.state is not State.REFUSED][-MOST:]
    told = sorted((*done, *refused), key=lambda each: each.at)
    return tuple(Phrase(f"{each.capability}.past.{each.state}", at=each.at) for each in told)
