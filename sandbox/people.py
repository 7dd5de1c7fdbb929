"""The cast: the people of Northwind Outfitters, once for both halves of the twin, so that an Okta user and a Slack member can be the same person.

Everybody is invented. Each Okta status, each kind of directory and each way in which a Slack member can fail to be exactly one Okta user has a face here.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass
from enum import StrEnum

DOMAIN = "northwind.example"
COMPANY = "Northwind Outfitters"
HOME_TEAM = "T0NORTHWIND"
PARTNER_TEAM = "T0PARTNER"

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase


class Status(StrEnum):
    """The status of an Okta user (https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/)."""

    STAGED = "STAGED"
    PROVISIONED = "PROVISIONED"
    ACTIVE = "ACTIVE"
    RECOVERY = "RECOVERY"
    LOCKED_OUT = "LOCKED_OUT"
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"  # noqa: S105 - a status, no password
    SUSPENDED = "SUSPENDED"
    DEPROVISIONED = "DEPROVISIONED"


class Provider(StrEnum):
    """Where an Okta user's password is checked: `credentials.provider.type`."""

    OKTA = "OKTA"
    ACTIVE_DIRECTORY = "ACTIVE_DIRECTORY"
    LDAP = "LDAP"
    FEDERATION = "FEDERATION"
    SOCIAL = "SOCIAL"
    IMPORT = "IMPORT"  # a hash from elsewhere; checked by Okta


DIRECTORY = {
    Provider.OKTA: "OKTA",
    Provider.ACTIVE_DIRECTORY: DOMAIN,
    Provider.LDAP: f"ldap.{DOMAIN}",
    Provider.FEDERATION: "FEDERATION",
    Provider.SOCIAL: "SOCIAL",
    Provider.IMPORT: "IMPORT",
}
"""The name of each directory instance: `credentials.provider.name`."""


class Group(StrEnum):
    """The Okta groups, by name; everybody is in Everyone."""

    EVERYONE = "Everyone"
    CUSTOMER_CARE = "Customer Care"
    WAREHOUSE = "Warehouse"
    FINANCE = "Finance"
    STORES = "Stores"
    IT = "IT"
    OKTA_ADMINS = "Okta Administrators"
    AD_WAREHOUSE = "northwind.example\\Warehouse Staff"


GROUP_ROLES = {Group.OKTA_ADMINS: ("HELP_DESK_ADMIN",)}
"""Administrator roles that members of a group have by it."""


def okta_id(prefix: str, name: str) -> str:
    """A lasting id of Okta's shape: the prefix (`00u` for users, `00g` for groups) and 17 letters and digits made from `name`."""
    number = int.from_bytes(hashlib.sha256(f"{prefix}:{name}".encode()).digest())
    letters = []
    for _ in range(17):
        number, rest = divmod(number, len(_BASE62))
        letters.append(_BASE62[rest])
    return prefix + "".join(letters)


@dataclass(frozen=True, slots=True)
class Employee:
    """One Okta user.

    Attributes:
        handle: what stands before the @ of the login; the Slack handle too.
        department: also the name of a group the person is in.
        mailbox: what stands before the @ of the primary address, where that is not the login.
        manager: the handle of the manager.
        factors: `factorType` of each active factor; `sandbox.okta.factors` says on which device.
        more_groups: besides Everyone, the department, and what comes from AD.
        roles: types of the administrator roles given to this person, such as SUPER_ADMIN; those of a group are in `GROUP_ROLES`.
        in_slack: whether the person has a Slack account.
        blocked: ACTIVE, but blocked from unknown devices.
        locked_in_directory: locked in AD only; nothing in Okta shows it.
    """

    handle: str
    name: str
    status: Status
    title: str
    department: Group
    mailbox: str | None = None
    provider: Provider = Provider.OKTA
    manager: str | None = None
    factors: tuple[str, ...] = ("push", "token:software:totp")
    more_groups: tuple[Group, ...] = ()
    roles: tuple[str, ...] = ()
    in_slack: bool = True
    blocked: bool = False
    locked_in_directory: bool = False

    @property
    def first_name(self) -> str:
        """The given name, as `profile.firstName` has it."""
        return self.name.partition(" ")[0]

    @property
    def login(self) -> str:
        """The Okta login, unique."""
        return f"{self.handle}@{DOMAIN}"

    @property
    def address(self) -> str:
        """The primary e-mail address; not unique."""
        return f"{self.mailbox or self.handle}@{DOMAIN}"

    @property
    def id(self) -> str:
        """The Okta user id."""
        return okta_id("00u", self.login)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Every group the person is in."""
        from_ad = (Group.AD_WAREHOUSE,) if self.provider is Provider.ACTIVE_DIRECTORY else ()
        return (Group.EVERYONE, self.department, *self.more_groups, *from_ad)

    @property
    def slack_id(self) -> str | None:
        """The Slack member who is the same person."""
        return f"U{self.first_name.upper()}" if self.in_slack else None


@dataclass(frozen=True, slots=True)
class SlackMember:
    """One Slack account, in Slack's own field names; `handle` is what Slack calls `name`."""

    id: str
    handle: str
    real_name: str
    email: str | None
    team_id: str = HOME_TEAM
    title: str = ""
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_email_confirmed: bool = True
    is_stranger: bool = False
    is_admin: bool = False


STAR = "maya.okafor@northwind.example"
"""The login of the person the stories are about: locked out, and mastered by Okta."""

BOT_OWNER = "unlatch.service@northwind.example"
"""The login of the service account that owns API tokens unless a test says otherwise."""

EMPLOYEES: tuple[Employee, ...] = (
    Employee(
        "maya.okafor",
        "Maya Okafor",
        Status.LOCKED_OUT,
        "Customer Care Lead",
        Group.CUSTOMER_CARE,
        manager="jonas.lindqvist",
        factors=("push", "token:software:totp", "sms"),
    ),
    Employee(
        "jonas.lindqvist",
        "Jonas Lindqvist",
        Status.ACTIVE,
        "Head of Customer Care",
        Group.CUSTOMER_CARE,
        factors=("push", "token:software:totp", "webauthn"),
    ),
    Employee(
        "clara.novak",
        "Clara Novák",
        Status.ACTIVE,
        "Customer Care Agent",
        Group.CUSTOMER_CARE,
        manager="maya.okafor",
        factors=("sms",),
    ),
    Employee(
        "yusuf.demir",
        "Yusuf Demir",
        Status.ACTIVE,
        "Customer Care Agent",
        Group.CUSTOMER_CARE,
        manager="maya.okafor",
        blocked=True,
    ),
    Employee(
        "victor.lang", "Victor Lang", Status.DEPROVISIONED, "Customer Care Agent", Group.CUSTOMER_CARE, factors=()
    ),
    Employee("priya.raman", "Priya Raman", Status.PASSWORD_EXPIRED, "Buyer", Group.STORES),
    Employee(
        "aiko.tanaka",
        "Aiko Tanaka",
        Status.ACTIVE,
        "Regional Manager",
        Group.STORES,
        provider=Provider.FEDERATION,
        factors=(),
    ),
    Employee("omar.haddad", "Omar Haddad", Status.SUSPENDED, "Store Assistant", Group.STORES),
    Employee("tom.becker", "Tom Becker", Status.PROVISIONED, "Store Assistant", Group.STORES, factors=()),
    Employee("sofia.rossi", "Sofia Rossi", Status.ACTIVE, "Store Manager", Group.STORES, mailbox="store.milano"),
    Employee(
        "marco.rossi",
        "Marco Rossi",
        Status.LOCKED_OUT,
        "Store Assistant",
        Group.STORES,
        mailbox="store.milano",
        in_slack=False,
    ),
    Employee(
        "diego.santos",
        "Diego Santos",
        Status.LOCKED_OUT,
        "Shift Manager",
        Group.WAREHOUSE,
        provider=Provider.ACTIVE_DIRECTORY,
    ),
    Employee(
        "ivan.kowalski",
        "Ivan Kowalski",
        Status.ACTIVE,
        "Forklift Operator",
        Group.WAREHOUSE,
        provider=Provider.ACTIVE_DIRECTORY,
        manager="diego.santos",
        factors=("sms",),
        locked_in_directory=True,
    ),
    Employee("ben.osei", "Ben Osei", Status.ACTIVE, "Courier", Group.WAREHOUSE, manager="diego.santos", factors=()),
    Employee("helen.brandt", "Helen Brandt", Status.LOCKED_OUT, "Accountant", Group.FINANCE, provider=Provider.LDAP),
    Employee("lena.fischer", "Lena Fischer", Status.RECOVERY, "Controller", Group.FINANCE),
    Employee("nina.petrova", "Nina Petrova", Status.STAGED, "Data Analyst", Group.FINANCE, factors=()),
    Employee(
        "grace.adeyemi",
        "Grace Adeyemi",
        Status.ACTIVE,
        "Head of IT",
        Group.IT,
        factors=("push", "token:software:totp", "signed_nonce", "webauthn"),
        roles=("SUPER_ADMIN",),
    ),
    Employee(
        "ruth.mensah",
        "Ruth Mensah",
        Status.ACTIVE,
        "Service Desk Analyst",
        Group.IT,
        manager="grace.adeyemi",
        more_groups=(Group.OKTA_ADMINS,),
    ),
    Employee(
        "unlatch.service", "Unlatch Service", Status.ACTIVE, "Service account", Group.IT, factors=(), in_slack=False
    ),
)


def _twin_of(person: Employee) -> SlackMember:
    """The Slack account of an employee; those who have left are deactivated in Slack too."""
    return SlackMember(
        id=person.slack_id or "",
        handle=person.handle,
        real_name=person.name,
        email=person.address,
        title=person.title,
        deleted=person.status is Status.DEPROVISIONED,
        is_admin="SUPER_ADMIN" in person.roles,
    )


ODD_MEMBERS: tuple[SlackMember, ...] = (
    SlackMember("UGUEST", "felix.guest", "Felix Marsh", "felix.marsh@contractor.example", is_ultra_restricted=True),
    SlackMember("UMULTI", "wanda.guest", "Wanda Pike", "wanda.pike@contractor.example", is_restricted=True),
    SlackMember(
        "USTRANGER", "kai.partner", "Kai Moreau", "kai.moreau@partner.example", team_id=PARTNER_TEAM, is_stranger=True
    ),
    SlackMember("UDEACTIVATED", "petra.stone", "Petra Stone", f"petra.stone@{DOMAIN}", deleted=True),
    SlackMember("UROBOT", "deploybot", "Deploy Bot", None, is_bot=True),
    SlackMember("UUNCONFIRMED", "lars.holm", "Lars Holm", BOT_OWNER, is_email_confirmed=False),
    SlackMember("UNOMAIL", "olga.reed", "Olga Reed", None),
    SlackMember("UNOMATCH", "hana.quist", "Hana Quist", f"hana.quist@{DOMAIN}"),
)
"""Members who are nobody's Slack account in Okta. (Sofia Rossi, USOFIA, is a member whose address belongs to two Okta users.)

Lars Holm claims, unconfirmed, the address of the service account: what an impostor would try.
"""

SLACK_MEMBERS: tuple[SlackMember, ...] = (*(_twin_of(one) for one in EMPLOYEES if one.slack_id), *ODD_MEMBERS)
"""Every Slack account."""
