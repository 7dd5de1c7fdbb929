"""Authenticators, as Identity Engine calls what people prove themselves with, and what of them somebody has enrolled."""

from okta.models.base import Moment, Record


class Authenticator(Record, frozen=True):
    """What an org offers.

    Attributes:
        key: which it is, such as `okta_verify`, `phone_number` or `webauthn`.
        type: of what kind, such as `app`, `phone` or `security_key`.
    """

    id: str = ""
    key: str = ""
    type: str = ""
    name: str = ""
    status: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it is in use."""
        return self.status == "ACTIVE"


class EnrollmentProfile(Record, frozen=True):
    """Where an enrolment leads, for kinds that lead somewhere; as Okta has it, masked or not."""

    phone_number: str | None = None
    email: str | None = None


class AuthenticatorEnrollment(Record, frozen=True):
    """What somebody has enrolled. The password is one, too, and Okta Verify is a single one with all that it can do.

    Attributes:
        key: as of `Authenticator`.
        type: as of `Authenticator`.
        nickname: what its owner calls it.
    """

    id: str = ""
    key: str = ""
    type: str = ""
    name: str = ""
    nickname: str | None = None
    status: str = ""
    created: Moment | None = None
    last_updated: Moment | None = None
    profile: EnrollmentProfile | None = None

    @property
    def is_active(self) -> bool:
        """Whether it is in use."""
        return self.status == "ACTIVE"
