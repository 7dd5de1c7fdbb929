"""The words, read once from one TOML file per topic, and checked as they are read.

An administrator changes a sentence by putting a file of the same name into an override folder: its entries win one by
one, and take the shape of ours. A placeholder is `{name}`, nothing more: no attribute, index or format can be reached from a template, and one
that the code does not fill is an error at start-up, not in front of a person. So is what is longer than Slack takes.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from string import Formatter
from typing import Any, Final

HERE: Final = Path(__file__).parent

COMMON: Final = frozenset({"name", "login", "again", "company", "reference"})
"""What any message about a request may hold: the person's own name and login, when it is tried again, the company's name,
the reference. Texts, which stand on buttons, in lists and beside messages, hold only what ours do."""

NOBODYS: Final = frozenset({"common.gone", "common.window", "proof.window.checking"})
"""The messages that are drawn before or without a request."""

NEEDED: Final = frozenset({"link", "chosen", "done", "now", "left", "number"})
"""What a message is about; one of an administrator's own without it would tell nothing, or have a person agree to nothing."""

PLACEHOLDERS: Final = COMMON | {
    "notes",
    "link",
    "email",
    "directory",
    "device",
    "chosen",
    "with_it",
    "done",
    "now",
    "left",
    "way",
    "number",
    "until",
    "who",
    "capability",
    "why",
    "when",
    "what",
    "help_desk",
    "pin",
}
"""What some messages may hold besides; words of an administrator's own may hold it where ours do."""

LINKS: Final = frozenset({"portal", "unlock", "reset", "enroll", "help_desk"})
"""The addresses that the administrator can configure, to which a message may link by name."""


LONGEST_TITLE: Final = 150
"""Characters of a header (https://docs.slack.dev/reference/block-kit/blocks/header-block)."""

LONGEST_CLOSE: Final = 24
"""Characters on the buttons of a modal (https://docs.slack.dev/reference/views/modal-views)."""

LONGEST_LABEL: Final = 75
"""Characters on a button (https://docs.slack.dev/reference/block-kit/block-elements/button-element)."""

LONGEST_BODY: Final = 3_000
"""Characters of a section's text (https://docs.slack.dev/reference/block-kit/blocks/section-block)."""

LONGEST_TEXT: Final = 4_000
"""Characters of the text that stands for the blocks, in `chat.update` (https://docs.slack.dev/reference/methods/chat.update)."""

LABELS: Final = frozenset(
    {"ask", "how", "confirm", "cancel", "go_on"}
    | {f"links.{name}" for name in LINKS}
    | {f"by.{name}" for name in ("push", "push_again", "code", "sms", "sms_again", "email", "email_again", "type")}
)
"""The texts that stand on buttons, by what follows the name of their file, or of a door in it."""


class WordsError(Exception):
    """The words cannot be used; the message says which file, which entry and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The words of one message. `links` names configured addresses that become buttons."""

    title: str
    body: str
    button: str = ""
    links: tuple[str, ...] = ()


class Words:
    """All words of one language by name, `file.entry` or `file.group.entry`."""

    def __init__(self, entries: Mapping[str, Entry], texts: Mapping[str, str]) -> None:
        self._entries = entries
        self._texts = texts

    def entry(self, name: str) -> Entry:
        """The message called `name`.

        Raises:
            KeyError: there is none; the tests walk every name the code can say.
        """
        return self._entries[name]

    def text(self, name: str) -> str:
        """The plain sentence or label called `name`."""
        return self._texts[name]

    def names(self) -> frozenset[str]:
        """Everything that can be said."""
        return frozenset(self._entries) | frozenset(self._texts)


def languages() -> frozenset[str]:
    """The languages that there are words in."""
    return frozenset(path.name for path in HERE.iterdir() if (path / "common.toml").exists())


def load(language: str = "en", override: Path | None = None) -> Words:
    """Read the words of `language`, with an administrator's own in place of ours.

    Raises:
        WordsError: a file is missing or not TOML, or an entry is unknown, of another shape than ours, empty, too long or
            holds a wrong placeholder.
    """
    if language not in languages():
        known = ", ".join(sorted(languages()))
        raise WordsError(f"there are no words for the language {language!r}; there are: {known}")
    folder = HERE / language
    found = dict(_read(folder))
    if override is not None:
        if not override.is_dir():
            raise WordsError(f"the folder of your own words does not exist: {override}")
        for name, value in _read(override):
            _compare(override, name, value, found)
            found[name] = value
    entries = {name: value for name, value in found.items() if isinstance(value, Entry)}
    return Words(entries, {name: value for name, value in found.items() if isinstance(value, str)})


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values into their places; they must have been escaped for where the text is shown."""
    return text.format_map(values)


def _compare(folder: Path, name: str, own: Entry | str, ours: Mapping[str, Entry | str]) -> None:
    """An administrator's words must stand where ours do, and in the same shape, or the code would not find them."""
    path = folder / f"{name.partition('.')[0]}.toml"
    if name not in ours:
        near = get_close_matches(name, ours, n=1, cutoff=0.75)
        meant = f". Do you mean {near[0]}?" if near else ""
        raise WordsError(f"{path}: nothing is called {name!r}, so these words would never be said{meant}")
    if isinstance(own, str) and isinstance(ours[name], Entry):
        raise WordsError(f"{path}: {name} is a message: it must be a table with title and body")
    if isinstance(own, Entry) and isinstance(ours[name], str):
        raise WordsError(f"{path}: {name} must be a text, not a table with title and body")
    known = _placeholders(ours[name])
    able = known | COMMON if isinstance(own, Entry) and name not in NOBODYS else known
    if surplus := _placeholders(own) - able:
        told = ", ".join(sorted(able)) or "nothing of the kind"
        raise WordsError(f"{path}: {name} holds {{{min(surplus)}}}, which is not known there; it may hold {told}")
    if missing := known & NEEDED - _placeholders(own):
        raise WordsError(f"{path}: {name} must hold {{{min(missing)}}}, which is what it tells")


def _placeholders(words: Entry | str) -> frozenset[str]:
    text = words if isinstance(words, str) else f"{words.title} {words.body}"
    return frozenset(field for _, field, _, _ in Formatter().parse(text) if field is not None)


def _read(folder: Path) -> Iterator[tuple[str, Entry | str]]:
    for path in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise WordsError(f"{path}: cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise WordsError(f"{path}: is not text in UTF-8; save it as such") from error
        except tomllib.TOMLDecodeError as error:
            raise WordsError(f"{path}: is not TOML: {error}. Texts need quotes around them") from error
        yield from _flatten(path, path.stem, table)


def _flatten(path: Path, name: str, value: Any) -> Iterator[tuple[str, Entry | str]]:
    match value:
        case str():
            yield name, _checked(path, name, value, _most(name))
        case {"title": str(title), "body": str(body)}:
            rest = {key: inner for key, inner in value.items() if key not in {"title", "body"}}
            yield name, _entry(path, name, title, body, rest)
        case {"title": _} | {"body": _}:
            raise WordsError(f"{path}: {name} must have both a title and a body, which are texts")
        case dict():
            for key, inner in value.items():
                yield from _flatten(path, f"{name}.{key}", inner)
        case _:
            raise WordsError(f"{path}: {name} must be a text, or a table with title and body")


def _most(name: str) -> int:
    """How many characters a text may have, by where it stands."""
    own = re.sub(r"^\w+\.(doors\.\w+\.)?", "", name)
    if own in {"close", "window.submit"}:
        return LONGEST_CLOSE
    return LONGEST_LABEL if own in LABELS else LONGEST_BODY


def _entry(path: Path, name: str, title: str, body: str, rest: Mapping[str, Any]) -> Entry:
    match rest:
        case {**extra} if not extra.keys() <= {"button", "links"}:
            raise WordsError(
                f"{path}: {name} has unknown keys: {', '.join(sorted(extra.keys() - {'button', 'links'}))}"
            )
    links = rest.get("links", [])
    button = rest.get("button", "")
    if not isinstance(links, list) or not all(isinstance(link, str) and link in LINKS for link in links):
        raise WordsError(f"{path}: {name}.links may name {', '.join(sorted(LINKS))}")
    if not isinstance(button, str):
        raise WordsError(f"{path}: {name}.button must be a text")
    _fits(path, f"{name}.button", button, LONGEST_LABEL)
    title = _checked(path, f"{name}.title", title, LONGEST_TITLE)
    return Entry(title, _checked(path, f"{name}.body", body, LONGEST_BODY).strip(), button, tuple(links))


def _fits(path: Path, name: str, text: str, most: int) -> None:
    if len(text.strip()) > most:
        raise WordsError(f"{path}: {name} has {len(text.strip())} characters; Slack takes at most {most} there")


def _checked(path: Path, name: str, text: str, most: int) -> str:
    if not text.strip():
        raise WordsError(f"{path}: {name} is empty")
    _fits(path, name, text, most)
    try:
        for _, field, spec, conversion in Formatter().parse(text):
            if field is not None and (field not in PLACEHOLDERS or spec or conversion):
                raise WordsError(f"{path}: {name} holds {{{field}}}; it may hold {', '.join(sorted(PLACEHOLDERS))}")
    except ValueError as error:
        raise WordsError(f"{path}: {name}: {error}; write a brace as {{{{ or }}}}") from error
    return text
