"""Who writes the audit in the tests."""

from typing import Final

from bot.audit import Scribe

AUDIT_KEY: Final = "audit-key-that-must-not-be-seen-anywhere"

SCRIBE: Final = Scribe(AUDIT_KEY.encode())
