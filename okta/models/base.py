"""What all records have in common."""

from datetime import datetime
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware time; one without a zone is not accepted, since nobody could tell when it was."""


class Record(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """A JSON object of Okta's; fields that are not named are ignored.

    Made of JSON, records are in no circle, and so are none of the garbage collector's business: going over tens of
    thousands of them time and again would take longer than reading them.
    """
