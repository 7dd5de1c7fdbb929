"""A request becomes a card: pure, from the record alone, so that drawing it again shows the same.

Everything that comes from the directory or a person is escaped here, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.evidence import Method
from bot.model import Request, State
from bot.notices import Note
from bot.ports import Button, Field, View
from bot.rules import Mode, Rules
from bot.saying import Choices, Phrase, Way
from okta.models import OneTimeLink
from templates.blocks import escape
from templates.words import LONGEST_LABEL, Words, fill

MENUS: Final = frozenset({"common.menu", "common.not_understood"})
"""Words that are followed by a list of what can be asked for."""

WAITING: Final = frozenset({State.ASKING, State.PROVING})
"""The states in which a card waits for its person, until a time that it tells."""

MOST_BUTTONS: Final = 24
"""Choices that are buttons, so that Cancel fits beside them (https://docs.slack.dev/reference/block-kit/blocks/actions-block)."""


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
        body = fill(entry.body, values).strip()
        if say and say.words in MENUS:
            body = "\n".join([body, *(f"• {self.words.text(f'{_way(name)}.about')}" for name in say.offers)])
        buttons = (
            *self._asking(request, entry.button),
            *self._proving(request),
            *self._offers(request, entry.button),
            *self._links(entry.links),
        )
        small = self.words.text("common.reference_until" if request.state in WAITING else "common.reference")
        small = fill(small, values)
        return View(fill(entry.title, values), body, small, buttons, self._ticks(request))

    def window(self) -> View:
        """What a window shows that waits for a one-time link."""
        entry = self.words.entry("common.window")
        return View(entry.title, entry.body)

    def window_over(self, request: Request) -> View:
        """A window in which no link will be shown, or none any more: how things stand, as on the card."""
        if request.state is State.ASKING:
            return self.window_note("clicks.outdated")
        return replace(self.draw(request), buttons=(), ticks=())

    def window_note(self, words: str, *, title: str = "common.window_note") -> View:
        """A window in which nothing more will come."""
        return View(self.words.text(title), self.words.text(words))

    def checking(self) -> View:
        """What a window shows while a code is being checked."""
        entry = self.words.entry("proof.window.checking")
        return View(entry.title, entry.body)

    def passcode(self, request: Request, way: Way, words: str = "proof.window.type") -> View:
        """A window to type a code in."""
        entry = self.words.entry(words)
        text = self.words.text
        carries = f"{request.id}.{way.factor_id}"
        field = Field(text("proof.window.label"), text("proof.window.hint"), text("proof.window.submit"), carries)
        values = {**self._values(request), "way": escape(self._plain(way.label))}
        return View(fill(entry.title, values), fill(entry.body, values), field=field)

    def link(self, request: Request, link: OneTimeLink) -> View:
        """A one-time link, for its owner's eyes; this view is shown and kept nowhere."""
        entry = self.words.entry(f"{request.intent.capability}.link")
        values = self._values(request)
        title = fill(entry.title, values)
        anchor = f"<{link.url.replace('&', '&amp;')}|{escape(entry.button or title)}>"
        return View(title, fill(entry.body, {**values, "link": anchor}))

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

    def note(self, note: Note) -> View:
        """What the security channel reads."""
        entry = self.words.entry(note.words)
        values = {"login": note.login, "name": "", "company": self.company, "again": "", "reference": note.request}
        escaped = {name: escape(value) for name, value in {**values, **note.values}.items()}
        filled = {**escaped, "who": f"<@{note.who}>" if note.who.isalnum() else escape(note.who)}
        small = fill(self.words.text("common.reference"), filled)
        return View(fill(entry.title, filled), fill(entry.body, filled).strip(), f"{_time(note.at)} · {small}")

    def letter(self, note: Note) -> tuple[str, str]:
        """What is mailed to the owner of an account: the subject and the text, which is plain."""
        entry = self.words.entry(note.words)
        desk = self.links.get("help_desk", "").removeprefix("mailto:")
        values = {
            "name": note.values.get("name") or note.login,
            "login": note.login,
            "company": self.company,
            "reference": note.request,
            "help_desk": desk or self.words.text("mail.desk.it"),
            "what": fill(self.words.text(note.values["what"]), {"when": f"{note.at:%Y-%m-%d %H:%M} UTC"}),
            "again": "",
        }
        return fill(entry.title, values), fill(entry.body, values).strip() + "\n"

    def _values(self, request: Request) -> dict[str, str]:
        subject = request.subject
        values = {
            "name": subject.name if subject else "",
            "login": subject.login if subject else "",
            "company": self.company,
            "reference": request.id,
            **(request.say.values if request.say else {}),
        }
        escaped = {name: escape(value) for name, value in values.items()}
        lists = request.say.lists if request.say else {}
        bullets = {name: "\n".join(f"• {self._phrase(one)}" for one in phrases) for name, phrases in lists.items()}
        until = request.say.until if request.say else None
        times = {name: _time(moment) for name, moment in (("again", request.due), ("until", until)) if moment}
        filled = {"again": "", "until": "", **escaped, **bullets, **times}
        notes = request.say.notes if request.say else ()
        return {**filled, "notes": "\n\n".join(fill(self.words.text(note), filled) for note in notes)}

    def _phrase(self, phrase: Phrase) -> str:
        values = {name: escape(value) for name, value in phrase.values.items()}
        return fill(self.words.text(phrase.words), {**values, "when": _day(phrase.at) if phrase.at else ""})

    def _plain(self, phrase: Phrase) -> str:
        """A phrase where Slack reads no markup: on a button, and beside a box to tick."""
        text = " ".join(fill(self.words.text(phrase.words), phrase.values).split())
        return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"

    def _asking(self, request: Request, label: str) -> tuple[Button, ...]:
        say = request.say
        if request.state is not State.ASKING or say is None:
            return ()
        cancel = Button("cancel", self.words.text("common.cancel"), request.id)
        if say.choices is not None:
            return (*self._choosing(request.id, say.choices), cancel)
        # The version tells which offer is confirmed, should the card have changed under the finger.
        value = f"{request.id}.{request.version}"
        action = "confirm:window" if say.window else "confirm"
        return (Button(action, label or self.words.text("common.confirm"), value, style="primary"), cancel)

    def _proving(self, request: Request) -> tuple[Button, ...]:
        """A button for each way to prove who one is; of a prompt that is out there already, none."""
        if request.state is not State.PROVING or request.say is None:
            return ()
        sent, value = request.challenge, f"{request.id}.{request.version}"
        buttons = []
        if sent is not None and sent.method.is_sent:
            label = self.words.text("proof.by.type")
            buttons.append(Button(f"type:{sent.factor_id}", label, value, style="primary"))
        for way in request.say.ways[: MOST_BUTTONS - 1]:
            is_sent = sent is not None and sent.factor_id == way.factor_id
            if is_sent and way.method is Method.PUSH:
                continue
            action = f"type:{way.factor_id}" if way.method is Method.CODE else f"prove:{way.method}:{way.factor_id}"
            label = self._plain(
                Phrase(f"proof.by.{way.method}{'_again' if is_sent else ''}", {"way": self._plain(way.label)})
            )
            buttons.append(Button(action, label, value, style=None if buttons or sent else "primary"))
        return (*buttons, Button("cancel", self.words.text("common.cancel"), request.id))

    def _choosing(self, request_id: str, choices: Choices) -> tuple[Button, ...]:
        if choices.several:
            return (Button("choose", self.words.text("common.go_on"), request_id, style="primary"),)
        options = choices.options[:MOST_BUTTONS]
        return tuple(Button(f"choose:{one.value}", self._plain(one.label), request_id) for one in options)

    def _ticks(self, request: Request) -> tuple[tuple[str, str], ...]:
        choices = request.say.choices if request.say else None
        if request.state is not State.ASKING or choices is None or not choices.several:
            return ()
        return tuple((one.value, self._plain(one.label)) for one in choices.options)

    def _offers(self, request: Request, label: str) -> tuple[Button, ...]:
        """What may be asked for next; where nothing is to be confirmed, `label` is what the first of it is called here."""
        names = request.say.offers if request.say else ()
        labels = [self._label(name) for name in names]
        if label and labels and request.state is not State.ASKING and self._acts(names[0]):
            labels[0] = label
        return tuple(Button(f"ask:{name}", text) for name, text in zip(names, labels, strict=True))

    def _label(self, name: str) -> str:
        return self.words.text(f"{_way(name)}.{'ask' if self._acts(name) else 'how'}")

    def _acts(self, name: str) -> bool:
        return self.rules.mode(name.partition(":")[0]) is Mode.ACT

    def _links(self, names: tuple[str, ...]) -> tuple[Button, ...]:
        known = [name for name in names if name in self.links]
        return tuple(
            Button(f"link:{name}", self.words.text(f"common.links.{name}"), url=self.links[name]) for name in known
        )


def _way(name: str) -> str:
    """Where the words for an offer are: those of a capability, or of one of its doors."""
    capability, _, door = name.partition(":")
    return f"{capability}.doors.{door}" if door else capability


def _day(moment: datetime) -> str:
    """The same with the day."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}, {{time}}|{moment:%Y-%m-%d %H:%M} UTC>"


def _time(moment: datetime) -> str:
    """A moment in the reader's own time zone (https://docs.slack.dev/messaging/formatting-message-text)."""
    return f"<!date^{int(moment.timestamp())}^{{time}}|{moment:%H:%M} UTC>"
