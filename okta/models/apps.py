"""Apps, who is assigned to them, and how far the account in the app is."""

from enum import StrEnum

from okta.models.base import Moment, Record


class AppStatus(StrEnum):
    """Whether an app is in use."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


class App(Record, frozen=True):
    """An app as it is set up in the org.

    Attributes:
        name: of its template, such as `salesforce`; `label` is what people call it.
        features: what it does besides signing people in; None where Okta was asked to leave that out.
    """

    id: str = ""
    name: str = ""
    label: str = ""
    status: str = ""
    sign_on_mode: str = ""
    features: tuple[str, ...] | None = None

    @property
    def provisions(self) -> bool | None:
        """Whether an assignment has Okta make an account in the app, which takes a while; None where Okta did not say."""
        return None if self.features is None else "PUSH_NEW_USERS" in self.features


class Scope(StrEnum):
    """How somebody came to an app."""

    USER = "USER"  # assigned in person
    GROUP = "GROUP"  # by a group, and only as long as they are in it


class AppUserStatus(StrEnum):
    """The statuses of an assignment that matter; there are more."""

    ACTIVE = "ACTIVE"  # may use an app that needs no account made
    STAGED = "STAGED"  # the account is queued to be made
    PENDING = "PENDING"  # it is there, and not usable yet
    APPROVED = "APPROVED"  # somebody has to make it by hand
    PROVISIONED = "PROVISIONED"  # it is made


class SyncState(StrEnum):
    """How the account in the app relates to the one in Okta."""

    DISABLED = "DISABLED"  # Okta does not look after accounts in this app
    OUT_OF_SYNC = "OUT_OF_SYNC"
    SYNCING = "SYNCING"
    SYNCHRONIZED = "SYNCHRONIZED"
    ERROR = "ERROR"  # it failed; an administrator has to look at it in the console


_READY = {AppUserStatus.ACTIVE, AppUserStatus.PROVISIONED}
_SETTLED = {SyncState.DISABLED, SyncState.SYNCHRONIZED}


class AppUser(Record, frozen=True):
    """Somebody's assignment to an app. Being assigned is not yet being able to use it: `ready` is.

    Attributes:
        id: the user's id.
        scope: compare it with `Scope`.
        status: compare it with `AppUserStatus`.
        sync_state: compare it with `SyncState`.
        external_id: of the account in the app, once it is made.
    """

    id: str = ""
    scope: str = ""
    status: str = ""
    sync_state: str = ""
    created: Moment | None = None
    status_changed: Moment | None = None
    last_sync: Moment | None = None
    external_id: str | None = None

    @property
    def ready(self) -> bool:
        """Whether the app can be used, as far as Okta knows."""
        return self.status in _READY and self.sync_state in _SETTLED

    @property
    def failed(self) -> bool:
        """Whether the account in the app could not be made or brought up to date; that does not mend itself."""
        return self.sync_state == SyncState.ERROR


class AppGroup(Record, frozen=True):
    """A group's assignment to an app: every member has the app.

    Attributes:
        id: the group's id.
        priority: whose attributes win where somebody is in several groups; 0 is first.
    """

    id: str = ""
    priority: int | None = None
    last_updated: Moment | None = None


class AppLink(Record, frozen=True):
    """A tile on somebody's dashboard; an app may have several.

    Attributes:
        app_name: of the template.
        credentials_setup: whether the user still has to enter a name and password for the app.
    """

    label: str = ""
    link_url: str = ""
    app_name: str = ""
    app_instance_id: str = ""
    credentials_setup: bool = False
    hidden: bool = False
    sort_order: int | None = None
