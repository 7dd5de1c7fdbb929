"""Each reason for which a service app does not get in is an error of its own, which says what to do."""

from typing import Final

import pytest

from okta.errors import Executed, InvalidTokenError, SignInError, SignInProblem
from okta.oauth import HOLD
from sandbox.okta import Org
from tests.okta.apps import APP, SCOPES, Skewed, asked, key, private, public, register, sign_in
from tests.okta.clients import connect
from tests.okta.wire import said, wire

MAYA: Final = "maya.okafor@northwind.example"
P: Final = SignInProblem

ADVICE: Final = {
    P.SIGNATURE: "does not fit the public key",
    P.KEY_ID: "no public key of this id",
    P.CLIENT: "no such app, or it is not active",
    P.SCOPE: r"grant the missing scopes .* \(okta.users.manage\)",
    P.CLOCK: r"clock differs .* \([+-]\d+ s\)",
    P.PROOF: "proof of possession",
    P.NETWORK: "network zones",
    P.TOKEN: "refuses an access token that it has just given",
    P.OTHER: "sign-in settings",
}


async def failure(
    url: str, org: Org, *, ahead: float = 0, client_id: str = APP, numbers: tuple[int, ...] = (1,)
) -> SignInError:
    """What a read fails with."""
    auth = sign_in(Skewed(org.clock, ahead), keys=[key(number) for number in numbers], client_id=client_id)
    async with connect(url, auth=auth) as okta:
        with pytest.raises(SignInError) as caught:
            await okta.unlock(org.user(MAYA).id)
    assert caught.value.operation == "unlock"
    assert caught.value.executed is Executed.NO
    assert org.effects == []
    return caught.value


def _break(org: Org, problem: SignInProblem) -> None:
    app = org.service_apps[APP]
    match problem:
        case P.SIGNATURE:
            app.public_keys = [public(private("ES256", 2), kid="key-1")]
        case P.KEY_ID:
            app.public_keys = [public(private("ES256", 2), kid="key-2")]
        case P.CLIENT:
            app.active = False
        case P.SCOPE:
            app.scopes.remove("okta.users.manage")
        case P.NETWORK:
            app.networks = False
        case _:
            raise AssertionError


@pytest.mark.parametrize("dpop", [True, False])
@pytest.mark.parametrize("problem", [P.SIGNATURE, P.KEY_ID, P.CLIENT, P.SCOPE, P.NETWORK])
async def test_what_an_administrator_can_mend(url: str, org: Org, problem: SignInProblem, dpop: bool) -> None:  # noqa: FBT001 - a parameter of the cases above
    """Told apart, and with what to do; once it is mended, it works within a moment."""
    register(org, dpop=dpop)
    _break(org, problem)

    error = await failure(url, org)

    assert error.problem is problem
    with pytest.raises(SignInError, match=ADVICE[problem]):
        raise error
    register(org, dpop=dpop)
    async with connect(url, auth=sign_in(org.clock.now)) as okta:
        await okta.user(MAYA)


async def test_a_refusal_is_remembered_for_a_moment(url: str, org: Org) -> None:
    """So that a wrong setting does not become a storm of requests, and then looked at anew."""
    register(org)
    _break(org, P.KEY_ID)
    async with connect(url, auth=sign_in(org.clock.now)) as okta:
        for _ in range(5):
            with pytest.raises(SignInError):
                await okta.user(MAYA)
        assert asked(org) == 1
        register(org)
        org.clock.advance(HOLD)
        await okta.user(MAYA)


async def test_an_unknown_client(url: str, org: Org) -> None:
    """Another org's, or a slip."""
    register(org)

    assert (await failure(url, org, client_id="0oaOther")).problem is P.CLIENT


async def test_every_missing_scope_is_named(url: str, org: Org) -> None:
    """Okta does not say which; each is asked for alone."""
    register(org, scopes=[])

    assert (await failure(url, org)).missing_scopes == SCOPES


async def test_scopes_that_are_refused_together_alone(org: Org) -> None:
    """Then all of them are in question."""
    refused = said(400, '{"error":"consent_required"}')
    granted = said(200, '{"access_token":"t"}')
    async with wire(refused, granted, granted) as server:
        assert (await failure(server.url, org)).missing_scopes == SCOPES


@pytest.mark.parametrize("dpop", [True, False])
async def test_a_clock_that_is_late(url: str, org: Org, dpop: bool) -> None:  # noqa: FBT001 - a parameter of the cases above
    """So that what it signs is over at once; and by how much it is."""
    register(org, dpop=dpop)

    error = await failure(url, org, ahead=-600)

    assert error.problem is P.CLOCK
    assert error.ahead is not None
    assert -602 < error.ahead.total_seconds() < -598
    with pytest.raises(SignInError, match=ADVICE[P.CLOCK]):
        raise error


@pytest.mark.parametrize(("dpop", "ahead"), [(True, 60), (False, 3600)])
async def test_a_clock_that_is_early(url: str, org: Org, dpop: bool, ahead: int) -> None:  # noqa: FBT001 - a parameter of the cases above
    """A proof from the future is none; an assertion may not last for more than an hour."""
    register(org, dpop=dpop)

    assert (await failure(url, org, ahead=ahead)).problem is P.CLOCK


@pytest.mark.parametrize(("dpop", "ahead"), [(True, -200), (True, 8), (False, -200), (False, 3000)])
async def test_a_clock_that_is_near_enough(url: str, org: Org, dpop: bool, ahead: int) -> None:  # noqa: FBT001 - a parameter of the cases above
    """Does no harm."""
    register(org, dpop=dpop)
    async with connect(url, auth=sign_in(Skewed(org.clock, ahead))) as okta:
        await okta.unlock(org.user(MAYA).id)


async def test_a_clock_that_goes_wrong_later(url: str, org: Org) -> None:
    """The API refuses the proof."""
    register(org)
    ours = Skewed(org.clock, 0)
    async with connect(url, auth=sign_in(ours)) as okta:
        await okta.user(MAYA)
        ours.seconds = -600
        with pytest.raises(SignInError) as caught:
            await okta.user(MAYA)
    assert caught.value.problem is P.CLOCK


async def test_both_keys_are_refused(url: str, org: Org) -> None:
    """What is wrong with the first is told."""
    register(org, 3)

    assert (await failure(url, org, numbers=(1, 2))).problem is P.KEY_ID


async def test_another_key_does_not_help_an_unknown_client(url: str, org: Org) -> None:
    """It is not asked."""
    register(org)
    await failure(url, org, numbers=(1, 2), client_id="0oaOther")

    assert asked(org) == 1


async def test_the_second_key_is_known_and_a_scope_is_not(url: str, org: Org) -> None:
    """Then the scope is what is wrong."""
    register(org, 2)
    _break(org, P.SCOPE)

    assert (await failure(url, org, numbers=(1, 2))).problem is P.SCOPE


GRANTED: Final = said(200, '{"access_token":"made-up","token_type":"DPoP"}')
WANTS_PROOF: Final = said(400, '{"error":"invalid_dpop_proof"}')
VOID: Final = said(401, '{"errorCode":"E0000011"}')


def challenged(error: str, *more: tuple[str, str]) -> bytes:
    """An API that does not take a token, in the way of DPoP."""
    return said(401, '{"errorCode":"E0000011"}', ("WWW-Authenticate", f'DPoP error="{error}"'), *more)


@pytest.mark.parametrize(
    ("answers", "problem", "requests"),
    [
        ([WANTS_PROOF], P.PROOF, 2),
        ([said(400, '{"error":"use_dpop_nonce"}')], P.PROOF, 2),
        ([said(400, '{"error":"use_dpop_nonce"}', ("DPoP-Nonce", str(n))) for n in range(5)], P.PROOF, 4),
        ([GRANTED, VOID], P.TOKEN, 2),
        ([WANTS_PROOF, GRANTED, challenged("invalid_dpop_proof")], P.PROOF, 3),
        ([WANTS_PROOF, GRANTED, challenged("use_dpop_nonce"), challenged("use_dpop_nonce")], P.PROOF, 4),
        ([said(401, '{"error":"invalid_client"}')], P.OTHER, 1),
        ([said(401, '{"error":"invalid_client"}', ("Date", "Mon, 02 Mar 2020 08:55:00 GMT"))], P.CLOCK, 1),
        ([said(401, '{"error":"invalid_client","error_description":"It was issued in the future."}')], P.CLOCK, 1),
        ([said(401, '{"error":"invalid_client","error_description":"The app is inactive."}')], P.CLIENT, 1),
        ([said(400, '{"error":"unauthorized_client"}')], P.OTHER, 1),
        ([said(404, '{"errorCode":"E0000008"}')], P.OTHER, 1),
        ([said(403, "<html>", kind="text/html")], P.OTHER, 1),
        ([said(400, '{"error":"invalid_scope"}')] * 3, P.SCOPE, 3),
    ],
    ids=range(14),
)
async def test_what_else_okta_may_say(org: Org, answers: list[bytes], problem: SignInProblem, requests: int) -> None:
    """It is asked no more often than makes sense; a missing user is never what a missing endpoint looks like."""
    async with wire(*answers) as server:
        error = await failure(server.url, org)

    assert error.problem is problem
    assert len(server.asked) == requests
    with pytest.raises(SignInError, match=ADVICE[problem].partition(" .*")[0]):
        raise error


def test_every_problem_has_its_advice() -> None:
    """For an administrator; and it is an error for whoever handles a refused credential."""
    assert {problem: SignInError("user", problem=problem).advice for problem in P}.keys() == ADVICE.keys()
    assert issubclass(SignInError, InvalidTokenError)
