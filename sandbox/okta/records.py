"""What an org is set to, and what it remembers of the requests it got: for tests, and for the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.okta.rights import Right


@dataclass(slots=True)
class Settings:
    """What differs from org to org.

    Attributes:
        user_blocks: whether the org has the feature behind /blocks; without it Okta answers 401 E0000015.
        directory_unlock: whether `unlock` lifts Okta's lock of AD and LDAP users; the directory's own lock stays.
        directory_reset: whether the directory's agent may reset passwords there; without it Okta refuses (403 E0000017).
        read_only: Okta's maintenance mode.
        pipeline: `idx` (Identity Engine) or `v1` (Classic).
        max_attempts: failed sign-ins until a user is locked out.
        auto_unlock_minutes: 0 means that nobody is unlocked by time.
        activation_lag: how long an asynchronous change of status takes.
        concurrency: how many requests may run at once.
        mail_arrives: whether the org's e-mails reach anybody.
        mail_delay: how long they take.
        number_matching: whether people's apps can show numbers to choose from; Okta sends a plain push to one that cannot.
        push_life: how long a push waits; Okta does not publish its figure.
        hidden_factors: types that the enrolment policy which applies to the caller leaves out, so that lists don't show them.
        nonce_in_calls: whether a proof of possession needs a nonce at the API too; Okta says that it does not, yet.
        provisioning_lag: how long it takes to make an account in an app.
        conflict_on_reassign: whether assigning an app again is refused (409 E0000062); Okta does not say which it does.
        group_refusal: the code for changing the members of a group that is not Okta's own, E0000001 or E0000006; Okta does not say which.
        hook_gathering: how long events are gathered for one delivery to an event hook; zero takes together what happens at once.
        hook_delay: how long a delivery takes to leave; one that is made after a change may overtake those before it.
        hook_copies: how often each delivery is made, every time with an id of its own; 0 loses it, as Okta does beyond the limit of a day.
        hook_backwards: whether the events of one delivery stand in it newest first.
        authenticator_lists: whether the org has the endpoints of authenticators, which are of limited availability, and of Identity
            Engine alone; without them Okta answers 401 E0000015.
        lists_by_group: whether the list of administrators has those who are one by a group alone; Okta does not say.
        withheld: rights that every role but the super administrator's lacks in this org; Okta is silent on some.
    """

    user_blocks: bool = True
    directory_unlock: bool = False
    directory_reset: bool = False
    read_only: bool = False
    pipeline: str = "idx"
    max_attempts: int = 5
    auto_unlock_minutes: int = 0
    activation_lag: timedelta = timedelta(seconds=1)
    concurrency: int = 75
    mail_arrives: bool = True
    mail_delay: timedelta = timedelta()
    number_matching: bool = True
    push_life: timedelta = timedelta(minutes=5)
    hidden_factors: frozenset[str] = frozenset()
    nonce_in_calls: bool = False
    provisioning_lag: timedelta = timedelta(seconds=2)
    conflict_on_reassign: bool = False
    group_refusal: str = "E0000001"
    hook_gathering: timedelta = timedelta()
    hook_delay: timedelta = timedelta()
    hook_copies: int = 1
    hook_backwards: bool = False
    authenticator_lists: bool = True
    lists_by_group: bool = True
    withheld: frozenset[Right] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached the org's API. What people do on the org's own pages is not among them: their links are secrets.

    Attributes:
        query: as sent, still percent-encoded.
        principal: the id of the token or app, never the token; empty for a caller that Okta does not know.
        status: None while it runs, and for good where the connection was cut.
    """

    method: str
    path: str
    query: str
    principal: str
    status: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Effect:
    """One change that a request really made, to whom, and when.

    Attributes:
        kind: the last word of the operation's path; `factor:<id>` for one that was removed, `challenge:<id>` for one that was made to send or
            ask something; `add:<id>` and `remove:<id>` of a group, `assign:<id>` and `unassign:<id>` of an app;
            `hook:<word>` for a change of an event hook.
        user_id: or a group's, where an app was assigned to one; or the hook's.
    """

    kind: str
    user_id: str
    at: datetime
