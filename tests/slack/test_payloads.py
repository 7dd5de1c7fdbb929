"""Who sent a payload and what they want: total over any JSON, and never more of the sender than the sender's own ids."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Actor, Surface
from bot.slack.edge import reference
from bot.slack.payloads import Asked, Pressed, asked_by_command, asked_in_event, pressed

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ids = st.sampled_from(["T0NORTHWIND", "T0PARTNER", "T0THIRD", "E0GROUP", "E0OTHER"])
maybe_ids = st.none() | ids | st.just("")


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what belongs there, and else anything."""
    return st.one_of(strategy, strategy, strategy, json_values)


def objects(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of this shape, with any of the fields missing or wrong, or something else altogether."""
    return sometimes(st.fixed_dictionaries({}, optional={name: sometimes(value) for name, value in fields.items()}))


events = objects(
    event_id=st.just("Ev1"),
    team_id=ids,
    enterprise_id=maybe_ids,
    context_team_id=ids,
    context_enterprise_id=maybe_ids,
    is_ext_shared_channel=st.booleans(),
    authorizations=st.lists(objects(user_id=st.just("U0UNLATCH"), team_id=ids)),
    event=objects(
        type=st.sampled_from(["message", "app_mention", "reaction_added"]),
        channel_type=st.sampled_from(["im", "channel"]),
        subtype=st.sampled_from(["file_share", "message_changed", "bot_message", "thread_broadcast"]),
        bot_id=st.just("B1"),
        user=st.sampled_from(["UMAYA", "USLACKBOT"]),
        channel=st.just("D1"),
        text=st.text(),
        thread_ts=st.just("1.0"),
        user_team=maybe_ids,
        source_team=maybe_ids,
        team=maybe_ids,
    ),
)
presses = objects(
    user=objects(id=st.just("UMAYA"), team_id=maybe_ids),
    team=objects(id=ids, enterprise_id=ids),
    enterprise=objects(id=ids),
    trigger_id=st.just("1.2.x"),
    response_url=st.just("https://hooks.slack.com/x"),
    container=objects(channel_id=st.just("D1"), message_ts=st.just("1.0")),
    actions=st.lists(objects(action_id=st.just("confirm"), value=st.text()), max_size=2),
)
commands = objects(
    user_id=st.just("UMAYA"),
    trigger_id=st.just("1.2.x"),
    team_id=ids,
    enterprise_id=maybe_ids,
    text=st.text(),
    channel_id=st.just("C1"),
    response_url=st.just("https://hooks.slack.com/x"),
)


def as_object(value: Any) -> dict[str, Any]:
    """What comes in is always an object; the door sees to that."""
    return value if isinstance(value, dict) else {"value": value}


@given(events | presses | commands | json_values)
def test_any_object_is_read_or_is_none(value: Any) -> None:
    """Nothing raises, and what is read can be stored, named and drawn."""
    payload = as_object(value)
    for asked in (asked_in_event(payload), asked_by_command(payload)):
        assert asked is None or _is_sound(asked.actor, asked.key, asked.place.channel, asked.place.response_url)
    press = pressed(payload)
    assert press is None or _is_sound(press.actor, press.key, press.value, press.action, press.card.ts)


@given(events)
def test_the_envelope_says_nothing_of_an_author_among_strangers(value: Any) -> None:
    """In a shared channel, or where Slack does not say that it is none, only the inner event tells."""
    payload = as_object(value)
    if payload.get("is_ext_shared_channel") is False:
        return
    asked = asked_in_event(payload)
    if asked is None:
        return
    told = [payload["event"].get(name) for name in ("user_team", "source_team", "team")]

    assert {asked.actor.team_id, asked.actor.enterprise_id} <= {None, *(one for one in told if isinstance(one, str))}
    bare = asked_in_event({"event_id": "Ev1", "event": payload["event"]})
    assert bare is not None
    assert bare.actor == asked.actor


def test_a_subtype_that_is_no_word_is_none_that_we_know() -> None:
    """Nor is it looked up as one."""
    event = {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "subtype": ["file_share"]}

    assert asked_in_event({"event_id": "Ev1", "event": event}) is None


@given(presses, ids, ids)
def test_the_team_of_a_press_is_the_apps(value: Any, team: str, enterprise: str) -> None:
    """`team` and `enterprise` name the installation; whatever they say, the presser is the same."""
    payload = as_object(value)
    renamed = payload | {"team": {"id": team, "enterprise_id": enterprise}, "enterprise": {"id": enterprise}}
    press = pressed(payload)

    assert pressed(renamed) == press
    if press is not None:
        told = payload["user"].get("team_id")
        assert {press.actor.team_id, press.actor.enterprise_id} <= {None, told if isinstance(told, str) else None}


@given(events)
def test_only_a_persons_message_to_the_bot_is_one(value: Any) -> None:
    """Edits, deletions, joins, bots, the bot itself and Slackbot are none."""
    payload = as_object(value)
    asked = asked_in_event(payload)
    if asked is None:
        return
    event = payload["event"]

    assert event.get("subtype") in (None, "file_share", "thread_broadcast")
    assert not event.get("bot_id")
    assert asked.actor.user_id != "USLACKBOT"
    assert asked.place.surface in {Surface.DM, Surface.MENTION}
    assert asked.place.surface is Surface.MENTION or event["channel_type"] == "im"


def test_a_stranger_in_a_shared_channel_is_a_stranger() -> None:
    """Every field of the envelope says Northwind, the author's says Partner."""
    asked = _mentioned(user_team="T0PARTNER", source_team="T0PARTNER", team="T0NORTHWIND")

    assert asked.actor == Actor("U1", team_id="T0PARTNER")


def test_a_stranger_of_whom_nothing_is_told_has_no_team() -> None:
    """Then nothing is done for them, since the envelope's team is the installation's."""
    assert _mentioned().actor == Actor("U1")


@pytest.mark.parametrize("field", ["user_team", "source_team", "team"])
def test_an_enterprises_id_in_a_teams_place_is_the_enterprises(field: str) -> None:
    """On Enterprise Grid, Slack puts it there."""
    assert _mentioned(**{field: "E0GROUP"}).actor == Actor("U1", enterprise_id="E0GROUP")


def test_a_press_by_somebody_without_a_team_is_read() -> None:
    """They are refused with a reason later, not left without an answer."""
    press = _pressed(user={"id": "U1"})

    assert press is not None
    assert press.actor == Actor("U1")


def test_a_presser_from_an_enterprise() -> None:
    """The same for presses."""
    press = _pressed(user={"id": "U1", "team_id": "E0GROUP"})

    assert press is not None
    assert press.actor == Actor("U1", enterprise_id="E0GROUP")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<@U0UNLATCH> I'm locked out", "I'm locked out"),
        ("hey <@U0UNLATCH|unlatch>, unlock me", "hey  , unlock me"),
        ("<@U0UNLATCH> unlock <@UJONAS>", "unlock @somebody"),
        ("<@U0UNLATCH>", ""),
    ],
)
def test_our_own_mention_is_no_part_of_what_is_asked(text: str, read: str) -> None:
    """Somebody else's stays visible as such, since it may change the meaning."""
    assert _mentioned(text=text).text == read


@pytest.mark.parametrize("odd", ["\ud800", "U\N{LATIN SMALL LETTER E WITH ACUTE}", "U\x00", "U\n", "", "U" * 2001])
def test_an_id_that_is_none_is_not_taken_for_one(odd: str) -> None:
    """A lone surrogate among them, which JSON can hold and Redis cannot."""
    assert asked_in_event(json.loads(json.dumps({"event_id": odd, "event": {"user": "U1"}}))) is None
    assert _pressed(user={"id": odd, "team_id": "T1"}) is None
    assert asked_by_command({"user_id": odd, "trigger_id": "1"}) is None


@given(st.text(), st.text())
def test_different_deliveries_have_different_references(one: str, other: str) -> None:
    """And the same one always has the same, of a shape that can be read aloud."""
    names = {reference(Actor("UMAYA", "T1"), key.encode(errors="replace").decode()) for key in {one, other}}

    assert all(len(name) == 14 and name.replace("-", "").isalnum() for name in names)
    assert len(names) == len({key.encode(errors="replace") for key in (one, other)})


def test_the_same_key_from_two_people_is_two_requests() -> None:
    """Nobody can take another's request by repeating its key."""
    assert reference(Actor("UMAYA", "T1"), "Ev1") != reference(Actor("UJONAS", "T1"), "Ev1")


def _mentioned(**event: str) -> Asked:
    inner = {"type": "app_mention", "user": "U1", "channel": "C1", "text": "unlock"} | event
    envelope = {
        "event_id": "Ev1",
        "team_id": "T0NORTHWIND",
        "context_team_id": "T0NORTHWIND",
        "enterprise_id": "E0GROUP",
        "context_enterprise_id": "E0GROUP",
        "is_ext_shared_channel": True,
        "authorizations": [{"team_id": "T0NORTHWIND", "enterprise_id": "E0GROUP", "user_id": "U0UNLATCH"}],
    }
    asked = asked_in_event(envelope | {"event": inner})
    assert asked is not None
    return asked


def _pressed(**fields: Any) -> Pressed | None:
    return pressed(
        {
            "team": {"id": "T0NORTHWIND", "enterprise_id": "E0NORTHWIND"},
            "trigger_id": "1",
            "container": {"channel_id": "C1", "message_ts": "1.0"},
            "actions": [{"action_id": "confirm", "value": "x"}],
        }
        | fields
    )


def _is_sound(actor: Actor, key: str, *rest: str | None) -> bool:
    return bool(reference(actor, key)) and all("".join(one).encode() is not None for one in rest if one)
