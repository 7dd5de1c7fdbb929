"""Receivers of event hooks, as answers of a `wire`."""

import json
from typing import Final

from tests.okta.wire import Asked, said

SECRET: Final = "the marked secret of a hook"
"""What the header `X-Hook-Secret` holds."""


def echo(asked: Asked) -> bytes:
    """The answer to a challenge that Okta wants."""
    return said(200, json.dumps({"verification": asked.all("x-okta-verification-challenge")[0]}))


def willing(asked: Asked) -> bytes:
    """A receiver that answers every challenge, and takes every delivery."""
    return echo(asked) if asked.method == "GET" else said(204)
