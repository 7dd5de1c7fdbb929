"""The people of the workspace as Slack keeps them, and the `user` object Slack shows an app of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox.people import COMPANY, HOME_TEAM, PARTNER_TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.people import SlackMember
    from sandbox.slack.records import JsonObject


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace."""

    id: str
    name: str
    domain: str


HOME = Team(HOME_TEAM, COMPANY, "northwind")
PARTNER = Team(PARTNER_TEAM, "Fabrikam Freight", "fabrikam")
ENTERPRISE_NAME = "Northwind Group"


def team_of(member: SlackMember) -> Team:
    """The workspace an account belongs to."""
    return HOME if member.team_id == HOME.id else PARTNER


def is_external(member: SlackMember) -> bool:
    """Whether the account belongs to another company's workspace."""
    return member.team_id != HOME.id


def standing(member: SlackMember) -> str:
    """What kind of account it is, in a word or two."""
    kinds = {
        "deactivated": member.deleted,
        "external": is_external(member),
        "bot": member.is_bot,
        "single-channel guest": member.is_ultra_restricted,
        "guest": member.is_restricted,
    }
    return next((kind for kind, holds in kinds.items() if holds), "member")


class Members:
    """All accounts by id."""

    def __init__(self, enterprise_id: str | None) -> None:
        self._enterprise_id = enterprise_id
        self._by_id: dict[str, SlackMember] = {}

    def __iter__(self) -> Iterator[SlackMember]:
        return iter(self._by_id.values())

    def add(self, member: SlackMember) -> None:
        """Let an account exist."""
        self._by_id[member.id] = member

    def change(self, user_id: str, **fields: Any) -> SlackMember:
        """Change an account, as its owner or an administrator may."""
        self._by_id[user_id] = replace(self._by_id[user_id], **fields)
        return self._by_id[user_id]

    def get(self, user_id: str) -> SlackMember | None:
        """The account, or None."""
        return self._by_id.get(user_id)

    def by_email(self, email: str) -> SlackMember | None:
        """The live account of the home workspace with this address; Slack does not find deactivated ones."""
        wanted = email.strip().lower()
        found = (m for m in self if m.email is not None and m.email.lower() == wanted)
        return next((m for m in found if not (m.deleted or m.is_bot or is_external(m))), None)

    def as_json(self, member: SlackMember, *, with_email: bool, is_stranger: bool, updated: int) -> JsonObject:
        """The `user` object (https://docs.slack.dev/reference/objects/user-object).

        The address is there only with the scope for it, and never for an external account. `is_stranger` is true for external accounts
        that share no channel with the app, and absent for one's own people.
        """
        shown: JsonObject = {
            "id": member.id,
            "team_id": member.team_id,
            "name": member.handle,
            "deleted": member.deleted,
            "real_name": member.real_name,
            "profile": _profile(member, with_email=with_email),
            "is_bot": member.is_bot,
            "is_app_user": False,
            "updated": updated,
        }
        if is_external(member):
            shown["is_stranger"] = is_stranger
        if not member.deleted:
            shown |= _standing(member)
        if self._enterprise_id is not None and not is_external(member):
            shown["enterprise_user"] = _enterprise_user(member, self._enterprise_id)
        return shown


def _enterprise_user(member: SlackMember, enterprise_id: str) -> JsonObject:
    return {
        "id": member.id,
        "enterprise_id": enterprise_id,
        "enterprise_name": ENTERPRISE_NAME,
        "is_admin": member.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "teams": [member.team_id],
    }


def _profile(member: SlackMember, *, with_email: bool) -> JsonObject:
    profile: JsonObject = {
        "title": member.title,
        "real_name": member.real_name,
        "real_name_normalized": member.real_name,
        "display_name": member.handle,
        "display_name_normalized": member.handle,
        "team": member.team_id,
    }
    if member.email is not None and with_email and not is_external(member):
        profile["email"] = member.email
    return profile


def _standing(member: SlackMember) -> JsonObject:
    """What Slack leaves out for deactivated accounts."""
    return {
        "color": "9f69e7",
        "tz": "Europe/Amsterdam",
        "tz_label": "Central European Time",
        "tz_offset": 3600,
        "is_admin": member.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": member.is_restricted or member.is_ultra_restricted,
        "is_ultra_restricted": member.is_ultra_restricted,
        "is_email_confirmed": member.is_email_confirmed,
        "who_can_share_contact_card": "EVERYONE",
    }
