"""From a body to records, such that an odd record does not cost a page, nor an odd field a record.

Live orgs send what no description lists (https://github.com/okta/okta-sdk-python/issues/574). A field that cannot be
read counts as absent. No record is ever left out: who looks for exactly one hit must see that there are two.
"""

import json
from typing import Any, Final, TypeVar, get_args, get_origin

import msgspec

R = TypeVar("R", bound=msgspec.Struct)

_UNFIT = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for a body or a field that does not fit."""

_LONG: Final = 20
"""Digits that no number has which is of use."""


class UnreadableError(Exception):
    """A body is not the JSON that was to be expected."""


def read_one(body: bytes, kind: type[R]) -> R:
    """The record in `body`.

    Raises:
        UnreadableError: `body` is not a JSON object.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except _UNFIT:
        record = _tolerant(body)
    if not isinstance(record, dict):
        raise UnreadableError
    return _salvaged(record, kind)


def read_many(body: bytes, kind: type[R]) -> tuple[R, ...]:
    """The records in `body`, all of them.

    Raises:
        UnreadableError: `body` is not a JSON array.
    """
    try:
        return msgspec.json.decode(body, type=tuple[kind, ...])  # type: ignore[valid-type]  # known when it runs
    except _UNFIT:
        records = _tolerant(body)
    if not isinstance(records, list):
        raise UnreadableError
    return tuple(_salvaged(record, kind) if isinstance(record, dict) else kind() for record in records)


def _tolerant(body: bytes) -> Any:
    """The JSON in `body`, or None. It may hold text and numbers that are no good; `_field` finds them."""
    try:
        return json.loads(body.decode(errors="surrogateescape"), parse_int=_whole)
    except (ValueError, RecursionError):
        return None


def _whole(digits: str) -> float:
    """A whole number. Python refuses very long ones, which a float takes, if only as infinite."""
    return int(digits) if len(digits) < _LONG else float(digits)


def _salvaged(record: dict[str, Any], kind: type[R]) -> R:
    """What of `record` can be read."""
    found = {}
    for field in msgspec.structs.fields(kind):
        try:
            found[field.name] = _field(record[field.encode_name], field.type)
        except (KeyError, *_UNFIT):
            continue
    return kind(**found)


def _field(value: Any, wanted: Any) -> Any:
    """`value` as the type `wanted`; of the records in it, what can be read.

    Raises:
        msgspec.DecodeError: it is not of this type, or holds halves of surrogate pairs or infinite numbers.
    """
    for kind in (wanted, *get_args(wanted)):
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return _salvaged(value, kind)
        if isinstance(value, list) and get_origin(kind) is tuple:
            return tuple(_field(each, get_args(kind)[0]) for each in value)
    return msgspec.json.decode(json.dumps(value), type=wanted)
