"""Let a person whose password is lost choose a new one, by a link that Okta makes and that only they get.

Which operation is legal is Okta's own word on the account (`_links` of the single-user read), not a table of ours. Where it
offers `forgot_password`, that is preferred: it leaves the account as it is until the link is used. `reset_password` makes
the old password void at once, so that the person is locked out if the link does not reach them; the card says so, and
afterwards it is looked at whether a new password was really chosen
(https://developer.okta.com/docs/api/openapi/okta-management/management/tag/UserLifecycle/, operation resetPassword).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from bot.capability import Account, Capability, Conclusion, Facts, Finding, Fit, Happened, Step
from bot.conditions import DIRECTORIES, FEDERATED, state_of_account
from bot.model import Fence, Heard, Request
from bot.rules import Delivery, Rules
from bot.saying import Say
from okta.models import OneTimeLink, Provider, Status, User

_NAME: Final = "reset_password"

_HOURLY: Final = timedelta(hours=1)
"""How often a reset is looked at that was not finished within the times that are set."""

_LINK_LIFE: Final = timedelta(days=7)
"""How long a link lives unless the password policy says otherwise (`recoveryToken.tokenLifetimeMinutes`, 10080)."""


class _Operation(StrEnum):
    """What is asked of Okta; stored with the offer."""

    FORGOT = "forgot_password"
    RESET = "reset_password"
    REACTIVATE = "reactivate"


_GUIDES: Final[Mapping[str, str]] = {
    Provider.ACTIVE_DIRECTORY: f"{_NAME}.guide.active_directory",
    Provider.LDAP: f"{_NAME}.guide.ldap",
    Provider.FEDERATION: f"{_NAME}.guide.federated",
    Provider.SOCIAL: f"{_NAME}.guide.federated",
}

_RESETTABLE: Final = frozenset({Status.ACTIVE, Status.LOCKED_OUT, Status.PASSWORD_EXPIRED, Status.RECOVERY})
"""The statuses in which somebody may want a new password; whether it is legal, Okta says."""


def applies(facts: Facts, _form: Mapping[str, str], rules: Rules) -> Finding:
    """Fits whoever has a password in Okta that Okta offers to replace; everybody else is told what to do."""
    user = facts.user
    if user.status not in {*_RESETTABLE, Status.PROVISIONED}:
        return Finding(Fit.TELL, state_of_account(facts))
    if user.provider in DIRECTORIES | FEDERATED:
        values = {"directory": user.credentials.provider.name}
        return Finding(Fit.GUIDE, Say(_GUIDES[user.provider], values))
    if user.status == Status.PROVISIONED:
        return _activation(user, rules)
    operation = _legal(user)
    if operation is None:
        return Finding(Fit.GUIDE, Say(f"{_NAME}.guide.not_offered"))
    delivery = rules.password.delivery
    if delivery is Delivery.EMAIL and not user.profile.email:
        return Finding(Fit.GUIDE, Say(f"{_NAME}.guide.no_email"))
    return _offer(user, operation, delivery, end_sessions=rules.password.end_sessions)


def _legal(user: User) -> _Operation | None:
    """The operation that Okta offers for this account now, the gentler one first."""
    if "forgotPassword" in user.operations and user.status == Status.ACTIVE:
        return _Operation.FORGOT
    return _Operation.RESET if "resetPassword" in user.operations else None


def _offer(user: User, operation: _Operation, delivery: Delivery, *, end_sessions: bool) -> Finding:
    """What is offered, in the words for how the account stands."""
    again, locked = user.status == Status.RECOVERY, user.status == Status.LOCKED_OUT
    # Okta ends no sessions with `forgot_password`, whatever is set.
    ends = end_sessions and operation is _Operation.RESET
    kind = "forgot" if operation is _Operation.FORGOT else "again" if again else "reset"
    notes = {f"{_NAME}.note.sessions": ends, f"{_NAME}.note.locked": locked}
    say = Say(
        f"{_NAME}.confirm.{kind}_{delivery}",
        {"email": _masked(user)},
        notes=tuple(note for note, holds in notes.items() if holds),
        offers=("unlock_account",) if locked else (),
        window=delivery is Delivery.LINK,
    )
    form = {"operation": operation, "delivery": delivery, "sessions": "end" if ends else "keep"}
    if delivery is Delivery.EMAIL:
        form["to"] = user.profile.email or ""  # a consent to this address is none to another
    return Finding(Fit.ACT, say, Say(f"{_NAME}.guide.{'recovery' if again else 'okta'}"), form)


def _activation(user: User, rules: Rules) -> Finding:
    """Somebody who has never set up their account has no password to lose; Okta's activation mail is what they miss."""
    if "reactivate" not in user.operations or not user.profile.email or rules.password.mail_behind_okta:
        return Finding(Fit.GUIDE, Say(f"{_NAME}.guide.provisioned"))
    form = {
        "operation": _Operation.REACTIVATE,
        "delivery": Delivery.EMAIL,
        "sessions": "keep",
        "to": user.profile.email,
    }
    say = Say(f"{_NAME}.confirm.activation", {"email": _masked(user)})
    return Finding(Fit.ACT, say, Say(f"{_NAME}.guide.provisioned"), form)


def _masked(user: User) -> str:
    """Enough of an address for its owner to know which one it is."""
    name, at, domain = (user.profile.email or "").rpartition("@")
    return f"{name[:2]}•••{at}{domain}"


async def _run(account: Account, *, operation: str, send_email: bool, end_sessions: bool) -> OneTimeLink | None:
    match operation:
        case _Operation.FORGOT:
            return await account.forgot_password(send_email=send_email)
        case _Operation.REACTIVATE:
            await account.reactivate()
            return None
    return await account.reset_password(send_email=send_email, revoke_sessions=end_sessions)


def _before(facts: Facts) -> Mapping[str, str]:
    """What tells this account's state from that after a reset, and from that after a new password was chosen."""
    user = facts.user
    return {
        "status": user.status,
        "since": str(user.status_changed),
        "password_changed": str(user.password_changed),
    }


def _happened(facts: Facts, fence: Fence) -> Happened:
    """A reset shows in the status; the other operations, and a reset of what is reset already, need show in nothing.

    Then Okta's own word counts, and without that it cannot be known.
    """
    if fence.heard is Heard.DECLINED:
        return Happened.NO
    if not _shows(fence):
        return Happened.YES if fence.heard is Heard.ACCEPTED or _chosen(facts, fence.before) else Happened.UNKNOWN
    if facts.user.status == Status.RECOVERY or _chosen(facts, fence.before):
        return Happened.YES
    unchanged = all(fence.before[name] == value for name, value in _before(facts).items())
    return Happened.NO if unchanged else Happened.UNKNOWN


def _shows(fence: Fence) -> bool:
    """Whether the effect of the step must show in the account, were it there."""
    return fence.before["operation"] == _Operation.RESET and fence.before["status"] != Status.RECOVERY


def _chosen(facts: Facts, before: Mapping[str, str]) -> bool:
    """Whether another password has been chosen since; that no moment is shown any more says nothing."""
    changed = facts.user.password_changed
    return changed is not None and str(changed) != before["password_changed"]


def plan(offered: Mapping[str, str]) -> tuple[Step, ...]:
    """One write."""
    operation = offered["operation"]
    run = partial(
        _run,
        operation=operation,
        send_email=offered["delivery"] == Delivery.EMAIL,
        end_sessions=offered["sessions"] == "end",
    )

    def before(facts: Facts) -> Mapping[str, str]:
        return {**_before(facts), "operation": operation}

    return (Step(operation, run, before, _happened),)


def conclude(facts: Facts, request: Request, rules: Rules, now: datetime) -> Conclusion:
    """How far it has come: a new password chosen, still to be chosen, or no longer to be chosen."""
    user, before = facts.user, request.before
    if _chosen(facts, before):
        return Conclusion(Say(f"{_NAME}.done.changed"))
    if request.offered["operation"] == _Operation.REACTIVATE and user.status == Status.ACTIVE:
        return Conclusion(Say(f"{_NAME}.done.activated"))
    if user.status != _awaited(request):
        return Conclusion(state_of_account(facts))
    again = _look_again(request, rules, now)
    return Conclusion(_waiting(user, request, over=again is None), again)


def _awaited(request: Request) -> str:
    """The status in which the account waits for its new password."""
    return Status.RECOVERY if request.offered["operation"] == _Operation.RESET else request.before["status"]


def _look_again(request: Request, rules: Rules, now: datetime) -> datetime | None:
    """At the times that are set, and then hourly for as long as the old password is void and a link may live."""
    acted_at = request.acted_at or now
    following = next((acted_at + span for span in rules.password.look_after if acted_at + span > now), None)
    if following is not None or request.offered["operation"] == _Operation.FORGOT:
        return following
    return now + _HOURLY if now + _HOURLY <= acted_at + _LINK_LIFE else None


def _waiting(user: User, request: Request, *, over: bool) -> Say:
    """What to say while no new password was chosen; from the second look on with help."""
    operation, delivery = request.offered["operation"], request.offered["delivery"]
    lost = delivery == Delivery.LINK and not request.delivered
    kinds = {_Operation.FORGOT: "forgot", _Operation.RESET: "reset", _Operation.REACTIVATE: "activation"}
    kind = kinds[_Operation(operation)]
    if over:
        return Say(f"{_NAME}.over.{kind}", offers=(_NAME,))
    if lost:
        return Say(f"{_NAME}.lost.{kind}", offers=(_NAME,))
    if request.looks:
        return Say(f"{_NAME}.not_yet.{kind}_{delivery}", {"email": _masked(user)}, offers=(_NAME,))
    return Say(f"{_NAME}.sent.{kind}_{delivery}", {"email": _masked(user)})


_WORD: Final = r"(password|passwort|passwd|pass ?word|pw|pwd|contraseña|senha|mot de passe)"

CAPABILITY = Capability(
    name=_NAME,
    subcommand="password",
    asks=(
        rf"\b(forg[eo]t(ten)?|lost|lose|misplaced|(can'?t|cannot|don'?t|do not|no longer) (remember|recall|know))\b[^.!?]{{0,30}}\b{_WORD}\b",
        rf"(?<!don't )(?<!not )\b(re-?set(ting)?|chang(e|ing)|renew|replace|new|recover)\b[^.!?]{{0,25}}\b{_WORD}\b",
        rf"\b{_WORD}\b[^.!?]{{0,25}}\b(re-?set|forgotten|lost|link)\b",
        r"^\W*(forgot|forgotten|pass ?word|pwd|pw)\W*((help|please|pls)\W*)*$",
        r"\b(olvid\w+|esquec\w+|oublié|vergessen)\b.{0,30}\b(contraseña|clave|senha|mot de passe|passwort)\b",
        r"\b(contraseña|clave|senha|mot de passe|passwort)\b.{0,30}\b(olvidad[ao]|esquecid[ao]|oublié|vergessen|zurücksetzen)\b",
    ),
    rank=20,
    covers=frozenset({"sign_in_help", "unlock_account"}),
    writes=frozenset({"reset_password"}),
    extras=frozenset({"forgot_password", "reactivate"}),
    takes_over=True,
    applies=applies,
    plan=plan,
    conclude=conclude,
)
