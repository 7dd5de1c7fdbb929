"""What the people of `sandbox.people` have: who owns their groups, which apps there are and for whom, and who is linked to whom."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.people import DOMAIN, Group, okta_id

DESCRIPTIONS: dict[str, str] = {
    Group.EVERYONE: "All users in your organization",
    Group.OKTA_ADMINS: "Administrators of the service desk",
    Group.AD_WAREHOUSE: "Imported from Active Directory",
}

OWNERS: dict[str, tuple[str, ...]] = {
    Group.CUSTOMER_CARE: ("jonas.lindqvist", "maya.okafor"),
    Group.IT: (Group.OKTA_ADMINS,),
}
"""Who owns a group: handles of people, or a group."""

PROVISIONING = ("PUSH_NEW_USERS", "PUSH_PROFILE_UPDATES", "PUSH_USER_DEACTIVATION")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An app of the org.

    Attributes:
        name: of the template.
        sign_on_mode: BOOKMARK, for which there are no credentials, or SAML_2_0.
        features: with PUSH_NEW_USERS, an account is made in the app.
        groups: names of the groups that have it.
        people: handles of those who have it in person.
        tiles: what each of its links on the dashboard says, where that is not the label.
    """

    name: str
    label: str
    status: str = "ACTIVE"
    sign_on_mode: str = "SAML_2_0"
    features: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    tiles: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The app's id."""
        return okta_id("0oa", self.label)

    @property
    def in_catalogue(self) -> bool:
        """Whether it is one of Okta's integrations, and not made by the org."""
        return self.sign_on_mode != "BOOKMARK" and not self.name.startswith("northwind_")

    @property
    def provisions(self) -> bool:
        """Whether assigning it makes an account."""
        return "PUSH_NEW_USERS" in self.features


APPS: tuple[App, ...] = (
    App(name="bookmark", label="Staff Handbook", sign_on_mode="BOOKMARK", groups=(Group.EVERYONE,)),
    App(name="salesforce", label="Salesforce", features=PROVISIONING, groups=(Group.CUSTOMER_CARE,)),
    App(name="office365", label="Office", groups=(Group.CUSTOMER_CARE, Group.IT), tiles=("Mail", "Calendar")),
    App(name="northwind_payroll_1", label="Payroll", groups=(Group.FINANCE,), people=("grace.adeyemi",)),
    App(name="northwind_design_1", label="Design Studio", features=PROVISIONING, people=("aiko.tanaka",)),
    App(name="northwind_clock_1", label="Old Time Clock", status="INACTIVE", groups=(Group.WAREHOUSE,)),
)
"""Every app; none is a real company's."""

RELATIONSHIP = ("manager", "subordinate")
"""The ends of the one relationship that the org has defined: of the first somebody has one at most."""

LINKED = {"clara.novak": "jonas.lindqvist", "yusuf.demir": "jonas.lindqvist"}
"""Whose manager is linked. Clara Novák's and Yusuf Demir's profiles name another one, as an old import left it."""


def login(handle: str) -> str:
    """The login of somebody of the cast."""
    return f"{handle}@{DOMAIN}"
