"""The org, and its authorization server."""

import msgspec

from okta.models.base import Moment, Record


class Organization(Record, frozen=True):
    """What an org tells everybody about itself. `pipeline` is `idx` for Identity Engine and `v1` for Classic Engine."""

    id: str = ""
    pipeline: str = ""


class OrgSettings(Record, frozen=True):
    """What an org is called and where its people get help; None where nobody filled it in.

    `status` is ACTIVE or INACTIVE, and `expires_at` the end of a trial.
    """

    id: str = ""
    subdomain: str = ""
    company_name: str = ""
    status: str = ""
    expires_at: Moment | None = None
    website: str | None = None
    end_user_support_help_url: str | None = msgspec.field(name="endUserSupportHelpURL", default=None)
    support_phone_number: str | None = None


class OpenIdConfiguration(Record, frozen=True, rename=None):
    """What an authorization server tells everybody about itself (RFC 8414), as far as a service app needs it."""

    issuer: str = ""
    token_endpoint: str = ""
    introspection_endpoint: str = ""
    jwks_uri: str = ""
    grant_types_supported: tuple[str, ...] = ()
    token_endpoint_auth_methods_supported: tuple[str, ...] = ()
    introspection_endpoint_auth_methods_supported: tuple[str, ...] = ()
    dpop_signing_alg_values_supported: tuple[str, ...] = ()


class PublicKey(Record, frozen=True):
    """A public key with which the authorization server signs (RFC 7517); `use` is `sig`."""

    kid: str = ""
    kty: str = ""
    alg: str = ""
    use: str = ""
    status: str = ""
