"""What people come for in a sweep: what they say and press, what they consent to, and how that may end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.people import Status

UNLOCK: Final = "/api/v1/users/*/lifecycle/unlock"
RESET: Final = "/api/v1/users/*/lifecycle/reset_password"
FORGOT: Final = "/api/v1/users/*/credentials/forgot_password"
REACTIVATE: Final = "/api/v1/users/*/lifecycle/reactivate"
FACTOR: Final = "/api/v1/users/*/factors"
SESSIONS: Final = "/api/v1/users/*/sessions"

ASKS: Final = "Unlock your account?"
UNLOCKED: Final = "Your account is unlocked"
NOT_LOCKED: Final = "Your account is not locked"

PARTLY: Final = "Only a part of it is done"

UNKNOWN_PARTLY: Final = "I couldn't find out whether all of it worked"


@dataclass(frozen=True, slots=True)
class Write:
    """One step that is consented to.

    Attributes:
        effect: its kind in `Org.effects`. `{totp}` and `{webauthn}` stand for the ids of the person's factors, as in `path`.
        path: where it is written to, as `Faults.order` takes it.
        label: what the card calls it in the list of a plan that is half done.
        repeats: whether doing it twice is the same as once, so that the bot may.
    """

    effect: str
    path: str
    method: str = "POST"
    label: str = ""
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One thing that people ask for, under one set of settings.

    Attributes:
        name: for the test's own name.
        says: what the person writes.
        asks: how the card begins on which they press Confirm.
        ticks: what they choose before, of `totp` and `webauthn`.
        before: how the account stands before.
        writes: the steps, in order.
        done: how a card begins that tells of all of them.
        after: how the account stands then.
        lost: how a card begins that tells of all of them, and that the link may not have reached the person.
        unknown: how a card begins that says that it could not be found out; none where it always can.
        late: how else a card may begin when the effect comes too late.
        link: whether a one-time link is shown to the person.
        tables: the settings beyond the usual ones, as TOML.
        role: of the bot's API token.
        pipeline: which kind of org it is.
    """

    name: str
    says: str
    asks: str
    before: Status
    writes: tuple[Write, ...]
    done: tuple[str, ...]
    after: Status
    ticks: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    link: bool = False
    tables: str = ""
    role: str = "HELP_DESK_ADMIN"
    pipeline: str = "idx"

    def __str__(self) -> str:
        return self.name

    @property
    def confirmed(self) -> int:
        """The version that the request has when Confirm is pressed: 1 as it is asked, one more for each card."""
        return 3 if self.ticks else 2

    @property
    def told(self) -> tuple[str, ...]:
        """How a card begins that tells of all steps, come what may of the link."""
        return (*self.done, *self.lost)


_BY_LINK: Final = (
    '[capabilities]\nreset_password = "act"\n[proof]\nreset_password = "none"\n[reset_password]\ndelivery = "link"\n'
)
_BY_EMAIL: Final = (
    '[capabilities]\nreset_password = "act"\n[proof]\nreset_password = "none"\n[reset_password]\ndelivery = "email"\n'
)
_FACTORS: Final = (
    '[capabilities]\nreset_mfa = "act"\n[proof]\nreset_mfa = "none"\n[reset_mfa]\nseveral = true\nend_sessions = true\n'
)
_NOT_KNOWN: Final = "I couldn't find out whether it worked"

UNLOCKING: Final = Errand(
    name="unlock",
    says="I'm locked out",
    asks=ASKS,
    before=Status.LOCKED_OUT,
    writes=(Write("unlock", UNLOCK),),
    done=(UNLOCKED,),
    after=Status.ACTIVE,
    late=(NOT_LOCKED,),
)
RESET_BY_EMAIL: Final = Errand(
    name="reset by e-mail",
    says="I forgot my password",
    asks="Reset your password?",
    before=Status.ACTIVE,
    writes=(Write("reset_password", RESET),),
    done=("Your password is reset\n",),
    after=Status.RECOVERY,
    tables=_BY_EMAIL,
)
RESET_BY_LINK: Final = Errand(
    name="reset by link",
    says="I forgot my password",
    asks="Reset your password?",
    before=Status.ACTIVE,
    writes=(Write("reset_password", RESET),),
    done=("Your password is reset\n",),
    after=Status.RECOVERY,
    lost=("Your password is reset, but the link may not have reached you",),
    link=True,
    tables=_BY_LINK,
)
FORGOT_BY_EMAIL: Final = Errand(
    name="forgot by e-mail",
    says="I forgot my password",
    asks="Send you a link for a new password?",
    before=Status.ACTIVE,
    writes=(Write("forgot_password", FORGOT),),
    done=("Okta has sent you a link",),
    after=Status.ACTIVE,
    unknown=(_NOT_KNOWN,),
    tables=_BY_EMAIL,
    pipeline="v1",
)
FORGOT_BY_LINK: Final = Errand(
    name="forgot by link",
    says="I forgot my password",
    asks="Make a link for a new password?",
    before=Status.ACTIVE,
    writes=(Write("forgot_password", FORGOT),),
    done=("Your link is ready",),
    after=Status.ACTIVE,
    lost=("The link may not have reached you",),
    unknown=(_NOT_KNOWN,),
    link=True,
    tables=_BY_LINK,
    pipeline="v1",
)
REACTIVATION: Final = Errand(
    name="activation mail",
    says="I forgot my password",
    asks="Send your activation mail again?",
    before=Status.PROVISIONED,
    writes=(Write("reactivate", REACTIVATE),),
    done=("Okta has sent the activation mail again",),
    after=Status.PROVISIONED,
    unknown=(_NOT_KNOWN,),
    tables=_BY_EMAIL,
    role="USER_ADMIN",
)
FACTORS: Final = Errand(
    name="factors",
    says="reset my Okta Verify",
    asks="Remove this from your account?",
    ticks=("totp", "webauthn"),
    before=Status.ACTIVE,
    writes=(
        Write("factor:{totp}", FACTOR + "/{totp}", "DELETE", label="Okta Verify code"),
        Write("factor:{webauthn}", FACTOR + "/{webauthn}", "DELETE", label="Security key or passkey: YubiKey"),
        Write("sessions", SESSIONS, "DELETE", label="Sign you out of Okta everywhere", repeats=True),
    ),
    done=("Removed",),
    after=Status.ACTIVE,
    tables=_FACTORS,
)


def named(text: str, factors: Mapping[str, str]) -> str:
    """A kind of effect or a path with the ids of somebody's factors in it."""
    return text.format_map(factors)
