"""Event hooks as administrators set them up; `test_okta_deliveries` has what they deliver."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.okta.hook_calls import PATIENCE
from tests.okta.receiver import SECRET, echo, willing
from tests.okta.wire import CUT, SILENCE, Asked, Wire, said, wire
from tests.sandbox.okta.api import causes, code, until
from tests.sandbox.okta.hooks import LOCKED, UNLOCKED, hook_of, wanted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

HOOKS = "/api/v1/eventHooks"
NOWHERE = "https://receiver.example/hook"


@pytest.fixture
async def receiver() -> AsyncIterator[Wire]:
    """What answers every challenge and takes every delivery."""
    async with wire(willing) as running:
        yield running


async def create(api: Api, uri: str, **config: Any) -> str:
    """The id of a new hook."""
    made = await api.send("POST", HOOKS, body=wanted("Signal", uri, **config))
    assert made.status_code == 200, made.text
    return str(made.json()["id"])


async def verified(api: Api, uri: str) -> str:
    """The id of a new hook that is verified."""
    hook_id = await create(api, uri)
    answer = await move(api, hook_id, "verify")
    assert answer["verificationStatus"] == "VERIFIED"
    return hook_id


async def move(api: Api, hook_id: str, word: str) -> dict[str, Any]:
    """The hook after a change of its state."""
    answer = await api.post(f"{HOOKS}/{hook_id}/lifecycle/{word}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_new_hook_is_active_and_unverified(api: Api, org: Org) -> None:
    """The secret is never seen again, and the name of its header comes back in lower case."""
    headers = [{"key": "X-Other", "value": "shown"}]
    hook_id = await create(api, NOWHERE, headers=headers)
    hook = (await api.get(f"{HOOKS}/{hook_id}")).json()

    assert (hook["status"], hook["verificationStatus"]) == ("ACTIVE", "UNVERIFIED")
    assert hook["events"] == {"type": "EVENT_TYPE", "items": [LOCKED], "filter": None}
    scheme = {"type": "HEADER", "key": "x-hook-secret"}
    config = {"uri": NOWHERE, "headers": headers, "method": "POST", "authScheme": scheme}
    assert hook["channel"]["config"] == config
    assert hook["createdBy"] in {user.id for user in org.users()}
    assert (await api.get(HOOKS)).json() == [hook]
    assert SECRET not in json.dumps(hook) + repr(org.hooks.by_id)
    assert [effect.kind for effect in org.effects] == ["hook:created"]
    assert [entry["eventType"] for entry in org.log][-1] == "event_hook.created"


async def test_a_hook_may_have_no_secret(api: Api) -> None:
    """Okta recommends one, and does without."""
    hook_id = await create(api, NOWHERE, authScheme=None)

    assert "authScheme" not in (await api.get(f"{HOOKS}/{hook_id}")).json()["channel"]["config"]


def events(**more: Any) -> dict[str, Any]:
    """A body with other events."""
    body = wanted("Signal", NOWHERE)
    return body | {"events": body["events"] | more}


def channel(**more: Any) -> dict[str, Any]:
    """A body with another channel."""
    body = wanted("Signal", NOWHERE)
    return body | {"channel": body["channel"] | more}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        (wanted(" ", NOWHERE), "name"),
        (wanted("Signal", NOWHERE) | {"description": 5}, "description"),
        ({"name": "Signal"}, "events"),
        (events(type="ALL"), "events.type"),
        (events(items=[]), "events.items"),
        (events(items="user.account.lock"), "events.items"),
        (events(items=[LOCKED] * 301), "events.items"),
        (events(items=[5]), "events.items"),
        (events(items=["user.account.lock.limit"]), "events.items"),
        (events(items=["event_hook.delivery"]), "events.items"),
        (events(filter={"eventFilterMap": []}), "events.filter"),
        ({"name": "Signal", "events": {"type": "EVENT_TYPE", "items": [LOCKED]}}, "channel"),
        (channel(type="SMTP"), "channel"),
        (channel(version="2.0.0"), "channel"),
        (channel(config=None), "config"),
        (wanted("Signal", ""), "channel.config.uri"),
        (wanted("Signal", NOWHERE, headers={}), "channel.config.headers"),
        (wanted("Signal", NOWHERE, headers=["X: y"]), "channel.config"),
        (wanted("Signal", NOWHERE, headers=[{"key": "X Y", "value": "z"}]), "channel.config"),
        (wanted("Signal", NOWHERE, authScheme={"type": "BASIC"}), "channel.config.authScheme.type"),
        (wanted("Signal", NOWHERE, authScheme={"type": "HEADER", "key": "X"}), "channel.config"),
        (wanted("Signal", NOWHERE, authScheme={"type": "HEADER", "key": "X", "value": "a\nb"}), "channel.config"),
    ],
)
async def test_what_is_no_hook_is_refused(api: Api, org: Org, body: dict[str, Any], field: str) -> None:
    """A new one and a change of an old one alike, and nothing happens."""
    hook = org.hooks.keep(hook_of(NOWHERE))
    for method, path in (("POST", HOOKS), ("PUT", f"{HOOKS}/{hook.id}")):
        answer = await api.send(method, path, body=body)
        assert code(answer) == (400, "E0000001")
        assert [cause.partition(":")[0] for cause in causes(answer)] == [field]
    assert list(org.hooks.by_id.values()) == [hook]
    assert org.effects == []


@pytest.mark.parametrize(
    ("uri", "taken"),
    [
        ("https://receiver.example/hook", True),
        ("https://127.0.0.1:8443/hook", True),
        ("http://127.0.0.1:8080/hook", True),
        ("http://localhost/hook", True),
        ("http://receiver.example/hook", False),
        ("http://127.0.0.1.receiver.example/hook", False),
        ("http://127.0.0.1@receiver.example/hook", False),
        ("ftp://127.0.0.1/hook", False),
        ("https://", False),
        ("https://[::1/hook", False),
        ("https://receiver.example:port/hook", False),
        ("/hook", False),
        ("http://127.0.0.1/a hook", False),
        ("http://127.0.0.1/hook\x7f", False),
        ("http://127.0.0.1/häkchen", False),
    ],
)
async def test_deliveries_go_over_tls(api: Api, uri: str, *, taken: bool) -> None:
    """But to this very machine, where the receivers of tests are."""
    answer = await api.send("POST", HOOKS, body=wanted("Signal", uri))

    assert answer.status_code == (200 if taken else 400)


async def test_verifying_calls_the_receiver(api: Api, org: Org, receiver: Wire) -> None:
    """With the challenge and all headers of the hook; every time with another challenge."""
    headers = [{"key": "X-Other", "value": "shown"}]
    hook_id = await create(api, f"{receiver.url}/hook?a=b", headers=headers)
    for _ in range(2):
        assert (await move(api, hook_id, "verify"))["verificationStatus"] == "VERIFIED"

    assert [(asked.method, asked.target) for asked in receiver.asked] == [("GET", "/hook?a=b")] * 2
    assert [asked.all("x-hook-secret") + asked.all("x-other") for asked in receiver.asked] == [[SECRET, "shown"]] * 2
    assert len({asked.all("x-okta-verification-challenge")[0] for asked in receiver.asked}) == 2
    assert [effect.kind for effect in org.effects][1:] == ["hook:verified"] * 2


@pytest.mark.parametrize(
    ("answers", "calls", "words"),
    [
        ([said(500)], 2, "HTTP status 500"),
        ([said(401)], 2, "HTTP status 401"),
        ([said(302, b"", ("Location", "/elsewhere"))], 2, "HTTP status 302"),
        ([said(204)], 1, "HTTP status 204"),
        ([CUT], 2, "could not be reached"),
        ([said(200, "<html>")], 1, "not JSON"),
        ([said(200, "[]")], 1, "does not hold the value"),
        ([said(200, '{"verification":"guessed"}')], 1, "does not hold the value"),
    ],
)
async def test_a_receiver_that_answers_wrongly(
    api: Api, org: Org, answers: list[bytes], calls: int, words: str
) -> None:
    """One more try after an error, and none after a wrong answer; the hook stays unverified."""
    async with wire(*answers) as receiver:
        hook_id = await create(api, receiver.url)
        answer = await api.post(f"{HOOKS}/{hook_id}/lifecycle/verify")

    assert code(answer) == (400, "E0000001")
    assert [words in cause for cause in causes(answer)] == [True]
    assert len(receiver.asked) == calls
    assert not org.hooks.by_id[hook_id].verified


async def test_a_receiver_is_asked_twice(api: Api) -> None:
    """So one failure does not matter."""
    async with wire(said(503), echo) as receiver:
        await verified(api, receiver.url)

    assert len(receiver.asked) == 2


async def test_a_receiver_that_says_nothing_has_three_seconds_twice(api: Api, org: Org) -> None:
    """By the twin's clock; other requests are answered meanwhile."""
    async with wire(SILENCE) as receiver:
        hook_id = await create(api, receiver.url)
        asking = asyncio.ensure_future(api.post(f"{HOOKS}/{hook_id}/lifecycle/verify"))
        for calls in (1, 2):
            await until(lambda calls=calls: len(receiver.asked) == calls)  # type: ignore[misc]  # mypy knows no default here
            assert (await api.get(f"{HOOKS}/{hook_id}")).status_code == 200
            assert not asking.done()
            org.clock.advance(PATIENCE)
        answer = await asking

    assert code(answer) == (400, "E0000001")
    assert "in time" in causes(answer)[0]


async def test_nothing_leaves_this_machine(api: Api) -> None:
    """A receiver anywhere else cannot be reached."""
    hook_id = await create(api, NOWHERE)
    answer = await api.post(f"{HOOKS}/{hook_id}/lifecycle/verify")

    assert "could not be reached" in causes(answer)[0]


def elsewhere(org: Org) -> None:
    """Move the hook."""
    org.hooks.keep(hook_of(NOWHERE))


def gone(org: Org) -> None:
    """Delete the hook."""
    org.hooks.by_id.clear()


@pytest.mark.parametrize(("change", "refusal"), [(elsewhere, (400, "E0000001")), (gone, (404, "E0000007"))])
async def test_only_what_was_asked_is_verified(
    api: Api, org: Org, change: Callable[[Org], None], refusal: tuple[int, str]
) -> None:
    """And not what has come in its place meanwhile."""

    def answer_late(asked: Asked) -> bytes:
        change(org)
        return echo(asked)

    async with wire(answer_late) as receiver:
        hook = org.hooks.keep(hook_of(receiver.url))
        answer = await api.post(f"{HOOKS}/{hook.id}/lifecycle/verify")

    assert code(answer) == refusal
    assert not any(hook.verified for hook in org.hooks.by_id.values())


async def test_another_channel_has_to_be_verified_anew(api: Api, receiver: Wire) -> None:
    """Another address, header or secret, but not another name or other events."""
    hook_id = await verified(api, receiver.url)

    async def replaced(body: dict[str, Any]) -> str:
        answer = await api.send("PUT", f"{HOOKS}/{hook_id}", body=body)
        return str(answer.json()["verificationStatus"])

    assert await replaced(wanted("Another name", receiver.url, [UNLOCKED])) == "VERIFIED"
    other: dict[str, Any] = {"type": "HEADER", "key": "X-Hook-Secret", "value": "another secret"}
    for body in (
        wanted("Signal", f"{receiver.url}/elsewhere"),
        wanted("Signal", receiver.url, authScheme=other),
        wanted("Signal", receiver.url, headers=[{"key": "X-Other", "value": "y"}]),
    ):
        assert await replaced(body) == "UNVERIFIED"
        assert (await move(api, hook_id, "verify"))["verificationStatus"] == "VERIFIED"


async def test_only_an_inactive_hook_is_deleted(api: Api, org: Org) -> None:
    """Then it is gone for good; the next one has another id."""
    hook_id = await create(api, NOWHERE)
    assert code(await api.send("DELETE", f"{HOOKS}/{hook_id}")) == (400, "E0000001")

    for _ in range(2):
        assert (await move(api, hook_id, "deactivate"))["status"] == "INACTIVE"
    assert (await api.send("DELETE", f"{HOOKS}/{hook_id}")).status_code == 204
    assert code(await api.get(f"{HOOKS}/{hook_id}")) == (404, "E0000007")
    assert [effect.kind for effect in org.effects] == ["hook:created", "hook:deactivated", "hook:deleted"]
    assert await create(api, NOWHERE) != hook_id


async def test_twenty_five_hooks_may_be_active(api: Api) -> None:
    """Inactive ones do not count, and what is active stays so."""
    ids = [await create(api, NOWHERE) for _ in range(25)]
    assert code(await api.send("POST", HOOKS, body=wanted("Signal", NOWHERE))) == (400, "E0000001")
    assert (await move(api, ids[0], "activate"))["status"] == "ACTIVE"

    await move(api, ids[0], "deactivate")
    await create(api, NOWHERE)
    assert code(await api.post(f"{HOOKS}/{ids[0]}/lifecycle/activate")) == (400, "E0000001")
    await move(api, ids[1], "deactivate")
    assert (await move(api, ids[0], "activate"))["status"] == "ACTIVE"


async def test_hooks_have_a_limit_of_their_own(api: Api) -> None:
    """A thousand a minute, of which one caller may use half."""
    answer = await api.get(HOOKS)
    await api.users()

    assert answer.headers["x-rate-limit-limit"] == "500"
    assert (await api.get(HOOKS)).headers["x-rate-limit-remaining"] == "498"
