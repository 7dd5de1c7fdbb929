"""An Okta org on loopback, as strict as the real one.

org = Org(clock)
async with serve(okta_app(org)) as url: ...
"""

from sandbox.okta.app import okta_app
from sandbox.okta.faults import Fault
from sandbox.okta.org import Org
from sandbox.okta.records import Call, Effect, Settings
from sandbox.okta.users import ANY_DEVICES, UNKNOWN_DEVICES, User

__all__ = ["ANY_DEVICES", "UNKNOWN_DEVICES", "Call", "Effect", "Fault", "Org", "Settings", "User", "okta_app"]
