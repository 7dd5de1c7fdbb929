"""Bolt, and the one middleware of ours to which it hands every payload.

The routing is a table there, because each listener that Bolt tries first costs time.
"""

import logging
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.edge import Edge
from bot.slack.payloads import JsonObject

log = logging.getLogger(__name__)


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
        elif payload.get("type") == "view_submission":
            return BoltResponse(status=200, body=await self._edge.submit(payload))
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
