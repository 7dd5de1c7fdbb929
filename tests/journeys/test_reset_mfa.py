"""Somebody cannot use a sign-in method any more: they choose it, it is removed, and they hear what went with it."""

import asyncio
from typing import Any

import pytest

from sandbox.okta import Fault
from sandbox.people import Status
from sandbox.slack import Message, Person
from tests.world import World

ACTS: dict[str, Any] = {"capabilities": {"reset_mfa": "act"}}
SEVERAL: dict[str, Any] = {**ACTS, "reset_mfa": {"several": True}}
SESSIONS: dict[str, Any] = {**ACTS, "reset_mfa": {"several": True, "end_sessions": True}}
FACTOR = "/api/v1/users/*/factors/*"
FACTORS = "/api/v1/users/*/factors"
LIST = "Which sign-in method can't you use any more?"
ASKED = "reset my Okta Verify"


def factors(world: World, handle: str = "jonas.lindqvist") -> list[str]:
    """What somebody has enrolled, by `factorType`."""
    return [factor.type for factor in world.twin.org.user(f"{handle}@northwind.example").factors]


def factor_id(world: World, kind: str, handle: str = "jonas.lindqvist") -> str:
    """The id of somebody's factor of a kind."""
    user = world.twin.org.user(f"{handle}@northwind.example")
    return next(factor.id for factor in user.factors if factor.type == kind)


async def asked(world: World, person: Person, text: str = ASKED, title: str = LIST) -> Message:
    """Ask, and see the choice."""
    await person.dm(text)
    return await world.card(person, title)


async def chosen(world: World, person: Person, kind: str, handle: str = "jonas.lindqvist") -> Message:
    """Ask, and choose one by its button."""
    card = await asked(world, person)
    await person.press(card.ts, f"choose:{factor_id(world, kind, handle)}")
    return await world.card(person, "Remove this from your account?")


async def ticked(world: World, person: Person, *kinds: str, handle: str = "jonas.lindqvist") -> Message:
    """Ask, tick some, and go on."""
    card = await asked(world, person)
    await person.select(card.ts, "tick:0", [factor_id(world, kind, handle) for kind in kinds])
    await person.press(card.ts, "choose")
    return await world.card(person, "Remove this from your account?")


def labels(card: Message) -> list[str]:
    """What stands on the buttons."""
    return [str(element["text"]["text"]) for _, element in card.elements if element["type"] == "button"]


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_lost_key_is_removed(either: World) -> None:
    """The main job: the person's own factors by name and device, one press, one consent, one removal."""
    jonas = either.person("UJONAS")
    card = await asked(either, jonas)
    assert "the ones I can see" in card.text
    assert labels(card) == [
        "Okta Verify on Jonas's iPhone 8",
        "Okta Verify code",
        "Security key or passkey: MacBook Touch ID",
        "Cancel",
    ]

    await jonas.press(card.ts, f"choose:{factor_id(either, 'webauthn')}")
    asking = await either.card(jonas, "Remove this from your account?")
    assert "• Security key or passkey: MacBook Touch ID" in asking.text
    assert "the last one" not in asking.text
    assert either.writes == []
    await jonas.press(asking.ts, "confirm")
    done = await either.card(jonas, "Removed")

    assert done.ts == card.ts
    assert factors(either) == ["push", "token:software:totp"]
    assert len(either.effects) == 1


@pytest.mark.parametrize("settings", [ACTS])
async def test_what_goes_with_it_is_said_before_and_after(bot: World) -> None:
    """Okta Verify is one app: removing its push removes its code."""
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "push")
    assert "With it goes, since it is all one app:\n• Okta Verify code" in card.text

    await jonas.press(card.ts, "confirm")
    done = await bot.card(jonas, "Removed")

    assert "With it went, since it is all one app:\n• Okta Verify code" in done.text
    assert factors(bot) == ["webauthn"]


@pytest.mark.parametrize("settings", [ACTS])
async def test_the_last_one_comes_with_a_warning(bot: World) -> None:
    """Clara has text messages and nothing else."""
    clara = bot.person("UCLARA")
    card = await chosen(bot, clara, "sms", "clara.novak")
    assert "the last one I can see" in card.text

    await clara.press(card.ts, "confirm")
    done = await bot.card(clara, "Removed")

    assert "I see no other sign-in method" in done.text


@pytest.mark.parametrize("settings", [{**ACTS, "reset_mfa": {"last_factor": "refuse"}}])
async def test_the_last_one_is_refused_where_the_rule_says_so(bot: World) -> None:
    """With what to do instead."""
    clara = bot.person("UCLARA")
    card = await asked(bot, clara)

    await clara.press(card.ts, f"choose:{factor_id(bot, 'sms', 'clara.novak')}")
    refused = await bot.card(clara, "That would leave you without any")

    assert "Text message to •••" in refused.text
    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_it_became_the_last_one_between_card_and_press(bot: World) -> None:
    """A consent that knew nothing of it does not count."""
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "webauthn")
    login = "jonas.lindqvist@northwind.example"
    key = tuple(one for one in bot.twin.org.user(login).factors if one.type == "webauthn")
    bot.twin.org.change(login, factors=key)

    await jonas.press(card.ts, "confirm")
    await bot.until(lambda: "the last one" in bot.cards(jonas)[-1].text, "the card asking anew")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [SESSIONS])
async def test_several_are_steps_of_one_plan(either: World) -> None:
    """Ticked, confirmed once, removed one by one; then the sessions are ended."""
    jonas = either.person("UJONAS")
    card = await ticked(either, jonas, "push", "token:software:totp", "webauthn")
    assert "signed out of Okta on all your devices" in card.text
    assert "the last one" in card.text

    await jonas.press(card.ts, "confirm")
    done = await either.card(jonas, "Removed")

    assert factors(either) == []
    assert [path.rsplit("/", 1)[-1] for path in either.writes][-1] == "sessions"
    assert len(either.writes) == 3  # push takes the code with it
    assert "You were signed out of Okta" in done.text


@pytest.mark.parametrize("settings", [SEVERAL])
async def test_nothing_ticked_is_no_choice(bot: World) -> None:
    """The card says so and waits."""
    jonas = bot.person("UJONAS")
    card = await asked(bot, jonas)

    await jonas.press(card.ts, "choose")
    await bot.until(lambda: "You have not ticked any" in bot.cards(jonas)[-1].text, "the card saying so")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [SESSIONS])
@pytest.mark.parametrize(
    ("path", "method", "done", "left"),
    [
        (FACTOR, "DELETE", [], []),
        ("/api/v1/users/*/sessions", "DELETE", ["Security key"], ["Sign you out of Okta everywhere"]),
    ],
    ids=["first", "sessions"],
)
async def test_a_plan_that_stops_half_way_is_told_as_such(
    bot: World, path: str, method: str, done: list[str], left: list[str]
) -> None:
    """What is done, what is not, and why."""
    jonas = bot.person("UJONAS")
    card = await ticked(bot, jonas, "push", "webauthn")
    bot.twin.org.faults.order(method, path, Fault.READ_ONLY_503, times=100)

    await jonas.press(card.ts, "confirm")
    stopped = await bot.card_in_time(jonas, "Only a part of it is done" if done else "Okta did not answer")

    assert all(word in stopped.text.partition("not* done")[0] for word in done)
    assert all(word in stopped.text.partition("not* done")[2] for word in left)
    assert ("Nothing was changed" in stopped.text) == (not done)
    assert not done or "Okta did not answer for several minutes." in stopped.text


@pytest.mark.parametrize("settings", [SEVERAL])
async def test_a_cancel_between_two_steps_is_told_as_half_done(bot: World) -> None:
    """The second waits for Okta; whoever cancels then hears that the first is done."""
    jonas = bot.person("UJONAS")
    card = await ticked(bot, jonas, "push", "webauthn")
    second = factor_id(bot, "webauthn")
    bot.twin.org.faults.order("DELETE", f"/api/v1/users/*/factors/{second}", Fault.READ_ONLY_503, times=100)

    await jonas.press(card.ts, "confirm")
    waiting = await bot.card(jonas, "I have to wait a moment")
    assert "Part of it is done" in waiting.text
    await bot.forge_press("UJONAS", card, "cancel")  # a copy that still shows it
    stopped = await bot.card_in_time(jonas, "Only a part of it is done")

    assert "You pressed Cancel." in stopped.text
    assert factors(bot) == ["webauthn"]


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_factor_that_is_gone_meanwhile_is_told(bot: World) -> None:
    """Chosen, and removed by IT before the press."""
    jonas = bot.person("UJONAS")
    card = await asked(bot, jonas)
    gone = factor_id(bot, "webauthn")
    login = "jonas.lindqvist@northwind.example"
    bot.twin.org.change(login, factors=tuple(one for one in bot.twin.org.user(login).factors if one.id != gone))

    await jonas.press(card.ts, f"choose:{gone}")
    again = await bot.card(jonas, "That one is no longer there")

    assert f"choose:{gone}" not in again.action_ids
    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_factor_that_goes_between_look_and_write_is_told_truthfully(bot: World) -> None:
    """Okta answers 404; the factor is gone, and that is what the card says."""
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "webauthn")
    bot.twin.org.faults.order("DELETE", FACTOR, Fault.STALL, seconds=1)

    await jonas.press(card.ts, "confirm")
    await bot.until(lambda: bot.writes, "the write")
    login = "jonas.lindqvist@northwind.example"
    bot.twin.org.change(login, factors=tuple(one for one in bot.twin.org.user(login).factors if one.type != "webauthn"))
    await bot.card_in_time(jonas, "Removed")

    assert bot.effects == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_the_factor_of_another_person_is_out_of_reach(bot: World) -> None:
    """Whatever a press carries, it is looked for among one's own."""
    jonas = bot.person("UJONAS")
    card = await asked(bot, jonas)
    theirs = factor_id(bot, "sms", "clara.novak")

    await bot.forge_choice("UJONAS", card, theirs)
    await bot.card(jonas, "That one is no longer there")

    assert bot.writes == []
    assert factors(bot, "clara.novak") == ["sms"]


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_confirm_counts_for_the_card_it_was_pressed_on(bot: World) -> None:
    """Two devices show the choice; the consent to the one is none to the other."""
    jonas = bot.person("UJONAS")
    card = await asked(bot, jonas)
    await jonas.press(card.ts, f"choose:{factor_id(bot, 'webauthn')}")
    first = await bot.card(jonas, "Remove this from your account?")
    await bot.forge_choice("UJONAS", card, factor_id(bot, "push"))
    await bot.until(lambda: "Okta Verify on" in bot.cards(jonas)[-1].text, "the other choice")

    await bot.forge_press("UJONAS", first, "confirm")
    await bot.until(lambda: bot.whispers(jonas), "an answer to the press")

    assert "has changed since" in bot.whispers(jonas)[-1]
    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_double_click_removes_once(bot: World) -> None:
    """And the further presses are answered."""
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "webauthn")

    await asyncio.gather(*(jonas.press(card.ts, "confirm") for _ in range(3)))
    await bot.card(jonas, "Removed")

    assert len(bot.effects) == 1


@pytest.mark.parametrize("settings", [ACTS])
@pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.GATEWAY_504, Fault.CUT_BEFORE, Fault.RATE_LIMIT])
async def test_a_removal_whose_answer_is_lost_is_found_out(bot: World, fault: Fault) -> None:
    """Done once, whenever it was that the answer was lost."""
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "webauthn")
    bot.twin.org.faults.order("DELETE", FACTOR, fault)

    await jonas.press(card.ts, "confirm")
    await bot.card_in_time(jonas, "Removed")

    assert len(bot.effects) == 1
    assert factors(bot) == ["push", "token:software:totp"]


@pytest.mark.parametrize("settings", [SESSIONS])
async def test_ended_sessions_whose_answer_is_lost_are_ended_again(bot: World) -> None:
    """Nothing shows whether they are; to end what is ended does no harm."""
    jonas = bot.person("UJONAS")
    card = await ticked(bot, jonas, "webauthn")
    bot.twin.org.faults.order("DELETE", "/api/v1/users/*/sessions", Fault.CUT_AFTER)

    await jonas.press(card.ts, "confirm")
    await bot.card_in_time(jonas, "Removed")

    assert [path.rsplit("/", 1)[-1] for path in bot.writes][1:] == ["sessions", "sessions"]


@pytest.mark.parametrize("settings", [{**ACTS, "reset_mfa": {"types": ["webauthn"]}}])
async def test_only_kinds_that_are_allowed_are_offered(bot: World) -> None:
    """And whoever has none of them is told which they have."""
    jonas, clara = bot.person("UJONAS"), bot.person("UCLARA")

    card = await asked(bot, jonas)
    none = await asked(bot, clara, title="I may not remove these")

    assert [action for action in card.action_ids if action.startswith("choose")] == [
        f"choose:{factor_id(bot, 'webauthn')}"
    ]
    assert "Text message to" in none.text


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_new_phone_is_another_door(either: World) -> None:
    """The old one first, while it works; the choice for when it is gone."""
    jonas = either.person("UJONAS")

    card = await asked(either, jonas, "I have a new phone", "A new phone")

    assert "If the old phone still works" in card.text
    assert f"choose:{factor_id(either, 'push')}" in card.action_ids
    await jonas.command("new-phone")
    await either.until(lambda: len(either.cards(jonas)) == 2, "the same by command")


@pytest.mark.parametrize("settings", [ACTS])
@pytest.mark.parametrize(
    ("who", "title"),
    [
        ("UAIKO", "Your sign-in methods may not be kept in Okta"),
        ("UBEN", "I see no sign-in method to remove"),
        ("UOMAR", "Your account is suspended"),
        ("UTOM", "Your account is waiting for you"),
    ],
)
async def test_whoever_has_none_is_told(bot: World, who: str, title: str) -> None:
    """An empty choice is no choice."""
    await bot.person(who).dm(ASKED)

    await bot.card(bot.person(who), title)

    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_factors_that_the_policy_hides_are_not_spoken_of(bot: World) -> None:
    """It claims to know no more than it can see."""
    bot.twin.org.settings.hidden_factors = frozenset({"push", "token:software:totp"})
    jonas = bot.person("UJONAS")

    card = await asked(bot, jonas)

    assert labels(card) == ["Security key or passkey: MacBook Touch ID", "Cancel"]


@pytest.mark.parametrize(
    "settings", [{**ACTS, "read_only": True}, {"capabilities": {"reset_mfa": "guide"}}], ids=["read-only", "guide"]
)
@pytest.mark.parametrize(
    ("text", "title"),
    [(ASKED, "How to reset a sign-in method"), ("I got a new phone", "How to move to a new phone")],
)
async def test_where_it_may_not_act_it_gives_directions(bot: World, text: str, title: str) -> None:
    """Exact ones, and nothing to press that would not do anything."""
    jonas = bot.person("UJONAS")

    await jonas.dm(text)
    card = await bot.card(jonas, title)

    assert card.action_ids == []
    assert bot.writes == []


@pytest.mark.parametrize("settings", [{"capabilities": {"reset_mfa": "guide"}}])
async def test_directions_need_no_right_to_see_factors(bot: World) -> None:
    """A token that may only see profiles is enough to guide."""
    bot.twin.set_roles({"GROUP_MEMBERSHIP_ADMIN"})
    jonas = bot.person("UJONAS")

    await jonas.dm(ASKED)

    await bot.card(jonas, "How to reset a sign-in method")


@pytest.mark.parametrize("settings", [ACTS])
async def test_the_password_and_the_status_stay(bot: World) -> None:
    """Nothing but the factor is touched."""
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "webauthn")
    await jonas.press(card.ts, "confirm")
    await bot.card(jonas, "Removed")

    assert bot.status("jonas.lindqvist") == Status.ACTIVE
    assert [call.path for call in bot.twin.org.calls if call.path.endswith("reset_factors")] == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_what_is_on_no_phone_is_not_offered_for_an_old_one(bot: World) -> None:
    """A security key is not what a new phone is about."""
    jonas = bot.person("UJONAS")
    card = await asked(bot, jonas, "I have a new phone", "A new phone")
    assert [label for label in labels(card) if "key" in label] == []

    key = tuple(one for one in bot.twin.org.user("jonas.lindqvist@northwind.example").factors if one.type == "webauthn")
    bot.twin.org.change("jonas.lindqvist@northwind.example", factors=key)
    await jonas.press(card.ts, "cancel")
    await asked(bot, jonas, "I have a new phone", "I see no phone on your account")

    assert bot.effects == []


@pytest.mark.parametrize("settings", [ACTS])
@pytest.mark.parametrize(
    ("status", "note"),
    [
        (Status.LOCKED_OUT, "Your account is locked as well"),
        (Status.RECOVERY, "A reset of your password was started and not finished"),
    ],
)
async def test_what_else_keeps_somebody_out_is_said(bot: World, status: Status, note: str) -> None:
    """Before and after, since a removal does not change it."""
    bot.twin.org.change("jonas.lindqvist@northwind.example", status=status)
    jonas = bot.person("UJONAS")
    card = await chosen(bot, jonas, "webauthn")
    assert note in card.text

    await jonas.press(card.ts, "confirm")
    assert note in (await bot.card(jonas, "Removed")).text
