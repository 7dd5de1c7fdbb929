"""A request becomes a card: pure, from the record alone, so that drawing it again shows the same.

Everything that comes from the directory or a person is escaped here, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.capability import Button, View
from bot.model import Mode, Request, Rules, State
from templates.blocks import escape
from templates.words import Words, fill

MENUS: Final = frozenset({"common.menu", "common.not_understood"})
"""Words that are followed by a list of what can be asked for."""


@dataclass(frozen=True, slots=True)
class Cards:
    """Draws requests.

    Attributes:
        words: what is said.
        rules: whether an offer acts or guides, which its label tells.
        links: the configured addresses by name, e.g. `portal`; those that are missing give no button.
        company: the company's name for the words.
    """

    words: Words
    rules: Rules
    links: Mapping[str, str] = field(default_factory=dict)
    company: str = "your company"

    def draw(self, request: Request) -> View:
        """The card for a request as it stands."""
        say = request.say
        entry = self.words.entry(say.words if say else "common.received")
        values = self._values(request)
        body = fill(entry.body, values)
        if say and say.words in MENUS:
            body = "\n".join([body, *(f"• {self.words.text(f'{name}.about')}" for name in say.offers)])
        buttons = (*self._asking(request, entry.button), *self._offers(request), *self._links(entry.links))
        small = self.words.text("common.reference_until" if request.state is State.ASKING else "common.reference")
        small = fill(small, {**values, "reference": request.id})
        return View(fill(entry.title, values), body, small, buttons)

    def passing(self, request: Request) -> View:
        """The card while something takes long: what is being done, and nothing to press."""
        say = request.say if request.state is State.ACTING else None
        return self.draw(replace(request, state=State.RECEIVED, say=say))

    def gone(self) -> View:
        """The card for a request that is no longer kept."""
        entry = self.words.entry("common.gone")
        buttons = tuple(
            Button(f"ask:{name}", self._label(name)) for name, mode in self.rules.modes.items() if mode is not Mode.OFF
        )
        return View(entry.title, entry.body, buttons=buttons)

    def _values(self, request: Request) -> dict[str, str]:
        subject = request.subject
        values = {
            "name": subject.name if subject else "",
            "login": subject.login if subject else "",
            "company": self.company,
            **(request.say.values if request.say else {}),
        }
        escaped = {name: escape(value) for name, value in values.items()}
        return {**escaped, "again": _time(request.due) if request.due else ""}

    def _asking(self, request: Request, label: str) -> tuple[Button, ...]:
        if request.state is not State.ASKING:
            return ()
        confirm = Button("confirm", label or self.words.text("common.confirm"), request.id, style="primary")
        return (confirm, Button("cancel", self.words.text("common.cancel"), request.id))

    def _offers(self, request: Request) -> tuple[Button, ...]:
        names = request.say.offers if request.say else ()
        return tuple(Button(f"ask:{name}", self._label(name)) for name in names)

    def _label(self, name: str) -> str:
        return self.words.text(f"{name}.ask" if self.rules.mode(name) is Mode.ACT else f"{name}.how")

    def _links(self, names: tuple[str, ...]) -> tuple[Button, ...]:
        known = [name for name in names if name in self.links]
        return tuple(
            Button(f"link:{name}", self.words.text(f"common.links.{name}"), url=self.links[name]) for name in known
        )


def _time(moment: datetime) -> str:
    """A moment in the reader's own time zone (https://docs.slack.dev/messaging/formatting-message-text)."""
    return f"<!date^{int(moment.timestamp())}^{{time}}|{moment:%H:%M} UTC>"
