"""What the documentation says that each capability needs, held against the capabilities."""

import re
from pathlib import Path

from bot.capability import Capability
from bot.doctor.roles import least
from handlers import find

PAGE = Path(__file__).parents[2] / "docs" / "okta-setup.md"


def test_the_table_says_what_the_capabilities_say() -> None:
    """Each of them, its scopes and its roles."""
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)

    assert {name: (_words(scopes), _words(roles)) for name, scopes, roles in rows} == {
        name: (capability.scopes, _roles(capability)) for name, capability in find().items()
    }


def _roles(capability: Capability) -> frozenset[str]:
    return frozenset({least(capability.reads | capability.writes)} if capability.acts else ())


def _words(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`([^`]+)`", cell))
