"""How the Slack app stands: its tokens, scopes, and the way by which Slack reaches the bot. Nothing is posted."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.doctor.findings import Area, Finding, Mark
from bot.slack import answers
from bot.slack.sign_in import SCOPES

SKEW: Final = timedelta(minutes=5)
"""How old a signed request may be (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""

_SIGNING_SECRET: Final = re.compile(r"[0-9a-f]{32}")

APP: Final = "https://api.slack.com/apps > your app > "


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen. `home` names workspace and enterprise, if Slack told; `reached` is whether anything answered."""

    findings: tuple[Finding, ...]
    reached: bool
    home: tuple[str, str | None] | None = None


def judge_scopes(given: frozenset[str]) -> tuple[Finding, ...]:
    """Pure; what the app may do, beside what `manifest.yml` asks for."""
    found = []
    if missing := SCOPES - given:
        found.append(
            _finding(
                "scopes",
                Mark.PROBLEM,
                f"missing: {', '.join(sorted(missing))}",
                f"{APP}OAuth & Permissions > Scopes > Bot Token Scopes: add them, then Reinstall to Workspace",
            )
        )
    if excess := given - SCOPES:
        found.append(
            _finding(
                "scopes",
                Mark.WARNING,
                f"more than manifest.yml asks for: {', '.join(sorted(excess))}",
                f"{APP}OAuth & Permissions > Scopes > Bot Token Scopes: remove them, then reinstall",
            )
        )
    return tuple(found) or (_finding("scopes", Mark.OK, "those of manifest.yml, and no others"),)


def judge_clock(ours: datetime, theirs: datetime | None) -> Finding:
    """Pure; whether Slack's signatures would be taken."""
    if theirs is None:
        return _finding("clock", Mark.UNKNOWN, "Slack's answer does not say the time")
    ahead = ours - theirs
    if abs(ahead) < SKEW / 5:
        return _finding("clock", Mark.OK, "this machine and Slack agree on the time")
    what = f"the clock of this machine differs from Slack's by {ahead.total_seconds():+.0f} s; from 300 s on, nothing"
    mark = Mark.WARNING if abs(ahead) < SKEW else Mark.PROBLEM
    return _finding("clock", mark, f"{what} that Slack signs is taken", "have this machine set its clock by NTP")


def sent_at(headers: Mapping[str, str]) -> datetime | None:
    """The time that an answer tells, or None."""
    try:
        sent = parsedate_to_datetime(next(value for name, value in headers.items() if name.lower() == "date"))
    except (StopIteration, ValueError, OverflowError):
        return None
    return sent if sent.tzinfo else None


async def look(
    web: AsyncWebClient, *, mode: str, app_token: str | None, signing_secret: str | None, now: Callable[[], datetime]
) -> Sight:
    """Ask Slack who we are, and for an address to listen at, which is not used."""
    try:
        answer = await web.auth_test()
    except answers.UNAVAILABLE as error:
        return _no_answer(error)
    found = [
        _finding("bot token", Mark.OK, f"accepted in the workspace {answer.get('team', '')} ({answer['team_id']})")
    ]
    if not answer.get("bot_id"):
        found[0] = _finding("bot token", Mark.PROBLEM, "this is not the token of a bot", _copy("bot_token"))
    given = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")} - {""}
    found += judge_scopes(frozenset(given))
    found.append(judge_clock(now(), sent_at(answer.headers)))
    found.append(await _socket(web, app_token or "") if mode == "socket" else judge_signed(signing_secret or ""))
    found.append(
        _finding(
            "events",
            Mark.UNKNOWN,
            "Slack shows no bot its app's events, commands and interactivity",
            f"compare {APP}App Manifest with manifest.yml if messages or buttons go unanswered",
        )
    )
    return Sight(tuple(found), reached=True, home=(answer["team_id"], answer.get("enterprise_id")))


def _no_answer(error: Exception) -> Sight:
    why = answers.reason(error)
    if answers.passes(error):
        fix = "let this machine reach slack.com over HTTPS (proxy, firewall, slack.api_url)"
        return Sight((_finding("answers", Mark.PROBLEM, f"Slack cannot be reached ({why})", fix),), reached=False)
    refused = _finding("bot token", Mark.PROBLEM, f"Slack does not accept it ({why})", _copy("bot_token"))
    return Sight((refused,), reached=True)


async def _socket(web: AsyncWebClient, app_token: str) -> Finding:
    try:
        await web.apps_connections_open(app_token=app_token)
    except answers.UNAVAILABLE as error:
        fix = f"{APP}Socket Mode: enable it; Basic Information > App-Level Tokens: one with connections:write"
        return _finding("Socket Mode", Mark.PROBLEM, f"no connection is to be had ({answers.reason(error)})", fix)
    return _finding("Socket Mode", Mark.OK, "the app token is accepted, and Slack offers a connection")


def judge_signed(secret: str) -> Finding:
    """Pure; whether a signing secret could be one, which is all that can be told of it from here."""
    if not _SIGNING_SECRET.fullmatch(secret):
        return _finding(
            "signed HTTP",
            Mark.WARNING,
            "slack.signing_secret does not look like one: Slack's are 32 digits and letters from a to f",
            f"copy it again: {APP}Basic Information > App Credentials > Signing Secret",
        )
    return _finding(
        "signed HTTP",
        Mark.UNKNOWN,
        "whether the signing secret is right shows only when Slack sends something",
        f"{APP}Event Subscriptions > Request URL > Retry, while the bot runs",
    )


def _copy(setting: str) -> str:
    return f"copy slack.{setting} again: {APP}OAuth & Permissions > Bot User OAuth Token"


def _finding(name: str, mark: Mark, what: str, fix: str = "") -> Finding:
    return Finding(Area.SLACK, name, mark, what, fix)
