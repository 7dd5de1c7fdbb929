"""Assertions and proofs: what is in them, and that no two are alike."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
import jwt
from hypothesis import given
from hypothesis import strategies as st

from okta.proofs import BACKDATED, Prover
from okta.sign_in import ASSERTION_LIFE, App
from tests.okta.apps import APP, key
from tests.okta.properties import patient

NOW: Final = datetime(2026, 3, 2, 8, 55, tzinfo=UTC)

_SEGMENT: Final = st.text(
    st.characters(codec="utf-8", exclude_characters="/?#", exclude_categories=["Cc", "Cs"]), min_size=1
)
PATHS: Final = st.lists(_SEGMENT, min_size=1, max_size=4).map("/".join)
MOMENTS: Final = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone, and puts it in
SCOPES: Final = st.frozensets(st.from_regex(r"okta\.[a-z]+\.(read|manage)", fullmatch=True), min_size=1)


def read(signed: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header, and the claims, verified with the key in the header."""
    header = jwt.get_unverified_header(signed)
    options: Any = {"verify_iat": False}
    return header, jwt.decode(signed, jwt.PyJWK(header["jwk"]), ["ES256"], options)


_WORD: Final = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]))
ADDRESSES: Final = st.builds(
    lambda path, query, fragment: httpx.URL(
        "https://acme.okta.com", path=f"/{path}", params={"q": query}, fragment=fragment
    ),
    PATHS,
    st.text(),
    _WORD,
)


@patient
@given(st.sampled_from(["GET", "POST", "DELETE"]), ADDRESSES, MOMENTS, st.none() | st.text(min_size=1))
def test_a_proof_is_for_one_request(method: str, url: httpx.URL, now: datetime, token: str | None) -> None:
    """Method, address without query and fragment, time, token; its key is public, and nothing of it private."""
    prover = Prover()

    header, claims = read(prover.proof(method, url, now, token=token))

    assert header.keys() == {"typ", "alg", "jwk"}
    assert (header["typ"], header["alg"], header["jwk"].keys()) == ("dpop+jwt", "ES256", {"kty", "crv", "x", "y"})
    assert claims["htm"] == method
    assert claims["htu"] == f"https://acme.okta.com{url.raw_path.decode().partition('?')[0]}"
    assert timedelta() <= now - datetime.fromtimestamp(claims["iat"], UTC) <= BACKDATED + timedelta(seconds=1)
    ath = None if token is None else urlsafe_b64encode(sha256(token.encode()).digest()).rstrip(b"=").decode()
    assert claims.get("ath") == ath
    assert "nonce" not in claims
    assert read(prover.proof(method, url, now, token=token))[1]["jti"] != claims["jti"]


def test_a_nonce_goes_where_it_came_from() -> None:
    """The authorization server's into token requests, the API's into calls; each until there is another."""
    prover, url = Prover(), httpx.URL("https://acme.okta.com/api/v1/users")

    def nonces() -> tuple[str | None, str | None]:
        with_token = read(prover.proof("GET", url, NOW, token="t"))[1]
        return read(prover.proof("POST", url, NOW))[1].get("nonce"), with_token.get("nonce")

    prover.learn(httpx.Response(400, headers={"DPoP-Nonce": "a"}), from_api=False)
    assert nonces() == ("a", None)
    prover.learn(httpx.Response(200, headers={"dpop-nonce": "b"}), from_api=True)
    prover.learn(httpx.Response(200), from_api=False)
    assert nonces() == ("a", "b")


def test_a_prover_does_not_show_its_key() -> None:
    """Nor do two share one."""
    first, second = (read(Prover().proof("GET", httpx.URL("https://a.example/"), NOW))[0]["jwk"] for _ in range(2))

    assert repr(Prover()) == "Prover(…)"
    assert first != second


def _asked(steps: Generator[httpx.Request, httpx.Response, Any]) -> tuple[httpx.Request, dict[str, str]]:
    request = next(steps)
    return request, {name: value for name, (value,) in parse_qs(request.content.decode(), strict_parsing=True).items()}


@patient
@given(SCOPES, MOMENTS, st.sampled_from(["https://acme.okta.com", "http://127.0.0.1:8750"]), PATHS)
def test_a_token_request_says_what_okta_wants(scopes: frozenset[str], now: datetime, org: str, path: str) -> None:
    """To the org that the call goes to, whatever the call; with a new assertion for five minutes, without `iat`."""
    call = httpx.Request(
        "POST", httpx.URL(org, path=f"/{path}", params={"a": "b"}), headers={"User-Agent": "unlatch/1"}
    )
    app = App(APP, (key(),), lambda: now)

    request, form = _asked(app.obtain(call, scopes))

    assert (request.method, str(request.url)) == ("POST", f"{org}/oauth2/v1/token")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["user-agent"] == "unlatch/1"
    assert form.keys() == {"grant_type", "scope", "client_assertion_type", "client_assertion"}
    assert form["grant_type"] == "client_credentials"
    assert sorted(form["scope"].split(" ")) == sorted(scopes)
    options: Any = {"verify_exp": False, "verify_aud": False}
    claims = jwt.decode(form["client_assertion"], jwt.PyJWK(key().public_jwk()), ["ES256"], options)
    jti, exp = claims.pop("jti"), claims.pop("exp")
    assert claims == {"iss": APP, "sub": APP, "aud": f"{org}/oauth2/v1/token"}
    assert exp == int((now + ASSERTION_LIFE).timestamp())
    assert jwt.get_unverified_header(form["client_assertion"]) == {"typ": "JWT", "alg": "ES256", "kid": "key-1"}
    again = _asked(app.obtain(call, scopes))[1]["client_assertion"]
    assert json.loads(_payload(again))["jti"] != jti


def _payload(signed: str) -> str:
    return json.dumps(jwt.decode(signed, options={"verify_signature": False}))
