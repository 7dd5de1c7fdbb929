"""httpx's client without what an API has no use for: cookies, redirects, and settings merged anew for each request.

Besides the time, which is a third of what a read takes, httpx ties every answer to its own stream in a circle: a page
of a list would stay in memory until the garbage collector comes by.
"""

from typing import Any

import httpx


class LeanClient(httpx.AsyncClient):
    """Sends requests over one wire; answers come back whole, a redirect or a cookie is for the caller to see.

    Args:
        base_url: the server's address, with no slash at the end; paths are added to it.
        wire: what carries the requests, and reads an answer to its end.
        headers: that every request has.
        timeout: that every request has.
    """

    def __init__(
        self, base_url: str, wire: httpx.AsyncBaseTransport, *, headers: dict[str, str], timeout: httpx.Timeout
    ) -> None:
        super().__init__(base_url=base_url, transport=wire, headers=headers, timeout=timeout)
        self._home = base_url
        self._wire = wire
        self._patience = self.timeout.as_dict()

    def build_request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        params: Any = None,
        json: Any = None,
        extensions: Any = None,
        **unusual: Any,
    ) -> httpx.Request:
        """A request to a path or an address.

        Raises:
            httpx.InvalidURL: it is none.
        """
        if unusual or not isinstance(url, str):
            return super().build_request(method, url, params=params, json=json, extensions=extensions, **unusual)
        address = f"{self._home}{url}" if url.startswith("/") else url
        known = {"timeout": self._patience, **(extensions or {})}
        return httpx.Request(method, address, params=params, json=json, headers=self.headers, extensions=known)

    async def send(self, request: httpx.Request, *, auth: Any = None, **_: Any) -> httpx.Response:
        """Send a request, signed by `auth`, an `httpx.Auth`, which may have others sent before or after it.

        Raises:
            RuntimeError: the client is closed.
            httpx.RequestError: what the wire raises.
        """
        if self.is_closed:
            raise RuntimeError("this client is closed")
        flow = (auth if isinstance(auth, httpx.Auth) else httpx.Auth()).async_auth_flow(request)
        try:
            request = await anext(flow)
            while True:
                answer = await self._wire.handle_async_request(request)
                try:
                    request = await flow.asend(answer)
                except StopAsyncIteration:
                    return answer
        finally:
            await flow.aclose()
