"""One Web API call: its arguments as Slack reads them, and what a method needs before it runs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sandbox.slack.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.slack.limits import Tier
    from sandbox.slack.records import JsonObject
    from sandbox.slack.workspace import Workspace

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Args:
    """The arguments of a call, from a query, a form or a JSON body; the accessors accept what Slack accepts."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text; without a default it is required.

        Raises:
            ApiError: `invalid_arguments`.
        """
        value = self.values.get(name, default)
        if value is None or (value == "" and default is None):
            raise ApiError("invalid_arguments", messages=[f"missing required field: {name}"])
        if not isinstance(value, str | int | float):
            raise ApiError("invalid_arguments", messages=[f"must be a string [json-pointer:/{name}]"])
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A boolean in any of the forms Slack takes."""
        value = self.values.get(name, default)
        return value in {True, "1", "true", "True"} if not isinstance(value, list | dict) else default

    def limit(self, *, default: int, most: int) -> int:
        """The page size.

        Raises:
            ApiError: `invalid_limit`.
        """
        try:
            wanted = int(self.values.get("limit", default)) or default
        except (TypeError, ValueError):
            raise ApiError("invalid_limit") from None
        if not 1 <= wanted <= most:
            raise ApiError("invalid_limit")
        return wanted

    def timestamp(self, name: str) -> Decimal | None:
        """A message timestamp, or None when it was not given.

        Raises:
            ApiError: `invalid_ts_<name>`.
        """
        if name not in self:
            return None
        try:
            return Decimal(self.text(name))
        except InvalidOperation:
            raise ApiError(f"invalid_ts_{name}") from None

    def structure(self, name: str, *, malformed: str) -> Any:
        """A nested argument: JSON as it is, or as text inside a form; None when it was not given.

        Raises:
            ApiError: `malformed`, when the text is no JSON.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(malformed) from None


Handler: TypeAlias = Callable[["Workspace", Args], "JsonObject"]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what runs, how often a minute, and the scopes of which any one will do (none: no scope needed)."""

    run: Handler
    tier: Tier
    scopes: tuple[str, ...] = ()
    takes_json: bool = False
    app_token: bool = False


def need_scope(ws: Workspace, *any_of: str) -> None:
    """Check a scope that depends on the arguments.

    Raises:
        ApiError: `missing_scope` with Slack's `needed` and `provided`.
    """
    if any_of and ws.app.scopes.isdisjoint(any_of):
        raise ApiError("missing_scope", needed=",".join(any_of), provided=",".join(sorted(ws.app.scopes)))


def page(items: Sequence[Item], args: Args, *, key: Callable[[Item], str], limit: int) -> tuple[list[Item], str]:
    """The items of one page and the cursor of the next, which is empty at the end.

    Raises:
        ApiError: `invalid_cursor`.
    """
    start = 0
    if args.values.get("cursor"):
        wanted = _decoded(args.text("cursor"))
        places = [index for index, item in enumerate(items) if key(item) == wanted]
        if not places:
            raise ApiError("invalid_cursor")
        start = places[0]
    chosen = list(items[start : start + limit])
    following = items[start + limit :]
    return chosen, base64.b64encode(f"next:{key(following[0])}".encode()).decode() if following else ""


def _decoded(cursor: str) -> str:
    try:
        return base64.b64decode(cursor, validate=True).decode().removeprefix("next:")
    except (binascii.Error, UnicodeDecodeError):
        raise ApiError("invalid_cursor") from None
