"""Apps: the catalogue, who has which, dashboards, and the account that is made later."""

from datetime import timedelta
from typing import Final

import pytest

from okta.client import OktaClient
from okta.errors import (
    Executed,
    InvalidRequestError,
    LostAnswerError,
    NotFoundError,
    NotPermittedError,
    OktaError,
    StateConflictError,
)
from okta.models import App, AppStatus, AppUserStatus, Scope, SyncState
from okta.search import eq
from sandbox.okta import Org
from sandbox.people import STAR, Group, okta_id
from tests.okta.clients import connect
from tests.okta.wire import said, wire

MAYA: Final = okta_id("00u", STAR)
BEN: Final = okta_id("00u", "ben.osei@northwind.example")
GRACE: Final = okta_id("00u", "grace.adeyemi@northwind.example")
OMAR: Final = okta_id("00u", "omar.haddad@northwind.example")
DESIGN, PAYROLL, OFFICE, SALES = (
    okta_id("0oa", label) for label in ("Design Studio", "Payroll", "Office", "Salesforce")
)
FINANCE, CARE = okta_id("00g", Group.FINANCE), okta_id("00g", Group.CUSTOMER_CARE)
LATER: Final = timedelta(seconds=5)


async def test_the_catalogue(okta: OktaClient) -> None:
    """By label or template, by status, in pages; what Okta left out is unknown."""
    everything = {app.label: app async for app in okta.apps(limit=2)}

    assert len(everything) == 6
    assert everything["Old Time Clock"].status == AppStatus.INACTIVE
    assert everything["Salesforce"].provisions is True
    assert everything["Payroll"].provisions is False
    assert [app.id async for app in okta.apps(q="pay")] == [PAYROLL]
    assert {app.status async for app in okta.apps(matching=eq("status", "ACTIVE"))} == {"ACTIVE"}
    assert [app.provisions async for app in okta.apps(q="sales", optimized=True)] == [None]
    assert (await okta.app(OFFICE)).label == "Office"
    with pytest.raises(NotFoundError):
        await okta.app("0oaNothing")


async def test_an_assignment_is_at_once_and_the_account_later(okta: OktaClient, org: Org) -> None:
    """A 200 means assigned; `ready` comes when the app has the account."""
    with pytest.raises(NotFoundError):
        await okta.app_user(DESIGN, MAYA)
    assigned = await okta.assign_app(DESIGN, MAYA)

    assert (assigned.id, assigned.scope) == (MAYA, Scope.USER)
    assert (assigned.status, assigned.sync_state) == (AppUserStatus.STAGED, SyncState.SYNCING)
    assert not assigned.ready
    assert MAYA not in {one.id async for one in okta.app_users(DESIGN)}
    org.clock.advance(LATER)
    made = await okta.app_user(DESIGN, MAYA)
    assert made.ready
    assert (made.status, made.sync_state) == (AppUserStatus.PROVISIONED, SyncState.SYNCHRONIZED)
    assert made.external_id
    assert MAYA in {one.id async for one in okta.app_users(DESIGN, limit=1)}
    kinds = [event["eventType"] for event in org.log if event["eventType"].startswith("application.")]
    assert kinds == ["application.user_membership.add", "application.provision.user.push"]


async def test_an_account_that_cannot_be_made(okta: OktaClient, org: Org) -> None:
    """It stays assigned, and says that it failed; the next one is made."""
    org.apps.fail_next("Design Studio")
    await okta.assign_app(DESIGN, MAYA)
    org.clock.advance(LATER)

    one = await okta.app_user(DESIGN, MAYA)
    assert one.failed
    assert not one.ready
    [push] = [event for event in org.log if event["eventType"] == "application.provision.user.push"]
    assert push["outcome"]["result"] == "FAILURE"
    assert (await okta.assign_app(PAYROLL, MAYA)).ready


async def test_somebody_who_is_unassigned_meanwhile_gets_no_account(okta: OktaClient, org: Org) -> None:
    """Nothing is made for who is not there any more."""
    await okta.assign_app(DESIGN, MAYA)
    await okta.unassign_app(DESIGN, MAYA, send_email=False)
    org.clock.advance(LATER)

    with pytest.raises(NotFoundError):
        await okta.app_user(DESIGN, MAYA)
    assert [effect.kind for effect in org.effects] == [f"assign:{DESIGN}", f"unassign:{DESIGN}"]


async def test_in_person_outranks_the_group_and_survives_it(okta: OktaClient, org: Org) -> None:
    """And what the group gives is there again when it is taken back."""
    assert (await okta.app_user(SALES, MAYA)).scope == Scope.GROUP
    assert (await okta.assign_app(SALES, MAYA)).scope == Scope.USER
    await okta.remove_member(CARE, MAYA)
    assert (await okta.app_user(SALES, MAYA)).scope == Scope.USER
    await okta.add_member(CARE, MAYA)
    await okta.unassign_app(SALES, MAYA, send_email=True)
    assert (await okta.app_user(SALES, MAYA)).scope == Scope.GROUP
    await okta.unassign_app(SALES, MAYA, send_email=True)
    assert (await okta.app_user(SALES, MAYA)).scope == Scope.GROUP
    await okta.remove_member(CARE, MAYA)
    with pytest.raises(NotFoundError):
        await okta.app_user(SALES, MAYA)
    with pytest.raises(NotFoundError):
        await okta.unassign_app(SALES, MAYA, send_email=True)
    assert org.calls[-1].query == "sendEmail=true"


@pytest.mark.parametrize("refused", [False, True])
async def test_the_same_assignment_again(okta: OktaClient, org: Org, *, refused: bool) -> None:
    """Okta does not say whether it refuses that; either way there is one effect."""
    org.settings.conflict_on_reassign = refused
    await okta.assign_app(PAYROLL, MAYA)

    if refused:
        with pytest.raises(StateConflictError) as caught:
            await okta.assign_app(PAYROLL, MAYA)
        assert caught.value.code == "E0000062"
    else:
        assert (await okta.assign_app(PAYROLL, MAYA)).id == MAYA
    assert [effect.kind for effect in org.effects] == [f"assign:{PAYROLL}"]


async def test_groups_of_an_app(okta: OktaClient) -> None:
    """Assigned, with all their members, and taken away again."""
    with pytest.raises(NotFoundError):
        await okta.app_group(DESIGN, CARE)
    for _ in range(2):
        assert (await okta.assign_app_group(DESIGN, CARE)).id == CARE
    assert (await okta.app_group(DESIGN, CARE)).priority == 0
    assert (await okta.app_user(DESIGN, MAYA)).scope == Scope.GROUP
    assert [group.id async for group in okta.app_groups(DESIGN)] == [CARE]
    await okta.unassign_app_group(DESIGN, CARE)
    assert [group async for group in okta.app_groups(DESIGN)] == []
    with pytest.raises(NotFoundError):
        await okta.app_user(DESIGN, MAYA)
    with pytest.raises(NotFoundError):
        await okta.unassign_app_group(DESIGN, CARE)


async def test_a_dashboard_has_both_kinds_of_assignment(okta: OktaClient, org: Org) -> None:
    """And several tiles for one app; apps that are off are not on it."""
    await okta.assign_app(PAYROLL, MAYA)
    assert "Payroll" not in {link.label for link in await okta.app_links(MAYA)}
    org.clock.advance(LATER)

    links = await okta.app_links(MAYA)
    assert {link.label for link in links} == {"Staff Handbook", "Salesforce", "Mail", "Calendar", "Payroll"}
    assert {link.app_instance_id for link in links if link.label in {"Mail", "Calendar"}} == {OFFICE}
    assert "Old Time Clock" not in {link.label for link in await okta.app_links(BEN)}


async def test_somebody_who_is_not_active_is_given_no_app(okta: OktaClient) -> None:
    """Okta's 403 there is about them, not about us."""
    with pytest.raises(StateConflictError) as caught:
        await okta.assign_app(PAYROLL, OMAR)
    assert caught.value.code == "E0000117"
    with pytest.raises(NotFoundError):
        await okta.assign_app(PAYROLL, "00uNobody")


@pytest.mark.parametrize(
    "roles", [{"USER_ADMIN"}, {"HELP_DESK_ADMIN"}, {"GROUP_MEMBERSHIP_ADMIN"}, {"READ_ONLY_ADMIN"}]
)
async def test_who_may_not_assign(okta: OktaClient, org: Org) -> None:
    """A Group Administrator neither."""
    with pytest.raises(NotPermittedError):
        await okta.assign_app(PAYROLL, MAYA)
    assert org.effects == []


@pytest.mark.parametrize("roles", [{"APP_ADMIN"}])
async def test_an_app_administrator_assigns_and_sees_groups(okta: OktaClient) -> None:
    """And changes no members."""
    await okta.assign_app(PAYROLL, MAYA)
    assert [group async for group in okta.find_groups()]
    with pytest.raises(NotPermittedError):
        await okta.add_member(FINANCE, MAYA)


CODES: Final[list[tuple[int, str, type[OktaError]]]] = [
    (400, "E0000041", InvalidRequestError),
    (409, "E0000062", StateConflictError),
    (403, "E0000075", InvalidRequestError),
    (400, "E0000093", StateConflictError),
    (403, "E0000117", StateConflictError),
    (409, "E0000249", StateConflictError),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
@pytest.mark.parametrize("causes", ["[]", '{"errorSummary":"one"}', '[{"errorSummary":"one"}]', "null"])
async def test_each_refusal_is_what_it_is(status: int, code: str, kind: type[OktaError], causes: str) -> None:
    """By its code, whatever the status would say, and however the causes are written."""
    body = f'{{"errorCode":"{code}","errorSummary":"s","errorCauses":{causes}}}'
    async with wire(said(status, body)) as server, connect(server.url) as okta:
        with pytest.raises(OktaError) as caught:
            await okta.assign_app(PAYROLL, MAYA)

    assert type(caught.value) is kind
    assert caught.value.executed is Executed.NO
    assert caught.value.told.untrusted_causes == (("one",) if "one" in causes else ())


async def test_an_assignment_whose_answer_cannot_be_read_may_be_done() -> None:
    """And is sent as Okta wants it."""
    async with wire(said(200, "[]")) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError) as caught:
            await okta.assign_app(PAYROLL, MAYA)
        with pytest.raises(LostAnswerError):
            await okta.assign_app_group(PAYROLL, CARE)

    assert caught.value.executed is Executed.UNKNOWN
    assert [asked.body for asked in server.asked] == [f'{{"id":"{MAYA}","scope":"USER"}}'.encode(), b"{}"]


async def test_odd_apps_stay_in_the_catalogue() -> None:
    """New modes, no label, a feature list that is none."""
    body = '[{"id":"0oa1","signOnMode":"NEW"},{"id":"0oa2","label":null,"features":{}},5]'
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        found = [app async for app in okta.apps()]

    assert found == [App(id="0oa1", sign_on_mode="NEW"), App(id="0oa2"), App()]
