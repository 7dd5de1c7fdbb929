"""Okta's rate limits: fixed windows of a minute per endpoint bucket and caller, told in headers on every answer.

Figures are the workforce defaults Okta published until May 2025 (https://developer.okta.com/docs/reference/rl-global-mgmt/); one token may
use half of a bucket, and the headers show that half, as the answers recorded in the tests of Okta's Python SDK do. They also show which
paths share a bucket: everything below /api/v1/users/{id} counts with the list of users.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sandbox.clock import Clock

WINDOW = timedelta(seconds=60)
SHARE = 0.5
"""The part of each bucket that one token or app may use."""


class _Bucket(NamedTuple):
    name: str
    methods: str
    path: re.Pattern[str]
    per_minute: int


_BUCKETS = (
    _Bucket("read user", "GET", re.compile(r"/api/v1/users/[^/]+"), 2000),
    _Bucket("write user", "POST|PUT|DELETE", re.compile(r"/api/v1/users/[^/]+"), 600),
    _Bucket("users", "GET|POST|PUT|DELETE", re.compile(r"/api/v1/users(/.*)?"), 600),
    _Bucket("app", "GET|POST|PUT|DELETE", re.compile(r"/api/v1/apps/[^/]+"), 500),
    _Bucket("apps", "GET|POST|PUT|DELETE", re.compile(r"/api/v1/apps(/.*)?"), 100),
    _Bucket("groups", "GET|POST", re.compile(r"/api/v1/groups"), 500),
    _Bucket("group", "GET|POST|PUT|DELETE", re.compile(r"/api/v1/groups/.*"), 1000),
    _Bucket("logs", "GET", re.compile(r"/api/v1/logs"), 120),
    _Bucket("event hooks", "GET|POST|PUT|DELETE", re.compile(r"/api/v1/eventHooks(/.*)?"), 1000),
    _Bucket("clients", "GET", re.compile(r"/oauth2/v1/clients(/.*)?"), 100),
    _Bucket("org", "GET", re.compile(r"/api/v1/org"), 100),
    _Bucket("other", "", re.compile(r".*"), 1200),
)

_UNCOUNTED = frozenset({"/oauth2/v1/keys", "/.well-known/openid-configuration"})
"""What has no limit (https://developer.okta.com/docs/reference/rate-limits/)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the headers say after one request.

    Attributes:
        reset: epoch seconds at which the window ends.
        exceeded: the request is over the limit.
    """

    limit: int
    remaining: int
    reset: int
    exceeded: bool = False


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class Limits:
    """Counts requests. `per_minute` holds what one caller may do per bucket, and may be changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}
        self.per_minute = {bucket.name: int(bucket.per_minute * SHARE) for bucket in _BUCKETS}

    def take(self, caller: str, method: str, path: str) -> Reading | None:
        """Count one request of `caller`; a refused one does not count. None for what has no limit."""
        if path in _UNCOUNTED:
            return None
        name = _bucket(method, path)
        now = self._clock.now().timestamp()
        window = self._windows.get((caller, name))
        if window is None or window.ends <= now:
            window = self._windows[caller, name] = _Window(ends=now + WINDOW.total_seconds())
        limit = self.per_minute[name]
        if window.used >= limit:
            return Reading(limit, 0, int(window.ends), exceeded=True)
        window.used += 1
        return Reading(limit, limit - window.used, int(window.ends))

    def exhaust(self, caller: str, method: str, path: str, seconds: float) -> None:
        """Use up the bucket of such a request, for that long: every request of `caller` that shares it is refused till then."""
        name = _bucket(method, path)
        ends = self._clock.now().timestamp() + seconds
        self._windows[caller, name] = _Window(ends, used=self.per_minute[name])


def _bucket(method: str, path: str) -> str:
    return next(b.name for b in _BUCKETS if method in b.methods.split("|") or not b.methods if b.path.fullmatch(path))
