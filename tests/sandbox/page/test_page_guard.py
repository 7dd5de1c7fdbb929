"""Who may use the page, and what becomes of requests that make no sense."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.page import SIGN_IN
from sandbox.slack.writing import Draft
from tests.sandbox.page.fake_bot import SINK

if TYPE_CHECKING:
    import httpx

    from sandbox.twin import Twin

SAY = "/api/as/UMAYA/say"
HELLO = {"channel": "D0MAYA", "text": "hello"}


async def test_the_page_and_its_files_are_served(page: httpx.AsyncClient) -> None:
    """Every file that the page names is there, with its type, and none comes from elsewhere."""
    html = await page.get("/")
    assert html.headers["content-type"].startswith("text/html")
    assert "http://" not in html.text
    assert "https://" not in html.text
    for name, kind in {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}.items():
        assert f"/{name}" in html.text
        answer = await page.get(f"/{name}")
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert "Okta sign-in page" in (await page.get(SIGN_IN)).text


async def test_every_answer_keeps_strangers_out(page: httpx.AsyncClient) -> None:
    """The policy lets in the page's own files alone, refusals included."""
    for path in ("/", SIGN_IN, "/api/state", "/nowhere"):
        headers = (await page.get(path)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.7", ""]
)
async def test_a_foreign_name_is_refused(page: httpx.AsyncClient, host: str) -> None:
    """A site that lets its own name lead here (DNS rebinding) reads nothing."""
    answer = await page.get("/api/state", headers={"Host": host})
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.json()["error"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8750", "127.0.0.1:9000", "[::1]:8750"])
async def test_loopback_by_any_name_is_answered(page: httpx.AsyncClient, host: str) -> None:
    """Another port may be a tunnel; it is this machine all the same."""
    assert (await page.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", ""])
async def test_another_origin_cannot_act(page: httpx.AsyncClient, world: Twin, origin: str) -> None:
    """A form on another site does nothing here."""
    answer = await page.post(SAY, json=HELLO, headers={"Origin": origin})
    assert (answer.status_code, answer.json()) == (403, {"error": "Only the page itself may do that."})
    assert world.person("UMAYA").sees() == []


async def test_only_json_is_taken(page: httpx.AsyncClient, world: Twin) -> None:
    """What a plain form could send is refused whatever its origin."""
    answer = await page.post(SAY, content=json.dumps(HELLO), headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert world.person("UMAYA").sees() == []


@pytest.mark.parametrize(
    ("path", "body", "status", "why"),
    [
        (SAY, b"", 400, "not understood"),
        (SAY, b"{", 400, "not understood"),
        (SAY, b'"\xff"', 400, "not understood"),
        (SAY, b"[]", 400, "not understood"),
        (SAY, b'{"channel": "D0MAYA"}', 400, "`text`"),
        (SAY, b'{"channel": "D0MAYA", "text": 1}', 400, "$.text"),
        (SAY, b'{"channel": "D0MAYA", "text": "a", "user": "UGRACE"}', 400, "`user`"),
        (SAY, b'{"channel": "D0MAYA", "text": "  "}', 409, "empty message"),
        (SAY, b'{"channel": "C0FINANCE", "text": "a"}', 409, "not in C0FINANCE"),
        (SAY, b'{"channel": "D0MAYA", "text": "' + b"a" * 70_000 + b'"}', 413, "too long"),
        ("/api/as/UNOBODY/say", json.dumps(HELLO).encode(), 404, "UNOBODY"),
        ("/api/as/UROBOT/say", json.dumps(HELLO).encode(), 409, "cannot sign in"),
        ("/api/as/UMAYA/fly", b"{}", 404, "no act like that"),
        ("/api/as/UMAYA/press", b'{"where": "1.0", "action_id": "confirm"}', 409, "no message or view"),
        ("/api/as/UMAYA/submit", b'{"view_id": "V1"}', 409, "no message or view"),
        ("/api/world/time", b'{"minutes": -5}', 400, "minutes"),
        ("/api/world/time", b'{"minutes": 1e9}', 400, "minutes"),
        ("/api/world/sign-in", b'{"login": "nobody"}', 404, "nobody"),
        ("/api/world/mischief", b'{"what": "earthquake"}', 404, "earthquake"),
        ("/api/world/end", b"{}", 404, "no change like that"),
        ("/api/state", b"{}", 405, "Method Not Allowed"),
        ("/nowhere", b"{}", 404, "Not Found"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(
    page: httpx.AsyncClient, path: str, body: bytes, status: int, why: str
) -> None:
    """A clear 4xx in JSON, and never a traceback."""
    answer = await page.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert why in answer.json()["error"]


async def test_an_unknown_person_cannot_be_looked_at(page: httpx.AsyncClient) -> None:
    """The page falls back to the star when the address names nobody."""
    answer = await page.get("/api/state", params={"as": "UNOBODY"})
    assert (answer.status_code, answer.json()) == (404, {"error": "Nobody in Slack has the id 'UNOBODY'."})


@pytest.mark.parametrize(
    ("action_id", "value"),
    [
        ("size", ["s"]),
        ("size", 3),
        ("size", "xxl"),
        ("ticks", None),
        ("ticks", 3),
        ("ticks", "tea"),
        ("who", ["UMAYA"]),
        ("day", 5),
        ("day", "tomorrow"),
    ],
)
async def test_no_client_could_choose_that(page: httpx.AsyncClient, world: Twin, action_id: str, value: Any) -> None:
    """A value of the wrong kind is refused before the bot could hear of it."""
    ws = world.workspace
    maya = world.person("UMAYA")
    channel = ws.channels.get(maya.dm_channel)
    assert channel is not None
    message = ws.writer.write(channel, ws.bot, Draft(text="Kitchen sink", blocks=SINK))
    body = {"where": message.ts, "action_id": action_id, "value": value, "channel": channel.id}
    answer = await page.post("/api/as/UMAYA/select", json=body)
    assert answer.status_code == 409
    assert "Slack does not let you do that" in answer.json()["error"]
    assert ws.deliveries == []
