"""The Slack edge: a payload becomes a stored request or a stored signal, and only then is acknowledged.

Nothing is asked of Okta or Slack before the acknowledgement. What somebody typed is interpreted here and goes no further.
"""

import asyncio
import hashlib
import logging
import re
from base64 import b32encode
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from bot.errors import StoreUnavailableError
from bot.evidence import Method
from bot.interpret import Interpreter
from bot.model import Actor, Input, Intent, Origin, Place, Request, Signal, Surface
from bot.passcodes import Passcodes, Typed
from bot.ports import Clock, Messenger, NotShownError, UndeliverableError
from bot.slack.payloads import Asked, JsonObject, Pressed, asked_by_command, asked_in_event, pressed, submitted
from bot.store import Store
from templates.blocks import TICK, refusal, replacement
from templates.cards import Cards

log = logging.getLogger(__name__)

STORE_LIMIT: Final = 2.0
"""Seconds to keep trying to store what came in; Slack wants its acknowledgement within three."""

AGAIN: Final = 0.1
"""Seconds between two tries."""

SAY_LIMIT: Final = 10.0
"""Seconds to spend on telling somebody that nothing was taken in."""

SAY_NOW: Final = 0.8
"""Seconds for the same where Slack waits for its acknowledgement meanwhile."""

ASK: Final = "ask:"
LINK: Final = "link:"
WINDOW: Final = "window"
"""What follows the name of a press that opens a window."""

TYPE: Final = "type"
"""The press that opens a window to type a code in."""

_SIGNALS: Final = {
    "confirm": Signal.CONFIRM,
    "choose": Signal.CHOOSE,
    "cancel": Signal.CANCEL,
    "prove": Signal.PROVE,
}
"""What a press can be to a request. That somebody has proved who they are is not among it."""

_CODE: Final = re.compile(r"[0-9]{4,10}", re.ASCII)
"""What can be a code, without its blanks; Okta's and Google's have six digits."""

# No letters that look like a digit or another letter.
_REFERENCE: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")


class Edge:
    """Takes in what Slack delivers.

    Args:
        store: where it goes.
        interpreter: reads what people wrote.
        messenger: for what is said past the queue: that nothing could be stored, or that a card is no longer known.
        cards: draws that.
        passcodes: takes what is typed in windows.
        clock: stamps arrivals.
    """

    def __init__(
        self,
        *,
        store: Store,
        interpreter: Interpreter,
        messenger: Messenger,
        cards: Cards,
        passcodes: Passcodes,
        clock: Clock,
    ) -> None:
        self._store = store
        self._interpreter = interpreter
        self._messenger = messenger
        self._cards = cards
        self._passcodes = passcodes
        self._clock = clock
        self._saying: set[asyncio.Task[object]] = set()

    async def event(self, payload: JsonObject) -> None:
        """Take in an event. One that is no person's message to the bot needs nothing.

        Raises:
            StoreUnavailableError: it could not be stored, nor the person told. Slack shall deliver it again.
        """
        asked = asked_in_event(payload)
        if asked is not None:
            await self._ask(asked, self._interpreter.message(asked.text), comes_again=True)

    async def command(self, form: JsonObject) -> None:
        """Take in a slash command."""
        asked = asked_by_command(form)
        if asked is None:
            log.warning("a slash command without a sender or a trigger was dropped")
            return
        await self._ask(asked, self._interpreter.command(asked.text))

    async def press(self, payload: JsonObject) -> None:
        """Take in the press of a button."""
        press = pressed(payload)
        if press is None:
            log.warning("a press that is not one of a button on a message of ours was dropped")
            return
        action, _, rest = press.action.partition(":")
        if action in _SIGNALS:
            await self._signal(press, _SIGNALS[action], rest)
        elif action == TYPE:
            self._open_for_code(press, rest)
        elif press.action.startswith(ASK):
            place = Place(Surface.BUTTON, channel=press.card.channel, response_url=press.response_url)
            name, _, door = rest.partition(":")
            await self._ask(Asked(press.actor, place, "", press.key), Intent(name, {"door": door} if door else {}))
        elif not press.action.startswith((LINK, TICK)):
            log.warning("a press of a button that this version does not know was dropped")

    async def submit(self, payload: JsonObject) -> dict[str, Any]:
        """Take in what somebody typed in a window, and answer with what the window is to show."""
        found = submitted(payload)
        if found is None:
            log.warning("something typed that is not for a window of ours was dropped")
            return {}
        code = "".join(found.typed.split())
        if _CODE.fullmatch(code) is None:
            return refusal(self._cards.words.text("proof.window.not_a_code"))
        typed = Typed(found.actor, found.window, found.carries, code, found.key)
        self._say(self._passcodes.check(typed))
        return replacement(self._cards.checking(), name=found.window, close=self._cards.words.text("common.close"))

    def _open_for_code(self, press: Pressed, factor_id: str) -> None:
        request_id = press.value.partition(".")[0]
        place = Place(Surface.BUTTON, channel=press.card.channel, response_url=press.response_url)
        target, window = f"{request_id}.{factor_id}", f"{request_id}.{_digest(press.key)}"
        self._say(self._passcodes.open(place, press.actor, target, trigger=press.key, window=window))

    async def drained(self) -> None:
        """Wait for what is still being said."""
        await asyncio.gather(*self._saying, return_exceptions=True)

    async def _ask(self, asked: Asked, intent: Intent, *, comes_again: bool = False) -> None:
        request = Request(
            id=reference(asked.actor, asked.key),
            origin=Origin.PERSON,
            actor=asked.actor,
            intent=intent,
            place=asked.place,
            asked_at=self._clock.now(),
        )
        try:
            await self._surely(lambda: self._store.receive(request))
        except StoreUnavailableError:
            if not comes_again:
                self._say(self._tell_not_taken(asked.place, asked.actor, SAY_LIMIT))
            elif not await self._tell_not_taken(asked.place, asked.actor, SAY_NOW):
                raise

    async def _signal(self, press: Pressed, signal: Signal, rest: str) -> None:
        request_id, _, version = press.value.partition(".")
        opens = signal is Signal.CONFIRM and rest == WINDOW
        given = Input(
            signal,
            press.actor,
            self._clock.now(),
            press.card,
            press.response_url,
            version=int(version) if version.isdecimal() else None,
            chosen=((rest,) if rest else press.chosen) if signal is Signal.CHOOSE else (),
            window=f"{request_id}.{_digest(press.key)}" if opens else None,
            factor_id=rest.partition(":")[2] if signal is Signal.PROVE else None,
        )
        if signal is Signal.PROVE and not rest.startswith(f"{Method.PUSH}:"):
            self._open_for_code(press, given.factor_id or "")
        # At once, since a trigger lives three seconds; what the window shows comes when it is known.
        opening = self._say(self._open(press.key, given.window)) if given.window else None
        place = Place(Surface.BUTTON, channel=press.card.channel, response_url=press.response_url)
        try:
            known = await self._surely(lambda: self._store.signal(request_id, given, key=press.key))
        except StoreUnavailableError:
            self._say(self._tell_not_taken(place, press.actor, SAY_LIMIT))
            self._say(self._close(opening, given.window, "edge.not_taken"))
            return
        if not known:
            self._say(self._tell_gone(press))
            self._say(self._close(opening, given.window, "edge.gone"))

    async def _open(self, trigger: str, window: str) -> bool:
        return await self._messenger.open_window(trigger, window, self._cards.window())

    async def _close(self, opening: asyncio.Task[object] | None, window: str | None, words: str) -> None:
        """Let a window that waits for nothing say so."""
        if opening is not None and window is not None and await opening:
            await self._messenger.fill(window, self._cards.window_note(words))

    async def _surely(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """Store, trying again for as long as Slack can wait: a server that is put back takes a moment.

        Raises:
            StoreUnavailableError: it cannot be done in time.
        """
        give_up = asyncio.get_running_loop().time() + STORE_LIMIT
        while True:
            try:
                async with asyncio.timeout_at(give_up):
                    return await call()
            except (StoreUnavailableError, TimeoutError) as error:
                if asyncio.get_running_loop().time() + AGAIN >= give_up:
                    log.error("nothing can be stored, so requests are turned away")  # noqa: TRY400 - its kind says all
                    raise StoreUnavailableError(type(error).__name__) from error
                await asyncio.sleep(AGAIN)

    def _say(self, saying: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        task = asyncio.create_task(saying)
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)
        return task

    async def _tell_not_taken(self, place: Place, actor: Actor, limit: float) -> bool:
        """Tell somebody, trying for `limit` seconds; answers whether they could be told."""
        words = self._cards.words.text("edge.not_taken")
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while not await self._messenger.whisper(place, actor, words):  # noqa: ASYNC110 - Slack rings no bell
                    await asyncio.sleep(AGAIN)
                return True
        return False

    async def _tell_gone(self, press: Pressed) -> None:
        """A card whose request is no longer kept must not go on offering what nobody will do."""
        try:
            async with asyncio.timeout(SAY_LIMIT):
                await self._messenger.update(press.card, self._cards.gone())
        except (NotShownError, UndeliverableError, TimeoutError):
            log.info("a card whose request is no longer kept could not be closed")


def reference(actor: Actor, key: str) -> str:
    """The id of a request: short enough to be read to IT on the phone, and the same for every redelivery."""
    given = f"{actor.team_id}:{actor.enterprise_id}:{actor.user_id}:{key}"
    letters = _digest(given)
    return "-".join((letters[:4], letters[4:8], letters[8:12]))


def _digest(text: str) -> str:
    return b32encode(hashlib.sha256(text.encode()).digest()[:10]).translate(_REFERENCE).decode()
