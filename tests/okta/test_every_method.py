"""Every method of the client, done well: each request is as Okta describes it, and so is the twin's answer."""

import inspect
from datetime import timedelta
from typing import Any

from okta.client import OktaClient
from okta.event_hooks import WantedHook
from okta.models import PushResult
from okta.search import eq
from sandbox.clock import Clock
from sandbox.okta import Org, okta_app
from sandbox.people import Group, okta_id
from sandbox.serve import serve
from tests.okta.clients import TOKEN, connect, succeeded
from tests.okta.receiver import SECRET, willing
from tests.okta.wire import wire

METHODS = {name for name, _ in inspect.getmembers(OktaClient, inspect.isfunction) if not name.startswith("_")}
APP = "0oaOneOfOurs"


class Tour:
    """Goes through the org, and does everything once."""

    def __init__(self, okta: OktaClient, org: Org, hook_url: str) -> None:
        self.okta = okta
        self.org = org
        self.wanted = WantedHook("Signal", ("user.account.lock",), hook_url, "X-Hook-Secret", SECRET)

    def id(self, handle: str) -> str:
        """Somebody's id."""
        return self.org.user(f"{handle}@northwind.example").id

    def factor(self, handle: str, kind: str) -> str:
        """The id of somebody's factor."""
        return next(one.id for one in self.org.user(self.id(handle)).factors if one.type == kind)

    async def all(self, listing: Any) -> list[Any]:
        """A list, with more than one page if it has two records."""
        return [record async for record in listing]

    async def org_itself(self) -> None:
        """What the org says of itself, and its log."""
        okta, now = self.okta, self.org.clock.now()
        await okta.organization()
        await okta.openid_configuration()
        assert await okta.keys() is not None
        await okta.org_settings()
        page = await okta.log(since=now - timedelta(days=1), matching=eq("eventType", "user.account.lock"), limit=1)
        await okta.log(cursor=page.cursor)
        await self.all(okta.events(now - timedelta(days=1), now, newest_first=True, limit=1))

    async def people(self) -> None:
        """Reading them, and what belongs to them."""
        okta, jonas = self.okta, self.id("jonas.lindqvist")
        await okta.me()
        await okta.user("jonas.lindqvist@northwind.example")
        assert len(await self.all(okta.users(search=eq("status", "ACTIVE"), limit=2))) > 2
        await self.all(okta.users(matching=eq("id", jonas)))
        for read in (okta.blocks, okta.groups, okta.attributes, okta.app_links):
            assert await read(jonas) is not None
        assert await okta.linked_objects(next(iter(self.org.linked)), "manager")
        assert await okta.linked_object_definitions()

    async def lifecycle(self) -> None:
        """Changing them."""
        okta, jonas = self.okta, self.id("jonas.lindqvist")
        await okta.unlock(self.id("maya.okafor"))
        assert await okta.forgot_password(jonas, send_email=False)
        assert await okta.reset_password(self.id("maya.okafor"), send_email=False, revoke_sessions=True)
        await okta.reactivate(self.id("tom.becker"))
        await okta.clear_sessions(jonas)

    async def factors(self) -> None:
        """Seeing them, proving oneself with them, and removing them."""
        okta, grace, clara = self.okta, self.id("grace.adeyemi"), self.id("clara.novak")
        assert await okta.factors(grace)
        await okta.factor(grace, self.factor("grace.adeyemi", "push"))
        await okta.verify_code(grace, self.factor("grace.adeyemi", "token:software:totp"), self.org.phones.code(grace))
        await okta.challenge(clara, self.factor("clara.novak", "sms"), token_lifetime=timedelta(minutes=1))
        await okta.verify_code(clara, self.factor("clara.novak", "sms"), self.org.phones.text_message(clara) or "")
        for number_matching in (True, False):
            push = await okta.push(grace, self.factor("grace.adeyemi", "push"), number_matching=number_matching)
            assert await okta.poll_push(push) is PushResult.WAITING
            await okta.cancel_push(push)
        assert await okta.authenticators()
        await okta.authenticator_enrollments(grace)
        await okta.remove_factor(grace, self.factor("grace.adeyemi", "webauthn"))
        await okta.reset_factors(grace)

    async def groups_and_apps(self) -> None:
        """Seeing them, and who has which."""
        okta, maya = self.okta, self.id("maya.okafor")
        care, app = okta_id("00g", Group.CUSTOMER_CARE), self.org.apps.named("Payroll").id
        assert await self.all(okta.find_groups(q="cust", stats=True))
        assert len(await self.all(okta.find_groups(limit=2))) > 2
        await okta.group(care)
        await okta.group(care, stats=True)
        assert await self.all(okta.members(care, limit=1))
        await self.all(okta.group_apps(care))
        await self.all(okta.group_owners(care))
        await okta.remove_member(care, maya)
        await okta.add_member(care, maya)
        assert len(await self.all(okta.apps(limit=1))) > 1
        await okta.app(app)
        await okta.assign_app(app, maya)
        await okta.app_user(app, maya)
        assert await self.all(okta.app_users(app, limit=1))
        await okta.unassign_app(app, maya, send_email=False)
        await okta.assign_app_group(app, care)
        await okta.app_group(app, care)
        assert await self.all(okta.app_groups(app))
        await okta.unassign_app_group(app, care)

    async def administration(self) -> None:
        """Who administers what, by which credentials, and under which policies."""
        okta, jonas = self.okta, self.id("jonas.lindqvist")
        custom = self.org.add_custom_role("Unlockers", ["okta.users.lifecycle.unlock"])
        self.org.give_role(jonas, "USER_ADMIN", groups=[Group.STORES])
        self.org.add_service_app(APP, [], scopes=["okta.users.read"], roles=["HELP_DESK_ADMIN"], groups=[Group.STORES])
        [held] = await okta.roles(jonas)
        assert await self.all(okta.role_target_groups(jonas, held.id))
        await self.all(okta.role_target_apps(jonas, held.id))
        await okta.group_roles(okta_id("00g", Group.OKTA_ADMINS))
        [held] = await okta.client_roles(APP)
        assert await self.all(okta.client_role_target_groups(APP, held.id))
        await self.all(okta.client_role_target_apps(APP, held.id))
        assert await okta.role_permissions(custom.id)
        assert len(await self.all(okta.administrators(limit=1))) > 1
        assert await okta.grants(APP)
        [token] = await okta.api_tokens()
        await okta.api_token(token.id)
        policy = (await okta.password_policies())[0]
        await okta.policy(policy.id)
        assert await okta.policy_rules(policy.id)

    async def event_hooks(self) -> None:
        """From a new one to one that is gone."""
        okta = self.okta
        hook = await okta.create_event_hook(self.wanted)
        await okta.verify_event_hook(hook.id)
        await okta.replace_event_hook(hook.id, self.wanted)
        assert await okta.event_hooks()
        await okta.event_hook(hook.id)
        await okta.deactivate_event_hook(hook.id)
        await okta.activate_event_hook(hook.id)
        await okta.deactivate_event_hook(hook.id)
        await okta.delete_event_hook(hook.id)


async def test_every_method_is_as_okta_describes_it() -> None:
    """Path, query, body and content type of what is sent, and what comes back: `connect` looks at each exchange."""
    org = Org(Clock())
    org.settings.pipeline = "v1"  # where links for forgotten passwords are to be had
    org.add_token(TOKEN, roles={"SUPER_ADMIN"})
    async with serve(okta_app(org)) as url, wire(willing) as receiver, connect(url) as okta:
        tour = Tour(okta, org, receiver.url)
        parts = (
            tour.org_itself,
            tour.people,
            tour.groups_and_apps,
            tour.administration,
            tour.event_hooks,
            tour.lifecycle,
            tour.factors,
        )
        for part in parts:
            await part()

        assert METHODS - succeeded(okta) == {"in_background", "noting"}
