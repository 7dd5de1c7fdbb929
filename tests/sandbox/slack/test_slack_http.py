"""Signed HTTP delivery to an unmodified Bolt app and to servers that misbehave."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from sandbox.serve import serve
from sandbox.slack import Kind, Outcome, Transport, Workspace
from sandbox.slack.writing import Draft

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slack_bolt.async_app import AsyncApp
    from starlette.types import Receive, Scope, Send

    from sandbox.clock import Clock

    Until = Callable[[Callable[[], bool]], Awaitable[None]]

SECRET = "test-signing-secret"


class Receiver:
    """A request URL that keeps what it gets and answers as told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[Request], Response] = lambda _request: Response()
        self.hangs = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one delivery."""
        request = Request(scope, receive)
        self.requests.append((dict(request.headers), await request.body()))
        if self.hangs:
            await asyncio.Event().wait()
        await self.answer(request)(scope, receive, send)


@pytest.fixture
async def receiver(ws: Workspace) -> AsyncIterator[Receiver]:
    """A request URL of the workspace's app."""
    there = Receiver()
    async with serve(there) as url:
        ws.request_url = f"{url}/slack/events"
        yield there


@pytest.mark.usefixtures("over_http")
async def test_an_event_passes_bolts_signature_check(ws: Workspace, bolt: AsyncApp) -> None:
    """Bolt with its own adapter accepts what the twin signs, and a mention brings the mention event."""
    heard: list[dict[str, Any]] = []

    @bolt.event("app_mention")
    async def on_mention(event: dict[str, Any]) -> None:
        heard.append(event)

    assert await ws.verify_request_url()
    ts = await ws.person("UMAYA").mention("C0ITHELP", "help me")
    assert [(e["text"], e["channel"], e["ts"]) for e in heard] == [("<@U0UNLATCH> help me", "C0ITHELP", ts)]
    delivery = ws.deliveries[-1]
    assert (delivery.transport, delivery.status, delivery.kind) == (Transport.HTTP, 200, Kind.EVENT)


async def test_a_wrong_url_does_not_verify(ws: Workspace, receiver: Receiver) -> None:
    """A server that does not give the challenge back is not accepted."""
    assert not await ws.verify_request_url()
    receiver.answer = lambda _request: PlainTextResponse("no", status_code=500)
    assert not await ws.verify_request_url()


async def test_each_kind_has_its_encoding(ws: Workspace, receiver: Receiver) -> None:
    """Events are JSON, commands plain forms, interactions forms with one `payload`, and all are signed."""
    maya = ws.person("UMAYA")
    await maya.dm("hello")
    await maya.command("unlock payload")
    await maya.open_home()
    event, command, _home = receiver.requests
    verifier = SignatureVerifier(SECRET)
    assert all(verifier.is_valid_request(body, headers) for headers, body in receiver.requests)
    assert event[0]["content-type"] == "application/json"
    assert json.loads(event[1])["event"]["text"] == "hello"
    form = {key: values[0] for key, values in parse_qs(command[1].decode()).items()}
    assert command[0]["content-type"] == "application/x-www-form-urlencoded"
    assert (form["command"], form["text"], form["user_id"]) == ("/unlatch", "unlock payload", "UMAYA")
    assert set(form) == {
        *("token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name", "command", "text"),
        *("api_app_id", "is_enterprise_install", "response_url", "trigger_id"),
    }


async def test_an_interaction_is_one_payload_field(ws: Workspace, receiver: Receiver) -> None:
    """A pressed button arrives as `payload=<json>`."""
    ts = await _card(ws)
    await ws.person("UMAYA").press(ts, "go")
    form = parse_qs(receiver.requests[-1][1].decode())
    payload = json.loads(form["payload"][0])
    assert (payload["type"], payload["actions"][0]["value"]) == ("block_actions", "v")


async def test_a_failing_server_is_tried_three_more_times(
    ws: Workspace, receiver: Receiver, clock: Clock, until: Until
) -> None:
    """At once, after a minute and after five, with the number and the reason of the retry."""
    receiver.answer = lambda _request: PlainTextResponse("boom", status_code=500)
    writing = asyncio.ensure_future(ws.person("UMAYA").dm("hello"))
    for tries, wait in ((2, 0), (3, 60), (4, 240)):
        clock.advance(timedelta(seconds=wait))
        await until(partial(_tried, ws, tries))
    await writing
    numbers = [headers.get("x-slack-retry-num") for headers, _ in receiver.requests]
    reasons = [headers.get("x-slack-retry-reason") for headers, _ in receiver.requests]
    assert numbers == [None, "1", "2", "3"]
    assert reasons == [None, "http_error", "http_error", "http_error"]
    assert len({json.loads(body)["event_id"] for _, body in receiver.requests}) == 1
    assert {d.status for d in ws.deliveries} == {500}


async def test_no_retry_is_honoured_on_a_failure(ws: Workspace, receiver: Receiver) -> None:
    """The header ends the tries of this event."""
    receiver.answer = lambda _request: Response(status_code=500, headers={"x-slack-no-retry": "1"})
    await ws.person("UMAYA").dm("hello")
    assert len(receiver.requests) == 1


async def test_a_late_answer_is_a_timeout(ws: Workspace, receiver: Receiver, clock: Clock, until: Until) -> None:
    """After three seconds Slack has hung up, tries again at once, and a later 200 helps."""
    receiver.hangs = True
    writing = asyncio.ensure_future(ws.person("UMAYA").dm("hello"))
    await until(lambda: len(receiver.requests) == 1)
    receiver.hangs = False
    clock.advance(timedelta(seconds=3))
    await writing
    assert [d.outcome for d in ws.deliveries] == [Outcome.TIMEOUT, Outcome.ACKED]
    assert receiver.requests[1][0]["x-slack-retry-reason"] == "http_timeout"


async def test_redirects_are_followed_twice(ws: Workspace, receiver: Receiver) -> None:
    """A third redirect is too many."""
    receiver.answer = lambda request: RedirectResponse(request.url, status_code=307)
    delivery = await ws.person("UMAYA").command("help")
    assert delivery is not None
    assert (delivery.outcome, len(receiver.requests)) == (Outcome.TOO_MANY_REDIRECTS, 2)


async def test_an_unreachable_server_is_a_failed_connection(ws: Workspace, receiver: Receiver) -> None:
    """Nobody listening is told apart from a bad answer, and a command is not tried again."""
    assert receiver.requests == []
    ws.request_url = "http://127.0.0.1:9/slack/events"
    delivery = await ws.person("UMAYA").command("help")
    assert delivery is not None
    assert (delivery.outcome, delivery.status) == (Outcome.CONNECTION_FAILED, None)
    assert len(ws.deliveries) == 1
    assert ws.person("UMAYA").notices == ['/unlatch failed with the error "dispatch_failed"']


async def test_interactions_are_not_tried_again(ws: Workspace, receiver: Receiver) -> None:
    """A failed button shows Slack's error text and is lost."""
    ts = await _card(ws)
    receiver.answer = lambda _request: PlainTextResponse("boom", status_code=500)
    delivery = await ws.person("UMAYA").press(ts, "go")
    assert (delivery.outcome, delivery.status) == (Outcome.HTTP_ERROR, 500)
    assert ws.person("UMAYA").notices == ['This action failed with the error "dispatch_failed".']


@pytest.mark.usefixtures("over_http")
async def test_bolt_refuses_forged_and_stale_requests(ws: Workspace) -> None:
    """The twin can forge the secret and the time, and send a body that is not JSON."""
    body = json.dumps({"type": "event_callback", "event": {"type": "message"}})
    old = int(ws.clock.now().timestamp()) - 301
    forged = await ws.deliver_raw(body, headers=ws.signed(body, secret="other"))
    stale = await ws.deliver_raw(body, headers=ws.signed(body, timestamp=old))
    unsigned = await ws.deliver_raw(body, headers={"content-type": "application/json"})
    assert [d.status for d in (forged, stale, unsigned)] == [401, 401, 401]
    assert {d.kind for d in (forged, stale, unsigned)} == {Kind.RAW}


async def test_a_replay_with_another_user_breaks_the_signature(ws: Workspace, receiver: Receiver) -> None:
    """An old body and its headers verify; with the user changed they do not, unless signed anew."""
    await ws.person("UMAYA").command("help")
    headers, body = receiver.requests[0]
    altered = body.replace(b"UMAYA", b"UJONAS")
    verifier = SignatureVerifier(SECRET)
    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(altered, headers)
    assert verifier.is_valid_request(altered, ws.signed(altered))


@pytest.mark.usefixtures("over_http")
async def test_an_unmatched_command_is_answered_404_by_bolt(ws: Workspace) -> None:
    """The person sees Slack's error when no listener takes the command."""
    delivery = await ws.person("UMAYA").command("help")
    assert delivery is not None
    assert delivery.status == 404
    assert ws.person("UMAYA").notices == ['/unlatch failed with the error "dispatch_failed"']


async def test_the_same_body_can_come_twice(ws: Workspace, receiver: Receiver) -> None:
    """A duplicate has the same bytes and a fresh signature; as a retry it says so."""
    await ws.person("UMAYA").dm("once")
    await ws.redeliver()
    await ws.redeliver(attempt=1)
    assert len({body for _, body in receiver.requests}) == 1
    assert [h.get("x-slack-retry-num") for h, _ in receiver.requests] == [None, None, "1"]


def test_the_signature_matches_slacks_own_example(ws: Workspace) -> None:
    """The base string and hash are those of Slack's documentation."""
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a1"
        "4d10d2c447fce8b6703c"
    )
    headers = ws.signed(body, timestamp="1531420618", secret="8f742231b10e8888abcd99yyyzzz85a5")
    assert headers["X-Slack-Signature"] == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


async def _card(ws: Workspace) -> str:
    """Let the bot post a message with one button in Maya's DM."""
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "v"}
    blocks = [{"type": "actions", "elements": [button]}]
    return ws.writer.write(ws.open_im(ws.person("UMAYA").member), ws.bot, Draft(text="card", blocks=blocks)).ts


def _tried(ws: Workspace, times: int) -> bool:
    return len(ws.deliveries) == times
