"""Event hooks as tests tell Okta of them, and as the org has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.okta.hooks import Channel, EventHook
from sandbox.people import okta_id
from tests.okta.receiver import SECRET
from tests.sandbox.okta.conftest import START

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCKED, UNLOCKED = "user.account.lock", "user.account.unlock_by_admin"


def wanted(name: str, uri: str, types: Iterable[str] = (LOCKED,), **config: Any) -> dict[str, Any]:
    """A body that makes a hook; what is None in `config` is left out."""
    scheme = {"type": "HEADER", "key": "X-Hook-Secret", "value": SECRET}
    whole = {"uri": uri, "authScheme": scheme} | config
    given = {name: value for name, value in whole.items() if value is not None}
    return {
        "name": name,
        "events": {"type": "EVENT_TYPE", "items": list(types)},
        "channel": {"type": "HTTP", "version": "1.0.0", "config": given},
    }


def hook_of(uri: str, *, active: bool = True, verified: bool = False) -> EventHook:
    """A hook that is there already; always the same one."""
    hook_id = okta_id("who", "a hook")
    return EventHook(
        id=hook_id,
        name="Signal",
        description=None,
        event_types=(LOCKED,),
        channel=Channel(uri, auth=("X-Hook-Secret", SECRET)),
        source=f"https://northwind.example/api/v1/eventHooks/{hook_id}",
        created=START,
        created_by="00uSomebody",
        updated=START,
        active=active,
        verified=verified,
    )
