"""Keeps what a person sees in step with their request.

A card is drawn from the record alone, so drawing it twice shows the same, and the latest version wins: what was shown
is noted in the store, and a version that moved meanwhile is drawn again. A card whose posting was begun and never
noted is searched for in Slack before another one is posted.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bot.errors import StoreUnavailableError
from bot.model import Card, Input, Place, Record, Request, Surface
from bot.ports import Messenger, NotShownError, UndeliverableError, View
from bot.states import BUSY
from bot.store import Store
from okta.models import OneTimeLink
from templates.blocks import plain
from templates.cards import Cards

_log = logging.getLogger(__name__)

PATIENCE: Final = 1.0
"""Seconds before a card says that work is under way; a quick answer spares the person the flicker."""

OPENING: Final = (0.2, 0.4, 0.8, 1.6)
"""Seconds between tries to fill a window that the edge is opening still."""

AGAIN: Final = timedelta(seconds=5)
"""After how long a card that Slack did not take is tried again; for as long as it takes."""


class Showing:
    """Shows records through a messenger."""

    def __init__(self, *, store: Store, messenger: Messenger, cards: Cards) -> None:
        self._store = store
        self._messenger = messenger
        self._cards = cards

    async def show(self, record: Record) -> bool:
        """Show the record's version if it is not shown yet. False: it has moved meanwhile, read it again."""
        request = record.request
        if record.shown == request.version:
            return True
        try:
            card, _ = await asyncio.gather(self._draw(record), self._draw_window(request))
        except NotShownError as error:
            _log.warning("card not shown now, will be tried again: request %s", request.id)
            await self._store.remind(request.id, max(AGAIN, error.wait))
            return True
        except UndeliverableError as error:
            _log.warning("Slack does not deliver to the person: request %s, %s", request.id, error.code)
            await self._messenger.whisper(
                request.place, request.actor, self._cards.words.text("edge.no_direct_message")
            )
            card = None
        return await self._store.showed(record, card) <= request.version

    async def _draw(self, record: Record) -> Card:
        request = record.request
        view = self._cards.draw(request)
        if record.card is not None:
            try:
                await self._messenger.update(record.card, view)
            except UndeliverableError as error:
                _log.info("a card can no longer be changed (%s), a new one follows: request %s", error.code, request.id)
            else:
                return record.card
        card = await self._messenger.post(request.id, request.actor, view, place=request.place, search=record.posting)
        if record.card is None and _asked_elsewhere(request.place, card):
            await self._messenger.whisper(request.place, request.actor, self._cards.words.text("edge.pointer"))
        return card

    async def _draw_window(self, request: Request) -> None:
        """A window that waits for a link must not go on waiting when none comes; one that shows its link keeps it."""
        if request.window is not None and request.state not in BUSY and not request.delivered:
            await self._messenger.fill(request.window, self._cards.window_over(request))

    async def hand_over(self, record: Record, link: OneTimeLink) -> bool:
        """Show a person their one-time link, once, and where it does not stay; answers whether Slack took it.

        In the window that their Confirm opened, or, if that is not there, as a message that only they see and that is gone
        with the next reload.
        """
        request = record.request
        view = self._cards.link(request, link)
        if request.window is not None and await self._fill(request.window, view):
            return True
        channel = record.card.channel if record.card else request.place.channel
        return await self._messenger.whisper(Place(Surface.DM, channel=channel), request.actor, plain(view))

    async def _fill(self, window: str, view: View) -> bool:
        for pause in OPENING:
            if await self._messenger.fill(window, view):
                return True
            await asyncio.sleep(pause)
        return await self._messenger.fill(window, view)

    async def meanwhile(self, record: Record, work: asyncio.Task[Any]) -> None:
        """Wait for the end of `work`, whichever it is; if it takes long, let the person see that something goes on."""
        try:
            await asyncio.wait({work}, timeout=PATIENCE)
            if not work.done():
                await self._draw_passing(record)
                await asyncio.wait({work})
        finally:
            work.cancel()

    async def _draw_passing(self, record: Record) -> None:
        """Best effort: the work that is waited for must not end because this does not succeed."""
        try:
            if record.card is None:
                await self._store.posting(record)
                await self.show(replace(record, posting=True))
                return
            await self._messenger.update(record.card, self._cards.passing(record.request))
            # If we were stalled, this has covered the card of a later version, which then must be drawn again.
            await self._store.showed(record, record.card)
        except (NotShownError, UndeliverableError, StoreUnavailableError):
            _log.info("a card could not be drawn in passing: request %s", record.request.id)

    async def answer(self, record: Record, given: Input, words: str) -> None:
        """Answer a signal that changes nothing; if another copy of the card was touched, let it tell the truth too.

        The card itself is drawn as the request moves. Drawing is not free, and somebody may press a hundred times.
        """
        place = replace(record.request.place, surface=Surface.BUTTON, response_url=given.response_url)
        if given.card is not None:
            place = replace(place, channel=given.card.channel, thread_ts=None)
        await self._messenger.whisper(place, given.actor, self._cards.words.text(words))
        if given.window is not None:
            await self._messenger.fill(given.window, self._cards.window_note(words))
        if given.card is None or given.card == record.card or given.actor.user_id != record.request.actor.user_id:
            return
        try:
            await self._messenger.update(given.card, self._cards.draw(record.request))
        except (NotShownError, UndeliverableError):
            _log.info("a touched card could not be refreshed: request %s", record.request.id)


def _asked_elsewhere(place: Place, card: Card) -> bool:
    """Whether somebody asked in another place than the one they are answered in, and so needs a pointer."""
    return place.surface in {Surface.MENTION, Surface.COMMAND} and place.channel != card.channel
