"""What is to be told elsewhere than on the card: kept until it is told, whatever dies in between.

A note is written by the script of the transition that gives rise to it (`bot.store`), with a doorbell on a lane of its own,
so that a channel that cannot be reached holds up nobody's account. It is told at least once; twice, if a process dies
between telling and noting it, since Slack has no key for that.
"""

import logging
from datetime import timedelta
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import StoreUnavailableError
from bot.keys import Keys
from bot.mail import Letter, Post
from bot.notices import Note
from bot.ports import Clock, Lease, Messenger, NotShownError, UndeliverableError
from templates.cards import Cards

log = logging.getLogger(__name__)

AGAIN: Final = timedelta(seconds=10)
"""After how long a note is tried again that Slack, or the mail server, did not take."""

MENDED: Final = timedelta(minutes=5)
"""The same where somebody has to mend something first, such as to invite the bot."""

KEPT: Final = timedelta(days=3)
"""For how long it is tried."""

_note = msgspec.json.Decoder(Note)


class Outbox:
    """Tells what lies there.

    Args:
        messenger: tells the security channel.
        cards: have the words.
        channel: its id; None where there is none.
        post: mails the owners of accounts; None where there is no mail.
    """

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        clock: Clock,
        *,
        messenger: Messenger,
        cards: Cards,
        channel: str | None,
        post: Post | None,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._clock = clock
        self._messenger = messenger
        self._cards = cards
        self._channel = channel
        self._post = post

    async def deliver(self, note_id: str, _version: int, _lease: Lease) -> None:
        """Tell a note, if it is there still.

        Raises:
            StoreUnavailableError: nothing was lost; the doorbell rings again.
        """
        try:
            body = await self._redis.hget(self._keys.note(note_id), "body")
            if body is not None:
                await self._tell(note_id, _note.decode(body))
            else:
                await self._redis.zrem(self._keys.notes_due, note_id)
        except (RedisError, OSError) as error:
            raise StoreUnavailableError(type(error).__name__) from error

    async def bury(self, note_id: str) -> None:
        """Give up a note that cannot be told, however often it is tried."""
        log.error("a note was given up that nobody could be told of: %s", note_id)
        await self._forget(note_id)

    async def _tell(self, note_id: str, note: Note) -> None:
        try:
            await self._bring(note)
        except NotShownError as error:
            await self._put_off(note_id, note, max(AGAIN, error.wait))
        except UndeliverableError as error:
            whom = "the owner of an account" if note.to else "the security channel"
            log.error("%s cannot be told (%s): request %s", whom, error.code, note.request)  # noqa: TRY400
            if error.for_good:
                await self.bury(note_id)
            else:
                await self._put_off(note_id, note, MENDED)
        else:
            await self._forget(note_id)

    async def _bring(self, note: Note) -> None:
        if not note.to and self._channel is not None:
            await self._messenger.tell(self._channel, self._cards.note(note))
        elif note.to and self._post is not None:
            subject, text = self._cards.letter(note)
            await self._post.send(Letter(note.id, note.to, subject, text, note.at))
        else:
            raise UndeliverableError("no longer set up", for_good=True)

    async def _put_off(self, note_id: str, note: Note, wait: timedelta) -> None:
        if self._clock.now() >= note.at + KEPT:
            await self.bury(note_id)
            return
        at = (self._clock.now() + wait).timestamp()
        await self._redis.zadd(self._keys.notes_due, {note_id: at}, xx=True)

    async def _forget(self, note_id: str) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(self._keys.note(note_id))
            pipe.zrem(self._keys.notes_due, note_id)
            await pipe.execute()
