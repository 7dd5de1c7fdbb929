"""The HTTP door: what is not signed by Slack just now comes no further, and what cannot be read hurts nobody."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from slack_bolt.authorization import AuthorizeResult

from bot.serving import serving
from bot.slack.bolt import bolt
from bot.slack.http import SlackHttp
from sandbox.slack.webhooks import sign
from tests.slack.conftest import MARKER
from tests.slack.post_box import FORM, JSON, PostBox, command, interaction, message, press


async def test_a_signed_payload_of_each_kind_is_taken_in(box: PostBox) -> None:
    """What the other tests spoil is good as it is."""
    assert await box.stored_of(message()) == 1
    assert await box.stored_of(command(), kind=FORM) == 1
    assert await box.stored_of(press(), kind=FORM) == 1


async def test_a_timestamp_that_is_none_is_refused(box: PostBox) -> None:
    """Even where the signature over it holds."""
    for stamp in ("", "soon", "-5", "1e9", "\N{SUPERSCRIPT TWO}", "9" * 30, "12.5"):
        assert await box.put(message(MARKER), stamp=stamp) == 401, stamp
    assert await box.stored() == 0


async def test_another_time_is_refused(box: PostBox) -> None:
    """A request of another time is a recording, or a forgery for later."""
    for off in (-3600, -302, 302, 86_400):
        assert await box.put(message(MARKER), stamp=str(box.now + off)) == 401, off
    assert await box.stored() == 0


async def test_half_a_signature_is_none(box: PostBox) -> None:
    """Both headers are needed."""
    body = message(MARKER)
    for missing in ("X-Slack-Request-Timestamp", "X-Slack-Signature"):
        headers = box.headers(body)
        del headers[missing]
        assert await box.send(body, headers) == 401


async def test_a_wrong_signature_is_refused(box: PostBox) -> None:
    """Among them one that is not even ASCII, which the comparison would stumble over."""
    body = message(MARKER)

    for signature in ("", "v0=", "v0=" + "0" * 64, "v1=abc", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"):
        assert await box.send(body, {**box.headers(body), "X-Slack-Signature": signature}) == 401, signature
    assert await box.stored() == 0


async def test_a_signature_with_another_secret_is_refused(box: PostBox) -> None:
    """Another app's secret opens nothing here."""
    assert await box.put(message(MARKER), secret="another") == 401


@pytest.mark.parametrize(("body", "kind"), [(message(), JSON), (press("confirm"), FORM), (command(), FORM)])
async def test_a_genuine_request_with_another_sender_is_refused(box: PostBox, body: bytes, kind: str) -> None:
    """The signature covers every byte, the sender's too."""
    headers = box.headers(body, kind=kind)
    forged = body.replace(b"UMAYA", b"UJONAS")
    assert forged != body

    assert await box.send(forged, headers) == 401
    assert await box.stored() == 0


async def test_the_signature_of_slacks_own_example_is_ours(box: PostBox) -> None:
    """Our sender and our door agree with Slack's documentation, and not only with each other."""
    secret, stamp = "8f742231b10e8888abcd99yyyzzz85a5", "1531420618"
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name="
        b"foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
        b"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015."
        b"47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"

    assert sign(body, secret=secret, timestamp=stamp) == expected
    assert box.headers(body, stamp=stamp, secret=secret)["X-Slack-Signature"] == expected


async def test_a_recording_played_again_changes_nothing(box: PostBox) -> None:
    """Within five minutes the signature holds again; what Slack's redeliveries have in common does the rest."""
    for body, kind in ((message(), JSON), (command(), FORM), (press(), FORM)):
        headers, before = box.headers(body, kind=kind), await box.stored()
        answers = await asyncio.gather(*(box.send(body, headers) for _ in range(8)))

        assert answers == [200] * 8
        assert await box.stored() == before + 1


UNREADABLE = [
    b"",
    b"{",
    b'{"a":',
    b"nothing like JSON",
    b"[]",
    b'[{"type": "event_callback"}]',
    b'"text"',
    b"null",
    b"42",
    b"\xff\xfe\x00",
    b'{"text": "\xe9"}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
]


@pytest.mark.parametrize("kind", [JSON, "", "text/plain; charset=utf-8"])
async def test_a_signed_body_that_cannot_be_read_is_a_bad_request(box: PostBox, kind: str) -> None:
    """Signed by somebody who has the secret, and still nothing that Slack sends."""
    assert [await box.put(body, kind=kind) for body in UNREADABLE] == [400] * len(UNREADABLE)
    assert await box.put(message()) == 200


FORMS = [b"", b"&&", b"text", b"payload=", b"payload=%7B", b"payload=%5B%5D", b"a=1&" * 200, b"\xff=1", b"payload=\xff"]


async def test_a_signed_form_that_cannot_be_read_is_a_bad_request(box: PostBox) -> None:
    """The same for forms."""
    assert [await box.put(body, kind=FORM) for body in FORMS] == [400] * len(FORMS)


async def test_an_unsigned_body_is_not_even_looked_at(box: PostBox) -> None:
    """Unreadable or not, the answer is that of any stranger, and so it is with a forged signature."""
    for body in UNREADABLE:
        assert await box.send(body, {"Content-Type": JSON}) == 401
        assert await box.put(body, secret="another") == 401


async def test_nothing_of_an_unsigned_body_is_logged(box: PostBox, caplog: pytest.LogCaptureFixture) -> None:
    """The refusal is logged and says why; the fixture of this folder looks for the marker."""
    raw = (MARKER.encode(), message(MARKER), command(MARKER), MARKER.encode() + b"\xff", b'{"' + MARKER.encode())
    for body in raw:
        for kind in (JSON, FORM, MARKER):
            headers = {"Content-Type": kind, "X-Slack-Signature": MARKER, "X-Slack-Request-Timestamp": MARKER}
            assert await box.send(body, headers) == 401
            assert await box.put(body, kind=kind, secret="another") == 401
    assert "refused a request" in caplog.text


async def test_nothing_of_a_signed_body_is_logged(box: PostBox) -> None:
    """Readable or not, taken or not."""
    event = {"type": MARKER, "user": MARKER, "text": MARKER}
    for payload in (
        message(MARKER),
        json.dumps({"type": "event_callback", "event_id": MARKER, "event": event}).encode(),
    ):
        assert await box.put(payload) == 200
    for form in (command(MARKER, command=MARKER), interaction({"type": "view_submission", "view": MARKER})):
        assert await box.put(form, kind=FORM) == 200
    assert await box.put(press(f"{MARKER}:x"), kind=FORM) == 200
    assert await box.put(b'{"' + MARKER.encode()) == 400


@pytest.mark.parametrize("signed", [True, False])
async def test_a_body_over_the_limit_is_refused(box: PostBox, *, signed: bool) -> None:
    """Signed or not, and however it says how long it is."""
    body = b'{"a": "' + b"x" * (1 << 20) + b'"}'
    headers = box.headers(body) if signed else {"Content-Type": JSON}

    assert await box.send(io.BytesIO(body), headers) == 413
    assert await box.send(_pieces(body), headers) == 413


async def test_a_body_in_pieces_is_one_body(box: PostBox) -> None:
    """Chunked transfer is put together before it is checked."""
    body = message()

    assert await box.send(_pieces(body, 7), box.headers(body)) == 200
    assert await box.stored() == 1


async def test_a_body_that_breaks_off_is_forgotten(box: PostBox) -> None:
    """Half a request, then the end; the door goes on."""
    host = box.url.removeprefix("http://").partition("/")[0]
    head = f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nContent-Length: 50\r\n\r\n"
    _, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(head.encode() + b"{")
    await writer.drain()
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()

    assert await box.put(message()) == 200


async def test_only_post_is_taken(box: PostBox) -> None:
    """Another method is not Slack's."""
    body = message(MARKER)

    for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert await box.send(body, box.headers(body), method=method) == 405
    assert await box.stored() == 0


async def test_elsewhere_is_nothing(box: PostBox) -> None:
    """There is one path for Slack and one for health."""
    for path in ("", "slack", "slack/events/", "admin", "healthz/"):
        async with box.session.post(box.url.replace("slack/events", path), data=message(MARKER)) as answer:
            assert answer.status == 404


async def test_a_websocket_is_not_offered(box: PostBox, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever asks for one gets an ordinary refusal, and no traceback comes of it."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await box.session.ws_connect(box.url)

    assert refused.value.status == 405
    assert "Traceback" not in caplog.text


async def test_slack_checks_the_address_with_a_signature(box: PostBox) -> None:
    """The challenge comes back to Slack, and to nobody else."""
    body = json.dumps({"type": "url_verification", "token": "", "challenge": MARKER}).encode()

    assert await box.world.twin.workspace.verify_request_url()
    async with box.session.post(box.url, data=body, headers={"Content-Type": JSON}) as answer:
        assert answer.status == 401
        assert MARKER not in await answer.text()


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON"])
async def test_a_content_type_is_told_however_it_is_written(box: PostBox, kind: str) -> None:
    """Case and parameters do not matter."""
    assert await box.stored_of(message(), kind=kind) == 1
    assert await box.stored_of(command(), kind=f"{FORM.upper()}; charset=utf-8") == 1


async def test_the_word_payload_in_a_command_is_a_word(box: PostBox) -> None:
    """A form is an interaction when it has that key, and not when the word occurs in it."""
    for field in ("text", "channel_name", "user_name", "team_domain", "enterprise_name"):
        body = command(**{"key": f"1.2.payload.{field}", field: "my payload=1 is locked"})
        assert await box.stored_of(body, kind=FORM) == 1


async def test_the_old_certificate_check_is_answered(box: PostBox) -> None:
    """`ssl_check` is a form of Slack's without a sender; nothing comes of it."""
    body = b"ssl_check=1&token=x"

    assert await box.put(body, kind=FORM) == 200
    assert await box.send(body, {"Content-Type": FORM}) == 401


async def test_health_is_told_to_anybody(box: PostBox) -> None:
    """Without a signature, as load balancers ask; the store's absence is tested where it is taken away."""
    async with box.session.get(box.url.replace("slack/events", "healthz")) as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")


SHAPES: list[dict[str, Any]] = [
    {"type": "event_callback", "event_id": "Ev1", "event": "locked"},
    {"type": "event_callback", "event_id": "Ev1", "event": None},
    {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}, "authorizations": 5},
    {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}, "authorizations": {}},
    {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message", "user": 5}},
    {"type": "event_callback"},
    {"type": "block_actions", "actions": []},
    {"type": "block_actions", "actions": None, "user": 5},
    {"type": "view_submission", "view": {"callback_id": "x"}},
    {"type": "event_callback", "event_id": "Ev1", "event": {"type": ["message"]}},
    {"type": "block_actions", "actions": [{"action_id": 5}]},
    {"type": "block_actions", "actions": "confirm"},
    {"command": []},
    {"type": 5},
    {},
]


async def test_a_shape_that_nobody_knows_is_taken_and_dropped(box: PostBox) -> None:
    """Signed by Slack and beyond us: to have it repeated would help nobody."""
    for payload in SHAPES:
        assert await box.put(json.dumps(payload).encode()) == 200
        assert await box.put(interaction(payload), kind=FORM) == 200
    assert await box.stored() == 0


async def _pieces(body: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def test_a_body_that_does_not_come_is_not_waited_for(box: PostBox, caplog: pytest.LogCaptureFixture) -> None:
    """A connection that is held open costs a stranger as much as us, and not for long."""
    edge: Any = None  # nothing comes as far as that

    async def healthy() -> bool:
        return True

    app = bolt(edge, AuthorizeResult(enterprise_id=None, team_id="T1"), logging.getLogger("tests.slack.bolt"))
    door = SlackHttp(app, signing_secret="x", clock=box.world.twin.clock, healthy=healthy, read_limit=0.05)
    async with serving(door, "127.0.0.1", 0) as (_, address):
        opened = replace(box, url=f"{address}/slack/events")
        head = b"POST /slack/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"

        assert await opened.raw(head) == b"HTTP/1.1 408 Request Timeout\r\n"
    assert "a body that does not come" in caplog.text


def test_without_a_secret_there_is_no_door() -> None:
    """An empty secret signs for anybody."""
    nothing: Any = None
    with pytest.raises(ValueError, match="anybody"):
        SlackHttp(nothing, signing_secret="", clock=nothing, healthy=nothing)
