"""Pushes: sent with a number, followed to their own transaction alone, and approved by one word only."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import pytest

from okta.client import OktaClient
from okta.errors import BadLinkError, Executed, InvalidRequestError, LostAnswerError, NotFoundError
from okta.models import PushChallenge, PushResult, Verdict
from sandbox.okta import Org
from tests.okta.clients import connect
from tests.okta.test_verification import GRACE, factor_of
from tests.okta.wire import Wire, said, wire


async def test_a_push_with_a_number(okta: OktaClient, org: Org) -> None:
    """The number that is shown is the one that the phone takes, and only then it is approved."""
    push = await okta.push(GRACE, factor_of(org, GRACE, "push"))
    waiting = org.phones.pushes(GRACE)[0]

    assert push.number == waiting.answer
    assert push.number is not None
    assert push.expires_at == waiting.expires.replace(microsecond=0)
    assert waiting.user_agent == "unlatch/test"
    assert await okta.poll_push(push) is PushResult.WAITING
    org.phones.approve(waiting.id, push.number)
    assert await okta.poll_push(push) is PushResult.APPROVED


@pytest.mark.parametrize("number_matching", [True, False])
async def test_a_push_that_is_no_proof(okta: OktaClient, org: Org, *, number_matching: bool) -> None:
    """A wrong number or a no, nobody in time, taken back."""
    factor_id = factor_of(org, GRACE, "push")

    denied = await okta.push(GRACE, factor_id, number_matching=number_matching)
    assert (denied.number is not None) is number_matching
    org.phones.deny(org.phones.pushes(GRACE)[0].id)
    assert await okta.poll_push(denied) is PushResult.REJECTED

    late = await okta.push(GRACE, factor_id, number_matching=number_matching)
    org.clock.advance(timedelta(minutes=6))
    assert await okta.poll_push(late) is PushResult.EXPIRED

    withdrawn = await okta.push(GRACE, factor_id, number_matching=number_matching)
    await okta.cancel_push(withdrawn)
    assert org.phones.pushes(GRACE) == []
    for call in (okta.poll_push, okta.cancel_push):
        with pytest.raises(NotFoundError):
            await call(withdrawn)


async def test_every_push_says_who_asks(okta: OktaClient, org: Org, url: str) -> None:
    """Okta refuses one that does not; without a name of ours there would be no push at all."""
    factor_id = factor_of(org, GRACE, "push")
    await okta.push(GRACE, factor_id)
    assert {push.user_agent for push in org.phones.pushes(GRACE)} == {"unlatch/test"}

    async with connect(url) as nameless:
        nameless._exchanges._http.headers["User-Agent"] = ""
        with pytest.raises(InvalidRequestError):
            await nameless.push(GRACE, factor_id)


TRANSACTIONS: Final = "/api/v1/users/00u1/factors/opf1/transactions"


def waiting(poll: object, **more: object) -> bytes:
    """The answer to a push, with this link to poll; in the link, `~` stands for the server."""
    return said(201, json.dumps({"factorResult": "WAITING", "_links": {"poll": {"href": poll}}} | more))


@asynccontextmanager
async def pushed(poll: str) -> AsyncIterator[tuple[OktaClient, Wire]]:
    """A client whose push gets this link."""
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [waiting(poll.replace("~", server.url))]
        yield okta, server


@pytest.mark.parametrize(
    "poll",
    [
        "",
        "no link",
        "http://[",
        f"https://elsewhere.example{TRANSACTIONS}/t1",
        f"~.elsewhere.example{TRANSACTIONS}/t1",
        f"http://me@127.0.0.1{TRANSACTIONS}/t1",
        "~/api/v1/users/00u2/factors/opf1/transactions/t1",
        "~/api/v1/users/00u1/factors/opf2/transactions/t1",
        "~/api/v1/users/00u1/factors/opf1",
        "~/api/v1/users/00u1/factors/opf1/verify",
        f"~{TRANSACTIONS}",
        f"~{TRANSACTIONS}/",
        f"~{TRANSACTIONS}/..",
        f"~{TRANSACTIONS}/%2e%2e",
        f"~{TRANSACTIONS}/t1/..",
        f"~{TRANSACTIONS}/t1%2F..%2F..",
        f"~{TRANSACTIONS}/t1/more",
        f"~{TRANSACTIONS}/t1?as=00u2",
        f"~{TRANSACTIONS}//t1",
        f"~/api/v1/users/00u2/../00u1x{TRANSACTIONS}/t1",
    ],
)
async def test_a_push_is_followed_to_its_own_transaction_alone(poll: str) -> None:
    """Neither to another host nor to another person's, whose yes would count; the push may be out, and that is told."""
    async with pushed(poll) as (okta, server):
        with pytest.raises(BadLinkError) as caught:
            await okta.push("00u1", "opf1")
        link = poll.replace("~", server.url)
        old = PushChallenge("00u1", "opf1", None, 5, link, link)
        for call in (okta.poll_push, okta.cancel_push):
            with pytest.raises(BadLinkError):
                await call(old)

    assert caught.value.executed is Executed.UNKNOWN
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("embedded", "number"),
    [
        ({"challenge": {"correctAnswer": 42}}, 42),
        ({"factor": {"_embedded": {"challenge": {"correctAnswer": 7}}}}, 7),
        ({"challenge": {"correctAnswer": 0}, "factor": {"_embedded": {"challenge": {"correctAnswer": 7}}}}, 0),
        ({"challenge": {"correctAnswer": "42"}}, None),
        ({"challenge": None}, None),
        (None, None),
        ([], None),
    ],
)
async def test_where_the_number_stands(embedded: object, number: int | None) -> None:
    """In either of the places that Okta has for it; what is no number is none."""
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [waiting(f"{server.url}{TRANSACTIONS}/t-1.a=", _embedded=embedded, expiresAt="never")]
        push = await okta.push("00u1", "opf1")

    assert (push.number, push.expires_at) == (number, None)
    assert json.loads(server.asked[0].body) == {"useNumberMatchingChallenge": True}


@pytest.mark.parametrize("result", ["SUCCESS", "CHALLENGE", "REJECTED", "", None])
async def test_a_push_that_does_not_wait_is_none(result: str | None) -> None:
    """Not even one that is said to have succeeded before anybody was asked."""
    async with wire(said(201, json.dumps({"factorResult": result}))) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await okta.push("00u1", "opf1", number_matching=False)

    assert caught.value.executed is Executed.UNKNOWN
    assert server.asked[0].body == b""


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (said(200, '{"factorResult":"WAITING"}'), PushResult.WAITING),
        (said(200, '{"factorResult":"SUCCESS"}'), PushResult.APPROVED),
        (said(200, '{"factorResult":"REJECTED"}'), PushResult.REJECTED),
        (said(403, '{"errorCode":"E0000073"}'), PushResult.REJECTED),
        (said(200, '{"factorResult":"TIMEOUT"}'), PushResult.EXPIRED),
        (said(200, '{"factorResult":"success"}'), PushResult.FAILED),
        (said(200, '{"factorResult":"CANCELLED"}'), PushResult.FAILED),
    ],
)
async def test_what_has_become_of_a_push(answer: bytes, result: PushResult) -> None:
    """Only the exact word is a yes, and what is not known is a no."""
    async with wire(answer) as server, connect(server.url) as okta:
        link = f"{server.url}{TRANSACTIONS}/t1"
        assert await okta.poll_push(PushChallenge("00u1", "opf1", None, 5, link, link)) is result

    assert [(asked.method, asked.target) for asked in server.asked] == [("GET", f"{TRANSACTIONS}/t1")]


@pytest.mark.parametrize("body", ["{}", "[]", '{"factorResult":["SUCCESS"]}', "nonsense"])
async def test_a_poll_that_cannot_be_read(body: str) -> None:
    """It is asked again; nothing has been done by it."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        link = f"{server.url}{TRANSACTIONS}/t1"
        with pytest.raises(LostAnswerError) as caught:
            await okta.poll_push(PushChallenge("00u1", "opf1", None, 5, link, link))

    assert caught.value.executed is Executed.NO


async def test_a_push_without_a_link_to_take_it_back() -> None:
    """Nothing is made up for it."""
    async with wire() as server, connect(server.url) as okta:
        server.answers[:] = [waiting(f"{server.url}{TRANSACTIONS}/t1")]
        push = await okta.push("00u1", "opf1")
        with pytest.raises(BadLinkError):
            await okta.cancel_push(push)

    assert len(server.asked) == 1


def test_a_number_is_not_shown_by_what_holds_it() -> None:
    """Nor the links."""
    push = PushChallenge("00u1", "opf1", None, 4711, "https://acme.okta.com/secret", "https://acme.okta.com/secret")

    assert "4711" not in repr(push)
    assert repr(Verdict(factor_result="WAITING")) == "Verdict('WAITING', …)"
    assert "secret" not in repr(push)
    assert Verdict().number is None
