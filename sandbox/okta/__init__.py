"""An Okta org on loopback, as strict as the real one.

org = Org(clock)
async with serve(okta_app(org)) as url: ...
org.mails[-1].link                                  # what came into somebody's inbox; the link works
org.phones.approve(org.phones.pushes(login)[0].id)  # what somebody taps
"""

from sandbox.okta.app import okta_app
from sandbox.okta.factors import Factor, enrolled
from sandbox.okta.faults import Fault
from sandbox.okta.mail import Mail, MailKind
from sandbox.okta.org import Org
from sandbox.okta.phones import Device
from sandbox.okta.policies import PasswordPolicy
from sandbox.okta.records import Call, Effect, Settings
from sandbox.okta.users import ANY_DEVICES, UNKNOWN_DEVICES, User, recovery_answer
from sandbox.okta.verification import Push, PushResult

__all__ = [
    "ANY_DEVICES",
    "UNKNOWN_DEVICES",
    "Call",
    "Device",
    "Effect",
    "Factor",
    "Fault",
    "Mail",
    "MailKind",
    "Org",
    "PasswordPolicy",
    "Push",
    "PushResult",
    "Settings",
    "User",
    "enrolled",
    "okta_app",
    "recovery_answer",
]
