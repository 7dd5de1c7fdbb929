"""What a capability is, and the door to Okta through which its steps go.

A capability is a value, made in one file of `handlers`: which words ask for it, when it fits (a pure function of facts
read from Okta), and which steps it takes. Everything that must not be forgotten (read-only mode, identity, consent,
the fence around a write, crash recovery, audit, words) belongs to the pipeline and cannot be left out by a capability.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.model import Fence, Request, State
from bot.rules import Rules
from bot.saying import Phrase, Say
from okta.client import OktaClient
from okta.models import Block, Factor, OneTimeLink, PushChallenge, PushResult, User
from okta.scopes import scopes_for


class Need(StrEnum):
    """Reads beyond the account itself that a capability's facts require, called as `okta.client.OktaClient` does."""

    BLOCKS = "blocks"
    FACTORS = "factors"


@dataclass(frozen=True, slots=True)
class Happening:
    """What became of something that was asked for an account once: by which capability, how it ended, and its reference."""

    at: datetime
    capability: str
    state: State
    request: str


class Protection(StrEnum):
    """Whether an account may be written to at all."""

    NONE = "none"
    ADMIN = "admin"  # whoever holds it administers the org
    LISTED = "listed"  # by the settings of the bot
    UNKNOWN = "unknown"  # we are not allowed to see


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of the subject just now.

    `blocks` is None when it was not asked for or Okta does not offer it; `factors` are those that Okta shows to us, which
    need not be all (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserFactor/), or None when
    it was not asked for or our credential may not see any. `barred_until` is when they may prove again who they are, after
    somebody said no to a prompt on their phone. `protection` is whether the account may be written to, `spent_until` when
    the same may be done for this person again, and `braked` whether nothing is done that could give accounts away.
    `quarantined` people have another address than when they were first met, so that a factor has to speak for them. `past`
    is what was done for the account by this bot, the oldest first, if it was asked for. `unread` is whether what an act would
    need could not be read, which only what is in shadow gets over.
    """

    user: User
    blocks: tuple[Block, ...] | None = None
    factors: tuple[Factor, ...] | None = None
    barred_until: datetime | None = None
    protection: Protection = Protection.NONE
    spent_until: datetime | None = None
    braked: bool = False
    quarantined: bool = False
    past: tuple[Happening, ...] = ()
    unread: bool = False


class Fit(StrEnum):
    """What a capability says to the facts."""

    ACT = "act"  # its steps apply
    CHOOSE = "choose"  # they would, once the person has chosen what to
    GUIDE = "guide"  # the person must do it elsewhere, for a reason that no setting of modes changes
    TELL = "tell"  # there is nothing to do: say how things stand


@dataclass(frozen=True, slots=True)
class Finding:
    """A capability's answer to the facts: whether it fits, and the words for it.

    Attributes:
        instead: said in place of `say` where nothing may be done, or nothing that is offered may: the instructions.
        form: what the plan is made from, as the facts and the rules have it; a Confirm is a consent to just this.
        removes: the ids of the factors that would be gone afterwards, which prove nothing here.
    """

    fit: Fit
    say: Say
    instead: Say | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    removes: frozenset[str] = frozenset()


class Happened(StrEnum):
    """Whether a step's effect is there."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Account:
    """The only door of a step to Okta: a client bound to the subject's id, so that no other account can be written.

    Args:
        okta: the client whose credential and transport are used.
        okta_id: the subject's Okta id.
    """

    __slots__ = ("_okta", "_okta_id")

    def __init__(self, okta: OktaClient, okta_id: str) -> None:
        self._okta = okta
        self._okta_id = okta_id

    async def user(self) -> User:
        """The account, read by id: the one read that shows the present state and not a search replica's."""
        return await self._okta.user(self._okta_id)

    async def blocks(self) -> tuple[Block, ...]:
        """What blocks the account from signing in although it is ACTIVE."""
        return await self._okta.blocks(self._okta_id)

    async def factors(self) -> tuple[Factor, ...]:
        """The account's factors, as far as Okta shows them to us."""
        return await self._okta.factors(self._okta_id)

    async def unlock(self) -> None:
        """Unlock the account; its password stays as it is."""
        await self._okta.unlock(self._okta_id)

    async def reset_password(self, *, send_email: bool, revoke_sessions: bool) -> OneTimeLink | None:
        """Make the password void; whoever opens the link, mailed or answered, chooses a new one."""
        return await self._okta.reset_password(self._okta_id, send_email=send_email, revoke_sessions=revoke_sessions)

    async def forgot_password(self, *, send_email: bool) -> OneTimeLink | None:
        """Have a link made with which another password can be chosen; until then the old one stays."""
        return await self._okta.forgot_password(self._okta_id, send_email=send_email)

    async def reactivate(self) -> None:
        """Have the activation mail sent again."""
        await self._okta.reactivate(self._okta_id)

    async def remove_factor(self, factor_id: str) -> None:
        """Unenrol one factor, and those that go with it."""
        await self._okta.remove_factor(self._okta_id, factor_id)

    async def clear_sessions(self) -> None:
        """End the account's Okta sessions."""
        await self._okta.clear_sessions(self._okta_id)

    async def push(self, factor_id: str) -> PushChallenge:
        """Ask on the person's phone whether it is them."""
        return await self._okta.push(self._okta_id, factor_id)

    async def poll_push(self, push: PushChallenge) -> PushResult:
        """What became of that."""
        return await self._okta.poll_push(push)

    async def cancel_push(self, push: PushChallenge) -> None:
        """Take it back."""
        await self._okta.cancel_push(push)

    async def challenge(self, factor_id: str) -> None:
        """Have a code sent to the person."""
        await self._okta.challenge(self._okta_id, factor_id)

    async def verify_code(self, factor_id: str, code: str) -> None:
        """Check a code that the person typed."""
        await self._okta.verify_code(self._okta_id, factor_id, code)


@dataclass(frozen=True, slots=True)
class Step:
    """One Okta write and the way to find out whether it happened.

    Attributes:
        name: stored and audited.
        run: does the write, once. Its fruit, if it has one, is for the person alone and lives in memory only.
        before: the values that `happened` will compare with, taken from facts read just before the write.
        happened: pure; judges facts read after the write by its fence: the values taken before it, and what was heard.
        converges: whether the write, done twice, is the same as once, so that it is simply done again when nothing was
            heard of it and nothing can be seen.
    """

    name: str
    run: Callable[[Account], Awaitable[OneTimeLink | None]]
    before: Callable[[Facts], Mapping[str, str]]
    happened: Callable[[Facts, Fence], Happened]
    converges: bool = False


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is true after the last step, and when to look again, if something is still to come."""

    say: Say
    again: datetime | None = None


def no_lists(_request: Request) -> Mapping[str, tuple[Phrase, ...]]:
    """What a plan of one step leaves half done: nothing."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Something an employee can ask for.

    Attributes:
        name: stored, audited and used in settings, e.g. `unlock_account`; also the name of its file of words.
        subcommand: what follows `/unlatch`.
        asks: regular expressions, case ignored, any of which in a message asks for it.
        doors: more of them by name, for other ways of asking that need another first answer; the name is the form's `door`
            and, with `-` for `_`, a sub-command too.
        needs: reads beyond the account itself.
        writes: what its steps have done in Okta, by the methods of `okta.client.OktaClient`; it cannot act without one.
        extras: more of these, which only some people's accounts or some settings want.
        alarms: whether nothing more is to be done for whoever asks for it, at once and whatever comes of it.
        recalls: whether it tells of what was done before (`Facts.past`).
        takes_over: whether what it does could hand the account to whoever asks, so that Slack alone is too weak as evidence.
        applies: pure; what the capability says to the facts, to what the person said and chose, and under the rules.
        plan: pure; the steps for what was offered, in order; empty for one that only tells. It sees no facts, so that a
            worker that takes over after a crash finds the same plan that was consented to.
        conclude: pure; what to say of the facts read after the last step, then and whenever it is looked at again. The
            request still knows the values taken before the step, and whether its link was shown.
        tally: pure; the lists `done`, `now` (the step begun) and `left` (that and all after it) of a plan that stops half-way.
        rank: where it stands in menus; the smaller comes first.
        covers: names of capabilities that give way to this one where a message asks for both.
    """

    name: str
    subcommand: str
    asks: tuple[str, ...]
    doors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rank: int = 50
    covers: frozenset[str] = frozenset()
    needs: frozenset[Need] = frozenset()
    writes: frozenset[str] = frozenset()
    extras: frozenset[str] = frozenset()
    alarms: bool = False
    recalls: bool = False
    takes_over: bool = False
    applies: Callable[[Facts, Mapping[str, str], Rules], Finding]
    plan: Callable[[Mapping[str, str]], tuple[Step, ...]]
    conclude: Callable[[Facts, Request, Rules, datetime], Conclusion]
    tally: Callable[[Request], Mapping[str, tuple[Phrase, ...]]] = no_lists

    @property
    def acts(self) -> bool:
        """Whether it ever writes to Okta."""
        return bool(self.writes)

    @property
    def reads(self) -> frozenset[str]:
        """What it has read in Okta even to guide, by the methods of `okta.client.OktaClient`: whose account it is, and `needs`."""
        return frozenset({"users", "user"}) | self.needs

    @property
    def guide_scopes(self) -> frozenset[str]:
        """The OAuth 2.0 scopes it needs to guide."""
        return scopes_for(self.reads)

    @property
    def scopes(self) -> frozenset[str]:
        """The OAuth 2.0 scopes it needs besides to act."""
        return scopes_for(self.writes | self.extras)


Registry = Mapping[str, Capability]
"""The capabilities by name, in the order in which they are shown."""


def no_steps(_offered: Mapping[str, str]) -> tuple[Step, ...]:
    """The plan of a capability that only tells."""
    return ()
