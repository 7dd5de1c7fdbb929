"""What a visitor does on the page happens in the twin, as the person they picked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from sandbox.slack import Outcome
from tests.sandbox.page.fake_bot import TOPPINGS, fake_bot

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.twin import Twin

Json = dict[str, Any]
MAYA = "/api/as/UMAYA"
DM = "D0MAYA"


@pytest.fixture
async def heard(world: Twin) -> AsyncIterator[list[Json]]:
    """The stand-in for the bot is running; what it has heard."""
    async with fake_bot(world.workspace, world.org) as actions:
        yield actions


async def look(page: httpx.AsyncClient, person: str = "UMAYA") -> Json:
    """Everything on the page."""
    answer = await page.get("/api/state", params={"as": person})
    state: Json = answer.json()
    return state


async def say(page: httpx.AsyncClient, text: str, *, channel: str = DM, person: str = "UMAYA") -> Json:
    """Send what is in the composer; the state after it."""
    answer = await page.post(f"/api/as/{person}/say", json={"channel": channel, "text": text})
    assert answer.status_code == 200, answer.text
    return await look(page, person)


def messages(state: Json, channel: str = DM) -> list[Json]:
    """What is said in a channel."""
    found: list[Json] = next(one["messages"] for one in state["slack"]["channels"] if one["id"] == channel)
    return found


async def until(world: Twin, holds: Callable[[], bool]) -> None:
    """Wait until something can be seen in Slack."""
    async for _ in world.workspace.changes.watch():
        if holds():
            return


async def test_a_newcomer_sees_maya_locked_out(page: httpx.AsyncClient) -> None:
    """Without a choice one is Maya; her chat, her account and what to try are all there."""
    state = (await page.get("/api/state")).json()
    assert state["slack"]["me"]["name"] == "Maya Okafor"
    first = state["slack"]["channels"][0]
    assert (first["name"], first["kind"]) == ("Unlatch", "im")
    account = next(one for one in state["okta"]["people"] if one["slackId"] == "UMAYA")
    assert (account["status"], account["login"]) == ("LOCKED_OUT", "maya.okafor@northwind.example")
    assert state["tries"]["im"][0] == "I'm locked out"
    assert state["okta"]["log"][-1]["eventType"] == "user.account.lock"
    assert [one["label"] for one in state["mischief"]][:3] == ["Okta is slow", "Okta is down", "Lose the answer"]
    assert state["bot"] is None


async def test_a_press_does_what_the_card_says(page: httpx.AsyncClient, world: Twin, heard: list[Json]) -> None:
    """Say it, press, and the card and the org show the end."""
    card = messages(await say(page, "I'm locked out"))[-1]
    assert card["is_bot"]
    pressed = {"where": card["ts"], "action_id": "confirm", "channel": DM}
    assert (await page.post(f"{MAYA}/press", json=pressed)).status_code == 200
    assert heard[0]["action_id"] == "confirm"
    assert messages(await look(page))[-1]["text"] == "Your account is unlocked"
    assert world.org.user("maya.okafor@northwind.example").status == "ACTIVE"


async def test_a_slash_makes_a_command(page: httpx.AsyncClient, heard: list[Json]) -> None:
    """A command is no message; its answer is for that person's eyes only."""
    state = await say(page, "/unlatch unlock")
    (answer,) = messages(state)
    assert (answer["text"], answer["ephemeral"]) == ("You said: unlock", True)
    assert heard == []
    assert messages(await look(page, "UJONAS"), "C0GENERAL") == []


async def test_an_unknown_command_gets_slacks_own_word(page: httpx.AsyncClient) -> None:
    """Slack, not the bot, answers a command that nobody has."""
    state = await say(page, "/nope")
    assert state["slack"]["notices"] == ["/nope is not a valid command."]


async def test_the_bots_name_in_front_mentions_it(page: httpx.AsyncClient, heard: list[Json], world: Twin) -> None:
    """In a channel the bot hears only what mentions it."""
    await say(page, "good morning", channel="C0GENERAL")
    await say(page, "@Unlatch I am stuck", channel="C0GENERAL")
    texts = [message["text"] for message in messages(await look(page), "C0GENERAL")]
    assert texts == ["good morning", f"<@{world.workspace.app.bot_user_id}> I am stuck", "I've answered you in our DM."]
    assert heard == []


async def test_a_form_is_filled_corrected_and_submitted(
    page: httpx.AsyncClient, world: Twin, heard: list[Json]
) -> None:
    """The app's errors come back by field; options come while one types; a good form closes."""
    card = messages(await say(page, "form"))[-1]
    await page.post(f"{MAYA}/press", json={"where": card["ts"], "action_id": "open", "channel": DM})
    await until(world, lambda: world.person("UMAYA").modal is not None)
    modal = (await look(page))["slack"]["modal"]
    found = await page.post(f"{MAYA}/suggest", json={"where": modal["id"], "action_id": "topping", "text": "o"})
    assert [one["text"]["text"] for one in found.json()["options"]] == list(TOPPINGS[:3])

    values = {"name": "A", "topping": "olives", "extras": ["cheese"]}
    refused = await page.post(f"{MAYA}/submit", json={"view_id": modal["id"], "values": values})
    assert refused.json()["errors"] == {"name": "That is too short."}
    assert (await look(page))["slack"]["modal"]["errors"] == {"name": "That is too short."}
    taken = await page.post(f"{MAYA}/submit", json={"view_id": modal["id"], "values": values | {"name": "Ana"}})
    assert taken.json()["errors"] == {}
    assert (await look(page))["slack"]["modal"] is None
    assert heard[-1]["extras"]["extras"]["selected_options"][0]["value"] == "cheese"


async def test_a_stack_of_forms_is_closed_one_by_one(page: httpx.AsyncClient, heard: list[Json]) -> None:
    """What lies on top goes first."""
    card = messages(await say(page, "form"))[-1]
    await page.post(f"{MAYA}/press", json={"where": card["ts"], "action_id": "open", "channel": DM})
    below = (await look(page))["slack"]["modal"]
    await page.post(f"{MAYA}/press", json={"where": below["id"], "action_id": "deeper"})
    top = (await look(page))["slack"]
    assert (top["modal"]["title"]["text"], top["depth"]) == ("Terms", 2)
    await page.post(f"{MAYA}/close", json={"view_id": top["modal"]["id"]})
    assert (await look(page))["slack"]["modal"]["id"] == below["id"]
    assert len(heard) == 2


async def test_what_was_chosen_in_a_message_is_still_chosen(page: httpx.AsyncClient, heard: list[Json]) -> None:
    """The app hears of a choice, and the page shows it again after a reload; to this person only."""
    card = messages(await say(page, "kitchen sink"))[-1]
    chosen = {"where": card["ts"], "action_id": "ticks", "value": ["tea", "milk"], "channel": DM}
    assert (await page.post(f"{MAYA}/select", json=chosen)).status_code == 200
    assert [one["value"] for one in heard[-1]["selected_options"]] == ["tea", "milk"]
    kept = messages(await look(page))[-1]["inputs"]["choices"]
    assert [one["value"] for one in kept["ticks"]["selected_options"]] == ["tea", "milk"]
    assert kept["size"]["selected_option"] is None


async def test_the_home_tab_opens(page: httpx.AsyncClient, heard: list[Json]) -> None:
    """The app publishes a Home tab when it is opened."""
    assert (await page.post(f"{MAYA}/open-home", json={})).status_code == 200
    assert (await look(page))["slack"]["home"]["blocks"][0]["text"]["text"] == "Welcome home"
    assert heard == []


async def test_a_dead_bot_does_not_hold_up_the_visitor(
    page: httpx.AsyncClient, world: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack tries an event for five minutes; the visitor is told at once that it goes on, and it does."""
    monkeypatch.setattr("sandbox.page.app._PATIENCE", 0.0)
    answer = await page.post(f"{MAYA}/say", json={"channel": DM, "text": "hello?"})
    assert (answer.status_code, answer.json()) == (202, {"pending": True})
    assert messages(await look(page))[-1]["text"] == "hello?"
    async with asyncio.timeout(10):
        while len(world.workspace.deliveries) < 4:
            await page.post("/api/world/time", json={"minutes": 5})
    assert {one.outcome for one in world.workspace.deliveries} == {Outcome.CONNECTION_FAILED}


async def test_somebody_from_outside_has_no_chat_with_the_bot(page: httpx.AsyncClient, world: Twin) -> None:
    """The page shows an outsider what Slack shows: nothing of the bot, once no channel is shared."""
    world.workspace.channels.leave("C0FREIGHT", "USTRANGER")
    state = await look(page, "USTRANGER")
    assert [one for one in state["slack"]["channels"] if one["kind"] == "im"] == []


async def test_time_passes_for_both_halves(page: httpx.AsyncClient, world: Twin) -> None:
    """The clock of the page is the clock of the twin."""
    before = world.clock.now()
    answer = await page.post("/api/world/time", json={"minutes": 10})
    assert answer.json() == {"told": "10 minutes have passed."}
    assert world.clock.now() - before >= timedelta(minutes=10)


async def test_wrong_passwords_lock_and_locked_people_are_turned_away(page: httpx.AsyncClient) -> None:
    """Both can be tried beside anybody in the org."""
    login = {"login": "jonas.lindqvist@northwind.example"}
    tell = [
        (await page.post(f"/api/world/{name}", json=login)).json()["told"] for name in ("sign-in", "mistype", "sign-in")
    ]
    assert tell == [
        "Jonas Lindqvist is signed in to Okta.",
        "Jonas Lindqvist typed 5 wrong passwords: LOCKED_OUT.",
        "Okta turns Jonas Lindqvist away.",
    ]
    log = (await look(page))["okta"]["log"]
    assert [entry["eventType"] for entry in log[-8:]].count("user.session.start") == 7
    again = await page.post("/api/world/mistype", json=login)
    assert again.json() == {"told": "Jonas Lindqvist typed a wrong password: LOCKED_OUT."}


def left(state: Json) -> dict[str, int]:
    """What is still on order."""
    return {one["id"]: one["left"] for one in state["mischief"] if one["left"]}


@pytest.mark.parametrize(
    ("what", "back", "status"),
    [
        ("okta-down", None, 503),
        ("okta-busy", None, 429),
        ("okta-down", {"what": "okta-down", "back": True}, 200),
        ("okta-down", {"back": True}, 200),
        ("okta-down", {"what": "okta-slow", "back": True}, 503),
    ],
    ids=["down", "busy", "taken back", "everything back", "another back"],
)
async def test_trouble_on_order_is_met_by_the_next_request(
    page: httpx.AsyncClient, world: Twin, what: str, back: Json | None, status: int
) -> None:
    """Each order has its effect at Okta, and shows among the requests; what was taken back has none."""
    await page.post("/api/world/mischief", json={"what": what})
    assert list(left(await look(page))) == [what]
    if back is not None:
        await page.post("/api/world/mischief", json=back)
    headers = {"Authorization": "SSWS 00TwinServiceAccountToken"}
    answer = await page.get(f"{world.okta_url}/api/v1/users/me", headers=headers)
    assert answer.status_code == status
    (request,) = (await look(page))["okta"]["requests"]
    assert (request["method"], request["path"], request["status"]) == ("GET", "/api/v1/users/me", status)


async def test_an_order_made_twice_counts_once_and_shrinks(page: httpx.AsyncClient, world: Twin) -> None:
    """The page tells truly how much of the trouble is still to come."""
    for _ in range(2):
        await page.post("/api/world/mischief", json={"what": "okta-down"})
    await page.post("/api/world/mischief", json={"what": "slack-trouble"})
    assert left(await look(page)) == {"okta-down": 3, "slack-trouble": 2}
    await page.get(f"{world.okta_url}/api/v1/users/me")
    world.workspace.faults.take("chat.update")
    assert left(await look(page)) == {"okta-down": 2, "slack-trouble": 1}


async def test_a_slow_okta_answers_when_the_time_has_come(page: httpx.AsyncClient, world: Twin) -> None:
    """By the clock of the twin, so a visitor may let the time pass."""
    await page.post("/api/world/mischief", json={"what": "okta-slow"})
    headers = {"Authorization": "SSWS 00TwinServiceAccountToken"}
    asked = asyncio.create_task(page.get(f"{world.okta_url}/api/v1/users/me", headers=headers))
    async with asyncio.timeout(10):
        while left(await look(page)).get("okta-slow") != 5:
            pass
        assert not asked.done()
        await page.post("/api/world/time", json={"minutes": 1})
        assert (await asked).status_code == 200


@pytest.mark.parametrize(("what", "done"), [("answer-lost", True), ("request-lost", False)])
async def test_a_lost_connection_is_lost_on_the_side_that_was_ordered(
    page: httpx.AsyncClient, world: Twin, what: str, *, done: bool
) -> None:
    """After a lost answer the change is there; after a lost request it is not."""
    await page.post("/api/world/mischief", json={"what": what})
    user = world.org.user("maya.okafor@northwind.example")
    path = f"{world.okta_url}/api/v1/users/{user.id}/lifecycle/unlock"
    with pytest.raises(httpx.RemoteProtocolError):
        await page.post(path, headers={"Authorization": "SSWS 00TwinServiceAccountToken"})
    assert (world.org.user(user.id).status == "ACTIVE") is done


async def test_the_answer_to_a_removal_is_lost_as_well(page: httpx.AsyncClient, world: Twin) -> None:
    """A change is a change by whatever method; reads go through meanwhile."""
    await page.post("/api/world/mischief", json={"what": "answer-lost"})
    user = world.org.user("clara.novak@northwind.example")
    path = f"{world.okta_url}/api/v1/users/{user.id}"
    headers = {"Authorization": "SSWS 00TwinServiceAccountToken"}
    assert (await page.get(path, headers=headers)).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        await page.delete(f"{path}/factors/{user.factors[0].id}", headers=headers)
    assert world.org.user(user.id).factors == ()
    assert left(await look(page)) == {}


async def test_slack_can_hang_up_and_refuse(page: httpx.AsyncClient, world: Twin, heard: list[Json]) -> None:
    """The socket is cut; the bot's client comes back by itself."""
    (connection,) = world.workspace.sockets.connections
    assert (await page.post("/api/world/mischief", json={"what": "socket-dropped"})).status_code == 200
    assert connection not in world.workspace.sockets.connections
    assert (await page.post("/api/world/mischief", json={"what": "slack-trouble"})).status_code == 200
    assert world.workspace.faults.take("chat.postMessage") is not None
    assert heard == []


async def test_the_bell_rings_for_both_halves(page: httpx.AsyncClient, world: Twin) -> None:
    """Once at the start, then for a change in Slack and for one in Okta; a browser that leaves is forgotten."""
    async with page.stream("GET", "/api/changes") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()

        async def rung() -> bool:
            return "data: changed" in [await anext(lines) for _ in range(2)]

        assert [await anext(lines) for _ in range(2)] == ["retry: 1000", ""]
        assert await rung()
        world.workspace.notify("UMAYA", "hello")
        assert await rung()
        world.org.block("maya.okafor@northwind.example")
        assert await rung()
        assert len(world.org.changes._bells) == 1
    async with asyncio.timeout(10):
        while world.org.changes._bells:  # noqa: ASYNC110 - the server hears of the leaving from its socket
            await asyncio.sleep(0.01)
