"""The pipeline driven by hand: races between processes, a hold that is lost at the worst moment, requests given up.

Everything else about it is told by the journeys. Here nobody but the test takes a request up, so that it can be stopped
between any two steps.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from bot.keys import Keys
from bot.model import Actor, Card, Input, Signal, State
from bot.store import Store
from sandbox.okta import Fault
from sandbox.slack import Fault as SlackFault
from sandbox.slack import Person
from sandbox.slack.writing import Draft
from sandbox.twin import API_TOKEN
from tests.bot.bench import Bench, Grip
from tests.scribe import SCRIBE

UNLOCK: Final = "/api/v1/users/*/lifecycle/unlock"
SEARCH: Final = "/api/v1/users"
READ: Final = "/api/v1/users/*"


def place_of(bench: Bench, person: Person) -> Card:
    """The newest card of a person, by Slack's address for it."""
    card = bench.world.cards(person)[-1]
    return Card(card.channel, card.ts)


def confirm(request_id: str) -> tuple[dict[str, Any], ...]:
    """What a card showed that has been drawn anew since."""
    text = {"type": "plain_text", "text": "Go"}
    button = {"type": "button", "action_id": "confirm", "text": text, "value": request_id}
    return ({"type": "actions", "block_id": "old", "elements": [button]},)


ACTING: Final = pytest.mark.parametrize(
    "settings",
    [
        {
            "capabilities": {"reset_password": "act", "reset_mfa": "act"},
            "reset_mfa": {"several": True},
        }
    ],
)


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings on top of the plain ones; a test overrides this by parametrizing it."""
    return {}


async def test_a_request_that_is_gone_needs_nothing(bench: Bench) -> None:
    """A doorbell may outlive its request."""
    await bench.flows[0].advance("never-was", 1, Grip())
    await bench.flows[0].bury("never-was")

    assert await bench.requests() == []


async def test_three_processes_at_once_make_one_card_and_one_unlock(bench: Bench) -> None:
    """Whoever loses a race reads again; what is done is done once, and nobody is told anything twice."""
    maya = bench.world.person("UMAYA")
    ts = await bench.asked(maya)
    await asyncio.gather(*(maya.press(ts, "confirm") for _ in range(4)))
    request_id = await bench.only()

    await asyncio.gather(*(flow.advance(request_id, 2, Grip()) for flow in bench.flows))
    await bench.advance()

    assert bench.world.effects == ["unlock"]
    assert bench.title(maya) == "Your account is unlocked"
    assert len(bench.world.cards(maya)) == 1
    assert len(bench.world.whispers(maya)) == 1


@pytest.mark.parametrize(
    "settings", [{"capabilities": {"reset_password": "act"}, "reset_password": {"delivery": "link"}}]
)
async def test_of_two_presses_the_window_that_is_open_shows_the_link(bench: Bench) -> None:
    """Slack has put the second window in the place of the first; one reset, and its link is where the person looks."""
    jonas = bench.world.person("UJONAS")
    ts = await bench.asked(jonas, "I forgot my password")
    await jonas.press(ts, "confirm:window")
    await bench.world.until(lambda: bench.opened() == 1, "the first window")
    await jonas.press(ts, "confirm:window")
    await bench.world.until(lambda: bench.opened() == 2, "the second window")

    await bench.advance()

    assert jonas.modal is not None
    assert "Choose a new password" in str(jonas.modal.spec["blocks"])
    assert bench.world.effects == ["reset_password"]
    assert len(bench.world.whispers(jonas)) == 1


async def test_a_hold_lost_right_before_the_write_leaves_it_to_somebody_else(bench: Bench) -> None:
    """Not written; found out to be undone; done later, once."""
    maya = bench.world.person("UMAYA")
    await maya.press(await bench.asked(maya), "confirm")

    await bench.advance(Grip(certain=False))
    assert bench.world.writes == []
    assert bench.title(maya) == "I have to wait a moment"
    await bench.world.later(timedelta(seconds=30))
    await bench.advance(Grip("2-0"))

    assert bench.world.effects == ["unlock"]
    assert bench.title(maya) == "Your account is unlocked"


@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.CUT_AFTER])
async def test_a_step_whose_worker_is_gone_is_looked_into(bench: Bench, fault: Fault) -> None:
    """The same doorbell comes to somebody else, who finds the fence, and out of what became of it."""
    maya = bench.world.person("UMAYA")
    await maya.press(await bench.asked(maya), "confirm")
    bench.world.twin.org.faults.order("POST", UNLOCK, Fault.STALL, seconds=3600)
    request_id = await bench.only()
    gone = asyncio.create_task(bench.flows[0].advance(request_id, 2, Grip("7-0")))
    await bench.world.until(lambda: bench.world.writes, "the write")
    gone.cancel()
    await asyncio.wait({gone})
    if fault is Fault.CUT_AFTER:
        bench.world.twin.org.set_status("maya.okafor@northwind.example", "ACTIVE")

    await bench.flows[1].advance(request_id, 3, Grip("7-0", redelivered=True))
    if fault is Fault.CUT_BEFORE:
        assert bench.title(maya) == "Checking what happened"
        for grip in (Grip("7-1"), Grip("7-2")):  # until it would have landed, and then for the next try
            await bench.world.later(timedelta(seconds=41))
            await bench.flows[1].advance(request_id, 3, grip)
        await bench.flows[1].advance(request_id, 3, Grip("8-0"))

    assert bench.title(maya) == "Your account is unlocked"


async def test_a_step_of_a_worker_that_still_has_it_is_let_be(bench: Bench) -> None:
    """Another doorbell for the same request is no reason to look into a step that is under way."""
    maya = bench.world.person("UMAYA")
    await maya.press(await bench.asked(maya), "confirm")
    bench.world.twin.org.faults.order("POST", UNLOCK, Fault.STALL, seconds=5)
    request_id = await bench.only()
    busy = asyncio.create_task(bench.flows[0].advance(request_id, 2, Grip(await bench.bell())))
    await bench.world.until(lambda: bench.title(maya) == "Working on it", "the card that says so")

    await bench.flows[1].advance(request_id, 3, Grip("8-0"))
    assert bench.title(maya) == "Working on it"
    await bench.world.later(timedelta(seconds=5))
    await busy

    assert bench.world.effects == ["unlock"]
    assert bench.title(maya) == "Your account is unlocked"


async def test_a_step_whose_attempt_was_given_up_is_looked_into_at_once(bench: Bench) -> None:
    """The doorbell under which it was begun has been taken off, so nobody works on it any more: no wait for its limit."""
    maya = bench.world.person("UMAYA")
    await maya.press(await bench.asked(maya), "confirm")
    bench.world.twin.org.faults.order("POST", UNLOCK, Fault.STALL_AFTER, seconds=60)
    request_id, bell = await bench.only(), await bench.bell()
    attempt = asyncio.create_task(bench.flows[0].advance(request_id, 2, Grip(bell)))
    await bench.world.until(lambda: bench.world.effects, "the effect")
    attempt.cancel()
    await asyncio.wait({attempt})
    await bench.take_off(bell)

    await bench.flows[1].advance(request_id, 3, Grip("8-0"))

    assert bench.title(maya) == "Your account is unlocked"
    assert bench.world.effects == ["unlock"]
    assert len(bench.world.writes) == 1


async def test_two_requests_of_one_person_write_one_after_the_other(bench: Bench) -> None:
    """While one is being carried out the next one waits, and then finds that there is nothing left to do."""
    maya = bench.world.person("UMAYA")
    first = await bench.asked(maya)
    (one,) = await bench.requests()
    await maya.press(first, "confirm")
    bench.world.twin.org.faults.order("POST", UNLOCK, Fault.STALL, seconds=5)
    busy = asyncio.create_task(bench.flows[0].advance(one, 2, Grip("7-0")))
    await bench.world.until(lambda: bench.world.writes, "the write")
    await maya.dm("unlock me")
    (other,) = set(await bench.requests()) - {one}
    await bench.flows[1].advance(other, 1, Grip("8-0"))
    await maya.press(bench.world.cards(maya)[-1].ts, "confirm")

    await bench.flows[1].advance(other, 2, Grip("9-0"))
    assert bench.title(maya) == "One thing at a time"
    await bench.world.later(timedelta(seconds=5))
    await busy
    await bench.flows[1].advance(other, 3, Grip("10-0"))

    assert bench.world.effects == ["unlock"]
    assert bench.title(maya) == "Your account is not locked"


async def test_a_request_that_is_over_needs_no_word_of_a_newer_one(bench: Bench) -> None:
    """The word that somebody has asked again may come late; they pressed nothing, so they are told nothing."""
    maya = bench.world.person("UMAYA")
    await maya.press(await bench.asked(maya), "cancel")
    await bench.advance()
    world, request_id = bench.world, await bench.only()
    given = Input(Signal.SUPERSEDE, Actor("UMAYA", "T0NORTHWIND"), world.twin.clock.now())
    await Store(bench.redis, Keys(), world.twin.clock, scribe=SCRIBE).signal(request_id, given, key="late")

    await bench.advance()

    assert bench.title(maya) == "Cancelled"
    assert world.whispers(maya) == []


async def test_a_cancel_before_anybody_looked_is_heeded(bench: Bench) -> None:
    """Confirm, and then Cancel, while every worker was away: the person has changed their mind."""
    maya = bench.world.person("UMAYA")
    ts = await bench.asked(maya)
    await maya.press(ts, "confirm")
    await maya.press(ts, "cancel")

    await bench.advance()

    assert bench.world.writes == []
    assert bench.title(maya) == "Cancelled"


async def test_a_cancel_while_everything_is_looked_up_is_heeded(bench: Bench) -> None:
    """Nothing is begun over it."""
    maya = bench.world.person("UMAYA")
    ts = await bench.asked(maya)
    await maya.press(ts, "confirm")
    bench.world.twin.org.faults.order("GET", "/api/v1/users/*", Fault.STALL, seconds=5)
    request_id = await bench.only()
    looking = asyncio.create_task(bench.flows[0].advance(request_id, 2, Grip()))
    await bench.world.until(lambda: bench.title(maya) == "One moment", "the look")
    # The card has no button any more, but the press was made before.
    given = Input(Signal.CANCEL, Actor("UMAYA", "T0NORTHWIND"), bench.world.twin.clock.now())
    await Store(bench.redis, Keys(), bench.world.twin.clock, scribe=SCRIBE).signal(request_id, given, key="cancel")
    await bench.world.later(timedelta(seconds=5))
    await looking

    assert bench.world.writes == []
    assert bench.title(maya) == "Cancelled"


async def test_a_cancel_that_comes_too_late_is_told_so(bench: Bench) -> None:
    """What is under way cannot be called back; whoever wanted to is not told that they pressed twice."""
    maya = bench.world.person("UMAYA")
    ts = await bench.asked(maya)
    await maya.press(ts, "confirm")
    bench.world.twin.org.faults.order("POST", UNLOCK, Fault.STALL, seconds=5)
    request_id = await bench.only()
    busy = asyncio.create_task(bench.flows[0].advance(request_id, 2, Grip("7-0")))
    await bench.world.until(lambda: bench.world.writes, "the write")
    given = Input(Signal.CANCEL, Actor("UMAYA", "T0NORTHWIND"), bench.world.twin.clock.now(), place_of(bench, maya))
    await Store(bench.redis, Keys(), bench.world.twin.clock, scribe=SCRIBE).signal(request_id, given, key="late")

    await bench.flows[1].advance(request_id, 3, Grip("8-0"))
    await bench.world.later(timedelta(seconds=5))
    await busy

    (said,) = bench.world.whispers(maya)
    assert "too late" in said
    assert bench.title(maya) == "Your account is unlocked"


async def test_a_press_in_time_counts_however_late_it_is_handled(bench: Bench) -> None:
    """The workers were away for a while; nobody is told that they were late who were not."""
    maya = bench.world.person("UMAYA")
    ts = await bench.asked(maya)
    await bench.world.later(timedelta(minutes=9))
    await maya.press(ts, "confirm")
    await bench.world.later(timedelta(minutes=3))

    await bench.advance()

    assert bench.title(maya) == "Your account is unlocked"


async def test_a_crowd_of_presses_is_answered_in_one_go(bench: Bench) -> None:
    """Whoever hammers a button costs a single look, and one answer."""
    maya = bench.world.person("UMAYA")
    ts = await bench.asked(maya)
    await maya.press(ts, "cancel")
    await bench.advance()
    request_id = await bench.only()
    old = replace(bench.world.cards(maya)[-1], blocks=confirm(request_id))
    await asyncio.gather(*(bench.world.forge_press("UMAYA", old, "confirm") for _ in range(15)))
    calls = len(bench.world.twin.workspace.calls)

    await asyncio.gather(*(bench.flows[0].advance(request_id, 3, Grip(f"{n}-9")) for n in range(15)))

    assert bench.world.writes == []
    assert len(bench.world.whispers(maya)) == 1
    assert len(bench.world.twin.workspace.calls) - calls <= 2


async def test_the_menu_waits_for_slack_to_say_who_asks(bench: Bench) -> None:
    """Nothing is offered to somebody who is not known; then everything is."""
    maya = bench.world.person("UMAYA")
    bench.world.twin.workspace.faults.order("users.info", SlackFault.error("internal_error"))
    await bench.asked(maya, "hello")
    assert bench.title(maya) == "I have to wait a moment"

    await bench.world.later(timedelta(seconds=30))
    await bench.advance()

    assert bench.title(maya) == "How can I help?"


async def test_a_card_that_slow_okta_has_brought_is_not_brought_twice(bench: Bench) -> None:
    """The card drawn in passing belongs to the request, also if the request has moved when it stands."""
    maya = bench.world.person("UMAYA")
    bench.world.twin.org.faults.order("GET", SEARCH, Fault.STALL, seconds=5)
    await maya.dm("I'm locked out")
    request_id = await bench.only()
    slow = asyncio.create_task(bench.flows[0].advance(request_id, 1, Grip()))
    await bench.world.until(lambda: bench.world.cards(maya), "a card in passing")
    assert bench.title(maya) == "One moment"

    await bench.flows[1].advance(request_id, 1, Grip("2-0"))
    assert bench.title(maya) == "Unlock your account?"
    await bench.world.later(timedelta(seconds=5))
    await slow

    assert bench.title(maya) == "Unlock your account?"
    assert len(bench.world.cards(maya)) == 1


async def test_a_card_that_slow_slack_has_brought_tells_what_is_true_by_then(bench: Bench) -> None:
    """The request has moved while its card was on the way: the card is drawn again before anybody is left with it."""
    maya = bench.world.person("UMAYA")
    bench.world.twin.workspace.faults.order("chat.postMessage", SlackFault.stall(5))
    await maya.dm("I'm locked out")
    request_id = await bench.only()
    slow = asyncio.create_task(bench.flows[0].advance(request_id, 1, Grip()))
    faults = bench.world.twin.workspace.faults
    await bench.world.until(lambda: not faults._orders["chat.postMessage"], "the card to be on its way")
    await bench.world.later(timedelta(minutes=11))
    await bench.flows[1].advance(request_id, 2, Grip("2-0"))
    await slow

    titles = {card.text.partition("\n")[0] for card in bench.world.cards(maya)}
    assert titles == {"This offer has expired"}


async def test_a_card_that_slow_slack_has_covered_is_drawn_again(bench: Bench) -> None:
    """Two processes change the card, and Slack does the earlier change last."""
    maya = bench.world.person("UMAYA")
    card = await bench.asked(maya)
    await maya.press(card, "confirm")
    bench.world.twin.org.faults.order("GET", READ, Fault.UNAVAILABLE_503)
    updates = bench.stall_next_update()
    slow = asyncio.create_task(bench.flows[0].advance(await bench.only(), 2, Grip()))
    await bench.world.until(updates, "the card that asks for patience to be on its way")
    await maya.press(card, "cancel")
    await bench.flows[1].advance(await bench.only(), 3, Grip("2-0"))
    assert bench.title(maya) == "Cancelled"

    await bench.world.later(timedelta(hours=1))
    await slow

    assert bench.title(maya) == "Cancelled"


async def test_a_press_on_the_card_draws_nothing_and_one_on_a_copy_draws_that(bench: Bench) -> None:
    """The card is true already; a copy that was left behind tells the truth as soon as it is touched."""
    maya = bench.world.person("UMAYA")
    await bench.asked(maya)
    workspace = bench.world.twin.workspace
    offer = bench.world.cards(maya)[-1]
    channel = workspace.open_im(maya.member)
    copy = workspace.writer.write(channel, workspace.bot, Draft(text=offer.text, blocks=list(offer.blocks)))
    await maya.press(offer.ts, "cancel")
    await bench.advance()
    changes = bench.changes()

    await bench.world.forge_press("UMAYA", offer, "confirm")
    await bench.advance()
    assert bench.changes() == changes
    await maya.press(copy.ts, "confirm")
    await bench.advance()

    assert [card.text.partition("\n")[0] for card in bench.world.cards(maya)] == ["Cancelled", "Cancelled"]
    assert len(bench.world.whispers(maya)) == 2
    assert bench.world.writes == []


async def test_a_request_given_up_before_anything_was_done_says_so(bench: Bench) -> None:
    """With the reference, and that nothing was changed."""
    maya = bench.world.person("UMAYA")
    await bench.asked(maya)
    await bench.flows[0].bury(await bench.only())

    assert bench.title(maya) == "I couldn't finish this"
    assert "before anything was changed" in bench.world.cards(maya)[-1].text
    assert bench.world.cards(maya)[-1].action_ids == []


async def test_a_request_given_up_in_the_middle_claims_nothing(bench: Bench) -> None:
    """It may or may not have happened, and the card says exactly that."""
    maya = bench.world.person("UMAYA")
    await maya.press(await bench.asked(maya), "confirm")
    bench.world.twin.org.faults.order("POST", UNLOCK, Fault.STALL, seconds=3600)
    request_id = await bench.only()
    gone = asyncio.create_task(bench.flows[0].advance(request_id, 2, Grip("7-0")))
    await bench.world.until(lambda: bench.world.writes, "the write")
    gone.cancel()
    await asyncio.wait({gone})

    await bench.flows[1].bury(request_id)

    assert bench.title(maya) == "I couldn't find out what happened"


async def reset(bench: Bench, person: Person) -> str:
    """Let somebody reset their password, so that it is followed; the request's id."""
    await person.press(await bench.asked(person, "I forgot my password"), "confirm")
    await bench.advance()
    assert bench.title(person) == "Your password is reset"
    return await bench.only()


@ACTING
async def test_a_request_given_up_while_it_is_followed_promises_nothing_more(bench: Bench) -> None:
    """What was done is done; the card had said that somebody would look."""
    jonas = bench.world.person("UJONAS")
    request_id = await reset(bench, jonas)

    await bench.flows[0].bury(request_id)

    assert bench.title(jonas) == "I can't see how it went on"
    assert bench.world.effects == ["reset_password"]


@ACTING
async def test_a_request_given_up_between_two_steps_is_told_as_half_done(bench: Bench) -> None:
    """The first is surely done, and the second surely not."""
    jonas = bench.world.person("UJONAS")
    ids = {one.type: one.id for one in bench.world.twin.org.user("jonas.lindqvist@northwind.example").factors}
    ts = await bench.asked(jonas, "reset my Okta Verify")
    await jonas.select(ts, "tick:0", [ids["push"], ids["webauthn"]])
    await jonas.press(ts, "choose")
    await bench.advance()
    bench.world.twin.org.faults.order("DELETE", f"/api/v1/users/*/factors/{ids['webauthn']}", Fault.READ_ONLY_503)
    await jonas.press(ts, "confirm")
    await bench.advance()
    assert bench.title(jonas) == "I have to wait a moment"

    await bench.flows[0].bury(await bench.only())

    assert bench.title(jonas) == "Only a part of it is done"
    assert "Something on my side failed" in bench.world.cards(jonas)[-1].text


@ACTING
async def test_a_request_given_up_in_the_middle_of_a_later_step_tells_what_is_sure(bench: Bench) -> None:
    """The first is done; of the second nobody knows."""
    jonas = bench.world.person("UJONAS")
    ids = {one.type: one.id for one in bench.world.twin.org.user("jonas.lindqvist@northwind.example").factors}
    ts = await bench.asked(jonas, "reset my Okta Verify")
    await jonas.select(ts, "tick:0", [ids["push"], ids["webauthn"]])
    await jonas.press(ts, "choose")
    await bench.advance()
    await jonas.press(ts, "confirm")
    path = f"/api/v1/users/*/factors/{ids['webauthn']}"
    bench.world.twin.org.faults.order("DELETE", path, Fault.STALL, seconds=3600)
    gone = asyncio.create_task(bench.advance())
    await bench.world.until(lambda: len(bench.world.writes) == 2, "the second write")
    gone.cancel()
    await asyncio.wait({gone})

    await bench.flows[1].bury(await bench.only())

    text = bench.world.cards(jonas)[-1].text
    assert text.startswith("I couldn't find out whether all of it worked")
    assert "Okta Verify on" in text.partition("Of this I don't know")[0]
    assert "Security key" in text.partition("Of this I don't know")[2]


@ACTING
async def test_a_follow_up_that_okta_does_not_answer_is_made_up_for(bench: Bench) -> None:
    """A little later; and whoever is gone from Okta is let go in the end, with words that promise no more looks."""
    jonas = bench.world.person("UJONAS")
    await reset(bench, jonas)
    faults = bench.world.twin.org.faults

    faults.order("GET", READ, Fault.UNAVAILABLE_503)
    await bench.world.later(timedelta(minutes=2))
    await bench.advance()
    assert bench.title(jonas) == "Your password is reset"
    await bench.world.later(timedelta(minutes=5))
    await bench.advance()
    assert bench.title(jonas) == "Has the mail come?"
    faults.order("GET", READ, Fault.UNAVAILABLE_503, times=100)
    for _ in range(3):
        await bench.world.later(timedelta(days=4))
        await bench.advance()

    assert bench.title(jonas) == "I can't see how it went on"
    record = await bench.flows[0]._store.load(await bench.only())
    assert record
    assert record.request.state is State.DONE


@ACTING
async def test_somebody_who_is_gone_from_okta_in_the_middle_is_told(bench: Bench) -> None:
    """The write finds nobody, and so does the look after it: it is not the factor that is gone."""
    jonas = bench.world.person("UJONAS")
    ids = {one.type: one.id for one in bench.world.twin.org.user("jonas.lindqvist@northwind.example").factors}
    ts = await bench.asked(jonas, "reset my Okta Verify")
    await jonas.select(ts, "tick:0", [ids["webauthn"]])
    await jonas.press(ts, "choose")
    await bench.advance()
    await jonas.press(ts, "confirm")
    bench.world.twin.org.faults.order("DELETE", "/api/v1/users/*/factors/*", Fault.STALL, seconds=1)
    work = asyncio.create_task(bench.advance())
    await bench.world.until(lambda: bench.world.writes, "the write")
    bench.world.twin.org.add_token(API_TOKEN, roles={"HELP_DESK_ADMIN"}, groups={"Finance"})
    await bench.world.later(timedelta(seconds=2))
    await work

    assert bench.title(jonas) == "I can't see your account any more"


@pytest.mark.parametrize(
    "settings", [{"capabilities": {"reset_password": "act"}, "reset_password": {"delivery": "link"}}]
)
async def test_a_window_whose_press_changes_nothing_says_so(bench: Bench) -> None:
    """It must not wait for a link for ever, as the second window of a double click would."""
    jonas = bench.world.person("UJONAS")
    ts = await bench.asked(jonas, "I forgot my password")
    card = bench.world.cards(jonas)[-1]
    await jonas.press(ts, "confirm:window")
    await bench.world.until(lambda: jonas.modal, "the window")
    await bench.advance()
    await bench.world.forge_press("UJONAS", card, "confirm:window")
    await bench.world.until(lambda: "keep this window open" in str(jonas.modal), "the second window")
    await bench.advance()

    await bench.world.until(lambda: "No link here" in str(jonas.modal), "the words in it")
    assert bench.world.effects == ["reset_password"]


async def test_a_settled_request_whose_card_cannot_be_drawn_is_let_go(bench: Bench) -> None:
    """It would be tried for ever otherwise; the words that the person saw last stay."""
    maya = bench.world.person("UMAYA")
    await maya.press(await bench.asked(maya), "cancel")
    bench.world.twin.workspace.faults.order("chat.update", SlackFault.error("internal_error"))
    await bench.advance()
    request_id = await bench.only()

    await bench.flows[0].bury(request_id)
    await bench.world.later(timedelta(minutes=1))
    calls = len(bench.world.twin.workspace.calls)
    await bench.advance()

    assert len(bench.world.twin.workspace.calls) == calls
