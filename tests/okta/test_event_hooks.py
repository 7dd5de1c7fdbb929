"""Event hooks by the client: making them, having them verified, and what is refused."""

import traceback
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from okta.client import OktaClient
from okta.errors import (
    Executed,
    HookNotVerifiedError,
    InvalidRequestError,
    LostAnswerError,
    NotFoundError,
    NotPermittedError,
    OktaError,
    StateConflictError,
)
from okta.event_hooks import WantedHook
from okta.models import EventHook, HookStatus, HookVerification
from sandbox.okta import Org
from sandbox.people import STAR
from tests.okta.clients import connect
from tests.okta.receiver import SECRET, willing
from tests.okta.wire import CUT, Wire, said, wire

LOCKED: Final = "user.account.lock"
NOWHERE: Final = "https://receiver.example/hook"


def wanted(uri: str = NOWHERE, **other: Any) -> WantedHook:
    """What most tests want."""
    usual = {"name": "Signal", "event_types": (LOCKED,), "uri": uri, "header": "X-Hook-Secret", "secret": SECRET}
    return WantedHook(**{**usual, **other})


@pytest.fixture
async def receiver() -> AsyncIterator[Wire]:
    """What answers every challenge and takes every delivery."""
    async with wire(willing) as running:
        yield running


async def test_from_a_new_hook_to_a_delivery(okta: OktaClient, org: Org, receiver: Wire) -> None:
    """Created, it is active and delivers nothing; verified, it delivers, with the secret."""
    made = await okta.create_event_hook(wanted(receiver.url))
    assert (made.status, made.verification_status) == (HookStatus.ACTIVE, HookVerification.UNVERIFIED)
    assert (made.name, made.events.items, made.uri, made.header) == ("Signal", (LOCKED,), receiver.url, "x-hook-secret")
    assert not made.delivers
    assert made.created_by in {user.id for user in org.users()}
    org.sign_in(STAR)

    verified = await okta.verify_event_hook(made.id)
    assert verified.verification_status == HookVerification.VERIFIED
    assert verified.delivers
    org.lock("jonas.lindqvist@northwind.example")
    await org.hooks.idle()
    assert [(asked.method, asked.all("x-hook-secret")) for asked in receiver.asked] == [
        ("GET", [SECRET]),
        ("POST", [SECRET]),
    ]


async def test_hooks_are_read(okta: OktaClient) -> None:
    """One, and all of them."""
    made = [await okta.create_event_hook(wanted(name=name)) for name in ("First", "Second")]

    assert [hook.id for hook in await okta.event_hooks()] == [hook.id for hook in made]
    assert await okta.event_hook(made[1].id) == made[1]


async def test_a_hook_is_replaced(okta: OktaClient, receiver: Wire) -> None:
    """Another name and other events leave it verified, another secret does not."""
    made = await okta.create_event_hook(wanted(receiver.url))
    await okta.verify_event_hook(made.id)

    other = await okta.replace_event_hook(
        made.id, wanted(receiver.url, name="Other", event_types=("user.session.start",))
    )
    assert (other.id, other.name, other.events.items) == (made.id, "Other", ("user.session.start",))
    assert other.delivers
    assert not (await okta.replace_event_hook(made.id, wanted(receiver.url, secret="a new one"))).delivers


async def test_the_end_of_a_hook(okta: OktaClient, org: Org) -> None:
    """It is taken out of use first; doing that again is no error."""
    hook_id = (await okta.create_event_hook(wanted())).id
    with pytest.raises(StateConflictError) as refused:
        await okta.delete_event_hook(hook_id)
    assert (refused.value.status, refused.value.executed) == (400, Executed.NO)

    for _ in range(2):
        assert (await okta.deactivate_event_hook(hook_id)).status == HookStatus.INACTIVE
    assert (await okta.activate_event_hook(hook_id)).status == HookStatus.ACTIVE
    await okta.deactivate_event_hook(hook_id)
    await okta.delete_event_hook(hook_id)
    assert org.hooks.by_id == {}
    for call in (okta.event_hook, okta.delete_event_hook, okta.activate_event_hook, okta.deactivate_event_hook):
        with pytest.raises(NotFoundError):
            await call(hook_id)
    with pytest.raises(NotFoundError):
        await okta.verify_event_hook(hook_id)
    with pytest.raises(NotFoundError):
        await okta.replace_event_hook(hook_id, wanted())


@pytest.mark.parametrize("answer", [said(500), said(200, '{"verification":"guessed"}'), CUT])
async def test_a_receiver_that_does_not_answer_the_challenge(okta: OktaClient, answer: bytes) -> None:
    """Is an error of its own, in which Okta says what it got; the hook is as before."""
    async with wire(answer) as receiver:
        made = await okta.create_event_hook(wanted(receiver.url))
        with pytest.raises(HookNotVerifiedError) as failed:
            await okta.verify_event_hook(made.id)

    assert (failed.value.status, failed.value.executed) == (400, Executed.NO)
    assert "did not answer Okta's challenge" in str(failed.value)
    assert failed.value.told.untrusted_causes
    assert await okta.event_hook(made.id) == made


async def test_an_org_has_no_more_than_25_active_hooks(okta: OktaClient) -> None:
    """A new one is refused, and so is the return of an old one."""
    ids = [(await okta.create_event_hook(wanted())).id for _ in range(25)]
    with pytest.raises(InvalidRequestError):
        await okta.create_event_hook(wanted())
    await okta.deactivate_event_hook(ids[0])
    await okta.create_event_hook(wanted())
    with pytest.raises(StateConflictError):
        await okta.activate_event_hook(ids[0])


@pytest.mark.parametrize("other", [{"uri": "http://receiver.example/"}, {"event_types": ("user.account.lock.limit",)}])
async def test_okta_does_not_take_every_hook(okta: OktaClient, other: dict[str, Any]) -> None:
    """It wants TLS, and types that hooks may deliver."""
    with pytest.raises(InvalidRequestError):
        await okta.create_event_hook(wanted(**other))


@pytest.mark.parametrize("roles", [{"ORG_ADMIN", "REPORT_ADMIN", "HELP_DESK_ADMIN"}])
async def test_other_administrators_may_not_see_hooks(okta: OktaClient, org: Org) -> None:
    """Nor change them."""
    with pytest.raises(NotPermittedError):
        await okta.event_hooks()
    with pytest.raises(NotPermittedError):
        await okta.create_event_hook(wanted())
    with pytest.raises(NotPermittedError):
        await okta.verify_event_hook("whoAny")
    assert org.hooks.by_id == {}


@pytest.mark.parametrize("operation", ["delete_event_hook", "activate_event_hook", "verify_event_hook"])
async def test_an_id_that_leads_elsewhere_is_a_fault_of_ours(okta: OktaClient, org: Org, operation: str) -> None:
    """And no word about the hook."""
    with pytest.raises(InvalidRequestError) as refused:
        await getattr(okta, operation)("..")
    assert refused.value.status is None
    assert org.calls == []


async def test_a_read_is_tried_again_and_a_change_is_not() -> None:
    """Nobody knows whether a change whose answer is lost was done; one that Okta put off was not."""
    hook = said(200, '{"id":"who1"}')
    async with wire(CUT, said(200, "[]")) as server, connect(server.url, attempts=3) as okta:
        assert await okta.event_hooks() == ()
    async with wire(CUT, hook) as server, connect(server.url, attempts=3) as okta:
        with pytest.raises(LostAnswerError) as lost:
            await okta.create_event_hook(wanted())
    assert lost.value.executed is Executed.UNKNOWN
    assert len(server.asked) == 1

    headers = (("X-Rate-Limit-Limit", "0"), ("X-Rate-Limit-Remaining", "0"))
    off = said(429, '{"errorCode":"E0000047"}', *headers)
    async with wire(off, hook) as server, connect(server.url, attempts=2) as okta:
        assert (await okta.verify_event_hook("who1")).id == "who1"
    assert [asked.target for asked in server.asked] == ["/api/v1/eventHooks/who1/lifecycle/verify"] * 2


@pytest.mark.parametrize("operation", ["activate_event_hook", "deactivate_event_hook", "verify_event_hook"])
async def test_an_answer_to_a_change_that_cannot_be_read_is_lost(operation: str) -> None:
    """The change may have been made."""
    async with wire(said(200, "[]")) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as lost:
            await getattr(okta, operation)("who1")
    assert lost.value.executed is Executed.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        '{"id":"who1","channel":null,"events":null}',
        '{"id":"who1","channel":{"config":{"uri":null,"authScheme":null}},"events":{"items":null}}',
        '{"id":"who1","channel":{"config":{"uri":5,"authScheme":[]}},"status":"PAUSED","verificationStatus":null}',
    ],
)
async def test_odd_hooks_are_read(body: str) -> None:
    """As far as they can be; what cannot be read is never taken for a hook that delivers."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        hook: EventHook = await okta.event_hook("who1")

    assert (hook.id, hook.uri, hook.header, hook.events.items) == ("who1", "", "", ())
    assert not hook.delivers


@pytest.mark.parametrize(
    "other",
    [
        {"name": " "},
        {"event_types": ()},
        {"event_types": (LOCKED,) * 301},
        {"header": ""},
        {"header": "X Hook"},
        {"header": "X-Häken"},
        {"secret": ""},
        {"secret": f" {SECRET}"},
        {"secret": f"{SECRET}\n"},
        {"secret": f"{SECRET}ü"},
    ],
)
def test_what_could_not_be_a_hook(other: dict[str, Any]) -> None:
    """Is not sent, and the reason does not repeat the secret."""
    with pytest.raises(ValueError, match=r"header|secret|name|types") as refused:
        wanted(**other)
    assert SECRET not in str(refused.value)


async def test_the_secret_is_not_shown(okta: OktaClient) -> None:
    """Neither by what is wanted, nor by an error with all that led to it."""
    hook = wanted(uri="http://receiver.example/")
    assert SECRET not in repr(hook)
    with pytest.raises(OktaError) as refused:
        await okta.create_event_hook(hook)

    shown = "".join(traceback.TracebackException.from_exception(refused.value, capture_locals=True).format())
    assert "wanted" in shown
    assert SECRET not in shown
    assert SECRET in repr([hook.secret])  # the mark is what would be seen


async def test_a_name_that_could_not_be_sent(okta: OktaClient, org: Org) -> None:
    """Half of a surrogate pair is no text; nothing is shown of the rest."""
    with pytest.raises(InvalidRequestError) as caught:
        await okta.create_event_hook(wanted(name="Signal \ud83d"))
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())

    assert SECRET not in shown
    assert caught.value.__cause__ is None
    assert org.calls == []
