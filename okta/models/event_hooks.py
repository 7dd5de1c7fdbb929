"""Event hooks: where Okta sends what happens, and whether it does."""

from enum import StrEnum

from okta.models.base import Moment, Record


class HookStatus(StrEnum):
    """Whether a hook is in use."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class HookVerification(StrEnum):
    """Whether the receiver has shown that it expects this hook."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"


class HookAuth(Record, frozen=True):
    """How a delivery shows that it comes from Okta. Okta never gives back the secret.

    Attributes:
        key: the name of the header; Okta may have put it in lower case.
    """

    key: str = ""


class HookConfig(Record, frozen=True):
    """Where deliveries go."""

    uri: str = ""
    auth_scheme: HookAuth | None = None


class HookChannel(Record, frozen=True):
    """How deliveries travel: by `HTTP`, always."""

    type: str = ""
    config: HookConfig = HookConfig()


class HookEvents(Record, frozen=True):
    """The types of event that are delivered."""

    items: tuple[str, ...] = ()


class EventHook(Record, frozen=True):
    """An event hook as it is set up in the org.

    Attributes:
        status: compare it with `HookStatus`.
        verification_status: compare it with `HookVerification`.
        created_by: the id of whoever made it.
    """

    id: str = ""
    name: str = ""
    status: str = ""
    verification_status: str = ""
    events: HookEvents = HookEvents()
    channel: HookChannel = HookChannel()
    created: Moment | None = None
    last_updated: Moment | None = None
    created_by: str = ""

    @property
    def uri(self) -> str:
        """Where deliveries go."""
        return self.channel.config.uri

    @property
    def header(self) -> str:
        """The name of the header that holds the secret; empty if there is none."""
        auth = self.channel.config.auth_scheme
        return auth.key if auth else ""

    @property
    def delivers(self) -> bool:
        """Whether Okta sends events: only if the hook is active and verified."""
        return self.status == HookStatus.ACTIVE and self.verification_status == HookVerification.VERIFIED
