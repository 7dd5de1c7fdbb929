"""Beside the chat: the phone and the inbox of whoever was picked, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import httpx

    from sandbox.okta.verification import Push
    from sandbox.twin import Twin

Json = dict[str, Any]
JONAS = "jonas.lindqvist@northwind.example"
CLARA = "clara.novak@northwind.example"


async def look(page: httpx.AsyncClient, person: str = "UJONAS") -> Json:
    """Everything on the page."""
    state: Json = (await page.get("/api/state", params={"as": person})).json()
    return state


async def change(page: httpx.AsyncClient, name: str, **body: Any) -> tuple[int, str]:
    """Let something happen; the status, and what is told of it."""
    answer = await page.post(f"/api/world/{name}", json=body)
    told = answer.json()
    return answer.status_code, told.get("told", told.get("error"))


def ask(world: Twin, *, numbers: bool = False, life: timedelta = timedelta(minutes=5)) -> Push:
    """A sign-in somewhere asks Jonas's phone."""
    user = world.org.user(JONAS)
    push = next(factor for factor in user.factors if factor.type == "push")
    return world.org.verifier.ask(user, push, world.org.clock.now(), life, numbers=numbers, agent="Firefox")


async def test_the_phone_shows_its_owners_codes_to_its_owner_alone(page: httpx.AsyncClient, world: Twin) -> None:
    """What is on the page of one person holds no code of another."""
    state = await look(page)
    assert state["phone"]["name"] == "Jonas's iPhone 8"
    code = world.org.phones.code(JONAS)
    assert [device["code"] for device in state["phone"]["devices"]] == [code, None]
    theirs = (await page.get("/api/state", params={"as": "UMAYA"})).text
    assert code not in theirs
    assert "phones" not in theirs


@pytest.mark.parametrize("person", ["UGUEST", "UUNCONFIRMED"])
async def test_who_has_no_account_has_neither_phone_nor_inbox(page: httpx.AsyncClient, person: str) -> None:
    """Not even who claims the address of somebody who has."""
    state = await look(page, person)
    assert (state["phone"], state["inbox"]) == (None, None)


async def test_a_question_is_answered_once(page: httpx.AsyncClient, world: Twin) -> None:
    """Yes, and then nobody asks any more."""
    push = ask(world)
    (shown,) = (await look(page))["phone"]["pushes"]
    assert (shown["id"], shown["numbers"], shown["from"]) == (push.id, [], "Firefox")
    assert (await look(page, "UMAYA"))["phone"]["pushes"] == []
    assert await change(page, "approve", push=push.id) == (200, "Approved.")
    assert (await look(page))["phone"]["pushes"] == []
    assert await change(page, "deny", push=push.id) == (409, "the push is SUCCESS")


async def test_only_the_right_number_is_a_yes(page: httpx.AsyncClient, world: Twin) -> None:
    """And the page does not give it away."""
    push = ask(world, numbers=True)
    (shown,) = (await look(page))["phone"]["pushes"]
    assert "answer" not in shown
    wrong = next(number for number in shown["numbers"] if number != push.answer)
    assert (await change(page, "approve", push=push.id, number=wrong))[
        1
    ] == "That is not the number, so it counts as a no."
    again = ask(world, numbers=True)
    assert (await change(page, "approve", push=again.id, number=again.answer))[1] == "Approved."


async def test_a_no_and_a_question_that_is_too_old(page: httpx.AsyncClient, world: Twin) -> None:
    """An old question is not on the phone any more."""
    assert await change(page, "deny", push=ask(world).id) == (200, "Denied.")
    late = ask(world, life=timedelta(seconds=30))
    await change(page, "time", minutes=1)
    assert (await look(page))["phone"]["pushes"] == []
    assert await change(page, "approve", push=late.id) == (409, "the push is TIMEOUT")
    assert await change(page, "approve", push="none") == (404, "Nothing is called 'none'.")


async def test_okta_verify_is_set_up_by_who_can_sign_in(page: httpx.AsyncClient) -> None:
    """Clara has text messages alone; Maya is locked out."""
    assert (await look(page, "UCLARA"))["phone"]["getsTexts"]
    name = {"login": CLARA, "device": " Clara's Pixel 10 "}
    assert await change(page, "enrol", **name) == (200, "Okta Verify is set up on Clara's Pixel 10.")
    (device,) = (await look(page, "UCLARA"))["phone"]["devices"]
    assert (device["name"], device["factors"]) == ("Clara's Pixel 10", ["push", "token:software:totp"])
    status, why = await change(page, "enrol", **name)
    assert (status, why) == (409, "Okta Verify is set up on Clara's Pixel 10")
    assert await change(page, "enrol", login=CLARA, device="  ") == (409, "The phone needs a name.")
    status, why = await change(page, "enrol", login="maya.okafor@northwind.example", device="Mine")
    assert (status, why) == (409, "Setting it up takes a sign-in, and Maya Okafor is LOCKED_OUT.")


async def test_mail_is_shown_when_it_has_arrived_newest_first(page: httpx.AsyncClient, world: Twin) -> None:
    """And is unread until it is opened."""
    assert (await look(page))["inbox"] == {"address": JONAS, "mails": []}
    world.org.settings.mail_delay = timedelta(minutes=5)
    await change(page, "enrol", login=JONAS, device="One")
    assert (await look(page))["inbox"]["mails"] == []
    world.org.settings.mail_delay = timedelta()
    await change(page, "enrol", login=JONAS, device="Two")
    await change(page, "time", minutes=10)
    one, two = (await look(page))["inbox"]["mails"]
    assert ("One" in one["text"], "Two" in two["text"], one["unread"]) == (True, True, True)
    assert await change(page, "open-mail", mail=two["id"]) == (200, "")
    assert [mail["unread"] for mail in (await look(page))["inbox"]["mails"]] == [True, False]
    assert await change(page, "open-mail", mail="mail99") == (404, "Nothing is called 'mail99'.")


async def test_who_shares_an_address_shares_the_inbox(page: httpx.AsyncClient, world: Twin) -> None:
    """Marco's mail comes to the store's mailbox, which Sofia reads."""
    world.org.change("marco.rossi@northwind.example", status="ACTIVE")
    await change(page, "enrol", login="marco.rossi@northwind.example", device="Marco's Pixel")
    (mail,) = (await look(page, "USOFIA"))["inbox"]["mails"]
    assert mail["to"] == "store.milano@northwind.example"
    assert (await look(page))["inbox"]["mails"] == []
