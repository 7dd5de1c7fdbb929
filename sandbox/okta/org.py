"""The org: its people, tokens, System Log and settings, and the handles by which tests and the page move it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.catalogue import LINKED, login
from sandbox.okta.admins import Administration
from sandbox.okta.apps import Apps
from sandbox.okta.events import SYSTEM, Origin, by_hand
from sandbox.okta.faults import Faults
from sandbox.okta.hooks import Hooks
from sandbox.okta.limits import Limits
from sandbox.okta.links import Links, Purpose
from sandbox.okta.mail import Post
from sandbox.okta.phones import Phones
from sandbox.okta.policies import Policies
from sandbox.okta.possession import Proofs
from sandbox.okta.principals import Principals
from sandbox.okta.records import Call, Effect, Settings
from sandbox.okta.renewal import renew
from sandbox.okta.service_apps import ServiceApp
from sandbox.okta.snapshot import snapshot
from sandbox.okta.users import UNKNOWN_DEVICES, User
from sandbox.okta.verification import Verifier
from sandbox.people import BOT_OWNER, Status, okta_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from sandbox.clock import Clock
    from sandbox.okta.mail import Mail
    from sandbox.okta.principals import Principal

SEARCH_LAG = timedelta(seconds=1)
LOG_LAG = timedelta(seconds=2)
ACTIVATION_LIFE = timedelta(days=7)
"""Of the link in an activation mail; seven days is Okta's default."""

_CAN_LOCK = {Status.ACTIVE, Status.PASSWORD_EXPIRED, Status.RECOVERY}


class Org(Administration):
    """An Okta org with the cast of `sandbox.people` in it.

    `settings`, `faults`, `policies` and `limits.per_minute` may be changed at any time. `calls`, `effects` and `log` only grow. `phones` are
    what people have in their hands, `apps` who has which app, `hooks` the event hooks with what they
    have delivered, and `linked` says by ids whose manager is whose.
    """

    def __init__(self, clock: Clock, *, search_lag: timedelta = SEARCH_LAG, log_lag: timedelta = LOG_LAG) -> None:
        super().__init__(clock, search_lag=search_lag, log_lag=log_lag)
        self.settings = Settings()
        self.faults = Faults()
        self.limits = Limits(clock)
        self.principals = Principals()
        self.service_apps: dict[str, ServiceApp] = {}
        self.proofs = Proofs()
        self.policies = Policies()
        self.links = Links()
        self.post = Post(self)
        self.verifier = Verifier()
        self.phones = Phones(self)
        self.calls: list[Call] = []
        self.effects: list[Effect] = []
        self._after_effect: list[Callable[[], None]] = []
        self._locks_again: set[str] = set()
        self.linked = {self.user(login(one)).id: self.user(login(other)).id for one, other in LINKED.items()}
        self.apps = Apps(self)
        self.after_change.append(self.apps.follow)
        self.hooks = Hooks(self)
        self.after_write.append(self.hooks.notice)

    def lock(self, login_or_id: str) -> User:
        """Lock somebody out, as too many failed sign-ins do.

        Raises:
            ValueError: the status does not lead there.
        """
        user = self.user(login_or_id)
        if user.status not in _CAN_LOCK:
            raise ValueError(f"{user.login} is {user.status}")
        now = self.clock.now()
        user = self.change(user.id, status=Status.LOCKED_OUT, locked_in_directory=user.from_directory)
        self.log_lock(user, now)
        if self.settings.auto_unlock_minutes:
            self.later(
                now + timedelta(minutes=self.settings.auto_unlock_minutes), lambda at: self._auto_unlock(user, at)
            )
        return user

    def lock_again_after_unlock(self, login_or_id: str) -> None:
        """Let the next unlock through the API be followed at once by a new lock, as a phone with the old password does it."""
        self._locks_again.add(self.user(login_or_id).id)

    def after_effect(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, right after the next effect has happened and before the request is answered."""
        self._after_effect.append(callback)

    def took_effect(self, effect: Effect) -> None:
        """Remember what a request has just changed, and let happen what was to follow."""
        self.effects.append(effect)
        if effect.kind == "unlock" and effect.user_id in self._locks_again:
            self._locks_again.remove(effect.user_id)
            self.lock(effect.user_id)
        callbacks, self._after_effect = self._after_effect, []
        for callback in callbacks:
            callback()

    def sign_in_fails(self, login_or_id: str) -> User:
        """A wrong password; the last one allowed locks the account."""
        user = self.user(login_or_id)
        locked = user.status == Status.LOCKED_OUT
        self.log_sign_in(user, "LOCKED_OUT" if locked else "INVALID_CREDENTIALS")
        if user.status not in _CAN_LOCK:
            return user
        user = self.change(user.id, failed_sign_ins=user.failed_sign_ins + 1)
        return self.lock(user.id) if user.failed_sign_ins >= self.settings.max_attempts else user

    def sign_in(self, login_or_id: str, *, known_device: bool = True) -> bool:
        """The right password; whether it opens the door. A directory that holds its own lock refuses it like a wrong one."""
        user = self.user(login_or_id)
        blocked = user.blocked is not None and not (known_device and user.blocked == UNKNOWN_DEVICES)
        if user.status != Status.ACTIVE or blocked or user.locked_in_directory:
            self.log_sign_in(
                user, "LOCKED_OUT" if user.status == Status.LOCKED_OUT or blocked else "INVALID_CREDENTIALS"
            )
            return False
        if self._has_expired(user):
            self.set_status(user.id, Status.PASSWORD_EXPIRED)
            return False
        self.change(user.id, sessions=user.sessions + 1, failed_sign_ins=0, last_login=self.clock.now())
        self.log_sign_in(user, None)
        return True

    @property
    def mails(self) -> tuple[Mail, ...]:
        """Every e-mail that has arrived, in the order in which it came."""
        return self.post.arrived

    def make_link(self, purpose: Purpose, user: User, at: datetime) -> str:
        """The token of a new one-time link; the older ones of the person are void."""
        recovery = timedelta(minutes=self.policies.of(user).token_minutes)
        return self.links.make(purpose, user, at, ACTIVATION_LIFE if purpose is Purpose.ACTIVATE else recovery)

    def choose_password(self, login_or_id: str, password: str) -> User:
        """What somebody whose password has expired does at the sign-in page.

        Raises:
            OktaError: E0000080, the policy does not take it.
            ValueError: nobody asks this person for a new one.
        """
        user = self.user(login_or_id)
        if user.status != Status.PASSWORD_EXPIRED:
            raise ValueError(f"{user.login} is {user.status}")
        by, now = by_hand(user, "/signin/password-expired"), self.clock.now()
        return renew(self, user, password, at=now, by=by, event_type="user.account.update_password")

    def block(self, login_or_id: str, devices: str | None = UNKNOWN_DEVICES) -> User:
        """Block somebody from devices while the status stays as it is; None lifts that."""
        return self.change(login_or_id, blocked=devices)

    def add_token(
        self,
        token: str,
        *,
        roles: Iterable[str] | None = None,
        groups: Iterable[str] | None = None,
        owner: str = BOT_OWNER,
        name: str = "Unlatch",
    ) -> Principal:
        """Make an API token.

        Args:
            token: the secret.
            roles: what the token may do; None gives it the roles that its owner has at each moment.
            groups: names of the groups to which roles that can be limited are limited.
            owner: the login of who made it: `me`, and the actor in the System Log.
            name: what its owner calls it.
        """
        return self.principals.add_token(
            token,
            owner_id=self.user(owner).id,
            roles=self.admins.known(roles) if roles is not None else None,
            group_ids=_group_ids(groups),
            now=self.clock.now(),
            name=name,
        )

    def add_bearer(
        self,
        token: str,
        *,
        scopes: Iterable[str],
        roles: Iterable[str],
        groups: Iterable[str] | None = None,
        client: str = "unlatch",
    ) -> Principal:
        """Make an access token of a service app, good for an hour."""
        return self.principals.add_bearer(
            token,
            scopes=scopes,
            roles=self.admins.known(roles),
            group_ids=_group_ids(groups),
            client=client,
            now=self.clock.now(),
        )

    def add_service_app(
        self,
        client_id: str,
        public_keys: Iterable[Mapping[str, str]],
        *,
        scopes: Iterable[str],
        roles: Iterable[str],
        groups: Iterable[str] | None = None,
        apps: Iterable[str] | None = None,
        dpop: bool = True,
    ) -> ServiceApp:
        """Make a service app; what it returns may be changed at any time, and holds for tokens that are given later.

        Args:
            client_id: what the app calls itself.
            public_keys: JWKs, each with its `kid` once there are several.
            scopes: that are granted to it.
            roles: of the app.
            groups: names of the groups to which roles that can be limited are limited.
            apps: labels of the apps to which the role of an Application Administrator is limited.
            dpop: whether its tokens must be bound to a key, as Okta sets it for new apps.
        """
        made = ServiceApp(
            client_id,
            [dict(key) for key in public_keys],
            set(scopes),
            self.admins.known(roles),
            _group_ids(groups),
            None if apps is None else frozenset(self.apps.named(label).id for label in apps),
            dpop=dpop,
        )
        self.service_apps[client_id] = made
        return made

    def revoke_app_tokens(self, client_id: str) -> None:
        """Make all access tokens of a service app void."""
        self.principals.revoke_all(client_id)

    def set_roles(self, token: str, roles: Iterable[str]) -> None:
        """Give a token these roles, in place of those it has.

        Raises:
            KeyError: there is no such token.
            ValueError: Okta has no such role.
        """
        self.principals.set_roles(token, self.admins.known(roles))

    def revoke(self, token: str) -> None:
        """Make a token void."""
        self.principals.revoke(token)

    def snapshot(self) -> dict[str, Any]:
        """The org for the page: people and the System Log, newest last, delays left out."""
        return snapshot(self)

    def _has_expired(self, user: User) -> bool:
        """Okta looks at the age of a password when somebody signs in, and not before."""
        days = self.policies.of(user).max_age_days
        changed = user.password_changed
        return bool(days) and changed is not None and changed + timedelta(days=days) <= self.clock.now()

    def _auto_unlock(self, locked: User, at: datetime) -> None:
        user = self._users[locked.id]
        if user.status == Status.LOCKED_OUT and user.status_changed == locked.status_changed:
            user = self.change_at(at, user.id, status=Status.ACTIVE, failed_sign_ins=0)
            self.record("user.account.unlock", Origin(SYSTEM), user, at=at)


def _group_ids(groups: Iterable[str] | None) -> frozenset[str] | None:
    return None if groups is None else frozenset(okta_id("00g", group) for group in groups)
