"""Okta, Slack and the store fail in every way; nothing is lost, nothing is done twice, and the card is true."""

from datetime import timedelta

import pytest

from sandbox.okta import Fault
from sandbox.slack import Fault as SlackFault
from tests.world import World

UNLOCK = "/api/v1/users/*/lifecycle/unlock"
READ = "/api/v1/users/*"
SEARCH = "/api/v1/users"

PASSING = [
    Fault.RATE_LIMIT,
    Fault.CONCURRENCY,
    Fault.ERROR_500,
    Fault.UNAVAILABLE_503,
    Fault.GATEWAY_502,
    Fault.CUT_BEFORE,
]


@pytest.mark.parametrize("fault", PASSING)
async def test_a_read_that_fails_is_tried_again(bot: World, fault: Fault) -> None:
    """The person hears that Okta is not answering, and then gets their card without doing anything."""
    maya = bot.person("UMAYA")
    bot.twin.org.faults.order("GET", SEARCH, fault, times=3)

    await maya.dm("I'm locked out")
    waiting = await bot.card(maya, "I have to wait a moment")
    card = await bot.card_in_time(maya, "Unlock your account?")

    assert card.ts == waiting.ts


@pytest.mark.parametrize("path", [READ, "/api/v1/users/*/blocks"])
async def test_every_read_is_tried_again(bot: World, path: str) -> None:
    """Whichever it is that fails, before the offer and after the press."""
    maya = bot.person("UMAYA")
    bot.twin.org.faults.order("GET", path, Fault.UNAVAILABLE_503)
    await maya.dm("I'm locked out")
    card = await bot.card_in_time(maya, "Unlock your account?")
    bot.twin.org.faults.order("GET", path, Fault.UNAVAILABLE_503)

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "I have to wait a moment")
    await bot.card_in_time(maya, "Your account is unlocked")

    assert bot.effects == ["unlock"]


async def test_giving_up_is_said(bot: World) -> None:
    """After minutes of silence the card says so, with whom to turn to."""
    maya = bot.person("UMAYA")
    bot.twin.org.faults.order("GET", SEARCH, Fault.UNAVAILABLE_503, times=100)

    await maya.dm("I'm locked out")
    await bot.card(maya, "I have to wait a moment")
    gave_up = await bot.card_in_time(maya, "Okta did not answer")

    assert "Nothing was changed" in gave_up.text


@pytest.mark.parametrize("fault", [*PASSING, Fault.READ_ONLY_503])
async def test_a_write_that_fails_before_its_effect_is_done_once(bot: World, fault: Fault) -> None:
    """The consent stands for a while; the unlock happens when Okta lets it, exactly once."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.faults.order("POST", UNLOCK, fault, times=1)

    await maya.press(card.ts, "confirm")
    await bot.card_in_time(maya, "Your account is unlocked")

    assert bot.effects == ["unlock"]


async def test_a_write_that_may_still_land_is_not_sent_again(bot: World) -> None:
    """Okta takes longer than the bot can wait, and a phone locks the account right after: nobody unlocks it twice."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.lock_again_after_unlock("maya.okafor@northwind.example")
    bot.twin.org.faults.order("POST", UNLOCK, Fault.STALL, seconds=20)

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Working on it")
    await bot.card_in_time(maya, "Unlocked, and locked again")

    assert bot.effects == ["unlock"]
    assert len(bot.writes) == 1


async def test_an_answer_lost_after_the_effect_is_found_out(bot: World) -> None:
    """The connection breaks after Okta did it: the bot looks, sees, and does not do it again."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.faults.order("POST", UNLOCK, Fault.CUT_AFTER, times=1)

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Your account is unlocked")

    assert bot.effects == ["unlock"]
    assert len(bot.writes) == 1


async def test_an_outcome_that_cannot_be_known_is_said_to_be_unknown(bot: World) -> None:
    """Okta goes silent in the middle of the write and stays so: no guess, and who can help."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    faults = bot.twin.org.faults
    faults.order("POST", UNLOCK, Fault.CUT_AFTER, times=1)
    bot.twin.org.after_effect(lambda: faults.order("GET", READ, Fault.UNAVAILABLE_503, times=1000))
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Checking what happened")
    told = await bot.card_in_time(maya, "I couldn't find out whether it worked")

    assert "contact IT" in told.text
    assert bot.effects == ["unlock"]


@pytest.mark.parametrize(
    ("roles", "title"),
    [(set(), "I'm not allowed to do that"), ({"READ_ONLY_ADMIN"}, "I'm not allowed to do that")],
)
async def test_a_missing_right_is_said(bot: World, roles: set[str], title: str) -> None:
    """A service account without the role can do nothing, and does not pretend."""
    bot.twin.set_roles(roles)
    maya = bot.person("UMAYA")

    await maya.dm("I'm locked out")
    if roles:
        card = await bot.card(maya, "Unlock your account?")
        await maya.press(card.ts, "confirm")
    await bot.card(maya, title)

    assert bot.effects == []


async def test_a_revoked_token_is_said(bot: World) -> None:
    """401 is the operator's to mend; the person hears whom to ask."""
    bot.twin.revoke_token()
    maya = bot.person("UMAYA")

    await maya.dm("I'm locked out")

    await bot.card(maya, "I can't get into Okta")


@pytest.mark.parametrize(
    "fault",
    [SlackFault.rate_limited(), SlackFault.error("internal_error"), SlackFault.server_error(), SlackFault.cut_before()],
    ids=lambda fault: str(fault.kind),
)
async def test_a_card_that_slack_refuses_for_now_comes_later(bot: World, fault: SlackFault) -> None:
    """Posting is tried again; there is one card in the end."""
    maya = bot.person("UMAYA")
    bot.twin.workspace.faults.order("chat.postMessage", fault)

    await maya.dm("I'm locked out")
    await bot.card_in_time(maya, "Unlock your account?")

    assert len(bot.cards(maya)) == 1


async def test_a_card_whose_posting_was_not_answered_is_found_again(bot: World) -> None:
    """Slack posted it and the answer was lost: it is searched by its metadata, and not posted twice."""
    maya = bot.person("UMAYA")
    bot.twin.workspace.faults.order("chat.postMessage", SlackFault.cut_after())

    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    await bot.later(timedelta(minutes=1))  # it is looked for and found
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Your account is unlocked")

    assert len(bot.cards(maya)) == 1


async def test_an_event_that_slack_delivers_twice_is_one_request(either: World) -> None:
    """Slack's retries and Socket Mode's redeliveries are the same message."""
    maya = either.person("UMAYA")
    await maya.dm("I'm locked out")
    await either.card(maya, "Unlock your account?")

    await either.twin.workspace.redeliver()
    await maya.dm("hello")
    await either.card(maya, "How can I help?")

    assert len(either.cards(maya)) == 2


async def test_slack_that_does_not_say_who_asks_stops_everything(bot: World) -> None:
    """Without users.info nobody is anybody."""
    maya = bot.person("UMAYA")
    bot.twin.workspace.faults.order("users.info", SlackFault.error("internal_error"), times=20)

    await maya.dm("I'm locked out")
    await bot.card(maya, "I have to wait a moment")

    assert bot.twin.org.calls == []


async def test_somebody_who_has_to_wait_sees_that_something_goes_on(bot: World) -> None:
    """Okta takes its time: one card says so, goes on to the offer, says so again, and ends on the truth."""
    maya = bot.person("UMAYA")
    faults = bot.twin.org.faults
    faults.order("GET", SEARCH, Fault.STALL, seconds=5)
    faults.order("POST", UNLOCK, Fault.STALL, seconds=5)

    await maya.dm("I'm locked out")
    first = await bot.card(maya, "One moment")
    await bot.later(timedelta(seconds=5))
    offer = await bot.card(maya, "Unlock your account?")
    await maya.press(offer.ts, "confirm")
    working = await bot.card(maya, "Working on it")
    assert working.action_ids == []
    await bot.later(timedelta(seconds=5))
    done = await bot.card(maya, "Your account is unlocked")

    assert first.ts == offer.ts == done.ts
    assert len(bot.cards(maya)) == 1


async def test_a_confirm_that_has_to_wait_has_nothing_more_to_press(bot: World) -> None:
    """Between the press and the act everything is read anew; the buttons are gone meanwhile."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.org.faults.order("GET", READ, Fault.STALL, seconds=5)

    await maya.press(card.ts, "confirm")
    waiting = await bot.card(maya, "One moment")
    assert waiting.action_ids == []
    await bot.later(timedelta(seconds=5))
    await bot.card(maya, "Your account is unlocked")

    assert bot.effects == ["unlock"]


async def test_a_card_that_was_deleted_is_posted_anew(bot: World) -> None:
    """At least one true message reaches the person."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.workspace.faults.order("chat.update", SlackFault.error("message_not_found"))

    await maya.press(card.ts, "confirm")
    done = await bot.card(maya, "Your account is unlocked")

    assert done.ts != card.ts


async def test_somebody_without_a_direct_message_is_told_where_to_ask(bot: World) -> None:
    """Slack refuses the direct message: they hear it where they asked, and nothing about their account."""
    maya = bot.person("UMAYA")
    general = bot.channel("general")
    bot.twin.workspace.faults.order("conversations.open", SlackFault.error("restricted_action"), times=5)

    await maya.mention(general, "I'm locked out")
    await bot.until(lambda: bot.whispers(maya, general), "a word about it")

    assert "Messages tab" in bot.whispers(maya, general)[0]
    assert "maya" not in bot.whispers(maya, general)[0].lower()
