"""Passwords and factors: what the client asks for, what it makes of the answers, and how Okta refuses."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta.auth import SSWS
from okta.client import OktaClient
from okta.errors import (
    Executed,
    InvalidRequestError,
    LostAnswerError,
    NotFoundError,
    NotPermittedError,
    ReadOnlyError,
    StateConflictError,
)
from okta.models import OneTimeLink, Status
from sandbox.okta import Org
from sandbox.people import okta_id
from tests.okta.clients import connect
from tests.okta.properties import patient
from tests.okta.wire import CUT, said, wire

JONAS: Final = okta_id("00u", "jonas.lindqvist@northwind.example")
GRACE: Final = okta_id("00u", "grace.adeyemi@northwind.example")
TOM: Final = okta_id("00u", "tom.becker@northwind.example")
DIEGO: Final = okta_id("00u", "diego.santos@northwind.example")

LINK: Final = "https://acme.okta.com/reset_password/a-B_9?x=1&y=2"


async def test_a_reset_by_mail_answers_no_link(okta: OktaClient, org: Org) -> None:
    """Okta mails it; the sessions end in the same call."""
    org.change(JONAS, sessions=2)

    assert await okta.reset_password(JONAS, send_email=True, revoke_sessions=True) is None

    assert (org.user(JONAS).status, org.user(JONAS).sessions) == (Status.RECOVERY, 0)
    assert len(org.mails) == 1


async def test_a_reset_by_link_answers_it(okta: OktaClient, org: Org) -> None:
    """Nothing is mailed, and the sessions stay unless they are to end."""
    org.change(JONAS, sessions=2)

    link = await okta.reset_password(JONAS, send_email=False, revoke_sessions=False)

    assert link
    assert "/reset_password/" in link.url
    assert org.user(JONAS).sessions == 2
    assert not org.mails


@pytest.mark.parametrize("mailed", [True, False])
async def test_a_forgotten_password_stays_until_the_link_is_used(okta: OktaClient, org: Org, *, mailed: bool) -> None:
    """In Classic Engine, where there is a recovery question."""
    org.settings.pipeline = "v1"

    link = await okta.forgot_password(JONAS, send_email=mailed)

    assert (link is None) == mailed
    assert org.user(JONAS).status == Status.ACTIVE
    assert len(org.mails) == mailed


async def test_an_activation_mail_is_sent_again(okta: OktaClient, org: Org) -> None:
    """The status stays."""
    await okta.reactivate(TOM)

    assert org.user(TOM).status == Status.PROVISIONED
    assert len(org.mails) == 1


async def test_what_okta_refuses_was_not_done(okta: OktaClient) -> None:
    """A directory's password, an engine without questions, an account that is set up."""
    for refused in (
        okta.reset_password(DIEGO, send_email=True, revoke_sessions=True),
        okta.forgot_password(JONAS, send_email=True),
        okta.reactivate(JONAS),
    ):
        with pytest.raises(StateConflictError) as caught:
            await refused
        assert caught.value.executed is Executed.NO


@pytest.mark.parametrize("roles", [{"HELP_DESK_ADMIN"}])
async def test_a_help_desk_resets_but_does_not_reactivate(okta: OktaClient) -> None:
    """What the least role may do."""
    await okta.reset_password(JONAS, send_email=True, revoke_sessions=True)
    with pytest.raises(NotPermittedError):
        await okta.reactivate(TOM)


async def test_factors_are_read_with_where_they_live(okta: OktaClient) -> None:
    """Kind, provider, device and number."""
    found = {factor.factor_type: factor for factor in await okta.factors(GRACE)}

    assert {"push", "token:software:totp", "signed_nonce", "webauthn"} == set(found)
    assert found["push"].profile.name == "Grace's Pixel 9"
    assert found["webauthn"].profile.authenticator_name == "YubiKey 5C NFC"
    assert (found["push"].provider, found["push"].is_active) == ("OKTA", True)


async def test_a_removed_factor_takes_its_siblings_along(okta: OktaClient) -> None:
    """And cannot be removed twice."""
    push = next(factor for factor in await okta.factors(GRACE) if factor.factor_type == "push")

    await okta.remove_factor(GRACE, push.id)

    assert [factor.factor_type for factor in await okta.factors(GRACE)] == ["webauthn"]
    with pytest.raises(NotFoundError) as caught:
        await okta.remove_factor(GRACE, push.id)
    assert caught.value.executed is Executed.NO


async def test_the_factor_of_another_person_is_not_found(okta: OktaClient) -> None:
    """Its id alone opens nothing."""
    push = next(factor for factor in await okta.factors(GRACE) if factor.factor_type == "push")

    with pytest.raises(NotFoundError):
        await okta.remove_factor(JONAS, push.id)

    assert len(await okta.factors(GRACE)) == 4


@pytest.mark.parametrize("wrong", ["", ".", ".."])
async def test_a_factor_id_never_leads_to_another_path(wrong: str) -> None:
    """Without an id it would be all factors, or the user."""
    async with wire(said(204)) as server, connect(server.url) as okta:
        with pytest.raises(InvalidRequestError):
            await okta.remove_factor("00u1", wrong)

    assert server.asked == []


@patient
@given(st.text(min_size=1).filter(lambda name: name not in {".", ".."}))
async def test_any_factor_id_is_one_segment(name: str) -> None:
    """Whatever characters it has."""
    async with wire(said(204)) as server, connect(server.url) as okta:
        await okta.remove_factor("00u1", name)

    (asked,) = server.asked
    assert asked.target.startswith("/api/v1/users/00u1/factors/")
    assert asked.target.count("/") == 6
    assert not {"?", "#"} & set(asked.target)


async def test_both_parameters_are_always_sent() -> None:
    """Okta's defaults have changed with time."""
    async with wire(said(200, "{}")) as server, connect(server.url) as okta:
        await okta.reset_password("00u1", send_email=True, revoke_sessions=False)

    assert server.asked[0].target == "/api/v1/users/00u1/lifecycle/reset_password?sendEmail=true&revokeSessions=false"


async def test_a_link_that_comes_with_a_mail_is_dropped() -> None:
    """It was not asked for, and nobody waits for it."""
    async with wire(said(200, f'{{"resetPasswordUrl":"{LINK}"}}')) as server, connect(server.url) as okta:
        assert await okta.reset_password("00u1", send_email=True, revoke_sessions=True) is None


ODD: Final = {
    "none": "{}",
    "null": '{"resetPasswordUrl":null}',
    "empty": '{"resetPasswordUrl":""}',
    "relative": '{"resetPasswordUrl":"/reset_password/x"}',
    "another scheme": '{"resetPasswordUrl":"javascript:alert(1)"}',
    "a line": '{"resetPasswordUrl":"https://acme.okta.com/x\\ny"}',
    "a label of its own": '{"resetPasswordUrl":"https://acme.okta.com/x|Sign in>"}',
    "a letter beyond ASCII": '{"resetPasswordUrl":"https://\u0430cme.okta.com/x"}',
    "no object": "[]",
    "no JSON": "reset",
}


@pytest.mark.parametrize("how", ODD)
async def test_a_link_that_nobody_could_open_is_lost(how: str) -> None:
    """The reset may be done all the same."""
    async with wire(said(200, ODD[how])) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await okta.reset_password("00u1", send_email=False, revoke_sessions=True)

    assert caught.value.executed is Executed.UNKNOWN
    assert len(server.asked) == 1


def org_with(url: str, link: str) -> httpx.AsyncClient:
    """An HTTP client of an org at `url` that answers nothing but this link."""
    answer = httpx.Response(200, json={"resetPasswordUrl": link})
    return httpx.AsyncClient(base_url=url, transport=httpx.MockTransport(lambda _: answer))


async def test_a_link_without_tls_is_taken_from_an_org_without_tls_alone() -> None:
    """That is a twin's; a real org does not hand out links that can be read on the way."""
    plain = "http://127.0.0.1:1/reset_password/x"
    async with org_with("http://127.0.0.1:1", plain) as http:
        told = await OktaClient(http, SSWS("00x")).reset_password("00u1", send_email=False, revoke_sessions=True)
    assert told == OneTimeLink(plain)
    async with org_with("https://acme.okta.com", plain) as http:
        with pytest.raises(LostAnswerError):
            await OktaClient(http, SSWS("00x")).reset_password("00u1", send_email=False, revoke_sessions=True)


@pytest.mark.parametrize("answer", [CUT, said(502, "<html>", kind="text/html"), said(200, "<p>", kind="text/html")])
async def test_an_answer_that_is_lost_leaves_it_open(answer: bytes) -> None:
    """For each of the writes."""
    async with wire(answer) as server, connect(server.url) as okta:
        for write in writes(okta):
            with pytest.raises(LostAnswerError) as caught:
                await write("00u1")
            assert caught.value.executed is Executed.UNKNOWN


async def test_read_only_sends_none_of_them() -> None:
    """Not a byte."""
    async with wire(said(204)) as server, connect(server.url, read_only=True) as okta:
        for write in writes(okta):
            with pytest.raises(ReadOnlyError):
                await write("00u1")

    assert server.asked == []


def writes(okta: OktaClient) -> tuple[Callable[[str], Awaitable[object]], ...]:
    """Every write that there is for passwords, factors and sessions."""
    return (
        partial(okta.reset_password, send_email=True, revoke_sessions=True),
        partial(okta.reset_password, send_email=False, revoke_sessions=True),
        partial(okta.forgot_password, send_email=True),
        okta.reactivate,
        partial(okta.remove_factor, factor_id="opf1"),
        okta.clear_sessions,
    )


@pytest.mark.parametrize(
    "body",
    [
        '[{"id":"x","factorType":"hologram","provider":"ACME","status":"NEW","vendorName":1,"profile":null}]',
        '[{"id":"x","factorType":"hologram","status":7,"created":"yesterday","profile":{"name":5}}]',
    ],
)
async def test_a_factor_of_an_unknown_kind_costs_nothing(body: str) -> None:
    """Live orgs have what no description lists."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        (factor,) = await okta.factors("00u1")

    assert (factor.id, factor.factor_type, factor.is_active) == ("x", "hologram", False)
    assert factor.profile.name is None
