"""What the page shows at one moment: the twin's two snapshots, and what a visitor can try."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from sandbox.page.mischief import MISCHIEF
from sandbox.people import COMPANY, EMPLOYEES, STAR
from sandbox.slack import NotPossibleError

if TYPE_CHECKING:
    from sandbox.okta import Org
    from sandbox.slack import Person, Workspace

NEWEST: Final = 80
"""How many entries of the System Log, and how many requests, the page shows."""

TO_SAY: Final = {
    "im": ("I'm locked out", "I can't log in", "/unlatch"),
    "channel": ("@{bot} unlock my account", "/unlatch unlock"),
}
"""What a newcomer can try, in the DM and in a channel."""

COMMANDS: Final = ("/unlatch", "/unlatch unlock", "/unlatch help-me-in")
"""What the composer completes; only those whose command the installed app has."""

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


def state(org: Org, workspace: Workspace, user_id: str) -> dict[str, Any]:
    """Everything on the page, for one person.

    Raises:
        LookupError: nobody has this Slack id.
    """
    signed_in(workspace, user_id)
    return {
        "now": org.clock.now().isoformat(),
        "company": COMPANY,
        "star": star(),
        "slack": workspace.snapshot(user_id),
        "okta": _okta(org),
        "tries": _tries(workspace),
        "mischief": [{"id": name, "label": entry.label, "about": entry.about} for name, entry in MISCHIEF.items()],
    }


def _okta(org: Org) -> dict[str, Any]:
    shown = org.snapshot()
    people = [person | {"slackId": _SLACK_ID_OF.get(person["login"])} for person in shown["people"]]
    requests = [
        {"number": number, "method": call.method, "path": call.path, "status": call.status, "at": call.at.isoformat()}
        for number, call in enumerate(org.calls)
    ]
    log = [entry | {"number": number} for number, entry in enumerate(shown["log"])]
    return {"people": people, "log": log[-NEWEST:], "requests": requests[-NEWEST:]}


def _tries(workspace: Workspace) -> dict[str, list[str]]:
    known = workspace.app.commands
    says = {
        kind: [text.format(bot=workspace.app.name) for text in texts if _understood(text, known)]
        for kind, texts in TO_SAY.items()
    }
    return says | {"commands": [text for text in COMMANDS if _understood(text, known)]}


def _understood(text: str, commands: Any) -> bool:
    return not text.startswith("/") or text.partition(" ")[0] in commands
