"""The wire below the client: the read-only transport, requests that arrive exactly once and as they were sent, and the address."""

import asyncio
import ssl
from pathlib import Path
from typing import Final

import httpx
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from okta.errors import ReadOnlyError, UnreachableError
from okta.transport import AiohttpTransport, BaseUrlError, build_http, normal_base_url
from tests.okta.clients import connect
from tests.okta.properties import patient
from tests.okta.wire import CUT, said, wire

TOKEN_PATH: Final = "/oauth2/v1/token"
ASKING: Final = (TOKEN_PATH, "/oauth2/v1/introspect")

METHODS: Final = st.sampled_from(
    [
        "GET",
        "HEAD",
        "POST",
        "PUT",
        "PATCH",
        "DELETE",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "get",
        "post",
        "PoSt",
        "GETS",
        "POST ",
    ]
) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)

PATHS: Final = st.sampled_from(
    [
        TOKEN_PATH,
        f"{TOKEN_PATH}/",
        f"{TOKEN_PATH}?",
        f"{TOKEN_PATH}?x=1",
        f"/.{TOKEN_PATH}",
        f"/x/..{TOKEN_PATH}",
        f"{TOKEN_PATH}/../../../api/v1/users/00u1/lifecycle/unlock",
        f"/{TOKEN_PATH}",
        f"{TOKEN_PATH};x",
        f"{TOKEN_PATH}#x",
        "/oauth2%2Fv1%2Ftoken",
        "/oauth2/v1/%74oken",
        "/oauth2/v1/TOKEN",
        "/oauth2/v1/tokens",
        "/oauth2/v1/revoke",
        "/oauth2/v1/introspect",
        "/oauth2/v1/introspect/",
        "/oauth2/v1/introspect?x=1",
        "/oauth2%2Fv1/introspect",
        "/oauth2/default/v1/introspect",
        "/oauth2/default/v1/token",
        "/api/v1/users/00u1/lifecycle/unlock",
        "/api/v1/users/00u1/sessions",
        "/",
    ]
) | st.text("/.%?#;abcdefABCDEF0123456789", max_size=20).map(lambda path: f"/{path}")


@patient
@given(METHODS, PATHS)
async def test_nothing_but_reading_gets_through(method: str, path: str) -> None:
    """Whatever is sent, the server sees a GET, a HEAD or the request for a token; all else it does not see at all."""
    async with wire(said(204)) as server, build_http(server.url, user_agent="x", read_only=True) as http:
        try:
            await http.request(method, f"{server.url}{path}")
        except ReadOnlyError:
            assert server.asked == []
            assert method.upper() not in {"GET", "HEAD"}
            return

    (asked,) = server.asked
    assert asked.method in {"GET", "HEAD"} or (asked.method == "POST" and asked.target in ASKING)


@pytest.mark.parametrize("path", ASKING)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_the_request_for_a_token_gets_through(method: str, path: str) -> None:
    """Signing in only reads, as asking of a token does, though it is a POST; and its form arrives."""
    async with wire(said(204)) as server, build_http(server.url, user_agent="x", read_only=True) as http:
        await http.request(method, path, data={"grant_type": "client_credentials"})

    (asked,) = server.asked
    assert (asked.method, asked.body) == (method, b"grant_type=client_credentials")


async def test_without_read_only_everything_gets_through() -> None:
    """The setting is what makes the difference."""
    async with wire(said(204)) as server, build_http(server.url, user_agent="x") as http:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            await http.request(method, "/api/v1/users/00u1", json={"name": "Maya"})

    assert [(asked.method, asked.body) for asked in server.asked] == [
        (method, b'{"name":"Maya"}') for method in ("POST", "PUT", "PATCH", "DELETE")
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "POST"])
async def test_a_request_is_sent_once(method: str) -> None:
    """A connection that breaks after earlier use is where aiohttp would send it again."""
    async with wire(said(204), CUT) as server, build_http(server.url, user_agent="x") as http:
        await http.get("/")
        with pytest.raises(httpx.ReadError):
            await http.request(method, "/", content=b"x" if method == "PUT" else None)

    assert [asked.method for asked in server.asked] == ["GET", method]


async def test_an_address_arrives_as_it_was_given() -> None:
    """A cursor that was encoded anew would be another one."""
    target = "/api/v1/logs?after=a%2Fb+c%20d%3D&x=%C3%A9;y&z='"
    async with wire() as server, build_http(server.url, user_agent="x") as http:
        await http.get(server.url + target)

    assert server.asked[0].target == target


async def test_an_answer_comes_whole() -> None:
    """With repeated headers in order, and unpacked."""
    packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00"
    answer = said(200, packed, ("Link", "<a>"), ("Content-Encoding", "gzip"), ("Link", "<b>"))
    async with wire(answer) as server, build_http(server.url, user_agent="x") as http:
        got = await http.get("/")

    assert got.headers.get_list("link") == ["<a>", "<b>"]
    assert got.content == b"{}"


async def test_the_environment_does_not_lead_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a proxy nor a .netrc that somebody left on the machine."""
    async with wire() as other, wire() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other.url)
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login maya password hunter2")
        monkeypatch.setenv("NETRC", str(netrc))
        async with connect(server.url) as okta:
            await okta.organization()

    assert other.asked == []
    assert server.asked[0].all("authorization") == []


async def test_a_certificate_that_nobody_vouches_for() -> None:
    """Is not trusted unless it is among those that were handed in; without trust nothing is sent."""
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    async with wire(said(204), tls=serving) as server:
        async with connect(server.url) as okta:
            with pytest.raises(UnreachableError) as caught:
                await okta.unlock("00u1")
        assert server.asked == []
        assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value.__cause__)

        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        async with build_http(server.url, user_agent="x", tls=trusting) as http:
            assert (await http.delete("/")).status_code == 204


async def test_closing_what_was_never_used() -> None:
    """No connection was made, so none is left."""
    for read_only in (False, True):
        await build_http("https://acme.okta.com", user_agent="x", read_only=read_only).aclose()


async def test_a_session_belongs_to_whoever_asked_first() -> None:
    """Requests at the same time share it."""
    async with (
        wire(said(204)) as server,
        httpx.AsyncClient(transport=AiohttpTransport(), base_url=server.url) as http,
    ):
        answers = await asyncio.gather(*(http.get("/") for _ in range(20)))

    assert [answer.status_code for answer in answers] == [204] * 20


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("https://acme.okta.com", "https://acme.okta.com"),
        ("https://acme.okta.com/", "https://acme.okta.com"),
        ("  https://acme.okta.com\n", "https://acme.okta.com"),
        ("HTTPS://ACME.Okta.COM", "https://acme.okta.com"),
        ("https://acme.okta.com:443/", "https://acme.okta.com"),
        ("https://acme.okta.com:8443", "https://acme.okta.com:8443"),
        ("https://acme.okta.com?", "https://acme.okta.com"),
        ("https://acme.okta.com#", "https://acme.okta.com"),
        ("https://login.northwind.example", "https://login.northwind.example"),
        ("https://acme-admin.example", "https://acme-admin.example"),
        ("https://admin.okta.com", "https://admin.okta.com"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example"),
        ("http://127.0.0.1:8750", "http://127.0.0.1:8750"),
        ("http://127.8.8.8", "http://127.8.8.8"),
        ("http://localhost:8750/", "http://localhost:8750"),
        ("http://[::1]:8750", "http://[::1]:8750"),
    ],
)
def test_addresses_in_one_form(text: str, normal: str) -> None:
    """Without a slash at the end, which would become two; and a form that is normal stays."""
    assert normal_base_url(text) == normal
    assert normal_base_url(normal) == normal


UNREADABLE: Final = "cannot be read"
NO_HOST: Final = "must be https:// and a host name"
TOO_LONG: Final = "ends after the host name"
NOT_SECURE: Final = "must begin with https://"
ADMIN: Final = "leave out -admin"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://[::1", UNREADABLE),
        ("https://acme.okta.com:port", UNREADABLE),
        ("https://acme.okta.com\x00", UNREADABLE),
        ("https://\u200b", UNREADABLE),
        ("https://" + "a" * 70_000, UNREADABLE),
        ("", NO_HOST),
        ("acme", NO_HOST),
        ("acme.okta.com", NO_HOST),
        ("//acme.okta.com", NO_HOST),
        ("https://", NO_HOST),
        ("https:///api", NO_HOST),
        ("ftp://acme.okta.com", NO_HOST),
        ("https://acme okta.com", NO_HOST),
        ("https://acme%2eokta.com", NO_HOST),
        ("https://acme.okta.com/api/v1", TOO_LONG),
        ("https://acme.okta.com//", TOO_LONG),
        ("https://acme.okta.com?x=1", TOO_LONG),
        ("https://acme.okta.com#x", TOO_LONG),
        ("https://maya@acme.okta.com", TOO_LONG),
        ("https://maya:hunter2@acme.okta.com", TOO_LONG),
        ("http://acme.okta.com", NOT_SECURE),
        ("http://localhost.acme.example", NOT_SECURE),
        ("http://10.0.0.1", NOT_SECURE),
        ("http://0.0.0.0", NOT_SECURE),
        ("https://acme-admin.okta.com", ADMIN),
        ("https://ACME-ADMIN.oktapreview.com/", ADMIN),
        ("https://acme-admin.okta-emea.com", ADMIN),
        ("https://acme-admin.okta-gov.com:443", ADMIN),
        ("https://acme-admin.okta.mil.", ADMIN),
    ],
)
def test_addresses_that_cannot_be_used(text: str, why: str) -> None:
    """Each with what is wrong, and how it should look; never repeated, since it may hold a password."""
    with pytest.raises(BaseUrlError, match=why) as caught:
        build_http(text, user_agent="x")

    assert "https://" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@patient
@given(st.text() | st.text("/:@?#[]%.-aA1 ").map(lambda rest: f"https://{rest}"))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    """In one way; and what is accepted is a scheme, a host and a port."""
    try:
        normal = normal_base_url(text)
    except BaseUrlError:
        return
    url = httpx.URL(normal)
    assert (url.raw_path, url.userinfo, url.fragment) == (b"/", b"", "")
    assert normal_base_url(normal) == normal
