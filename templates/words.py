"""The words, read once from one TOML file per topic, and checked as they are read.

An administrator changes a sentence by putting a file of the same name into an override folder: its entries win one by
one. A placeholder is `{name}`, nothing more: no attribute, index or format can be reached from a template, and one
that the code does not fill is an error at start-up, not in front of a person.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any, Final

HERE: Final = Path(__file__).parent

PLACEHOLDERS: Final = frozenset({"name", "login", "again", "company", "reference"})
"""What any message may hold: the person's own name and login, when it is tried again, the company's name, the reference."""

LINKS: Final = frozenset({"portal", "unlock", "reset", "help_desk"})
"""The addresses that the administrator can configure, to which a message may link by name."""


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
        WordsError: a file is missing or not TOML, or an entry is unknown, empty or holds a wrong placeholder.
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
            if name not in found:
                raise WordsError(f"{override}: nothing is called {name!r}, so these words would never be said")
            found[name] = value
    entries = {name: value for name, value in found.items() if isinstance(value, Entry)}
    return Words(entries, {name: value for name, value in found.items() if isinstance(value, str)})


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values into their places; they must have been escaped for where the text is shown."""
    return text.format_map(values)


def _read(folder: Path) -> Iterator[tuple[str, Entry | str]]:
    for path in sorted(folder.glob("*.toml")):
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WordsError(f"{path}: {error}") from error
        yield from _flatten(path, path.stem, table)


def _flatten(path: Path, name: str, value: Any) -> Iterator[tuple[str, Entry | str]]:
    match value:
        case str():
            yield name, _checked(path, name, value)
        case {"title": str(title), "body": str(body)}:
            rest = {key: inner for key, inner in value.items() if key not in {"title", "body"}}
            yield name, _entry(path, name, title, body, rest)
        case dict():
            for key, inner in value.items():
                yield from _flatten(path, f"{name}.{key}", inner)
        case _:
            raise WordsError(f"{path}: {name} must be a text, or a table with title and body")


def _entry(path: Path, name: str, title: str, body: str, rest: Mapping[str, Any]) -> Entry:
    match rest:
        case {**extra} if not extra.keys() <= {"button", "links"}:
            raise WordsError(
                f"{path}: {name} has unknown keys: {', '.join(sorted(extra.keys() - {'button', 'links'}))}"
            )
    links = rest.get("links", [])
    button = rest.get("button", "")
    if not isinstance(links, list) or not LINKS.issuperset(links):
        raise WordsError(f"{path}: {name}.links may name {', '.join(sorted(LINKS))}")
    if not isinstance(button, str):
        raise WordsError(f"{path}: {name}.button must be a text")
    return Entry(_checked(path, name, title), _checked(path, name, body).strip(), button, tuple(links))


def _checked(path: Path, name: str, text: str) -> str:
    if not text.strip():
        raise WordsError(f"{path}: {name} is empty")
    try:
        for _, field, spec, conversion in Formatter().parse(text):
            if field is not None and (field not in PLACEHOLDERS or spec or conversion):
                raise WordsError(f"{path}: {name} holds {{{field}}}; it may hold {', '.join(sorted(PLACEHOLDERS))}")
    except ValueError as error:
        raise WordsError(f"{path}: {name}: {error}; write a brace as {{{{ or }}}}") from error
    return text
