"""Text as Slack passes it on: escaped, linked, and still readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack.typed import escaped, readable, typed, unescaped


@pytest.mark.parametrize(
    ("words", "markup"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("I am maya@northwind.example.", "I am <mailto:maya@northwind.example|maya@northwind.example>."),
        ("see https://a.example/?x=1&y=2, please", "see <https://a.example/?x=1&amp;y=2>, please"),
        ("go to example.com now", "go to <http://example.com|example.com> now"),
        ("<!channel> <@U0UNLATCH>", "&lt;!channel&gt; &lt;@U0UNLATCH&gt;"),
    ],
)
def test_typed_text_becomes_slack_markup(words: str, markup: str) -> None:
    """Addresses turn into links, and typed control characters cannot forge a mention."""
    assert typed(words)[0] == markup


def test_a_mention_is_put_in_front() -> None:
    """A mention is markup in the text and a user element in the rich text block."""
    text, block = typed("hello", to="U0UNLATCH")
    assert text == "<@U0UNLATCH> hello"
    assert block["elements"][0]["elements"][0] == {"type": "user", "user_id": "U0UNLATCH"}


@given(st.text())
def test_escaping_can_be_undone(words: str) -> None:
    """No text is lost or changed by escaping."""
    assert unescaped(escaped(words)) == words
    assert not set("<>") & set(escaped(words))


@given(
    st.text()
    | st.lists(st.sampled_from(["a@b.io", "https://x.org/&", "<@U1>", "x.com", " ", ",", "&amp;"])).map("".join)
)
def test_what_was_typed_can_be_read_back(words: str) -> None:
    """Links and escapes are presentation only: the reader sees what was typed, and so does the rich text block."""
    text, block = typed(words)
    assert readable(text) == words
    parts = block["elements"][0]["elements"]
    assert "".join(part.get("text", part.get("url")) for part in parts) == words
