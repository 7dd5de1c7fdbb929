"""Whose manager is who. Okta does not know: it has a relationship that the org may have defined, and text that an import left.

Whoever comes out may be asked to approve something, so there is one live user or a named reason, never a guess: a short
name, which Okta would take for a login, is not enough.
"""

from enum import StrEnum

from okta.errors import InvalidRequestError, NotFoundError
from okta.models import Status, User
from okta.search import eq
from okta.users import Users


class NoManager(StrEnum):
    """Why there is no manager to be had."""

    NONE_GIVEN = "none_given"  # Okta holds nothing that names one
    NOT_FOUND = "not_found"  # what it holds leads to nobody, to somebody who has left, or out of our sight
    SEVERAL = "several"  # it leads to more than one
    ITSELF = "itself"  # it leads to the user


async def manager(
    okta: Users, user: User, *, relationship: str | None = None, attribute: str | None = None
) -> User | NoManager:
    """A user's manager, read by id or login just now.

    Args:
        okta: the client.
        user: whose; the profile counts as it is here.
        relationship: the name of the end of a relationship that links to the manager. Where it is set, it decides.
        attribute: of a manager's profile, such as `employeeNumber`, that `managerId` may hold where it holds neither an
            id nor a login.

    Raises:
        ValueError: `attribute` is not the name of one.
        OktaError: Okta could not be asked.
    """
    if relationship is not None and (linked := await okta.linked_objects(user.id, relationship)):
        found = await _read(okta, linked[0]) if len(set(linked)) == 1 else NoManager.SEVERAL
    else:
        found = await _by_text(okta, (user.profile.manager_id or "").strip(), attribute)
    return NoManager.ITSELF if isinstance(found, User) and found.id == user.id else found


async def _by_text(okta: Users, text: str, attribute: str | None) -> User | NoManager:
    """The user whose id or login a text is, or whose attribute holds it."""
    if not text:
        return NoManager.NONE_GIVEN
    found = await _read(okta, text)
    return await _by_attribute(okta, text, attribute) if attribute and isinstance(found, NoManager) else found


async def _by_attribute(okta: Users, text: str, attribute: str) -> User | NoManager:
    """The live user whose attribute holds a text, read by id, since a list may be stale."""
    live: set[str] = set()
    async for user in okta.users(search=eq(f"profile.{attribute}", text)):
        if user.status != Status.DEPROVISIONED:
            live.add(user.id)
        if len(live) > 1:
            return NoManager.SEVERAL
    return await _read(okta, live.pop()) if live else NoManager.NOT_FOUND


async def _read(okta: Users, name: str) -> User | NoManager:
    """The live user whose id or login `name` is. It is foreign text, so Okta, or our own path, may not take it."""
    try:
        user = await okta.user(name)
    except (NotFoundError, InvalidRequestError):
        return NoManager.NOT_FOUND
    is_named = user.id == name or user.profile.login.casefold() == name.casefold()
    return user if is_named and user.status != Status.DEPROVISIONED else NoManager.NOT_FOUND
