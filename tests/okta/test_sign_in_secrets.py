"""Private keys, assertions and access tokens are seen by Okta and by nobody else, whatever goes wrong."""

import logging
import traceback
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from okta.errors import OktaError, SignInProblem, Told
from okta.sign_in import Refusal, Token
from okta.transport import build_http
from sandbox.okta import Fault, Org
from tests.okta.apps import APP, pem, private, register, sign_in
from tests.okta.clients import connect
from tests.okta.test_secrets import chain
from tests.okta.wire import CUT, SILENCE, Wire, said, wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from okta.client import OktaClient

MAYA: Final = "maya.okafor@northwind.example"
WANTS_PROOF: Final = said(400, '{"error":"invalid_dpop_proof"}')
VOID: Final = said(401, '{"errorCode":"E0000011"}')

SECRETS: Final = tuple(line for line in pem(private("ES256")).splitlines() if "-" not in line and line)


def seen(server: Wire) -> set[str]:
    """The secrets that went over the wire: assertions, and the tokens that were shown."""
    bodies = {each.body.decode().partition("client_assertion=")[2].partition("&")[0] for each in server.asked}
    return {secret for secret in bodies if secret} | {"MadeUpAccessToken"} | set(SECRETS)


def shows_nothing(error: BaseException, secrets: set[str]) -> None:
    """Fail if a secret is in an error, or in the variables of the frames outside of the tests that it came through."""
    for each in chain(error):
        told = vars(each) if not isinstance(each, OktaError) else ""
        frames = traceback.TracebackException.from_exception(each, capture_locals=True).stack
        shown = " ".join(str(frame.locals) for frame in frames if "/tests/" not in frame.filename)
        text = f"{each} {each!r} {each.args} {told} {shown}"
        assert not [secret for secret in secrets if secret in text], type(each)


TAKEN: Final = said(200, '{"access_token":"MadeUpAccessToken","token_type":"DPoP"}')

TURNS: Final = {
    "granted": [WANTS_PROOF, TAKEN, said(500, "MadeUpAccessToken")],
    "cut": [CUT],
    "cut later": [WANTS_PROOF, TAKEN, CUT],
    "cut on the way to another token": [TAKEN, VOID, CUT],
    "silence": [SILENCE],
    "silence later": [TAKEN, SILENCE],
    "refused": [said(401, '{"error":"invalid_client","error_description":"MadeUpAccessToken"}')],
    "refused twice": [TAKEN, VOID, TAKEN, VOID],
    "a token that cannot be": [said(200, '{"access_token":"MadeUpAccessToken MadeUpAccessToken"}')],
    "half a token": [said(200, '{"access_token":"MadeUpAccessToken')],
    "busy": [said(429, '{"errorCode":"E0000047"}')],
    "an echo": [TAKEN, said(400, '{"errorCode":"E0000001","errorSummary":"MadeUpAccessToken"}')],
}


@pytest.mark.parametrize("how", TURNS)
async def test_no_answer_brings_a_secret_out(how: str, org: Org, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in an error, nor in a frame, nor in a log of any level and library."""
    caplog.set_level(logging.DEBUG)
    auth = sign_in(org.clock.now)
    errors = []
    calls: tuple[Callable[[OktaClient], Awaitable[object]], ...] = (lambda o: o.user("1"), lambda o: o.unlock("1"))
    async with wire(*TURNS[how]) as server, connect(server.url, auth=auth, time_limit=0.2) as okta:
        for call in calls:
            try:
                await call(okta)
            except OktaError as caught:
                errors.append(caught)
    secrets = seen(server)

    assert errors
    for error in errors:
        shows_nothing(error, secrets)
    told = caplog.text + repr(auth) + str(auth) + repr(vars(auth)) + repr(okta) + repr(vars(okta))
    assert not [secret for secret in secrets if secret in told]


@pytest.mark.parametrize("how", [*TURNS, "told", "an echo in the fields"])
async def test_no_answer_on_a_token_brings_a_secret_out(how: str, org: Org, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in what is told of it, nor in an error, nor in a log."""
    caplog.set_level(logging.DEBUG)
    auth = sign_in(org.clock.now)
    turns = {
        "told": [TAKEN, said(200, '{"active":true,"jti":"MadeUpAccessToken","token":"MadeUpAccessToken"}')],
        "an echo in the fields": [TAKEN, said(200, '{"active":"MadeUpAccessToken"}')],
    }
    shown = ""
    async with (
        wire(*(TURNS | turns)[how]) as server,
        build_http(server.url, user_agent="unlatch/test", read_only=True) as http,
    ):
        try:
            shown = repr(await auth.introspect(http, time_limit=0.2))
        except OktaError as error:
            shows_nothing(error, seen(server))
        else:
            assert how == "told"

    told = shown + caplog.text + repr(auth) + repr(vars(auth))
    assert not [secret for secret in seen(server) if secret in told]
    assert all("MadeUp" not in asked.target + repr(asked.all("authorization")) for asked in server.asked)


@pytest.mark.parametrize("fault", [*Fault])
async def test_no_fault_at_the_token_endpoint_brings_a_secret_out(url: str, org: Org, fault: Fault) -> None:
    """For either token."""
    register(org)
    org.faults.order("POST", "/oauth2/v1/token", fault, times=2, seconds=600)
    async with connect(url, auth=sign_in(org.clock.now), time_limit=0.2) as okta:
        for call in (okta.user, okta.roles):
            try:
                await call(MAYA)
            except OktaError as error:
                shows_nothing(error, set(SECRETS) | {"eyJ"})


def test_what_holds_a_secret_does_not_show_it(org: Org) -> None:
    """Tokens, refusals and the way of signing in."""
    token = Token("MadeUpAccessToken", bound=True, asked_at=org.clock.now(), life=timedelta(hours=1))
    refusal = Refusal(SignInProblem.OTHER, Told(untrusted_summary="MadeUpAccessToken"))

    assert "MadeUp" not in repr(token) + str(refusal.error("user")) + repr(refusal.error("user"))
    assert repr(sign_in(org.clock.now)) == f"OAuth('{APP}', …)"
