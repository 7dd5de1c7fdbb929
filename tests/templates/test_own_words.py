"""An administrator's own words: what would fail in front of a person is refused when they are read, with the way out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.model import Actor, Intent, Origin, Place, Request, Subject, Surface
from bot.ports import View
from bot.rules import Rules
from bot.settings import FIELDS
from okta.models import OneTimeLink
from templates.blocks import blocks
from templates.cards import Cards
from templates.words import COMMON, LABELS, LINKS, LONGEST_BODY, LONGEST_LABEL, LONGEST_TITLE, WordsError, load


def refusal(folder: Path, written: str | bytes, file: str = "common.toml") -> str:
    """What is said of words that cannot be used; it begins with the file."""
    path = folder / file
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    with pytest.raises(WordsError) as caught:
        load(override=folder)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('cancelled = "Fine"', "common.cancelled is a message: it must be a table with title and body"),
        ('[cancel]\ntitle = "a"\nbody = "b"', "common.cancel must be a text, not a table with title and body"),
        ('[cancelled]\ntitle = "Fine"', "common.cancelled must have both a title and a body"),
        ('[cancelled]\nbody = "Fine"', "common.cancelled must have both a title and a body"),
        ('[cancelled]\ntitle = "Fine"\nbody = 3', "common.cancelled must have both a title and a body"),
        ('[cancelled]\ntitle = ""\nbody = "b"', "common.cancelled.title is empty"),
        ('[cancelled]\ntitle = "a"\nbody = "b"\nlinks = [["portal"]]', "common.cancelled.links may name"),
    ],
)
def test_words_of_another_shape_than_ours_are_refused(tmp_path: Path, written: str, told: str) -> None:
    """The code would look for the other shape, and find nothing to say."""
    assert told in refusal(tmp_path, written)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            f'[cancelled]\ntitle = "{"a" * 151}"\nbody = "b"',
            "common.cancelled.title has 151 characters; Slack takes at most 150",
        ),
        (f'[cancelled]\ntitle = "a"\nbody = "b"\nbutton = "{"c" * 76}"', "common.cancelled.button has 76 characters"),
        (f'[cancelled]\ntitle = "a"\nbody = "{"b" * 3001}"', "common.cancelled.body has 3001 characters"),
        (f'confirm = "{"a" * 76}"', "common.confirm has 76 characters; Slack takes at most 75 there"),
        (f'[links]\nportal = "{"a" * 76}"', "common.links.portal has 76 characters"),
    ],
)
def test_words_longer_than_slack_takes_are_refused(tmp_path: Path, written: str, told: str) -> None:
    """By the name of the entry and the limit; else Slack would refuse the card."""
    assert told in refusal(tmp_path, written)


def test_words_as_long_as_slack_takes_will_do(tmp_path: Path) -> None:
    """A label, a title; and a text that stands on no button may be longer."""
    (tmp_path / "common.toml").write_text(
        f'confirm = "{"a" * 75}"\nreference = "{"b" * 90}"\n[cancelled]\ntitle = "{"c" * 150}"\nbody = "d"\n'
    )

    words = load(override=tmp_path)

    assert words.text("common.confirm") == "a" * 75
    assert words.entry("common.cancelled").title == "c" * 150


@pytest.mark.parametrize(
    ("file", "written", "wrong"),
    [
        ("unlock_account.toml", '[done.unlocked]\ntitle = "Done"\nbody = "Use {link}."', "{link}"),
        ("reset_mfa.toml", '[none]\ntitle = "None"\nbody = "{chosen}"', "{chosen}"),
    ],
)
def test_words_hold_only_what_is_known_there(tmp_path: Path, file: str, written: str, wrong: str) -> None:
    """A one-time link is in one message of ours, and cannot be drawn into another; found at the start, not by a person."""
    assert f"holds {wrong}, which is not known there; it may hold again, company, login" in refusal(
        tmp_path, written, file
    )


@pytest.mark.parametrize(
    ("file", "written", "told"),
    [
        ("reset_mfa.toml", 'ask = "Reset {device}"', "holds {device}, which is not known there; it may hold nothing"),
        ("reset_mfa.toml", '[factor]\nkey_on = "{login}: {device}"', "holds {login}, which is not known there"),
        ("reset_mfa.toml", '[note]\nlast = "See {reference}"', "holds {reference}, which is not known there"),
        ("clicks.toml", 'foreign = "Not yours, {name}"', "holds {name}, which is not known there"),
        ("common.toml", '[window]\ntitle = "Wait"\nbody = "{name}"', "holds {name}, which is not known there"),
    ],
)
def test_texts_hold_only_what_ours_do(tmp_path: Path, file: str, written: str, told: str) -> None:
    """What stands on a button or in a list is drawn from less than a message; it would fail in front of a person."""
    assert told in refusal(tmp_path, written, file)


@pytest.mark.parametrize(
    ("file", "written", "told"),
    [
        ("reset_password.toml", '[link]\ntitle = "a"\nbody = "b"', "reset_password.link must hold {link}"),
        ("reset_mfa.toml", '[confirm]\ntitle = "a"\nbody = "{notes}"', "reset_mfa.confirm must hold {chosen}"),
        ("reset_mfa.toml", '[partly]\ntitle = "a"\nbody = "{left}"', "reset_mfa.partly must hold {done}"),
    ],
)
def test_words_do_not_leave_out_what_they_are_about(tmp_path: Path, file: str, written: str, told: str) -> None:
    """A link that is nowhere locks its owner out; a consent to what is not named is none."""
    assert told in refusal(tmp_path, written, file)


def test_own_words_may_hold_what_any_message_may(tmp_path: Path) -> None:
    """The reference too, in a title and in a text; a link without words of its own has those of the title."""
    every = " ".join(f"{{{name}}}" for name in sorted(COMMON))
    (tmp_path / "common.toml").write_text(f'[received]\ntitle = "{every}"\nbody = "{every}"\n')
    (tmp_path / "reset_password.toml").write_text('[link]\ntitle = "For {name}"\nbody = "{link} {reference}"\n')
    cards = Cards(load(override=tmp_path), Rules(), company="Northwind")
    asked = Request(
        id="kc8t-1f5w-9qde",
        origin=Origin.PERSON,
        actor=Actor("UMAYA"),
        intent=Intent("reset_password"),
        place=Place(Surface.DM),
        asked_at=datetime(2026, 11, 26, tzinfo=UTC),
        subject=Subject("00u1", "maya@northwind.example", "Maya"),
    )

    assert cards.draw(asked).body.split() == ["Northwind", "maya@northwind.example", "Maya", "kc8t-1f5w-9qde"]
    assert cards.link(asked, OneTimeLink("https://a.example/?b&c")).body == (
        "<https://a.example/?b&amp;c|For Maya> kc8t-1f5w-9qde"
    )


def test_words_may_leave_out_what_is_known_or_hold_it_elsewhere(tmp_path: Path) -> None:
    """In the title as well as in the text."""
    (tmp_path / "reset_mfa.toml").write_text('[confirm]\ntitle = "Remove this, {name}?"\nbody = "{chosen}"\n')

    assert load(override=tmp_path).entry("reset_mfa.confirm").body == "{chosen}"


def test_every_label_of_ours_is_known_as_one_and_fits() -> None:
    """Those that are written and those that the code puts on buttons are the same."""
    words = load()
    texts = {name for name in words._texts if name.partition(".")[2] in LABELS}

    assert {f"common.{name}" for name in ("confirm", "cancel", "go_on")} <= texts
    assert {"unlock_account.ask", "unlock_account.how"} <= texts
    assert sum(name.startswith("common.links.") for name in texts) == len(LINKS)
    assert all(len(words.text(name)) <= LONGEST_LABEL for name in texts)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b'cancel = "No', "is not TOML: "),
        (b"cancel = No", "Texts need quotes around them"),
        (b'cancel = "\xff"', "is not text in UTF-8; save it as such"),
    ],
)
def test_a_file_that_is_not_toml_is_said_to_be_none(tmp_path: Path, written: bytes, told: str) -> None:
    """With the place and the usual reason."""
    assert told in refusal(tmp_path, written)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Here it is a folder."""
    (tmp_path / "common.toml").mkdir()

    with pytest.raises(WordsError, match=r"common\.toml: cannot be read: Is a directory"):
        load(override=tmp_path)


@pytest.mark.parametrize(
    ("file", "written", "meant"),
    [
        ("common.toml", 'cancle = "No"', "Do you mean common.cancel?"),
        ("common.toml", '[canceled]\ntitle = "a"\nbody = "b"', "Do you mean common.cancelled?"),
        ("comon.toml", 'cancel = "No"', "Do you mean common.cancel?"),
    ],
)
def test_an_unknown_name_is_met_with_the_nearest(tmp_path: Path, file: str, written: str, meant: str) -> None:
    """Whether the entry is misspelt or its file."""
    assert refusal(tmp_path, written, file).endswith(meant)


def test_a_name_like_no_other_is_refused_without_a_guess(tmp_path: Path) -> None:
    """A bad guess would mislead."""
    assert refusal(tmp_path, 'zzzzzz = "No"').endswith("so these words would never be said")


def test_the_longest_company_fits_into_every_title_of_ours() -> None:
    """The limit of the setting leaves room for words around the name."""
    (limit,) = (rule.max_length for rule in FIELDS["company"].metadata)
    titles = [entry.title for entry in load()._entries.values()]

    assert limit <= LONGEST_TITLE - 50
    assert all(len(title.replace("{company}", "N" * limit)) <= LONGEST_TITLE for title in titles)


def test_a_title_that_grew_too_long_as_it_was_filled_is_cut() -> None:
    """An administrator's title with somebody's long name in it; the whole of it stays in the text."""
    header = blocks(View("N" * 200, "body"))[0]

    assert header["text"]["text"] == "N" * LONGEST_TITLE


@example("a" * 3_001)
@example("\n".join(["a" * 1_000] * 7))
@given(st.text(alphabet="a\n", min_size=1, max_size=9_000))
def test_a_long_text_is_shown_in_parts_of_whole_lines(body: str) -> None:
    """Nothing of it is lost but what stands in one line that is too long, or is blank where two parts meet."""
    shown = [block["text"]["text"] for block in blocks(View("title", body)) if block["type"] == "section"]

    assert all(len(part) <= LONGEST_BODY for part in shown)
    lines = [line[:LONGEST_BODY] for line in body.split("\n") if line]
    assert [line for part in shown for line in part.split("\n") if line] == lines
