"""What an answer means that the twin would not give: gateways, portals, odd bodies, every code of Okta's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okta.errors import (
    Executed,
    FeatureDisabledError,
    InvalidRequestError,
    InvalidTokenError,
    Limited,
    LostAnswerError,
    NotFoundError,
    NotPermittedError,
    OktaError,
    RateLimitedError,
    ReadOnlyOrgError,
    StateConflictError,
    Told,
)
from okta.factor_errors import LockedError, NotActiveError
from okta.mapping import error_of
from okta.search import eq
from tests.okta.clients import TOKEN, connect
from tests.okta.properties import patient
from tests.okta.wire import said, wire

PAGE: Final = "<html><body>Please sign in to the guest network</body></html>"
HTML: Final = "Text/HTML; charset=UTF-8"

MEANINGS: Final = [
    (400, "E0000001", InvalidRequestError),
    (401, "E0000004", InvalidTokenError),
    (403, "E0000005", NotPermittedError),
    (403, "E0000006", NotPermittedError),
    (404, "E0000007", NotFoundError),
    (404, "E0000008", NotFoundError),
    (503, "E0000010", ReadOnlyOrgError),
    (401, "E0000011", InvalidTokenError),
    (401, "E0000015", FeatureDisabledError),
    (403, "E0000016", StateConflictError),
    (403, "E0000017", StateConflictError),
    (405, "E0000022", InvalidRequestError),
    (403, "E0000023", StateConflictError),
    (403, "E0000032", StateConflictError),
    (403, "E0000034", StateConflictError),
    (403, "E0000035", StateConflictError),
    (403, "E0000038", StateConflictError),
    (409, "E0000062", StateConflictError),
    (403, "E0000069", LockedError),
    (403, "E0000107", StateConflictError),
    (409, "E0000112", StateConflictError),
    (403, "E0000117", StateConflictError),
    (403, "E0000119", LockedError),
    (410, "E0000156", NotFoundError),
    (423, "E0000155", NotActiveError),
]


def error(code: str, **more: Any) -> str:
    """The body of an error, in the shape Okta gives it."""
    return json.dumps({"errorCode": code, "errorSummary": "No.", "errorLink": code, "errorId": "oae1", **more})


async def failed(answer: bytes) -> OktaError:
    """How an unlock fails that is answered so."""
    async with wire(answer) as server, connect(server.url) as okta:
        with pytest.raises(OktaError) as caught:
            await okta.unlock("00u1")
    return caught.value


@pytest.mark.parametrize(("status", "code", "kind"), MEANINGS)
async def test_every_code(status: int, code: str, kind: type[OktaError]) -> None:
    """Where Okta itself refuses, the write was surely not done."""
    caught = await failed(said(status, error(code), ("X-Okta-Request-Id", "req-1")))

    assert type(caught) is kind
    assert caught.executed is Executed.NO
    assert (caught.status, caught.code, caught.request_id) == (status, code, "req-1")
    assert str(caught) == f"unlock: {kind.meaning}, HTTP {status}, {code}, request req-1"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, LostAnswerError),
        (400, InvalidRequestError),
        (401, InvalidTokenError),
        (403, NotPermittedError),
        (404, NotFoundError),
        (408, LostAnswerError),
        (418, InvalidRequestError),
        (500, LostAnswerError),
        (502, LostAnswerError),
        (504, LostAnswerError),
        (599, LostAnswerError),
        (799, LostAnswerError),
    ],
)
async def test_a_status_without_a_code(status: int, kind: type[OktaError]) -> None:
    """It need not be Okta's word: a gateway may have passed the request on."""
    caught = await failed(said(status, PAGE, kind=HTML))

    assert type(caught) is kind
    assert caught.executed is Executed.UNKNOWN
    assert (caught.status, caught.code, caught.request_id) == (status, None, None)


async def test_a_timeout_that_okta_names_is_a_timeout() -> None:
    """A code does not make a 5xx a refusal."""
    assert (await failed(said(504, error("E0000241")))).executed is Executed.UNKNOWN


async def test_a_portal_says_200() -> None:
    """Neither a read nor a write takes its page for Okta's word."""
    async with wire(said(200, PAGE, kind=HTML)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as read:
            await okta.user("00u1")
        with pytest.raises(LostAnswerError) as written:
            await okta.clear_sessions("00u1")

    assert (read.value.executed, written.value.executed) == (Executed.NO, Executed.UNKNOWN)
    assert read.value.status == 200


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"text"', PAGE, '{"id":1,', "[" * 5000, b"\xff", '{"id":"\\ud8']
)
async def test_a_body_that_is_no_record(body: str | bytes) -> None:
    """Whatever it is called: nothing of use was answered."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await okta.user("00u1")

    assert (caught.value.executed, caught.value.status) == (Executed.NO, 200)


@pytest.mark.parametrize("body", ["", "{}", "null", "[{}", '[{"id":1}', "[" * 5000])
async def test_a_body_that_is_no_list(body: str) -> None:
    """An empty list would be a statement; this is none."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError):
            await okta.blocks("00u1")
        with pytest.raises(LostAnswerError):
            _ = [user async for user in okta.users(search=eq("status", "ACTIVE"))]


@pytest.mark.parametrize("answer", [said(200), said(204), said(200, "{}"), said(202, "null")])
async def test_a_success_of_a_write(answer: bytes) -> None:
    """Its body says nothing, and need not be there."""
    async with wire(answer) as server, connect(server.url) as okta:
        await okta.unlock("00u1")

    assert len(server.asked) == 1


async def test_a_redirect_is_not_followed() -> None:
    """A write would become a read there, and the token would be shown to whoever answers."""
    async with wire() as other, wire() as server, connect(server.url) as okta:
        server.answers[:] = [said(302, "", ("Location", f"{other.url}/api/v1/users/00u1"))]
        with pytest.raises(LostAnswerError):
            await okta.user("00u1")
        with pytest.raises(LostAnswerError) as caught:
            await okta.unlock("00u1")

    assert caught.value.executed is Executed.UNKNOWN
    assert other.asked == []
    assert len(server.asked) == 2


CAUSES: Final = {
    "a list": ([{"errorSummary": "one"}, {"errorSummary": "two"}], ("one", "two")),
    "an object": ({"errorSummary": "one"}, ("one",)),
    "none": ([], ()),
    "null": (None, ()),
    "a number": (1e300, ()),
    "odd ones": ([{"errorSummary": 1}, {}, {"errorSummary": "three"}], ("three",)),
    "no records": (["one"], ()),
}


@pytest.mark.parametrize("shape", CAUSES)
async def test_causes_of_every_shape(shape: str) -> None:
    """What can be read of them is kept, and the code counts in any case."""
    sent, read = CAUSES[shape]
    caught = await failed(said(403, error("E0000032", errorCauses=sent)))

    assert type(caught) is StateConflictError
    assert caught.told == Told(status=403, code="E0000032", untrusted_summary="No.", untrusted_causes=read)


@pytest.mark.parametrize(
    "body",
    [
        '{"errorCode":"E0000032","errorSummary":7}',
        '{"errorCode":"E0000032","errorSummary":"\\ud800"}',
        b'{"errorCode":"E0000032","errorSummary":"\xff"}',
        '{"errorCode":"E0000032","errorSummary":[' + "9" * 10_000 + "]}",
        '{"errorCode":"E0000032","errorSummary":' + "[" * 400 + "]" * 400 + "}",
        '{"errorSummary":null,"errorCode":"E0000032","x":1e999}',
    ],
)
async def test_a_code_among_oddities(body: str | bytes) -> None:
    """A field that cannot be read does not cost the one that can."""
    caught = await failed(said(403, body))

    assert type(caught) is StateConflictError
    assert caught.told.untrusted_summary == ""


@pytest.mark.parametrize("code", ["", "0", "E000", "E00000320", "E0000032\n", "\u0661", "Maya's words", "x" * 41])
async def test_what_is_no_code_is_not_taken_for_one(code: str) -> None:
    """It would be shown and logged."""
    caught = await failed(said(400, error(code)))

    assert caught.code is None
    assert caught.executed is Executed.UNKNOWN


@pytest.mark.parametrize("request_id", ["a b", "x" * 65, "<script>"])
async def test_what_is_no_request_id_is_not_taken_for_one(request_id: str) -> None:
    """The same."""
    assert (await failed(said(400, error("E0000001"), ("X-Okta-Request-Id", request_id)))).request_id is None


async def test_the_words_of_oauth() -> None:
    """The token endpoint has its own shape of an error."""
    caught = await failed(said(400, '{"error":"invalid_client","error_description":"No."}'))

    assert (type(caught), caught.code, caught.executed) == (InvalidRequestError, "invalid_client", Executed.NO)
    assert caught.told.untrusted_summary == "No."


@pytest.mark.parametrize(
    ("challenge", "code", "scopes"),
    [
        ('Bearer error="insufficient_scope", scope="okta.users.manage okta.logs.read"', "insufficient_scope", 2),
        (
            'Bearer realm="https://acme.okta.com", scope="okta.users.manage", error="insufficient_scope"',
            "insufficient_scope",
            1,
        ),
        ('Bearer error="insufficient_scope"', "insufficient_scope", 0),
        ('Bearer error="Not A Code", scope="<script>"', None, 1),
        ("Basic", None, 0),
    ],
)
async def test_a_challenge(challenge: str, code: str | None, scopes: int) -> None:
    """The scopes that are missing, where Okta names them; only what can be a scope's name."""
    caught = await failed(said(403, "", ("WWW-Authenticate", challenge)))

    assert isinstance(caught, NotPermittedError)
    assert caught.code == code
    assert len(caught.missing_scopes) == scopes
    assert all(scope.replace(".", "").isalnum() for scope in caught.missing_scopes)


RESET: Final = datetime(2026, 11, 23, 8, 56, tzinfo=UTC)
DATE: Final = "Mon, 23 Nov 2026 08:55:30 GMT"
SOON: Final = timedelta(seconds=31)


async def limited(*headers: tuple[str, str]) -> RateLimitedError:
    """The error of an unlock that is over a limit, with these headers; a short name is one of Okta's."""
    named = [(name if name == "Date" else f"X-Rate-Limit-{name}", value) for name, value in headers]
    caught = await failed(said(429, error("E0000047"), *named))
    assert isinstance(caught, RateLimitedError)
    return caught


@pytest.mark.parametrize(
    "values",
    [
        [("Limit", "600"), ("Remaining", "0"), ("Reset", str(int(RESET.timestamp())))],
        [("Limit", "600,1000"), ("Remaining", "0, 999"), ("Reset", f"{int(RESET.timestamp())}, 99999999999")],
        [("Remaining", "999"), ("Remaining", "0"), ("Reset", "99999999999"), ("Reset", str(int(RESET.timestamp())))],
        [("Limit", "x"), ("Remaining", "-1"), ("Reset", f"soon, {int(RESET.timestamp())}, {'9' * 5000}")],
    ],
)
async def test_the_least_of_several_values_counts(values: list[tuple[str, str]]) -> None:
    """Okta sends one value for each bucket, in one header or in several."""
    caught = await limited(("Date", DATE), *values)

    assert (caught.limited, caught.reset_at, caught.retry_after) == (Limited.BUCKET, RESET, SOON)


@pytest.mark.parametrize("reset", ["", "never", "-5", "1.5", "253402300800", "9" * 19, "9" * 500, "\u0661"])
async def test_a_reset_that_is_no_moment(reset: str) -> None:
    """Is none, and no reason to fail otherwise."""
    caught = await limited(("Date", DATE), ("Reset", reset.encode().decode("latin-1")))

    assert caught.limited is Limited.BUCKET
    assert caught.reset_at is None
    assert caught.retry_after is None


@pytest.mark.parametrize(
    "date",
    [
        "",
        "now",
        "Mon, 23 Nov 2026 08:55:30 -0000",
        f"Mon, 23 Nov {'9' * 40} 08:55:30 GMT",
        "Mon, 23 Nov 99999 08:55:30 GMT",
    ],
)
async def test_a_date_that_is_none(date: str) -> None:
    """Without it there is no delay, since a clock of ours may be wrong."""
    caught = await limited(("Date", date), ("Reset", str(int(RESET.timestamp()))))

    assert (caught.reset_at, caught.retry_after) == (RESET, None)


async def test_a_reset_that_has_passed() -> None:
    """The delay is short, not negative."""
    assert (await limited(("Date", DATE), ("Reset", "0"))).retry_after == timedelta(seconds=1)


TEXTS: Final = st.binary(max_size=40) | st.text().map(str.encode)
NAMES: Final = [b"date", b"x-rate-limit-limit", b"x-rate-limit-remaining", b"x-rate-limit-reset", b"www-authenticate"]
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from(["E0000032", "E0000047"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["errorSummary", "error"]), inner),
    max_leaves=5,
)
BODIES: Final = TEXTS | st.dictionaries(
    st.sampled_from(["errorCode", "errorSummary", "errorCauses", "error", "error_description"]), VALUES
).map(lambda body: json.dumps(body).encode())


@patient
@given(
    status=st.integers(100, 999),
    body=BODIES,
    headers=st.lists(st.tuples(st.sampled_from(NAMES), TEXTS | st.from_regex(rb"\A[0-9 ,]+\Z")), max_size=4),
    writes=st.booleans(),
)
def test_no_answer_at_all_breaks_the_mapping(
    *, status: int, body: bytes, headers: list[tuple[bytes, bytes]], writes: bool
) -> None:
    """Each is an error of ours, which is sure of a write only on Okta's word, and whose message holds none of Okta's."""
    answer = httpx.Response(status, content=body, headers=headers)

    found = error_of("unlock", answer, writes=writes)

    assert writes or found.executed is Executed.NO
    if found.executed is Executed.NO and writes:
        assert found.code or status == 429
    assert str(found).removeprefix(f"unlock: {found.meaning}, HTTP {status}") in {"", f", {found.code}"}
    found.told.untrusted_summary.encode()


def test_a_told_token_is_not_repeated() -> None:
    """Whoever echoes our token in a body does not bring it into the message."""
    answer = httpx.Response(400, json={"errorCode": "E0000001", "errorSummary": TOKEN})

    assert TOKEN not in repr(error_of("me", answer, writes=False))
