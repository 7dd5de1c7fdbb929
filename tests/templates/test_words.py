"""Words: an administrator's own win, and what is wrong with them is said when they are read."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates.words import PLACEHOLDERS, WordsError, fill, load


def test_an_override_wins_entry_by_entry(tmp_path: Path) -> None:
    """One changed sentence leaves the others as they are."""
    (tmp_path / "common.toml").write_text(
        'cancel = "No thanks"\n[cancelled]\ntitle = "Fine"\nbody = "Left as it was."\n'
    )

    words = load(override=tmp_path)

    assert words.text("common.cancel") == "No thanks"
    assert words.entry("common.cancelled").title == "Fine"
    assert words.entry("common.expired") == load().entry("common.expired")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ('cancel = "No', "common.toml"),
        ('cancel = ""', "common.cancel is empty"),
        ("cancel = 3", "common.cancel must be a text"),
        ('cancle = "No"', "nothing is called 'common.cancle'"),
        ('cancel = "{login.__class__}"', "holds {login.__class__}"),
        ('cancel = "{login!r}"', "holds {login}"),
        ('cancel = "{password}"', "holds {password}"),
        ('cancel = "{"', "write a brace as"),
        ('[cancelled]\ntitle = "a"\nbody = "b"\nlinks = ["evil"]', "links may name"),
        ('[cancelled]\ntitle = "a"\nbody = "b"\nbutton = 3', "button must be a text"),
        ('[cancelled]\ntitle = "a"\nbody = "b"\nfooter = "c"', "unknown keys: footer"),
    ],
)
def test_wrong_words_are_refused_by_name(tmp_path: Path, written: str, told: str) -> None:
    """Each mistake is named with its file and entry."""
    (tmp_path / "common.toml").write_text(written)

    with pytest.raises(WordsError) as caught:
        load(override=tmp_path)

    assert told in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_missing_folder_or_language_is_refused(tmp_path: Path) -> None:
    """What is there instead is said."""
    with pytest.raises(WordsError, match="does not exist"):
        load(override=tmp_path / "nowhere")
    with pytest.raises(WordsError, match="there are: en"):
        load("tlh")


@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text(), min_size=len(PLACEHOLDERS)))
def test_filling_never_interprets_a_value(values: dict[str, str]) -> None:
    """A name with braces stays a name with braces."""
    assert fill("<{name}|{login}>", values) == f"<{values['name']}|{values['login']}>"


def test_no_sentence_shouts() -> None:
    """The style: calm, no exclamation marks, no doubled spaces."""
    words = load()
    for name in words.names():
        try:
            entry = words.entry(name)
            texts = [entry.title, entry.body, entry.button]
        except KeyError:
            texts = [words.text(name)]
        assert not any("!" in text or "  " in text.replace("\n", "") for text in texts), name
