"""Both halves of the outside world at once, on loopback: what the demo, the stories and the tests start the bot against."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.people import EMPLOYEES, Employee
from sandbox.serve import serve
from sandbox.slack import AppConfig, Person, Workspace, serve_slack
from sandbox.smtp import Mailroom, serve_mail

BOT_TOKEN: Final = "xoxb-twin-bot-token"  # noqa: S105 - opens nothing but the twin
APP_TOKEN: Final = "xapp-twin-app-token"  # noqa: S105 - the same
SIGNING_SECRET: Final = "twin-signing-secret"  # noqa: S105 - the same
API_TOKEN: Final = "00TwinServiceAccountToken"  # noqa: S105 - the same
ROLES_TOKEN: Final = "00TwinTokenThatReadsRoles"  # noqa: S105 - the same

INSTALLED: Final = AppConfig(events=frozenset({"app_mention", "message.im"}), home_tab=False)
"""The app as `manifest.yml` asks for it; a test holds the two together."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A running Okta org and Slack workspace with the same people.

    Attributes:
        okta_url: the org's address, as `https://your-org.okta.com` would be.
        slack_url: the workspace's; its Web API is below `/api/`.
        mailroom: takes in what is mailed to the people, at `smtp_port`; 0 if nobody serves it.
    """

    clock: Clock
    org: Org
    workspace: Workspace
    okta_url: str
    slack_url: str
    mailroom: Mailroom = field(default_factory=Mailroom)
    smtp_port: int = 0

    def employee(self, name: str) -> Employee:
        """The employee with this login, e-mail address or Slack id.

        Raises:
            LookupError: there is none.
        """
        for employee in EMPLOYEES:
            if name in {employee.login, employee.address, employee.slack_id}:
                return employee
        raise LookupError(name)

    def person(self, user_id: str) -> Person:
        """The Slack hands and eyes of a member."""
        return self.workspace.person(user_id)

    def set_roles(self, roles: Iterable[str]) -> None:
        """Give the bot's API token these administrator roles, in place of those it has.

        Raises:
            ValueError: Okta has no such role.
        """
        self.org.set_roles(API_TOKEN, roles)

    def revoke_token(self) -> None:
        """Make the bot's API token void."""
        self.org.revoke(API_TOKEN)


@asynccontextmanager
async def twin(
    *, roles: frozenset[str] = frozenset({"HELP_DESK_ADMIN"}), app: AppConfig = INSTALLED
) -> AsyncIterator[Twin]:
    """Run both halves.

    The bot's API token has `roles`, the least that unlocking needs unless said otherwise; another one may see who
    administers what, and nothing else.
    """
    clock = Clock()
    org = Org(clock)
    org.add_token(API_TOKEN, roles=roles)
    viewer = org.add_custom_role("Sees who administers what", {"okta.iam.read", "okta.users.read"})
    org.add_token(ROLES_TOKEN, roles={viewer.id}, owner="ruth.mensah@northwind.example", name="Unlatch roles")
    workspace = Workspace(clock, bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=SIGNING_SECRET, app=app)
    mailroom = Mailroom()
    mailroom.on_mail = lambda mail: org.post.deliver(mail.sender, mail.to, mail.subject, mail.text)
    async with (
        serve(okta_app(org)) as okta_url,
        serve_slack(workspace) as slack_url,
        serve_mail(mailroom) as smtp_port,
    ):
        yield Twin(clock, org, workspace, okta_url, slack_url, mailroom, smtp_port)
