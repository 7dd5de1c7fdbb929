"""A stand-in for the bot, small and working: a real Bolt app over Socket Mode that shows every Block Kit element the page has to draw.

It answers in the DM by word: "locked" gets the card of an unlock, "kitchen sink" one of everything, "form" a button that opens a modal.
"""

from __future__ import annotations

import logging
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.twin import APP_TOKEN, BOT_TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.okta import Org
    from sandbox.slack import Workspace

Json = dict[str, Any]

TOPPINGS = ("Olives", "Onions", "Oregano", "Basil")


def plain(words: str) -> Json:
    """A `plain_text` object."""
    return {"type": "plain_text", "text": words}


def button(action_id: str, words: str, **more: Any) -> Json:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": plain(words), **more}


def options(*words: str) -> list[Json]:
    """Options whose value is their text in small letters."""
    return [{"text": plain(word), "value": word.lower()} for word in words]


def card(title: str, body: str, *buttons: Json) -> list[Json]:
    """A card as the bot shows them."""
    shown: list[Json] = [
        {"type": "header", "text": plain(title)},
        {"type": "section", "text": {"type": "mrkdwn", "text": body}},
    ]
    if buttons:
        shown.append({"type": "actions", "elements": list(buttons)})
    return [*shown, {"type": "context", "elements": [{"type": "mrkdwn", "text": "Reference 7F3K2"}]}]


UNLOCK = card(
    "Unlock your account?",
    "This unlocks the Okta account of *Maya Okafor* (*maya.okafor@northwind.example*).\n\nYour password stays the same.",
    button("confirm", "Unlock my account", style="primary"),
    button("cancel", "Cancel"),
)

MRKDWN = (
    "*bold* _italic_ ~gone~ `code &lt;b&gt;` and 2 * 3 * 4, snake_case_word\n"
    "<https://help.northwind.example/a?b=1&amp;c=2|Help &amp; more> <@UMAYA> <#C0GENERAL|general> <!here>\n"
    "<javascript:alert(1)|not a link> <!date^0^{date_num}|1970>\n\n"
    "• first\n• second *strong*\n1. one\n2. two\n&gt; quoted\n```let x = 1 &lt; 2;```\n"
    "&lt;img src=x onerror=alert(1)&gt;"
)

SINK: list[Json] = [
    {"type": "header", "text": plain("Kitchen sink")},
    {"type": "section", "text": {"type": "mrkdwn", "text": MRKDWN}},
    {
        "type": "section",
        "fields": [{"type": "mrkdwn", "text": "*Status*\nLocked"}, {"type": "mrkdwn", "text": "*Since*\n8:55"}],
        "accessory": {"type": "overflow", "action_id": "more", "options": options("Explain", "Forget")},
    },
    {"type": "divider"},
    {
        "type": "actions",
        "block_id": "choices",
        "elements": [
            {"type": "static_select", "action_id": "size", "placeholder": plain("Size"), "options": options("S", "M")},
            {"type": "users_select", "action_id": "who", "placeholder": plain("Somebody")},
            {"type": "radio_buttons", "action_id": "side", "options": options("Left", "Right")},
            {"type": "checkboxes", "action_id": "ticks", "options": options("Tea", "Milk")},
            {"type": "datepicker", "action_id": "day"},
        ],
    },
    {
        "type": "actions",
        "elements": [
            button(
                "erase",
                "Erase",
                style="danger",
                confirm={
                    "title": plain("Really?"),
                    "text": {"type": "mrkdwn", "text": "This *cannot* be undone."},
                    "confirm": plain("Erase it"),
                    "deny": plain("Keep it"),
                    "style": "danger",
                },
            ),
            button("docs", "Read more", url="https://help.northwind.example/"),
        ],
    },
    {"type": "image", "image_url": "https://help.northwind.example/map.png", "alt_text": "A map of the office"},
]

FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Order a pizza"),
    "submit": plain("Order"),
    "close": plain("Not now"),
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Name on the box"),
            "hint": plain("At least three letters"),
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 40},
        },
        {
            "type": "input",
            "block_id": "topping",
            "label": plain("Topping"),
            "element": {"type": "external_select", "action_id": "topping", "min_query_length": 1},
        },
        {
            "type": "input",
            "block_id": "extras",
            "optional": True,
            "label": plain("Extras"),
            "element": {"type": "checkboxes", "action_id": "extras", "options": options("Cheese", "Chili")},
        },
        {"type": "section", "text": plain("More"), "accessory": button("deeper", "Terms")},
    ],
}

TERMS: Json = {
    "type": "modal",
    "title": plain("Terms"),
    "close": plain("Back"),
    "blocks": [{"type": "section", "text": plain("Be kind.")}],
}

ANSWERS = {
    "locked": UNLOCK,
    "kitchen sink": SINK,
    "form": card("A form", "It opens a modal.", button("open", "Open it")),
}

HOME: Json = {"type": "home", "blocks": card("Welcome home", "Nothing is wrong with your account.")}


@asynccontextmanager
async def fake_bot(workspace: Workspace, org: Org) -> AsyncIterator[list[Json]]:
    """Run it; yields the actions and submissions it has heard, oldest first."""
    logger = logging.getLogger("tests.fake_bot")
    logger.setLevel(logging.CRITICAL)
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{workspace.address}/api/", session=session)
        app = AsyncApp(client=client, process_before_response=True, logger=logger)
        heard: list[Json] = []
        _messages(app)
        _actions(app, org, heard)
        _forms(app, heard)
        handler: Any = AsyncSocketModeHandler(app, APP_TOKEN, logger=logger)
        await handler.connect_async()
        try:
            yield heard
        finally:
            await handler.close_async()


def _messages(app: AsyncApp) -> None:
    """Answers to what is said, and the Home tab."""

    @app.event("message")
    async def on_message(event: Json, say: Any, client: Any) -> None:
        word = next((word for word in (*ANSWERS, "whisper") if word in event.get("text", "")), None)
        if word in ANSWERS:
            await say(text=word, blocks=ANSWERS[word])
        elif word == "whisper":
            await client.chat_postEphemeral(channel=event["channel"], user=event["user"], text="psst")

    @app.event("app_mention")
    async def on_mention(event: Json, client: Any) -> None:
        await client.chat_postEphemeral(
            channel=event["channel"], user=event["user"], text="I've answered you in our DM."
        )

    @app.event("app_home_opened")
    async def on_home(event: Json, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.command("/unlatch")
    async def on_command(ack: Any, command: Json) -> None:
        await ack(f"You said: {command['text']}")


def _actions(app: AsyncApp, org: Org, heard: list[Json]) -> None:
    """What buttons do; every other choice is only noted."""

    @app.action(re.compile(".*"))
    async def on_action(ack: Any, body: Json, action: Json, client: Any) -> None:
        await ack()
        heard.append(action)
        match action["action_id"]:
            case "confirm":
                org.change("maya.okafor@northwind.example", status="ACTIVE")
                place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
                title = "Your account is unlocked"
                await client.chat_update(**place, text=title, blocks=card(title, "You can sign in again."))
            case "open":
                await client.views_open(trigger_id=body["trigger_id"], view=FORM)
            case "deeper":
                await client.views_push(trigger_id=body["trigger_id"], view=TERMS)


def _forms(app: AsyncApp, heard: list[Json]) -> None:
    """The modal's own answers."""

    @app.options("topping")
    async def on_options(ack: Any, payload: Json) -> None:
        typed = payload["value"].lower()
        await ack(options=options(*(one for one in TOPPINGS if one.lower().startswith(typed))))

    @app.view("form")
    async def on_submit(ack: Any, view: Json) -> None:
        values = view["state"]["values"]
        if len(values["name"]["text"]["value"]) < len("Ana"):
            await ack(response_action="errors", errors={"name": "That is too short."})
            return
        heard.append(values)
        await ack()
