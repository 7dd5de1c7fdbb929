"""Only one of ours who is exactly one live Okta user is helped; everybody else hears why not, and what to do."""

import json

import pytest

from sandbox.people import PARTNER_TEAM
from tests.world import World

MENU = [
    "ask:unlock_account",
    "ask:reset_password",
    "ask:reset_mfa",
    "ask:reset_mfa:new_phone",
    "ask:sign_in_help",
    "ask:account_history",
    "ask:not_me",
]
"""What can be asked for, the most frequent first."""


@pytest.mark.parametrize(
    ("user_id", "title"),
    [
        ("UGUEST", "I can't help guests"),
        ("UMULTI", "I can't help guests"),
        ("USTRANGER", "I can only help members of this Slack workspace"),
        ("UUNCONFIRMED", "Please confirm your e-mail address in Slack first"),
        ("UNOMAIL", "I can't tell who you are in Okta"),
        ("UNOMATCH", "I found no Okta account for you"),
        ("USOFIA", "I found more than one Okta account for you"),
    ],
)
@pytest.mark.parametrize("text", ["I'm locked out", "I can't log in"])
async def test_nobody_else_is_helped(bot: World, user_id: str, title: str, text: str) -> None:
    """Each reason has its own words, and Okta is never written to."""
    person = bot.person(user_id)

    await person.dm(text)
    card = await bot.card(person, title)

    assert "confirm" not in card.action_ids
    assert bot.writes == []


@pytest.mark.parametrize("user_id", ["UGUEST", "USTRANGER"])
async def test_the_menu_is_for_members(bot: World, user_id: str) -> None:
    """Somebody who would be refused everything is not offered anything."""
    person = bot.person(user_id)

    await person.dm("hello")
    await bot.until(lambda: bot.cards(person), "an answer")

    assert bot.cards(person)[0].action_ids == []


async def test_a_press_by_somebody_else_does_nothing(bot: World) -> None:
    """A genuine payload with another user in it: the subject stays whoever asked, and only they may confirm."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")

    await bot.forge_press("UJONAS", card, "confirm")
    channel = bot.twin.workspace.channels.get(card.channel)
    assert channel is not None
    await bot.until(lambda: channel.ephemerals, "an answer to the press")

    assert bot.writes == []
    assert bot.status("maya.okafor") == "LOCKED_OUT"


async def test_somebody_deactivated_since_the_card_was_shown_is_not_helped(bot: World) -> None:
    """Membership is read again at the press."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.workspace.change_member("UMAYA", is_restricted=True)

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "I can't help guests")

    assert bot.writes == []


async def test_a_changed_address_is_not_helped_with_the_old_account(bot: World) -> None:
    """Between the card and the press the Slack address became somebody else's."""
    maya = bot.person("UMAYA")
    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")
    bot.twin.workspace.change_member("UMAYA", email="jonas.lindqvist@northwind.example")

    await maya.press(card.ts, "confirm")
    await bot.card(maya, "I found no Okta account for you")

    assert bot.writes == []


async def test_an_account_that_is_deactivated_frees_its_address(bot: World) -> None:
    """Search finds deactivated users too; they do not count."""
    victor = bot.twin.workspace.change_member("UVICTOR", deleted=False)
    person = bot.person(victor.id)

    await person.dm("I'm locked out")

    await bot.card(person, "I found no Okta account for you")


async def test_details_stay_in_the_direct_message(either: World) -> None:
    """In a channel, a mention gets a pointer that only the person sees, and says nothing about the account."""
    maya = either.person("UMAYA")
    general = either.channel("general")

    await maya.mention(general, "I'm locked out")
    await either.card(maya, "Unlock your account?")
    await either.until(lambda: either.whispers(maya, general), "the pointer")

    assert "direct messages" in either.whispers(maya, general)[0]
    public = [message.text for message in maya.sees(general) if message.bot_id and not message.is_ephemeral]
    assert public == []
    assert not any("lock" in text or "maya" in text.lower() for text in either.whispers(maya, general))


async def test_the_command_in_a_channel_points_to_the_direct_message(either: World) -> None:
    """The same for /unlatch."""
    maya = either.person("UMAYA")
    general = either.channel("general")

    await maya.command("unlock", channel=general)
    await either.card(maya, "Unlock your account?")

    await either.until(lambda: either.whispers(maya, general), "the pointer")
    assert "direct messages" in either.whispers(maya, general)[0]


async def test_the_command_in_the_direct_message_is_a_card_alone(either: World) -> None:
    """No pointer to where the person already is."""
    maya = either.person("UMAYA")

    await maya.command("unlock")
    await either.card(maya, "Unlock your account?")

    assert either.whispers(maya) == []


@pytest.mark.parametrize("text", ["", "help", "hello", "what can you do?"])
async def test_whoever_asks_nothing_in_particular_gets_the_menu(bot: World, text: str) -> None:
    """The menu lists what is switched on, and its buttons work."""
    maya = bot.person("UMAYA")

    await maya.command(text)
    menu = await bot.card(maya, "How can I help?")
    assert menu.action_ids == MENU
    await maya.press(menu.ts, "ask:sign_in_help")

    offer = await bot.card(maya, "Your account is locked")
    assert offer.action_ids == ["ask:unlock_account"]


@pytest.mark.parametrize("text", ["the printer is broken", "unlock his account", "reset her password"])
async def test_what_is_not_understood_is_said_to_be(bot: World, text: str) -> None:
    """With what can be asked for instead, and who helps with the rest."""
    maya = bot.person("UMAYA")

    await maya.dm(text)
    card = await bot.card(maya, "I didn't understand that")

    assert "contact IT" in card.text
    assert "Unlock your account" in card.text
    assert card.action_ids == MENU
    assert bot.twin.org.calls == []


async def test_a_name_cannot_become_markup(bot: World) -> None:
    """Directory text is shown as text."""
    bot.twin.org.change("maya.okafor@northwind.example", profile={"displayName": "<!channel> *Maya*"})
    maya = bot.person("UMAYA")

    await maya.dm("I'm locked out")
    card = await bot.card(maya, "Unlock your account?")

    assert "<!channel>" not in json.dumps(card.blocks) + card.text
    assert "&lt;!channel&gt;" in card.text


async def test_a_foreign_team_is_refused_by_its_own_ids(bot: World) -> None:
    """The installation's team in the payload's envelope says nothing of the sender."""
    stranger = bot.person("USTRANGER")
    await stranger.dm("I'm locked out")
    await bot.card(stranger, "I can only help members of this Slack workspace")

    asked = [call.path for call in bot.twin.org.calls]

    assert asked == []
    assert stranger.member.team_id == PARTNER_TEAM
