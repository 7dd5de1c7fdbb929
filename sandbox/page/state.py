"""What the page shows at one moment: the twin's two snapshots, one person's phone and inbox, and what a visitor can try."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from sandbox.okta.factors import phone_of
from sandbox.page.mischief import MISCHIEF
from sandbox.people import COMPANY, EMPLOYEES, STAR
from sandbox.slack import NotPossibleError

if TYPE_CHECKING:
    from sandbox.page.world import Around
    from sandbox.people import Employee
    from sandbox.slack import Person, Workspace

    Json = dict[str, Any]

NEWEST: Final = 80
"""How many entries of the System Log, and how many requests, the page shows."""

TO_SAY: Final = {
    "im": ("I'm locked out", "I forgot my password", "I have a new phone", "I can't log in", "/unlatch"),
    "channel": ("@{bot} unlock my account", "/unlatch unlock"),
}
"""What a newcomer can try, in the DM and in a channel."""

COMMANDS: Final = (
    *("/unlatch", "/unlatch unlock", "/unlatch password", "/unlatch mfa"),
    *("/unlatch help-me-in", "/unlatch history", "/unlatch not-me"),
)
"""What the composer completes; only those whose command the installed app has."""

_PRIVATE: Final = frozenset({"phones", "textMessage", "factors"})
"""What the list of all people leaves out."""

_SLACK_ID_OF: Final = {person.login: person.slack_id for person in EMPLOYEES}


def star() -> str:
    """The Slack id of the person a newcomer starts as."""
    return _SLACK_ID_OF[STAR] or ""


def signed_in(workspace: Workspace, user_id: str) -> Person:
    """Somebody with Slack open, where the chat with the bot is listed even before it has begun.

    Raises:
        LookupError: nobody has this Slack id.
    """
    person = workspace.person(user_id)
    with contextlib.suppress(NotPossibleError):  # from outside, the bot is not visible
        _ = person.dm_channel
    return person


def state(around: Around, user_id: str) -> Json:
    """Everything on the page, for one person.

    Raises:
        LookupError: nobody has this Slack id.
    """
    org, workspace = around.org, around.workspace
    signed_in(workspace, user_id)
    shown = org.snapshot()
    me = next((person for person in EMPLOYEES if person.slack_id == user_id), None)
    return {
        "now": org.clock.now().isoformat(),
        "company": COMPANY,
        "star": star(),
        "slack": workspace.snapshot(user_id),
        "okta": _okta(around, shown),
        "phone": None if me is None else _phone(me, shown),
        "inbox": None if me is None else _inbox(around, me, shown),
        "bot": None if around.switch is None else around.switch.snapshot(),
        "tries": _tries(workspace),
        "mischief": _mischief(around),
    }


def _okta(around: Around, shown: Json) -> Json:
    people = [
        {name: value for name, value in person.items() if name not in _PRIVATE}
        | {"slackId": _SLACK_ID_OF.get(person["login"])}
        for person in shown["people"]
    ]
    requests = [
        {"number": number, "method": call.method, "path": call.path, "status": call.status, "at": call.at.isoformat()}
        for number, call in enumerate(around.org.calls)
    ]
    log = [entry | {"number": number} for number, entry in enumerate(shown["log"])]
    return {"people": people, "log": log[-NEWEST:], "requests": requests[-NEWEST:]}


def _phone(me: Employee, shown: Json) -> Json:
    """What this person has in their hands; nobody else's codes are on their page."""
    person = next(person for person in shown["people"] if person["login"] == me.login)
    return {
        "login": me.login,
        "status": person["status"],
        "name": phone_of(me),
        "devices": person["phones"],
        "textMessage": person["textMessage"],
        "getsTexts": any(factor["type"] == "sms" for factor in person["enrolled"]),
        "pushes": [push for push in shown["pushes"] if push["userId"] == me.id],
    }


def _inbox(around: Around, me: Employee, shown: Json) -> Json:
    """The e-mails to this person's address, newest first. Whoever shares an address shares the inbox."""
    address = str(around.org.user(me.login).profile["email"])
    mails = [
        mail | {"unread": mail["id"] not in around.opened} for mail in reversed(shown["mails"]) if mail["to"] == address
    ]
    return {"address": address, "mails": mails}


def _mischief(around: Around) -> list[Json]:
    return [
        {
            "id": name,
            "label": entry.label,
            "about": entry.about,
            "left": entry.trouble.left(around.org, around.workspace),
        }
        for name, entry in MISCHIEF.items()
    ]


def _tries(workspace: Workspace) -> dict[str, list[str]]:
    known = workspace.app.commands
    says = {
        kind: [text.format(bot=workspace.app.name) for text in texts if _understood(text, known)]
        for kind, texts in TO_SAY.items()
    }
    return says | {"commands": [text for text in COMMANDS if _understood(text, known)]}


def _understood(text: str, commands: Any) -> bool:
    return not text.startswith("/") or text.partition(" ")[0] in commands
