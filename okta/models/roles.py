"""Admin roles."""

from okta.models.base import Record


class Role(Record, frozen=True):
    """An admin role that a user holds. `type` is that of a standard role, or CUSTOM; `assignment_type` USER or GROUP."""

    id: str = ""
    type: str = ""
    label: str = ""
    status: str = ""
    assignment_type: str = ""
