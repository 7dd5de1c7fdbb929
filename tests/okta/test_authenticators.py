"""Authenticators, which not every org has."""

import json
from typing import Final

import pytest

from okta.client import OktaClient
from okta.errors import FeatureDisabledError, LostAnswerError, NotFoundError, NotPermittedError
from okta.models import AuthenticatorEnrollment, EnrollmentProfile
from sandbox.okta import Org
from sandbox.people import okta_id
from tests.okta.clients import connect
from tests.okta.wire import said, wire

CLARA: Final = "clara.novak@northwind.example"
GRACE, CLARAS_ID, NINA = (
    okta_id("00u", login) for login in ("grace.adeyemi@northwind.example", CLARA, "nina.petrova@northwind.example")
)


async def test_what_an_org_offers(okta: OktaClient) -> None:
    """By its key."""
    offered = {one.key: one for one in await okta.authenticators()}

    assert offered.keys() == {"okta_email", "okta_password", "phone_number", "webauthn", "okta_verify"}
    assert (offered["okta_verify"].type, offered["okta_verify"].name) == ("app", "Okta Verify")
    assert all(one.is_active for one in offered.values())


async def test_what_somebody_has_enrolled(okta: OktaClient, org: Org) -> None:
    """Okta Verify is one per device, whatever it can do; the password is one, too, once there is one."""
    there = await okta.authenticator_enrollments(GRACE)
    assert sorted(one.key for one in there) == ["okta_password", "okta_verify", "webauthn"]
    assert len({one.id for one in there}) == 3
    assert all(one.is_active and one.created for one in there)
    org.phones.enrol(GRACE, "Grace's Tablet")
    assert [one.key for one in await okta.authenticator_enrollments(GRACE)].count("okta_verify") == 2

    (phone,) = [one for one in await okta.authenticator_enrollments(CLARAS_ID) if one.key == "phone_number"]
    number = next(factor.profile["phoneNumber"] for factor in org.user(CLARA).factors if factor.type == "sms")
    assert (phone.type, phone.profile) == ("phone", EnrollmentProfile(phone_number=number))
    assert await okta.authenticator_enrollments(NINA) == ()


async def test_an_org_without_them(okta: OktaClient, org: Org) -> None:
    """It is told from a bad token; somebody who is not there is not found."""
    with pytest.raises(NotFoundError):
        await okta.authenticator_enrollments("00uNobody")
    org.settings.authenticator_lists = False
    with pytest.raises(FeatureDisabledError):
        await okta.authenticators()
    with pytest.raises(FeatureDisabledError):
        await okta.authenticator_enrollments(GRACE)


async def test_an_org_that_does_not_know_the_path() -> None:
    """Okta may say it in this way as well."""
    async with wire(said(404, '{"errorCode":"E0000008"}')) as server, connect(server.url) as okta:
        with pytest.raises(NotFoundError):
            await okta.authenticators()
        with pytest.raises(NotFoundError):
            await okta.authenticator_enrollments(GRACE)


@pytest.mark.parametrize("roles", [{"HELP_DESK_ADMIN"}, {"READ_ONLY_ADMIN"}])
async def test_who_sees_factors_sees_enrolments(okta: OktaClient) -> None:
    """And not what the org is set up with."""
    assert await okta.authenticator_enrollments(GRACE)
    with pytest.raises(NotPermittedError):
        await okta.authenticators()


async def test_one_is_read_as_well_as_a_list() -> None:
    """The description declares the one, its example has the other."""
    sent = {"id": "eae1", "key": "okta_email", "status": "NEW", "nickname": None, "profile": {"email": "m@example.com"}}
    read = AuthenticatorEnrollment("eae1", "okta_email", status="NEW", profile=EnrollmentProfile(email="m@example.com"))
    for body in (sent, [sent]):
        async with wire(said(200, json.dumps(body))) as server, connect(server.url) as okta:
            assert await okta.authenticator_enrollments("00u1") == (read,)
    assert not read.is_active


@pytest.mark.parametrize("body", ["null", "7", "", "nonsense", '"<html>"'])
async def test_what_is_neither(body: str) -> None:
    """Is not taken for somebody without any."""
    async with wire(said(200, body)) as server, connect(server.url) as okta:
        with pytest.raises(LostAnswerError):
            await okta.authenticator_enrollments("00u1")
        with pytest.raises(LostAnswerError):
            await okta.authenticators()
