"""The org."""

from okta.models.base import Record


class Organization(Record, frozen=True):
    """What an org tells everybody about itself. `pipeline` is `idx` for Identity Engine and `v1` for Classic Engine."""

    id: str = ""
    pipeline: str = ""
