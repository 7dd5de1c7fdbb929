"""The pretend workspace: its state, put together, and the controls a test or the page has over it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.changes import Changes
from sandbox.slack.channels import Channels
from sandbox.slack.config import AppConfig
from sandbox.slack.faults import Faults
from sandbox.slack.ids import Ids
from sandbox.slack.interactivity import ResponseUrls, Triggers
from sandbox.slack.limits import RateLimits
from sandbox.slack.members import HOME, Members, is_external
from sandbox.slack.payloads import Payloads
from sandbox.slack.person import Person
from sandbox.slack.post import PostOffice
from sandbox.slack.records import Kind, Transport
from sandbox.slack.roster import bot_member, seed
from sandbox.slack.snapshot import snapshot
from sandbox.slack.sockets import DisconnectReason, Sockets
from sandbox.slack.surfaces import Surfaces
from sandbox.slack.webhooks import Webhooks
from sandbox.slack.writing import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.clock import Clock
    from sandbox.people import SlackMember
    from sandbox.slack.channels import Channel
    from sandbox.slack.forms import Inputs
    from sandbox.slack.post import Courier
    from sandbox.slack.records import Call, Delivery, JsonObject


class Workspace:
    """Team T0NORTHWIND with one installed app, seeded with the cast.

    Args:
        clock: the time both halves of the twin share.
        bot_token: what the app's Web API calls carry (`xoxb-…`).
        app_token: what opens Socket Mode (`xapp-…`).
        signing_secret: what signs HTTP deliveries.
        app: ids, scopes, events and commands of the app, `AppConfig.from_manifest` for those of a manifest.
        enterprise_id: makes the workspace part of an enterprise; members then have `enterprise_user`.
        rate_limits: False for load tests only.

    Attributes:
        calls: every Web API call, oldest first.
        deliveries: every try of a delivery, oldest first.
        faults: faults on order for Web API methods.
        changes: rings when anything a person could see has changed.
        base_url: where the twin is served; `serve_slack` sets it, and otherwise the first Web API call tells.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        bot_token: str,
        app_token: str,
        signing_secret: str,
        app: AppConfig | None = None,
        enterprise_id: str | None = None,
        rate_limits: bool = True,
    ) -> None:
        self.clock = clock
        self.app = app or AppConfig()
        self.enterprise_id = enterprise_id
        self.tokens = {bot_token: "bot", app_token: "app"}
        self.revoked: set[str] = set()
        self.base_url: str | None = None
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.notices: dict[str, list[str]] = {}
        self.changes = Changes()
        self.faults = Faults()
        self.ids = Ids(clock)
        self.limits = RateLimits(clock, enforced=rate_limits)
        self.members = Members(enterprise_id)
        self.channels = Channels(self.app.bot_user_id)
        self.triggers = Triggers(clock)
        self.response_urls = ResponseUrls(clock)
        self.surfaces = Surfaces(self.ids, installed_team=HOME.id)
        self.payloads = Payloads(self.app, self.ids, enterprise_id=enterprise_id)
        self.sockets = Sockets(clock, app_id=self.app.app_id)
        self.webhooks = Webhooks(clock, signing_secret=signing_secret)
        self.post = PostOffice(clock, courier=self._courier, record=self._record)
        self.writer = Writer(
            app=self.app,
            ids=self.ids,
            members=self.members,
            payloads=self.payloads,
            post=self.post,
            changes=self.changes,
        )
        self.bot = bot_member(self.app)
        self.people: dict[str, Person] = {}
        self.entered: dict[tuple[str, str], Inputs] = {}
        seed(self.members, self.channels, self.app, created=self.ids.epoch())

    # People

    def person(self, user_id: str) -> Person:
        """The handle of a member.

        Raises:
            LookupError: nobody has this id.
        """
        if self.members.get(user_id) is None:
            raise LookupError(f"no member {user_id}")
        return self.people.setdefault(user_id, Person(self, user_id))

    def add_member(self, member: SlackMember, *, channels: tuple[str, ...] = ()) -> Person:
        """Let somebody join the workspace, and these channels."""
        self.members.add(member)
        for channel_id in channels:
            self.channels.join(channel_id, member.id)
        self.changes.touch()
        return self.person(member.id)

    def change_member(self, user_id: str, **fields: Any) -> SlackMember:
        """Change an account: `deleted=True`, another `email`, a guest's `is_restricted`."""
        self.changes.touch()
        return self.members.change(user_id, **fields)

    def revoke_token(self) -> None:
        """Take the bot token away; every further call answers `token_revoked`."""
        self.revoked.update(token for token, kind in self.tokens.items() if kind == "bot")

    def open_im(self, member: SlackMember) -> Channel:
        """The DM between the bot and a member."""
        return self.channels.open_im(member.id, created=self.ids.epoch(), is_ext_shared=is_external(member))

    def notify(self, user_id: str, text: str) -> None:
        """Show a person a text of Slack's own."""
        self.notices.setdefault(user_id, []).append(text)
        self.changes.touch()

    def snapshot(self, user_id: str) -> JsonObject:
        """What this person's client shows, as JSON for the page."""
        return snapshot(self, self.person(user_id))

    # Delivery

    @property
    def request_url(self) -> str | None:
        """The app's address for signed HTTP delivery; None switches to Socket Mode."""
        return self.webhooks.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.webhooks.request_url = url

    @property
    def address(self) -> str:
        """Where the twin is served.

        Raises:
            RuntimeError: not known yet.
        """
        if self.base_url is None:
            raise RuntimeError("serve the workspace with serve_slack, or set base_url")
        return self.base_url

    async def verify_request_url(self) -> bool:
        """Send `url_verification`, as Slack does when the address is entered; whether the app gave the challenge back."""
        challenge = self.ids.hash()
        body = json.dumps({"token": "", "challenge": challenge, "type": "url_verification"})
        delivery = await self.deliver_raw(body)
        return delivery.acked and delivery.answer in (challenge, {"challenge": challenge})

    async def emit(self, event: JsonObject, *, channel: str | None = None) -> Delivery:
        """Deliver any event, subscribed or not, with Slack's retries; the last try."""
        place = self.channels.get(channel) if channel is not None else None
        return await self.post.hand_over_event(self.writer.parcel(event, place))

    async def redeliver(self, delivery: Delivery | None = None, *, attempt: int = 0) -> Delivery:
        """Deliver the same bytes once more (default: the last delivery), as Slack sometimes does; `attempt` marks it as a retry."""
        again = delivery or next(d for d in reversed(self.deliveries) if d.kind is not Kind.RAW)
        if again.transport is Transport.SOCKET:
            envelope = json.loads(again.body)
            if attempt:
                envelope |= {"retry_attempt": attempt, "retry_reason": "timeout"}
            carried = await self.sockets.carry_envelope(envelope, name=again.name, key=again.key)
        else:
            carried = await self.webhooks.carry_again(again, attempt=attempt)
        self._record(carried.delivery)
        return carried.delivery

    def signed(
        self,
        body: str | bytes,
        *,
        timestamp: str | int | None = None,
        secret: str | None = None,
        content_type: str = "application/json",
    ) -> dict[str, str]:
        """The headers of an HTTP delivery with this body; a test may falsify the timestamp and the secret."""
        raw = body.encode() if isinstance(body, str) else body
        when = None if timestamp is None else str(timestamp)
        return self.webhooks.signed(raw, timestamp=when, secret=secret, content_type=content_type)

    async def deliver_raw(self, body: str | bytes, *, headers: Mapping[str, str] | None = None) -> Delivery:
        """Send the app exactly these bytes: over HTTP with the given headers (default: rightly signed), else as a WebSocket text frame."""
        raw = body.encode() if isinstance(body, str) else body
        if self.request_url is None:
            carried = await self.sockets.carry_text(raw.decode(errors="replace"))
        else:
            headers = self.signed(raw) if headers is None else headers
            carried = await self.webhooks.carry_body(raw, headers, kind=Kind.RAW, name="raw", key="")
        self._record(carried.delivery)
        return carried.delivery

    def drop_sockets(self) -> None:
        """Break every Socket Mode connection without a closing handshake."""
        self.sockets.reset_all()

    async def refresh_sockets(self, reason: DisconnectReason = DisconnectReason.REFRESH_REQUESTED) -> None:
        """Announce that every present connection will end; after anything but a warning it gets nothing new."""
        await self.sockets.dismiss_all(reason)

    def wedge_sockets(self, *, pongs: bool = True) -> None:
        """Let the present connections stay up and bring nothing any more, while Slack goes on choosing them.

        With `pongs` they still answer pings, which is the case no ping can detect.
        """
        self.sockets.wedge_all(pongs=pongs)

    async def settled(self) -> None:
        """Wait until no delivery is under way that nobody waits for, retries included."""
        await self.post.settled()

    async def close(self) -> None:
        """Stop all deliveries and close the connections."""
        await self.post.close()
        await self.sockets.close_all()
        await self.webhooks.close()

    def _courier(self) -> Courier:
        return self.sockets if self.request_url is None else self.webhooks

    def _record(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
