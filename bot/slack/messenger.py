"""What the bot shows in Slack: cards in direct messages, and words that only one person sees.

Posting cannot be repeated safely, since Slack has no key for that: a card whose posting was not answered is searched by
the request's id in its metadata (https://docs.slack.dev/messaging/message-metadata) before it is posted again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.model import Actor, Card, Place, Surface
from bot.ports import NotShownError, UndeliverableError, View
from bot.slack import answers
from templates.blocks import message, modal

log = logging.getLogger(__name__)

EVENT_TYPE: Final = "unlatch_request"
"""Marks a card's metadata as ours."""

SEARCHED: Final = 50
"""How many of the newest messages of a direct message to look through for a lost card."""

REMEMBERED: Final = 50_000
"""How many people's direct messages to remember."""

_MENDED: Final = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope"}
)
"""What an administrator has to mend; what waits for it is shown when they have. Any other refusal is Slack's last word."""


class SlackMessenger:
    """The port `bot.capability.Messenger` over Slack's Web API.

    Args:
        web: the client, with the bot token. It must not repeat calls by itself.
        session: for answers to a `response_url`.
        bot_user_id: whose messages are ours.
        close: what is written on the button that closes a window.
    """

    def __init__(
        self, web: AsyncWebClient, session: aiohttp.ClientSession, bot_user_id: str, *, close: str = "Close"
    ) -> None:
        self._close = close
        self._web = web
        self._session = session
        self._bot_user_id = bot_user_id
        self._direct_messages: dict[str, str] = {}
        # Held while somebody waits for it, and no longer: two requests of one person are one question to Slack.
        self._opening: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._held_back: dict[str, float] = {}
        scheme, host = urlsplit(web.base_url)[:2]
        # hooks.slack.com beside slack.com; the twin has one address for both.
        self._slacks = {(scheme, host), (scheme, f"hooks.{host}")}

    async def post(self, request_id: str, to: Actor, view: View, *, place: Place, search: bool) -> Card:
        """Post a card into the person's direct message, or find the one that is there.

        Raises:
            UndeliverableError: Slack will not show this person anything in a direct message.
            NotShownError: it did not work now.
        """
        channel = await self._direct_message(to, place)
        if search and (found := await self._search(channel, request_id)):
            await self.update(found, view)
            return found
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"request": request_id}}
        posted = await self._call(
            f"chat.postMessage {channel}",  # the one limit that Slack keeps per channel
            lambda: self._web.chat_postMessage(channel=channel, metadata=metadata, **message(view)),
        )
        return Card(channel, str(posted["ts"]))

    async def update(self, card: Card, view: View) -> None:
        """Replace what a card shows.

        Raises:
            UndeliverableError: the card is gone or can no longer be changed.
            NotShownError: it did not work now.
        """
        shown = message(view)
        await self._call(
            "chat.update",
            lambda: self._web.chat_update(channel=card.channel, ts=card.ts, text=shown["text"], blocks=shown["blocks"]),
        )

    async def tell(self, channel: str, view: View) -> None:
        """Post something into a channel that the bot is in.

        Raises:
            UndeliverableError: Slack will not have it there: there is no such channel, or the bot is not in it.
            NotShownError: it did not work now.
        """
        await self._call(
            f"chat.postMessage {channel}", lambda: self._web.chat_postMessage(channel=channel, **message(view))
        )

    async def open_window(self, trigger: str, window: str, view: View) -> bool:
        """Open a window for whoever pressed; best effort.

        Args:
            trigger: the press's `trigger_id`, good for one call within three seconds.
            window: the name by which `fill` will find it.
            view: what it shows at first.
        """
        shown = modal(view, name=window, close=self._close)
        return await self._window("views.open", lambda: self._web.views_open(trigger_id=trigger, view=shown))

    async def fill(self, window: str, view: View) -> bool:
        """Replace what a window shows, if it is still open; best effort. Answers whether Slack took it."""
        shown = modal(view, name=window, close=self._close)
        return await self._window("views.update", lambda: self._web.views_update(external_id=window, view=shown))

    async def _window(self, bucket: str, call: Callable[[], Awaitable[AsyncSlackResponse]]) -> bool:
        try:
            await self._call(bucket, call)
        except (NotShownError, UndeliverableError) as error:
            log.info("a window was not shown (%s)", error.code if isinstance(error, UndeliverableError) else "not now")
            return False
        return True

    async def whisper(self, place: Place, to: Actor, text: str) -> bool:
        """Say something that only `to` sees, where they are; best effort. Answers whether Slack took it."""
        try:
            if await self._responded(place.response_url, text):
                return True
            if place.channel:
                await self._whisper_in(place, place.channel, to, text)
                return True
        except (NotShownError, UndeliverableError) as error:
            log.info("something could not be said to one person: %s", type(error).__name__)
        return False

    async def _whisper_in(self, place: Place, channel: str, to: Actor, text: str) -> None:
        thread_ts = place.thread_ts
        await self._call(
            "chat.postEphemeral",
            lambda: self._web.chat_postEphemeral(channel=channel, user=to.user_id, text=text, thread_ts=thread_ts),
        )

    async def _responded(self, url: str | None, text: str) -> bool:
        """Whether Slack took it at a response address, which is used up after five answers or half an hour."""
        if url is None or not self._is_slacks(url):
            return False
        body = {"response_type": "ephemeral", "replace_original": False, "text": text}
        try:
            async with self._session.post(url, json=body, allow_redirects=False) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotShownError(type(error).__name__) from error

    def _is_slacks(self, url: str) -> bool:
        """Whether an address from a payload leads to Slack, or to the twin that takes its place."""
        try:
            return urlsplit(url)[:2] in self._slacks
        except ValueError:
            return False

    async def _direct_message(self, to: Actor, place: Place) -> str:
        """The person's direct message with the bot. It is the same for ever, and Slack tells it to few a minute."""
        if place.surface is Surface.DM and place.channel is not None:
            return place.channel
        async with self._opening.setdefault(to.user_id, asyncio.Lock()):
            if to.user_id not in self._direct_messages:
                opened = await self._call("conversations.open", lambda: self._web.conversations_open(users=to.user_id))
                if len(self._direct_messages) >= REMEMBERED:
                    self._direct_messages.clear()
                self._direct_messages[to.user_id] = str(opened["channel"]["id"])
            return self._direct_messages[to.user_id]

    async def _search(self, channel: str, request_id: str) -> Card | None:
        found = await self._call(
            "conversations.history",
            lambda: self._web.conversations_history(channel=channel, limit=SEARCHED, include_all_metadata=True),
        )
        messages: list[dict[str, Any]] = found.get("messages", [])
        for one in messages:
            match one:
                case {
                    "user": user,
                    "ts": str(ts),
                    "metadata": {"event_type": kind, "event_payload": {"request": held}},
                }:
                    if (user, kind, held) == (self._bot_user_id, EVENT_TYPE, request_id):
                        return Card(channel, ts)
        return None

    async def _call(self, bucket: str, call: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
        """Call Slack, unless it has asked for a pause in this bucket of its rate limits: more calls would lengthen it."""
        now = asyncio.get_running_loop().time()
        wait = self._held_back.get(bucket, now) - now
        if wait > 0:
            raise NotShownError("Slack has asked for a pause", timedelta(seconds=wait))
        self._held_back.pop(bucket, None)
        try:
            return await call()
        except answers.UNAVAILABLE as error:
            code = answers.code(error) if isinstance(error, SlackApiError) else None
            if code and code not in answers.PASSING | _MENDED:
                raise UndeliverableError(code) from error
            log.warning("Slack does not do it now: %s", answers.reason(error))
            pause = answers.retry_after(error)
            if pause:
                self._held_back[bucket] = now + pause
            raise NotShownError(answers.reason(error), timedelta(seconds=pause)) from error
