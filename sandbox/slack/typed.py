"""What becomes of the text a person types: Slack escapes it, turns addresses into links and adds rich text blocks.

A bot that expects the bare words meets `<mailto:ana@example.com|ana@example.com>` and `&amp;` in production, so it must here
(https://docs.slack.dev/messaging/formatting-message-text).
"""

import re
from collections.abc import Iterator

from sandbox.slack.records import JsonObject

_LINKABLE = re.compile(
    r"(?P<url>https?://[^\s<>|]*[^\s<>|.,;:!?)'\"])"
    r"|(?P<mail>(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})"
    r"|(?P<site>(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev)(?![\w@.-]))",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"<(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")


def escaped(text: str) -> str:
    """Text with Slack's three control characters as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """The inverse of `escaped`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(text: str, *, to: str | None = None) -> tuple[str, JsonObject]:
    """The `text` and the rich text block of a message typed by a person; `to` puts a mention of that user in front."""
    lead = "" if to is None else f"<@{to}> "
    parts = [] if to is None else [{"type": "user", "user_id": to}, {"type": "text", "text": " "}]
    pieces = list(_pieces(text))
    block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": parts + [p for _, p in pieces]}],
    }
    return lead + "".join(markup for markup, _ in pieces), block


def readable(text: str) -> str:
    """Slack text as a person reads it: links by their label, entities decoded."""
    return unescaped(_MARKUP.sub(lambda m: m["label"] or m["target"], text))


def _pieces(text: str) -> Iterator[tuple[str, JsonObject]]:
    """Cut typed text into stretches of words and links, each as markup and as a rich text element."""
    done = 0
    for found in _LINKABLE.finditer(text):
        if found.start() > done:
            yield _words(text[done : found.start()])
        yield _link(found)
        done = found.end()
    if done < len(text):
        yield _words(text[done:])


def _words(text: str) -> tuple[str, JsonObject]:
    return escaped(text), {"type": "text", "text": text}


def _link(found: re.Match[str]) -> tuple[str, JsonObject]:
    label = found.group()
    if found["url"]:
        return f"<{escaped(label)}>", {"type": "link", "url": label}
    target = f"mailto:{label}" if found["mail"] else f"http://{label}"
    return f"<{escaped(target)}|{escaped(label)}>", {"type": "link", "url": target, "text": label}
