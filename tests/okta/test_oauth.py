"""Signing in as a service app, against an org that checks all of it: tokens, proofs, renewal, keys and scopes."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from email.utils import format_datetime
from typing import Final

import httpx
import jwt
import pytest

from okta.client import OktaClient
from okta.errors import (
    Executed,
    InvalidTokenError,
    LostAnswerError,
    NotPermittedError,
    OktaError,
    RateLimitedError,
    SignInError,
    SignInProblem,
    UnreachableError,
)
from okta.introspection import TokenStatus
from okta.models import User
from okta.oauth import HOLD, MARGIN, NEW, OAuth
from okta.proofs import Prover
from okta.scopes import LOGS, ROLES
from okta.transport import build_http
from sandbox.okta import Fault, Org
from sandbox.okta.principals import BEARER_LIFE
from tests.okta.apps import APP, SCOPES, asked, key, register, sign_in
from tests.okta.clients import connect
from tests.okta.wire import CUT, Wire, said, wire

INTROSPECT_PATH: Final = "/oauth2/v1/introspect"
TOKEN_PATH: Final = "/oauth2/v1/token"
GIVEN: Final = '{"access_token":"made-up","token_type":"Bearer","expires_in":3600}'


@pytest.fixture(params=[True, False], ids=["bound", "bearer"])
def dpop(request: pytest.FixtureRequest) -> bool:
    """Whether the org wants proofs."""
    return bool(request.param)


@pytest.fixture
async def okta(org: Org, url: str, dpop: bool) -> AsyncIterator[OktaClient]:  # noqa: FBT001 - a fixture
    """A client that signs in as a service app."""
    register(org, dpop=dpop)
    async with connect(url, auth=sign_in(org.clock.now)) as client:
        yield client


async def everybody(org: Org, okta: OktaClient) -> list[User]:
    """All people at once, each by a request of its own: reads of the same person would share one."""
    return await asyncio.gather(*(okta.user(user.id) for user in org.users()))


def revoke(org: Org) -> None:
    """All tokens are void, and none of them was just made."""
    org.clock.advance(NEW)
    org.revoke_app_tokens(APP)


def statuses(org: Org, path: str) -> list[int | None]:
    """How the org has answered requests to a path."""
    return [call.status for call in org.calls if call.path == path]


async def test_reads_and_writes(org: Org, okta: OktaClient, dpop: bool) -> None:  # noqa: FBT001 - a fixture
    """With one token, without a setting for proofs: Okta's refusal is what starts them."""
    maya = org.user("maya.okafor@northwind.example")

    assert (await okta.user(maya.login)).id == maya.id
    await okta.unlock(maya.id)

    assert [effect.kind for effect in org.effects] == ["unlock"]
    assert statuses(org, TOKEN_PATH) == ([400, 400, 200] if dpop else [200])


async def test_a_read_only_client_can_sign_in(org: Org, url: str) -> None:
    """The request for a token is the only POST that gets through, and maintenance does not stop it."""
    register(org)
    org.settings.read_only = True
    async with connect(url, auth=sign_in(org.clock.now), read_only=True) as okta:
        assert (await okta.user("maya.okafor@northwind.example")).id


async def test_each_page_has_a_proof_of_its_own(org: Org, okta: OktaClient) -> None:
    """The org takes none twice, and none for another address."""
    found = [user async for user in okta.users(limit=3)]

    assert len(found) == len({user.id for user in found}) == len(org.users()) - 1  # all but one who has left
    assert set(statuses(org, "/api/v1/users")) == {200}
    assert len(statuses(org, "/api/v1/users")) > 3


async def test_many_at_once_fetch_one_token(org: Org, url: str) -> None:
    """The first does it, the others wait."""
    register(org, dpop=False)
    async with connect(url, auth=sign_in(org.clock.now)) as okta:
        users = await everybody(org, okta)

    assert len(users) == len(org.users())
    assert asked(org) == 1


async def test_many_at_once_replace_a_revoked_token_once(org: Org, okta: OktaClient) -> None:
    """Whoever comes late with the old one finds the new one."""
    await okta.user("maya.okafor@northwind.example")
    before = asked(org)
    revoke(org)

    await everybody(org, okta)

    assert asked(org) == before + 1


async def test_a_token_is_kept_until_shortly_before_its_end(org: Org, okta: OktaClient) -> None:
    """By the clock that was handed in."""
    await okta.user("maya.okafor@northwind.example")
    before = asked(org)

    org.clock.advance(BEARER_LIFE - MARGIN - timedelta(seconds=30))
    await okta.user("maya.okafor@northwind.example")
    assert asked(org) == before

    org.clock.advance(timedelta(seconds=31))
    await okta.user("maya.okafor@northwind.example")
    assert asked(org) == before + 1
    assert 401 not in [call.status for call in org.calls]


async def test_others_go_on_with_a_token_while_it_is_renewed(org: Org, url: str) -> None:
    """One caller renews; nobody waits for it as long as the old token holds."""
    register(org, dpop=False)
    async with connect(url, auth=sign_in(org.clock.now)) as okta:
        await okta.user("maya.okafor@northwind.example")
        org.clock.advance(BEARER_LIFE - MARGIN)
        org.faults.order("POST", TOKEN_PATH, Fault.STALL, seconds=60)
        renewing = asyncio.create_task(okta.user("maya.okafor@northwind.example"))
        while asked(org) < 2:  # noqa: ASYNC110 - the org has no event for it
            await asyncio.sleep(0.001)
        await everybody(org, okta)
        assert not renewing.done()
        org.clock.advance(timedelta(seconds=61))
        await renewing

    assert asked(org) == 2


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT, Fault.ERROR_500, Fault.GATEWAY_502])
async def test_a_token_that_holds_is_used_while_okta_gives_no_other(org: Org, okta: OktaClient, fault: Fault) -> None:
    """And another is not asked for at once, until it ends."""
    await okta.user("maya.okafor@northwind.example")
    before = asked(org)
    org.clock.advance(BEARER_LIFE - MARGIN)
    org.faults.order("POST", TOKEN_PATH, fault, seconds=1)
    for _ in range(3):
        await okta.user("maya.okafor@northwind.example")
    assert asked(org) == before + 1

    org.clock.advance(MARGIN)
    await okta.user("maya.okafor@northwind.example")
    assert asked(org) == before + 2


async def test_a_refused_renewal_does_not_cut_short_a_token_that_holds(org: Org, okta: OktaClient) -> None:
    """Once that has ended, the refusal is what a call fails with."""
    await okta.user("maya.okafor@northwind.example")
    org.service_apps[APP].active = False
    org.clock.advance(BEARER_LIFE - MARGIN)
    await okta.user("maya.okafor@northwind.example")

    org.clock.advance(MARGIN)
    with pytest.raises(SignInError):
        await okta.user("maya.okafor@northwind.example")


async def test_a_revoked_token_is_replaced(org: Org, okta: OktaClient) -> None:
    """Reads and writes are sent once more, since Okta has not carried them out."""
    maya = org.user("maya.okafor@northwind.example")
    await okta.user(maya.id)
    revoke(org)

    await okta.unlock(maya.id)

    assert [effect.kind for effect in org.effects] == ["unlock"]
    assert statuses(org, f"/api/v1/users/{maya.id}/lifecycle/unlock") == [401, 200]


async def test_a_nonce_for_calls_is_honoured(org: Org, url: str) -> None:
    """Okta does not want one there yet; if it does, it says so, and says when it wants another."""
    register(org)
    org.settings.nonce_in_calls = True
    maya = org.user("maya.okafor@northwind.example")
    path = f"/api/v1/users/{maya.id}"
    async with connect(url, auth=sign_in(org.clock.now)) as okta:
        await everybody(org, okta)
        assert statuses(org, path)[-1] == 200
        del org.calls[:]
        await okta.user(maya.id)
        assert statuses(org, path) == [200]
        org.clock.advance(timedelta(days=4))
        del org.calls[:]
        await okta.user(maya.id)

    assert statuses(org, path) == [401, 200]
    assert statuses(org, TOKEN_PATH) == [400, 200]


async def test_two_keys_side_by_side(org: Org, url: str) -> None:
    """While one takes the other's place no call fails, in whichever order they are written."""
    register(org, 1)
    for order in ((1, 2), (2, 1)):
        org.service_apps[APP].public_keys = _public(1)
        async with connect(url, auth=sign_in(org.clock.now, keys=[key(number) for number in order])) as okta:
            for known in ([1], [1, 2], [2], [2, 1], [1]):
                org.service_apps[APP].public_keys = _public(*known)
                revoke(org)
                await okta.user("maya.okafor@northwind.example")


def _public(*numbers: int) -> list[dict[str, str]]:
    return [{**key(number).public_jwk(), "kid": f"key-{number}"} for number in numbers]


async def test_the_key_that_is_taken_is_asked_first(org: Org, url: str) -> None:
    """One refusal, not one for each token."""
    register(org, 2, dpop=False)
    async with connect(url, auth=sign_in(org.clock.now, keys=[key(1), key(2)])) as okta:
        await okta.user("maya.okafor@northwind.example")
        assert statuses(org, TOKEN_PATH) == [401, 200]
        revoke(org)
        await okta.user("maya.okafor@northwind.example")

    assert statuses(org, TOKEN_PATH) == [401, 200, 200]


async def test_an_optional_scope_has_a_token_of_its_own(org: Org, okta: OktaClient) -> None:
    """Fetched when it is first needed; one that is not granted costs nothing else, and is told by its name."""
    maya = org.user("maya.okafor@northwind.example")
    await okta.user(maya.id)
    await okta.log()
    before = asked(org)
    for _ in range(2):
        with pytest.raises(NotPermittedError) as caught:
            await okta.roles(maya.id)
        assert (caught.value.operation, caught.value.missing_scopes) == ("roles", frozenset({ROLES}))
    assert asked(org) == before + 1, "a refusal is remembered for a moment"
    await okta.user(maya.id)

    org.service_apps[APP].scopes.add(ROLES)
    org.clock.advance(HOLD)
    assert await okta.roles(org.user("grace.adeyemi@northwind.example").id)


async def test_a_scope_that_is_needed_is_not_optional(org: Org, url: str) -> None:
    """It comes with the first token."""
    register(org, dpop=False)
    async with connect(url, auth=sign_in(org.clock.now, scopes=[*SCOPES, LOGS])) as okta:
        await okta.user("maya.okafor@northwind.example")
        await okta.log()

    assert asked(org) == 1


async def test_only_what_is_wanted_is_asked_for(org: Org, url: str) -> None:
    """Nobody gets a scope that no call needs."""
    register(org)
    async with connect(url, auth=sign_in(org.clock.now, scopes=["okta.users.read"])) as okta:
        with pytest.raises(NotPermittedError) as caught:
            await okta.unlock(org.user("maya.okafor@northwind.example").id)

    assert caught.value.missing_scopes == {"okta.users.manage"}
    assert org.effects == []


@pytest.mark.parametrize(
    ("client_id", "count", "scopes"), [("", 1, SCOPES), (APP, 0, SCOPES), (APP, 3, SCOPES), (APP, 1, ())]
)
def test_what_signing_in_cannot_do_without(org: Org, client_id: str, count: int, scopes: Iterable[str]) -> None:
    """Is missed at once."""
    with pytest.raises(ValueError, match="client id, at least one scope, and one private key or two"):
        OAuth(client_id, [key(number) for number in range(count)], scopes, now=org.clock.now)


TOKEN: Final = '{"access_token":"made-up","token_type":"Bearer","expires_in":%s}'


async def answered(server: Wire, org: Org) -> list[str]:
    """The targets of what two calls asked for, half an hour apart."""
    async with connect(server.url, auth=sign_in(org.clock.now)) as okta:
        await okta.user("00u1")
        org.clock.advance(timedelta(minutes=30))
        await okta.user("00u1")
    return [asked.target for asked in server.asked]


@pytest.mark.parametrize(
    ("life", "renewed"),
    [
        ("3600", 1),
        ('"3600"', 1),
        ("null", 1),
        ('"soon"', 1),
        ("-5", 1),
        ("0", 1),
        ("1e300", 1),
        ('"inf"', 1),
        ('"nan"', 1),
        ("60", 2),
        ("1799.5", 2),
    ],
)
async def test_how_long_a_token_lasts(org: Org, life: str, renewed: int) -> None:
    """What the answer says, if that can be; else an hour."""
    token = said(200, TOKEN % life)
    user = said(200, '{"id":"00u1"}')
    async with wire(token, user, *([token] if renewed == 2 else []), user) as server:
        targets = await answered(server, org)

    assert targets.count(TOKEN_PATH) == renewed


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "no JSON",
        '{"access_token":5}',
        '{"access_token":""}',
        '{"access_token":"a b"}',
        '{"access_token":"a\\r\\nX: y"}',
        '{"access_token":"é"}',
        '{"access_token":"%s"}' % ("a" * 9000),
    ],
)
async def test_an_answer_without_a_token(org: Org, body: str) -> None:
    """Is not Okta's; nothing was done."""
    async with wire(said(200, body)) as server, connect(server.url, auth=sign_in(org.clock.now)) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await okta.unlock("00u1")

    assert caught.value.executed == "no"
    assert len(server.asked) == 1


async def test_a_token_that_need_not_be_proved_although_it_could(org: Org) -> None:
    """Where the answer says Bearer, it is shown as that."""
    refused = said(400, '{"error":"invalid_dpop_proof"}')
    async with (
        wire(refused, said(200, TOKEN % 60), said(200, "{}")) as server,
        connect(server.url, auth=sign_in(org.clock.now)) as okta,
    ):
        await okta.user("00u1")

    assert [len(each.all("dpop")) for each in server.asked] == [0, 1, 0]
    assert server.asked[-1].all("authorization") == ["Bearer made-up"]


async def test_a_proof_never_has_a_private_part(org: Org) -> None:
    """Nor does the request hold one."""
    refused = said(400, '{"error":"use_dpop_nonce"}', ("DPoP-Nonce", "n"))
    async with (
        wire(refused, said(200, TOKEN % 60), said(200, "{}")) as server,
        connect(server.url, auth=sign_in(org.clock.now)) as okta,
    ):
        await okta.user("00u1")

    proof = server.asked[1].all("dpop")[0]
    assert jwt.get_unverified_header(proof)["jwk"].keys() == {"kty", "crv", "x", "y"}
    assert jwt.decode(proof, options={"verify_signature": False})["nonce"] == "n"


async def test_a_401_that_is_not_about_the_token(org: Org, okta: OktaClient) -> None:
    """A feature that is off looks like one, and a gateway's page; neither is sent twice."""
    org.settings.user_blocks = False
    maya = org.user("maya.okafor@northwind.example").id
    await okta.user(maya)
    before = asked(org)
    with pytest.raises(Exception, match="does not have this feature"):
        await okta.blocks(maya)

    assert asked(org) == before
    async with (
        wire(said(200, TOKEN % 3600), said(401, "<html>", kind="text/html")) as server,
        connect(server.url, auth=sign_in(org.clock.now)) as other,
    ):
        with pytest.raises(InvalidTokenError) as caught:
            await other.unlock("00u1")
    assert len(server.asked) == 2
    assert caught.value.executed == "unknown"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.RATE_LIMIT, RateLimitedError),
        (Fault.CONCURRENCY, RateLimitedError),
        (Fault.ERROR_500, LostAnswerError),
        (Fault.UNAVAILABLE_503, LostAnswerError),
        (Fault.GATEWAY_502, LostAnswerError),
        (Fault.CUT_BEFORE, LostAnswerError),
        (Fault.CUT_AFTER, LostAnswerError),
        (Fault.STALL, LostAnswerError),
    ],
)
async def test_a_write_that_waited_for_a_token_in_vain_was_not_done(
    org: Org, url: str, fault: Fault, kind: type[Exception]
) -> None:
    """Whatever became of the request for the token; and the next caller tries again."""
    register(org, dpop=False)
    org.faults.order("POST", TOKEN_PATH, fault, seconds=0.1)
    maya = org.user("maya.okafor@northwind.example").id
    limit = 0.05 if fault is Fault.STALL else 10
    auth = sign_in(org.clock.now)
    async with connect(url, auth=auth, time_limit=limit) as okta:
        with pytest.raises(kind) as caught:
            await okta.unlock(maya)
    assert getattr(caught.value, "executed", "") == "no"
    assert getattr(caught.value, "operation", "") == "unlock"

    org.clock.advance(timedelta(seconds=3))
    async with connect(url, auth=auth) as okta:
        await okta.unlock(maya)


async def test_a_write_whose_answer_is_lost_may_have_been_done(org: Org, okta: OktaClient) -> None:
    """As without a token."""
    org.faults.order("POST", "/api/v1/users/**", Fault.CUT_AFTER)
    with pytest.raises(LostAnswerError) as caught:
        await okta.unlock(org.user("maya.okafor@northwind.example").id)

    assert caught.value.executed == "unknown"


@pytest.mark.parametrize("code", ["server_error", "temporarily_unavailable"])
async def test_a_server_that_is_not_ready(org: Org, code: str) -> None:
    """Says so in OAuth's words, with a status that blames us."""
    async with (
        wire(said(400, f'{{"error":"{code}"}}')) as server,
        connect(server.url, auth=sign_in(org.clock.now)) as okta,
    ):
        with pytest.raises(LostAnswerError, match=code):
            await okta.user("00u1")


async def test_nobody_listens(org: Org) -> None:
    """Nothing was sent at all."""
    async with connect("http://127.0.0.1:1", auth=sign_in(org.clock.now)) as okta:
        with pytest.raises(UnreachableError):
            await okta.unlock("00u1")


async def test_other_users_of_the_way_of_signing_in(org: Org, url: str) -> None:
    """A request that names no operation gets the token that every call needs."""
    register(org)
    async with httpx.AsyncClient(auth=sign_in(org.clock.now)) as http:
        assert (await http.get(f"{url}/api/v1/users?limit=1")).is_success


@pytest.mark.parametrize("read_only", [True, False])
async def test_okta_tells_of_our_token(org: Org, url: str, dpop: bool, read_only: bool) -> None:  # noqa: FBT001 - a fixture and a parameter
    """Whose it is, what for, until when, and to which key it is bound; also over a transport that only reads."""
    register(org, dpop=dpop)
    auth = sign_in(org.clock.now)
    now = org.clock.now()
    async with build_http(url, user_agent="unlatch/test", read_only=read_only) as http:
        told = await auth.introspect(http)
        again = await auth.introspect(http)

    assert told == again
    assert (told.active, told.client_id, told.scopes, told.issuer) == (True, APP, SCOPES, url)
    assert told.token_type == ("DPoP" if dpop else "Bearer")
    assert bool(told.thumbprint) is dpop
    assert told.issued_at is not None
    assert told.expires_at == told.issued_at + BEARER_LIFE
    assert abs(told.issued_at - now) < timedelta(minutes=1)
    assert statuses(org, TOKEN_PATH) == ([400, 400, 200] if dpop else [200]), "one token served both"
    assert statuses(org, INTROSPECT_PATH) == [200, 200]
    assert org.effects == []


async def test_it_is_the_token_of_the_calls_that_is_told_of(org: Org, url: str) -> None:
    """And a revoked one is no secret: Okta says that it is not active, and nothing else."""
    register(org, dpop=False)
    auth = sign_in(org.clock.now)
    async with connect(url, auth=auth) as okta, build_http(url, user_agent="unlatch/test") as http:
        await okta.user("maya.okafor@northwind.example")
        assert (await auth.introspect(http)).active
        org.revoke_app_tokens(APP)
        assert await auth.introspect(http) == TokenStatus(active=False)

    assert asked(org) == 1


async def test_another_key_may_be_the_one_that_is_taken(org: Org, url: str) -> None:
    """While one takes the other's place, also after the token was given out."""
    register(org, 1, dpop=False)
    auth = sign_in(org.clock.now, keys=[key(1), key(2)])
    async with build_http(url, user_agent="unlatch/test") as http:
        assert (await auth.introspect(http)).active
        used = org.service_apps[APP]
        register(org, 2, dpop=False)
        assert used is not org.service_apps[APP]
        assert (await auth.introspect(http)).active
        register(org, 3, dpop=False)
        with pytest.raises(SignInError) as caught:
            await auth.introspect(http)

    assert (caught.value.operation, caught.value.problem) == ("introspect", SignInProblem.KEY_ID)
    assert statuses(org, INTROSPECT_PATH) == [200, 401, 200, 401, 401]
    assert asked(org) == 1


@pytest.mark.parametrize("break_off", ["token", "introspect"])
async def test_who_is_not_let_in_learns_nothing(org: Org, url: str, break_off: str) -> None:
    """Be it before there is a token or after."""
    register(org, dpop=False)
    auth = sign_in(org.clock.now)
    async with build_http(url, user_agent="unlatch/test") as http:
        if break_off == "introspect":
            await auth.introspect(http)
        org.service_apps[APP].active = False
        with pytest.raises(SignInError) as caught:
            await auth.introspect(http)

    assert (caught.value.operation, caught.value.problem) == ("introspect", SignInProblem.CLIENT)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(429, '{"errorCode":"E0000047"}', ("X-Rate-Limit-Limit", "0")), RateLimitedError),
        (said(500, "{}"), LostAnswerError),
        (said(400, '{"error":"server_error"}'), LostAnswerError),
        (said(400, '{"error":"invalid_request"}'), SignInError),
        (said(200, "<html>", kind="text/html"), LostAnswerError),
        (said(200, "{}"), LostAnswerError),
        (said(200, "[]"), LostAnswerError),
        (said(200, '{"active":"yes"}'), LostAnswerError),
        (CUT, LostAnswerError),
    ],
)
async def test_what_is_not_okta_s_word_on_a_token_is_no_word(org: Org, answer: bytes, kind: type[Exception]) -> None:
    """It says nothing of the token; and nothing was done, though it was a POST."""
    token = said(200, TOKEN % 3600)
    async with wire(token, answer) as server, build_http(server.url, user_agent="unlatch/test") as http:
        with pytest.raises(kind) as caught:
            await sign_in(org.clock.now).introspect(http, time_limit=0.5)

    assert getattr(caught.value, "executed", None) == "no"
    assert {asked.target for asked in server.asked} == {TOKEN_PATH, INTROSPECT_PATH}


@pytest.mark.parametrize("exp", ["null", "1e300", '"soon"', "-1e18", "true"])
async def test_odd_fields_of_a_token_are_not_known(org: Org, exp: str) -> None:
    """What can be read of it is."""
    told = said(200, f'{{"active":true,"scope":"b a  b","exp":{exp},"iat":null,"cnf":[],"client_id":7}}')
    async with wire(said(200, TOKEN % 3600), told) as server, build_http(server.url, user_agent="unlatch/test") as http:
        status = await sign_in(org.clock.now).introspect(http)

    assert status == TokenStatus(active=True, scopes=frozenset({"a", "b"}))


async def test_many_ask_of_a_token_while_it_is_fetched(org: Org, url: str) -> None:
    """One of them fetches it, and one that gives up in between leaves nobody waiting."""
    register(org, dpop=False)
    auth = sign_in(org.clock.now)
    org.faults.order("POST", TOKEN_PATH, Fault.STALL, seconds=60)
    async with build_http(url, user_agent="unlatch/test") as http:
        with pytest.raises(LostAnswerError):
            await auth.introspect(http, time_limit=0.05)
        told = await asyncio.gather(*(auth.introspect(http) for _ in range(5)))

    assert all(status.active for status in told)
    assert asked(org) == 2


@pytest.mark.parametrize(
    ("status", "body", "challenge"),
    [
        (502, "<html>gateway</html>", 'DPoP error="use_dpop_nonce"'),
        (500, '{"errorCode":"E0000011"}', ""),
        (504, '{"error":"invalid_token"}', ""),
        (403, '{"errorCode":"E0000011"}', ""),
    ],
)
async def test_a_write_is_sent_once_more_only_if_it_was_refused_as_such(
    org: Org, status: int, body: str, challenge: str
) -> None:
    """A server that has failed may have carried it out before."""
    answers = [said(200, GIVEN), said(status, body, ("WWW-Authenticate", challenge))]
    async with wire(*answers) as server, connect(server.url, auth=sign_in(org.clock.now)) as okta:
        with pytest.raises(OktaError) as caught:
            await okta.unlock("00u1")

    assert len(server.asked) == 2
    assert caught.value.executed is (Executed.NO if status == 403 else Executed.UNKNOWN)


@pytest.mark.parametrize("status", [429, 500])
async def test_a_crowd_shares_a_failure(org: Org, status: int) -> None:
    """One asks for the others; a limit is kept to, and afterwards it goes on."""
    limits = (
        ("X-Rate-Limit-Limit", "150"),
        ("X-Rate-Limit-Remaining", "0"),
        ("X-Rate-Limit-Reset", f"{int(org.clock.now().timestamp()) + 30}"),
    )
    date = ("Date", format_datetime(org.clock.now(), usegmt=True))
    failed = said(status, '{"error":"server_error"}', *(limits if status == 429 else ()), date)
    async with wire(failed) as server, connect(server.url, auth=sign_in(org.clock.now)) as okta:
        outcomes = await asyncio.gather(*(okta.user(f"00u{one}") for one in range(30)), return_exceptions=True)
        assert {type(one) for one in outcomes} == {RateLimitedError if status == 429 else LostAnswerError}
        assert len(server.asked) == 1
        with pytest.raises(OktaError):
            await okta.user("00u1")
        assert len(server.asked) == 1
        server.answers[:] = [said(200, GIVEN), said(200, '{"id":"00u1"}')]
        org.clock.advance(timedelta(seconds=32 if status == 429 else 1))
        assert (await okta.user("00u1")).id == "00u1"


async def test_a_new_token_that_is_refused_is_not_given_up_for_another(org: Org) -> None:
    """Twenty calls cost one token; later another one is tried."""
    refused = said(401, '{"errorCode":"E0000011"}')
    async with wire(said(200, GIVEN), refused) as server, connect(server.url, auth=sign_in(org.clock.now)) as okta:
        for _ in range(20):
            with pytest.raises(SignInError):
                await okta.user("00u1")
        assert [asked.target for asked in server.asked].count(TOKEN_PATH) == 1
        org.clock.advance(NEW)
        server.answers[:] = [refused, said(200, GIVEN), said(200, '{"id":"00u1"}')]
        assert (await okta.user("00u1")).id == "00u1"


@pytest.mark.parametrize("nonce", ["n" * 60_000, "two words", 'a"b', "a\\b"])
def test_what_could_not_be_a_nonce_is_none(nonce: str) -> None:
    """Kept, it would spoil each request to come."""
    prover = Prover()
    prover.learn(httpx.Response(200, headers={"DPoP-Nonce": nonce}), from_api=True)
    assert prover.nonces == {}
    prover.learn(httpx.Response(200, headers={"DPoP-Nonce": "fresh"}), from_api=True)
    assert prover.nonces == {True: "fresh"}
