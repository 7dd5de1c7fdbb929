"""Reading one thing at a time: a user, and what belongs to one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.okta import ANY_DEVICES, UNKNOWN_DEVICES
from sandbox.people import BOT_OWNER, EMPLOYEES, STAR, Status
from tests.sandbox.okta.api import code, link, login

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.okta import Org
    from tests.sandbox.okta.api import Api

MAYA = EMPLOYEES[0]


@pytest.mark.parametrize("key", [MAYA.id, STAR, STAR.upper(), "maya.okafor", "Maya.Okafor"])
async def test_a_user_is_found_by_id_login_and_short_name(api: Api, key: str) -> None:
    """Logins have no case."""
    answer = await api.user(key)

    assert answer.status_code == 200
    assert answer.json()["id"] == MAYA.id
    assert answer.json()["status"] == "LOCKED_OUT"


@pytest.mark.parametrize(
    "key", ["nobody", "nobody@northwind.example", "00u1111111111111111", MAYA.id.lower(), "%", "maya"]
)
async def test_nobody_is_nobody(api: Api, key: str) -> None:
    """404 names what was asked for."""
    answer = await api.user(key)

    assert code(answer) == (404, "E0000007")
    assert answer.json()["errorSummary"] == f"Not found: Resource not found: {key} (User)"


async def test_a_short_name_that_two_have_finds_neither(org: Org, api: Api) -> None:
    """Okta resolves it only if it is unambiguous; the whole login stays good."""
    org.hire(MAYA)
    org.hire(replace(EMPLOYEES[1], handle="twin"), login="maya.okafor@elsewhere.example")

    assert code(await api.user("maya.okafor")) == (404, "E0000007")
    assert (await api.user(STAR)).json()["id"] == MAYA.id


@pytest.mark.parametrize("odd", ["a/b@northwind.example", "a?b@northwind.example"])
async def test_some_logins_can_be_read_by_id_alone(org: Org, api: Api, odd: str) -> None:
    """A slash splits the path even if it is encoded, and a question mark ends it."""
    user = org.hire(replace(EMPLOYEES[1], handle="odd"), login=odd)

    assert (await api.user(odd)).status_code == 404
    assert (await api.user(user.id)).json()["profile"]["login"] == odd


async def test_me_is_who_made_the_token(api: Api) -> None:
    """Not who uses it."""
    answer = await api.user("me")

    assert answer.json()["profile"]["login"] == BOT_OWNER


async def test_me_is_a_word_of_one_path_alone(api: Api) -> None:
    """The description has it for the read of a user only."""
    assert code(await api.get("/api/v1/users/me/groups")) == (404, "E0000007")
    assert code(await api.act("me", "unlock")) == (404, "E0000007")


async def test_a_read_by_id_is_of_now(org: Org, api: Api) -> None:
    """Only lists lag behind."""
    org.set_status(STAR, Status.SUSPENDED)

    assert (await api.user(MAYA.id)).json()["status"] == "SUSPENDED"
    assert (await api.users(search=f'id eq "{MAYA.id}"')).json()[0]["status"] == "LOCKED_OUT"


@pytest.mark.parametrize("employee", EMPLOYEES, ids=lambda employee: employee.handle)
async def test_the_links_of_a_single_read_say_what_is_legal(org: Org, api: Api, employee: Any) -> None:
    """`unlock` and `unsuspend` are there exactly for those to whom they apply."""
    links = (await api.user(employee.id)).json()["_links"]
    user = org.user(employee.id)
    okta_sourced = user.provider == "OKTA"

    assert ("unsuspend" in links) == (user.status == "SUSPENDED")
    assert ("reactivate" in links) == (user.status in {"PROVISIONED", "RECOVERY"})
    assert ("unlock" in links) == (okta_sourced and (user.status == "LOCKED_OUT" or user.blocked is not None))
    assert ("resetFactors" in links) == (bool(user.factors) and user.status != "DEPROVISIONED")


async def test_people_of_another_identity_provider_have_no_password_links(api: Api) -> None:
    """There is no password to reset, change or forget."""
    links = (await api.user("aiko.tanaka")).json()["_links"]

    assert "suspend" in links
    assert not {"resetPassword", "forgotPassword", "expirePassword", "changePassword"} & links.keys()


@pytest.mark.parametrize(
    ("handle", "kind", "name"),
    [
        ("maya.okafor", "OKTA", "OKTA"),
        ("diego.santos", "ACTIVE_DIRECTORY", "northwind.example"),
        ("helen.brandt", "LDAP", "ldap.northwind.example"),
        ("aiko.tanaka", "FEDERATION", "FEDERATION"),
    ],
)
async def test_the_provider_says_where_the_password_is(api: Api, handle: str, kind: str, name: str) -> None:
    """The one field by which a directory's people can be told."""
    credentials = (await api.user(handle)).json()["credentials"]

    assert credentials["provider"] == {"type": kind, "name": name}
    assert ("password" in credentials) == (kind == "OKTA")


async def test_a_lock_in_the_directory_alone_shows_nowhere(org: Org, api: Api) -> None:
    """Ivan cannot sign in, and Okta says nothing about it."""
    told = (await api.user("ivan.kowalski", expand="blocks")).json()

    assert org.user(login("ivan.kowalski")).locked_in_directory
    assert told["status"] == "ACTIVE"
    assert told["_embedded"] == {"blocks": []}


async def test_blocks_are_told_apart_and_embedded(org: Org, api: Api) -> None:
    """An ACTIVE user may be shut out."""
    yusuf = org.user(login("yusuf.demir"))
    expected = [{"type": "DEVICE_BASED", "appliesTo": UNKNOWN_DEVICES}]

    assert (await api.get(f"/api/v1/users/{yusuf.id}/blocks")).json() == expected
    assert (await api.user(yusuf.id, expand="blocks")).json()["_embedded"] == {"blocks": expected}
    assert "_embedded" not in (await api.user(yusuf.id)).json()
    org.block(yusuf.id, ANY_DEVICES)
    assert (await api.get(f"/api/v1/users/{yusuf.id}/blocks")).json()[0]["appliesTo"] == ANY_DEVICES


async def test_an_org_without_blocks_answers_401(org: Org, api: Api) -> None:
    """That 401 is not about the token, which goes on working."""
    org.settings.user_blocks = False

    assert code(await api.get(f"/api/v1/users/{MAYA.id}/blocks")) == (401, "E0000015")
    assert "_embedded" not in (await api.user(MAYA.id, expand="blocks")).json()


async def test_groups_have_their_kinds(api: Api) -> None:
    """What comes from a directory is an APP_GROUP, Everyone is BUILT_IN."""
    answer = await api.get("/api/v1/users/diego.santos/groups")

    assert [(group["type"], group["profile"]["name"]) for group in answer.json()] == [
        ("BUILT_IN", "Everyone"),
        ("OKTA_GROUP", "Warehouse"),
        ("APP_GROUP", "northwind.example\\Warehouse Staff"),
    ]
    assert link(answer, "next") is None


async def test_roles_come_from_the_person_and_from_groups(org: Org, api: Api) -> None:
    """Grace has hers, Ruth's is her group's, Maya has none."""
    grace, ruth = org.user(login("grace.adeyemi")), org.user(login("ruth.mensah"))

    own = (await api.get(f"/api/v1/users/{grace.id}/roles")).json()
    by_group = (await api.get(f"/api/v1/users/{ruth.id}/roles")).json()

    assert [(role["type"], role["assignmentType"]) for role in own] == [("SUPER_ADMIN", "USER")]
    assert [(role["type"], role["assignmentType"]) for role in by_group] == [("HELP_DESK_ADMIN", "GROUP")]
    assert (await api.get(f"/api/v1/users/{MAYA.id}/roles")).json() == []


@pytest.mark.parametrize(("method", "what"), [("GET", "roles"), ("DELETE", "sessions")])
@pytest.mark.parametrize("key", [STAR, "maya.okafor", "me"])
async def test_some_paths_take_an_id_alone(api: Api, method: str, what: str, key: str) -> None:
    """Their description says `userId`, not `id`."""
    assert code(await api.send(method, f"/api/v1/users/{key}/{what}")) == (404, "E0000007")


async def test_times_of_a_user_are_cut_to_the_second(org: Org, api: Api, clock: Clock) -> None:
    """Two changes within a second cannot be told apart by them."""
    org.change(STAR, last_login=clock.now().replace(microsecond=987654))

    told = (await api.user(MAYA.id)).json()

    assert told["lastLogin"].endswith(".000Z")
    assert told["activated"].endswith(".000Z")


async def test_the_org_introduces_itself(api: Api) -> None:
    """To anybody who asks what kind of org it is."""
    anybody = await replace(api, authorization=None).get("/.well-known/okta-organization")

    assert anybody.json()["pipeline"] == "idx"
    assert (await api.get("/api/v1/org")).json()["subdomain"] == "northwind"


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/api/v1/nothing", 404, "E0000008"),
        ("GET", "/api/v1/users/", 404, "E0000008"),
        ("POST", f"/api/v1/users/{MAYA.id}/lifecycle/frobnicate", 404, "E0000008"),
        ("GET", f"/api/v1/users/{MAYA.id}/lifecycle/unlock", 405, "E0000022"),
        ("PATCH", "/api/v1/logs", 405, "E0000022"),
    ],
)
async def test_what_is_not_there(api: Api, method: str, path: str, status: int, error: str) -> None:
    """An unknown path, and a known one with another method."""
    assert code(await api.send(method, path)) == (status, error)


async def test_a_body_where_none_belongs_changes_nothing(org: Org, api: Api) -> None:
    """Lifecycle operations have none; it is taken in and not looked at."""
    headers = {"Authorization": api.authorization or ""}
    for body in (b"{not json", b"x" * 500_000):
        path = f"/api/v1/users/{MAYA.id}/lifecycle/suspend"
        assert code(await api.http.post(path, content=body, headers=headers)) == (400, "E0000001")
    assert org.effects == []


async def test_every_answer_can_be_quoted(api: Api) -> None:
    """A request id, no caching, and errors in the one shape."""
    fine, refused = await api.user(MAYA.id), await api.user("nobody")

    assert fine.headers["x-okta-request-id"] != refused.headers["x-okta-request-id"]
    assert fine.headers["cache-control"] == "no-cache, no-store"
    assert refused.json().keys() == {"errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"}
    assert refused.json()["errorLink"] == refused.json()["errorCode"]
