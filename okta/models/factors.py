"""Factors."""

from okta.models.base import Moment, Record


class FactorProfile(Record, frozen=True):
    """Where a factor lives; which of these there is depends on its kind. A phone number and an address come unmasked."""

    name: str | None = None
    device_type: str | None = None
    platform: str | None = None
    phone_number: str | None = None
    email: str | None = None
    authenticator_name: str | None = None
    credential_id: str | None = None


class Factor(Record, frozen=True):
    """Something that a user proves themselves with besides the password.

    Attributes:
        factor_type: such as `push`, `token:software:totp` or `webauthn`; live orgs have types that no description lists.
        provider: such as `OKTA`, `GOOGLE` or `FIDO`.
    """

    id: str = ""
    factor_type: str = ""
    provider: str = ""
    status: str = ""
    created: Moment | None = None
    last_updated: Moment | None = None
    profile: FactorProfile = FactorProfile()

    @property
    def is_active(self) -> bool:
        """Whether it is enrolled and in use."""
        return self.status == "ACTIVE"
