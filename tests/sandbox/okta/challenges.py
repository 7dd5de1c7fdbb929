"""A tour of everything that can become of a code or a push, for those who judge the answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.people import EMPLOYEES

if TYPE_CHECKING:
    from sandbox.okta import Org
    from sandbox.okta.factors import Factor
    from tests.sandbox.okta.api import Api

GRACE = next(one for one in EMPLOYEES if one.handle == "grace.adeyemi")
CLARA = next(one for one in EMPLOYEES if one.handle == "clara.novak")


def factor(org: Org, user_id: str, kind: str) -> Factor:
    """Somebody's factor of a kind."""
    return next(one for one in org.user(user_id).factors if one.type == kind)


async def every_challenge(org: Org, api: Api) -> None:
    """Ask and answer in each way there is."""
    await _codes(org, api)
    await _pushes(org, api)


async def _codes(org: Org, api: Api) -> None:
    ids = {kind: factor(org, GRACE.id, kind).id for kind in ("token:software:totp", "signed_nonce", "webauthn")}
    good = org.phones.code(GRACE.id)
    for passcode in (good, good, "nonsense"):
        await api.verify(GRACE.id, ids["token:software:totp"], {"passCode": passcode})
    await api.verify(GRACE.id, ids["token:software:totp"])
    for kind in ("signed_nonce", "webauthn"):
        await api.verify(GRACE.id, ids[kind])
    text = factor(org, CLARA.id, "sms").id
    for body in (None, None, {"passCode": "nonsense"}):
        await api.verify(CLARA.id, text, body, tokenLifetimeSeconds=60)
    await api.verify(CLARA.id, text, {"passCode": org.phones.text_message(CLARA.id)})
    pending = tuple(replace(one, status="PENDING_ACTIVATION") for one in org.user(CLARA.id).factors)
    org.change(CLARA.id, factors=pending)
    await api.factors(CLARA.id)
    await api.verify(CLARA.id, text)


async def _pushes(org: Org, api: Api) -> None:
    push = factor(org, GRACE.id, "push").id
    for numbers in (True, False):
        for end in ("approve", "deny", "late", "cancel"):
            asked = await api.verify(GRACE.id, push, {"useNumberMatchingChallenge": True} if numbers else None)
            links = asked.json()["_links"]
            waiting = org.phones.pushes(GRACE.id)[0]
            await api.get(links["poll"]["href"])
            if end == "approve":
                org.phones.approve(waiting.id, waiting.answer)
            elif end == "deny":
                org.phones.deny(waiting.id)
            elif end == "late":
                org.clock.advance(timedelta(minutes=6))
            else:
                await api.send("DELETE", links["cancel"]["href"])
            await api.get(links["poll"]["href"])
