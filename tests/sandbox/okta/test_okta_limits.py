"""Rate limits: what the headers say, when it is enough, and when it goes on."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest

from sandbox.okta import Fault
from sandbox.okta.limits import WINDOW
from sandbox.people import EMPLOYEES
from tests.sandbox.okta.api import ADMIN, Api, code, until

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from sandbox.clock import Clock
    from sandbox.okta import Org

MAYA = EMPLOYEES[0]


def _limits(answer: httpx.Response) -> tuple[int, int, int]:
    """The limit, what remains of it, and in how many seconds of the server's own time it is whole again."""
    limit, remaining, reset = (int(answer.headers[f"x-rate-limit-{name}"]) for name in ("limit", "remaining", "reset"))
    return limit, remaining, reset - int(parsedate_to_datetime(answer.headers["date"]).timestamp())


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        (f"/api/v1/users/{MAYA.id}", 1000),
        ("/api/v1/users", 300),
        (f"/api/v1/users/{MAYA.id}/groups", 300),
        ("/api/v1/logs", 60),
        ("/api/v1/org", 50),
        ("/api/v1/unknown", 600),
    ],
)
async def test_every_answer_says_what_is_left(api: Api, path: str, limit: int) -> None:
    """Half of Okta's published figures, for one token may use half; refusals count and say it too."""
    first, second = await api.get(path), await api.get(path)

    assert _limits(first)[:2] == (limit, limit - 1)
    assert _limits(second)[:2] == (limit, limit - 2)
    assert 58 <= _limits(first)[2] <= 60
    assert first.headers["x-rate-limit-reset"] == second.headers["x-rate-limit-reset"]


async def test_too_many_requests_and_the_next_minute(org: Org, api: Api, clock: Clock) -> None:
    """429 until the reset that every header has named, then a whole bucket again."""
    org.limits.per_minute["users"] = 2
    fine = [await api.users() for _ in range(2)]

    refused = await api.users()
    assert code(refused) == (429, "E0000047")
    assert _limits(refused)[:2] == (2, 0)
    assert refused.headers["x-rate-limit-reset"] == fine[0].headers["x-rate-limit-reset"]
    assert "retry-after" not in refused.headers

    clock.advance(WINDOW - timedelta(seconds=5))
    assert code(await api.users()) == (429, "E0000047")
    clock.advance(timedelta(seconds=6))
    assert _limits(await api.users())[:2] == (2, 1)


async def test_buckets_are_apart(org: Org, api: Api, as_role: Callable[..., Api]) -> None:
    """By path, by method where Okta does so, and by token; a refused write has no effect."""
    org.limits.per_minute["users"] = 1
    await api.users()

    assert code(await api.act(MAYA.id, "unlock")) == (429, "E0000047")
    assert org.effects == []
    assert (await api.user(MAYA.id)).is_success
    assert (await api.logs()).is_success
    assert (await as_role("HELP_DESK_ADMIN").act(MAYA.id, "unlock")).is_success


async def test_writing_a_user_has_a_bucket_of_its_own(api: Api) -> None:
    """Even where the twin has no such endpoint: the limiter stands in front."""
    path = f"/api/v1/users/{MAYA.id}"
    await api.get(path)

    assert _limits(await api.post(path))[:2] == (300, 299)


async def test_callers_without_a_good_token_are_counted_together(org: Org, http: httpx.AsyncClient, api: Api) -> None:
    """And not with anybody else."""
    org.limits.per_minute["users"] = 1

    assert code(await Api(http, "SSWS wrong").users()) == (401, "E0000011")
    assert code(await Api(http, None).users()) == (403, "E0000005")
    assert (await api.users()).is_success


async def test_the_log_refuses_without_an_id(org: Org, api: Api) -> None:
    """The one error body that has none."""
    org.limits.per_minute["logs"] = 0
    org.limits.per_minute["users"] = 0

    assert "errorId" not in (await api.logs()).json()
    assert "errorId" in (await api.users()).json()


async def test_an_ordered_limit_holds_until_its_reset(org: Org, api: Api, clock: Clock) -> None:
    """For everything in the bucket: who does not wait is refused again, though one fault was ordered."""
    org.faults.order("POST", "/api/v1/users/*/lifecycle/unlock", Fault.RATE_LIMIT, seconds=20)

    refused = await api.act(MAYA.id, "unlock")
    assert code(refused) == (429, "E0000047")
    assert 19 <= _limits(refused)[2] <= 20
    assert _limits(refused)[:2] == (300, 0)
    assert code(await api.act(MAYA.id, "unlock")) == (429, "E0000047")
    assert code(await api.users()) == (429, "E0000047")
    assert (await api.user(MAYA.id)).is_success
    clock.advance(timedelta(seconds=21))

    assert (await api.act(MAYA.id, "unlock")).is_success
    assert [effect.kind for effect in org.effects] == ["unlock"]


async def test_too_many_at_once(org: Org, api: Api, clock: Clock) -> None:
    """429 with a limit of 0, and nothing is said about when; one that ends makes room."""
    org.settings.concurrency = 2
    org.faults.order("GET", "/api/v1/logs", Fault.STALL, times=2)
    stalled = [asyncio.create_task(api.logs()) for _ in range(2)]
    await until(lambda: len(org.calls) == 2)

    refused = await api.user(MAYA.id)
    clock.advance(timedelta(seconds=31))
    done = await asyncio.gather(*stalled)

    assert code(refused) == (429, "E0000047")
    assert _limits(refused)[:2] == (0, 0)
    assert [answer.status_code for answer in done] == [200, 200]
    assert (await api.user(MAYA.id)).is_success


async def test_a_token_is_told_from_its_maker(org: Org, http: httpx.AsyncClient, api: Api) -> None:
    """Two tokens of one person have a bucket each."""
    org.add_token("00TSecond", roles={"SUPER_ADMIN"})
    await api.users()

    assert _limits(await Api(http, "SSWS 00TSecond").users())[1] == 299
    assert ADMIN not in repr(org.calls)
