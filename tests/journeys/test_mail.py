"""The owner of an account is mailed what was done to it, once, and nothing secret."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.keys import Keys
from sandbox.okta import Fault
from sandbox.smtp import Received
from tests.bot.patience import eventually
from tests.kill.errands import UNLOCK
from tests.world import SENDER, World, world

RESETS = {"reset_password": "act"}

MAYA = "maya.okafor@northwind.example"


@pytest.fixture
async def mailing(redis_url: str, redis: Redis) -> AsyncIterator[World]:
    """A bot with a mail server."""
    del redis
    async with world(redis_url, mails=True) as running:
        yield running


async def unlocked(bot: World, title: str = "Your account is unlocked") -> None:
    """Maya asks, and confirms."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    await maya.press(card.ts, "confirm")
    await bot.card_in_time(maya, title)


async def nothing_left(redis: Redis) -> bool:
    """Whether no note lies there any more."""
    return not [key async for key in redis.scan_iter(f"{Keys().note('')}*")]


def _email(body: bytes | str | None) -> bytes:
    """The address in a request, if there is one."""
    return str(json.loads(body or "{}")["subject"].get("email", "")).encode()


async def mailed(bot: World) -> Received:
    """What came, when it has come."""
    await bot.until(lambda: bot.twin.mailroom.received, "mail")
    (received,) = bot.twin.mailroom.received
    return received


async def test_whoever_is_unlocked_is_mailed(mailing: World, redis: Redis) -> None:
    """At the address that Okta knows; what, when, by which way, and what to do if it was somebody else."""
    await unlocked(mailing)
    mail = await mailed(mailing)

    assert (mail.to, mail.sender) == (MAYA, SENDER)
    assert mail.subject.startswith("Your Okta account at ")
    assert "Your account was unlocked" in mail.text
    assert "through the Slack account that belongs to you" in mail.text
    assert "on another way than Slack" in mail.text
    assert "*" not in mail.text
    await eventually(lambda: nothing_left(redis), "nothing is kept of it")


async def test_what_is_only_looked_at_is_not_mailed(mailing: World) -> None:
    """Nor what was cancelled."""
    maya = mailing.person("UMAYA")
    await maya.dm("I can't log in")
    await mailing.until(lambda: mailing.cards(maya), "a card")
    await maya.dm("I'm locked out")
    card = await mailing.card(maya, "Unlock your account?")
    await maya.press(card.ts, "cancel")
    await mailing.card(maya, "Cancelled")

    assert mailing.twin.mailroom.taken == 0


async def test_an_unknown_end_is_mailed_too(mailing: World) -> None:
    """The owner is told as much as is known."""
    mailing.twin.org.faults.order("POST", UNLOCK, Fault.CUT_AFTER)
    await unlocked(mailing)

    assert "Your account was unlocked" in (await mailed(mailing)).text


async def test_a_server_that_takes_nothing_now_gets_it_later(mailing: World) -> None:
    """The person's card does not wait for it."""
    mailing.twin.mailroom.answers += ["451 4.3.0 not now"] * 3

    await unlocked(mailing)
    assert mailing.twin.mailroom.taken == 0

    def taken() -> bool:
        mailing.twin.clock.advance(timedelta(seconds=5))
        return mailing.twin.mailroom.taken == 1

    await mailing.until(taken, "the mail, in time")
    assert "unlocked" in (await mailed(mailing)).text


async def test_the_changed_address_in_slack_gets_nothing(mailing: World) -> None:
    """It goes to where Okta says, whatever Slack says."""
    await unlocked(mailing)

    assert (await mailed(mailing)).to == str(mailing.twin.org.user("maya.okafor@northwind.example").profile["email"])


async def test_the_address_stays_nowhere(mailing: World, redis: Redis) -> None:
    """When all is told, it is in no request and no note."""
    await unlocked(mailing)
    await mailed(mailing)
    await eventually(lambda: nothing_left(redis), "nothing is kept of it")

    bodies = [await redis.hget(key, "body") async for key in redis.scan_iter(f"{Keys().record('')}*")]
    assert bodies
    assert [_email(body) for body in bodies] == [b""] * len(bodies)


async def test_no_link_is_mailed(redis_url: str, redis: Redis) -> None:
    """Mail tells that there was one, and lets nobody in."""
    del redis
    how = {"delivery": "link"}
    async with world(redis_url, mails=True, capabilities=RESETS, reset_password=how) as bot:
        jonas = bot.person("UJONAS")
        await jonas.dm("I forgot my password")
        card = await bot.card(jonas, "Reset your password?")
        await jonas.press(card.ts, card.action_ids[0])
        await bot.card(jonas, "Your password is reset")

        mail = await mailed(bot)

    assert "You were given a way to a new password" in mail.text
    assert "http" not in mail.text


async def test_following_mails_once(redis_url: str, redis: Redis) -> None:
    """Not again when the person has done their part, or never does."""
    del redis
    async with world(redis_url, mails=True, capabilities=RESETS) as bot:
        jonas = bot.person("UJONAS")
        await jonas.dm("I forgot my password")
        card = await bot.card(jonas, "Reset your password?")
        await jonas.press(card.ts, card.action_ids[0])
        await bot.card(jonas, "Your password is reset")
        await mailed(bot)
        for _ in range(4):
            await bot.later(timedelta(minutes=6))

        await mailed(bot)
        assert bot.twin.mailroom.taken == 1
