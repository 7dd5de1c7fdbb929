"""Why somebody has not proved who they are: errors of verifying a factor, and of nothing else.

    OktaError
    ├── WrongCodeError        the code is not good; another one may be
    ├── RejectedError         the person, or their phone, said no
    └── StateConflictError
        ├── LockedError       the person is locked: this way is closed, whatever the code was
        └── NotActiveError    the factor, or the person, is not active: it proves nothing

Codes are in none of them. The rest of what can happen is in `okta.errors`.
"""

from enum import StrEnum

from okta.errors import OktaError, StateConflictError, Told


class WrongCode(StrEnum):
    """What is wrong with a code."""

    WRONG = "wrong"  # it is not the one, E0000068
    USED = "used"  # it was the one, once, E0000082: the next has to be waited for
    LATE = "late"  # it was the one, before, E0000083: a new one is needed, or the phone's clock is off


class WrongCodeError(OktaError):
    """The code is not good. Another one may be, as often as Okta lets this person try.

    Attributes:
        why: what is wrong with it.
    """

    meaning = "the code is not good"

    def __init__(self, operation: str, told: Told | None = None, *, why: WrongCode) -> None:
        self.why = why
        super().__init__(operation, told)


class RejectedError(OktaError):
    """The person, or the phone for them, said no (403 `E0000073`). Nobody asks again unless they want it."""

    meaning = "the person said no"


class LockedError(StateConflictError):
    """The person is locked (`E0000069`, `E0000119`), so this way is closed: the code was not even looked at."""

    meaning = "the person is locked"


class NotActiveError(StateConflictError):
    """The factor (423 `E0000180`) or the person (423 `E0000155`) is not active, so nothing can be proved with it."""

    meaning = "the factor or the person is not active"
