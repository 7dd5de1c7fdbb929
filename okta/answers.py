"""What is in an answer: records, and the link to the next page."""

from typing import TypeVar

import httpx
import msgspec

from okta.errors import OktaError
from okta.mapping import error_of
from okta.reading import UnreadableError, read_many, read_one

R = TypeVar("R", bound=msgspec.Struct)


def following_page(answer: httpx.Response) -> str | None:
    """The link to the next page. Okta repeats the `Link` header rather than joining the links in one."""
    return answer.links.get("next", {}).get("url")


def one(operation: str, answer: httpx.Response, kind: type[R], *, writes: bool = False) -> R:
    """The record that an answer holds. An answer to a write that cannot be read is lost, and the write may be done.

    Raises:
        LostAnswerError: it holds none.
    """
    try:
        return read_one(answer.content, kind)
    except UnreadableError:
        failure = unreadable(operation, answer, writes=writes)
    raise failure  # out here, since what led to it shows the body


def many(operation: str, answer: httpx.Response, kind: type[R]) -> tuple[R, ...]:
    """The records that an answer holds.

    Raises:
        LostAnswerError: it holds no list of records.
    """
    try:
        return read_many(answer.content, kind)
    except UnreadableError:
        failure = unreadable(operation, answer)
    raise failure


def several(operation: str, answer: httpx.Response, kind: type[R]) -> tuple[R, ...]:
    """The records that an answer holds as a list, or the one that it holds without.

    Raises:
        LostAnswerError: it holds no records.
    """
    try:
        return read_many(answer.content, kind)
    except UnreadableError:
        pass
    return (one(operation, answer, kind),)


def is_page(answer: httpx.Response) -> bool:
    """Whether a person was to read this: it is from a portal or a gateway, for Okta's API has no pages."""
    return "html" in answer.headers.get("content-type", "").lower()


def unreadable(operation: str, answer: httpx.Response, *, writes: bool = False) -> OktaError:
    """A success whose body is not what Okta sends: a portal or a gateway has answered in its place."""
    return error_of(operation, answer, writes=writes)
