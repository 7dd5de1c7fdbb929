"""What all records have in common."""

from datetime import datetime
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""An aware time; one without a zone is not accepted, since nobody could tell when it was."""


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """A JSON object of Okta's; fields that are not named are ignored."""
