"""A request as the endpoints see it, and an answer as they give it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from sandbox.okta.errors import OktaError

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from datetime import datetime

    from sandbox.okta.principals import Principal
    from sandbox.okta.users import User

    Scope = MutableMapping[str, Any]


_MOST_DIGITS = 9
"""Of a parameter: Okta's numbers are `int32`."""


@dataclass(slots=True)
class Request:
    """One request.

    Attributes:
        path: decoded, so that an encoded slash splits it; a login with one can't be read, as with Okta.
        query: the first value of each parameter.
        base: scheme and host as the client called them, for links.
        id: X-Okta-Request-Id.
        body: as sent, if it is not longer than the org reads.
        principal: who calls, once known.
        target: the user in the path, once found and allowed.
    """

    method: str
    path: str
    query_string: str
    query: dict[str, str]
    headers: dict[str, str]
    base: str
    id: str
    at: datetime
    body: bytes = b""
    principal: Principal | None = None
    target: User | None = None

    @classmethod
    def of(cls, scope: Scope, request_id: str, at: datetime, body: bytes) -> Request:
        """Read what the server received."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        query_string = scope["query_string"].decode("latin-1")
        query: dict[str, str] = {}
        for name, value in parse_qsl(query_string, keep_blank_values=True):
            query.setdefault(name, value)
        base = f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}"
        return cls(scope["method"], scope["path"], query_string, query, headers, base, request_id, at, body)

    @property
    def user(self) -> User:
        """The user in the path."""
        if self.target is None:
            raise LookupError("this path has no user in it")
        return self.target

    @property
    def caller(self) -> Principal:
        """Who calls."""
        if self.principal is None:
            raise LookupError("this path is public")
        return self.principal

    def number(self, name: str, *, most: int | None = None, least: int = 1) -> int | None:
        """A parameter that is a whole number.

        Raises:
            OktaError: E0000001 when it is none, or outside its bounds.
        """
        text = self.query.get(name)
        if text is None:
            return None
        readable = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
        if not readable or int(text) < least or (most is not None and int(text) > most):
            raise OktaError("E0000001", name, causes=(f"'{name}' is not a valid number.",))
        return int(text)

    def demand(self, name: str) -> str:
        """A parameter that must be there.

        Raises:
            OktaError: E0000028, it is not.
        """
        if name not in self.query:
            raise OktaError("E0000028", causes=(f"'{name}' is missing.",))
        return self.query[name]

    def part(self, number: int) -> str:
        """What stands in a place of the path, counted from the back: 1 is the last."""
        return self.path.split("/")[-number]

    def document(self) -> dict[str, Any]:
        """The JSON object in the body; empty without a body.

        Raises:
            OktaError: E0000021 for another media type, E0000003 for what is no JSON object.
        """
        if not self.body:
            return {}
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise OktaError("E0000021")
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as unreadable:
            raise OktaError("E0000003") from unreadable
        if not isinstance(value, dict):
            raise OktaError("E0000003")
        return value

    def form(self) -> dict[str, str]:
        """The fields of a form in the body; the first of each name.

        Raises:
            OktaError: E0000021 for another media type.
        """
        if (
            self.headers.get("content-type", "").partition(";")[0].strip().lower()
            != "application/x-www-form-urlencoded"
        ):
            raise OktaError("E0000021")
        found: dict[str, str] = {}
        for name, value in parse_qsl(self.body.decode("latin-1"), keep_blank_values=True):
            found.setdefault(name, value)
        return found

    def switch(self, name: str, *, default: bool) -> bool:
        """A parameter that is `true` or `false`; anything else counts as `false`."""
        text = self.query.get(name)
        return default if text is None else text.lower() == "true"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, a body, and headers in order (several may have one name)."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = field(default=())


def json_answer(value: Any, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """An answer in JSON."""
    body = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    return Answer(status, body, (("Content-Type", "application/json"), *headers))


def html_answer(status: int, text: str) -> Answer:
    """What a gateway in front of Okta says."""
    page = f"<html><head><title>{text}</title></head><body><h1>{status} {text}</h1></body></html>"
    return Answer(status, page.encode(), (("Content-Type", "text/html"),))


def page_links(request: Request, after: str | None, *, limit: int, without: str = "") -> tuple[tuple[str, str], ...]:
    """`self` and, where there may be more, `next`; each in a header of its own, as Okta sends them."""
    query = {"limit": str(limit)} | request.query
    here = f"{request.base}{request.path}"
    links = [("Link", f'<{here}?{urlencode(query)}>; rel="self"')]
    if after is not None:
        query.pop(without, None)
        links.append(("Link", f'<{here}?{urlencode(query | {"after": after})}>; rel="next"'))
    return tuple(links)
