"""The org's own pages behind one-time links: a form in which somebody chooses a password. Plain HTML, nothing to load, no script.

A page shows nothing but what its token allows; the token is a secret, and neither the System Log nor `Org.calls` has it.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs

from sandbox.okta.errors import OktaError
from sandbox.okta.events import by_hand
from sandbox.okta.http import Answer
from sandbox.okta.links import Purpose, check_status
from sandbox.okta.renewal import renew
from sandbox.people import COMPANY

if TYPE_CHECKING:
    from sandbox.okta.http import Request
    from sandbox.okta.links import Link
    from sandbox.okta.org import Org


class _Way(NamedTuple):
    path: re.Pattern[str]
    name: str  # the path as the System Log may have it
    purposes: frozenset[Purpose]


_WAYS: Final = (
    _Way(re.compile(r"/reset_password/([^/]+)"), "/reset_password", frozenset({Purpose.RESET})),
    _Way(re.compile(r"/signin/reset-password/([^/]+)"), "/signin/reset-password", frozenset({Purpose.FORGOT})),
    _Way(re.compile(r"/welcome/([^/]+)"), "/welcome", frozenset({Purpose.ACTIVATE})),
    _Way(re.compile(r"/tokens/([^/]+)/verify"), "/tokens", frozenset({Purpose.ACTIVATE})),
)
_TITLES: Final = {
    Purpose.RESET: "Choose a new password",
    Purpose.FORGOT: "Choose a new password",
    Purpose.ACTIVATE: "Choose your password",
}
_EVENTS: Final = {
    Purpose.RESET: "user.account.update_password",
    Purpose.FORGOT: "user.account.reset_password",
    Purpose.ACTIVATE: "user.account.update_password",
}
_HEADERS: Final = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-cache, no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
)
_STYLE: Final = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:3rem auto;padding:0 1rem}"
    "label{display:block;margin-top:1rem}input,button{font:inherit;width:100%;padding:.5rem;box-sizing:border-box}"
    "button{margin-top:1.5rem}"
)
_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


def is_page(path: str) -> bool:
    """Whether a path leads to one of the org's own pages."""
    return any(way.path.fullmatch(path) for way in _WAYS)


def show(org: Org, request: Request) -> Answer:
    """Answer a person's browser: the form, what is wrong with what was typed, or why the link leads nowhere."""
    way = next(way for way in _WAYS if way.path.fullmatch(request.path))
    try:
        _check_door(request)
        link = _link(org, request, way)
        if request.method == "GET":
            return _form(org, link)
        return _chosen(org, request, way, link)
    except OktaError as error:
        return failed(error)


def failed(error: OktaError) -> Answer:
    """A page that says what Okta's code means."""
    return _page(error.status, "That did not work", f"<p>{escape(error.summary)}</p><p><small>{error.code}</small></p>")


def _check_door(request: Request) -> None:
    """Loopback only, and only what a form does: a name that some other site points at this machine is turned away."""
    host = request.base.partition("://")[2].rpartition(":")[0] or request.base.partition("://")[2]
    if host not in _HOSTS:
        raise OktaError("E0000006")
    if request.method not in {"GET", "POST"}:
        raise OktaError("E0000022")


def _link(org: Org, request: Request, way: _Way) -> Link:
    found = way.path.fullmatch(request.path)
    token = found.group(1) if found else ""
    link = org.links.find(token, way.purposes, request.at)
    check_status(link, org.user(link.user_id))
    return link


def _chosen(org: Org, request: Request, way: _Way, link: Link) -> Answer:
    user = org.user(link.user_id)
    typed = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
    by = by_hand(user, way.name, request.headers.get("user-agent"))
    try:
        _check_answer(org, link, typed.get("answer", ""))
        renew(org, user, _twice(typed), at=request.at, by=by, event_type=_EVENTS[link.purpose])
    except OktaError as error:
        return _form(org, link, error)
    org.links.void(user)
    return _page(200, "Your password is changed", "<p>You can sign in with it now. You may close this page.</p>")


def _check_answer(org: Org, link: Link, answer: str) -> None:
    recovery = org.user(link.user_id).recovery
    if link.purpose is not Purpose.FORGOT or recovery is None:
        return
    if answer.strip().casefold() != recovery.answer.casefold():
        raise OktaError("E0000087")


def _twice(typed: dict[str, str]) -> str:
    password = typed.get("password", "")
    if password != typed.get("again", ""):
        raise OktaError("E0000080", causes=("Both must be the same.",))
    return password


def _form(org: Org, link: Link, error: OktaError | None = None) -> Answer:
    user = org.user(link.user_id)
    wrong = "" if error is None else _list((error.summary, *error.causes))
    question = ""
    if link.purpose is Purpose.FORGOT and user.recovery is not None:
        question = _field("answer", user.recovery.question, "text", "off")
    fields = question + _field("password", "New password", "password", "new-password")
    fields += _field("again", "The same again", "password", "new-password")
    form = f'<form method="post">{fields}<button>Save</button></form>'
    return _page(
        200 if error is None else error.status, _TITLES[link.purpose], f"<p>{escape(user.login)}</p>{wrong}{form}"
    )


def _field(name: str, label: str, kind: str, completes: str) -> str:
    return f'<label>{escape(label)}<input name="{name}" type="{kind}" autocomplete="{completes}" required></label>'


def _list(lines: tuple[str, ...]) -> str:
    return f'<ul role="alert">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def _page(status: int, title: str, inner: str) -> Answer:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    body = f"<p><small>{escape(COMPANY)} · Okta</small></p><h1>{title}</h1>{inner}"
    html = f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{body}</body></html>'
    return Answer(status, html.encode(), _HEADERS)
