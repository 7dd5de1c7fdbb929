"""What could give an account away takes a factor of it: on the phone, or typed; and nothing else will do."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from sandbox.okta import Fault
from sandbox.okta.factors import enrolled
from sandbox.okta.verification import Push
from sandbox.people import Status
from sandbox.slack import Message, Person
from tests.scribe import SCRIBE
from tests.world import World

PROOF: dict[str, Any] = {"reset_password": "factor", "reset_mfa": "factor"}
ACTS: dict[str, Any] = {"capabilities": {"reset_password": "act", "reset_mfa": "act"}, "proof": PROOF}
EVERY_WAY: dict[str, Any] = {**ACTS, "proof": {**PROOF, "methods": ["push", "code", "sms", "email"]}}
LINK: dict[str, Any] = {**ACTS, "reset_password": {"delivery": "link"}}
JONAS = "jonas.lindqvist@northwind.example"
CLARA = "clara.novak@northwind.example"
VERIFY = "/api/v1/users/*/factors/*/verify"
POLL = "/api/v1/users/*/factors/*/transactions/*"
OFFER = "Reset your password?"
DONE = "Your password is reset"
ASKED = "Is it really you?"


def factor_id(world: World, kind: str, login: str = JONAS) -> str:
    """The id of somebody's factor of a kind."""
    return next(factor.id for factor in world.twin.org.user(login).factors if factor.type == kind)


async def confirmed(world: World, person: Person, text: str = "I forgot my password") -> Message:
    """Ask, and confirm."""
    await person.dm(text)
    card = await world.card(person, OFFER)
    await person.press(card.ts, "confirm")
    return await world.card(person, ASKED)


async def prompted(world: World, person: Person) -> tuple[Message, Push]:
    """Ask, confirm, and have a prompt sent."""
    card = await confirmed(world, person)
    await person.press(card.ts, f"prove:push:{factor_id(world, 'push')}")
    card = await world.card(person, "Choose ")
    (push,) = world.twin.org.phones.pushes(JONAS)
    return card, push


async def window(world: World, person: Person, card: Message, kind: str = "token:software:totp") -> str:
    """Open the window for a code; its id."""
    await person.press(card.ts, f"type:{factor_id(world, kind)}")
    return await opened(world, person)


async def opened(world: World, person: Person) -> str:
    """The id of the window that takes a code."""
    await world.until(lambda: person.modal is not None and person.modal.spec.get("submit"), "the window for a code")
    assert person.modal is not None
    return person.modal.id


def shown(person: Person) -> str:
    """What the open window says."""
    return json.dumps(person.modal.spec["blocks"]) if person.modal else ""


def resets(world: World) -> list[str]:
    """What was changed, besides prompts and codes that were sent."""
    return [effect for effect in world.effects if not effect.startswith("challenge:")]


async def audit(redis: Redis) -> list[dict[str, Any]]:
    """Everything that was noted."""
    entries: Any = await redis.xrange("{unlatch}:audit")
    return [json.loads(fields[b"entry"]) for _, fields in entries]


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_prompt_on_the_phone_with_the_number_from_slack(either: World) -> None:
    """The main job: confirm, choose the number that the card shows, and it is done."""
    jonas = either.person("UJONAS")
    card, push = await prompted(either, jonas)
    assert card.text.startswith(f"Choose {push.answer} on your phone")
    assert "Okta Verify on Jonas's iPhone 8" in card.text
    assert resets(either) == []

    either.twin.org.phones.approve(push.id, push.answer)
    done = await either.card_in_time(jonas, DONE)

    assert done.ts == card.ts
    assert resets(either) == ["reset_password"]


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_code_of_an_app_typed_in_a_window(either: World) -> None:
    """It is checked at once, and the card goes on by itself."""
    jonas = either.person("UJONAS")
    card = await confirmed(either, jonas)
    view = await window(either, jonas, card)
    assert "It is checked at once and kept nowhere" in shown(jonas)

    code = either.twin.org.phones.code(JONAS)
    assert await jonas.submit(view, {"field": f" {code[:3]} {code[3:]} "}) == {}
    await either.card(jonas, DONE)

    assert resets(either) == ["reset_password"]


@pytest.mark.parametrize("settings", [EVERY_WAY])
@pytest.mark.parametrize("kind", ["sms", "email"])
async def test_a_code_that_okta_sends(bot: World, kind: str) -> None:
    """The window is open at once; the card tells where the code went."""
    clara, org = bot.person("UCLARA"), bot.twin.org
    if kind == "email":
        user, then = org.user(CLARA), org.clock.now() - timedelta(days=300)
        org.change(user.id, factors=(*user.factors, enrolled("email", CLARA, then, contact="clara@post.example")))
    card = await confirmed(bot, clara)
    factor = factor_id(bot, kind, CLARA)
    await clara.press(card.ts, f"prove:{kind}:{factor}")
    view = await opened(bot, clara)
    card = await bot.card(clara, "I've sent you a code")
    assert [action.partition(":")[0] for action in card.action_ids if factor in action] == ["type", "prove"]

    code = org.phones.text_message(CLARA) if kind == "sms" else re.findall(r"[0-9]{6}", org.mails[-1].text)[0]
    await clara.submit(view, {"field": code})
    await bot.card(clara, DONE)

    assert resets(bot) == ["reset_password"]


@pytest.mark.parametrize("settings", [LINK])
async def test_the_link_comes_in_the_window_of_the_code(bot: World) -> None:
    """Confirm opens none that would have to wait for a proof."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    assert jonas.modal is None

    view = await window(bot, jonas, card)
    await jonas.submit(view, {"field": bot.twin.org.phones.code(JONAS)})
    await bot.until(lambda: "/reset_password/" in shown(jonas) or "/signin/" in shown(jonas), "the link")
    await bot.card(jonas, DONE)


@pytest.mark.parametrize("settings", [ACTS])
async def test_nothing_that_is_removed_speaks_for_its_owner(bot: World) -> None:
    """Okta Verify's prompt and code are one: with either gone, neither counts, and nothing else is left that does."""
    jonas = bot.person("UJONAS")
    for kind in ("push", "token:software:totp"):
        await jonas.dm("reset my Okta Verify")
        card = await bot.card(jonas, "Which sign-in method")
        await jonas.press(card.ts, f"choose:{factor_id(bot, kind)}")
        await bot.card(jonas, "I can't check that it's you")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_the_key_is_removed_with_a_prompt(bot: World) -> None:
    """What stays speaks for its owner."""
    jonas = bot.person("UJONAS")
    await jonas.dm("reset my Okta Verify")
    card = await bot.card(jonas, "Which sign-in method")
    await jonas.press(card.ts, f"choose:{factor_id(bot, 'webauthn')}")
    card = await bot.card(jonas, "Remove this from your account?")
    await jonas.press(card.ts, "confirm")
    card = await bot.card(jonas, ASKED)
    await jonas.press(card.ts, f"prove:push:{factor_id(bot, 'push')}")
    await bot.card(jonas, "Choose ")
    (push,) = bot.twin.org.phones.pushes(JONAS)
    bot.twin.org.phones.approve(push.id, push.answer)
    await bot.card_in_time(jonas, "Removed")

    assert len(resets(bot)) == 1


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_factor_that_is_set_up_a_moment_ago_proves_nothing(bot: World) -> None:
    """Whoever has stolen a session may have done that; a day later it counts."""
    clara = bot.person("UCLARA")
    bot.twin.org.phones.enrol(CLARA, "Thief's phone")
    await clara.dm("I forgot my password")
    await bot.card(clara, "I can't check that it's you")
    assert bot.writes == []

    await bot.later(timedelta(hours=24))
    await clara.dm("I forgot my password")
    await bot.card(clara, OFFER)


@pytest.mark.parametrize("settings", [ACTS])
async def test_whoever_has_nothing_that_counts_is_told_before_confirming(bot: World) -> None:
    """Clara has text messages only, which are not allowed here; a weaker way is not taken because there is no other."""
    clara = bot.person("UCLARA")
    await clara.dm("I forgot my password")
    card = await bot.card(clara, "I can't check that it's you")

    assert "contact IT" in card.text
    assert "confirm" not in card.action_ids
    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_factors_that_cannot_be_seen_make_nothing_weaker(bot: World) -> None:
    """A credential that may read nobody's factors proves nobody."""
    bot.twin.set_roles({"GROUP_MEMBERSHIP_ADMIN"})
    jonas = bot.person("UJONAS")
    await jonas.dm("I forgot my password")
    await bot.card(jonas, "I can't check that it's you")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_somebody_who_is_locked_unlocks_first(bot: World) -> None:
    """Okta takes no proof of them, and the unlock needs none."""
    maya = bot.person("UMAYA")
    await maya.dm("I forgot my password")
    card = await bot.card(maya, "Unlock your account first")
    await maya.press(card.ts, "ask:unlock_account")
    card = await bot.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await bot.until(lambda: bot.effects == ["unlock"], "the unlock")


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_no_on_the_phone_ends_it_for_a_while(bot: World, redis: Redis) -> None:
    """And says that somebody may be using their Slack."""
    jonas = bot.person("UJONAS")
    card, push = await prompted(bot, jonas)
    bot.twin.org.phones.deny(push.id)
    card = await bot.card_in_time(jonas, "Somebody said No")
    assert "tell IT now" in card.text

    await jonas.dm("I forgot my password")
    card = await bot.card(jonas, "Not for a while")
    assert resets(bot) == []
    assert [entry["miss"] for entry in await audit(redis) if entry["event"] == "signal:missed"] == ["denied"]

    await bot.later(timedelta(minutes=15))
    await jonas.dm("I forgot my password")
    await bot.card(jonas, OFFER)


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_wrong_number_is_a_no(bot: World) -> None:
    """Whoever guesses among three has one try."""
    jonas = bot.person("UJONAS")
    _, push = await prompted(bot, jonas)
    bot.twin.org.phones.approve(push.id, next(one for one in push.choices if one != push.answer))
    await bot.card_in_time(jonas, "Somebody said No")

    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_no_closes_codes_too(bot: World) -> None:
    """On another card that is open still."""
    jonas = bot.person("UJONAS")
    await jonas.dm("reset my Okta Verify")
    card = await bot.card(jonas, "Which sign-in method")
    await jonas.press(card.ts, f"choose:{factor_id(bot, 'webauthn')}")
    card = await bot.card(jonas, "Remove this from your account?")
    await jonas.press(card.ts, "confirm")
    other = await bot.card(jonas, ASKED)
    _, push = await prompted(bot, jonas)
    bot.twin.org.phones.deny(push.id)
    await bot.card_in_time(jonas, "Somebody said No")

    view = await window(bot, jonas, other)
    await jonas.submit(view, {"field": bot.twin.org.phones.code(JONAS)})
    await bot.until(lambda: "can't be used now" in shown(jonas), "the refusal")

    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_prompt_that_nobody_answers(bot: World) -> None:
    """The request ends, and another one may begin."""
    jonas = bot.person("UJONAS")
    await prompted(bot, jonas)
    card = await bot.card_in_time(jonas, "Nobody answered on the phone")
    assert card.action_ids == ["ask:reset_password"]
    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_cancelled_prompt_is_taken_back(bot: World) -> None:
    """Approving it afterwards would do nothing; it is not even there."""
    jonas = bot.person("UJONAS")
    card, _ = await prompted(bot, jonas)
    await jonas.press(card.ts, "cancel")
    await bot.card(jonas, "Cancelled")
    await bot.until(lambda: not bot.twin.org.phones.pushes(JONAS), "the prompt's end")

    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_an_approval_after_the_card_has_expired(bot: World) -> None:
    """The offer's end counts, not the phone's patience."""
    jonas = bot.person("UJONAS")
    await confirmed(bot, jonas)
    card = await bot.card_in_time(jonas, "This offer has expired")

    await jonas.dm("hello")
    await bot.card(jonas, "How can I help?")
    assert card.action_ids == ["ask:reset_password"]
    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_five_prompts_an_hour(bot: World) -> None:
    """After that only a code of the app will do."""
    jonas = bot.person("UJONAS")
    for _ in range(5):
        card, _ = await prompted(bot, jonas)
        await jonas.press(card.ts, "cancel")
        await bot.card(jonas, "Cancelled")
        await bot.until(lambda: not bot.twin.org.phones.pushes(JONAS), "the prompt's end")
    card = await confirmed(bot, jonas)
    await jonas.press(card.ts, f"prove:push:{factor_id(bot, 'push')}")
    await bot.until(lambda: "as many prompts as I may" in bot.cards(jonas)[-1].text, "the limit")

    card = bot.cards(jonas)[-1]
    assert card.action_ids == [f"type:{factor_id(bot, 'token:software:totp')}", "cancel"]
    assert len(bot.twin.org.phones.pushes(JONAS)) == 0


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_wrong_code_is_told_in_the_window(bot: World, redis: Redis) -> None:
    """Another one may be typed there; one that was used before does not count again."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    view = await window(bot, jonas, card)
    right = bot.twin.org.phones.code(JONAS)
    await jonas.submit(view, {"field": f"{(int(right) + 500_000) % 1_000_000:06}"})
    await bot.until(lambda: "That was not the code" in shown(jonas), "the answer")
    assert bot.cards(jonas)[-1].text.startswith(ASKED)

    await jonas.submit(view, {"field": right})
    await bot.card(jonas, DONE)

    missed = [entry for entry in await audit(redis) if entry["event"] == "signal:missed"]
    assert [(entry["method"], entry["miss"]) for entry in missed] == [("code", "wrong")]


@pytest.mark.parametrize("settings", [ACTS])
async def test_five_wrong_codes_end_it(bot: World) -> None:
    """Before Okta locks its own user, and for all requests together."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    view = await window(bot, jonas, card)
    wrong = f"{(int(bot.twin.org.phones.code(JONAS)) + 500_000) % 1_000_000:06}"
    for tried in range(1, 6):
        await jonas.submit(view, {"field": wrong})
        await bot.until(lambda: len(verified(bot)) == tried, "the check")  # noqa: B023 - used up within the turn
        await bot.until(lambda: "That was not the code" in shown(jonas), "the answer")
    await jonas.submit(view, {"field": bot.twin.org.phones.code(JONAS)})
    card = await bot.card(jonas, "Too many wrong codes")

    assert "somebody may be using your Slack" in card.text
    assert len(verified(bot)) == 5
    assert resets(bot) == []


def verified(world: World) -> list[str]:
    """The checks that Okta was asked for."""
    return [path for path in world.writes if path.endswith("/verify")]


@pytest.mark.parametrize("settings", [ACTS])
@pytest.mark.parametrize("typed", ["12", "code please", "1234 5678 9012 3456 7890", "\N{FULLWIDTH DIGIT ONE}" * 6])
async def test_what_cannot_be_a_code_costs_no_try(bot: World, typed: str) -> None:
    """The window says so at once."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    view = await window(bot, jonas, card)

    assert "can't be a code" in (await jonas.submit(view, {"field": typed}))["field"]
    assert verified(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_code_is_kept_nowhere(bot: World, redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    """Not in the store, not in the audit, not in the log; right or wrong."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    view = await window(bot, jonas, card)
    right = bot.twin.org.phones.code(JONAS)
    wrong = f"{(int(right) + 500_000) % 1_000_000:06}"
    for code in (wrong, right):
        await jonas.submit(view, {"field": code})
        await bot.until(lambda: "Checking" not in shown(jonas), "the answer")
    await bot.card(jonas, DONE)

    kept = b"".join([await redis.dump(key) or b"" for key in await redis.keys("*")]).decode("latin-1")
    told = "".join(record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn"))
    for code in (wrong, right):
        assert code not in kept
        assert code not in told


@pytest.mark.parametrize("settings", [ACTS])
async def test_somebody_elses_card_takes_no_proof(bot: World, redis: Redis) -> None:
    """Neither a press nor a code of another person's counts, whatever they have in hand."""
    jonas, clara = bot.person("UJONAS"), bot.person("UCLARA")
    card = await confirmed(bot, jonas)
    await bot.forge_press("UCLARA", card, f"prove:push:{factor_id(bot, 'push')}")
    await bot.forge_press("UCLARA", card, f"type:{factor_id(bot, 'token:software:totp')}")

    view = await window(bot, jonas, card)
    await bot.forge_submit("UCLARA", view, bot.twin.org.phones.code(JONAS))
    await bot.until(lambda: "belongs to somebody else" in shown(jonas), "the refusal")
    assert verified(bot) == []
    assert [entry["actor"] for entry in await audit(redis) if entry["event"] == "signal:prove"] == [
        SCRIBE.name("UCLARA")
    ]
    assert bot.twin.org.phones.pushes(JONAS) == []
    assert clara.modal is None
    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_forged_window_names_no_other_factor(bot: World) -> None:
    """What a window carries has no authority: neither another person's factor nor one that the card does not offer."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    view = await window(bot, jonas, card)
    for carried in (factor_id(bot, "push", "maya.okafor@northwind.example"), factor_id(bot, "webauthn"), "", "../../x"):
        request_id = card.text.split()[-1]
        await bot.forge_submit("UJONAS", view, "123456", carries=f"{request_id}.{carried}")
        await bot.until(lambda: "changed since" in shown(jonas), "the refusal")
        await jonas.close(view)
        view = await window(bot, jonas, card)
    await bot.forge_submit("UJONAS", view, "123456", carries="0000-0000-0000.x")
    await bot.until(lambda: "don't keep" in shown(jonas) or "no longer" in shown(jonas), "the refusal")

    assert verified(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_double_click_sends_one_prompt(bot: World) -> None:
    """The second press is answered, and changes nothing."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    action = f"prove:push:{factor_id(bot, 'push')}"
    await bot.forge_press("UJONAS", card, action)
    await bot.forge_press("UJONAS", card, action)
    await bot.card(jonas, "Choose ")
    await bot.until(lambda: any("sent it already" in said for said in bot.whispers(jonas)), "the answer")

    assert len(bot.twin.org.phones.pushes(JONAS)) == 1


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_prompt_without_a_number_is_taken_back(bot: World) -> None:
    """It would be approved by whoever is tired of prompts. The code is left."""
    bot.twin.org.settings = replace(bot.twin.org.settings, number_matching=False)
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    await jonas.press(card.ts, f"prove:push:{factor_id(bot, 'push')}")
    await bot.until(lambda: "no longer offered" in bot.cards(jonas)[-1].text, "the refusal")

    assert bot.twin.org.phones.pushes(JONAS) == []
    assert bot.cards(jonas)[-1].action_ids == [f"type:{factor_id(bot, 'token:software:totp')}", "cancel"]


@pytest.mark.parametrize("settings", [ACTS])
@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault.CUT_AFTER, "I lost track of the last attempt"),
        (Fault.GATEWAY_504, "I lost track of the last attempt"),
        (Fault.UNAVAILABLE_503, "I lost track of the last attempt"),
        (Fault.RATE_LIMIT, "could not do that just now"),
    ],
)
async def test_a_prompt_that_okta_does_not_answer(bot: World, fault: Fault, told: str) -> None:
    """The person is asked again, and told whether one may be on the phone; that one counts for nothing."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    bot.twin.org.faults.order("POST", VERIFY, fault, seconds=1)
    await jonas.press(card.ts, f"prove:push:{factor_id(bot, 'push')}")
    await bot.until(lambda: told in bot.cards(jonas)[-1].text, "the honest word")
    for push in bot.twin.org.phones.pushes(JONAS):
        bot.twin.org.phones.approve(push.id, push.answer)
    await bot.later(timedelta(seconds=10))

    assert bot.cards(jonas)[-1].text.startswith(ASKED)
    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_code_that_okta_does_not_answer(bot: World) -> None:
    """It may be used up: the next one will do."""
    jonas = bot.person("UJONAS")
    card = await confirmed(bot, jonas)
    view = await window(bot, jonas, card)
    bot.twin.org.faults.order("POST", VERIFY, Fault.CUT_AFTER)
    await jonas.submit(view, {"field": bot.twin.org.phones.code(JONAS)})
    await bot.until(lambda: "Okta didn't answer" in json.loads(json.dumps(shown(jonas))), "the answer")
    await bot.later(timedelta(seconds=60))
    await jonas.submit(view, {"field": bot.twin.org.phones.code(JONAS)})

    await bot.card(jonas, DONE)


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_poll_that_fails_is_made_again(bot: World) -> None:
    """An answer on the phone is not lost for it."""
    jonas = bot.person("UJONAS")
    _, push = await prompted(bot, jonas)
    bot.twin.org.faults.order("GET", POLL, Fault.UNAVAILABLE_503, times=3)
    bot.twin.org.phones.approve(push.id, push.answer)
    await bot.card_in_time(jonas, DONE)


@pytest.mark.parametrize("settings", [ACTS])
async def test_when_nobody_can_tell_what_became_of_a_prompt(bot: World) -> None:
    """It is not called unanswered; the person is asked again."""
    jonas = bot.person("UJONAS")
    card, _ = await prompted(bot, jonas)
    bot.twin.org.faults.order("GET", POLL, Fault.UNAVAILABLE_503, times=10_000)
    await bot.card_in_time(jonas, ASKED)

    assert "I lost track" in bot.cards(jonas)[-1].text
    assert bot.cards(jonas)[-1].ts == card.ts


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_factor_that_is_gone_is_offered_no_more(bot: World) -> None:
    """Others are; and when there is none, the request ends."""
    jonas, org = bot.person("UJONAS"), bot.twin.org
    card = await confirmed(bot, jonas)
    push, code = factor_id(bot, "push"), factor_id(bot, "token:software:totp")
    user = org.user(JONAS)
    org.change(user.id, factors=())
    await jonas.press(card.ts, f"prove:push:{push}")
    await bot.until(lambda: "no longer offered" in bot.cards(jonas)[-1].text, "the refusal")
    view_card = bot.cards(jonas)[-1]
    await jonas.press(view_card.ts, f"type:{code}")
    await jonas.submit(await opened(bot, jonas), {"field": "123456"})
    await bot.card(jonas, "I can't check that it's you")

    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_what_was_proved_with_a_factor_that_then_went_does_not_count(bot: World) -> None:
    """The factors are looked at again right before the write."""
    jonas, org = bot.person("UJONAS"), bot.twin.org
    _, push = await prompted(bot, jonas)
    org.phones.approve(push.id, push.answer)
    user = org.user(JONAS)
    org.change(user.id, factors=tuple(one for one in user.factors if one.type != "push"))
    await bot.card_in_time(jonas, ASKED)

    assert resets(bot) == []


@pytest.mark.parametrize("settings", [ACTS])
async def test_somebody_locked_while_they_prove_it(bot: World) -> None:
    """This way is closed; it is not a wrong code."""
    jonas, org = bot.person("UJONAS"), bot.twin.org
    card = await confirmed(bot, jonas)
    view = await window(bot, jonas, card)
    org.change(org.user(JONAS).id, status=Status.LOCKED_OUT)
    await jonas.submit(view, {"field": org.phones.code(JONAS)})
    card = await bot.card(jonas, "Unlock your account first")

    assert card.action_ids == ["ask:unlock_account"]
    assert "can't be used now" in shown(jonas)


@pytest.mark.parametrize("settings", [ACTS])
async def test_a_newer_request_takes_the_place_of_one_that_is_being_proved(bot: World) -> None:
    """Its prompt is taken back."""
    jonas = bot.person("UJONAS")
    old, _ = await prompted(bot, jonas)
    await jonas.dm("I forgot my password")
    await bot.card(jonas, OFFER)
    await bot.until(
        lambda: bot.cards(jonas)[0].text.startswith("Replaced by a newer request"), "the end of the old one"
    )
    await bot.until(lambda: not bot.twin.org.phones.pushes(JONAS), "the prompt's end")

    assert old.ts == bot.cards(jonas)[0].ts


@pytest.mark.parametrize("settings", [{**ACTS, "proof": {**PROOF, "unlock_account": "factor"}}])
async def test_an_unlock_may_ask_for_proof_too(bot: World) -> None:
    """Of those who are blocked on unknown devices; of the locked Okta takes none."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "I can't check that it's you")
    assert card.action_ids == []
    assert bot.writes == []
