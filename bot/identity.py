"""Who is asking: positive proof that a Slack sender is one of ours and exactly one live Okta user, or the named reason.

There are three answers, never two: matched; not matched, and why; could not look up. Not being able to see somebody is
the third kind and never becomes "no such person" in what is said. Slack's own signs of a stranger are not enough:
`is_stranger` may be absent, so the sender's team or enterprise must be *known* to be ours
(https://docs.slack.dev/apis/slack-connect), and the member is read from Slack at that moment.
"""

import asyncio
from dataclasses import dataclass
from typing import NamedTuple

from bot.evidence import Proof
from bot.model import Actor, Home, Member, Subject, Unmatched
from bot.pins import Pin, Pins, Standing
from bot.ports import MemberLookupError, Members
from okta.client import OktaClient
from okta.errors import OktaError
from okta.models import Status, User
from okta.search import eq

MOST_HITS = 1000
"""Accounts with one address that are looked through; nobody has had as many before them."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Exactly one live Okta user, read by id just now, and what the pin to them is worth."""

    user: User
    standing: Standing


@dataclass(frozen=True, slots=True)
class NotMatched:
    """Not one of ours, or not exactly one live Okta user."""

    why: Unmatched


@dataclass(frozen=True, slots=True)
class CouldNotLookUp:
    """Slack or Okta could not be asked. `error` is None when it was Slack."""

    error: OktaError | None = None


Identity = Matched | NotMatched | CouldNotLookUp


class Found(NamedTuple):
    """A live Okta user, and the address by which they and the Slack user go."""

    user: User
    address: str


class Identifier:
    """Tells who an actor is.

    Args:
        home: the workspace or organisation whose members are ours.
        pins: which Okta user each of them was found to be.
        attribute: the Okta profile attribute that holds the Slack e-mail address, `email` or `login`.
    """

    def __init__(self, members: Members, okta: OktaClient, home: Home, pins: Pins, *, attribute: str = "email") -> None:
        self._members = members
        self._okta = okta
        self._home = home
        self._pins = pins
        self._attribute = attribute

    def slack_of(self, actor: Actor) -> str | None:
        """The name of the actor's pin; None if they are not one of ours."""
        if not self._is_home(actor.team_id, actor.enterprise_id):
            return None
        return f"{self._home.enterprise_id or self._home.team_id}:{actor.user_id}"

    async def identify(
        self, actor: Actor, known: Subject | None = None, proof: Proof | None = None, *, alarm: bool = False
    ) -> Identity:
        """Find the actor's Okta user: the one they are pinned to, or else by their address, once.

        `known` is whom the request is about already: another one is nobody's. With a `proof` a factor of that user has spoken
        for the actor, and the pin is proven. With an `alarm` the pin may be frozen, if it was its own user who had it frozen:
        then it counts for what it was worth before.
        """
        slack = self.slack_of(actor)
        if slack is None:
            return NotMatched(Unmatched.FOREIGN)
        pin = await self._pins.find(slack)
        if pin is None:
            found = await self._search(actor)
        elif pin.standing is Standing.FROZEN and not (alarm and pin.by):
            found = NotMatched(Unmatched.STOPPED if pin.by else Unmatched.FROZEN)
        else:
            found = await self._recheck(actor, pin)
        if isinstance(found, CouldNotLookUp):
            return found
        if isinstance(found, NotMatched):
            await self._note(slack, pin, found.why)
            return found
        if pin is not None and pin.standing is Standing.FROZEN:
            return _stopped(pin, found, known)
        return await self._pinned(pin, slack, found, known, proof)

    async def is_frozen(self, actor: Actor) -> bool:
        """Whether nothing may be done for the actor, whoever has decided that."""
        slack = self.slack_of(actor)
        pin = await self._pins.find(slack) if slack else None
        return pin is not None and pin.standing is Standing.FROZEN

    async def _note(self, slack: str, pin: Pin | None, why: Unmatched) -> None:
        """Remember who could not be matched, and that the address of somebody who is pinned has become another one."""
        await self._pins.note_stranger(slack, why)
        if pin is not None and why is Unmatched.NOT_IN_OKTA:
            await self._pins.quarantine(pin)

    async def _pinned(
        self, pin: Pin | None, slack: str, found: "Found", known: Subject | None, proof: Proof | None
    ) -> Identity:
        """What the pin to somebody who was found is worth, now that their address is known."""
        user, address = found
        if pin is None:
            pin = await self._pins.meet(slack, user.id, address)
        elif proof is not None and proof.okta_id == user.id:
            await self._pins.proved(pin, address)
            pin = await self._pins.find(slack) or pin
        elif pin.address != address and pin.standing is not Standing.QUARANTINED:
            await self._pins.quarantine(pin)
            pin = await self._pins.find(slack) or pin
        if pin.standing is Standing.FROZEN or pin.okta_id != user.id or (known and known.okta_id != user.id):
            return NotMatched(Unmatched.FROZEN)
        return Matched(user, pin.standing)

    async def belongs(self, actor: Actor) -> NotMatched | CouldNotLookUp | None:
        """Whether the actor is one of ours in Slack, whatever Okta says; None if so."""
        if not self._is_home(actor.team_id, actor.enterprise_id):
            return NotMatched(Unmatched.FOREIGN)
        try:
            member = await self._members.member(actor.user_id)
        except MemberLookupError:
            return CouldNotLookUp()
        why = self._why_not(member)
        return NotMatched(why) if why else None

    async def _search(self, actor: Actor) -> "Found | NotMatched | CouldNotLookUp":
        try:
            member = await self._members.member(actor.user_id)
            why = self._why_not(member)
            if why or member.email is None:
                return NotMatched(why or Unmatched.NO_EMAIL)
            live = await self._live(member.email)
            if len(live) != 1:
                return NotMatched(Unmatched.AMBIGUOUS if live else Unmatched.NOT_IN_OKTA)
            # Search answers from a replica that lags; the read by id shows the present.
            return self._judge(await self._okta.user(live[0].id), member)
        except MemberLookupError:
            return CouldNotLookUp()
        except OktaError as error:
            return CouldNotLookUp(error)

    async def _live(self, address: str) -> list[User]:
        """Who has an address; of two or more, two. Those who are buried under too many others are nobody's."""
        live, seen = list[User](), 0
        async for hit in self._okta.users(search=eq(f"profile.{self._attribute}", address)):
            seen += 1
            # A deactivated account frees its address for the next person, but the search still finds it.
            live += [hit] if hit.status != Status.DEPROVISIONED else []
            if len(live) > 1:
                break
            if seen >= MOST_HITS:
                return []
        return live

    async def _recheck(self, actor: Actor, pin: Pin) -> "Found | NotMatched | CouldNotLookUp":
        try:
            member, user = await asyncio.gather(self._members.member(actor.user_id), self._okta.user(pin.okta_id))
        except MemberLookupError:
            return CouldNotLookUp()
        except OktaError as error:
            return CouldNotLookUp(error)
        why = self._why_not(member)
        return NotMatched(why) if why else self._judge(user, member)

    def _judge(self, user: User, member: Member) -> "Found | NotMatched":
        held = _folded((user.profile.email if self._attribute == "email" else user.profile.login) or "")
        if user.status == Status.DEPROVISIONED or held != _folded(member.email or ""):
            return NotMatched(Unmatched.NOT_IN_OKTA)
        return Found(user, held)

    def _is_home(self, team_id: str | None, enterprise_id: str | None) -> bool:
        if self._home.enterprise_id is not None and enterprise_id == self._home.enterprise_id:
            return True
        return team_id is not None and team_id == self._home.team_id

    def _why_not(self, member: Member) -> Unmatched | None:
        checks = (
            (member.bot, Unmatched.BOT),
            (member.deleted, Unmatched.DEACTIVATED),
            (member.stranger, Unmatched.STRANGER),
            (not self._is_home(member.team_id, member.enterprise_id), Unmatched.FOREIGN),
            (member.guest, Unmatched.GUEST),
            (not member.email, Unmatched.NO_EMAIL),
            (not member.email_confirmed, Unmatched.EMAIL_UNCONFIRMED),
        )
        return next((why for failed, why in checks if failed), None)


def _stopped(pin: Pin, found: "Found", known: Subject | None) -> Identity:
    """Somebody who has had their own pin frozen."""
    if pin.okta_id != found.user.id or (known and known.okta_id != found.user.id):
        return NotMatched(Unmatched.FROZEN)
    return Matched(found.user, pin.was if pin.address == found.address else Standing.QUARANTINED)


def _folded(address: str) -> str:
    """An address without regard to the case of its ASCII letters; others may well be two different mailboxes."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in address)
