"""What Slack delivers more than once is done once; what nobody here takes is acknowledged, so that it comes only once."""

import asyncio
import json
from typing import Any

import pytest

from sandbox.slack import Delivery, Kind, Outcome, Transport
from sandbox.slack.interactions import Target, act
from sandbox.slack.post import Parcel
from tests.slack.conftest import MARKER
from tests.world import World

FIRST = "How can I help?"


async def _nothing_more(world: World, cards: int) -> None:
    """Wait until something asked later is answered: by then what came before would have been."""
    jonas = world.person("UJONAS")
    await jonas.dm("hello")
    await world.card(jonas, FIRST)
    maya = world.person("UMAYA")
    assert len(world.cards(maya)) == cards


async def _at_once(world: World, delivery: Delivery, times: int = 5) -> list[Delivery]:
    """Deliver the same several times together; in Socket Mode each time in an envelope of its own."""
    workspace = world.twin.workspace
    if delivery.transport is Transport.HTTP:
        return await asyncio.gather(*(workspace.redeliver(delivery) for _ in range(times)))
    envelopes = [json.loads(delivery.body) | {"envelope_id": f"again-{number}"} for number in range(times)]
    sending = (workspace.sockets.carry_envelope(one, name=delivery.name, key=delivery.key) for one in envelopes)
    return [carried.delivery for carried in await asyncio.gather(*sending)]


def _last(world: World, kind: Kind) -> Delivery:
    return next(one for one in reversed(world.twin.workspace.deliveries) if one.kind is kind)


@pytest.mark.parametrize("attempt", [0, 1, 3])
async def test_a_message_delivered_again_is_one_request(either: World, attempt: int) -> None:
    """With Slack's marks of a retry or without, one after the other and at once."""
    maya = either.person("UMAYA")
    await maya.dm("I'm locked out")
    await either.card(maya, "Unlock your account?")
    again = _last(either, Kind.EVENT)

    answers = [await either.twin.workspace.redeliver(again, attempt=attempt), *await _at_once(either, again)]

    assert all(answer.acked for answer in answers)
    await _nothing_more(either, cards=1)


async def test_a_command_delivered_again_is_one_request(either: World) -> None:
    """The trigger tells that it is the same."""
    maya = either.person("UMAYA")
    delivery = await maya.command("unlock")
    assert delivery is not None
    await either.card(maya, "Unlock your account?")

    answers = await _at_once(either, delivery)

    assert all(answer.acked for answer in answers)
    await _nothing_more(either, cards=1)


async def test_a_press_delivered_again_is_one_press(either: World) -> None:
    """Nobody hears that they pressed twice when they did not."""
    maya = either.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await either.card(maya, "Unlock your account?")
    delivery = await maya.press(card.ts, "confirm")

    answers = await _at_once(either, delivery)
    await either.card(maya, "Your account is unlocked")

    assert all(answer.acked for answer in answers)
    await _nothing_more(either, cards=1)
    assert either.effects == ["unlock"]
    assert either.whispers(maya) == []


async def test_an_offer_taken_again_by_redelivery_is_one_request(either: World) -> None:
    """A button that begins something new, delivered more than once."""
    maya = either.person("UMAYA")
    await maya.dm("hello")
    menu = await either.card(maya, FIRST)
    delivery = await maya.press(menu.ts, "ask:unlock_account")
    await either.card(maya, "Unlock your account?")

    answers = await _at_once(either, delivery)

    assert all(answer.acked for answer in answers)
    await _nothing_more(either, cards=2)


EVENTS: list[dict[str, Any]] = [
    {"type": "reaction_added", "user": "UMAYA", "item": {"type": "message", "channel": "C0GENERAL", "ts": "1.0"}},
    {"type": "app_home_opened", "user": "UMAYA", "tab": "home", "channel": "D1"},
    {"type": "member_joined_channel", "user": "U0UNLATCH", "channel": "C0GENERAL"},
    {"type": "app_uninstalled"},
    {"type": "tokens_revoked", "tokens": {"bot": ["U0UNLATCH"]}},
    {"type": "function_executed", "function": {"id": "Fn1", "callback_id": "x"}, "function_execution_id": "Fx1"},
    {"type": "something_new_from_slack", "user": {"id": "UMAYA"}},
    {"type": "message", "channel_type": "channel", "user": "UMAYA", "channel": "C0GENERAL", "text": "I'm locked out"},
]


async def test_an_event_that_nobody_takes_is_not_repeated(either: World) -> None:
    """Bolt would answer 404, or nothing at all, and Slack would go on."""
    for event in EVENTS:
        delivery = await either.twin.workspace.emit(event)
        assert (delivery.name, delivery.outcome, delivery.attempt) == (event["type"], Outcome.ACKED, 0)

    await _nothing_more(either, cards=0)


INTERACTIONS: list[dict[str, Any]] = [
    {"type": "view_submission", "view": {"id": "V1", "type": "modal", "callback_id": MARKER, "state": {"values": {}}}},
    {"type": "view_closed", "view": {"id": "V1", "type": "modal", "callback_id": MARKER}},
    {"type": "shortcut", "callback_id": "access_help", "trigger_id": "1"},
    {"type": "message_action", "callback_id": "x", "trigger_id": "1", "message": {"text": MARKER}},
    {"type": "block_suggestion", "action_id": "a", "block_id": "b", "value": MARKER},
    {"type": "interactive_message", "actions": [{"name": "old", "value": "x"}], "callback_id": "x"},
    {"type": "dialog_submission", "callback_id": "x", "submission": {}},
    {"type": "something_new_from_slack"},
    {"type": "block_actions", "actions": [{"action_id": "from_another_version", "value": "x"}], "trigger_id": "1"},
    {
        "type": "block_actions",
        "container": {"type": "view", "view_id": "V1"},
        "actions": [{"action_id": "confirm"}],
        "trigger_id": "1",
    },
]


async def test_an_interaction_that_nobody_takes_is_acknowledged(either: World) -> None:
    """Whoever did it would otherwise see an error of Slack's."""
    for interaction in INTERACTIONS:
        payload = {"user": {"id": "UMAYA", "team_id": "T0NORTHWIND"}, "team": {"id": "T0NORTHWIND"}} | interaction
        delivery = await either.twin.workspace.post.hand_over(Parcel(Kind.INTERACTIVE, "x", payload, "1"))
        assert delivery.acked, interaction

    await _nothing_more(either, cards=0)


async def test_a_notice_of_too_many_deliveries_is_acknowledged(either: World) -> None:
    """`app_rate_limited` has no event inside."""
    payload = {"type": "app_rate_limited", "team_id": "T0NORTHWIND", "minute_rate_limited": 1, "api_app_id": "A1"}

    delivery = await either.twin.workspace.post.hand_over(Parcel(Kind.EVENT, "app_rate_limited", payload, "1"))

    assert delivery.acked


async def test_a_command_of_another_name_is_answered(either: World) -> None:
    """Whatever an administrator calls it: there is one command."""
    maya = either.person("UMAYA")
    form = {"command": "/okta", "user_id": "UMAYA", "team_id": "T0NORTHWIND", "trigger_id": "1", "text": "unlock"}

    delivery = await either.twin.workspace.post.hand_over(Parcel(Kind.COMMAND, "/okta", form, "1"))

    assert delivery.acked
    await either.card(maya, "Unlock your account?")


@pytest.mark.parametrize("text", ["payload", "unlock payload=1&x", "payload: I'm locked out"])
async def test_the_word_payload_in_a_command_is_only_a_word(either: World, text: str) -> None:
    """It made Bolt's HTTP adapters read the whole command as empty."""
    maya = either.person("UMAYA")

    delivery = await maya.command(text)

    assert delivery is not None
    assert delivery.acked
    await either.card(maya, "Unlock your account?" if "lock" in text else "I didn't understand that")


async def test_edits_and_deletions_ask_for_nothing(either: World) -> None:
    """What was written is answered once."""
    maya = either.person("UMAYA")
    ts = await maya.dm("hello")
    await either.card(maya, FIRST)

    await maya.edit(ts, "I'm locked out")
    await maya.delete(ts)

    await _nothing_more(either, cards=1)


async def test_bots_are_not_answered(either: World) -> None:
    """Neither others nor itself, or two of them would never stop."""
    maya = either.person("UMAYA")
    inner = {"type": "message", "channel_type": "im", "channel": maya.dm_channel, "text": "I'm locked out", "ts": "1.0"}
    for bot in (
        {"bot_id": "B1", "user": "UMAYA"},
        {"bot_id": "B0UNLATCH", "user": "U0UNLATCH"},
        {"user": "U0UNLATCH"},
        {"user": "USLACKBOT"},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"subtype": "bot_message", "user": "UMAYA"},
    ):
        delivery = await either.twin.workspace.emit(inner | bot, channel=maya.dm_channel)
        assert delivery.acked

    await _nothing_more(either, cards=0)


async def test_a_message_with_a_file_counts(either: World) -> None:
    """A screenshot of the lock, with a word to it."""
    maya = either.person("UMAYA")
    event = {"type": "message", "subtype": "file_share", "channel_type": "im", "channel": maya.dm_channel}
    event |= {"user": "UMAYA", "team": "T0NORTHWIND", "text": "I'm locked out", "ts": "1.0"}

    await either.twin.workspace.emit(event | {"files": [{"id": "F1", "name": MARKER}]}, channel=maya.dm_channel)

    await either.card(maya, "Unlock your account?")


async def test_a_stranger_who_presses_a_button_in_a_shared_channel_is_refused(either: World) -> None:
    """Slack lets them press; the payload names our workspace as the team and theirs only with the user."""
    stranger, workspace = either.person("USTRANGER"), either.twin.workspace
    maya = either.person("UMAYA")
    await maya.dm("hello")
    menu = await either.card(maya, FIRST)
    target = Target(workspace, stranger.member, message=menu, channel=workspace.channels.get("C0FREIGHT"))

    delivery = await act(target, *target.element("ask:unlock_account", None), None)

    payload = json.loads(delivery.body)["payload"] if "envelope_id" in delivery.body else None
    assert payload is None or payload["team"]["id"] == "T0NORTHWIND"
    await either.card(stranger, "I can only help members of this Slack workspace")
    assert either.twin.org.calls == []


async def test_a_stranger_who_mentions_the_bot_is_refused(either: World) -> None:
    """The envelope of such an event is not to be believed about its author."""
    stranger = either.person("USTRANGER")

    await stranger.mention("C0FREIGHT", "I'm locked out")

    await either.card(stranger, "I can only help members of this Slack workspace")
    assert either.twin.org.calls == []
