"""The two short-lived rights an interaction gives the app: a trigger to open a modal, and an address to answer to.

A trigger lives 3 seconds and works once; a response address lives 30 minutes and works 5 times
(https://docs.slack.dev/interactivity/handling-user-interaction).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.slack.errors import ApiError

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.clock import Clock

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_LIFE = timedelta(minutes=30)
RESPONSE_USES = 5


@dataclass(slots=True)
class Trigger:
    """The right to open one modal for one person."""

    user: str
    issued: datetime
    spent: bool = False


class Triggers:
    """Triggers by id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, Trigger] = {}

    def issue(self, user_id: str) -> str:
        """Make a trigger for what this person did just now."""
        now = self._clock.now()
        trigger_id = f"{int(now.timestamp())}.{secrets.randbelow(10**9)}.{secrets.token_hex(16)}"
        self._by_id[trigger_id] = Trigger(user_id, now)
        return trigger_id

    def check(self, trigger_id: str) -> Trigger:
        """The usable trigger.

        Raises:
            ApiError: `invalid_arguments` for an unknown one, `exchanged_trigger_id` or `expired_trigger_id`.
        """
        trigger = self._by_id.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_arguments", messages=["invalid `trigger_id` [json-pointer:/trigger_id]"])
        if trigger.spent:
            raise ApiError("exchanged_trigger_id")
        if self._clock.now() - trigger.issued >= TRIGGER_LIFE:
            raise ApiError("expired_trigger_id")
        return trigger


@dataclass(slots=True)
class ResponseUrl:
    """Where the app may answer what one person did in one channel; `message_ts` is the message it was done to."""

    user: str
    channel: str
    message_ts: str | None
    issued: datetime
    uses: int = 0


class ResponseUrls:
    """Response addresses by their secret token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_token: dict[str, ResponseUrl] = {}

    def issue(self, user_id: str, channel_id: str, message_ts: str | None = None) -> str:
        """The path of a new address."""
        token = secrets.token_urlsafe(24)
        self._by_token[token] = ResponseUrl(user_id, channel_id, message_ts, self._clock.now())
        return f"/response/{token}"

    def use(self, token: str) -> ResponseUrl:
        """Count one use of an address.

        Raises:
            ApiError: `no_service`, `expired_url` or `used_url`.
        """
        known = self._by_token.get(token)
        if known is None:
            raise ApiError("no_service")
        if self._clock.now() - known.issued >= RESPONSE_LIFE:
            raise ApiError("expired_url")
        if known.uses >= RESPONSE_USES:
            raise ApiError("used_url")
        known.uses += 1
        return known
