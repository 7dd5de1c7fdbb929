"""Proof by a code, on the side of the Slack edge: the one place that sees what somebody typed.

A code is checked by the process that took it in, in memory, after the acknowledgement. It is stored nowhere, queued nowhere
and named nowhere; if the process dies, the person types another one. What came of it goes to the request as a signal.
"""

import logging
from dataclasses import dataclass, field

from bot.capability import Account
from bot.errors import StoreUnavailableError
from bot.evidence import GUESSES, Method, Miss, Proof
from bot.inputs import way_of
from bot.model import Actor, Input, Place, Record, Request, Signal, State, Subject
from bot.ports import Clock, Messenger
from bot.proofs import Proofs, miss_of
from bot.saying import Way
from bot.store import Store
from bot.tally import Count, CountedBeforeError, Tally, TooManyError
from okta.client import OktaClient
from okta.errors import OktaError
from okta.factor_errors import WrongCodeError
from templates.cards import Cards

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed in a window.

    Attributes:
        window: the name of the window.
        carries: what it was made with: which request and factor. It carries no authority.
        code: as typed.
        key: what Slack's redeliveries of it have in common.
    """

    actor: Actor
    window: str
    carries: str
    code: str = field(repr=False)
    key: str

    @property
    def request_id(self) -> str:
        """The request that the window named."""
        return self.carries.partition(".")[0]

    @property
    def factor_id(self) -> str:
        """The factor that the window named."""
        return self.carries.partition(".")[2]


class Passcodes:
    """Opens the windows that codes are typed in, and checks what is typed.

    Args:
        okta: the client that acts.
        tally: counts what is typed, whether it is right or not.
        proofs: knows whether somebody has said no lately, and is told of it.
    """

    def __init__(
        self,
        *,
        store: Store,
        okta: OktaClient,
        tally: Tally,
        proofs: Proofs,
        messenger: Messenger,
        cards: Cards,
        clock: Clock,
    ) -> None:
        self._store = store
        self._okta = okta
        self._tally = tally
        self._proofs = proofs
        self._messenger = messenger
        self._cards = cards
        self._clock = clock

    async def open(self, place: Place, actor: Actor, target: str, *, trigger: str, window: str) -> None:
        """Open a window for a code, if the request waits for one of this person's and this factor's.

        `target` is request and factor, as in `Typed.carries`; `trigger` is Slack's, good for one window within three seconds.
        """
        request_id, _, factor_id = target.partition(".")
        found = await self._waiting(request_id, actor, factor_id)
        if isinstance(found, str):
            await self._messenger.whisper(place, actor, self._cards.words.text(found))
            return
        record, way = found
        await self._messenger.open_window(trigger, window, self._cards.passcode(record.request, way))

    async def check(self, typed: Typed) -> None:
        """Check a code, let the window tell, and signal to the request what came of it."""
        try:
            found = await self._waiting(typed.request_id, typed.actor, typed.factor_id)
            if isinstance(found, str):
                await self._tell(typed, found)
                return
            record, way = found
            await self._check(typed, record.request, way)
        except StoreUnavailableError:
            await self._tell(typed, "edge.not_taken")

    async def _check(self, typed: Typed, request: Request, way: Way) -> None:
        subject = request.subject
        if subject is None or request.consented_at is None:
            raise RuntimeError(f"request {request.id} is to be proved without a subject or a consent")
        try:
            await self._tally.take(Count.GUESSES, subject.okta_id, typed.key)
        except CountedBeforeError:
            return  # a redelivery: whoever has it in hand tells
        except TooManyError:
            await self._missed(typed, request, way, Miss.TOO_MANY)
            return
        if await self._proofs.barred_until(subject.okta_id) is not None:
            await self._tell(typed, "proof.window.closed")
            return
        miss = await self._verify(subject, way, typed.code)
        if miss is not None:
            await self._missed(typed, request, way, miss)
            return
        await self._tally.forget(Count.GUESSES, subject.okta_id)
        proof = Proof(way.method, way.factor_id, subject.okta_id, request.consented_at, self._clock.now())
        # First, for whatever comes of the request is shown in this window too: the link for a new password, for one.
        await self._tell(typed, "proof.window.done")
        given = Input(Signal.PROVED, request.actor, proof.at, proof=proof, tried=way.method, window=typed.window)
        await self._store.signal(request.id, given, key=typed.key)

    async def _verify(self, subject: Subject, way: Way, code: str) -> Miss | None:
        """Why a code proves nothing; None if it does."""
        try:
            await Account(self._okta, subject.okta_id).verify_code(way.factor_id, code)
        except WrongCodeError as error:
            return Miss(error.why)
        except OktaError as error:
            return miss_of(error)
        return None

    async def _missed(self, typed: Typed, request: Request, way: Way, miss: Miss) -> None:
        if miss is Miss.DENIED and request.subject is not None:
            await self._proofs.denied(request.subject, request)
        given = Input(
            Signal.MISSED, request.actor, self._clock.now(), miss=miss, tried=way.method, factor_id=way.factor_id
        )
        if miss in GUESSES:
            await self._store.signal(request.id, given, key=typed.key)
            await self._messenger.fill(typed.window, self._cards.passcode(request, way, f"proof.window.{miss}"))
        elif miss is Miss.LOST:
            # The request need not know: the person sees what to do, and the code may be used up or not.
            await self._messenger.fill(typed.window, self._cards.passcode(request, way, "proof.window.unsure"))
        else:
            await self._store.signal(request.id, given, key=typed.key)
            await self._tell(typed, f"proof.window.{'too_many' if miss is Miss.TOO_MANY else 'closed'}")

    async def _waiting(self, request_id: str, actor: Actor, factor_id: str) -> tuple[Record, Way] | str:
        """The request and the way, if it waits for a code of this person's and this factor's; else the words why not."""
        record = await self._store.load(request_id)
        if record is None:
            return "edge.gone"
        request = record.request
        if request.actor.user_id != actor.user_id:
            return "clicks.foreign"
        if request.state is not State.PROVING or request.due is None or request.due <= self._clock.now():
            return f"clicks.{State.EXPIRED if request.state is State.PROVING else request.state}"
        way = way_of(request, factor_id)
        return "clicks.outdated" if way is None or way.method is Method.PUSH else (record, way)

    async def _tell(self, typed: Typed, words: str) -> None:
        await self._messenger.fill(typed.window, self._cards.window_note(words, title="proof.window.over"))
        log.info("a code was typed for request %s: %s", typed.request_id, words)
