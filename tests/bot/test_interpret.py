"""What people write becomes what they mean, or the menu: a wrong guess costs more than a press."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import handlers
from bot.interpret import Interpreter
from bot.model import Intent

INTERPRETER = Interpreter(handlers.find())

UNLOCK = [
    "I'm locked out",
    "i am locked out of okta again",
    "Im locked :(",
    "Help!! My account got locked this morning",
    "hi, my user is blocked since Monday",
    "Locked out. Meeting in five minutes.",
    "please unlock me",
    "Can you unlock my account?",
    "need an unlock",
    "can't unlock my account myself",
    "could somebody unblock my okta login please",
    "it says my account is frozen",
    "too many failed attempts, it tells me",
    "I got the password wrong too many times",
    "I typed it wrong too often",
    "It says try again in 30 minutes",
    "lockout",
    "I\N{RIGHT SINGLE QUOTATION MARK}m locked out",
    "good morning,\nI think I am\nlocked out\nthanks",
    "my account maya.okafor@northwind.example is locked",
    "my account <mailto:maya.okafor@northwind.example|maya.okafor@northwind.example> is locked",
    "Mein Konto ist gesperrt",
    "mi cuenta está bloqueada",
    "mon compte est bloqué",
]

SIGN_IN = [
    "I can't log in",
    "cannot sign in since the update",
    "can't login",
    "unable to log on this morning",
    "Having trouble signing in to Okta",
    "it won't let me log in",
    "I can't get into my account",
    "logging in doesn't work",
    "login broken",
    "sign-in",
    "help me sign in",
    "am I locked out?",
    "is my account locked?",
    "can you check if my account is locked",
    "something is wrong with my login",
]

PASSWORD = [
    "I forgot my password",
    "forgot password",
    "new password please",
    "I can't remember my login password",
    "I don't know my password any more",
    "please reset my password",
    "password reset",
    "how do I change my password?",
    "I lost my password and can't log in",
    "I forgot my password and now I'm locked out",
    "password forgotten",
    "send me a password reset link",
    "He olvidado mi contraseña",
    "esqueci minha senha",
    "j'ai oublié mon mot de passe",
    "Ich habe mein Passwort vergessen",
]

MFA = [
    "reset my MFA",
    "I need to reset Okta Verify",
    "my phone is lost",
    "I lost my phone",
    "my phone was stolen yesterday",
    "lost my yubikey",
    "Okta Verify doesn't work",
    "I don't get any push notifications",
    "not receiving codes",
    "remove my security key",
    "mfa",
    "2fa reset please",
    "re-enroll my authenticator app",
    "I can't log in, my phone is broken",
]

NEW_PHONE = [
    "I have a new phone",
    "I got a new iPhone",
    "new phone, how do I move Okta Verify?",
    "switched to another phone",
    "set up okta verify on my new phone",
    "I'm moving to a new phone",
    "Ich habe ein neues Handy",
]

NEITHER = [
    "",
    "hello",
    "thanks, it works again",
    "what can you do?",
    "the printer is broken",
    "what is my login name",
    "can I get access to Jira",
    "how long until my password expires",
    "don't reset my password",
    "my password still works",
    "reset Jonas's password",
    "my colleague forgot her password",
    "please reset his MFA",
    "a new phone number for reception",
    # Things
    "my phone is locked",
    "the door of room 12 is locked",
    "I'm locked out of my car",
    "how do I unlock an iPad",
    "please unlock the shared file",
    "the row is locked by another transaction",
    "the screen lock comes too early",
    "locker 17 is jammed",
    "the spreadsheet is blocked by Tom",
    # Somebody else
    "please unlock Jonas's account",
    "unlock @Jonas",
    "my colleague's account is locked",
    "her account is blocked",
    "he is locked out",
    "unlock everyone",
    "unlock every account",
    # The opposite
    "don't unlock my account",
    "please do not unlock it",
    "no need to unlock me any more",
    "I'm not locked out",
    "my account is not locked any more",
]


@pytest.mark.parametrize("text", UNLOCK)
def test_an_unlock_is_asked_for(text: str) -> None:
    """In the words of people in a hurry."""
    assert INTERPRETER.message(text) == Intent("unlock_account")
    assert INTERPRETER.message(text.upper()) == Intent("unlock_account")


@pytest.mark.parametrize("text", PASSWORD)
def test_a_password_reset_is_asked_for(text: str) -> None:
    """Also by whoever is locked out for it: a reset frees them too."""
    assert INTERPRETER.message(text) == Intent("reset_password")


@pytest.mark.parametrize("text", MFA)
def test_a_sign_in_method_is_to_be_reset(text: str) -> None:
    """By what people call it, or by what became of it."""
    assert INTERPRETER.message(text) == Intent("reset_mfa")


@pytest.mark.parametrize("text", NEW_PHONE)
def test_a_new_phone_is_another_door(text: str) -> None:
    """The old one may still work."""
    assert INTERPRETER.message(text) == Intent("reset_mfa", {"door": "new_phone"})


@pytest.mark.parametrize("text", SIGN_IN)
def test_help_with_signing_in_is_asked_for(text: str) -> None:
    """Or how the account stands, which is the same answer."""
    assert INTERPRETER.message(text) == Intent("sign_in_help")


@pytest.mark.parametrize("text", NEITHER)
def test_anything_else_gets_the_menu(text: str) -> None:
    """Above all what is about a thing, another person, or the opposite."""
    assert INTERPRETER.message(text).capability is None


@pytest.mark.parametrize("text", ["unlock", "Unlock", "UNLOCK please", " unlock  now "])
def test_a_subcommand_is_its_capability(text: str) -> None:
    """Whatever follows it."""
    assert INTERPRETER.command(text) == Intent("unlock_account")


def test_what_is_no_subcommand_is_a_message() -> None:
    """People write to the command as they write to the bot."""
    assert INTERPRETER.command("help-me-in") == Intent("sign_in_help")
    assert INTERPRETER.command("I'm locked out") == Intent("unlock_account")
    assert INTERPRETER.command("") == Intent()


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    """And nothing of the text is in it."""
    for intent in (INTERPRETER.message(text), INTERPRETER.command(text)):
        assert intent.capability in {None, *handlers.find()}
        assert intent.form in ({}, {"door": "new_phone"})
        assert intent.note in {None, "not_understood"}


@pytest.mark.parametrize(
    "piece",
    [
        "account ",
        "a",
        " ",
        "can't ",
        "log ",
        "reset ",
        "password ",
        "my phone ",
        "new ",
        "okta verify ",
        "wrong ",
        "too many ",
        "i'm x ",
        "unlock a b ",
        "usuario ",
        "'s ",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    """Whoever pastes a book does not hold up the others."""
    text = piece * 100_000
    started = time.process_time()
    INTERPRETER.message(text)

    assert time.process_time() - started < 0.25


@pytest.mark.parametrize(
    "text",
    [
        "this wasn't me",
        "That was not me!",
        "no, it wasn't me",
        "Not me",
        "I didn't ask for this",
        "I never requested that.",
        "somebody is using my Slack account",
        "somebody else used my account",
        "I think my account was hacked",
        "I got hacked, help",
        "help! my okta account has been compromised",
    ],
)
def test_whoever_says_that_it_was_not_them_is_believed(text: str) -> None:
    """It stops everything, and so it is just that which is said."""
    assert INTERPRETER.message(text) == Intent("not_me")


@pytest.mark.parametrize(
    "text",
    [
        "I never did this before, how do I reset my password?",
        "I didn't do that yet, please unlock my account",
        "i didn't ask for this, i need my account unlocked",
        "I did not do this right, reset my password again",
        "it wasn't me who forgot the password, Okta is broken",
        "this isn't me complaining, but my account is locked",
    ],
)
def test_a_sentence_that_asks_for_something_stops_nothing(text: str) -> None:
    """Only IT can undo it, so it must not happen by the way."""
    assert INTERPRETER.message(text).capability != "not_me"
