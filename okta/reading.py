"""From a body to records, such that an odd record does not cost a page, nor an odd field a record.

Live orgs send what no description lists (https://github.com/okta/okta-sdk-python/issues/574). A field that cannot be
read counts as absent. No record is ever left out: who looks for exactly one hit must see that there are two.
"""

from typing import Any, TypeVar

import msgspec

R = TypeVar("R", bound=msgspec.Struct)


class UnreadableError(Exception):
    """A body is not the JSON that was to be expected."""


def read_one(body: bytes, kind: type[R]) -> R:
    """The record in `body`.

    Raises:
        UnreadableError: `body` is not a JSON object.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        record = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise UnreadableError from None
    if not isinstance(record, dict):
        raise UnreadableError
    return _salvaged(record, kind)


def read_many(body: bytes, kind: type[R]) -> tuple[R, ...]:
    """The records in `body`, all of them.

    Raises:
        UnreadableError: `body` is not a JSON array.
    """
    try:
        records = msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        raise UnreadableError from None
    return tuple(_read(record, kind) for record in records)


def _read(record: msgspec.Raw, kind: type[R]) -> R:
    try:
        return read_one(record, kind)
    except UnreadableError:
        return kind()


def _salvaged(record: dict[str, Any], kind: type[R]) -> R:
    """What of `record` can be read."""
    found = {}
    for field in msgspec.structs.fields(kind):
        value = record.get(field.encode_name, field.default)
        if isinstance(value, dict) and isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            found[field.name] = _salvaged(value, field.type)
            continue
        try:
            found[field.name] = msgspec.convert(value, field.type)
        except msgspec.ValidationError:
            continue
    return kind(**found)
