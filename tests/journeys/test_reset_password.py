"""Somebody has forgotten their password: they get a link, once and only they, and hear whether it worked."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from bot import steps
from bot.keys import Keys
from sandbox.okta import Fault
from sandbox.okta.mail import MailKind
from sandbox.people import Provider, Status
from sandbox.slack import Fault as SlackFault
from sandbox.slack import Message, Person
from tests.world import World

ACTS = {"capabilities": {"reset_password": "act"}}
BY_EMAIL: dict[str, Any] = ACTS
BY_LINK: dict[str, Any] = {**ACTS, "reset_password": {"delivery": "link"}}
FORGOT = "I forgot my password"
RESET = "/api/v1/users/*/lifecycle/reset_password"
JONAS = "jonas.lindqvist"
NEW = "Correct-Horse-7-Battery"  # as a person would choose it at the link

by_email = pytest.mark.parametrize("settings", [BY_EMAIL])
by_link = pytest.mark.parametrize("settings", [BY_LINK])


async def confirmed(world: World, person: Person, title: str = "Reset your password?") -> Message:
    """Ask, and press the button."""
    await person.dm(FORGOT)
    card = await world.card(person, title)
    await person.press(card.ts, card.action_ids[0])
    return card


async def choose(link: str, password: str = NEW, answer: str = "") -> int:
    """Do at the link what a person does; the status of the page."""
    form = {"password": password, "again": password, "answer": answer}
    async with aiohttp.ClientSession() as browser, browser.post(link, data=form) as page:
        return page.status


def mails(world: World, kind: MailKind = MailKind.PASSWORD_RESET) -> list[str]:
    """The links in the mails that arrived."""
    return [mail.link or "" for mail in world.twin.org.mails if mail.kind is kind]


def link_in(text: str) -> str:
    """The address behind the anchor that a person clicks."""
    found = re.search(r"<(http[^|>]+)\|Choose a new password>", text)
    assert found, text
    return found[1].replace("&amp;", "&")


def window(person: Person) -> str:
    """All text of the open window."""
    return "" if person.modal is None else str(person.modal.spec["blocks"])


async def shown_link(world: World, person: Person) -> str:
    """The link in the window that the Confirm opened."""
    await world.until(lambda: "Choose a new password" in window(person), "the link in the window")
    return link_in(window(person))


@by_email
async def test_a_link_comes_by_mail_and_the_card_tells_how_it_ends(either: World) -> None:
    """The main job: consent, a mail from Okta, a new password, and a card that knows."""
    jonas = either.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await either.card(jonas, "Reset your password?")
    assert "stops working at once" in card.text
    assert "jo•••@northwind.example" in card.text
    assert "signed out of Okta on all your devices" in card.text

    await jonas.press(card.ts, "confirm")
    reset = await either.card(jonas, "Your password is reset")
    assert reset.ts == card.ts
    assert either.status(JONAS) == Status.RECOVERY
    assert either.effects == ["reset_password"]
    (link,) = mails(either)
    assert await choose(link) == 200
    assert either.status(JONAS) == Status.ACTIVE
    await either.later(timedelta(minutes=2))
    changed = await either.card(jonas, "Your password is changed")

    assert changed.ts == card.ts
    assert either.effects == ["reset_password"]


@by_link
async def test_a_link_is_shown_in_the_window_alone(either: World) -> None:
    """It works, and is in no message; the card says where it was."""
    jonas = either.person("UJONAS")
    card = await confirmed(either, jonas)
    link = await shown_link(either, jonas)
    await either.card(jonas, "Your password is reset")

    assert mails(either) == []
    assert not any("reset_password/" in message.text for message in jonas.sees())
    assert await choose(link) == 200
    await either.later(timedelta(minutes=2))
    assert (await either.card(jonas, "Your password is changed")).ts == card.ts
    assert await choose(link) == 403
    assert "Choose a new password" in window(jonas)  # it stays until it is closed


@by_link
@pytest.mark.parametrize("fault", [SlackFault.error("expired_trigger_id"), SlackFault.cut_before()])
async def test_without_a_window_the_link_is_an_ephemeral_message(bot: World, fault: SlackFault) -> None:
    """Only the person sees it, and it is gone after a reload."""
    jonas = bot.person("UJONAS")
    bot.twin.workspace.faults.order("views.open", fault)

    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")

    (said,) = [text for text in bot.whispers(jonas) if "Choose a new password" in text]
    jonas.reload()
    assert bot.whispers(jonas) == []
    assert await choose(link_in(said)) == 200


@by_link
async def test_a_window_that_was_closed_is_made_up_for(bot: World) -> None:
    """Somebody closes the window before the link is in it."""
    jonas = bot.person("UJONAS")
    bot.twin.org.faults.order("POST", RESET, Fault.STALL, seconds=1)
    await confirmed(bot, jonas)
    await bot.until(lambda: jonas.modal, "the window")
    assert jonas.modal is not None
    assert "keep this window open" in window(jonas)

    await jonas.close(jonas.modal.id)
    await bot.card_in_time(jonas, "Your password is reset")

    assert [text for text in bot.whispers(jonas) if "Choose a new password" in text]


@by_link
async def test_a_link_that_slack_shows_nowhere_is_said_to_be_lost(bot: World) -> None:
    """The old password is void, so the card must say so, and offer another attempt with its own consent."""
    jonas = bot.person("UJONAS")
    bot.twin.workspace.faults.order("views.open", SlackFault.error("expired_trigger_id"))
    bot.twin.workspace.faults.order("chat.postEphemeral", SlackFault.error("user_not_in_channel"))
    await confirmed(bot, jonas)
    lost = await bot.card(jonas, "Your password is reset, but the link may not have reached you")
    assert bot.status(JONAS) == Status.RECOVERY

    await jonas.press(lost.ts, "ask:reset_password")
    again = await bot.card(jonas, "Make you a new link?")
    await jonas.press(again.ts, "confirm:window")
    link = await shown_link(bot, jonas)
    await bot.until(lambda: bot.cards(jonas)[-1].text.startswith("Your password is reset"), "the second card")

    assert await choose(link) == 200
    assert bot.effects == ["reset_password", "reset_password"]
    await bot.until(lambda: bot.cards(jonas)[0].text.startswith("Done"), "the first card, replaced by the second")


@by_link
async def test_a_link_lost_with_the_answer_is_said_to_be_lost(bot: World) -> None:
    """Okta did it and the connection broke: no second reset without a second consent, and the window says it too."""
    jonas = bot.person("UJONAS")
    bot.twin.org.faults.order("POST", RESET, Fault.CUT_AFTER)

    await confirmed(bot, jonas)
    lost = await bot.card(jonas, "Your password is reset, but the link may not have reached you")
    await bot.until(lambda: "may not have reached you" in window(jonas), "the same in the window")

    assert bot.effects == ["reset_password"]
    assert lost.action_ids[0] == "ask:reset_password"


@by_link
async def test_a_card_of_a_request_that_is_no_longer_kept_opens_no_promise(bot: World, redis: Redis) -> None:
    """The window says that the press did nothing."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")
    await redis.flushdb()

    await jonas.press(card.ts, "confirm:window")
    await bot.until(lambda: "No link here" in window(jonas), "the words in the window")

    assert bot.writes == []


@by_link
async def test_a_window_of_an_offer_that_has_changed_says_so(bot: World) -> None:
    """The account was locked meanwhile: the card asks anew, and the window does not wait."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")
    bot.twin.org.lock(f"{JONAS}@northwind.example")

    await jonas.press(card.ts, "confirm:window")
    await bot.until(lambda: "has changed since" in window(jonas), "the words in the window")

    assert "unlocking it is enough" in bot.cards(jonas)[-1].text
    assert bot.writes == []


@by_link
async def test_a_slack_that_is_slow_to_show_the_link_does_not_hold_it_for_ever(
    bot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while it counts as lost, and that is said; if it comes after all, the person may use it."""
    monkeypatch.setattr(steps, "HANDING_OVER", timedelta(seconds=0.3))
    jonas = bot.person("UJONAS")
    bot.twin.workspace.faults.order("views.update", SlackFault.stall(3600))

    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset, but the link may not have reached you")

    assert bot.effects == ["reset_password"]


@by_link
async def test_the_audit_tells_what_was_done_and_that_the_link_was_shown(bot: World, redis: Redis) -> None:
    """By the step's name, and not the link."""
    jonas = bot.person("UJONAS")
    await confirmed(bot, jonas)
    link = await shown_link(bot, jonas)
    await bot.card(jonas, "Your password is reset")

    kept: Any = await redis.xrange(Keys().audit)
    entries = [json.loads(fields[b"entry"]) for _, fields in kept]
    assert {"reset_password"} == {entry["does"] for entry in entries if "does" in entry}
    assert entries[-1]["event"] == "request:followed"
    assert entries[-1]["delivered"] is True
    assert link.rpartition("/")[2] not in str(entries)


@by_email
async def test_an_answer_lost_after_a_mail_costs_nothing(bot: World) -> None:
    """The mail is on its way whatever became of the answer."""
    jonas = bot.person("UJONAS")
    bot.twin.org.faults.order("POST", RESET, Fault.CUT_AFTER)

    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")

    assert bot.effects == ["reset_password"]
    assert len(mails(bot)) == 1


@by_email
async def test_a_limit_on_mails_is_told_as_such(bot: World) -> None:
    """Okta sends so many mails and no more: nothing is changed, and it is not called silent."""
    jonas = bot.person("UJONAS")
    bot.twin.org.faults.order("POST", RESET, Fault.CONCURRENCY, times=100)

    await confirmed(bot, jonas)
    await bot.card_in_time(jonas, "Okta asks me to wait")

    assert bot.effects == []
    assert bot.status(JONAS) == Status.ACTIVE


@by_email
async def test_help_is_offered_while_nothing_happens_and_until_it_ends(bot: World) -> None:
    """2, 5 and 10 minutes later, and then hourly until the link must have run out."""
    jonas = bot.person("UJONAS")
    bot.twin.org.settings.mail_arrives = False
    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")

    await bot.later(timedelta(minutes=2))
    asked = await bot.card(jonas, "Has the mail come?")
    assert asked.action_ids[0] == "ask:reset_password"
    await bot.later(timedelta(hours=3))
    await bot.until(lambda: bot.cards(jonas)[-1].text.startswith("Has the mail come?"), "the same after hours")
    await bot.later(timedelta(days=7))
    over = await bot.card(jonas, "You have not chosen a new password")

    assert over.ts == asked.ts
    assert over.action_ids[0] == "ask:reset_password"
    assert bot.effects == ["reset_password"]


@by_email
async def test_a_reset_that_somebody_else_ends_is_told_as_it_is(bot: World) -> None:
    """IT finishes it in another way; the card does not go on asking for the mail."""
    jonas = bot.person("UJONAS")
    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")

    bot.twin.org.change(f"{JONAS}@northwind.example", status=Status.SUSPENDED)
    await bot.later(timedelta(minutes=2))

    await bot.card(jonas, "Your account is suspended")


@by_email
async def test_a_double_click_is_one_reset(bot: World) -> None:
    """And one mail."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")

    await asyncio.gather(*(jonas.press(card.ts, "confirm") for _ in range(3)))
    await bot.card(jonas, "Your password is reset")

    assert bot.effects == ["reset_password"]
    assert len(mails(bot)) == 1


@by_email
async def test_two_requests_are_one_reset_at_a_time(bot: World) -> None:
    """Asked again, the earlier card is closed; a reset that waits is sent again only with a consent of its own."""
    jonas = bot.person("UJONAS")
    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")

    await jonas.dm(FORGOT)
    again = await bot.card(jonas, "Send you the link again?")
    assert bot.effects == ["reset_password"]
    await jonas.press(again.ts, "confirm")
    await bot.until(lambda: len(mails(bot)) == 2, "the second mail")

    assert bot.effects == ["reset_password", "reset_password"]


@by_email
async def test_consent_is_for_how_the_account_stood(bot: World) -> None:
    """Between card and press the account was reset by IT: the card asks anew, in other words."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")
    bot.twin.org.change(f"{JONAS}@northwind.example", status=Status.RECOVERY)

    await jonas.press(card.ts, "confirm")
    again = await bot.card(jonas, "Send you the link again?")

    assert again.ts == card.ts
    assert bot.writes == []


@by_email
async def test_cancel_changes_nothing(bot: World) -> None:
    """The password works as before."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")

    await jonas.press(card.ts, "cancel")
    await bot.card(jonas, "Cancelled")

    assert bot.writes == []


@pytest.mark.parametrize("settings", [BY_EMAIL, BY_LINK])
async def test_where_okta_allows_it_the_old_password_stays(bot: World, settings: dict[str, Any]) -> None:
    """`forgot_password` is preferred: nothing changes until the link is used."""
    jonas = bot.person("UJONAS")
    bot.twin.org.settings.pipeline = "v1"
    await jonas.dm(FORGOT)
    by_mail = settings is BY_EMAIL
    card = await bot.card(
        jonas, "Send you a link for a new password?" if by_mail else "Make a link for a new password?"
    )
    assert "works until you have used the link" in card.text
    assert "signed out" not in card.text

    await jonas.press(card.ts, card.action_ids[0])
    await bot.card(jonas, "Okta has sent you a link" if by_mail else "Your link is ready")
    link = mails(bot, MailKind.FORGOT_PASSWORD)[0] if by_mail else await shown_link(bot, jonas)

    assert bot.effects == ["forgot_password"]
    assert bot.status(JONAS) == Status.ACTIVE
    answer = bot.twin.org.user(f"{JONAS}@northwind.example").recovery
    assert answer is not None
    assert await choose(link, answer=answer.answer) == 200
    await bot.later(timedelta(minutes=2))
    await bot.card(jonas, "Your password is changed")


@by_email
async def test_a_gentle_link_that_is_not_used_is_let_go(bot: World) -> None:
    """The old password still works, so nobody is asked for hours."""
    jonas = bot.person("UJONAS")
    bot.twin.org.settings.pipeline = "v1"
    await confirmed(bot, jonas, "Send you a link for a new password?")
    await bot.card(jonas, "Okta has sent you a link")

    await bot.later(timedelta(minutes=3))
    await bot.card(jonas, "Has the mail come?")
    await bot.later(timedelta(minutes=8))

    await bot.card(jonas, "Your password was not changed")


@by_email
async def test_a_gentle_link_whose_answer_was_lost_is_unknown(bot: World) -> None:
    """It leaves no trace in the account, so neither a second mail nor a claim is made."""
    jonas = bot.person("UJONAS")
    bot.twin.org.settings.pipeline = "v1"
    bot.twin.org.faults.order("POST", "/api/v1/users/*/credentials/forgot_password", Fault.CUT_AFTER)

    await confirmed(bot, jonas, "Send you a link for a new password?")
    await bot.card_in_time(jonas, "I couldn't find out whether it worked")

    assert bot.effects == ["forgot_password"]


@by_email
async def test_somebody_locked_is_told_that_unlocking_may_do(bot: World) -> None:
    """Whoever knows their password needs no new one."""
    maya = bot.person("UMAYA")
    await maya.dm("I forgot my password and now I'm locked out")
    card = await bot.card(maya, "Reset your password?")

    assert "unlocking it is enough" in card.text
    assert "ask:unlock_account" in card.action_ids
    await maya.press(card.ts, "confirm")
    await bot.card(maya, "Your password is reset")


@by_email
async def test_an_activation_mail_is_sent_again(bot: World) -> None:
    """Somebody who never set up their account has no password to lose."""
    bot.twin.set_roles({"USER_ADMIN"})
    tom = bot.person("UTOM")
    await confirmed(bot, tom, "Send your activation mail again?")
    await bot.card(tom, "Okta has sent the activation mail again")

    assert await choose(mails(bot, MailKind.ACTIVATION)[-1]) == 200
    await bot.later(timedelta(minutes=2))
    await bot.card(tom, "Your password is changed")


@by_email
async def test_a_help_desk_role_may_not_send_an_activation_mail(bot: World) -> None:
    """Okta refuses it; nothing is claimed."""
    tom = bot.person("UTOM")
    await confirmed(bot, tom, "Send your activation mail again?")

    await bot.card(tom, "I'm not allowed to do that")

    assert bot.effects == []


@by_email
@pytest.mark.parametrize(
    ("who", "title"),
    [
        ("UDIEGO", "Your password is kept in Active Directory"),
        ("UHELEN", "Your password is kept in a directory"),
        ("UAIKO", "Your password is not kept in Okta"),
        ("UOMAR", "Your account is suspended"),
        ("UNINA", "Your account is not active yet"),
    ],
)
async def test_people_whose_password_is_not_oktas_are_guided(bot: World, who: str, title: str) -> None:
    """With the text for their directory, and without a write."""
    person = bot.person(who)

    await person.dm(FORGOT)
    card = await bot.card(person, title)

    assert "confirm" not in card.action_ids
    assert bot.writes == []


@pytest.mark.parametrize("settings", [{**ACTS, "identity_attribute": "login"}])
async def test_without_an_address_no_mail_is_promised(bot: World) -> None:
    """People may be found by their login, and have no e-mail address in Okta."""
    login, jonas = f"{JONAS}@northwind.example", bot.person("UJONAS")
    bot.twin.org.change(login, profile={**bot.twin.org.user(login).profile, "email": None})

    await jonas.dm(FORGOT)
    await bot.card(jonas, "Okta has no e-mail address for you")

    assert bot.writes == []


@by_email
async def test_a_refusal_by_okta_is_told(bot: World) -> None:
    """The account changed between the look and the write, and Okta says no."""
    jonas = bot.person("UJONAS")
    await jonas.dm(FORGOT)
    card = await bot.card(jonas, "Reset your password?")
    bot.twin.org.faults.order("POST", RESET, Fault.STALL, seconds=1)

    await jonas.press(card.ts, "confirm")
    await bot.until(lambda: bot.writes, "the write")
    bot.twin.org.change(f"{JONAS}@northwind.example", provider=Provider.SOCIAL)
    await bot.card_in_time(jonas, "Okta did not allow it")

    assert bot.effects == []


@pytest.mark.parametrize(
    "settings", [{**ACTS, "read_only": True}, {"capabilities": {"reset_password": "guide"}}], ids=["read-only", "guide"]
)
@pytest.mark.parametrize(
    ("who", "title"),
    [
        ("UJONAS", "How to reset your password"),
        ("ULENA", "A password reset is waiting for you"),
        ("UTOM", "Your account is not set up yet"),
        ("UDIEGO", "Your password is kept in Active Directory"),
    ],
)
async def test_where_it_may_not_act_it_gives_directions(bot: World, who: str, title: str) -> None:
    """Exact ones, and no button that would not do anything."""
    person = bot.person(who)

    await person.dm(FORGOT)
    card = await bot.card(person, title)

    assert not [action for action in card.action_ids if action.startswith("confirm")]
    assert bot.writes == []


@by_email
async def test_who_has_to_confirm_again_is_told_why(bot: World) -> None:
    """The card has promised to tell what happened, and does so before it asks again."""
    jonas = bot.person("UJONAS")
    bot.twin.org.faults.order("POST", RESET, Fault.CUT_BEFORE)
    await confirmed(bot, jonas)
    await bot.card(jonas, "Checking what happened")

    await bot.later(timedelta(minutes=11))
    card = await bot.card(jonas, "Reset your password?")

    assert "You confirmed this before, and it was not done: nothing was changed." in card.text
    assert bot.effects == []


@by_email
async def test_a_button_says_what_it_would_do_now(bot: World) -> None:
    """Where the old password is void already, nothing is reset any more: a link is sent again."""
    jonas = bot.person("UJONAS")
    bot.twin.org.settings.mail_arrives = False
    await confirmed(bot, jonas)
    await bot.card(jonas, "Your password is reset")
    await bot.later(timedelta(minutes=2))
    card = await bot.card(jonas, "Has the mail come?")
    labels = [str(element["text"]["text"]) for _, element in card.elements if element["type"] == "button"]

    assert labels[0] == "Send me another link"
    assert "or its link does not work any more" in card.text
