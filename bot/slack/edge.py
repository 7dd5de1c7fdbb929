"""The Slack edge: a payload becomes a stored request or a stored signal, and only then is acknowledged.

Bolt hands every payload to one middleware of ours, and the routing is a table there, because each listener that Bolt
tries first costs time. Nothing is asked of Okta or Slack before the acknowledgement. What somebody typed is
interpreted here and goes no further.
"""

import asyncio
import hashlib
import logging
from base64 import b32encode
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import StoreUnavailableError
from bot.interpret import Interpreter
from bot.model import Actor, Input, Intent, Origin, Place, Request, Signal, Surface
from bot.ports import Clock, Messenger, NotShownError, UndeliverableError
from bot.slack.payloads import Asked, JsonObject, Pressed, asked_by_command, asked_in_event, pressed
from bot.store import Store
from templates.blocks import TICK
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

_SIGNALS: Final = {"confirm": Signal.CONFIRM, "choose": Signal.CHOOSE, "cancel": Signal.CANCEL}
# No letters that look like a digit or another letter.
_REFERENCE: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789abcdefghjkmnpqrstvwxyz")


class Edge:
    """Takes in what Slack delivers.

    Args:
        store: where it goes.
        interpreter: reads what people wrote.
        messenger: for what is said past the queue: that nothing could be stored, or that a card is no longer known.
        cards: draws that.
        clock: stamps arrivals.
    """

    def __init__(
        self, *, store: Store, interpreter: Interpreter, messenger: Messenger, cards: Cards, clock: Clock
    ) -> None:
        self._store = store
        self._interpreter = interpreter
        self._messenger = messenger
        self._cards = cards
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
        elif press.action.startswith(ASK):
            place = Place(Surface.BUTTON, channel=press.card.channel, response_url=press.response_url)
            name, _, door = rest.partition(":")
            await self._ask(Asked(press.actor, place, "", press.key), Intent(name, {"door": door} if door else {}))
        elif not press.action.startswith((LINK, TICK)):
            log.warning("a press of a button that this version does not know was dropped")

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
        )
        if given.window is not None:
            # At once, since a trigger lives three seconds; what the window shows comes when it is known.
            self._say(self._messenger.open_window(press.key, given.window, self._cards.window()))
        place = Place(Surface.BUTTON, channel=press.card.channel, response_url=press.response_url)
        try:
            known = await self._surely(lambda: self._store.signal(request_id, given, key=press.key))
        except StoreUnavailableError:
            self._say(self._tell_not_taken(place, press.actor, SAY_LIMIT))
            return
        if not known:
            self._say(self._tell_gone(press))

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

    def _say(self, saying: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(saying)
        self._saying.add(task)
        task.add_done_callback(self._saying.discard)

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


class Intake(AsyncMiddleware):
    """Takes every payload that Bolt lets through, and ends its way there.

    Bolt would carry a payload past the matcher of each listener, which costs more than storing it.
    """

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's own name for it
    ) -> BoltResponse:
        """Take a payload in, and only then acknowledge it.

        What nothing here takes is acknowledged too, since Slack would only repeat it.
        """
        del resp, next
        payload = req.body
        if "event" in payload:
            await self._edge.event(payload)
        elif "command" in payload:
            await self._edge.command(payload)
        elif "actions" in payload:
            await self._edge.press(payload)
        else:
            log.info("nothing here takes a payload of the kind %r", str(payload.get("type", ""))[:40])
        return BoltResponse(status=200, body="")


def bolt(edge: Edge, authorized: AuthorizeResult, logger: logging.Logger) -> AsyncApp:
    """The Bolt app: what it does with any payload, and then `edge`.

    Args:
        edge: where payloads go.
        authorized: who we are, found out once; Bolt's own look-up would ask Slack before the first acknowledgement.
        logger: for Bolt, which logs whole payloads below WARNING.
    """

    async def authorize() -> AuthorizeResult:
        return authorized

    app = AsyncApp(
        logger=logger,
        name="unlatch",
        client=AsyncWebClient(logger=logger),  # never used: what is said goes through the messenger
        authorize=authorize,
        signing_secret="",
        process_before_response=True,
        # Signatures are checked before Bolt sees anything (`bot.slack.http`); Socket Mode has none.
        request_verification_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.use(Intake(edge))
    app.error(_let_slack_repeat)
    return app


async def dispatch(app: AsyncApp, payload: JsonObject) -> BoltResponse:
    """Hand a payload to Bolt, decoded and known to be Slack's, and answer what it says.

    Bolt reads a payload before anything of ours sees it and raises at shapes that it does not expect. Such a payload is
    acknowledged: it would be no better the next time.
    """
    if not _has_a_known_shape(payload):
        log.error("a payload of an unknown shape was dropped")
        return BoltResponse(status=200, body="")
    try:
        # `socket_mode` is Bolt's word for a payload that comes decoded and verified.
        return await app.async_dispatch(AsyncBoltRequest(body=dict(payload), mode="socket_mode"))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        log.error("a payload of an unknown shape was dropped: %s", type(error).__name__)  # noqa: TRY400 - its text quotes
        return BoltResponse(status=200, body="")


def _has_a_known_shape(payload: JsonObject) -> bool:
    """Whether what tells the kind of a payload is what it should be, where a payload has such a thing."""
    match payload:
        case {"event": {"type": str()}} | {"command": str()} | {"actions": [{"action_id": str()}, *_]}:
            return True
    return not {"event", "command", "actions"} & payload.keys()


async def _let_slack_repeat(error: Exception) -> BoltResponse:
    """What could not be taken in is not acknowledged."""
    log.error("a payload was not taken in: %s", type(error).__name__)
    return BoltResponse(status=500, body="")
