"""The wall clock of the measurements; Slack's signatures carry the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)  # noqa: TID251 - a measurement has no clock to be given
