"""The `after` of a `next` link: opaque, good for the one question it was made for, and refused when anything about it was changed.

Okta promises no more than that a `next` link can be followed as it stands (https://developer.okta.com/docs/api/#pagination), so a client that
takes a cursor into another query, or writes its own, must not get away with it here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json

from sandbox.okta.errors import OktaError


def write(question: object, place: tuple[str, ...]) -> str:
    """The cursor of a place among the answers to `question`, which is anything whose `repr` says what was asked."""
    text = json.dumps([_seal(question, place), *place])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(question: object, cursor: str) -> tuple[str, ...]:
    """The place that `write` was given.

    Raises:
        OktaError: E0000029, the cursor is not one of this question.
    """
    try:
        seal, *place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as unreadable:
        raise OktaError("E0000029", causes=("Invalid cursor.",)) from unreadable
    if seal != _seal(question, tuple(place)):
        raise OktaError("E0000029", causes=("Invalid cursor.",))
    return tuple(place)


def _seal(question: object, place: tuple[str, ...]) -> str:
    return hashlib.sha256(repr((question, place)).encode()).hexdigest()[:12]
