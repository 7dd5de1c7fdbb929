"""The wire below the client: aiohttp's network layer behind httpx's interface, the read-only transport, and the address.

Errors are translated here with care for one question, whether the request can have reached Okta: only a connection
that never stood becomes `httpx.ConnectError` or `httpx.ConnectTimeout`. The `httpx-aiohttp` adapter cannot be used for
this: it reports a connection that broke after the request as a connect timeout, and lets aiohttp send a DELETE or PUT
a second time.
"""

import re
import ssl
import zlib
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

import aiohttp
import httpx
from yarl import URL

from okta.errors import ReadOnlyError
from okta.lean import LeanClient

CONNECT: Final = 3.0
"""Seconds within which a connection must stand, name look-up and TLS included."""

SILENCE: Final = 9.0
"""Seconds without a byte after which a request is given up, where the client does not give it up before."""

_LONGEST_HEADER: Final = 65_536  # a `next` link repeats the whole search expression, and two of them share a header

LONGEST: Final = 32 * 1024 * 1024
"""Bytes of an answer that are read: far more than the longest page of the System Log has."""

_GZIP: Final = 31  # of zlib's `wbits`: with gzip's own head

_HOST: Final = re.compile(r"[a-z0-9._:-]+")

_ASKING: Final = frozenset({b"/oauth2/v1/token", b"/oauth2/v1/introspect"})

_OKTA_DOMAINS: Final = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil")


class BaseUrlError(ValueError):
    """The org's address cannot be used; the message says how it should look."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Carries requests over aiohttp, each exactly once; the whole answer is read before it is given out.

    Args:
        tls: which certificates to trust; None trusts those of the machine.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`.

        Raises:
            httpx.ConnectError: no connection came about, so nothing was sent.
            httpx.ConnectTimeout: the same, because it took too long.
            httpx.RequestError: anything else; the request may have arrived.
        """
        timeout = request.extensions.get("timeout", {})
        sending = self._open().request(
            request.method,
            # Verbatim: a cursor that was encoded anew would no longer be the one Okta gave out.
            URL(str(request.url), encoded=True),
            headers=request.headers.multi_items(),
            data=await request.aread() or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, connect=timeout.get("connect"), sock_read=timeout.get("read")),
        )
        try:
            async with sending as answer:
                content = await _read(answer)
        except aiohttp.ClientError as error:
            lost = _lost(error)
        else:
            whole = httpx.Response(answer.status, headers=_plain(answer.raw_headers), content=content, request=request)
            whole.headers.encoding = "iso-8859-1"  # or httpx would go through all of them to guess it
            return whole
        # Raised out here, so that the original is not in its chain: that one, or the frames it went through, show the
        # whole request, with its Authorization header.
        raise lost

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """The session; made with the first request, since it belongs to the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls or True),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                max_field_size=_LONGEST_HEADER,
                middlewares=(_send_once,),
            )
        return self._session


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """The body, decompressed here and not by httpx, which would do so however much came of it, and while all others wait.

    Raises:
        aiohttp.ClientError: it is longer than anything of Okta's, or compressed in a way that was not asked for.
    """
    content = await _whole(answer)
    encodings = answer.headers.getall("content-encoding", [])
    if not encodings or encodings == ["identity"]:
        return content
    if encodings != ["gzip"]:
        raise aiohttp.ClientPayloadError
    unzip = zlib.decompressobj(_GZIP)
    try:
        whole = unzip.decompress(content, LONGEST)
    except zlib.error:
        raise aiohttp.ClientPayloadError from None
    if not unzip.eof:
        raise aiohttp.ClientPayloadError
    return whole


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    """The body as it came.

    Raises:
        aiohttp.ClientError: it is longer than anything of Okta's.
    """
    if answer.content_length is not None and answer.content_length <= LONGEST:
        return await answer.read()  # aiohttp holds it to its announced length, and joins its parts fastest
    parts, length = [], 0
    async for part in answer.content.iter_any():
        parts.append(part)
        length += len(part)
        if length > LONGEST:
            raise aiohttp.ClientPayloadError
    return b"".join(parts)


def _plain(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers without the one whose work is done."""
    return [(name, value) for name, value in headers if name.lower() != b"content-encoding"]


async def _send_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from repeating a DELETE or PUT whose connection broke: it may have been done already.

    aiohttp repeats what it calls idempotent, but ending sessions or removing a factor once more, after the person has
    signed in or enrolled again, is a second effect.
    """
    try:
        return await send(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise  # never connected, and aiohttp does not repeat these
    except aiohttp.ClientConnectionError as error:
        raise _BrokenError(error) from None


class _BrokenError(aiohttp.ClientError):
    """A connection broke after it stood. aiohttp does not know this error, so it does not repeat the request."""

    def __init__(self, error: aiohttp.ClientConnectionError) -> None:
        self.error = error
        super().__init__()


def _lost(error: aiohttp.ClientError) -> httpx.TransportError:
    kind = type(error).__name__
    match error:
        case _BrokenError():
            return _lost(error.error)
        case aiohttp.ConnectionTimeoutError():
            return httpx.ConnectTimeout(kind)
        case aiohttp.ClientConnectorError():
            return httpx.ConnectError(f"{kind}: {error.os_error}")
        case aiohttp.ServerTimeoutError():
            return httpx.ReadTimeout(kind)
        case aiohttp.ClientResponseError():
            return httpx.RemoteProtocolError(kind)
        case _:
            return httpx.ReadError(kind)


class ReadOnlyTransport(httpx.AsyncBaseTransport):
    """Lets only reading through: GET and HEAD, and the requests for an access token and for what is known of it.

    It stands right above the wire, so that no setting, rule or mistake above it can make Okta change anything.
    """

    def __init__(self, wire: httpx.AsyncBaseTransport) -> None:
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass `request` on.

        Raises:
            ReadOnlyError: it is not one that only reads. Nothing was sent.
        """
        # The raw path, since `/oauth2%2Fv1%2Ftoken` is another one.
        asks = request.method == "POST" and request.url.raw_path in _ASKING
        if request.method not in {"GET", "HEAD"} and not asks:
            raise ReadOnlyError(request.extensions.get("operation", request.method))
        return await self._wire.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the transport below."""
        await self._wire.aclose()


def build_http(
    base_url: str, *, user_agent: str, read_only: bool = False, tls: ssl.SSLContext | None = None
) -> httpx.AsyncClient:
    """Make the HTTP client for an org; whoever makes it closes it.

    Args:
        base_url: the org's address, as in `https://acme.okta.com`.
        user_agent: name and version, as in `unlatch/1.2.3`. Okta requires one for push challenges and shows it in them.
        read_only: whether only reading shall be possible.
        tls: which certificates to trust; None trusts those of the machine.

    Raises:
        BaseUrlError: `base_url` is none that can be used.
    """
    wire = AiohttpTransport(tls=tls)
    return LeanClient(  # keeps no cookies: a session's beside the token would be a second identity
        normal_base_url(base_url),
        ReadOnlyTransport(wire) if read_only else wire,
        timeout=httpx.Timeout(SILENCE, connect=CONNECT),
        headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"},
    )


def normal_base_url(text: str) -> str:
    """The org's address in one form: scheme, host and port, with no slash at the end.

    A doubled slash, which a slash at the end leads to, breaks the proofs of DPoP.

    Raises:
        BaseUrlError: it is none, or not one whose API could be used.
    """
    try:
        url = httpx.URL(text.strip())
        host = url.raw_host.decode()
    except (httpx.InvalidURL, ValueError):
        raise BaseUrlError("the Okta address cannot be read; it looks like https://acme.okta.com") from None
    if url.scheme not in {"https", "http"} or not _HOST.fullmatch(host):
        raise BaseUrlError("the Okta address must be https:// and a host name, as in https://acme.okta.com")
    if url.userinfo or url.query or url.fragment or url.path != "/":
        raise BaseUrlError("the Okta address ends after the host name, as in https://acme.okta.com")
    if url.scheme == "http" and not _is_loopback(host):
        raise BaseUrlError("the Okta address must begin with https://; only a twin on this machine may use http://")
    if _is_admin(host):
        # On the -admin host, good tokens look invalid.
        raise BaseUrlError(
            "the Okta address is that of the admin console; leave out -admin, as in https://acme.okta.com"
        )
    return str(url.copy_with(path="", query=None, fragment=None)).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_admin(host: str) -> bool:
    return any(host.rstrip(".").endswith(f"-admin.{domain}") for domain in _OKTA_DOMAINS)
