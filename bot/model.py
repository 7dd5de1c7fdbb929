"""The vocabulary of the whole bot, as frozen values without I/O, clock or framework.

A person's message becomes an `Intent`; an intent from a known `Actor` becomes a `Request`, which moves through the
`State`s of `bot.states` until it is settled; what the person reads is a `bot.saying.Say`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.evidence import Challenge, Method, Miss, Proof
from bot.saying import Say


class Origin(StrEnum):
    """What set a request going. Without a person behind it the bot may notify, never change an account."""

    PERSON = "person"
    SCHEDULE = "schedule"
    HOOK = "hook"


class State(StrEnum):
    """Where a request stands; `bot.states` says who owns each state, its timer and its legal inputs."""

    RECEIVED = "received"
    ASKING = "asking"
    PROVING = "proving"
    DEFERRED = "deferred"
    ACTING = "acting"
    CHECKING = "checking"
    FOLLOWING = "following"
    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Signal(StrEnum):
    """What can reach a request from outside while it lives. A timer is not a signal: it is the passing of `due`."""

    CONFIRM = "confirm"
    CHOOSE = "choose"
    CANCEL = "cancel"
    SUPERSEDE = "supersede"
    PROVE = "prove"  # a way to prove who one is was chosen
    PROVED = "proved"  # found by a process of ours, never said by a person
    MISSED = "missed"  # likewise


class Unmatched(StrEnum):
    """Why a Slack sender is not exactly one live Okta user. The value names the words that say so."""

    FOREIGN = "foreign"
    BOT = "bot"
    DEACTIVATED = "deactivated"
    GUEST = "guest"
    STRANGER = "stranger"
    NO_EMAIL = "no_email"
    EMAIL_UNCONFIRMED = "email_unconfirmed"
    NOT_IN_OKTA = "not_in_okta"
    AMBIGUOUS = "ambiguous"
    FROZEN = "frozen"
    STOPPED = "stopped"  # by themselves


@dataclass(frozen=True, slots=True)
class Actor:
    """The signed Slack sender of a payload. The ids are the *sender's*, not the installation's.

    In a shared channel they differ (https://docs.slack.dev/apis/slack-connect), and `team_id` is None when Slack does
    not say where the sender is from: then nothing is done for them.
    """

    user_id: str
    team_id: str | None = None
    enterprise_id: str | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person asked for: the name of a capability and its form, or None for "what can you do?".

    The form holds what they said and chose: `door`, which of a capability's ways of asking, and `chosen`, the values of
    the choices they ticked, with a blank between two.
    """

    capability: str | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None


class Surface(StrEnum):
    """Where in Slack the person asked."""

    DM = "dm"
    MENTION = "mention"
    COMMAND = "command"
    BUTTON = "button"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the person asked, so that an answer elsewhere than their DM can point them to it.

    `response_url` is Slack's own address for up to five answers within 30 minutes; it works without membership in the
    channel (https://docs.slack.dev/interactivity/handling-user-interaction).
    """

    surface: Surface
    channel: str | None = None
    thread_ts: str | None = None
    response_url: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A message of ours in a person's DM, by Slack's own address for it."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The Okta user a request is about: in self-service always the actor's own. `email` is theirs in Okta, not in Slack."""

    okta_id: str
    login: str
    name: str
    email: str = ""


class Heard(StrEnum):
    """What Okta was heard to answer to the write behind a fence. Nothing, if the answer or the worker was lost."""

    NOTHING = "nothing"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Fence:
    """The mark of a step begun, written before the Okta write and kept until its outcome is known.

    Attributes:
        token: names the attempt; only its holder may report the outcome.
        bell: the queue entry whose lease the holder works under. The same entry delivered again means that it is gone.
        step: which step of the plan.
        attempt: counted from 1.
        at: when it was written.
        before: the values that the step's own check compares with afterwards.
        heard: Okta's answer, once there was one.
        name: what the step does.
        okta_request: Okta's id of the write, once there was an answer.
    """

    token: str
    bell: str
    step: int
    attempt: int
    at: datetime
    before: Mapping[str, str]
    heard: Heard = Heard.NOTHING
    name: str = ""
    okta_request: str = ""


@dataclass(frozen=True, slots=True)
class Input:
    """A signal on its way to a request, in the order of arrival.

    Attributes:
        version: of the request when its card was drawn that was pressed; a Confirm counts for what that card offered.
        chosen: the values of the choices that were ticked.
        window: the name of the window that was opened with the press.
        factor_id: with what they want to prove who they are.
        proof: that they did.
        miss: why they did not; `tried` says with what.
    """

    signal: Signal
    actor: Actor
    at: datetime
    card: Card | None = None
    response_url: str | None = None
    version: int | None = None
    chosen: tuple[str, ...] = ()
    window: str | None = None
    factor_id: str | None = None
    proof: Proof | None = None
    miss: Miss | None = None
    tried: Method | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of a request's history."""

    version: int
    state: State
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One thing asked for, as it stands at one version. Every change is a new value with the next version.

    Attributes:
        due: when the state's own timer passes (UTC), None where the state has none.
        fence: present while a step is begun and its outcome is not known.
        offered: what the card that waits for a Confirm offers, in the values that tell it from another offer; the plan is
            made from it, so that whoever takes over after a crash does what was consented to.
        consented_at: when the person confirmed; None before.
        step: the step of the plan that is next, or under way.
        tries: how often it has waited (`deferred`) since it last got somewhere.
        unsure: whether the step that is next may be done already: nothing was heard of it, and it is done again.
        looks: how often the outcome of the fenced step has been looked for in vain, or been followed since.
        window: the name of the window that opened with the Confirm, if one did.
        delivered: whether the one-time link of the last step was shown to the person.
        before: the values taken before the last step whose effect is sure.
        acted_at: when that step was begun.
        challenge: what is on its way to the person's phone or inbox, so that they can prove who they are.
        proof: that they have, for what they confirmed.
        say: what the card says at this version.
    """

    id: str
    origin: Origin
    actor: Actor
    intent: Intent
    place: Place
    asked_at: datetime
    state: State = State.RECEIVED
    version: int = 1
    due: datetime | None = None
    subject: Subject | None = None
    fence: Fence | None = None
    offered: Mapping[str, str] = field(default_factory=dict)
    consented_at: datetime | None = None
    step: int = 0
    tries: int = 0
    unsure: bool = False
    looks: int = 0
    window: str | None = None
    delivered: bool = False
    before: Mapping[str, str] = field(default_factory=dict)
    acted_at: datetime | None = None
    challenge: Challenge | None = None
    proof: Proof | None = None
    say: Say | None = None
    history: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A request with what surrounds it in the store: inputs not yet handled, and what has been shown of it."""

    request: Request
    inbox: tuple[Input, ...] = ()
    shown: int = 0
    card: Card | None = None
    posting: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """What Slack says of a workspace member now (`users.info`), reduced to what identity rests on."""

    user_id: str
    team_id: str | None
    enterprise_id: str | None
    email: str | None
    email_confirmed: bool
    deleted: bool
    bot: bool
    guest: bool
    stranger: bool


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace (and, on Enterprise Grid, the organisation) whose members are ours."""

    team_id: str
    enterprise_id: str | None = None
