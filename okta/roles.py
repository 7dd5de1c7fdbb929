"""Who administers what.

All of it may be read by those alone who may view administrators, which by Okta's table is the super administrator:
`NotPermittedError` is what most credentials get, and no reason to think that somebody has no role.
See https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleAssignmentAUser/ and its neighbours.
"""

import re
from typing import Any

import httpx
import msgspec

from okta.answers import one, unreadable
from okta.calls import PAGE, Listing, Page, Part
from okta.errors import BadLinkError
from okta.models import Administrator, AppTarget, Group, Permission, Record, Role

ADMINISTRATORS_PAGE = 100
"""Administrators to ask for per page: what Okta does by itself, since it names no maximum."""


_LINKS = re.compile(rb'"_links"\s*:\s*(?!null)')
"""That there are links, whatever they hold."""


class _Permissions(Record, frozen=True):
    permissions: tuple[Permission, ...] | None = None


class _Administrators(Record, frozen=True):
    value: tuple[Administrator, ...] | None = None
    links: Any = msgspec.field(name="_links", default=None)


class Roles(Part):
    """Admin roles."""

    async def roles(self, user_id: str) -> tuple[Role, ...]:
        """The admin roles a user holds, directly and by groups. Few credentials may read them: `NotPermittedError`."""
        return await self._calls.many("roles", Role, "/api/v1/users/{}/roles", user_id)

    async def group_roles(self, group_id: str) -> tuple[Role, ...]:
        """The roles that the members of a group hold by it."""
        return await self._calls.many("group_roles", Role, "/api/v1/groups/{}/roles", group_id)

    async def client_roles(self, client_id: str) -> tuple[Role, ...]:
        """The roles of a service app."""
        return await self._calls.many("client_roles", Role, "/oauth2/v1/clients/{}/roles", client_id)

    def role_target_groups(self, user_id: str, assignment_id: str) -> Listing[Group]:
        """The groups to which a role is limited that a user holds directly; with none of them it reaches everybody."""
        path = "/api/v1/users/{}/roles/{}/targets/groups"
        return self._targets("role_target_groups", Group, path, user_id, assignment_id)

    def role_target_apps(self, user_id: str, assignment_id: str) -> Listing[AppTarget]:
        """The apps to which a role is limited that a user holds directly; with none of them it reaches every app."""
        path = "/api/v1/users/{}/roles/{}/targets/catalog/apps"
        return self._targets("role_target_apps", AppTarget, path, user_id, assignment_id)

    def client_role_target_groups(self, client_id: str, assignment_id: str) -> Listing[Group]:
        """The groups to which a service app's role is limited; with none of them it reaches everybody."""
        path = "/oauth2/v1/clients/{}/roles/{}/targets/groups"
        return self._targets("client_role_target_groups", Group, path, client_id, assignment_id)

    def client_role_target_apps(self, client_id: str, assignment_id: str) -> Listing[AppTarget]:
        """The apps to which a service app's role is limited; with none of them it reaches every app."""
        path = "/oauth2/v1/clients/{}/roles/{}/targets/catalog/apps"
        return self._targets("client_role_target_apps", AppTarget, path, client_id, assignment_id)

    async def role_permissions(self, role_id_or_label: str) -> tuple[Permission, ...]:
        """What a custom role allows, by its id, which is `Role.role`, or by its label.

        Raises:
            LostAnswerError: there is no list of permissions in the answer, so it is not Okta's.
        """
        path = "/api/v1/iam/roles/{}/permissions"
        answer = await self._calls.send("role_permissions", "GET", path, role_id_or_label)
        found = one("role_permissions", answer, _Permissions).permissions
        if found is None:
            raise unreadable("role_permissions", answer)
        return found

    def administrators(self, *, limit: int = ADMINISTRATORS_PAGE) -> Listing[Administrator]:
        """Everybody who holds a role.

        Okta does not say whether that includes those who hold one by a group alone; who looks for them all goes through
        the members of groups that have roles too.

        Raises:
            LostAnswerError: there is no list in an answer, so it is not Okta's.
            BadLinkError: the link to the next page cannot be read, or leads away from our org, or in a circle.
        """
        params = {"limit": str(limit)}
        return self._calls.enclosed("administrators", _administrators, "/api/v1/iam/assignees/users", params=params)

    def _targets(self, operation: str, kind: type[Any], path: str, holder_id: str, assignment_id: str) -> Listing[Any]:
        return self._calls.listing(operation, kind, path, holder_id, assignment_id, params={"limit": str(PAGE)})


def _administrators(operation: str, answer: httpx.Response) -> Page[Administrator]:
    """A page of administrators, whose link to the next one is in its body."""
    found = one(operation, answer, _Administrators)
    if found.value is None:
        raise unreadable(operation, answer)
    if found.links is None and _LINKS.search(answer.content):
        raise BadLinkError(operation)  # something in them cannot be read, and the list may go on
    return Page(found.value, _following(operation, found.links))


def _following(operation: str, links: Any) -> str | None:
    """The link to the next page. One that cannot be read is not the end of the list.

    Raises:
        BadLinkError: it cannot be read.
    """
    following = links.get("next") if isinstance(links, dict) else links
    if following is None:
        return None
    link = following.get("href") if isinstance(following, dict) else None
    if not isinstance(link, str):
        raise BadLinkError(operation)
    return link
